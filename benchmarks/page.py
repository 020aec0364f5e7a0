"""Weight and speed of the built chapters, beside their budgets: `python benchmarks/page.py`.

Build the book first. Needs playwright and Chromium, as the page tests do; the variable CHROMIUM
names another browser than /usr/bin/chromium.
"""

import gzip
import os
import statistics
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1] / "_build" / "html"
ROUNDS = 3
THEME = ("_static/scripts/", "_static/styles/", "_static/vendor/")
ROWS = (
    "loaded beyond the theme, compressed, kB (under 600)",
    "usable after, ms (under 1000)",
    "a slider step, ms",
    "the same, 95 % under",
    "a slider step, CPU 4 times slower, ms (under 16)",
    "the same, 95 % under",
)
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
    """Return the kB that a server sends for a file; fonts are compressed already."""
    data = path.read_bytes()
    return min(len(data), len(gzip.compress(data, 6))) / 1000


def visit(browser, url, slowdown=1):
    """Open a page and move every slider; return what it loaded and the times in ms."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    loaded = set()
    page.on("response", lambda response: loaded.add(unquote(urlsplit(response.url).path)[1:]))
    page.add_init_script(WATCH)
    page.goto(url)
    page.evaluate("window.MathJax && MathJax.startup.promise")
    page.evaluate("document.fonts.ready.then(() => true)")
    usable, steps = page.evaluate("window.usable"), page.evaluate(STEPS)
    page.context.close()
    return loaded, usable, steps


def measure(browser, address, path):
    """Return the figures of one page in the order of ROWS."""
    url = f"{address}/{path}"
    loaded, _, _ = visit(browser, url)  # also warms the disk's cache
    own = [name for name in loaded if not name.startswith(THEME)]
    figures = [sum(compressed(SITE / name) for name in own)]
    for slowdown in (1, 4):
        runs = [visit(browser, url, slowdown) for _ in range(ROUNDS)]
        steps = sorted(step for _, _, times in runs for step in times)
        if slowdown == 1:
            figures.append(statistics.median(usable for _, usable, _ in runs))
        figures += [statistics.median(steps), steps[int(0.95 * len(steps))]]
    return figures


def site_size():
    """Return the MB of the built site without what runs in the browser."""
    files = [path for path in SITE.rglob("*") if path.is_file()]
    own = [path for path in files if path.relative_to(SITE).parts[0] != "lite"]
    return sum(path.stat().st_size for path in own) / 1e6


@contextmanager
def serving(folder):
    """Serve a folder; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Leave the table alone."""


@contextmanager
def chromium():
    """A browser without a window."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def main():
    pages = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("chapters/*.html"))
    with serving(SITE) as address, chromium() as browser:
        columns = [measure(browser, address, path) for path in pages]
    print(f"{'':54}" + "".join(f"{Path(path).stem:>22}" for path in pages))
    for i, row in enumerate(ROWS):
        print(f"{row:54}" + "".join(f"{column[i]:22.1f}" for column in columns))
    print(f"{'whole site without the kernel, MB (under 60)':54}{site_size():22.1f}")


if __name__ == "__main__":
    main()
