"""Explorers: figures that move, on the static page and in a kernel, from one call.

A *view* is a function of a canvas and keyword parameters. It fills the canvas, and returns one or
two sentences that say what the drawn numbers show; the first line of its docstring is its title.
`explore` gives it sliders, `show` shows it as it is.

>>> from mscore.explorers import explore, log_grid
>>> def decay(canvas, *, rate):
...     "Exponential decay."
...     panel = canvas.panel("decay", xlabel="t", ylabel="y", xlim=(0, 2), ylim=(0, 1))
...     panel.line("y", [0, 1, 2], [1, 2.0**-rate, 4.0**-rate], label="y")
...     return f"At t = 2 the value is {4.0**-rate:.2g}."
>>> explore(decay, rate=log_grid(1, 100, 3)).frame(rate=1).description
'At t = 2 the value is 0.25.'
"""

from pathlib import Path

from mscore.explorers._explorer import Explorer, explore, show
from mscore.explorers._frame import Frame
from mscore.explorers._grid import lin_grid, log_grid
from mscore.explorers._questions import ask_choice, ask_level, ask_slope

ASSETS = Path(__file__).with_name("assets")  # scripts and style, for the page

__all__ = [
    "ASSETS",
    "Explorer",
    "Frame",
    "ask_choice",
    "ask_level",
    "ask_slope",
    "explore",
    "lin_grid",
    "log_grid",
    "show",
]
