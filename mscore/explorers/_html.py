"""The HTML of one frame: what the static page and the kernel show alike."""

from __future__ import annotations

from html import escape
from pathlib import Path


def figure(explorer, canvas, svgs, description, *, controls="", details="", below="", data=""):
    """Return an explorer as HTML.

    Parameters
    ----------
    explorer : Explorer
    canvas : Canvas
        On which the panels are; their titles and legends are taken from it.
    svgs : dict of str to str
        The panels by name.
    description : str
        What they show.
    controls, details, below, data : str, default ""
        HTML above the panels, with the description, below it, and what is not seen.

    Returns
    -------
    str
    """
    panels = "".join(_panel(panel, svgs[panel.key]) for panel in canvas.current())
    title = escape(explorer.title)
    return (
        f'<div class="ms-explorer" data-title="{title}">{controls}'
        f'<div class="ms-panels" role="img" aria-label="{title}. {escape(description)}">'
        f"{panels}</div>"
        # Open until the script closes it: where no script runs, the description is in view.
        '<details class="ms-details" open><summary>Describe this figure</summary>'
        f'<p class="ms-description">{escape(description)}</p>{details}</details>'
        f"{below}{data}</div>"
    )


def with_style(html):
    """Return `html` with the style sheet before it, for places that do not load it themselves."""
    css = Path(__file__).with_name("assets").joinpath("explorer.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>{html}"


def alert(message):
    """Return an error message as HTML that screen readers announce."""
    return f'<div class="ms-error" role="alert">{escape(message)}</div>'


def _panel(panel, svg):
    title = panel.spec.title
    heading = f'<p class="ms-panel-title">{escape(title)}</p>' if title else ""
    entries = "".join(
        f"<li>{swatch}<span>{escape(label)}</span></li>" for label, swatch in panel.legend()
    )
    legend = f'<ul class="ms-legend">{entries}</ul>' if entries else ""
    return f'<div class="ms-panel">{heading}{legend}{svg}</div>'
