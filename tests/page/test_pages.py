"""Every page of the book in a browser: requests, console, accessibility, width, formulas."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from sphinx_external_toc.parsing import parse_toc_yaml


def pages():
    """Return the path of every page of the table of contents."""
    return [f"{name}.html" for name in parse_toc_yaml(Path(__file__).parents[2] / "_toc.yml")]


# One visit a page: the tests below only look.
pytestmark = [pytest.mark.page, pytest.mark.parametrize("path", pages(), scope="module")]

# WCAG 2.1 AA, and two rules that are right but not in these sets.
AXE_OPTIONS = {
    "resultTypes": ["violations"],  # the rest takes time to gather
    "preload": False,  # the style sheets' text, which none of the rules below reads
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}, "region": {"enabled": True}},
}
FILE_NAME = re.compile(r"^\S*\.(png|svg|jpe?g|gif)$|^[0-9a-f]{16,}")


def test_asks_nothing_from_elsewhere(visit):
    assert visit.requests_outside == []


def test_console_is_silent(visit):
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violation(visit, scheme):
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    # Colours fade from one theme to the other.
    visit.page.evaluate("Promise.all(document.getAnimations().map(fade => fade.finished))")
    violations = Axe().run(visit.page, options=AXE_OPTIONS).response["violations"]
    found = [f"{rule['id']}: {node['html']}" for rule in violations for node in rule["nodes"]]
    assert found == []


def test_fits_a_telephone(visit):
    visit.page.set_viewport_size({"width": 375, "height": 800})
    widths = visit.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    assert widths == [375, 375]


def test_images_say_what_they_show(visit):
    texts = visit.page.evaluate(
        "[...document.querySelectorAll('article img, article [role=img]')]"
        ".map(e => e.getAttribute('alt') || e.getAttribute('aria-label') || '')"
    )
    poor = [text for text in texts if len(text) < 20 or FILE_NAME.match(text)]
    assert poor == []


def test_formulas_are_typeset(visit):
    left, broken = visit.page.evaluate(
        "[[...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container')),"
        " [...document.querySelectorAll('mjx-merror, [data-mjx-error]')]]"
        ".map(found => found.map(e => e.textContent))"
    )
    assert left == [] and broken == []
