"""How the build runs the chapters: which view they draw, and when a stored run is good enough."""

import hashlib
import os
import platform
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

# The packages whose version can change a number or a figure in a chapter.
PACKAGES = ("numpy", "matplotlib", "ipywidgets")


def package_files(package):
    """Return the files of an importable package in a fixed order, without compiled ones."""
    root = Path(find_spec(package).origin).parent
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")


def run_key():
    """Return a short hash of everything besides a chapter's own cells that its run depends on."""
    key = hashlib.sha256(platform.python_version().encode())
    for name in PACKAGES:
        key.update(f"{name}=={metadata.version(name)}\n".encode())
    for path in package_files("mscore"):
        key.update(path.name.encode() + path.read_bytes())
    return key.hexdigest()[:16]


def choose_cache(app, config):
    """Keep the runs of each `run_key` in a folder of their own.

    Jupyter Book's cache compares code cells only, so without this a change in mscore would leave
    old figures on the page. A new folder also makes Sphinx read every page again.
    """
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / run_key())


def setup(app):
    # Kernels inherit it: `explore` then draws frames for the page instead of live widgets.
    os.environ["MSCORE_RENDER"] = "static"
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
