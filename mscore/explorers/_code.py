"""Lines of Python that show a frame again in a fresh kernel."""

from __future__ import annotations

import ast
import functools
import sys


def lines(view, literals):
    """Return the imports and the call that show a view.

    Parameters
    ----------
    view : callable
        The view, possibly in a `functools.partial`.
    literals : dict of str to str
        Its parameters' values, as Python writes them.

    Returns
    -------
    tuple of str or None
        None if the view cannot be imported, as one defined in a notebook, or if a constant bound
        to it is more than Python literals can write.
    """
    bound = {}
    if isinstance(view, functools.partial):
        if view.args or not all(map(_is_literal, view.keywords.values())):
            return None
        bound = {name: repr(value) for name, value in view.keywords.items()}
        view = view.func
    module, name = getattr(view, "__module__", "__main__"), getattr(view, "__qualname__", "")
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not view:
        return None
    package, _, leaf = module.rpartition(".")
    origin = f"from {package} import {leaf}" if package else f"import {leaf}"
    given = "".join(f", {name}={literal}" for name, literal in (bound | literals).items())
    imports = f"from mscore.explorers import show\n{origin} as views\n"
    return imports, f"show(views.{name}{given})"


def _is_literal(value):
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False
