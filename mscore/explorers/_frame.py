"""One setting of an explorer's parameters, drawn."""

from __future__ import annotations

from dataclasses import dataclass

from mscore.figures.canvas import part_name


@dataclass(frozen=True)
class Frame:
    """One setting of the parameters, drawn.

    Attributes
    ----------
    values : dict
        The parameters.
    description : str
        What the view says about the numbers.
    svgs : dict of str to str
        The panels as SVG, by name.
    table : list of mscore.figures.Row
        The numbers in every part.
    """

    values: dict
    description: str
    svgs: dict
    table: list

    @classmethod
    def on(cls, canvas, values, description, without=()):
        """Return the frame that a canvas shows, with some parts ("panel/part") left out."""
        svgs = {}
        for panel in canvas.current():
            fragments = panel.fragments()
            for key in fragments:
                if part_name(panel.key, key) in without:
                    fragments[key] = ""
            svgs[panel.key] = panel.svg(fragments)
        return cls(values, description, svgs, canvas.table())
