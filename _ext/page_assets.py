"""Files that pages load besides the theme's: MathJax and the explorers' style and script.

Both come from installed packages, so that nothing is fetched from another site.
"""

from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path

from sphinx.util.fileutil import copy_asset

# What a page may load. The whole of MathJax is 50 times as large, and its combined file
# `tex-chtml.js` is half as large again: it holds the menu, which the book turns off.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions",
    "output/chtml.js",
    "output/chtml/fonts",
    "a11y/assistive-mml.js",
)


def mathjax_folder():
    """Return the folder of MathJax 3 in the installed package sphinx-mathjax-offline.

    The package's folder has hyphens in its name, so it cannot be imported.
    """
    entry = next(f for f in files("sphinx-mathjax-offline") if f.name == "startup.js")
    return Path(entry.locate()).parent


def copy_mathjax(app, exception):
    """Copy the parts of MathJax that pages use into the site."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        source = mathjax_folder() / part
        copy_asset(source, target / part if source.is_dir() else (target / part).parent)


def add_explorer_assets(app, config):
    """Serve the explorers' assets from the mscore package."""
    assets = Path(find_spec("mscore").origin).parent / "explorers" / "assets"
    config.html_static_path.append(str(assets))
    app.add_css_file("explorer.css")
    for script in sorted(assets.glob("*.js")):  # explorer.js to explorer_start.js
        app.add_js_file(script.name, loading_method="defer")


def setup(app):
    app.connect("config-inited", add_explorer_assets)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
