"""The built book and its offline copy, in a browser that can reach nothing else.

The book is built once a run, with warnings as errors. "From disk" means the offline copy, unpacked.
The browser is Chromium: the variable CHROMIUM names it, else it is looked for on the path. Without
one these tests are skipped; where CI is set they fail.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from browsing import serving, visiting

BOOK = Path(__file__).parents[2]
SITE = BOOK / "_build" / "html"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Also for what the tests cannot see: the requests of a service worker.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def built():
    """The folder of the built book."""
    command = [shutil.which("jupyter-book", path=sysconfig.get_path("scripts")), "build"]
    command += ["-W", "--keep-going", str(BOOK)]
    build = subprocess.run(command, capture_output=True, text=True, cwd=BOOK)
    assert build.returncode == 0, f"the book does not build:\n{build.stdout}\n{build.stderr}"
    return SITE


@pytest.fixture(scope="session")
def offline_zip(built):
    """The zip of the built book."""
    command = [sys.executable, str(BOOK / "publish" / "offline_copy.py")]
    packing = subprocess.run(command, capture_output=True, text=True)
    assert packing.returncode == 0, packing.stderr
    (path,) = re.findall(r"^(.+\.zip): \d+ files, [\d.]+ MB$", packing.stdout, re.MULTILINE)
    return Path(path)


@pytest.fixture(scope="session")
def unpacked(offline_zip, tmp_path_factory):
    """The folder that a reader of the offline copy has."""
    folder = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(offline_zip) as archive:
        archive.extractall(folder)
    return folder / offline_zip.stem


@pytest.fixture(scope="session")
def site(built):
    """The address at which the built book is served."""
    with serving(built) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if path is None:
        reason = f"no browser: set CHROMIUM, or install one of {', '.join(BROWSER_NAMES)}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site, unpacked):
    """A function that opens a page, over http or from the offline copy on the disk.

    When the test is over, no page that it opened may have complained or asked for anything
    outside the site.
    """
    with ExitStack() as stack:
        visits = []

        def opened(path, *, from_disk=False, width=1280, height=900, touch=False):
            url = f"{unpacked.as_uri() if from_disk else site}/{path}"
            options = {"viewport": {"width": width, "height": height}}
            options |= {"has_touch": touch, "is_mobile": touch}
            visits.append(stack.enter_context(visiting(browser, url, **options)))
            return visits[-1].page

        yield opened
        assert [found for visit in visits for found in visit.requests_outside] == []
        assert [found for visit in visits for found in visit.complaints] == []


@pytest.fixture(scope="module")
def visit(browser, site, path):
    """The page `path` at 1280 px, shared by the tests that only look."""
    options = {"viewport": {"width": 1280, "height": 900}}
    with visiting(browser, f"{site}/{path}", **options) as opened:
        yield opened
