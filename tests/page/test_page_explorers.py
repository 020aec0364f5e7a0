"""Explorers on the built pages: by keyboard, mouse and touch, over http and from a folder."""

from pathlib import Path

import pytest
from test_pages import pages

pytestmark = pytest.mark.page
BOOK = Path(__file__).parents[2]
READY = ".ms-explorer[data-ready]"


def explorers(page):
    """Return every explorer with sliders, once all of them are usable."""
    page.wait_for_function(
        "document.querySelectorAll('.ms-explorer form').length"
        " === document.querySelectorAll('.ms-explorer[data-ready] form').length"
    )
    return page.locator(".ms-explorer:has(.ms-controls)").all()


def asks(path):
    """Return whether a chapter has a figure that asks first."""
    notebook = (BOOK / path).with_suffix(".ipynb")
    return notebook.exists() and "predict=" in notebook.read_text(encoding="utf-8")


def answer_questions(page):
    """Guess where a figure asks first, so that the runs are shown."""
    for form in page.locator(".ms-question").all():
        guess = form.locator("input[name=guess]").first
        guess.press("Space" if guess.get_attribute("type") == "radio" else "ArrowRight")
        form.get_by_role("button", name="Reveal").click()


def shown(explorer):
    """Return the panels of an explorer and what they are called."""
    sides = explorer.locator(".ms-sides")
    labels = [panels.get_attribute("aria-label") for panels in sides.get_by_role("img").all()]
    return sides.inner_html(), " ".join(labels)


@pytest.mark.parametrize("from_disk", [False, True], ids=["http", "file"])
@pytest.mark.parametrize("path", pages())
def test_every_control_moves_its_figure_by_keyboard(open_page, path, from_disk):
    page = open_page(path, from_disk=from_disk)
    answer_questions(page)
    for explorer in explorers(page):
        title = explorer.get_attribute("data-title")
        for slider in explorer.locator(".ms-controls input[type=range]").all():
            slider.focus()
            page.keyboard.press("Home")
            first = shown(explorer), slider.get_attribute("aria-valuetext")
            page.keyboard.press("End")
            end = shown(explorer), slider.get_attribute("aria-valuetext")
            page.keyboard.press("ArrowLeft")
            back = shown(explorer), slider.get_attribute("aria-valuetext")
            for earlier, later in ((first, end), (end, back)):
                assert earlier[1] != later[1], title
                assert earlier[0][0] != later[0][0], f"{title}: the figure stays"
                assert earlier[0][1] != later[0][1], f"{title}: the description stays"
        for group in explorer.locator(".ms-controls fieldset").all():
            choices = group.locator("input").all()
            choices[0].focus()
            page.keyboard.press("Space")
            first = shown(explorer)
            page.keyboard.press("ArrowRight")
            assert shown(explorer) != first, f"{title}: a choice changes nothing"


def move(control):
    """Bring a slider, or the row of choices that a button belongs to, to another value."""
    if control.get_attribute("type") == "range":
        control.press("End" if control.input_value() == "0" else "Home")
    else:
        control.locator("xpath=ancestor::fieldset").locator("input:not(:checked)").last.press(
            "Space"
        )


@pytest.mark.parametrize("from_disk", [False, True], ids=["http", "file"])
@pytest.mark.parametrize("path", pages())
def test_a_link_to_a_state_opens_it(open_page, path, from_disk):
    page = open_page(path, from_disk=from_disk)
    answer_questions(page)
    figures = [explorer.locator("xpath=ancestor::figure") for explorer in explorers(page)]
    for number, figure in enumerate(figures):
        move(figure.locator(".ms-controls input").last)
        key = figure.get_attribute("id")
        page.wait_for_function("key => location.hash.startsWith(`#${key}?`)", arg=key)
        assert page.url.count("?") == number + 1  # every explorer that was moved
    if figures:
        fresh = open_page(path + "#" + page.url.split("#")[1], from_disk=from_disk)
        explorers(fresh)
        place = fresh.locator(f"#{key}")
        fresh.wait_for_function(
            "e => Math.abs(e.getBoundingClientRect().top) < innerHeight / 2",
            arg=place.element_handle(),
        )
        answer_questions(fresh)
        assert [shown(explorer) for explorer in explorers(fresh)] == [
            shown(explorer) for explorer in explorers(page)
        ]


def test_the_chapter_has_explorers(open_page):
    assert len(explorers(open_page("chapters/psd_sensing.html"))) >= 4


def test_a_finger_moves_a_slider_and_taps_a_choice(open_page):
    page = open_page("chapters/psd_sensing.html", width=375, height=700, touch=True)
    explorer = explorers(page)[0]
    before = shown(explorer)
    slider = explorer.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box["height"] >= 44
    page.touchscreen.tap(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    after = shown(explorer)
    assert after != before
    explorer.locator("fieldset label").last.tap()
    assert shown(explorer) != after


def test_a_mouse_drags_a_slider(open_page):
    page = open_page("chapters/psd_sensing.html")
    explorer = explorers(page)[0]
    slider = explorer.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, middle)
    page.mouse.down()
    seen = set()
    for i in range(1, 11):
        page.mouse.move(box["x"] + 8 + i * (box["width"] - 16) / 10, middle)
        seen.add(shown(explorer)[1])
    page.mouse.up()
    assert len(seen) >= 5


def test_a_move_is_announced(open_page):
    page = open_page("chapters/psd_sensing.html")
    explorer = explorers(page)[0]
    explorer.locator("input[type=range]").first.focus()
    page.keyboard.press("End")
    live = explorer.locator("[aria-live=polite]")
    page.wait_for_function("e => e.textContent.length > 40", arg=live.element_handle())
    assert live.inner_text() in shown(explorer)[1]


def test_without_a_script_the_first_frame_and_its_description_stand(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/chapters/psd_sensing.html")
    explorer = page.locator(".ms-explorer").first
    assert explorer.locator("svg").first.is_visible()
    assert explorer.locator(".ms-description").first.is_visible()
    assert "initial scale α = 1" in explorer.locator(".ms-setting").first.inner_text()
    assert not explorer.locator("form").is_visible()
    context.close()


@pytest.mark.parametrize("from_disk", [False, True], ids=["http", "file"])
@pytest.mark.parametrize("path", list(filter(asks, pages())))
def test_what_a_figure_asks_first_is_hidden_until_the_reader_has_guessed(
    open_page, path, from_disk
):
    page = open_page(path, from_disk=from_disk, width=375)
    explorers(page)
    asking = page.locator(".ms-explorer:has(.ms-question)").all()
    assert asking
    for explorer in asking:
        hidden = explorer.locator(".ms-answer :is(path, use)")
        assert hidden.count() and not any(part.is_visible() for part in hidden.all())
        before = shown(explorer)[1]
        assert before == f"{explorer.get_attribute('data-title')}. Hidden until you have guessed."
    answer_questions(page)
    for explorer in asking:
        assert explorer.locator(".ms-answer path").first.is_visible()
        assert explorer.get_by_role("status").first.inner_text().startswith("You said")
        assert "Hidden" not in shown(explorer)[1]
    assert page.evaluate("document.documentElement.scrollWidth") == 375
