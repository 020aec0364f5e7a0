"""The numbers that every frame draws, small enough to stand in the page.

A part of a frame becomes a few columns of one length, rounded to four digits. Equal columns, such
as the iterations along which all curves run, are stored once.
"""

from __future__ import annotations

import numpy as np

from mscore.explorers import _cursor

COLUMNS = ("x", "x_to", "y", "y_to", "z")
DIGITS = 4


def numbers(panels, tables):
    """Return the numbers of all frames, as the page's script reads them.

    Parameters
    ----------
    panels : list of mscore.figures.Panel
    tables : list of list of mscore.figures.Row
        What each frame draws.

    Returns
    -------
    dict
        ``columns``: the names of the columns in use; ``panels``: name, title and axis labels of
        each panel, and the limits and the scale of its y axis; ``parts``: the number of the panel,
        the name, the label and the kind of each part;
        ``arrays``: the distinct columns; ``frames``: for each frame its parts, each as its number
        and, for every column, the number of an array, or null where it has none; ``cursor``: the
        axis along which they can be read, or null.
    """
    order = {panel.key: number for number, panel in enumerate(panels)}
    drawn = [[(row, columns(row)) for row in rows] for rows in tables]
    used = {name for rows in drawn for _, given in rows for name in given}
    names = [name for name in COLUMNS if name in used]
    parts, arrays, frames = {}, {}, []
    for rows in drawn:
        frames.append([])
        for row, given in rows:
            part = parts.setdefault((order[row.panel], row.key, row.label, row.kind), len(parts))
            rounded = [_rounded(given[name]) if name in given else None for name in names]
            places = [values and arrays.setdefault(values, len(arrays)) for values in rounded]
            frames[-1].append([part, *places])
    return {
        "cursor": _cursor.axis(panels, tables[0]),
        "columns": names,
        "panels": [
            {
                "name": panel.key,
                "title": panel.spec.title,
                "x": panel.spec.xlabel,
                "y": panel.spec.ylabel,
                "y_limits": panel.spec.ylim,
                "y_log": panel.spec.yscale == "log",
            }
            for panel in panels
        ],
        "parts": list(parts),
        "arrays": list(arrays),
        "frames": frames,
    }


def columns(row):
    """Return what a part draws as columns of one length, by name.

    Parameters
    ----------
    row : mscore.figures.Row

    Returns
    -------
    dict of str to numpy.ndarray
        ``x`` and ``y``; of a histogram also ``x_to``, where the bar ends; of a band ``y_to``, its
        upper edge; of a heat map ``z``, its values. A line across the panel has ``x`` or ``y``.
    """
    if row.kind == "cells":
        y, x = np.meshgrid(row.y, row.x, indexing="ij")
        return {"x": x.ravel(), "y": y.ravel(), "z": row.z.ravel()}
    if row.kind == "band":
        return {"x": row.x, "y": row.y[0], "y_to": row.y[1]}
    if row.kind in ("bars", "steps"):
        return {"x": row.x[:-1], "x_to": row.x[1:], "y": row.y}
    if row.kind == "vline":
        return {"x": row.x}
    if row.kind == "hline":
        return {"y": row.y}
    return {"x": row.x, "y": row.y}


def _rounded(values):
    """Return numbers to four digits as a tuple; whole numbers stay whole."""
    rounded = (float(f"{value:.{DIGITS}g}") for value in values)
    return tuple(
        int(value) if value == int(value) and abs(value) < 1e6 else short
        for value, short in zip(values.tolist(), rounded, strict=True)
    )
