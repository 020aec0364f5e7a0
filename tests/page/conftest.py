"""The built book, served to a browser that can reach nothing else.

The book is built once a run, with warnings as errors. The browser is Chromium: the variable
CHROMIUM names it, else it is looked for on the path. Without one these tests are skipped; where
CI is set they fail.
"""

import os
import re
import shutil
import subprocess
import sysconfig
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2]
SITE = BOOK / "_build" / "html"
# What the pages of this build may load from: the test's own server, and the disk.
INSIDE = re.compile(r"(http://127\.0\.0\.1:\d+/|file:|data:|blob:|about:)")
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Visit:
    """An open page, with what it asked for elsewhere and what its console said."""

    page: object
    requests_outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)


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


@contextmanager
def visiting(browser, url, **options):
    """Visit `url` in a context with `options`, the network cut, until its scripts are done."""
    context = browser.new_context(**options)
    visit = Visit(context.new_page())

    def refuse(route):
        visit.requests_outside.append(route.request.url)
        route.abort()

    def note(message):
        if message.type in ("error", "warning"):
            visit.complaints.append(message.text)

    context.route(lambda address: not INSIDE.match(address), refuse)
    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.goto(url, wait_until="load")
    visit.page.evaluate("window.MathJax && MathJax.startup.promise")
    visit.page.evaluate("document.fonts.ready.then(() => true)")
    yield visit
    context.close()


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
