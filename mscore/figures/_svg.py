"""A small matplotlib backend that writes lean SVG.

matplotlib's own SVG backend writes a whole document: shared definitions with ids, clip paths,
six decimals, colours as numbers. The explorers need fragments that can be exchanged one by one
and that many figures on a page can hold without a clash. So this renderer writes each path as
one element with one decimal, no ids, and the style sheet's CSS variables for colours.
"""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from mscore.figures.style import CSS_VARIABLES, PAPER

_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_FAR = 1e5  # no coordinate leaves this range: browsers draw nothing beyond it correctly


def draw(artists, width, height, *, text_halo=False):
    """Return the SVG elements of `artists`, as one string.

    Parameters
    ----------
    artists : iterable of matplotlib.artist.Artist
        Drawn in this order.
    width, height : float
        Size of the figure, in units.
    text_halo : bool, default False
        Whether text has an outline in the colour of the page, to be legible across lines.
    """
    renderer = _SvgRenderer(width, height, text_halo)
    for artist in artists:
        artist.draw(renderer)
    return "".join(renderer.elements)


class _SvgRenderer(RendererBase):
    def __init__(self, width, height, text_halo):
        super().__init__()
        self.width, self.height, self.text_halo = width, height, text_halo
        self.to_svg = Affine2D().scale(1, -1).translate(0, height)  # SVG's y axis points down
        self.elements = []

    def get_canvas_width_height(self):
        return self.width, self.height

    def option_scale_image(self):
        return True  # images come with one pixel a cell; the page scales them

    def draw_path(self, gc, path, transform, rgbFace=None):
        filled = rgbFace is not None
        outside = None if filled else (-10, -10, self.width + 10, self.height + 10)
        path = path.cleaned(
            transform + self.to_svg,
            clip=outside,
            simplify=path.should_simplify and not filled,
            curves=True,
        )
        self._path(gc, _path_data(path), rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        places = path.cleaned(trans + self.to_svg, curves=True)
        places = places.vertices[np.isin(places.codes, (Path.MOVETO, Path.LINETO))]
        outline = _relative_outline(marker_path.transformed(marker_trans))
        self._path(gc, "".join(f"M{_number(x)} {_number(y)}{outline}" for x, y in places), rgbFace)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        anchor = "left"
        if mtext is not None:
            # Browsers have other fonts than matplotlib: anchor the text where its author put it,
            # along its direction; keep the layout's place across it.
            anchor = mtext.get_ha()
            along = np.array([np.cos(np.deg2rad(angle)), -np.sin(np.deg2rad(angle))])
            place = mtext.get_transform().transform(mtext.get_unitless_position())
            shift = (self.to_svg.transform(place) - (x, y)) @ along
            x, y = np.array([x, y]) + shift * along
        style = f"font-size:{_number(prop.get_size_in_points())}px;fill:{_color(gc.get_rgb())}"
        if anchor != "left":
            style += f";text-anchor:{_ANCHORS[anchor]}"
        if self.text_halo:
            style += f";paint-order:stroke;stroke:{CSS_VARIABLES[PAPER]};stroke-width:4"
        turn = f" transform='rotate({_number(-angle)} {_number(x)} {_number(y)})'" if angle else ""
        self.elements.append(
            f"<text x='{_number(x)}' y='{_number(y)}'{turn} style='{style}'>"
            f"{html.escape(s, quote=False)}</text>"
        )

    def draw_image(self, gc, x, y, im, transform=None):
        """Write an image whose `transform` maps its pixels to units without a rotation."""
        corners = np.array([[0, 0], im.shape[1::-1]])
        if transform is not None:
            corners = (Affine2D().scale(1 / im.shape[1], 1 / im.shape[0]) + transform).transform(
                corners
            )
        left, top = self.to_svg.transform(corners + (x, y)).min(axis=0)
        width, height = np.abs(np.diff(corners, axis=0))[0]
        file = io.BytesIO()
        Image.fromarray(im[::-1, :, :3]).save(file, format="png", optimize=True)
        data = base64.b64encode(file.getvalue()).decode("ascii")
        self.elements.append(
            f"<image x='{_number(left)}' y='{_number(top)}' width='{_number(width)}' "
            f"height='{_number(height)}' preserveAspectRatio='none' "
            f"style='image-rendering:pixelated' href='data:image/png;base64,{data}'/>"
        )

    def _path(self, gc, data, face):
        style = f"fill:{_color(face)}" if face is not None else "fill:none"
        if face is not None and len(face) == 4 and face[3] < 1:
            style += f";fill-opacity:{face[3]:.3g}"
        if gc.get_linewidth() > 0:
            style += f";stroke:{_color(gc.get_rgb())};stroke-width:{gc.get_linewidth():.3g}"
            dashes = gc.get_dashes()[1]
            if dashes:
                style += ";stroke-dasharray:" + " ".join(f"{length:.3g}" for length in dashes)
        if data:
            self.elements.append(f"<path style='{style}' d='{data}'/>")


def _color(rgb):
    value = to_hex(rgb[:3])
    return CSS_VARIABLES.get(value, value)


def _number(value):
    """Write a coordinate with at most one decimal."""
    return f"{round(float(value), 1):g}"


def _path_data(path):
    """Write a cleaned path, in SVG's units, as the `d` of a path element."""
    vertices = np.clip(path.vertices, -_FAR, _FAR).tolist()
    pieces, previous = [], None
    for code, (x, y) in zip(path.codes.tolist(), vertices, strict=True):
        if code == Path.STOP:
            break
        if code == Path.CLOSEPOLY:
            letter, point = "z", ""
        else:
            # A letter stands for all points of one kind that follow it.
            letter = "" if code == previous and code != Path.MOVETO else _LETTERS[code]
            point = f"{_number(x)} {_number(y)}"
        pieces.append((letter or " ") + point)
        previous = code
    return "".join(pieces)


def _relative_outline(marker):
    """Write the outline of a marker or a tick, relative to its centre."""
    marker = marker.cleaned(curves=True)
    if Path.CURVE4 in marker.codes:  # the style's one curved marker is the disc
        radius = _number(marker.get_extents().width / 2)
        arc = f"a{radius} {radius} 0 1 0 "
        diameter = _number(2 * float(radius))
        return f"m-{radius} 0{arc}{diameter} 0{arc}-{diameter} 0z"
    drawn = np.isin(marker.codes, (Path.MOVETO, Path.LINETO))
    # Whole tenths, so that rounding does not build up along the outline; y points down.
    points = np.round(marker.vertices[drawn] * (10, -10)) / 10
    start, *steps = (f"{_number(x)} {_number(y)}" for x, y in np.diff(points, axis=0, prepend=0))
    return f"m{start}l{' '.join(steps)}" + ("z" if Path.CLOSEPOLY in marker.codes else "")
