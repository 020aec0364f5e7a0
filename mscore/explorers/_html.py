"""The HTML of one frame: what the static page and the kernel show alike."""

from __future__ import annotations

from html import escape
from pathlib import Path


def figure(explorer, canvas, sides, *, controls="", question="", details="", tools="", data=""):
    """Return an explorer as HTML.

    Parameters
    ----------
    explorer : Explorer
    canvas : Canvas
        On which the panels are; their titles and legends are taken from it.
    sides : list of tuple
        For each setting that is shown: its name ("" if there is one alone), the panels as a dict
        of SVG by name, and their description.
    controls, question, details, tools, data : str, default ""
        HTML above the panels, directly above them, with the description, beside it, and below all.

    Returns
    -------
    str
    """
    title = escape(explorer.title)
    shown = "".join(_side(canvas, title, *side) for side in sides)
    words = "".join(
        f'<p class="ms-description">{escape(_words(name, description))}</p>'
        for name, _, description in sides
    )
    return (
        f'<div class="ms-explorer" data-title="{title}">{controls}{question}'
        f'<div class="ms-sides">{shown}</div>'
        # Open until the script closes it: where no script runs, the description is in view.
        '<div class="ms-foot"><details class="ms-details" open>'
        f"<summary>Describe this figure</summary>{words}{details}</details>{tools}</div>"
        f"{data}</div>"
    )


def question(asked, control=""):
    """Return a question, what to guess with, and what is said with the answer.

    Parameters
    ----------
    asked : Question
    control : str, default ""
        HTML of what the reader guesses with, hidden until the script runs.

    Returns
    -------
    str
    """
    guess = f'<div class="ms-guess" hidden>{control}</div>' if control else ""
    return (
        '<form class="ms-question" autocomplete="off"><fieldset>'
        f"<legend>{escape(asked.text)}</legend>{guess}</fieldset>{verdict('', asked.why)}</form>"
    )


def verdict(said, why):
    """Return what is said of a guess, and why; one may change alone, and alone is read aloud."""
    return (
        f'<div role="status" aria-atomic="false"><p class="ms-verdict">{escape(said)}</p>'
        f'<p class="ms-why">{escape(why)}</p></div>'
    )


def with_style(html):
    """Return `html` with the style sheet before it, for places that do not load it themselves."""
    css = Path(__file__).with_name("assets").joinpath("explorer.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>{html}"


def alert(message):
    """Return an error message as HTML that screen readers announce."""
    return f'<div class="ms-error" role="alert">{escape(message)}</div>'


def _side(canvas, title, name, svgs, description):
    panels = "".join(_panel(panel, svgs[panel.key]) for panel in canvas.current())
    label = f"{title}. {escape(_words(name, description))}"
    return (
        f'<div class="ms-side"><p class="ms-setting">{escape(name)}</p>'
        f'<div class="ms-panels" role="img" aria-label="{label}">{panels}</div></div>'
    )


def _words(name, description):
    """Return a description that says of which setting it is, where two are compared."""
    return f"{name}. {description}" if name else description


def _panel(panel, svg):
    title = panel.spec.title
    heading = f'<p class="ms-panel-title">{escape(title)}</p>' if title else ""
    entries = "".join(
        f'<li data-key="{escape(key)}">{swatch}<span>{escape(label)}</span></li>'
        for key, label, swatch in panel.legend()
    )
    legend = f'<ul class="ms-legend">{entries}</ul>' if entries else ""
    return f'<div class="ms-panel">{heading}{legend}{svg}</div>'
