"""The book's one style sheet: colours, dashes, markers, text sizes, and how a number is written.

The palette has six series colours, each in a light and a dark edition. They were chosen by
three rules, which the tests check:

- text in any of them is legible: contrast of at least 4.5:1 on white (light edition), and on
  the page #121212 and the raised surface #222832 of the book's dark theme (dark edition);
- any two differ by at least 18 units of CIELAB, for normal vision and with protanopia,
  deuteranopia and tritanopia (simulated as Machado, Oliveira and Fernandes do, 2009);
- colour never stands alone: dash and marker are numbered as colours are, and change with them.

==  ==========  =======  ==========  =======  ==========  ==========
no  name        light    on #ffffff  dark     on #121212  on #222832
==  ==========  =======  ==========  =======  ==========  ==========
0   blue        #0b63c4  5.84        #a9d4ff  12.09       9.56
1   vermillion  #c84a00  4.73        #f27244  6.48        5.13
2   green       #004f43  9.55        #3fdf9c  10.92       8.64
3   purple      #7a1a75  9.41        #dd68e7  6.43        5.09
4   brown       #533c00  10.43       #fed217  12.89       10.19
5   grey        #6c7278  4.87        #8a9197  5.87        4.64
==  ==========  =======  ==========  =======  ==========  ==========

Everything is drawn in the light edition. In the page each colour is a CSS variable
(`CSS_VARIABLES`) that falls back to the light value, or to JupyterLab's own ink; `explorer.css`
gives the dark values. So one drawing serves both themes. Heat maps use cividis, which is made
for colour-blind readers and needs no second edition.
"""

from __future__ import annotations

import math
from numbers import Integral

import matplotlib.style

LIGHT = ("#0b63c4", "#c84a00", "#004f43", "#7a1a75", "#533c00", "#6c7278")
DARK = ("#a9d4ff", "#f27244", "#3fdf9c", "#dd68e7", "#fed217", "#8a9197")
INK, AXIS, GRID, PAPER = "#222222", "#666a70", "#dadde1", "#ffffff"
COLOR_MAP = "cividis"

# What a colour of a drawing becomes in the page: a variable and the value where there is none.
CSS_VARIABLES = {color: f"var(--ms-c{i},{color})" for i, color in enumerate(LIGHT)} | {
    INK: f"var(--ms-ink,var(--jp-content-font-color1,{INK}))",
    AXIS: f"var(--ms-axis,var(--jp-content-font-color2,{AXIS}))",
    GRID: f"var(--ms-grid,var(--jp-border-color2,{GRID}))",
    PAPER: f"var(--ms-paper,var(--jp-layout-color0,{PAPER}))",
}

DASHES = ((), (7, 3), (2, 2.5), (10, 3, 2, 3), (14, 4), (6, 2, 2, 2, 2, 2))  # drawn, gap, ...
MARKERS = ("o", "s", "^", "D", "v", "X")

LINE_WIDTH, THIN, MARKER_SIZE = 2.0, 1.3, 7.0
FONT, LABEL_SIZE, TICK_SIZE = "system-ui, sans-serif", 13, 12  # still 10 px on a phone

_RC = {
    "figure.dpi": 72,  # one point is one unit of the SVG
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": AXIS,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL_SIZE,
    "axes.linewidth": 1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": AXIS,
    "ytick.color": AXIS,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "lines.scale_dashes": False,  # dash lengths in units, so that legends can repeat them
    "font.size": TICK_SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a dollar is a dollar
}


def book_style():
    """Return a context in which matplotlib draws as the book does, whatever the user has set."""
    return matplotlib.style.context(_RC, after_reset=True)


def color_of(color):
    """Return the hex value of series colour 0 to 5, or of "ink".

    >>> color_of(1)
    '#c84a00'
    """
    if color == "ink":
        return INK
    if isinstance(color, Integral) and 0 <= color < len(LIGHT):
        return LIGHT[color]
    raise ValueError(f'color must be a number from 0 to {len(LIGHT) - 1}, or "ink"; got {color!r}')


def format_number(value, digits=3):
    """Write a number as the book does: "40", "0.25", "3·10⁻⁴".

    Parameters
    ----------
    value : int or float
        A finite number.
    digits : int, default 3
        Significant digits; digits before the decimal point are always kept.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `value` is NaN or infinite.

    Examples
    --------
    >>> [format_number(v) for v in (40, 0.25, 1e-7, 3.16e-4, -1234.4, 0, 2e6)]
    ['40', '0.25', '10⁻⁷', '3.16·10⁻⁴', '−1234', '0', '2·10⁶']
    """
    if not math.isfinite(value):
        raise ValueError(f"value must be a finite number; got {value!r}")
    if value == 0:
        return "0"
    sign = "−" if value < 0 else ""
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    exponent = int(exponent)
    if -2 <= exponent <= 3 or (isinstance(value, Integral) and exponent <= 4):
        return sign + _trimmed(f"{abs(value):.{max(digits - 1 - exponent, 0)}f}")
    mantissa = _trimmed(mantissa)
    power = power_of_ten(exponent)
    return sign + (power if mantissa == "1" else f"{mantissa}·{power}")


def power_of_ten(exponent):
    """Write a power of ten with a superscript, as the ticks of a logarithmic axis do.

    >>> [power_of_ten(e) for e in (-3, 0, 1, 2)]
    ['10⁻³', '1', '10', '10²']
    """
    if exponent in (0, 1):
        return str(10**exponent)
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _trimmed(decimal):
    """Return a decimal number without the zeros, or the point, that end it."""
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
