"""A JupyterLab server for a test."""

import json
import os
import subprocess
import time
from contextlib import contextmanager


@contextmanager
def serving(python, folder, runtime, *options, environment=None, log=None):
    """Serve `folder` with an interpreter's JupyterLab; give what the server writes about itself.

    `runtime` is where it writes that, and the connection files of its kernels. What it prints
    goes into the open file `log`, if there is one.
    """
    process = subprocess.Popen(
        [python, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--port=0", *options],
        cwd=folder,
        env=os.environ | {"JUPYTER_RUNTIME_DIR": str(runtime)} | (environment or {}),
        stdout=log,
        stderr=log,
    )
    try:
        yield _wait(process, runtime)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process, runtime):
    """Return the server's file once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with code {process.returncode}"
        if files := list(runtime.glob("jpserver-*.json")):
            return json.loads(files[0].read_text(encoding="utf-8"))
        time.sleep(0.2)
    raise AssertionError("the server did not start within a minute")
