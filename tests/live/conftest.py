"""Notebooks in a real JupyterLab, in a browser that can reach nothing but this machine."""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from browsing import visiting
from lab_server import serving

OPTIONS = (
    "--ip=127.0.0.1",
    "--IdentityProvider.token=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass
class Notebook:
    """A notebook that is open in JupyterLab, with a kernel that is ready."""

    page: object
    folder: Path

    def cells(self):
        return self.page.locator(".jp-NotebookPanel:visible .jp-Cell")

    def run(self, first, number=1):
        """Run cells as a reader does, with Shift and Enter."""
        self.cells().nth(first).locator(".jp-InputPrompt").click()
        for _ in range(number):
            self.page.keyboard.press("Shift+Enter")

    def explorer(self):
        """Return the widgets of the first explorer, once they are shown."""
        widgets = self.cells().locator(".jp-OutputArea-output .widget-vbox").first
        widgets.locator(".ms-panels svg").first.wait_for()
        return widgets


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab server: its address, the folder that it serves and the file of its log."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "runtime"):
        (home / name).mkdir()
    for name, values in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    # The widgets' extension alone: that of JupyterLite, where it is installed, fails in JupyterLab.
    extensions = home / "labextensions"
    extensions.mkdir()
    widgets = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@jupyter-widgets"
    shutil.copytree(widgets, extensions / "@jupyter-widgets")
    options = (*OPTIONS, f"--LabApp.labextensions_path={extensions}")
    environment = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    places = home / "notebooks", home / "runtime"
    with (home / "log").open("w") as log:
        server = serving(sys.executable, *places, *options, environment=environment, log=log)
        with server as about:
            yield about | {"folder": home / "notebooks", "log": home / "log"}


@pytest.fixture(scope="session")
def open_notebook(browser, lab):
    """A function that opens a notebook of the server's folder.

    In the end neither the browser's console nor the server's log may hold an error, and nothing
    may have been asked for elsewhere.
    """
    options = {"complaints": ["error"], "viewport": {"width": 1280, "height": 1200}}
    with visiting(browser, f"{lab['url']}lab", **options) as visit:
        page = visit.page

        def opened(name):
            page.get_by_role("button", name="Refresh the file browser").click(timeout=60_000)
            page.locator(".jp-DirListing-item", has_text=name).dblclick()
            page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
            page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
            return Notebook(page, lab["folder"])

        yield opened
        assert visit.requests_outside == []
        assert visit.complaints == []
    assert re.findall(r"^\[[EC] .*|^Traceback.*", lab["log"].read_text(), re.MULTILINE) == []
