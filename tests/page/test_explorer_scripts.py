"""What the scripts of an explorer do, on a page of two small explorers opened from the disk."""

import csv
import re
from pathlib import Path

import pytest

from mscore.explorers import ASSETS, explore, lin_grid, log_grid

pytestmark = pytest.mark.page


def decay(canvas, *, alpha, mode="fast", t=0):
    """Decay of a number."""
    panel = canvas.panel("decay", xlabel="t", ylabel="y", xlim=(0, 2), ylim=(0, 1))
    panel.line("y", [0, 2], [alpha, alpha / 2], label="y")
    panel.points("now", [t], [alpha], label='"now", seen', color=1)
    panel.band("band", [0, 2], [0, 0], [alpha, 1 / 3], color=2)
    return f"{mode} decay from {alpha}, seen at {t}."


MODES = ["fast", "a, b; (c)?", "50 % ~ 'é'"]


@pytest.fixture
def sheet(tmp_path, monkeypatch, open_url):
    """A function that opens a page with two explorers; the first is a named figure."""
    monkeypatch.setenv("MSCORE_RENDER", "static")
    named = explore(
        decay, alpha=log_grid(1, 1e-7, 8), t=lin_grid(0, 2, 3, integer=True), start={"t": 1}
    )
    other = explore(decay, alpha=[0.5, 1], mode=MODES)
    html = [explorer._repr_mimebundle_()["text/html"] for explorer in (named, other)]
    scripts = sorted(file.as_uri() for file in ASSETS.glob("*.js"))
    head = f'<link rel="stylesheet" href="{(ASSETS / "explorer.css").as_uri()}">'
    head += "".join(f'<script defer src="{script}"></script>' for script in scripts)
    space = '<p style="height: 1500px">Text</p>'
    path = tmp_path / "sheet.html"
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Sheet</title>{head}'
        f'<h1 id="top">Sheet</h1>{space}<figure id="fig-one">{html[0]}</figure>'
        f"{space}{html[1]}{space}</html>",
        encoding="utf-8",
    )
    return lambda fragment="", **options: open_url(path.as_uri() + fragment, **options)


def explorers(page):
    return page.locator(".ms-explorer[data-ready]").all()


def press(explorer, name, key):
    explorer.locator(f"input[name={name}]").first.press(key)


def describes(explorer):
    return explorer.locator(".ms-description").text_content()


def status(explorer):
    return explorer.locator("[role=status]").text_content()


def wait_for_address(page, fragment):
    page.wait_for_function("end => location.href.split('#')[1] === end", arg=fragment)


# State in the link ------------------------------------------------------------------------


def test_a_move_is_written_to_the_address_and_taken_back(sheet):
    page = sheet()
    one, two = explorers(page)
    press(one, "alpha", "End")
    wait_for_address(page, "fig-one?alpha=1e-7")
    press(one, "t", "End")
    wait_for_address(page, "fig-one?alpha=1e-7,t=2")
    two.locator("input[name=alpha]").nth(1).press("Space")
    wait_for_address(page, "explorer-2?alpha=1;fig-one?alpha=1e-7,t=2")
    page.go_back()
    page.go_back()
    assert describes(one) == "fast decay from 1e-07, seen at 1."
    assert one.locator("input[name=alpha]").get_attribute("aria-valuetext") == "10⁻⁷"
    assert describes(two) == "fast decay from 0.5, seen at 0."
    page.go_back()
    assert describes(one) == "fast decay from 1.0, seen at 1."
    page.go_forward()
    assert describes(one) == "fast decay from 1e-07, seen at 1."
    press(one, "alpha", "Home")
    wait_for_address(page, "fig-one")


def test_a_drag_is_one_entry_of_the_history(sheet):
    page = sheet()
    one, _ = explorers(page)
    before = page.evaluate("history.length")
    for _ in range(5):
        press(one, "alpha", "ArrowRight")
    wait_for_address(page, "fig-one?alpha=0.00001")
    assert page.evaluate("history.length") == before + 1


def test_a_link_opened_fresh_restores_every_explorer_and_scrolls_to_the_first(sheet):
    page = sheet("#explorer-2?alpha=1;fig-one?alpha=1e-07,t=0")
    one, two = explorers(page)
    assert describes(two) == "fast decay from 1, seen at 0."
    assert describes(one) == "fast decay from 1e-07, seen at 0."
    assert abs(two.bounding_box()["y"]) < 5
    assert status(one) == status(two) == ""


@pytest.mark.parametrize("mode", MODES[1:])
def test_words_in_a_link_keep_their_signs(sheet, mode):
    page = sheet()
    _, two = explorers(page)
    two.get_by_label(mode).press("Space")
    page.wait_for_function("location.hash.includes('mode')")
    address = page.url
    assert re.fullmatch(r"[\w%.-]+", address.split("mode=")[1])  # no sign that ends a link
    _, two = explorers(sheet("#" + address.split("#")[1]))
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
    one, _ = explorers(sheet(fragment))
    assert words in status(one)
    assert one.locator("[role=status]").is_visible()
    assert describes(one) == "fast decay from 1.0, seen at 0."
    press(one, "t", "ArrowRight")
    assert status(one) == ""


def test_a_plain_link_leads_to_a_figure_and_leaves_it_as_it_is(sheet):
    page = sheet("#fig-one")
    one, _ = explorers(page)
    assert abs(one.bounding_box()["y"]) < 5
    press(one, "t", "End")
    wait_for_address(page, "fig-one?t=2")
    page.evaluate("location.hash = '#top'")
    page.wait_for_function("scrollY < 100")
    assert describes(one) == "fast decay from 1.0, seen at 2."
    assert status(one) == ""


def test_a_link_within_the_page_moves_a_figure(sheet):
    page = sheet()
    one, _ = explorers(page)
    page.evaluate("location.hash = '#fig-one?t=0'")
    page.wait_for_function("scrollY > 1000")
    assert describes(one) == "fast decay from 1.0, seen at 0."
    page.go_back()
    page.wait_for_function("!location.hash")
    assert describes(one) == "fast decay from 1.0, seen at 1."


def test_a_button_copies_the_link_of_one_explorer(sheet):
    page = sheet()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one, two = explorers(page)
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
    one, _ = explorers(page)
    one.get_by_role("button", name="Copy link").click()
    page.wait_for_function("document.querySelector('[role=status]').textContent")
    assert "It is selected above" in status(one)
    selected = page.evaluate("document.activeElement.matches('.ms-copy') && String(getSelection())")
    assert selected.endswith("#fig-one")


# Copy as Python ---------------------------------------------------------------------------


def test_a_button_copies_the_code_of_the_frame(sheet):
    page = sheet()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _, two = explorers(page)
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
    one, _ = explorers(page)
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
    one, two = explorers(page)
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
