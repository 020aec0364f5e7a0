"""The style sheet, and the canvas that views draw on."""

import base64
import io
import itertools
import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest
from PIL import Image

from mscore.figures import Canvas, format_number, style

SVG = "{http://www.w3.org/2000/svg}"
LOG = dict(xlabel="t", ylabel="error", xlim=(1, 1000), ylim=(1e-6, 1), xscale="log", yscale="log")
LINEAR = dict(xlabel="x", ylabel="y", xlim=(0, 10), ylim=(0, 4))


def draw(canvas, a, *, note=True):
    """One frame with a part of every kind."""
    canvas.begin()
    t = np.geomspace(1, 1000, 50)
    panel = canvas.panel("run", title="The run", **LOG)
    panel.line("train", t, 0.9 / t**a, label="train", color=0)
    panel.line("test", t, 0.5 / t**a, label="test", color=1, markers=True)
    panel.band("range", t, 0.1 / t**a, 0.9 / t**a, label="range", color=2)
    panel.vline("stop", 10 * a, label="stop")
    panel.hline("floor", 1e-4 * a)
    if note:
        panel.text("note", 20, 0.01 * a, "a < b & $c$", align="right")
    panel = canvas.panel("map", **LINEAR)
    cells = np.arange(40.0).reshape(4, 10) + a
    centres = dict(x=np.arange(10) + 0.5, y=np.arange(4) + 0.5)
    panel.cells("error", cells, vmin=1, vmax=50, label="error", log=True, **centres)
    panel.points("draws", [1, 2, 3], [a, 1, 1], label="draws", color=3)
    panel = canvas.panel("spectrum", **LINEAR)
    panel.bars("after", [0, 1, 2, 3], [a, 2, 3], label="after")
    panel.steps("before", [0, 1, 2, 3], [a / 2, 1, 1], label="before", color=1)


def svgs(canvas):
    return {panel.key: panel.svg() for panel in canvas.current()}


# Style ------------------------------------------------------------------------------------


def linear_rgb(color):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2 contrast ratio."""
    dark, light = sorted(float(linear_rgb(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x = to_xyz @ rgb / [0.9505, 1, 1.089]
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def test_contrast_of_the_palette_is_as_documented():
    rows = re.findall(r"^(\d)   \w+ +(#\w+)  (\S+) +(#\w+)  (\S+) +(\S+)$", style.__doc__, re.M)
    assert [row[1] for row in rows] == list(style.LIGHT)
    assert [row[3] for row in rows] == list(style.DARK)
    for _, light, on_white, dark, on_page, on_surface in rows:
        measured = (
            contrast(light, "#ffffff"),
            contrast(dark, "#121212"),
            contrast(dark, "#222832"),
        )
        assert min(measured) >= 4.5
        assert [f"{ratio:.2f}" for ratio in measured] == [on_white, on_page, on_surface]


def test_ink_and_axes_are_legible():
    assert contrast(style.INK, "#ffffff") >= 7
    assert contrast(style.AXIS, "#ffffff") >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_colours_differ_for_every_reader(palette, vision):
    seen = [lab(np.clip(np.array(VISION[vision]) @ linear_rgb(c), 0, 1)) for c in palette]
    gaps = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(gaps) >= 18


def test_every_colour_has_its_own_dash_and_marker():
    assert len(set(style.DASHES)) == len(set(style.MARKERS)) == len(style.LIGHT)


def test_numbers_are_written_in_unicode():
    assert format_number(np.float64(0.3 * 1e-3)) == "3·10⁻⁴"
    assert format_number(np.int64(12000)) == "12000"
    assert format_number(9.999e-4) == "10⁻³"
    assert format_number(0.0123456, 2) == "0.012"
    with pytest.raises(ValueError, match="finite number; got nan"):
        format_number(float("nan"))


# Frames -----------------------------------------------------------------------------------


def test_an_updated_canvas_and_a_fresh_one_give_the_same_svg():
    updated = Canvas()
    for a, note in ((1.0, True), (2.0, False), (1.5, True)):
        draw(updated, a, note=note)
        fresh = Canvas()
        draw(fresh, a, note=note)
        assert svgs(updated) == svgs(fresh)


def test_a_part_that_is_not_drawn_again_is_hidden():
    canvas = Canvas()
    draw(canvas, 1.0)
    draw(canvas, 1.0, note=False)
    assert "note" not in canvas.panels["run"].fragments()
    assert "note" not in [row.key for row in canvas.table()]
    assert 'data-part="run/note"' not in svgs(canvas)["run"]


def test_a_fragment_has_the_coordinates_of_its_data():
    canvas = Canvas()
    panel = canvas.panel("p", **LOG)
    panel.line("l", [1, 10, 1000], [1, 1e-3, 1e-6])
    (data,) = re.findall(r" d='M(.*?)'", panel.fragments()["l"])
    drawn = np.array(data.replace("L", " ").split(), dtype=float).reshape(-1, 2)
    box = panel.axes.get_position()
    left, right = box.x0 * 420, box.x1 * 420
    top, bottom = (1 - box.y1) * 290, (1 - box.y0) * 290
    expected = [[left, top], [left + (right - left) / 3, (top + bottom) / 2], [right, bottom]]
    np.testing.assert_allclose(drawn, expected, atol=0.051)


def test_a_heat_map_covers_its_cells():
    canvas = Canvas()
    panel = canvas.panel("p", xlabel="x", ylabel="y", xlim=(1, 1e4), ylim=(0, 4), xscale="log")
    values = [[0, 1], [1, 1], [1, 1]]
    panel.cells("c", values, x=[10, 100], y=[1, 2, 3], vmin=0, vmax=1, label="z")
    fragment = panel.fragments()["c"]
    x, y, width, height = (
        float(re.search(rf" {name}='([\d.]+)'", fragment)[1])
        for name in ("x", "y", "width", "height")
    )
    box = panel.axes.get_position()
    assert x == pytest.approx(420 * (box.x0 + box.width / 8), abs=0.06)
    assert width == pytest.approx(420 * box.width / 2, abs=0.06)
    assert y == pytest.approx(290 * (1 - box.y1 + box.height / 8), abs=0.06)
    assert height == pytest.approx(290 * box.height * 3 / 4, abs=0.06)
    # The first row of values is the lowest row of pixels, as the first y is the lowest.
    png = base64.b64decode(re.search("base64,(.*?)'", fragment)[1])
    pixels = np.array(Image.open(io.BytesIO(png)))
    assert pixels.shape == (3, 2, 3)
    assert (pixels[2, 0] != pixels[2, 1]).any() and (pixels[:2] == pixels[2, 1]).all()


def test_a_matrix_has_its_first_row_on_top():
    panel = Canvas().panel("p", xlabel="x", ylabel="y", xlim=(0.5, 2.5), ylim=(3.5, 0.5))
    values = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    panel.cells("c", values, x=[1, 2], y=[1, 2, 3], vmin=0, vmax=5, label="z")
    data = re.search("base64,([^']+)'", panel.fragments()["c"]).group(1)
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
    colors = matplotlib.colormaps[style.COLOR_MAP](values / 5)[..., :3]
    np.testing.assert_allclose(pixels / 255, colors, atol=2 / 255)


def test_svg_is_well_formed_and_has_no_ids():
    canvas = Canvas()
    draw(canvas, 1.0)
    for svg in svgs(canvas).values():
        tree = ET.fromstring(svg)
        assert not [e for e in tree.iter() if "id" in e.attrib]
        assert "url(#" not in svg and "nan" not in svg
        numbers = re.findall(r"\d+\.(\d+)", "".join(e.get("d", "") for e in tree.iter()))
        assert max(map(len, numbers)) == 1


def test_text_is_text_and_large_enough():
    canvas = Canvas()
    draw(canvas, 1.0)
    texts = list(ET.fromstring(svgs(canvas)["run"]).iter(f"{SVG}text"))
    words = [text.text for text in texts]
    assert {"t", "error", "1", "10", "10²", "10⁻⁴", "a < b & $c$"} <= set(words)
    sizes = [float(re.search(r"font-size:(\d+)px", text.get("style"))[1]) for text in texts]
    assert min(sizes) >= 10


def test_every_colour_is_a_variable_of_the_page():
    canvas = Canvas()
    draw(canvas, 1.0)
    for svg in svgs(canvas).values():
        for value in re.findall(r"(?:fill|stroke):([^;']+)", svg):
            assert value == "none" or value.startswith("var(--ms-")


def test_ticks_are_round_numbers_or_as_given():
    canvas = Canvas()
    spec = canvas.panel("a", **LINEAR | dict(xlim=(0, 0.7), yticks={0: "none", 4: "all"})).spec
    assert [label for _, label in spec.xticks] == ["0", "0.2", "0.4", "0.6"]
    assert spec.yticks == ((0.0, "none"), (4.0, "all"))
    spec = canvas.panel("b", **LOG | dict(xlim=(1, 40), ylim=(1e-14, 1), xticks=[2, 5, 40])).spec
    assert [label for _, label in spec.xticks] == ["2", "5", "40"]
    assert len(spec.yticks) <= 7 and spec.yticks[0] == (1e-14, "10⁻¹⁴")


def test_the_legend_has_a_swatch_for_every_label():
    canvas = Canvas()
    draw(canvas, 1.0)
    legends = {
        panel.key: {label: swatch for _, label, swatch in panel.legend()}
        for panel in canvas.current()
    }
    assert list(legends["run"]) == ["train", "test", "range", "stop"]
    assert "stroke-dasharray:7 3" in legends["run"]["test"]
    assert legends["map"]["draws"].count("<path") == 1
    swatches = [swatch for legend in legends.values() for swatch in legend.values()]
    assert len(set(swatches)) == len(swatches)


def test_the_table_holds_what_is_drawn():
    canvas = Canvas()
    draw(canvas, 2.0)
    rows = {(row.panel, row.key): row for row in canvas.table()}
    assert rows["run", "train"].y[0] == 0.9 and rows["run", "train"].label == "train"
    assert rows["run", "range"].y.shape == (2, 50)
    assert rows["map", "error"].z.shape == (4, 10)
    assert rows["spectrum", "after"].x.size == rows["spectrum", "after"].y.size + 1


def test_the_table_is_a_copy():
    canvas, y = Canvas(), np.ones(2)
    canvas.panel("p", **LINEAR).line("l", [0, 1], y)
    y[:] = 2
    assert canvas.table()[0].y.tolist() == [1, 1]


def test_the_users_matplotlib_is_left_alone_and_without_influence():
    canvas = Canvas()
    draw(canvas, 1.0)
    expected = svgs(canvas)
    with matplotlib.rc_context({"font.size": 30, "axes.grid": False, "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        canvas = Canvas()
        draw(canvas, 1.0)
        assert svgs(canvas) == expected
        assert dict(matplotlib.rcParams) == before


def test_a_figure_can_be_saved(tmp_path):
    canvas = Canvas()
    draw(canvas, 1.0)
    for name in canvas.panels:
        canvas.figure(name).savefig(tmp_path / "figure.png")
    with pytest.raises(ValueError, match="panel must be one of .*'run'.*; got 'walk'"):
        canvas.figure("walk")


# Bad input --------------------------------------------------------------------------------


def cells(panel, **changed):
    arguments = dict(key="c", values=np.ones((2, 2)), x=[1, 2], y=[1, 2], vmin=0, vmax=1)
    panel.cells(**arguments | dict(label="z") | changed)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda p: p.line("l", [1, 2, 3], [1, np.nan, np.inf]),
            r"panel 'p', line 'l': y must be finite; 2 of 3 values are not, the first .* index 1",
        ),
        (lambda p: p.line("l", [1, 2], [1]), "same length; got 2 and 1"),
        (lambda p: p.line("l", [[1]], [[1]]), "one-dimensional"),
        (lambda p: p.line("l", [1], [1], color=6), "color must be a number from 0 to 5"),
        (lambda p: p.line("l", [1], [1], dash=-1), "dash must be a number from 0 to 5"),
        (lambda p: p.text("t", 1, 1, "x", align="top"), "align must be left, center or right"),
        (lambda p: p.bars("b", [0, 1], [1, 2]), "one more than the 2 heights; got 2 edges"),
        (lambda p: p.bars("b", [0, 2, 1], [1, 2]), "edges must increase"),
        (lambda p: cells(p, values=np.ones((3, 2))), r"shape .* \(2, 2\); got \(3, 2\)"),
        (lambda p: cells(p, values=[[1, np.nan], [1, 1]]), r"values must be finite.*\(0, 1\)"),
        (lambda p: cells(p, log=True, values=np.zeros((2, 2))), "values must be positive"),
        (lambda p: cells(p, x=[2, 1]), "x must be .* increasing and evenly spaced"),
        (lambda p: (cells(p), cells(p, key="d")), "a panel has one heat map"),
        (lambda p: cells(p, vmax=0), r"\(vmin, vmax\) must be two different"),
        (lambda p: (p.hline("h", 1), p.hline("h", 2)), "taken by another part"),
        (
            lambda p: (cells(p), p.cells("d", [[1]], x=[1], y=[1], vmin=0, vmax=1, label="z")),
            "evenly",
        ),
        (
            lambda p: (p.line("a", [1], [1], label="a"), p.line("b", [1], [1], label="b")),
            "'b' and 'a' have the same dash and marker",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act(Canvas().panel("p", **LINEAR))


def test_logarithmic_axes_need_positive_numbers():
    panel = Canvas().panel("p", **LOG)
    with pytest.raises(ValueError, match=r"hline 'h': y must be positive \(the scale is log"):
        panel.hline("h", 0)
    with pytest.raises(ValueError, match="panel 'q': xlim must be positive"):
        Canvas().panel("q", **LOG | dict(xlim=(0, 1)))


def test_scales_are_linear_or_log():
    with pytest.raises(ValueError, match="yscale must be 'linear' or 'log'; got 'symlog'"):
        Canvas().panel("p", **LINEAR | dict(yscale="symlog"))


def test_axes_and_looks_stay_the_same():
    canvas = Canvas()
    canvas.panel("p", **LINEAR).line("l", [1], [1], label="one")
    canvas.begin()
    with pytest.raises(ValueError, match=r"panel 'p': axes stay the same.*xlim was \(0.0, 10.0\)"):
        canvas.panel("p", **LINEAR | dict(xlim=(0, 5)))
    with pytest.raises(ValueError, match="label, colour, dash and marker stay the same"):
        canvas.panel("p", **LINEAR).line("l", [1], [1], label="two")
