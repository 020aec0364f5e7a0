"""What the scripts of an explorer do, on a page of three small ones opened from the disk."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from mscore.explorers import ASSETS, explore, lin_grid, log_grid

pytestmark = pytest.mark.page


def decay(canvas, *, alpha, mode="fast", t=0):
    """Decay of a number."""
    panel = canvas.panel("decay", xlabel="t", ylabel="y", xlim=(0, 20), ylim=(0, 1))
    panel.line("y", [0, 2], [alpha, alpha / 2], label="y")
    panel.points("now", [t], [alpha], label='"now", seen', color=1)
    panel.band("band", [0, 2], [0, 0], [alpha, 1 / 3], color=2)
    return f"{mode} decay from {alpha}, seen at {t}."


MODES = ["fast", "a, b; (c)?", "50 % ~ 'é'"]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a page with this body and the explorers' scripts."""
    monkeypatch.setenv("MSCORE_RENDER", "static")
    scripts = sorted(file.as_uri() for file in ASSETS.glob("*.js"))
    head = f'<link rel="stylesheet" href="{(ASSETS / "explorer.css").as_uri()}">'
    head += "".join(f'<script defer src="{script}"></script>' for script in scripts)

    def write(body):
        path = tmp_path / "sheet.html"
        path.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sheet</title>'
            f'{head}<h1 id="top">Sheet</h1>{body}</html>',
            encoding="utf-8",
        )
        return path.as_uri()

    return write


def html(explorer):
    return explorer._repr_mimebundle_()["text/html"]


@pytest.fixture
def sheet(write, open_url):
    """A function that opens a page of explorers; the first is a named figure, the last compares."""
    times = lin_grid(0, 20, 21, integer=True)
    named = explore(decay, alpha=log_grid(1, 1e-7, 8), t=times, start={"t": 1})
    other = explore(decay, alpha=[0.5, 1], mode=MODES)
    contrast = explore(decay, alpha=[0.1, 0.2, 0.4], t=times, compare={"alpha": 0.4})
    space = '<p style="height: 1500px">Text</p>'
    url = write(
        f'{space}<figure id="fig-one">{html(named)}</figure>{space}{html(other)}{space}'
        f'<figure id="fig-contrast">{html(contrast)}</figure>'
    )
    return lambda fragment="", **options: open_url(url + fragment, **options)


def explorers(page):
    return page.locator(".ms-explorer[data-ready]").all()


def press(explorer, name, key):
    explorer.locator(f"input[name='{name}']").first.press(key)


def describes(explorer):
    return " | ".join(explorer.locator(".ms-description").all_text_contents())


def status(explorer):
    return explorer.locator("[role=status]").text_content()


def wait_for_address(page, fragment):
    page.wait_for_function("end => location.href.split('#')[1] === end", arg=fragment)


def test_every_slider_has_a_name(sheet):
    one, _, contrast = explorers(sheet())
    for explorer, names in (
        (one, ["initial scale α", "iteration t"]),
        (contrast, ["iteration t"]),
    ):
        for name in names:
            assert explorer.get_by_role("slider", name=name, exact=True).count() == 1


# State in the link ------------------------------------------------------------------------


def test_a_move_is_written_to_the_address_and_taken_back(sheet):
    page = sheet()
    one, two, _ = explorers(page)
    press(one, "alpha", "End")
    wait_for_address(page, "fig-one?alpha=1e-7")
    press(one, "t", "End")
    wait_for_address(page, "fig-one?alpha=1e-7,t=20")
    two.locator("input[name=alpha]").nth(1).press("Space")
    wait_for_address(page, "explorer-2?alpha=1;fig-one?alpha=1e-7,t=20")
    page.go_back()
    page.go_back()
    assert describes(one) == "fast decay from 1e-07, seen at 1."
    assert one.locator("input[name=alpha]").get_attribute("aria-valuetext") == "10⁻⁷"
    assert describes(two) == "fast decay from 0.5, seen at 0."
    page.go_back()
    assert describes(one) == "fast decay from 1.0, seen at 1."
    page.go_forward()
    assert describes(one) == "fast decay from 1e-07, seen at 1."
    page.reload()
    assert describes(explorers(page)[0]) == "fast decay from 1e-07, seen at 1."
    press(one, "alpha", "Home")
    wait_for_address(page, "fig-one")


def test_a_drag_is_one_entry_of_the_history(sheet):
    page = sheet()
    one, *_ = explorers(page)
    before = page.evaluate("history.length")
    one.locator("input[name=alpha]").evaluate(
        """slider => {
          for (let i = 0; i < 5; i++) {
            slider.stepUp();
            slider.dispatchEvent(new Event('input', {bubbles: true}));
          }
        }"""
    )
    wait_for_address(page, "fig-one?alpha=0.00001")
    assert page.evaluate("history.length") == before + 1


def test_a_link_opened_fresh_restores_every_explorer_and_scrolls_to_the_first(sheet):
    page = sheet("#explorer-2?alpha=1;fig-one?alpha=1e-07,t=0")
    one, two, _ = explorers(page)
    assert describes(two) == "fast decay from 1, seen at 0."
    assert describes(one) == "fast decay from 1e-07, seen at 0."
    assert abs(two.bounding_box()["y"]) < 5
    assert status(one) == status(two) == ""


@pytest.mark.parametrize("mode", MODES[1:])
def test_words_in_a_link_keep_their_signs(sheet, mode):
    page = sheet()
    _, two, _ = explorers(page)
    two.get_by_label(mode).press("Space")
    page.wait_for_function("location.hash.includes('mode')")
    address = page.url
    assert re.fullmatch(r"[\w%.-]+", address.split("mode=")[1])  # no sign that ends a link
    _, two, _ = explorers(sheet("#" + address.split("#")[1]))
    assert describes(two) == f"{mode} decay from 0.5, seen at 0."


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#fig-one?alpha=3,t=0", "The link asks for alpha = 3, which this figure does not have."),
        ("#fig-one?beta=1,t=0", "The link asks for beta = 1, which"),
        ("#fig-one?alpha,t=0", "The link asks for alpha = , which"),
        ("#fig-one?alpha=%E0%A4,t=0", "The link asks for alpha = %E0%A4, which"),
        ("#fig-two?alpha=1;fig-one?t=0", "The link names the figure fig-two, which is not here."),
    ],
)
def test_what_a_link_names_wrongly_is_said_and_the_rest_holds(sheet, fragment, words):
    one, *_ = explorers(sheet(fragment))
    assert words in status(one)
    assert one.locator("[role=status]").is_visible()
    assert describes(one) == "fast decay from 1.0, seen at 0."
    press(one, "t", "ArrowRight")
    assert status(one) == ""


def test_a_plain_link_leads_to_a_figure_and_leaves_it_as_it_is(sheet):
    page = sheet("#fig-one")
    one, *_ = explorers(page)
    assert abs(one.bounding_box()["y"]) < 5
    press(one, "t", "End")
    wait_for_address(page, "fig-one?t=20")
    page.evaluate("location.hash = '#top'")
    page.wait_for_function("scrollY < 100")
    assert describes(one) == "fast decay from 1.0, seen at 20."
    assert status(one) == ""


def test_a_link_within_the_page_moves_a_figure(sheet):
    page = sheet()
    one, *_ = explorers(page)
    page.evaluate("location.hash = '#fig-one?t=0'")
    page.wait_for_function("scrollY > 1000")
    assert describes(one) == "fast decay from 1.0, seen at 0."
    page.go_back()
    page.wait_for_function("!location.hash")
    assert describes(one) == "fast decay from 1.0, seen at 1."


def test_a_button_copies_the_link_of_one_explorer(sheet):
    page = sheet()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one, two, _ = explorers(page)
    two.locator("input[name=alpha]").nth(1).press("Space")
    press(one, "t", "Home")
    one.get_by_role("button", name="Copy link").click()
    page.wait_for_function("document.querySelector('[role=status]').textContent")
    assert status(one) == "The link is copied." and status(two) == ""
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url.split("#")[0] + "#fig-one?t=0"


def test_where_copying_is_refused_the_text_is_selected(sheet):
    page = sheet()
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
    )
    one, *_ = explorers(page)
    one.get_by_role("button", name="Copy link").click()
    page.wait_for_function("document.querySelector('[role=status]').textContent")
    assert "It is selected above" in status(one)
    selected = page.evaluate("document.activeElement.matches('.ms-copy') && String(getSelection())")
    assert selected.endswith("#fig-one")


# Copy as Python ---------------------------------------------------------------------------


def test_a_button_copies_the_code_of_the_frame(sheet):
    page = sheet()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _, two, _ = explorers(page)
    two.get_by_label(MODES[2]).press("Space")
    two.get_by_role("button", name="Copy as Python").click()
    page.wait_for_function("[...document.querySelectorAll('[role=status]')][1].textContent")
    assert status(two) == "The code is copied."
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == "from mscore.explorers import show"
    assert lines[-1] == f"show(views.decay, alpha=0.5, mode={MODES[2]!r})"


# The numbers ------------------------------------------------------------------------------


def show_numbers(explorer):
    explorer.locator("summary").click()
    explorer.get_by_role("button", name="Show the numbers").click()
    return explorer.get_by_role("region")


def test_the_numbers_are_shown_as_tables_that_follow_the_figure(sheet):
    page = sheet()
    one, *_ = explorers(page)
    box = show_numbers(one)
    table = box.get_by_role("table", name="Decay of a number")
    assert table.locator("thead th[scope=col]").all_text_contents() == ["t", "y", "y, to"]
    assert table.locator("th[scope=rowgroup]").all_text_contents() == ["y", '"now", seen', "band"]
    rows = [row.split("\t") for row in table.inner_text().splitlines()]
    assert rows[3:5] == [["0", "1", ""], ["2", "0.5", ""]] and rows[-1] == ["2", "0", "0.3333"]
    press(one, "alpha", "End")
    page.wait_for_function("document.querySelector('tbody').innerText.includes('5e-8')")
    one.get_by_role("button", name="Show the numbers").click()
    assert box.count() == 0


def test_a_long_table_scrolls_in_its_own_box(sheet):
    page = sheet(width=375, height=700)
    box = show_numbers(explorers(page)[0])
    page.evaluate("for (const row of document.querySelectorAll('td')) row.append('9'.repeat(40))")
    wide, high = box.evaluate("e => [e.scrollWidth > e.clientWidth, e.clientHeight]")
    assert wide and high < 400
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_the_numbers_are_downloaded_as_csv(sheet, tmp_path):
    page = sheet("#fig-one?alpha=0.01")
    one, two, _ = explorers(page)
    one.locator("summary").click()
    with page.expect_download() as download:
        one.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "fig-one-alpha-0.01-t-1.csv"
    text = Path(download.value.path()).read_bytes().decode()
    head, *lines = csv.reader(text.splitlines())
    assert head == ["alpha", "t", "panel", "part", "label", "x", "y", "y_to"]
    shown = explore(decay, alpha=[0.01], t=[1]).frame().table
    expected = [
        ["0.01", "1", row.panel, row.key, row.label or "", *numbers]
        for row in shown
        for numbers in zip(
            row.x, *(row.y if row.kind == "band" else (row.y, [None] * row.x.size)), strict=True
        )
    ]
    assert [line[:5] for line in lines] == [line[:5] for line in expected]
    for line, (*_, x, y, y_to) in zip(lines, expected, strict=True):
        assert [float(value) for value in line[5:7]] == pytest.approx([x, y], rel=5e-4)
        assert line[7] == "" if y_to is None else float(line[7]) == pytest.approx(y_to, rel=5e-4)
    two.get_by_label(MODES[1]).press("Space")
    two.locator("summary").click()
    with page.expect_download() as download:
        two.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "explorer-2-alpha-0.5-mode-a_b_c_.csv"
    lines = list(csv.reader(Path(download.value.path()).read_text("utf8").splitlines()))
    assert {line[1] for line in lines[1:]} == {MODES[1]}


# Time -------------------------------------------------------------------------------------


def test_play_steps_to_the_end_and_begins_again(sheet):
    page = sheet("#fig-one?t=18")
    one, *_ = explorers(page)
    told = page.evaluate_handle(
        """() => {
          const told = [];
          const note = () => told.push(document.querySelector('.ms-live').textContent);
          new MutationObserver(note).observe(document.querySelector('.ms-live'), {childList: true});
          return told;
        }"""
    )
    before = page.evaluate("history.length")
    one.get_by_role("button", name="Play").click()
    assert one.get_by_role("button", name="Pause").is_visible()
    page.wait_for_function(
        "document.querySelector('.ms-description').textContent.includes('at 19')"
    )
    assert page.url.endswith("t=18")  # the address waits for the end
    page.wait_for_function("document.querySelector('.ms-play').textContent === 'Play'")
    assert describes(one) == "fast decay from 1.0, seen at 20."
    assert one.locator("input[name=t]").get_attribute("aria-valuetext") == "20"
    wait_for_address(page, "fig-one?t=20")
    assert page.evaluate("history.length") == before + 1
    page.wait_for_function("told => told.length", arg=told)
    assert told.json_value() == ["fast decay from 1.0, seen at 20."]
    one.get_by_role("button", name="Play").click()
    assert describes(one) == "fast decay from 1.0, seen at 0."


@pytest.mark.parametrize("event", ["a move", "a press", "out of view"])
def test_play_pauses(sheet, event):
    page = sheet("#fig-one?t=0")
    one, *_ = explorers(page)
    one.get_by_role("button", name="Play").click()
    if event == "a move":
        press(one, "alpha", "End")
    elif event == "a press":
        one.get_by_role("button", name="Pause").click()
    else:
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("document.querySelector('.ms-play').textContent === 'Play'")
    assert not describes(one).endswith("at 20.")
    if event == "a move":
        wait_for_address(page, "fig-one?alpha=1e-7,t=0")


def test_with_less_motion_play_is_not_offered(sheet):
    page = sheet(reduced_motion="reduce")
    assert page.locator(".ms-play").count() and not page.locator(".ms-play").first.is_visible()
    assert page.locator("input[name=t]").first.is_visible()


# Two settings -----------------------------------------------------------------------------


def names(explorer):
    return explorer.locator(".ms-setting").all_text_contents()


def test_each_setting_moves_by_its_own_control_and_shares_the_rest(sheet):
    page = sheet()
    *_, contrast = explorers(page)
    assert names(contrast) == ["A: initial scale α = 0.1", "B: initial scale α = 0.4"]
    first, second = contrast.get_by_role("img").all()
    a, b = first.inner_html(), second.inner_html()
    contrast.locator("[name='B.alpha']").nth(1).press("Space")
    assert names(contrast) == ["A: initial scale α = 0.1", "B: initial scale α = 0.2"]
    assert first.inner_html() == a and second.inner_html() != b
    assert "B: initial scale α = 0.2. fast decay from 0.2" in second.get_attribute("aria-label")
    press(contrast, "t", "End")
    assert describes(contrast) == (
        "A: initial scale α = 0.1. fast decay from 0.1, seen at 20. | "
        "B: initial scale α = 0.2. fast decay from 0.2, seen at 20."
    )
    wait_for_address(page, "fig-contrast?t=20,B.alpha=0.2")
    *_, again = explorers(sheet("#fig-contrast?t=20,B.alpha=0.2"))
    assert describes(again) == describes(contrast)
    *_, strange = explorers(sheet("#fig-contrast?B.t=20"))
    assert "asks for B.t = 2" in status(strange)


def test_a_button_opens_and_closes_a_comparison(sheet):
    page = sheet("#fig-one?alpha=0.1")
    one, *_ = explorers(page)
    before = one.locator(".ms-sides").inner_html(), describes(one)
    button = one.get_by_role("button", name="Compare")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    wait_for_address(page, "fig-one?alpha=0.1,B.alpha=0.1")
    press(one, "B.alpha", "Home")
    assert names(one) == ["A: initial scale α = 0.1", "B: initial scale α = 1"]
    assert one.locator("input[name='B.t']").count() == 0
    wait_for_address(page, "fig-one?alpha=0.1,B.alpha=1")
    again, *_ = explorers(sheet("#fig-one?alpha=0.1,B.alpha=1"))
    assert describes(again) == describes(one)
    page.go_back()
    page.go_back()
    page.wait_for_function("!location.hash.includes('B')")
    assert describes(one) == before[1] and one.get_by_role("img").count() == 1
    button.click()
    button.click()
    assert (one.locator(".ms-sides").inner_html(), describes(one)) == before
    assert one.locator(".ms-label").all_text_contents() == ["initial scale α", "iteration t"]


def test_what_is_taken_away_has_both_settings(sheet):
    page = sheet()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    *_, contrast = explorers(page)
    contrast.get_by_role("button", name="Copy as Python").click()
    page.wait_for_function("[...document.querySelectorAll('[role=status]')][2].textContent")
    code = page.evaluate("navigator.clipboard.readText()")
    assert (
        "    show(views.decay, alpha=0.1, t=0),\n    show(views.decay, alpha=0.4, t=0),\n" in code
    )
    box = show_numbers(contrast)
    assert box.locator("caption").all_text_contents() == [
        "A: initial scale α = 0.1. Decay of a number",
        "B: initial scale α = 0.4. Decay of a number",
    ]
    with page.expect_download() as download:
        contrast.get_by_role("button", name="Download as CSV").click()
    name = download.value.suggested_filename
    assert name == "fig-contrast-alpha-0.1-t-0-against-alpha-0.4.csv"
    lines = list(csv.reader(Path(download.value.path()).read_text("utf8").splitlines()))
    assert [line[0] for line in lines[1:]] == ["0.1"] * 5 + ["0.4"] * 5


@pytest.mark.parametrize("width", [1280, 375])
def test_everything_opened_is_accessible_and_fits(sheet, width):
    page = sheet(width=width, height=800)
    one, *_, contrast = explorers(page)
    one.get_by_role("button", name="Compare").click()
    show_numbers(contrast)
    options = {"resultTypes": ["violations"], "preload": False}
    violations = Axe().run(page, options=options).response["violations"]
    ignored = {"region", "landmark-one-main"}  # this page has no landmarks
    assert [rule["id"] for rule in violations if rule["id"] not in ignored] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    left, right = (side.bounding_box() for side in contrast.locator(".ms-side").all())
    assert (left["y"] == right["y"]) == (width == 1280)


# Reading values ---------------------------------------------------------------------------


def growth(canvas, *, rate, scale="linear"):
    """Growth of two numbers."""
    x = np.geomspace(1, 1000, 31) if scale == "log" else np.arange(0, 41, 2)
    axes = {"xlabel": "time, in seconds", "xlim": (x[0], x[-1]), "xscale": scale}
    for key, factor in (("up", 1.0), ("more", 1e5)):
        panel = canvas.panel(key, ylabel="y", ylim=(0, 1e8), **axes)
        panel.line("y", x, factor * rate * x, label=f"{key}, all")
        panel.line("early", x[:8], x[:8], label="early", color=1)
        panel.hline("level", 1, label="level", dash=2)
        panel.vline("end", x[-1], label="end", dash=3)
    panel = canvas.panel("other", xlabel="index", ylabel="y", xlim=(0, 9), ylim=(0, 9))
    panel.line("z", range(10), range(10), label="z")
    return f"The rate is {rate}."


def samples(canvas, *, every):
    """A decay seen at some times, by dots at others, and by clouds."""
    t = np.arange(0, 61, every)
    axes = {"xlim": (0, 40), "ylim": (1e-6, 1), "yscale": "log"}
    panel = canvas.panel("p", xlabel="iteration", ylabel="y", **axes)
    panel.line("y", t, 10.0 ** (-t / 5), label="decay")
    panel.line("back", t[::-1], np.full(t.size, 0.5), label="backwards", color=1)
    panel.points("dots", [10, 36], [0.1, 0.2], label="dots", color=2)
    panel.points("cloud", [10, 10, 20, 20], [0.1, 0.2, 0.3, 0.4], label="cloud", color=3)
    return f"One in {every}."


@pytest.fixture
def reading(write, open_url):
    """A page of figures: a plain one, one that compares, one on a logarithmic axis, samples."""
    figures = (
        explore(growth, rate=[1, 2, 3]),
        explore(growth, rate=[1, 2, 3], compare={"rate": 3}),
        explore(growth, rate=[1, 2], scale=["log"]),
        explore(samples, every=[4, 3], compare={"every": 3}),
    )
    return lambda **options: open_url(write("".join(map(html, figures))), **options)


def read(explorer):
    """Return what stands behind the names of the curves, in the order of the panels."""
    return explorer.locator(".ms-read").all_text_contents()


def cursor(explorer):
    return explorer.locator("input[name=cursor]")


def go(explorer, place):
    cursor(explorer).evaluate(
        """(slider, place) => {
          slider.value = place;
          slider.dispatchEvent(new Event('input', {bubbles: true}));
        }""",
        place,
    )


def lines(explorer):
    """Return where the cursor's lines stand, as fractions of the axes."""
    return explorer.locator(".ms-cursor-line").evaluate_all(
        """lines => lines.map((line) => {
          const { x, width } = line.ownerSVGElement.viewBox.baseVal;
          return (Number(line.getAttribute('d').match(/M([\\d.]+)/)[1]) - x) / width;
        })"""
    )


def test_a_button_shows_the_values_at_one_place_of_every_curve(reading):
    page = reading()
    one, *_ = explorers(page)
    button = one.get_by_role("button", name="Read values")
    before = one.locator(".ms-sides").inner_html()
    assert button.get_attribute("aria-pressed") == "false" and cursor(one).count() == 0
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    # The middle of the axis, where the short curve has ended; the third panel has another axis.
    assert read(one) == ["20", "–", "1", "2·10⁶", "–", "1"]
    assert lines(one) == pytest.approx([0.5, 0.5], abs=1e-3)
    told = one.locator(".ms-live")
    page.wait_for_function("told => told.textContent", arg=told.element_handle())
    slider = one.get_by_role("slider", name="read at time")
    slider.press("Home")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "2"
    assert read(one) == ["2", "2", "1", "2·10⁵", "2", "1"]
    one.get_by_label("3", exact=True).press("Space")
    assert read(one) == ["6", "2", "1", "6·10⁵", "2", "1"]
    button.click()
    assert cursor(one).count() == 0 and read(one) == [] and lines(one) == []
    one.get_by_label("1", exact=True).press("Space")
    assert one.locator(".ms-sides").inner_html() == before


def test_a_comparison_has_one_cursor_for_both_settings(reading):
    page = reading()
    _, contrast, *_ = explorers(page)
    assert cursor(contrast).count() == 1
    assert read(contrast)[:2] + read(contrast)[6:8] == ["20", "–", "60", "–"]
    cursor(contrast).press("Home")
    assert read(contrast) == ["0", "0", "1"] * 4 and lines(contrast) == [0] * 4
    told = contrast.locator(".ms-live")
    page.wait_for_function("told => told.textContent", arg=told.element_handle())
    values = "up, all: 0, early: 0, level: 1, more, all: 0, early: 0, level: 1"
    assert told.text_content() == f"At time 0. A: rate = 1. {values}. B: rate = 3. {values}."


def test_between_its_points_a_curve_is_read_as_it_is_drawn(reading):
    *_, mixed = explorers(reading())
    # Where either setting has a point, up to the end of the axis; the curves go on beyond it.
    places = sorted({*range(0, 41, 4), *range(0, 41, 3), 10})
    assert cursor(mixed).get_attribute("max") == str(len(places) - 1)
    for x, decay, dots in (
        (0, "≥ 1", "–"),
        (8, "0.0251", "–"),
        (9, "0.0158", "–"),
        (10, "0.01", "0.1"),
        (36, "≤ 10⁻⁶", "0.2"),
        (40, "≤ 10⁻⁶", "–"),
    ):
        go(mixed, places.index(x))
        assert cursor(mixed).get_attribute("aria-valuetext") == str(x)
        assert read(mixed) == [decay, "0.5", dots] * 2, x
    assert lines(mixed) == [1, 1]


def area(panel):
    """Return the left end, the middle height and the width of a panel's axes on the screen."""
    return panel.evaluate(
        """svg => {
          const { left, top, width } = svg.ownerSVGElement.getBoundingClientRect();
          const unit = width / svg.ownerSVGElement.viewBox.baseVal.width;
          const { x, y, width: w, height: h } = svg.viewBox.baseVal;
          return [left + unit * x, top + unit * (y + h / 2), unit * w];
        }"""
    )


def test_the_cursor_goes_where_a_panel_that_has_the_axis_is_pressed(reading):
    page = reading()
    _, contrast, *_ = explorers(page)
    panels = contrast.locator(".ms-svg > svg")
    for number, place in ((0, 0.25), (1, 0.75), (4, 0.5)):  # the last in the second setting
        panels.nth(number).scroll_into_view_if_needed()
        left, middle, width = area(panels.nth(number))
        page.mouse.click(left + place * width, middle)
        assert lines(contrast) == pytest.approx([place] * 4, abs=0.03)
    page.mouse.down()
    page.mouse.move(left + 0.9 * width, middle)
    page.mouse.up()
    moved = lines(contrast)
    assert moved == pytest.approx([0.9] * 4, abs=0.03)
    page.mouse.move(left + 0.2 * width, middle)  # no button is down
    contrast.locator(".ms-svg").nth(2).click()  # another axis
    contrast.locator(".ms-svg").nth(0).click(position={"x": 3, "y": 9})  # beside the axes
    assert lines(contrast) == moved


def test_the_cursor_on_a_logarithmic_axis(reading):
    _, _, log, _ = explorers(reading())
    log.get_by_role("button", name="Read values").click()
    assert lines(log) == pytest.approx([0.5, 0.5], abs=1e-2)
    assert read(log)[0] == "31.6"


def test_figures_without_long_curves_or_with_a_time_have_no_cursor(sheet):
    assert sheet().get_by_role("button", name="Read values").count() == 0


@pytest.mark.parametrize("width", [1280, 375])
def test_the_cursor_is_accessible_and_stays_in_view(reading, width):
    page = reading(width=width, height=600)
    one, *_ = explorers(page)
    button = one.get_by_role("button", name="Read values")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    button.click()
    assert abs(button.bounding_box()["y"] - before["y"]) < 30  # a legend may take one line more
    options = {"resultTypes": ["violations"], "preload": False}
    violations = Axe().run(page, options=options).response["violations"]
    ignored = {"region", "landmark-one-main"}  # this page has no landmarks
    assert [rule["id"] for rule in violations if rule["id"] not in ignored] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    one.locator(".ms-legend").first.evaluate("legend => legend.scrollIntoView()")
    box = cursor(one).bounding_box()
    assert box["y"] + box["height"] <= 600
