"""Every slider of every page under a finger, on a screen of 375 px."""

import pytest
from test_pages import pages

pytestmark = pytest.mark.page


@pytest.mark.parametrize("path", pages())
def test_a_finger_drags_every_slider(open_page, path):
    page = open_page(path, width=375, height=800, touch=True)
    touch = page.context.new_cdp_session(page)
    for slider in page.locator(".ms-explorer[data-ready] input[type=range]").all():
        sides = slider.locator("xpath=ancestor::*[@data-ready]").locator(".ms-sides")
        before = sides.inner_html()
        drag_to_other_end(touch, slider)
        assert sides.inner_html() != before, f"{slider.get_attribute('name')}: dead"


def drag_to_other_end(touch, slider):
    """Put a finger on a slider's handle and draw it to the end that is farther away."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    place = int(slider.input_value()) / int(slider.get_attribute("max"))
    start = box["x"] + 8 + (box["width"] - 16) * place
    end = box["x"] + (4 if place > 0.5 else box["width"] - 4)
    for step in range(6):
        at = {"x": start + (end - start) * step / 5, "y": box["y"] + box["height"] / 2}
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
