"""The axes of a panel: what their arguments may be, and where their ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from mscore.figures.style import format_number, power_of_ten


@dataclass(frozen=True)
class AxesSpec:
    """The checked arguments of a panel."""

    xlabel: str
    ylabel: str
    xlim: tuple
    ylim: tuple
    xscale: str
    yscale: str
    xticks: tuple
    yticks: tuple
    title: str | None
    height: float

    @classmethod
    def checked(
        cls,
        key,
        *,
        xlabel,
        ylabel,
        xlim,
        ylim,
        xscale="linear",
        yscale="linear",
        xticks=None,
        yticks=None,
        title,
        height,
    ):
        """Return the arguments of `Canvas.panel`, checked, with the ticks worked out."""
        for name, scale in (("xscale", xscale), ("yscale", yscale)):
            if scale not in ("linear", "log"):
                raise ValueError(f"panel {key!r}: {name} must be 'linear' or 'log'; got {scale!r}")
        xlim = limits_of(f"panel {key!r}: xlim", xlim, xscale)
        ylim = limits_of(f"panel {key!r}: ylim", ylim, yscale)
        xticks = ticks_of(f"panel {key!r}: x", xlim, xscale, xticks)
        yticks = ticks_of(f"panel {key!r}: y", ylim, yscale, yticks)
        return cls(xlabel, ylabel, xlim, ylim, xscale, yscale, xticks, yticks, title, height)


def set_axis(axis, label, scale, limits, ticks):
    """Give a matplotlib axis its label, scale, limits and ticks."""
    axis.axes.set(**{f"{axis.axis_name}scale": scale, f"{axis.axis_name}lim": limits})
    axis.set_label_text(label)
    axis.set_major_locator(FixedLocator([place for place, _ in ticks]))
    axis.set_major_formatter(FixedFormatter([text for _, text in ticks]))
    axis.set_minor_locator(NullLocator())


def numbers(name, values, scale):
    """Return a one-dimensional array that can be drawn on an axis with this scale."""
    array = np.array(values, dtype=float)  # a copy: the table must not change afterwards
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional; got shape {array.shape}")
    check_drawable(name, array, scale)
    return array


def check_drawable(name, array, scale):
    """Refuse numbers that an axis, or a colour scale, cannot show."""
    wrong, what = ~np.isfinite(array), "finite"
    if scale == "log" and not wrong.any():
        wrong, what = array <= 0, "positive (the scale is logarithmic)"
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{name} must be {what}; {int(wrong.sum())} of {array.size} values are not, "
            f"the first is {array[first]!r} at index {first[0] if len(first) == 1 else first}"
        )


def limits_of(name, limits, scale):
    """Return a pair of floats that an axis of this scale can run between."""
    array = numbers(name, limits, scale)
    if array.size != 2 or array[0] == array[1]:
        raise ValueError(f"{name} must be two different numbers; got {limits!r}")
    return tuple(array.tolist())


def ticks_of(name, limits, scale, given):
    """Return ((place, label), ...), at most seven unless they are given."""
    if given is None:
        return _round_ticks(min(limits), max(limits), scale)
    labels = given.values() if isinstance(given, dict) else map(format_number, given)
    places = numbers(f"{name} ticks", list(given), scale)
    return tuple(zip(places.tolist(), labels, strict=True))


def _round_ticks(low, high, scale):
    """Return ticks at round numbers: whole powers of ten where there are three or more."""
    slack = 1e-9
    if scale == "linear":
        places = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        slack *= high - low
    else:
        first, last = math.ceil(math.log10(low) - slack), math.floor(math.log10(high) + slack)
        if last - first >= 2:
            exponents = range(first, last + 1, math.ceil((last - first) / 6))
            return tuple((10.0**exponent, power_of_ten(exponent)) for exponent in exponents)
        places = np.array([m * 10.0**e for e in range(first - 1, last + 1) for m in (1, 2, 5)])
        slack *= low
    inside = places[(places >= low - slack) & (places <= high + slack)].tolist()
    # A zero that is missed by rounding must still read 0.
    return tuple((place, format_number(place if abs(place) > slack else 0)) for place in inside)


def cells_extent(name, axis, centres, limits, scale):
    """Return the outer edges of evenly spaced cells, as fractions of the axis."""
    place = np.log10 if scale == "log" else np.asarray
    centres, (low, high) = place(centres), place(limits)
    steps = np.diff(centres)
    if not steps.size or steps.min() <= 0 or np.ptp(steps) > 1e-6 * abs(steps[0]):
        raise ValueError(
            f"{name}: {axis} must be at least two centres, increasing and evenly spaced "
            f"on the panel's {scale} axis"
        )
    edges = np.array([centres[0] - steps[0] / 2, centres[-1] + steps[0] / 2])
    return tuple((edges - low) / (high - low))
