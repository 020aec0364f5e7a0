"""The canvas a view draws on: panels whose parts have names and can be drawn again in place.

A view calls `canvas.panel(...)` and then `panel.line(...)`, `panel.points(...)` and so on. The
first call with a name creates the part; a later call updates its data. So a canvas can show one
frame after another, each at the cost of its data alone: axes, ticks and legend stay as they are.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle, StepPatch
from matplotlib.patheffects import withStroke

from mscore.figures import _svg
from mscore.figures._axes import (
    AxesSpec,
    cells_extent,
    check_drawable,
    limits_of,
    numbers,
    set_axis,
    ticks_of,
)
from mscore.figures.style import (
    COLOR_MAP,
    DASHES,
    FONT,
    INK,
    LINE_WIDTH,
    MARKER_SIZE,
    MARKERS,
    PAPER,
    THIN,
    TICK_SIZE,
    book_style,
    color_of,
)

WIDTH = 420  # of every panel, in units: two stand side by side in the book's column
_LEVELS = ("cells", "band", "bars", "steps", "vline", "hline", "line", "points", "text")


@dataclass(frozen=True)
class Row:
    """What one part of a frame shows.

    Attributes
    ----------
    panel, key, kind : str
        Names of the panel and of the part, and what it is ("line", "cells", ...).
    label : str or None
        Its entry in the legend; the words of a text; the title of a colour bar.
    x, y : numpy.ndarray
        The numbers drawn. A band's `y` has shape (2, len(x)); a histogram's `x` are its edges.
    z : numpy.ndarray or None
        The values of a heat map, shape (len(y), len(x)).
    """

    panel: str
    key: str
    kind: str
    label: str | None
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray | None = None


@dataclass(frozen=True)
class Look:
    """What stays the same about a part from frame to frame; the legend's swatch shows it."""

    kind: str
    label: str | None
    color: str = INK
    dash: tuple = ()
    marker: str | None = None


class Canvas:
    """Named panels, each a matplotlib figure with one pair of axes.

    Examples
    --------
    >>> canvas = Canvas()
    >>> panel = canvas.panel("e", xlabel="t", ylabel="error", xlim=(0, 2), ylim=(1e-3, 1),
    ...                      yscale="log")
    >>> panel.line("test", [0, 1, 2], [1, 0.1, 0.01], label="test error")
    >>> canvas.table()[0].y.tolist()
    [1.0, 0.1, 0.01]
    >>> canvas.figure("e").savefig("error.pdf")  # doctest: +SKIP
    """

    def __init__(self):
        self.panels = {}
        self._current = []

    def begin(self):
        """Start a new frame: every part is hidden until it is drawn again."""
        self._current = []
        for panel in self.panels.values():
            panel._begin()

    def panel(self, key, *, title=None, height=290, **axes):
        """Return the panel called `key`, made at the first call.

        Parameters
        ----------
        key : str
            Name of the panel.
        xlabel, ylabel : str
            What the axes show.
        xlim, ylim : tuple of float
            Their limits, the same in every frame.
        xscale, yscale : {"linear", "log"}, default "linear"
        xticks, yticks : sequence of float or dict of float to str, optional
            Places of the ticks, or places and their labels. By default a few round numbers.
        title : str, optional
            A heading above the panel.
        height : float, default 290
            In units; every panel is 420 units wide.

        Returns
        -------
        Panel

        Raises
        ------
        ValueError
            If limits are not finite and distinct (positive on a log axis), a scale is unknown,
            or a later frame asks for other axes than the first.
        """
        spec = AxesSpec.checked(key, title=title, height=height, **axes)
        panel = self.panels.get(key)
        if panel is None:
            panel = self.panels[key] = Panel(key, spec)
        elif panel.spec != spec:
            changed = [f for f in spec.__dict__ if getattr(spec, f) != getattr(panel.spec, f)]
            raise ValueError(
                f"panel {key!r}: axes stay the same in every frame, but these changed: "
                + "; ".join(
                    f"{f} was {getattr(panel.spec, f)!r}, now {getattr(spec, f)!r}" for f in changed
                )
            )
        if key not in self._current:
            self._current.append(key)
        return panel

    def current(self):
        """Return the panels drawn in this frame, in order."""
        return [self.panels[key] for key in self._current]

    def figure(self, key):
        """Return the matplotlib figure of a panel, for instance to save it."""
        if key not in self.panels:
            raise ValueError(f"panel must be one of {list(self.panels)}; got {key!r}")
        return self.panels[key].figure

    def table(self):
        """Return a list of `Row`: the numbers in every part of this frame."""
        return [row for panel in self.current() for row in panel.rows()]


class Panel:
    """One pair of axes with named parts; made by `Canvas.panel`.

    Every drawing method takes the part's name first. `label` is its entry in the legend; without
    one it has none. `color` is a number from 0 to 5 or "ink"; dash and marker follow it unless
    given. Values beyond the axes' limits are cut off by the axes.

    Every method raises a ValueError that names panel and part if numbers are not finite, or not
    positive on a log axis (clip them yourself where that is meant); if lengths do not match; if
    the name is taken in this frame; if the look of the part has changed since the first frame;
    and if two labels would have the same dash and marker.
    """

    def __init__(self, key, spec):
        self.key, self.spec = key, spec
        self._parts, self._looks, self._rows = {}, {}, {}  # by name; rows: of this frame
        self._base = self._color_bar = None
        with book_style():
            self.figure = Figure(figsize=(WIDTH / 72, spec.height / 72))
            self.axes = self.figure.add_axes(self._box())
            set_axis(self.axes.xaxis, spec.xlabel, spec.xscale, spec.xlim, spec.xticks)
            set_axis(self.axes.yaxis, spec.ylabel, spec.yscale, spec.ylim, spec.yticks)

    # Parts --------------------------------------------------------------------------------

    def line(self, key, x, y, *, label=None, color=0, dash=None, markers=False):
        """Draw a line through points in the given order.

        Parameters
        ----------
        key : str
            Name of the part.
        x, y : array_like, shape (p,)
        label : str, optional
        color : int or "ink", default 0
        dash : int, optional
            Number of the dash pattern; by default that of the colour.
        markers : bool, default False
            Whether each point is marked as well.
        """
        look = self._look("line", label, color, dash, markers)
        x, y = self._numbers(key, "line", x, y)
        row = Row(self.key, key, "line", label, x, y)
        self._part(key, look, row, self._new_line).set_data(x, y)

    def points(self, key, x, y, *, label=None, color=0):
        """Mark points, shape (p,) each, without joining them."""
        look = self._look("points", label, color, None, True)
        x, y = self._numbers(key, "points", x, y)
        row = Row(self.key, key, "points", label, x, y)
        self._part(key, look, row, self._new_line).set_data(x, y)

    def vline(self, key, x, *, label=None, color="ink", dash=2):
        """Draw a thin vertical line across the panel at `x`."""
        look = self._look("vline", label, color, dash)
        (x,) = self._numbers(key, look.kind, x=[x])
        row = Row(self.key, key, "vline", label, x, np.array(self.spec.ylim))
        self._part(key, look, row, self._new_line).set_data([x[0], x[0]], [0, 1])

    def hline(self, key, y, *, label=None, color="ink", dash=2):
        """Draw a thin horizontal line across the panel at `y`."""
        look = self._look("hline", label, color, dash)
        (y,) = self._numbers(key, look.kind, y=[y])
        row = Row(self.key, key, "hline", label, np.array(self.spec.xlim), y)
        self._part(key, look, row, self._new_line).set_data([0, 1], [y[0], y[0]])

    def band(self, key, x, low, high, *, label=None, color=0):
        """Shade the region between `low` and `high`, shape (p,) each."""
        look = self._look("band", label, color, 0)
        x, low = self._numbers(key, look.kind, x, low)
        x, high = self._numbers(key, look.kind, x, high)
        row = Row(self.key, key, "band", label, x, np.stack([low, high]))
        outline = np.column_stack([np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])])
        self._part(key, look, row, self._new_band).set_xy(outline)

    def bars(self, key, edges, heights, *, label=None, color=0):
        """Draw a histogram as filled steps.

        Parameters
        ----------
        key : str
            Name of the part.
        edges : array_like, shape (p + 1,)
            Increasing; keep them the same in every frame, or bars cannot be compared.
        heights : array_like, shape (p,)
        label : str, optional
        color : int or "ink", default 0
        """
        self._histogram("bars", key, edges, heights, label, color, 0)

    def steps(self, key, edges, heights, *, label=None, color=0, dash=None):
        """Draw a histogram as an outline; arguments as for `bars`."""
        self._histogram("steps", key, edges, heights, label, color, dash)

    def text(self, key, x, y, text, *, color="ink", align="left"):
        """Write one line of text with its baseline at a point; `align` is left, center or right."""
        if align not in ("left", "center", "right"):
            raise ValueError(f"align must be left, center or right; got {align!r}")
        look = Look("text", None, color_of(color), marker=align)
        x, y = self._numbers(key, "text", [x], [y])
        part = self._part(key, look, Row(self.key, key, "text", text, x, y), self._new_text)
        part.set(x=x[0], y=y[0], text=text)

    def cells(self, key, values, *, x, y, vmin, vmax, label, log=False):
        """Draw a heat map with its colour bar; lines drawn after it have a light edge.

        Parameters
        ----------
        key : str
            Name of the part.
        values : array_like, shape (len(y), len(x))
            Values beyond `vmin` and `vmax` have the colour of the nearer end.
        x, y : array_like
            Centres of the cells, increasing and evenly spaced on the panel's axes. For a matrix
            give the panel limits that run down, as in ``ylim=(n + 0.5, 0.5)``.
        vmin, vmax : float
            Ends of the colour scale, the same in every frame.
        label : str
            What the colours show.
        log : bool, default False
            Whether the colour scale is logarithmic.
        """
        name = self._name(key, "cells")
        x, y = self._numbers(key, "cells", x=x)[0], self._numbers(key, "cells", y=y)[0]
        values = np.array(values, dtype=float)
        if values.shape != (y.size, x.size):
            raise ValueError(
                f"{name}: values must have shape (len(y), len(x)) = {(y.size, x.size)}; "
                f"got {values.shape}"
            )
        scale = "log" if log else "linear"
        check_drawable(f"{name}: values", values, scale)
        limits = limits_of(f"{name}: (vmin, vmax)", (vmin, vmax), scale)
        extent = (
            *cells_extent(name, "x", x, self.spec.xlim, self.spec.xscale),
            *cells_extent(name, "y", y, self.spec.ylim, self.spec.yscale),
        )
        look = Look("cells", None, marker=(label, *limits, scale))
        row = Row(self.key, key, "cells", label, x, y, values)
        image = self._part(key, look, row, self._new_cells)
        # An axis that is turned round turns the image, which itself always starts bottom left.
        left, right, bottom, top = extent
        turned = values[:: -1 if bottom > top else 1, :: -1 if left > right else 1]
        image.set_data(turned)
        image.set_extent((min(left, right), max(left, right), min(bottom, top), max(bottom, top)))

    def _histogram(self, kind, key, edges, heights, label, color, dash):
        look = self._look(kind, label, color, dash)
        name = self._name(key, kind)
        (edges,) = self._numbers(key, kind, x=edges)
        (heights,) = self._numbers(key, kind, y=heights)
        if edges.size != heights.size + 1 or np.any(np.diff(edges) <= 0):
            raise ValueError(
                f"{name}: edges must increase, and be one more than the {heights.size} heights; "
                f"got {edges.size} edges"
            )
        row = Row(self.key, key, kind, label, edges, heights)
        self._part(key, look, row, self._new_histogram).set_data(heights, edges)

    # What a frame shows -------------------------------------------------------------------

    def rows(self):
        """Return the `Row` of every part in this frame."""
        return list(self._rows.values())

    def legend(self):
        """Return the (name, label, swatch as SVG) of every part that has a label."""
        return [
            (key, look.label, _swatch(look))
            for key, look in self._looks.items()
            if look.label is not None
        ]

    def keys(self):
        """Return the names of all parts drawn so far, in the order in which they are painted."""
        return sorted(self._looks, key=self._level)

    def fragments(self):
        """Return the SVG elements of each part in this frame, by name."""
        return {key: self.fragment(key) for key in self._rows}

    def fragment(self, key):
        """Return the SVG elements of one part; "" if this frame lacks it."""
        shown = [self._parts[key]] if key in self._rows else []
        return _svg.draw(shown, WIDTH, self.spec.height, text_halo=True)

    def erase(self, key):
        """Take a part out of this frame, if it is there, so that it can be drawn again."""
        if self._rows.pop(key, None) is not None:
            self._parts[key].set_visible(False)

    def svg(self, fragments=None):
        """Return the panel as an SVG element.

        Parameters
        ----------
        fragments : dict of str to str, optional
            SVG elements by name of the part, as `fragments` returns; by default this frame's.

        Returns
        -------
        str
        """
        fragments = self.fragments() if fragments is None else fragments
        self._base = self._base or self._draw_axes()
        size = np.array([WIDTH, self.spec.height])
        (left, bottom), extent = self._box()[:2] * size, self._box()[2:] * size
        # An inner <svg> cuts what leaves the axes; a clip path would need an id in the page.
        x, y, width, height = (f"{v:.1f}" for v in (left, size[1] - bottom - extent[1], *extent))
        inside, above = [], []
        for key in sorted(fragments, key=self._level):
            target = above if self._looks[key].kind == "text" else inside
            name = html.escape(part_name(self.key, key))
            target.append(f'<g data-part="{name}">{fragments[key]}</g>')
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="ms-svg" width="{WIDTH}" '
            f'height="{self.spec.height}" viewBox="0 0 {WIDTH} {self.spec.height}" '
            f'style="font-family:{FONT}" aria-hidden="true" focusable="false">{self._base}'
            f'<svg x="{x}" y="{y}" width="{width}" height="{height}" '
            f'viewBox="{x} {y} {width} {height}" overflow="hidden">{"".join(inside)}</svg>'
            f"{''.join(above)}</svg>"
        )

    # Private ------------------------------------------------------------------------------

    def _begin(self):
        self._rows = {}
        for artist in self._parts.values():
            artist.set_visible(False)

    def _look(self, kind, label, color, dash, marked=False):
        """Return the `Look` of a line, marker or area; `dash` None means that of the colour."""
        number = 0 if color == "ink" else color
        value = color_of(color)
        dash = number if dash is None else dash
        if dash not in range(len(DASHES)):
            raise ValueError(f"dash must be a number from 0 to {len(DASHES) - 1}; got {dash!r}")
        dash = () if kind == "points" else DASHES[dash]
        return Look(kind, label, value, dash, MARKERS[number] if marked else None)

    def _level(self, key):
        return _LEVELS.index(self._looks[key].kind)

    def _box(self):
        """Return left, bottom, width and height of the axes as fractions of the figure."""
        left = 34 + 7 * max(len(label) for _, label in self.spec.yticks)
        right = 84 if any(look.kind == "cells" for look in self._looks.values()) else 20
        bottom, top = 46, 10
        size = np.array([WIDTH, self.spec.height] * 2)
        return np.array([left, bottom, WIDTH - left - right, size[1] - bottom - top]) / size

    def _draw_axes(self):
        """Return the SVG elements of everything but the parts."""
        visible = {key: artist.get_visible() for key, artist in self._parts.items()}
        for artist in self._parts.values():
            artist.set_visible(False)
        elements = _svg.draw([self.figure], WIDTH, self.spec.height)
        for key, artist in self._parts.items():
            artist.set_visible(visible[key])
        return elements

    def _name(self, key, kind):
        return f"panel {self.key!r}, {kind} {key!r}"

    def _numbers(self, key, kind, x=None, y=None):
        """Return the coordinates that are given as checked arrays of one length."""
        arrays = []
        for axis, values in (("x", x), ("y", y)):
            if values is not None:
                scale = self.spec.xscale if axis == "x" else self.spec.yscale
                arrays.append(numbers(f"{self._name(key, kind)}: {axis}", values, scale))
        if len({len(array) for array in arrays}) > 1:
            raise ValueError(
                f"{self._name(key, kind)}: x and y must have the same length; "
                f"got {len(arrays[0])} and {len(arrays[1])}"
            )
        return arrays

    def _part(self, key, look, row, new):
        """Return the artist called `key`, made by `new(look)` at the first call."""
        name = self._name(key, look.kind)
        if key in self._rows:
            raise ValueError(f"{name}: this name is taken by another part of the same frame")
        if look.kind == "cells" and self._color_bar is not None and key not in self._looks:
            raise ValueError(f"{name}: a panel has one heat map, since it has one colour bar")
        known = self._looks.get(key)
        if known is None:
            self._check_distinct(name, look)
            with book_style():
                artist = new(look)
            artist.set_zorder(2 + _LEVELS.index(look.kind) / 100)
            self._looks[key], self._parts[key] = look, artist
            if look.kind == "cells":
                self._add_color_bar(look)
        elif known != look:
            raise ValueError(
                f"{name}: label, colour, dash and marker stay the same in every frame; "
                f"was {known}, now {look}"
            )
        self._rows[key] = row
        self._parts[key].set_visible(True)
        return self._parts[key]

    def _labelled(self):
        return [look for look in self._looks.values() if look.label is not None]

    def _check_distinct(self, name, look):
        """Refuse two entries of the legend that only colour tells apart."""
        for other in self._labelled() if look.label is not None else ():
            if (other.kind, other.dash, other.marker) == (look.kind, look.dash, look.marker):
                raise ValueError(
                    f"{name}: {look.label!r} and {other.label!r} have the same dash and marker; "
                    "give one another dash or colour number"
                )

    def _new_line(self, look):
        line = Line2D([], [], **_line_style(look))
        if look.kind == "vline":
            line.set_transform(self.axes.get_xaxis_transform())
        if look.kind == "hline":
            line.set_transform(self.axes.get_yaxis_transform())
        if self._color_bar is not None:  # on a heat map no ink is legible everywhere
            halo = withStroke(linewidth=line.get_linewidth() + 3, foreground=PAPER)
            line.set_path_effects([halo])
        return self.axes.add_line(line)

    def _new_band(self, look):
        return self.axes.add_patch(Polygon(np.zeros((1, 2)), **_area_style(look)))

    def _new_histogram(self, look):
        baseline = self.spec.ylim[0] if self.spec.yscale == "log" else 0
        steps = StepPatch([], [0], baseline=baseline, **_area_style(look))
        return self.axes.add_patch(steps)

    def _new_text(self, look):
        return self.axes.text(0, 0, "", color=look.color, fontsize=TICK_SIZE, ha=look.marker)

    def _new_cells(self, look):
        _, vmin, vmax, scale = look.marker
        return self.axes.add_image(
            AxesImage(
                self.axes,
                cmap=COLOR_MAP,
                norm=LogNorm(vmin, vmax) if scale == "log" else Normalize(vmin, vmax),
                interpolation="none",  # one pixel a cell
                origin="lower",
                transform=self.axes.transAxes,
            )
        )

    def _add_color_bar(self, look):
        label, vmin, vmax, scale = look.marker
        self.axes.grid(False)
        self.axes.set_position(self._box())
        left, bottom, width, height = self._box()
        with book_style():
            bar = self.figure.add_axes([left + width + 12 / WIDTH, bottom, 14 / WIDTH, height])
            limits = (vmin, vmax)
            set_axis(bar.yaxis, label, scale, limits, ticks_of("colour bar", limits, scale, None))
            bar.yaxis.set_ticks_position("right")
            bar.yaxis.set_label_position("right")
            bar.xaxis.set_visible(False)
            bar.grid(False)
            bar.spines[:].set_visible(False)
            image = AxesImage(
                bar,
                cmap=COLOR_MAP,
                interpolation="none",
                origin="lower",
                extent=(0, 1, 0, 1),
                transform=bar.transAxes,
            )
            image.set_data(np.linspace(0, 1, 128)[:, None])
            bar.add_image(image)
        self._color_bar, self._base = bar, None


def part_name(panel, key):
    """Return the name under which the page knows a part."""
    return f"{panel}/{key}"


def _line_style(look):
    dash = (0, look.dash) if look.dash else "-"
    return {
        "color": look.color,
        "linewidth": THIN if look.kind in ("vline", "hline") else LINE_WIDTH,
        "linestyle": "none" if look.kind == "points" else dash,
        "marker": look.marker or "none",
        "markersize": MARKER_SIZE,
        "markeredgewidth": 0,
    }


def _area_style(look):
    return {
        "fill": look.kind != "steps",
        "facecolor": (*to_rgb(look.color), 0.25),
        "edgecolor": look.color,
        "linewidth": {"band": 0, "bars": THIN, "steps": LINE_WIDTH}[look.kind],
        "linestyle": (0, look.dash) if look.dash else "-",
    }


def _swatch(look):
    """Return a small picture of a part as an SVG element, for the legend."""
    width, height = 36, 14
    with book_style():
        if look.kind in ("band", "bars", "steps"):
            sample = Rectangle((3, 2), width - 6, height - 4, **_area_style(look))
        else:
            x, y = [2, width / 2, width - 2], [height / 2] * 3
            if look.kind == "points":
                x, y = x[1:2], y[1:2]
            if look.kind == "vline":
                x, y = [width / 2] * 3, [0, height / 2, height]
            sample = Line2D(x, y, **_line_style(look))
            sample.set_markevery([len(x) // 2])
    return (
        f'<svg class="ms-swatch" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">'
        f"{_svg.draw([sample], width, height)}</svg>"
    )
