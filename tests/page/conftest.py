"""The built book, served to the browser. It is built once a run, with warnings as errors."""

import shutil
import subprocess
import sysconfig
import threading
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from browsing import visiting

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
def site(built):
    """The address at which the built book is served."""
    handler = partial(QuietHandler, directory=built)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Leave the test's output alone."""


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
def open_page(open_url, site, built):
    """A function that opens a page of the site, over http or from the disk."""

    def opened(path, *, from_disk=False, **options):
        return open_url(f"{built.as_uri() if from_disk else site}/{path}", **options)

    return opened


@pytest.fixture(scope="module")
def visit(browser, site, path):
    """The page `path` at 1280 px, shared by the tests that only look."""
    options = {"viewport": {"width": 1280, "height": 900}}
    with visiting(browser, f"{site}/{path}", **options) as opened:
        yield opened
