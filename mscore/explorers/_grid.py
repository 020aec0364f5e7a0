"""The values that a slider runs through."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from mscore.figures.style import format_number


@dataclass(frozen=True)
class Grid:
    """Values of one parameter, in the order of its slider.

    Attributes
    ----------
    values : tuple
        Numbers, strings or booleans, without repetition.
    spacing : {"log", "lin", "list"}
        How the values between them are found in a kernel; in a list there are none.
    """

    values: tuple
    spacing: str = "list"

    @property
    def integer(self):
        """Whether every value is a whole number."""
        return all(isinstance(value, int) for value in self.values)

    @property
    def is_choice(self):
        """Whether the values are offered side by side rather than on a slider."""
        words = any(isinstance(value, str | bool) for value in self.values)
        return self.spacing == "list" and (words or len(self.values) <= 4)

    def texts(self):
        """Return the values as the reader sees them."""
        return [format_value(value) for value in self.values]


def log_grid(start, stop, num, *, integer=False):
    """Return `num` values from `start` to `stop` with constant ratio.

    Parameters
    ----------
    start, stop : float
        Positive ends, both included; `start` is where the slider stands at first.
    num : int
        Number of values, at least 2.
    integer : bool, default False
        Round to whole numbers (which may leave fewer of them).

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        If an end is not positive, the ends are equal, or `num` is below 2.

    Examples
    --------
    >>> log_grid(1, 1e-3, 4).texts()
    ['1', '0.1', '0.01', '10⁻³']
    >>> log_grid(1, 40, 4, integer=True).values
    (1, 3, 12, 40)
    """
    _check_ends(start, stop, num)
    if min(start, stop) <= 0:
        raise ValueError(f"start and stop must be positive on a log grid; got {start}, {stop}")
    return _spaced(np.geomspace(start, stop, num), "log", integer)


def lin_grid(start, stop, num, *, integer=False):
    """Return `num` evenly spaced values from `start` to `stop`; arguments as for `log_grid`.

    Examples
    --------
    >>> lin_grid(0, 1, 5).values
    (0.0, 0.25, 0.5, 0.75, 1.0)
    """
    _check_ends(start, stop, num)
    return _spaced(np.linspace(start, stop, num), "lin", integer)


def as_grid(name, values):
    """Return `values` of the parameter `name` as a `Grid`."""
    if isinstance(values, Grid):
        return values
    if isinstance(values, str) or not np.iterable(values):
        raise ValueError(
            f"{name} must be a list of values, log_grid(...) or lin_grid(...); got {values!r} "
            "(bind a constant with functools.partial)"
        )
    values = tuple(v.item() if isinstance(v, np.generic) else v for v in values)
    if not values:
        raise ValueError(f"{name} must have at least one value; got an empty list")
    strange = [v for v in values if not isinstance(v, str | Real)]
    if strange:
        raise ValueError(f"{name} must have numbers or strings as values; got {strange[0]!r}")
    texts = [format_value(v) for v in values]
    repeated = sorted({text for text in texts if texts.count(text) > 1})
    if repeated:
        raise ValueError(f"{name} has values that read the same: {', '.join(repeated)}")
    return Grid(values)


def format_value(value):
    """Write one value of a parameter: a word as it is, a number as the book does."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else format_number(value)


def _check_ends(start, stop, num):
    if not (np.isfinite(start) and np.isfinite(stop) and start != stop):
        raise ValueError(f"start and stop must be finite and different; got {start}, {stop}")
    if not isinstance(num, Integral) or num < 2:
        raise ValueError(f"num must be a whole number, at least 2; got {num!r}")


def _spaced(values, spacing, integer):
    if integer:
        values = dict.fromkeys(np.rint(values).astype(int).tolist())  # without repetition
        return Grid(tuple(values), spacing)
    # geomspace gives 0.010000000000000002 where 0.01 is meant.
    return Grid(tuple(float(f"{value:.12g}") for value in values), spacing)
