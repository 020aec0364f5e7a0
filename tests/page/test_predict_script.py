"""A figure that asks first: guess, reveal, guess again, on a page opened from the disk."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from mscore.explorers import (
    ASSETS,
    ask_choice,
    ask_level,
    ask_slope,
    explore,
    lin_grid,
    log_grid,
)

pytestmark = pytest.mark.page
VEIL = "Hidden until you have guessed."


def power(canvas, *, rate):
    """A power law."""
    axes = {"xlabel": "x", "ylabel": "y", "xlim": (1e-3, 1), "ylim": (1e-9, 10)}
    panel = canvas.panel("law", xscale="log", yscale="log", **axes)
    x = [1, 0.1, 0.01]
    if rate:  # else there is no slope
        panel.line("run", x, [0.3 * value**rate for value in x], label="run", markers=True)
    panel.hline("one", 1, label="one")
    return f"The exponent is {rate}."


@pytest.fixture
def sheet(tmp_path, monkeypatch, open_url):
    """A function that opens a page of three figures, which ask a slope, a level and a choice."""
    monkeypatch.setenv("MSCORE_RENDER", "static")
    common = {"hides": ["law/run"], "why": "Because <it> does."}
    place = {"panel": "law", "part": "run"} | common
    questions = [
        ask_slope("How steep?", guesses=lin_grid(0, 3, 7), **place),
        ask_level("How low?", guesses=log_grid(1e-6, 1, 7), **place),
        ask_choice(
            "Is it the first or the second power?",
            options=["the first power", "the second power", "neither"],
            answer=lambda parts: (
                "the first power"
                if parts.get("law/run") is None or parts["law/run"].y[-1] > 1e-4
                else "the second power"
            ),
            **common,
        ),
    ]
    html = [
        explore(power, rate=[2, 1, 0], predict=question)._repr_mimebundle_()["text/html"]
        for question in questions
    ]
    head = f'<link rel="stylesheet" href="{(ASSETS / "explorer.css").as_uri()}">'
    for script in sorted(ASSETS.glob("*.js")):
        head += f'<script defer src="{script.as_uri()}"></script>'
    figures = "".join(f'<figure id="fig-{i}">{each}</figure>' for i, each in enumerate(html))
    path = tmp_path / "sheet.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sheet</title>'
        f"{head}<h1>Sheet</h1>{figures}</html>",
        encoding="utf-8",
    )
    return lambda fragment="", **options: open_url(path.as_uri() + fragment, **options)


def figures(page):
    return page.locator(".ms-explorer[data-ready]").all()


def run(figure):
    return figure.locator("[data-part='law/run']")


def guessed(figure):
    return figure.locator("[data-part='law/guess'] path").get_attribute("d")


def told(figure):
    return figure.get_by_role("status").first.inner_text()


def press_reveal(figure):
    figure.get_by_role("button", name="Reveal").click()


def test_before_the_reveal_nothing_gives_the_answer_away(sheet):
    page = sheet()
    for figure in figures(page):
        figure.locator("summary").click()
        assert not run(figure).is_visible()
        assert figure.get_by_role("img").get_attribute("aria-label") == f"A power law. {VEIL}"
        assert figure.locator(".ms-description").all_text_contents() == [VEIL]
        for button in ("Show the numbers", "Download as CSV", "Compare"):
            assert figure.get_by_role("button", name=button).count() == 0
        assert told(figure) == ""
        figure.locator(".ms-controls input").nth(1).press("Space")
        assert not run(figure).is_visible()
        live = figure.locator(".ms-live")
        page.wait_for_function("e => e.textContent", arg=live.element_handle())
        assert live.text_content() == VEIL
        assert "exponent" not in figure.inner_text()


def test_a_guess_is_drawn_by_keyboard_and_compared_with_the_run(sheet):
    page = sheet()
    slope, level, choice = figures(page)
    slider = slope.get_by_role("slider", name="your guess")
    flat = guessed(slope)
    slider.press("ArrowRight")
    assert guessed(slope) != flat and slider.get_attribute("aria-valuetext") == "0.5"
    assert run(slope).locator("path").first.is_hidden()
    slider.press("Tab")
    page.keyboard.press("Enter")
    assert run(slope).locator("path").first.is_visible()
    assert told(slope).split("\n")[0] == (
        "You said 0.5, the run gives 2. Your guess is 1.5 too low."
    )
    assert told(slope).endswith("Because <it> does.")
    assert slope.locator(".ms-description").text_content() == "The exponent is 2."
    assert slope.get_by_role("img").get_attribute("aria-label").endswith("The exponent is 2.")
    level.get_by_role("slider", name="your guess").press("ArrowRight")
    press_reveal(level)
    assert "You said 10⁻⁵, the run gives 3·10⁻⁵. Your guess is 3 times too small." in told(level)
    choice.get_by_label("the second power").press("Space")
    press_reveal(choice)
    assert "You said “the second power”, and so does the run." in told(choice)


def test_the_guess_goes_through_the_first_point_and_with_the_right_slope_over_the_run(sheet):
    slope, *_ = figures(sheet())
    slider = slope.get_by_role("slider", name="your guess")
    for _ in range(4):
        slider.press("ArrowRight")  # to 2, the exponent of the run
    press_reveal(slope)
    ends = "p => [0, p.getTotalLength()].map(s => p.getPointAtLength(s)).map(({x, y}) => [x, y])"
    line = run(slope).locator("path").first
    (x1, y1), (x2, y2) = line.evaluate(ends)
    (left, low), (right, high) = slope.locator("[data-part='law/guess'] path").evaluate(ends)
    for x, y in ((x1, y1), (x2, y2)):
        assert low + (high - low) * (x - left) / (right - left) == pytest.approx(y, abs=0.2)


def test_the_verdict_follows_the_figure(sheet):
    slope, *_ = figures(sheet())
    press_reveal(slope)
    assert "the run gives 2." in told(slope)
    slope.get_by_label("1", exact=True).press("Space")
    assert "You said 0, the run gives 1. Your guess is 1 too low." in told(slope)
    slope.get_by_label("0", exact=True).press("Space")
    assert "At this setting the figure has no answer" in told(slope)


def test_a_reader_may_guess_again(sheet):
    slope, *_ = figures(sheet())
    slider = slope.get_by_role("slider", name="your guess")
    press_reveal(slope)
    assert slider.is_disabled()
    slope.locator("summary").click()
    slope.get_by_role("button", name="Show the numbers").click()
    assert slope.get_by_role("table").is_visible()
    slope.get_by_role("button", name="Guess again").click()
    assert slider.is_enabled() and told(slope) == ""
    assert not run(slope).locator("path").first.is_visible()
    assert not slope.locator("table").is_visible()
    assert slope.locator(".ms-description").text_content() == VEIL
    slider.press("End")
    press_reveal(slope)
    assert "You said 3, the run gives 2. Your guess is 1 too high." in told(slope)
    assert slope.get_by_role("table").is_visible()


def test_a_choice_must_be_made_before_the_reveal(sheet):
    *_, choice = figures(sheet())
    press_reveal(choice)
    assert not run(choice).locator("path").first.is_visible() and told(choice) == ""
    assert choice.get_by_label("the first power").evaluate("e => e === document.activeElement")


def test_no_link_has_the_guess_and_a_link_opens_its_frame_with_the_question(sheet):
    page = sheet("#fig-0?rate=1")
    slope, *_ = figures(page)
    before = page.url
    slope.get_by_role("slider", name="your guess").press("End")
    assert slope.locator(".ms-description").text_content() == VEIL
    press_reveal(slope)
    assert "You said 3, the run gives 1." in told(slope)
    assert page.url == before and "guess" not in page.evaluate("JSON.stringify(history.state)")
    page.reload()
    slope, *_ = figures(page)
    assert slope.get_by_role("slider", name="your guess").get_attribute("aria-valuetext") == "0"
    assert not run(slope).locator("path").first.is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_asking_and_answered_it_is_accessible_and_fits(sheet, width, theme):
    page = sheet(width=width, height=800)
    page.evaluate(
        """theme => {
          document.documentElement.dataset.theme = theme;
          if (theme === 'dark') document.body.style = 'background: #121212; color: #fff';
        }""",
        theme,
    )
    page.locator("fieldset input[type=radio][name=guess]").first.press("Space")
    for state in ("asking", "answered"):
        options = {"resultTypes": ["violations"], "preload": False}
        violations = Axe().run(page, options=options).response["violations"]
        ignored = {"region", "landmark-one-main"}  # this page has no landmarks
        found = [rule["id"] for rule in violations if rule["id"] not in ignored]
        assert found == [], (state, violations)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for figure in figures(page):
            button = figure.locator(".ms-reveal")
            assert button.bounding_box()["height"] >= 44
            button.click()


def test_without_a_script_all_is_shown(sheet, browser, tmp_path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "sheet.html").as_uri())
    for figure, question in zip(
        page.locator(".ms-explorer").all(), ("How steep?", "How low?", "Is it"), strict=True
    ):
        assert run(figure).locator("path").first.is_visible()
        assert question in figure.inner_text() and "Because <it> does." in figure.inner_text()
        assert "The exponent is 2." in figure.inner_text()
        assert "your guess" not in figure.inner_text()
        assert not figure.locator(".ms-reveal").is_visible()
    context.close()
