"""Questions that a figure asks first: the reader guesses, then sees the run over the guess.

A question finds its answer in the parts that a frame draws, so a view needs no change for it. Its
guess is one more part, a line drawn in the book's style on the panel that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore.explorers._grid import Grid, as_grid, format_value
from mscore.figures.canvas import part_name
from mscore.figures.style import format_number

GUESS = "guess"  # the name of the guessed line among the parts of its panel
DASH = 5  # of that line, in ink: the runs are in colour
VEIL = "Hidden until you have guessed."
NOTHING = "At this setting the figure has no answer to this question."


def ask_slope(question, *, panel, part, guesses, hides, why, between=None):
    """Ask for the slope of a line or of points: on two logarithmic axes, the exponent.

    The guess is a line through the first of the points, and turns with the reader's slider. The
    answer is the slope of the straight line that fits the points best on the panel's axes.

    Parameters
    ----------
    question : str
    panel, part : str
        Names of the panel and of the part. A frame without that part has no answer.
    guesses : Grid or list
        The slopes that the reader can choose, first the one at which the slider stands.
    hides : sequence of str
        The parts that are hidden until the reader has guessed, as "panel/part".
    why : str
        One or two sentences shown with the answer.
    between : tuple of float, optional
        Only points whose x lies between these two count; by default all.

    Returns
    -------
    Question

    Raises
    ------
    ValueError
        If there are fewer than two guesses, or nothing is hidden. `explore` raises one if the
        figure has no such panel or part at its start, or if the slope is that of one point.

    Examples
    --------
    >>> from mscore.explorers import ask_slope, lin_grid
    >>> question = ask_slope(
    ...     "With which power of alpha does the error fall?",
    ...     panel="error",
    ...     part="measured",
    ...     guesses=lin_grid(0, 2, 21),
    ...     hides=["error/measured"],
    ...     why="The noise enters squared.",
    ... )
    >>> question.verdict(0.5, 0.96)
    'You said 0.5, the run gives 0.96. Your guess is 0.46 too low.'
    """
    ends = None if between is None else tuple(sorted(between))
    return _Slope(**_checked(question, guesses, hides, why), panel=panel, part=part, between=ends)


def ask_level(question, *, panel, part, guesses, hides, why):
    """Ask at which height a part ends.

    The guess is a line across the panel, and rises with the reader's slider. The answer is the
    last y of the part.

    Parameters
    ----------
    question, panel, part, guesses, hides, why
        As for `ask_slope`; the guesses lie within the limits of the panel's y axis.

    Returns
    -------
    Question

    Raises
    ------
    ValueError
        As `ask_slope`, and `explore` raises one if a guess lies outside the panel.

    Examples
    --------
    >>> from mscore.explorers import ask_level, log_grid
    >>> question = ask_level(
    ...     "How large is the error in the end?",
    ...     panel="error",
    ...     part="test",
    ...     guesses=log_grid(1e-8, 1, 9),
    ...     hides=["error/test"],
    ...     why="The start was small.",
    ... )
    >>> question.verdict(1e-4, 2e-3)
    'You said 10⁻⁴, the run gives 2·10⁻³. Your guess is 20 times too small.'
    """
    return _Level(**_checked(question, guesses, hides, why), panel=panel, part=part)


def ask_choice(question, *, options, answer, hides, why):
    """Ask which of some answers is right.

    Parameters
    ----------
    question, hides, why
        As for `ask_slope`.
    options : list of str or of numbers
    answer : callable
        ``answer(parts)`` returns the right option, from the `mscore.figures.Row` of every part of
        a frame, by name ("panel/part").

    Returns
    -------
    Question

    Raises
    ------
    ValueError
        If there are fewer than two options, or nothing is hidden. `explore` raises one if the
        answer is none of the options.

    Examples
    --------
    >>> from mscore.explorers import ask_choice
    >>> question = ask_choice(
    ...     "Does the error rise or fall?",
    ...     options=["it rises", "it falls"],
    ...     answer=lambda parts: "it falls" if parts["error/test"].y[-1] < 1 else "it rises",
    ...     hides=["error/test"],
    ...     why="The step is small enough.",
    ... )
    >>> question.verdict("it rises", "it falls")
    'You said “it rises”, the run says “it falls”.'
    """
    return _Choice(**_checked(question, options, hides, why, "options"), find=answer)


@dataclass(frozen=True)
class Question:
    """What a figure asks; made by `ask_slope`, `ask_level` or `ask_choice`.

    Attributes
    ----------
    text, why : str
        The question, and what is said with the answer.
    guesses : Grid
        What the reader can choose.
    hides : tuple of str
        The parts that are hidden until then.
    """

    text: str
    guesses: Grid
    hides: tuple
    why: str

    def check(self, canvas):
        """Check that the frame on a canvas, that of the start, has what the question names."""
        parts = _parts(canvas)
        for name in self.hides:
            _check_among("hides", name, parts)
        self.answer(canvas)

    def answer(self, canvas):
        """Return the answer that the frame on a canvas gives, or None if it gives none."""
        raise NotImplementedError

    def verdict(self, guess, answer):
        """Return what the reader is told about a guess."""
        raise NotImplementedError

    @property
    def place(self):
        """The name of the part that the guess is drawn as; None if it is not a line."""
        return None

    def sketch(self, canvas, guess):
        """Draw a guess over the frame on a canvas and return it as SVG; "" where it is no line."""
        return ""


@dataclass(frozen=True)
class _Line(Question):
    """A question whose guess is a line on a panel."""

    panel: str
    part: str

    def check(self, canvas):
        _check_among("panel", self.panel, canvas.panels)
        _check_among("part", self.part, [row.key for row in canvas.panels[self.panel].rows()])
        super().check(canvas)

    @property
    def place(self):
        return part_name(self.panel, GUESS)

    def sketch(self, canvas, guess):
        panel = canvas.panels[self.panel]
        panel.erase(GUESS)  # an earlier guess
        if self.answer(canvas) is not None:
            ends = self._ends(canvas, guess)
            panel.line(GUESS, *ends, label="your guess", color="ink", dash=DASH)
        return panel.fragment(GUESS)


@dataclass(frozen=True)
class _Slope(_Line):
    between: tuple | None

    def answer(self, canvas):
        x, y = self._chosen(canvas)
        return float(np.polyfit(x, y, 1)[0]) if x.size else None

    def verdict(self, guess, answer):
        answer = round(answer, 2)
        said = f"You said {format_value(guess)}, the run gives {format_number(answer)}."
        off = round(guess - answer, 2)
        side = "high" if off > 0 else "low"
        return f"{said} Your guess is {format_number(abs(off))} too {side}." if off else said

    def _ends(self, canvas, guess):
        """Return the two ends of a line with the guessed slope through the first point."""
        spec = canvas.panels[self.panel].spec
        x, y = self._chosen(canvas)
        ends = np.array(spec.xlim)
        return ends, _from(spec.yscale, y[0] + guess * (_on(spec.xscale, ends) - x[0]))

    def _chosen(self, canvas):
        """Return the points that count, on the panel's axes; none if the frame lacks the part."""
        panel = canvas.panels[self.panel]
        row = _parts(canvas).get(part_name(self.panel, self.part))
        if row is None:
            return np.empty((2, 0))
        if row.kind not in ("line", "points"):
            raise ValueError(f"part must be a line or points to have a slope; got a {row.kind}")
        low, high = self.between or (-np.inf, np.inf)
        chosen = (row.x >= low) & (row.x <= high)
        if chosen.sum() < 2:
            raise ValueError(
                f"a slope needs two points; part {self.part!r} has {chosen.sum()} of its "
                f"{row.x.size} with x between {low:g} and {high:g}"
            )
        return _on(panel.spec.xscale, row.x[chosen]), _on(panel.spec.yscale, row.y[chosen])


@dataclass(frozen=True)
class _Level(_Line):
    def check(self, canvas):
        super().check(canvas)
        low, high = sorted(canvas.panels[self.panel].spec.ylim)
        outside = [guess for guess in self.guesses.values if not low <= guess <= high]
        if outside:
            raise ValueError(
                f"guesses must lie between {low:g} and {high:g}, the limits of panel "
                f"{self.panel!r}; got {outside[0]!r}"
            )

    def answer(self, canvas):
        row = _parts(canvas).get(part_name(self.panel, self.part))
        return None if row is None else float(row.y[-1])

    def verdict(self, guess, answer):
        said = f"You said {format_value(guess)}, the run gives {format_number(answer, 2)}."
        if min(guess, answer) <= 0:  # no ratio to speak of
            return said
        times = format_number(max(guess / answer, answer / guess), 2)
        size = "large" if guess > answer else "small"
        return said if times == "1" else f"{said} Your guess is {times} times too {size}."

    def _ends(self, canvas, guess):
        return canvas.panels[self.panel].spec.xlim, (guess, guess)


@dataclass(frozen=True)
class _Choice(Question):
    find: object

    def answer(self, canvas):
        answer = self.find(_parts(canvas))
        if answer not in self.guesses.values:
            options = ", ".join(map(repr, self.guesses.values))
            raise ValueError(f"answer must return one of the options {options}; got {answer!r}")
        return answer

    def verdict(self, guess, answer):
        said = f"You said “{format_value(guess)}”, "
        same = guess == answer
        return said + (
            "and so does the run." if same else f"the run says “{format_value(answer)}”."
        )


def _checked(question, guesses, hides, why, name="guesses"):
    """Return the arguments that all questions share."""
    for argument, words in (("question", question), ("why", why)):
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"{argument} must be a sentence; got {words!r}")
    grid = as_grid(name, guesses)
    if len(grid.values) < 2:
        raise ValueError(f"{name} must leave a choice of at least two; got {grid.values}")
    if isinstance(hides, str) or not hides:
        raise ValueError(f'hides must list at least one part, as "panel/part"; got {hides!r}')
    return {"text": question, "guesses": grid, "hides": tuple(hides), "why": why}


def _check_among(argument, name, names):
    if name not in names:
        raise ValueError(
            f"{argument} must name what the figure draws at its start, one of "
            f"{', '.join(names)}; got {name!r}"
        )


def _parts(canvas):
    """Return the rows of the frame on a canvas by the names of their parts."""
    return {part_name(row.panel, row.key): row for row in canvas.table()}


def _on(scale, values):
    """Return where numbers stand on an axis."""
    return np.log10(values) if scale == "log" else np.asarray(values)


def _from(scale, places):
    """Return the numbers at places of an axis, far beyond its limits at most."""
    return 10.0 ** np.clip(places, -300, 300) if scale == "log" else places
