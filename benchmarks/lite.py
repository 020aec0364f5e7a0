"""Speed of a chapter that runs in the browser: `python benchmarks/lite.py`.

Build the book and run `python publish/run_in_browser.py --pyodide FOLDER` first. The times are
those of a reader who comes for the first time and has a fast connection.
"""

import statistics
import time

from page import SITE, chromium, serving

CHAPTER = "chapters/psd_sensing.ipynb"
MOVES = 7
PATIENCE = 600_000  # milliseconds


def main():
    if not (SITE / "lite").is_dir():
        raise SystemExit(f"{SITE} has no folder lite: run publish/run_in_browser.py first")
    with serving(SITE) as address, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        start = time.perf_counter()
        page.goto(f"{address}/lite/notebooks/index.html?path={CHAPTER}")
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        for cell in range(2):  # the imports, the first explorer
            page.locator(".jp-CodeCell .cm-content").nth(cell).click()
            page.keyboard.press("Shift+Enter")
        explorer = page.locator(".jp-OutputArea .widget-vbox").first
        figure = explorer.locator(".widget-html:has(svg)")
        figure.wait_for()
        print(f"from the link to the first explorer: {time.perf_counter() - start:.0f} s")
        times = [move(page, explorer, figure, i / (MOVES + 1)) for i in range(1, MOVES + 1)]
        print(f"a move of its slider: {statistics.median(times):.1f} s")


def move(page, explorer, figure, place):
    """Click on the first slider's track; return the seconds until the figure has changed."""
    track = explorer.locator(".noUi-target").first
    width, before = track.bounding_box()["width"], figure.inner_html()
    start = time.perf_counter()
    track.click(position={"x": place * width, "y": 2})
    page.wait_for_function(
        "([figure, before]) => figure.querySelector('svg') && figure.innerHTML !== before",
        arg=[figure.element_handle(), before],
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
