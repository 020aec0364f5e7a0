"""Explorers in a kernel: a notebook in JupyterLab, moved by keyboard and mouse."""

import json
import re
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.page
CHAPTER = Path(__file__).parents[2] / "chapters" / "psd_sensing.ipynb"

# The view writes down its runs. It waits while there is a file "hold", and solves for hours where
# there is a file "long".
SETUP = """
import logging
import threading
import time
from pathlib import Path

import mscore as ms
from mscore.explorers import explore, lin_grid

logging.basicConfig(filename="kernel.log", level=logging.WARNING)


def level(canvas, *, a, draw=0):
    "A level."
    with Path("runs").open("a") as runs:
        print(f"{a:.2f} {draw} {threading.current_thread().name}", file=runs)
    while Path("hold").exists():
        time.sleep(0.01)
    if Path("long").exists():
        problem = ms.Problem(ms.full_observation(1), [1.0])
        ms.gradient_descent(problem, [[0.1]], step_size=0.1, max_iter=10**9, tol=0, record=2)
    if a > 0.9:
        raise ValueError(f"a must be at most 0.9; got {a:.2f}")
    panel = canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
    panel.hline("a", a)
    return f"The level is {a:.2f}, draw {draw}."
"""
EXPLORER = "explore(level, a=lin_grid(0, 1, 3))"
ASKING_SETUP = """
from mscore.explorers import ask_level, explore, lin_grid


def rise(canvas, *, a):
    "A rise."
    panel = canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
    panel.line("run", [0, 1], [0, a])
    return f"It ends at {a:.2f}."


question = ask_level(
    "How high does it end?",
    panel="p",
    part="run",
    guesses=lin_grid(0, 1, 3),
    hides=["p/run"],
    why="It is a line.",
)
"""
ASKING = "explore(rise, a=[0.75, 0.5], predict=question)"
BUSY = """
while Path("busy").exists():
    time.sleep(0.01)
"""


def write(path, *sources):
    """Write a notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def notebook(open_notebook, lab):
    write(lab["folder"] / "level.ipynb", SETUP, EXPLORER, BUSY)
    notebook = open_notebook("level.ipynb")
    notebook.run(0, 2)
    yield notebook
    assert (lab["folder"] / "kernel.log").read_text() == ""


@pytest.fixture
def explorer(notebook):
    """The explorer of the notebook, its slider at 0 and all runs forgotten."""
    explorer = notebook.explorer()
    press(explorer, "Home")
    expect(figure(explorer)).to_have_accessible_name(reading("The level is 0.00"))
    expect(computing(explorer)).to_have_count(0)
    (notebook.folder / "runs").write_text("")
    return explorer


def figure(explorer):
    """Return the panels, those of the first setting where two are compared."""
    return explorer.locator(".ms-panels").first


def computing(explorer):
    return explorer.get_by_role("status").filter(has_text="Computing")


def press(explorer, *keys):
    slider = explorer.locator(".noUi-handle").first
    slider.focus()
    for key in keys:
        slider.press(key)


def reading(words):
    """Return a pattern for a text that has these words."""
    return re.compile(re.escape(words))


def runs(notebook):
    """Return the value, the draw and the thread of every run of the view."""
    return [line.split() for line in (notebook.folder / "runs").read_text().splitlines()]


def test_a_kernel_shows_the_widgets_rather_than_the_page(notebook):
    explorer = notebook.explorer()
    expect(explorer.locator(".noUi-handle")).to_have_count(1)
    expect(explorer.get_by_role("button", name="New draw")).to_be_visible()
    expect(notebook.cells().locator(".ms-explorer")).to_have_count(1)


def test_a_move_solves_again_and_redraws_between_the_values_of_the_grid(notebook, explorer):
    line = explorer.locator("[data-part='p/a']")
    before = line.inner_html()
    press(explorer, "ArrowRight")
    expect(figure(explorer)).to_have_accessible_name("A level. The level is 0.01, draw 0.")
    assert line.inner_html() != before
    assert runs(notebook) == [["0.01", "0", "MainThread"]]


def test_new_draw_draws_again(notebook, explorer):
    for draw in ("1", "2"):
        explorer.get_by_role("button", name="New draw").click()
        expect(figure(explorer)).to_have_accessible_name(
            f"A level. The level is 0.00, draw {draw}."
        )
    assert [draw for _, draw, _ in runs(notebook)] == ["1", "2"]


def test_twenty_fast_moves_leave_the_last_and_run_few(notebook, explorer):
    hold = notebook.folder / "hold"
    hold.touch()
    press(explorer, "ArrowRight")
    expect(computing(explorer)).to_be_visible()
    press(explorer, *["ArrowRight"] * 19)
    hold.unlink()
    expect(figure(explorer)).to_have_accessible_name(reading("The level is 0.20"))
    expect(computing(explorer)).to_have_count(0)
    assert 2 <= len(runs(notebook)) <= 5
    assert runs(notebook)[-1][0] == "0.20"


def test_a_newer_move_stops_a_solve(notebook, explorer):
    long = notebook.folder / "long"
    long.touch()
    press(explorer, "ArrowRight")
    while not runs(notebook):
        time.sleep(0.01)
    long.unlink()
    press(explorer, "ArrowRight")
    expect(figure(explorer)).to_have_accessible_name(reading("The level is 0.02"))
    expect(computing(explorer)).to_have_count(0)
    assert [value for value, *_ in runs(notebook)] == ["0.01", "0.02"]


def test_twenty_clicks_leave_the_last_and_run_few(notebook, explorer):
    new_draw = explorer.get_by_role("button", name="New draw")
    before = figure(explorer).get_attribute("aria-label")
    new_draw.click()
    expect(figure(explorer)).not_to_have_accessible_name(before)
    first = int(runs(notebook)[-1][1])
    hold = notebook.folder / "hold"
    hold.touch()
    for _ in range(20):
        new_draw.click()
    hold.unlink()
    last = f"A level. The level is 0.00, draw {first + 20}."
    expect(figure(explorer)).to_have_accessible_name(last, timeout=20_000)
    assert len(runs(notebook)) <= 6


def test_an_error_is_said_and_the_next_good_move_clears_it(explorer):
    alert = explorer.get_by_role("alert")
    press(explorer, "End")
    expect(alert).to_contain_text("ValueError: a must be at most 0.9; got 1.00")
    expect(computing(explorer)).to_have_count(0)
    expect(figure(explorer)).to_have_accessible_name(reading("The level is 0.00"))
    press(explorer, "Home")
    expect(alert).to_have_count(0)
    expect(computing(explorer)).to_have_count(0)


def test_a_move_waits_for_a_running_cell(notebook, explorer):
    busy = notebook.folder / "busy"
    busy.touch()
    notebook.run(2)
    expect(notebook.cells().nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    press(explorer, "ArrowRight")
    expect(computing(explorer)).to_be_visible()
    assert runs(notebook) == []
    busy.unlink()
    expect(figure(explorer)).to_have_accessible_name(reading("The level is 0.01"))
    assert [thread for *_, thread in runs(notebook)] == ["MainThread"]


def test_a_figure_that_asks_hides_its_run_until_the_reader_has_guessed(open_notebook, lab):
    write(lab["folder"] / "asking.ipynb", ASKING_SETUP, ASKING)
    notebook = open_notebook("asking.ipynb")
    notebook.run(0, 2)
    explorer = notebook.explorer()
    run, guess = (explorer.locator(f"[data-part='p/{part}']") for part in ("run", "guess"))
    expect(explorer.get_by_text("How high does it end?")).to_be_visible()
    expect(run.locator("path")).to_have_count(0)
    before = guess.inner_html()
    explorer.locator(".noUi-handle").last.focus()
    explorer.locator(".noUi-handle").last.press("ArrowRight")
    expect(explorer.locator(".widget-readout")).to_have_text("0.5")
    explorer.get_by_role("button", name="Reveal").click()
    expect(explorer.get_by_text("You said 0.5, the run gives 0.75.")).to_be_visible()
    assert guess.inner_html() != before
    expect(run.locator("path")).to_have_count(1)
    expect(figure(explorer)).to_have_accessible_name("A rise. It ends at 0.75.")


def test_a_chapter_takes_values_between_those_of_its_page(open_notebook, lab):
    shutil.copy(CHAPTER, lab["folder"])
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    first = next(
        i for i, cell in enumerate(cells) if "".join(cell["source"]).startswith("explore(")
    )
    notebook = open_notebook(CHAPTER.name)
    notebook.run(0, first + 1)
    explorer = notebook.explorer()
    before = figure(explorer).inner_html()
    expect(figure(explorer)).to_have_accessible_name(reading("Initial scale 1, draw 0"))
    press(explorer, "ArrowLeft")
    expect(figure(explorer)).to_have_accessible_name(reading("Initial scale 0.851, draw 0"))
    assert figure(explorer).inner_html() != before
    explorer.get_by_role("button", name="New draw").click()
    expect(figure(explorer)).to_have_accessible_name(reading("draw 3"))
