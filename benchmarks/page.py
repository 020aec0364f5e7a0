"""Weight and speed of a built page: `python benchmarks/page.py [chapters/psd_sensing.html]`.

Build the book first. Needs playwright and Chromium, as the page tests do.
"""

import gzip
import statistics
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1] / "_build" / "html"
# Notes when the last explorer becomes usable.
WATCH = """new MutationObserver(() => {
  const all = [...document.querySelectorAll('.ms-explorer:has(form)')];
  if (all.length && all.every(e => 'ready' in e.dataset)) window.usable ??= performance.now();
}).observe(document, {subtree: true, childList: true, attributeFilter: ['data-ready']})"""
STEPS = """async () => {
  const times = [];
  for (const slider of document.querySelectorAll('.ms-explorer input[type=range]')) {
    for (let i = 0; i <= +slider.max; i++) {
      const start = performance.now();
      slider.value = i;
      slider.dispatchEvent(new Event('input', {bubbles: true}));
      slider.closest('.ms-explorer').getBoundingClientRect();  // forces the layout
      times.push(performance.now() - start);
      await new Promise(requestAnimationFrame);
    }
  }
  return times;
}"""


def compressed(path):
    return len(gzip.compress(path.read_bytes(), 6)) / 1000


def serve():
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def measure(browser, url, slowdown):
    """Return the time until every explorer is usable, and of each slider step, in ms."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    page.add_init_script(WATCH)
    page.goto(url)
    page.evaluate("window.MathJax && MathJax.startup.promise")
    return page.evaluate("window.usable"), page.evaluate(STEPS)


def main(path="chapters/psd_sensing.html"):
    static = SITE / "_static"
    files = [SITE / path, *static.glob("explorer*"), static / "book.js", static / "book.css"]
    print(f"page and its own assets, compressed: {sum(map(compressed, files)):.0f} kB")
    size = sum(file.stat().st_size for file in SITE.rglob("*") if file.is_file())
    print(f"whole site: {size / 1e6:.1f} MB")
    url = f"{serve()}/{path}"
    with sync_playwright() as playwright:
        options = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        measure(browser, url, 1)  # warm the disk's cache
        for slowdown in (1, 4):
            runs = [measure(browser, url, slowdown) for _ in range(3)]
            ready = statistics.median(run[0] for run in runs)
            steps = sorted(step for run in runs for step in run[1])
            typical, slow = statistics.median(steps), steps[int(0.95 * len(steps))]
            print(
                f"CPU {slowdown}x slower: usable after {ready:.0f} ms; "
                f"a slider step takes {typical:.1f} ms, 95 % under {slow:.1f} ms"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
