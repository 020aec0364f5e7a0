"""Where a reader can move a cursor: the axis along which a figure's curves run."""

from __future__ import annotations

LONG = 15  # points that make a line a curve to read values from


def axis(panels, table):
    """Return the axis of the first long line, and the panels that have the same.

    Parameters
    ----------
    panels : list of mscore.figures.Panel
    table : list of mscore.figures.Row
        What the first frame draws on them.

    Returns
    -------
    dict or None
        ``panels``: numbers of the panels; ``label``, without what follows a comma, ``limits`` and
        ``log`` of their x axis. None if no line is long.
    """
    long = {row.panel for row in table if row.kind == "line" and row.x.size >= LONG}
    first = next((panel for panel in panels if panel.key in long), None)
    if first is None:
        return None
    return {
        "panels": [number for number, panel in enumerate(panels) if _x(panel) == _x(first)],
        "label": first.spec.xlabel.partition(",")[0],
        "limits": first.spec.xlim,
        "log": first.spec.xscale == "log",
    }


def _x(panel):
    return panel.spec.xlabel, panel.spec.xlim, panel.spec.xscale
