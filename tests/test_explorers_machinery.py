"""What turns a view into an explorer: grids, the static page, the widgets."""

import asyncio
import functools
import importlib.util
import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from mscore.explorers import ASSETS, Explorer, _live, _numbers, explore, lin_grid, log_grid, show
from mscore.figures import Canvas, format_number, style
from mscore.figures import spectral_phase as views

WIDGET = "application/vnd.jupyter.widget-view+json"


def decay(canvas, *, rate, mode="both", draw=0):
    """How "fast" <things> decay.

    More than a title.
    """
    if draw == 13:
        raise RuntimeError("draw <13> is unlucky")
    t = np.linspace(0, 2, 5)
    panel = canvas.panel("decay", xlabel="t", ylabel="y", xlim=(0, 2), ylim=(0, 1))
    panel.line("fast", t, np.exp(-2 * rate * t), label="fast")
    if mode != "fast":
        panel.line("slow", t, np.exp(-rate * t), label="slow", color=1)
    panel.text("rate", 1, 0.9, f"draw {draw}")
    end = canvas.panel("end", title="End", xlabel="r", ylabel="y", xlim=(0, 9), ylim=(0, 1))
    end.points("end", [rate], [np.exp(-2 * rate)], color=2)
    return f"At rate {format_number(rate)}, {mode}, draw {draw}: ends at {np.exp(-2 * rate):.3f}."


@pytest.fixture
def static(monkeypatch):
    monkeypatch.setenv("MSCORE_RENDER", "static")


def page(explorer):
    return explorer._repr_mimebundle_()["text/html"]


def data(html, name="ms-data"):
    return json.loads(re.search(rf'class="{name}">(.*?)</script>', html, re.S)[1])


class _Elements(HTMLParser):
    """Collects elements as dicts: attributes, tag, parents and first text."""

    VOID = ("input", "path", "image")

    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append(dict(attrs) | {"tag": tag, "parents": list(self.open), "text": ""})
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag  # well nested

    def handle_data(self, text):
        self.found[-1]["text"] += text


def parse(html):
    parser = _Elements()
    parser.feed(html)
    assert not parser.open
    return parser.found


# Grids ------------------------------------------------------------------------------------


def test_grids_have_round_values_in_the_order_of_the_slider():
    assert log_grid(1, 1e-7, 8).values == (1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
    assert lin_grid(0, 1, 11).values[3] == 0.3
    assert lin_grid(1, 5, 9, integer=True).values == (1, 2, 3, 4, 5)
    assert all(type(v) is int for v in log_grid(1, 1000, 4, integer=True).values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: log_grid(0, 1, 3), "must be positive on a log grid"),
        (lambda: lin_grid(1, 1, 3), "finite and different"),
        (lambda: lin_grid(0, np.inf, 3), "finite and different"),
        (lambda: lin_grid(0, 1, 1), "num must be a whole number, at least 2; got 1"),
        (lambda: lin_grid(0, 1, 2.5), "num must be a whole number"),
    ],
)
def test_impossible_grids_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# What explore accepts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(rat=[1]), "'decay' has no parameter 'rat'; it has rate, mode, draw; .*'rate'"),
        (dict(mode=["both"]), "needs values of rate as well"),
        (dict(rate=[]), "rate must have at least one value"),
        (dict(rate=3), "rate must be a list of values.*functools.partial"),
        (dict(rate=[1, 1.0001]), "rate has values that read the same: 1"),
        (dict(rate=[1, None]), "rate must have numbers or strings as values; got None"),
        (dict(rate=[1, np.nan]), "finite number; got nan"),
        (dict(rate=lin_grid(1, 2, 21), draw=range(20, 40)), "at most 400 .* 21 x 20 = 420"),
        (dict(rate=[1, 2], start=dict(rate=3)), "start: rate must be one of 1, 2; got 3"),
        (dict(rate=[1, 2], start=dict(draw=3)), "start must name explored .* got 'draw'"),
        (dict(rate=[1, 2], compare=dict(rate=3)), "compare: rate must be one of 1, 2; got 3"),
        (dict(rate=[1, 2], compare=dict(draw=3)), "compare must name explored .* got 'draw'"),
        (dict(rate=[1], draw=[13]), "'decay' at rate=1, draw=13 failed: RuntimeError: draw <13>"),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore(decay, **arguments)


def test_views_must_describe_what_they_draw():
    def silent(canvas, *, a):
        "A title."
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))

    def empty(canvas, *, a):
        "A title."
        return "Nothing."

    def untitled(canvas, *, a):
        return "Nothing."

    with pytest.raises(ValueError, match=r"'silent' at a=1 must return a description .* got None"):
        explore(silent, a=[1])
    with pytest.raises(ValueError, match="'empty' at a=1 must draw at least one panel"):
        explore(empty, a=[1])
    with pytest.raises(ValueError, match="'untitled' must have a docstring"):
        explore(untitled, a=[1])
    with pytest.raises(ValueError, match="view must be a function"):
        explore("decay", a=[1])


def test_an_error_names_constants_that_are_bound():
    with pytest.raises(ValueError, match="at draw=13, rate=1 failed"):
        explore(functools.partial(decay, draw=13), rate=[1])
    with pytest.raises(ValueError, match="at rate=1, draw=13 failed"):
        show(decay, rate=1, draw=13)


def test_a_failing_frame_fails_the_static_page(static):
    with pytest.raises(ValueError, match="at rate=1, draw=13 failed"):
        explore(decay, rate=[1, 2], draw=[1, 13])


# Frames -----------------------------------------------------------------------------------


def test_frames_walk_the_grid_in_order():
    explorer = explore(decay, rate=[1, 2], mode=["fast", "both"])
    frames = list(explorer.frames())
    assert [tuple(frame.values.values()) for frame in frames] == [
        (1, "fast"), (1, "both"), (2, "fast"), (2, "both"),
    ]  # fmt: skip
    for frame in frames:
        (end,) = (row.y[0] for row in frame.table if row.key == "end")
        assert f"ends at {end:.3f}" in frame.description
        assert list(frame.svgs) == ["decay", "end"]


def test_frames_exist_between_the_values_of_the_grid():
    explorer = explore(decay, rate=log_grid(1, 4, 3), start=dict(rate=2))
    assert explorer.frame().values == {"rate": 2}
    assert explorer.frame(rate=1.5).description.startswith("At rate 1.5")


# As Python --------------------------------------------------------------------------------


def test_code_shows_a_frame_again():
    bound = functools.partial(views.starts_compared, draw=2)
    explorer = explore(views.handover, m=[200, 400], draw=[0, 1])
    for made, values in ((explorer, {"m": 400, "draw": 1}), (show(bound), {})):
        *imports, call = made.code(**values).splitlines()
        names = {}
        exec("\n".join(imports), names)
        assert eval(call, names).frame().description == made.frame(**values).description


def test_code_is_not_offered_where_no_kernel_could_run_it(static):
    def view(canvas, *, a):
        "A title."
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return "Nothing."

    array = functools.partial(decay, draw=np.array([1]))
    for explorer in (explore(view, a=[1, 2]), explore(array, rate=[1, 2])):
        assert explorer.code() is None
        assert data(page(explorer))["code"] is None
        assert "Copy as Python" not in page(explorer)


def test_the_page_has_the_code_of_every_frame(static):
    bound = functools.partial(decay, draw=3)
    explorer = explore(bound, rate=log_grid(1, 1e-7, 3), mode=["it's", 'a "mode"'])
    html = page(explorer)
    assert "Copy as Python" in html
    parameters = data(html)["parameters"]
    for values in explorer.combinations():
        lines = "\n".join(data(html)["code"])
        for parameter in parameters:
            literal = parameter["literals"][parameter["values"].index(values[parameter["name"]])]
            lines = lines.replace(f"{{{parameter['name']}}}", literal)
        assert lines == explorer.code(**values)


# Static page ------------------------------------------------------------------------------


def test_the_page_holds_every_frame(static):
    explorer = explore(decay, rate=[1, 2, 3], mode=["fast", "both"], start=dict(rate=2))
    html = page(explorer)
    found = data(html)
    places = dict(re.findall(r'<g data-part="(.*?)">(.*?)</g>', html))
    rate, mode = found["parameters"]
    assert rate == {
        "name": "rate", "label": "rate", "values": [1, 2, 3], "texts": ["1", "2", "3"],
        "literals": ["1", "2", "3"], "start": 1, "time": False,
    }  # fmt: skip
    assert mode["values"] == mode["texts"] == ["fast", "both"] and mode["start"] == 0
    for frame, numbers, description in zip(
        explorer.frames(), found["frames"], found["descriptions"], strict=True
    ):
        assert description == frame.description
        fragments = dict(zip(found["parts"], (found["fragments"][n] for n in numbers), strict=True))
        for svg in frame.svgs.values():
            for name, content in re.findall(r'<g data-part="(.*?)">(.*?)</g>', svg):
                # What stays the same stands in the page alone.
                assert content == fragments.pop(name, places[name])
        assert not any(fragments.values())  # what this frame lacks is empty
    assert (
        set(found["parts"])
        == {"decay/fast", "decay/slow", "end/end"}
        == set(places) - {"decay/rate"}
    )
    # The frame in the page is the start's, with a place for every part.
    assert places["decay/slow"] == ""
    assert explorer.frame().description in html


def test_equal_fragments_are_stored_once(static):
    found = data(page(explore(decay, rate=[1, 2], draw=range(5))))
    assert len(found["fragments"]) == len(set(found["fragments"])) == 2 * 3 + 5


def test_the_page_holds_the_numbers_of_every_frame(static):
    explorer = explore(decay, rate=[1, 2], mode=["fast", "both"])
    found = data(page(explorer), "ms-numbers")
    assert found["columns"] == ["x", "y"]
    assert found["panels"][1] == {
        "name": "end",
        "title": "End",
        "x": "r",
        "y": "y",
        "y_limits": [0, 1],
        "y_log": False,
    }
    for frame, parts in zip(explorer.frames(), found["frames"], strict=True):
        assert len(parts) == len(frame.table)
        for (part, *places), row in zip(parts, frame.table, strict=True):
            panel, *names = found["parts"][part]
            known = [found["panels"][panel]["name"], *names]
            assert known == [row.panel, row.key, row.label, row.kind]
            x, y = (found["arrays"][place] for place in places)
            np.testing.assert_array_equal(x, row.x)
            np.testing.assert_allclose(y, row.y, rtol=5e-4)
    assert found["arrays"].count([0, 0.5, 1, 1.5, 2]) == 1


def test_every_kind_of_part_has_columns_of_one_length():
    panel = Canvas().panel("p", xlabel="x", ylabel="y", xlim=(0, 9), ylim=(0, 9))
    panel.band("band", [1, 2], [3, 4], [5, 6])
    panel.bars("bars", [0, 1, 2], [7, 8])
    panel.vline("v", 5)
    panel.hline("h", 6)
    panel.text("text", 1, 2, "words")
    panel.cells("cells", [[1, 2, 3], [4, 5, 6]], x=[1, 5, 9], y=[2, 7], vmin=0, vmax=9, label="z")
    found = [
        {name: values.tolist() for name, values in _numbers.columns(row).items()}
        for row in panel.rows()
    ]
    assert found == [
        {"x": [1, 2], "y": [3, 4], "y_to": [5, 6]},
        {"x": [0, 1], "x_to": [1, 2], "y": [7, 8]},
        {"x": [5]},
        {"y": [6]},
        {"x": [1], "y": [2]},
        {"x": [1, 5, 9] * 2, "y": [2] * 3 + [7] * 3, "z": [1, 2, 3, 4, 5, 6]},
    ]


def test_numbers_have_four_digits_and_whole_ones_stay_whole(static):
    def view(canvas, *, a):
        "A title."
        panel = canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1e6), ylim=(0, 1))
        panel.line("y", [0, 123456], [1.23456e-5, 0.98765])
        return "Nothing."

    arrays = data(page(show(view, a=1)), "ms-numbers")["arrays"]
    assert arrays == [[0, 123456], [1.235e-5, 0.9877]]


def test_the_page_is_accessible_without_a_script(static):
    explorer = explore(
        decay,
        rate=lin_grid(1, 3, 5),
        mode=["fast", "both"],
    )
    html = page(explorer)
    elements = parse(html)
    (panels,) = (e for e in elements if e.get("role") == "img")
    assert panels["aria-label"] == f'How "fast" <things> decay. {explorer.frame().description}'
    (slider,) = (e for e in elements if e.get("type") == "range")
    assert slider["parents"][-1] == "label" and slider["aria-valuetext"] == "1"
    words = [e["text"] for e in elements if e["tag"] in ("span", "legend")]
    assert words[:5] == ["rate", "1", "mode", "fast", "both"]
    assert [e["tag"] for e in elements if e.get("aria-live") == "polite"] == ["p"]
    assert [e["tag"] for e in elements if e.get("role") == "status"] == ["p"]
    assert not [e for e in elements if "id" in e]  # two on a page cannot clash
    assert '<form class="ms-controls" autocomplete="off" hidden>' in html
    tools = [e for e in elements if e.get("class") == "ms-tools"]
    assert tools and all("hidden" in e for e in tools)  # buttons too work with the script alone
    assert '<details class="ms-details" open>' in html
    assert "It is shown at rate = 1, mode = fast." in html


def test_two_settings_stand_beside_each_other_without_a_script(static):
    explorer = explore(
        decay, rate=[1, 2, 3], mode=["fast", "both"], start={"rate": 3}, compare={"rate": 2}
    )
    html = page(explorer)
    elements = parse(html)
    panels = [e["aria-label"] for e in elements if e.get("role") == "img"]
    names = [e["text"] for e in elements if e.get("class") == "ms-setting"]
    descriptions = [e["text"] for e in elements if e.get("class") == "ms-description"]
    assert names == ["A: rate = 3", "B: rate = 2"]
    for panel, name, described, rate in zip(panels, names, descriptions, (3, 2), strict=True):
        assert described == f"{name}. {explorer.frame(rate=rate).description}"
        assert panel.endswith(described)
    for svg in explorer.frame(rate=2).svgs.values():
        assert re.search(r'<g data-part="(decay/fast|end/end)">.*?</g>', svg)[0] in html
    assert data(html)["compare"] == {"rate": 1}
    assert "Compare</button>" not in html and len(data(html)["frames"]) == 6


def test_a_reader_may_compare_whatever_has_a_control_but_time(static):
    def still(canvas, *, t):
        "A title."
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return "Nothing."

    assert "Compare</button>" in page(explore(decay, rate=[1, 2]))
    assert "Compare</button>" not in page(explore(still, t=range(9)))
    assert "Compare</button>" not in page(show(decay, rate=1))


def test_only_time_can_be_played(static):
    def moving(canvas, *, t, a):
        "A title."
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return "Nothing."

    elements = parse(page(explore(moving, t=range(9), a=range(9))))
    names = [e.get("name") or e["text"] for e in elements if e["tag"] in ("input", "button")]
    assert names[:3] == ["t", "Play", "a"] and names.count("Play") == 1


def test_a_figure_without_sliders_has_no_controls(static):
    html = page(show(decay, rate=1))
    assert "<form" not in html and "ends at 0.135" in html
    assert data(html)["frames"] == [[]] and data(html)["fragments"] == []


def test_the_page_needs_no_widgets_and_is_reproducible(static, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    bundles = [explore(decay, rate=[1, 2])._repr_mimebundle_() for _ in range(2)]
    assert bundles[0] == bundles[1]
    assert set(bundles[0]) == {"text/html", "text/plain"}
    assert bundles[0]["text/plain"].startswith('How "fast" <things> decay. At rate 1')


def test_no_text_can_close_the_data(static):
    def view(canvas, *, a):
        "A title."
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return f"</script> {a}"

    html = page(explore(view, a=[1, 2]))
    assert data(html)["descriptions"] == ["</script> 1", "</script> 2"]


def test_panels_must_be_the_same_in_every_frame(static):
    def view(canvas, *, a):
        "A title."
        canvas.panel(a, xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return "Nothing."

    with pytest.raises(ValueError, match=r"\['p'\] at {'a': 'p'} and \['q'\] at {'a': 'q'}"):
        explore(view, a=["p", "q"])


def test_the_style_sheet_has_the_palette():
    css = (ASSETS / "explorer.css").read_text(encoding="utf-8")
    for palette in (style.LIGHT, style.DARK):
        block = "".join(rf"\s+--ms-c{i}: {color};" for i, color in enumerate(palette))
        assert re.search(block, css)
    defined = set(re.findall(r"(--ms-\w+):", css))
    used = {re.match(r"var\((--ms-\w+)", v)[1] for v in style.CSS_VARIABLES.values()}
    assert used <= defined


def test_the_scripts_fetch_nothing():
    for script in ASSETS.glob("*.js"):
        code = script.read_text(encoding="utf-8").split("*/", 1)[1]
        assert not re.search(r"\b(fetch|import|XMLHttpRequest|eval)\b\(?", code)


# In a kernel ------------------------------------------------------------------------------


def in_a_cell(test):
    """Run an async test on an event loop in a thread of its own, as a notebook runs its cells.

    Not in this thread: the browser of other tests keeps an event loop here.
    """

    @functools.wraps(test)
    def run(*args, **kwargs):
        with ThreadPoolExecutor(1) as thread:
            cell = asyncio.wait_for(test(*args, **kwargs), 60)  # an answer may never come
            thread.submit(asyncio.run, cell).result()

    return run


def live(view=decay, **parameters):
    """The widgets of an explorer: controls, the line of words, the figure."""
    explorer = explore(view, **parameters)
    *controls, message, figure = _live.widget(explorer, page(explorer)).children
    return controls, message, figure


async def answer(message):
    """Wait until an explorer says how the last move went, and return what it says."""
    while message.value == _live.COMPUTING:
        await asyncio.sleep(0.001)
    return message.value


@in_a_cell
async def test_sliders_take_values_between_those_of_the_grid():
    (slider, choice, _), message, figure = live(rate=log_grid(8, 1, 4), mode=["fast", "both"])
    assert "At rate 8, fast" in figure.value
    slider.value = 3
    await answer(message)
    assert "At rate 3, fast" in figure.value
    slider.value = slider.base**slider.min
    await answer(message)
    assert "At rate 1, fast" in figure.value
    choice.value = "both"
    await answer(message)
    assert "At rate 1, both" in figure.value


@in_a_cell
async def test_two_settings_have_a_control_each_and_share_the_rest():
    (a, b, mode, _), message, figure = live(
        rate=[1, 2, 3, 4, 5], mode=["fast", "both"], compare={"rate": 4}
    )
    assert [a.description, b.description, mode.description] == ["A: rate", "B: rate", "mode"]
    assert "A: rate = 1. At rate 1, fast" in figure.value
    assert "B: rate = 4. At rate 4, fast" in figure.value
    b.value = 5
    assert "At rate 1, fast, draw 0" in await answer(message)
    assert "A: rate = 1. At rate 1, fast" in figure.value
    assert "B: rate = 5. At rate 5, fast" in figure.value
    mode.value = "both"
    said = await answer(message)
    assert "At rate 1, both" in said and "At rate 5, both" in said


@pytest.mark.parametrize(
    ("grid", "name"),
    [
        (lin_grid(0, 1, 5), "FloatSlider"),
        (lin_grid(1, 5, 5, integer=True), "IntSlider"),
        (log_grid(1, 100, 3, integer=True), "FloatLogSlider"),
        ([1, 2, 3, 4, 5], "SelectionSlider"),
        ([1, 2, 3, 4], "ToggleButtons"),
    ],
)
def test_each_grid_has_its_widget(grid, name):
    (control, _), _, _ = live(rate=grid)
    assert type(control).__name__ == name
    assert control.description == "rate"


@in_a_cell
async def test_whole_numbers_stay_whole():
    (slider, _), message, figure = live(rate=log_grid(1, 100, 3, integer=True))
    slider.value = 6.7
    await answer(message)
    assert "At rate 7," in figure.value


@in_a_cell
async def test_a_move_says_that_it_computes_then_what_is_shown():
    (slider, _), message, figure = live(rate=[1, 2, 3, 4, 5])
    assert message.value == ""
    slider.value = 2
    assert 'role="status">Computing' in message.value and "At rate 1" in figure.value
    assert 'role="status">At rate 2, both, draw 0: ends at' in await answer(message)


@in_a_cell
async def test_an_error_is_said_and_the_last_figure_stays():
    (_, draw), message, figure = live(rate=[1], draw=lin_grid(10, 14, 5, integer=True))
    draw.value = 12
    await answer(message)
    draw.value = 13
    said = await answer(message)
    assert "draw 12:" in figure.value
    assert 'role="alert"' in said
    assert "at rate=1, draw=13 failed: RuntimeError: draw &lt;13&gt; is unlucky" in said
    draw.value = 14
    assert "alert" not in await answer(message)
    assert "draw 14:" in figure.value


@in_a_cell
async def test_a_fault_of_the_drawing_ends_the_computing_and_is_reported(monkeypatch):
    def fault(self, frame):
        raise KeyError("lost")

    reports = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, report: reports.append(report))
    (slider, _), message, figure = live(rate=[1, 2, 3, 4, 5])
    monkeypatch.setattr(Explorer, "html", fault)
    slider.value = 2
    assert await answer(message) == ""
    await asyncio.sleep(0)  # the loop reports after the run
    assert [str(report["exception"]) for report in reports] == ["'lost'"]


def counted(runs, during=lambda: None):
    """Return a view that notes its rates and threads, and calls `during` in the midst."""

    def view(canvas, *, rate):
        "A counted view."
        runs.append((rate, threading.get_ident()))
        during()
        canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
        return f"The rate is {rate}."

    return view


@in_a_cell
async def test_a_burst_of_moves_runs_the_last_alone():
    runs = []
    (slider,), message, figure = live(counted(runs), rate=lin_grid(0, 20, 3, integer=True))
    for rate in range(1, 21):
        slider.value = rate
    await answer(message)
    assert [rate for rate, _ in runs] == [0, 20]
    assert "The rate is 20." in figure.value


@in_a_cell
async def test_moves_during_a_run_are_answered_by_one_more_run_in_the_same_thread():
    runs, said = [], []

    def moved_meanwhile():
        if [rate for rate, _ in runs] == [0, 1]:
            for rate in range(2, 20):
                mover = threading.Thread(target=setattr, args=(slider, "value", rate))
                mover.start()
                mover.join()

    view = counted(runs, moved_meanwhile)
    (slider,), message, figure = live(view, rate=lin_grid(0, 20, 3, integer=True))
    message.observe(lambda change: said.append(change.new), names="value")
    slider.value = 1
    await answer(message)
    assert runs == [(rate, threading.get_ident()) for rate in (0, 1, 19)]
    # It computes from the first move to the last answer, without a word between.
    assert said == [_live.COMPUTING, '<p class="ms-live" role="status">The rate is 19.</p>']


def test_outside_a_notebook_a_move_is_drawn_at_once():
    def script():
        (slider, _), _, figure = live(rate=[1, 2, 3, 4, 5])
        slider.value = 2
        assert "At rate 2" in figure.value

    with ThreadPoolExecutor(1) as thread:  # without an event loop
        thread.submit(script).result()


@in_a_cell
async def test_a_button_draws_again():
    (choice, again), message, figure = live(rate=[1, 2])
    button, shown = again.children
    button.click()
    await answer(message)
    assert "draw 1:" in figure.value and shown.value == "draw 1"
    choice.value = 2
    await answer(message)
    assert "At rate 2, both, draw 1:" in figure.value


@in_a_cell
async def test_a_listed_draw_takes_over_from_the_button():
    (draw, _, again), message, figure = live(draw=[0, 4, 7], rate=[1])
    for move, shown in (
        (again.children[0].click, 8),
        (lambda: draw.set_trait("value", 4), 4),
        (again.children[0].click, 9),
    ):
        move()
        await answer(message)
        assert f"draw {shown}:" in figure.value


def test_a_draw_on_a_slider_needs_no_button():
    controls, _, _ = live(rate=[1], draw=lin_grid(0, 9, 10, integer=True))
    assert len(controls) == 2


def test_without_ipywidgets_the_first_frame_is_shown(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ipywidgets" else find_spec(name)
    )
    bundle = explore(decay, rate=[1, 2])._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "At rate 1" in bundle["text/html"] and "<style>" in bundle["text/html"]


def test_a_figure_without_sliders_needs_no_widget():
    assert WIDGET not in show(decay, rate=1)._repr_mimebundle_()


def test_one_call_serves_a_kernel_and_the_page():
    code = """
import os
from mscore.explorers import explore
def view(canvas, *, a):
    "A title."
    canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1)).hline("a", a)
    return f"The level is {a}."
explore(view, a=[0, 1])
"""
    static = "os.environ['MSCORE_RENDER'] = 'static'\nexplore(view, a=[0, 1])"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (code, static)]
    )
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    live, still = (cell.outputs[-1]["data"] for cell in notebook.cells)
    assert WIDGET in live and "The level is 0." in live["text/html"]
    assert WIDGET not in still and data(still["text/html"])["descriptions"][1] == "The level is 1."
