"""Serving a folder, and visiting a page with the network cut."""

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

# What the pages of this build may load from: the test's own server, and the disk.
INSIDE = re.compile(r"(http://127\.0\.0\.1:\d+/|file:|data:|blob:|about:)")


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


@dataclass
class Visit:
    """An open page, with what it asked for elsewhere and what its console said."""

    page: object
    requests_outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)


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
