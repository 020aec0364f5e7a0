"""What a figure asks first: the answers are those of the parts that it draws."""

import json
import re

import numpy as np
import pytest

from mscore.explorers import (
    Explorer,
    _live,
    ask_choice,
    ask_level,
    ask_slope,
    explore,
    lin_grid,
    log_grid,
)
from mscore.explorers._questions import NOTHING, VEIL
from mscore.figures import Canvas, format_number
from test_chapter_explorers import explorers as chapter_explorers

PLACE = {"panel": "law", "part": "run"}
SLOPES, LEVELS = lin_grid(0, 2, 3), log_grid(1e-6, 1, 3)
COMMON = {"hides": ["law/run"], "why": "Because it does."}


def power(canvas, *, rate):
    """A power law."""
    axes = {"xlabel": "x", "ylabel": "y", "xlim": (1e-3, 1), "ylim": (1e-9, 10)}
    panel = canvas.panel("law", xscale="log", yscale="log", **axes)
    if rate:
        x = np.array([1, 0.1, 0.01])
        panel.line("run", x, 0.3 * x**rate, label="run")
    panel.vline("half", 0.5)
    return f"The exponent is {rate}."


def straight(canvas, *, rate):
    """A straight line with a bend."""
    panel = canvas.panel("law", xlabel="x", ylabel="y", xlim=(0, 3), ylim=(-9, 9))
    panel.points("run", [0, 1, 2, 3], [5, rate, 2 * rate, 3 * rate])
    return f"The slope is {rate}."


def slope(guesses=SLOPES, **changes):
    return ask_slope("How steep?", guesses=guesses, **PLACE | COMMON | changes)


def level(guesses=LEVELS, **changes):
    return ask_level("How low?", guesses=guesses, **PLACE | COMMON | changes)


def choice(answer, options=("low", "high"), **changes):
    return ask_choice("Which?", options=options, answer=answer, **COMMON | changes)


def asked(explorer, **values):
    """Return a canvas with the frame at `values`."""
    canvas = Canvas()
    explorer.draw(canvas, explorer.start | values)
    return canvas


def guesses(explorer):
    """Return what the page's script reads."""
    html = explorer._repr_mimebundle_()["text/html"]
    return json.loads(re.search(r'class="ms-guesses">(.*?)</script>', html, re.S)[1])


# Answers ----------------------------------------------------------------------------------


def test_a_slope_is_the_exponent_on_logarithmic_axes():
    explorer = explore(power, rate=[2, 0.5, -1, 0], predict=slope())
    for rate in (2, 0.5, -1):
        assert explorer.predict.answer(asked(explorer, rate=rate)) == pytest.approx(rate)
    assert explorer.predict.answer(asked(explorer, rate=0)) is None


def test_a_slope_on_plain_axes_may_leave_points_out():
    explorer = explore(straight, rate=[2, -1], predict=slope(between=(3, 1)))
    for rate in (2, -1):
        assert explorer.predict.answer(asked(explorer, rate=rate)) == pytest.approx(rate)


def test_a_level_is_where_a_part_ends():
    explorer = explore(power, rate=[2, 1, 0], predict=level())
    assert explorer.predict.answer(asked(explorer)) == pytest.approx(3e-5)
    assert explorer.predict.answer(asked(explorer, rate=0)) is None


def test_a_choice_reads_the_parts():
    question = choice(lambda parts: "low" if parts["law/run"].y[-1] < 1e-3 else "high")
    explorer = explore(power, rate=[2, 1], predict=question)
    assert explorer.predict.answer(asked(explorer, rate=2)) == "low"
    assert explorer.predict.answer(asked(explorer, rate=1)) == "high"


@pytest.mark.parametrize(
    ("question", "guess", "answer", "words"),
    [
        (slope(), 1, 0.754, "You said 1, the run gives 0.75. Your guess is 0.25 too high."),
        (slope(), 1, 1.004, "You said 1, the run gives 1."),
        (slope(), 0, -0.5, "You said 0, the run gives −0.5. Your guess is 0.5 too high."),
        (level(), 1, 1e-4, "You said 1, the run gives 10⁻⁴. Your guess is 10⁴ times too large."),
        (level(), 1, 1.02, "You said 1, the run gives 1."),
        (level(), 0, 2.0, "You said 0, the run gives 2."),
        (choice(None), "low", "low", "You said “low”, and so does the run."),
    ],
)
def test_verdicts(question, guess, answer, words):
    assert question.verdict(guess, answer) == words


# Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: slope(guesses=[1]), "guesses must leave a choice of at least two; got .1,"),
        (lambda: slope(guesses=[]), "guesses must have at least one value"),
        (lambda: slope(hides="law/run"), "hides must list at least one part.*got 'law/run'"),
        (lambda: slope(hides=[]), "hides must list at least one part"),
        (lambda: slope(why=""), "why must be a sentence; got ''"),
        (lambda: choice(None, options=[]), "options must have at least one value"),
        (lambda: choice(None, options=["one"]), "options must leave a choice"),
    ],
)
def test_bad_questions_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("render", ["static", "live"])
@pytest.mark.parametrize(
    ("question", "message"),
    [
        (slope(panel="lav"), "panel must name what .* one of law; got 'lav'"),
        (slope(part="runs"), "part must name what .* one of run, half; got 'runs'"),
        (level(part="runs"), "part must name what .* one of run, half; got 'runs'"),
        (slope(hides=["run"]), "hides must name .* one of law/run, law/half; got 'run'"),
        (slope(part="half"), "part must be a line or points to have a slope; got a vline"),
        (slope(between=(0.05, 0.5)), "'run' has 1 of its 3 with x between 0.05 and 0.5"),
        (level(guesses=[1, 100]), "guesses must lie between 1e-09 and 10, .*'law'; got 100"),
        (choice(lambda parts: "none"), "one of the options 'low', 'high'; got 'none'"),
        ("How steep?", "predict must be a question made by ask_slope.*got 'How steep"),
    ],
)
def test_questions_that_do_not_fit_the_figure_are_refused(question, message, render, monkeypatch):
    monkeypatch.setenv("MSCORE_RENDER", render)
    with pytest.raises(ValueError, match=message):
        explore(power, rate=[2, 1], predict=question)


def test_a_question_and_a_comparison_exclude_each_other():
    with pytest.raises(ValueError, match="predict needs a figure of one setting"):
        explore(power, rate=[2, 1], compare={"rate": 1}, predict=slope())


# On the page and in a kernel --------------------------------------------------------------


def test_the_page_has_a_line_and_a_verdict_for_every_guess(monkeypatch):
    monkeypatch.setenv("MSCORE_RENDER", "static")
    explorer = explore(power, rate=[2, 1, 0], predict=slope())
    html, found = explorer._repr_mimebundle_()["text/html"], guesses(explorer)
    assert found["hides"] == ["law/run"] and found["place"] == "law/guess"
    assert '<g data-part="law/guess"></g>' in html and "Compare</button>" not in html
    assert found["verdicts"][0][2] == "You said 2, the run gives 2."
    assert found["verdicts"][2] == [NOTHING] * 3
    drawn = [[found["fragments"][number] for number in frame] for frame in found["lines"]]
    assert drawn[2] == [""] * 3 and len(set(drawn[0] + drawn[1])) == 3  # through the same point
    # The guess is no number of the figure, and no frame has it.
    assert "guess" not in re.search(r'class="ms-numbers">(.*?)</script>', html, re.S)[1]
    assert all("guess" not in row.key for frame in explorer.frames() for row in frame.table)


def test_without_widgets_the_question_stands_with_its_answer(monkeypatch):
    monkeypatch.delenv("MSCORE_RENDER", raising=False)
    html = explore(power, rate=[2, 1], predict=slope())._repr_mimebundle_()["text/html"]
    assert "How steep?" in html and "Because it does." in html and "The exponent is 2." in html
    assert "your guess" not in html and "Reveal" not in html


class Widgets:
    """The widgets of an explorer that asks, as a reader uses them."""

    def __init__(self, explorer):
        self.box = _live.widget(explorer, "the run")
        *self.controls, asking, _, self._figure = self.box.children
        _, row, self._verdict = asking.children
        self.guess, self.button = row.children

    @property
    def figure(self):
        return self._figure.value

    @property
    def verdict(self):
        return re.sub("<.*?>", " ", self._verdict.value).strip()

    def drawn(self, part):
        """Return the SVG elements of a part of the figure."""
        return re.search(f'<g data-part="{part}">(.*?)</g></?', self.figure, re.S)[1]


@pytest.fixture
def live(monkeypatch):
    monkeypatch.delenv("MSCORE_RENDER", raising=False)
    # At once: these widgets are in no notebook, but the tests of pages leave an event loop behind.
    monkeypatch.setattr(_live, "_once_settled", lambda redraw: redraw)
    return lambda question, rate=(2, 1): Widgets(
        explore(power, rate=lin_grid(rate[0], rate[-1], len(rate)), predict=question)
    )


def test_in_a_kernel_the_run_is_hidden_until_the_reader_has_guessed(live):
    widgets = live(slope())
    assert widgets.drawn("law/run") == "" and VEIL in widgets.figure
    assert "The exponent" not in widgets.figure and widgets.verdict == ""
    first = widgets.drawn("law/guess")
    widgets.guess.value = 1
    assert widgets.drawn("law/guess") not in ("", first)
    widgets.button.click()
    assert widgets.drawn("law/run") and "The exponent is 2.0." in widgets.figure
    assert "You said 1, the run gives 2. Your guess is 1 too low." in widgets.verdict
    assert "Because it does." in widgets.verdict
    assert widgets.guess.disabled and widgets.button.description == "Guess again"
    widgets.button.click()
    assert widgets.drawn("law/run") == "" and widgets.verdict == "" and not widgets.guess.disabled


def test_in_a_kernel_a_revealed_run_is_compared_wherever_the_slider_stands(live):
    widgets = live(slope(), rate=(2, 1, 0))
    widgets.button.click()
    for rate, words in ((1.5, "the run gives 1.5"), (0, NOTHING), (2, "the run gives 2")):
        widgets.controls[0].value = rate
        assert words in widgets.verdict


def test_in_a_kernel_the_view_runs_once_whatever_is_guessed(live, monkeypatch):
    widgets, runs = live(level()), []
    draw = Explorer.draw
    monkeypatch.setattr(Explorer, "draw", lambda *given: runs.append(given) or draw(*given))
    for guess in LEVELS.values:
        widgets.guess.value = guess
    widgets.button.click()
    assert runs == []
    widgets.controls[0].value = 1.5
    assert len(runs) == 1


def test_in_a_kernel_nothing_is_chosen_at_first(live):
    widgets = live(choice(lambda parts: "low"))
    assert widgets.guess.value is None and widgets.button.disabled
    widgets.guess.value = "high"
    assert not widgets.button.disabled
    widgets.button.click()
    assert "You said “high”, the run says “low”." in widgets.verdict


# In the chapters --------------------------------------------------------------------------

ANSWERS = {  # what the description of a frame says of the answer
    "error_against_scale": lambda answer: f"fitted slope is {answer:.2f}",
    "imbalance_along_the_run": lambda answer: f"{format_number(answer, 2)} at the end",
    "distance_to_greedy": lambda answer: f"with exponent {answer:.2f}",
    "width_and_alignment": lambda answer: "end of the spectral phase goes from",
}
ASKING = [case for case in chapter_explorers() if "predict=" in case.values[1]]


@pytest.mark.parametrize(("setup", "source"), ASKING)
def test_the_answers_of_the_chapters_are_those_of_the_descriptions(setup, source):
    names = {}
    exec(setup, names)
    explorer = eval(source, names)
    canvas, question = Canvas(), explorer.predict
    for values in explorer.combinations():
        description = explorer.draw(canvas, values)
        answer = question.answer(canvas)
        if answer is None:
            assert values["width"] == 2  # the one figure that has no slope there
            continue
        assert ANSWERS[explorer.view.__name__](answer) in description, values
        if not isinstance(answer, str):
            low, *_, high = sorted(question.guesses.values)
            assert low <= answer <= high, f"no guess comes near {answer} at {values}"


def test_the_length_of_the_phase_depends_least_on_the_width():
    found = [case for case in ASKING if case.id == "spectral_phase-width-explorer"]
    names = {}
    exec(found[0].values[0], names)
    explorer = eval(found[0].values[1], names)
    for values in explorer.combinations():
        assert explorer.predict.answer(asked(explorer, **values)) == "the length of phase I"
