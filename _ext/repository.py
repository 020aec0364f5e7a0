"""The book's public address: where the launch, source and issue buttons lead.

The address is taken from the first of these that is set:

1. the environment variable ``BOOK_REPOSITORY_URL``;
2. ``GITHUB_SERVER_URL`` and ``GITHUB_REPOSITORY``, which GitHub sets in its workflows;
3. the git remote ``origin``, when it is on GitHub or GitLab.

Without an address the buttons are left out.
"""

import os
import re
import subprocess

from sphinx.errors import ConfigError

ADDRESS = re.compile(r"https://(github|gitlab)\.com/[\w.-]+/[\w.-]+")
REMOTE = re.compile(
    r"(?:(?:https|ssh)://(?:[^@/]+@)?|git@)"  # the scheme, without a user name or token
    r"(?P<host>(?:github|gitlab)\.com)[:/]"
    r"(?P<path>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


def address_from_environment(environ):
    """Return the address that the environment states, or None; a malformed one is an error."""
    address = environ.get("BOOK_REPOSITORY_URL", "")
    if not address and environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        address = f"{server}/{environ['GITHUB_REPOSITORY']}"
    address = address.rstrip("/").removesuffix(".git")
    if address and not ADDRESS.fullmatch(address):
        raise ConfigError(
            "BOOK_REPOSITORY_URL (or GITHUB_SERVER_URL/GITHUB_REPOSITORY) must look like "
            f"https://github.com/owner/name or https://gitlab.com/owner/name; got {address!r}"
        )
    return address or None


def address_from_remote(remote):
    """Return the web address of a git remote on GitHub or GitLab, else None."""
    match = REMOTE.fullmatch(remote)
    return f"https://{match['host']}/{match['path']}" if match else None


def git_remote(folder):
    """Return the URL of the remote `origin` of the checkout `folder`, or an empty string."""
    command = ["git", "-C", str(folder), "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:  # git is not installed
        return ""


def set_buttons(app, config):
    """Point the theme's buttons at the address, or take them away."""
    address = address_from_environment(os.environ) or address_from_remote(git_remote(app.srcdir))
    options = config.html_theme_options
    if address is None:
        options.pop("launch_buttons", None)
        options.pop("repository_url", None)
        return
    options["repository_url"] = address
    for button in ("repository", "issues", "edit_page"):
        options[f"use_{button}_button"] = True


def launch_notebooks_only(app, pagename, templatename, context, doctree):
    """Take the launch button off pages with code in Markdown: Binder would open them as text."""
    if not app.env.doc2path(pagename).endswith(".ipynb"):
        buttons = context.get("header_buttons", [])
        buttons[:] = [button for button in buttons if button.get("label") != "launch-buttons"]


def setup(app):
    app.connect("config-inited", set_buttons)
    app.connect("html-page-context", launch_notebooks_only, priority=900)  # after the theme's
    return {"parallel_read_safe": True, "parallel_write_safe": True}
