"""The built book and its offline copy, in the browser.

The book is built once a run, with warnings as errors. "From disk" means the offline copy, unpacked.
"""

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


@pytest.fixture
def open_url(browser):
    """A function that opens an address.

    When the test is over, no page that it opened may have complained or asked for anything
    outside the site.
    """
    with ExitStack() as stack:
        visits = []

        def opened(url, *, width=1280, height=900, touch=False, **options):
            options |= {"viewport": {"width": width, "height": height}}
            options |= {"has_touch": touch, "is_mobile": touch}
            visits.append(stack.enter_context(visiting(browser, url, **options)))
            return visits[-1].page

        yield opened
        assert [found for visit in visits for found in visit.requests_outside] == []
        assert [found for visit in visits for found in visit.complaints] == []


@pytest.fixture
def open_page(open_url, site, unpacked):
    """A function that opens a page, over http or from the offline copy on the disk."""

    def opened(path, *, from_disk=False, **options):
        return open_url(f"{unpacked.as_uri() if from_disk else site}/{path}", **options)

    return opened


@pytest.fixture(scope="module")
def visit(browser, site, path):
    """The page `path` at 1280 px, shared by the tests that only look."""
    options = {"viewport": {"width": 1280, "height": 900}}
    with visiting(browser, f"{site}/{path}", **options) as opened:
        yield opened
