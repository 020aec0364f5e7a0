"""Figures: one style sheet, and the canvas that every view of the book draws on (needs matplotlib).

>>> from mscore.figures import Canvas
>>> canvas = Canvas()
>>> panel = canvas.panel("squares", xlabel="x", ylabel="x²", xlim=(0, 3), ylim=(0, 10))
>>> panel.line("squares", [0, 1, 2, 3], [0, 1, 4, 9], label="x²")
>>> [row.key for row in canvas.table()]
['squares']
"""

from mscore.figures.canvas import Canvas, Panel, Row
from mscore.figures.style import format_number

__all__ = ["Canvas", "Panel", "Row", "format_number"]
