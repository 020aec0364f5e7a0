"""A browser that can reach nothing but this machine, and a server of a folder.

The browser is Chromium: the variable CHROMIUM names it, else it is looked for on the path. Without
one the tests that need it are skipped; where CI is set they fail.
"""

import os
import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

# What a page may load from: the test's own server, and the disk.
INSIDE = re.compile(r"(http://127\.0\.0\.1:\d+/|file:|data:|blob:|about:)")
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


@dataclass
class Visit:
    """An open page, with what it asked for elsewhere and what its console said."""

    page: object
    requests_outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)


@contextmanager
def launched():
    """Open a browser without a window."""
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
def serving(folder):
    """Serve a folder; gives its address."""
    handler = partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Leave the test's output alone."""


@contextmanager
def visiting(browser, url, complaints=("error", "warning"), **options):
    """Visit `url` in a context with `options`, the network cut, until its scripts are done.

    What the console says on the levels in `complaints` is kept.
    """
    context = browser.new_context(**options)
    visit = Visit(context.new_page())

    def refuse(route):
        visit.requests_outside.append(route.request.url)
        route.abort()

    def note(message):
        if message.type in complaints:
            visit.complaints.append(message.text)

    context.route(lambda address: not INSIDE.match(address), refuse)
    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.goto(url, wait_until="load")
    visit.page.evaluate("window.MathJax && MathJax.startup.promise")
    visit.page.evaluate("document.fonts.ready.then(() => true)")
    yield visit
    context.close()
