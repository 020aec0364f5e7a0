"""What Binder does, done here: install, start a server, run a chapter from its own folder.

Binder makes an environment from requirements.txt, starts Jupyter in the checkout and opens a
chapter by its path. It takes minutes, so it runs where `CI` is set. What it does not show: that
Binder's own image builds, with its operating system and its Python.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from jupyter_client import BlockingKernelClient

import notebook_rules
from lab_server import serving

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = [path.as_posix() for path in notebook_rules.notebook_files()]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("CI"), reason="makes an environment, which takes minutes: set CI=true"
    ),
]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A fresh environment from requirements.txt; gives its interpreter."""
    folder = tmp_path_factory.mktemp("binder") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [python, "-m", "pip", "install", "-qq", "-r", "requirements.txt"]
    subprocess.run(install, cwd=ROOT, check=True)
    return python


@pytest.fixture(scope="module")
def server(python, tmp_path_factory):
    """A Jupyter server in the checkout; gives its address, token and runtime folder."""
    runtime = tmp_path_factory.mktemp("runtime")
    with serving(python, ROOT, runtime) as server:
        yield server | {"runtime": runtime}


def ask(server, path, data=None):
    """Send one request to the server and return the body of its answer."""
    request = urllib.request.Request(
        server["url"] + path,
        data=None if data is None else json.dumps(data).encode(),
        headers={"Authorization": f"token {server['token']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def run_cells(client, notebook):
    """Run the code cells in order; the first that fails ends the test with its error."""
    client.start_channels()
    client.wait_for_ready(timeout=60)
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            reply = client.execute_interactive(
                cell["source"], timeout=120, allow_stdin=False, output_hook=lambda message: None
            )
            content = reply["content"]
            assert content["status"] == "ok", f"cell {number}: {content}"
    client.stop_channels()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_opens_and_runs_on_the_server(server, chapter):
    assert b"jupyter" in ask(server, f"lab/tree/{chapter}")  # the page that Binder's link opens
    notebook = json.loads(ask(server, f"api/contents/{chapter}"))["content"]
    kernel = {"name": notebook["metadata"]["kernelspec"]["name"]}
    wanted = {"path": chapter, "name": chapter, "type": "notebook", "kernel": kernel}
    session = json.loads(ask(server, "api/sessions", wanted))

    connection = server["runtime"] / f"kernel-{session['kernel']['id']}.json"
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    run_cells(client, notebook)
