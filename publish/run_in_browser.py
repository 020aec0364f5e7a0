"""Add a copy of the chapters that runs in the reader's browser: `python publish/run_in_browser.py`.

Build the book first, and run this again after each build. JupyterLite goes to ``lite`` inside the
built site, with the chapters and a Python kernel (Pyodide) in which `mscore` can be imported; a
script on each chapter's page puts a link there. The link needs a server: from a folder on disk
the page looks as it did before.

A reader's browser takes Pyodide from its public address. `--pyodide FOLDER` puts a copy of it
beside the chapters instead, so that nothing is asked from another site.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BOOK = Path(__file__).resolve().parents[1]
SITE = BOOK / "_build" / "html"
LITE = "lite"  # the folder's name inside the site
# What every chapter imports, by the names that Pyodide gives; it brings what these need in turn.
PYODIDE_PACKAGES = ("numpy", "matplotlib")
# What Pyodide does not have: mscore, and the packages behind its sliders.
WHEELS = (BOOK, "ipywidgets", "comm")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# The kernel asks for its wheels from its own script, extensions/@jupyterlite/NAME/static/*.js.
FROM_KERNEL_TO_LITE = "../../../.."
KERNELSPEC = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
SCRIPT = "run_in_browser.js"


def chapters(site):
    """Return the notebooks that have a page in the built site, relative to the book."""
    notebooks = [path.relative_to(BOOK) for path in sorted(BOOK.glob("chapters/*.ipynb"))]
    built = [path for path in notebooks if (site / path.with_suffix(".html")).is_file()]
    if not built:
        sys.exit(f"{site} has no chapter: build the book first, as README.md says")
    return built


def check_pyodide(folder):
    """Stop unless `folder` holds a distribution of Pyodide that the kernel can load."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

    lock = folder / "pyodide-lock.json"
    if not lock.is_file():
        sys.exit(f"--pyodide must be a folder with pyodide-lock.json; got {folder}")
    found = json.loads(lock.read_text("utf8"))["info"]["version"]
    wanted, _, _ = PYODIDE_VERSION.rpartition(".")
    if not found.startswith(f"{wanted}."):
        sys.exit(f"--pyodide must hold Pyodide {wanted}; {folder} holds {found}")


def stage_chapter(source, target):
    """Copy a notebook and name the kernel that JupyterLite has; with another one it would ask."""
    notebook = json.loads(source.read_text("utf8"))
    notebook["metadata"]["kernelspec"] = KERNELSPEC
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook), "utf8")


def make_wheels(folder):
    """Fill `folder` with the wheels that Pyodide lacks, in the locked versions."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--constraint", BOOK / "constraints.txt", "--wheel-dir", folder, *WHEELS]
    subprocess.run(command, check=True)


def configuration(wheels):
    """Return JupyterLite's settings: the kernel starts with these packages loaded."""
    urls = [f"{FROM_KERNEL_TO_LITE}/wheels/{wheel.name}" for wheel in wheels]
    kernel = {"loadPyodideOptions": {"packages": [*PYODIDE_PACKAGES, *urls]}}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {"litePluginSettings": {KERNEL: kernel}},
    }


def build_lite(notebooks, pyodide, output):
    """Build JupyterLite with the notebooks into the folder `output`, which it replaces."""
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name)
        for notebook in notebooks:
            stage_chapter(BOOK / notebook, stage / "files" / notebook)
        make_wheels(stage / "wheels")
        settings = configuration(sorted((stage / "wheels").iterdir()))
        (stage / "jupyter-lite.json").write_text(json.dumps(settings), "utf8")
        if pyodide:  # where JupyterLite looks for it
            shutil.copytree(pyodide, stage / "static" / "pyodide")
        shutil.rmtree(output, ignore_errors=True)
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps", "notebooks"]
        command += ["--lite-dir", stage, "--contents", "files", "--output-dir", output]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        log = subprocess.run(command, capture_output=True, text=True, cwd=stage)
        if log.returncode:
            sys.exit(f"JupyterLite does not build:\n{log.stdout}\n{log.stderr}")
        shutil.copytree(stage / "wheels", output / "wheels")


def script_tag(notebook):
    """Return what a chapter's page says to get its link."""
    return f'<script defer src="../{LITE}/{SCRIPT}" data-notebook="{notebook.as_posix()}"></script>'


def without_link(page, notebook):
    """Return the HTML of a chapter's page as the book's build left it."""
    return page.replace(script_tag(notebook), "")


def with_link(page, notebook):
    """Return the HTML of a chapter's page with the script that adds the link, once."""
    head, end, body = without_link(page, notebook).partition("</head>")
    return f"{head}{script_tag(notebook)}{end}{body}"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pyodide", type=Path, metavar="FOLDER", help="put this copy in the site")
    pyodide = parser.parse_args(arguments).pyodide
    if pyodide:
        check_pyodide(pyodide)
    notebooks = chapters(SITE)
    build_lite(notebooks, pyodide, SITE / LITE)
    shutil.copy(Path(__file__).with_name(SCRIPT), SITE / LITE)
    for notebook in notebooks:
        page = SITE / notebook.with_suffix(".html")
        page.write_text(with_link(page.read_text("utf8"), notebook), "utf8")
    size = sum(file.stat().st_size for file in (SITE / LITE).rglob("*") if file.is_file())
    print(f"{SITE / LITE}: {len(notebooks)} chapters run in the browser, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
