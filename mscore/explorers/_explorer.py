"""`explore` and `show`: a view, its parameters, and the frames they make."""

from __future__ import annotations

import difflib
import functools
import inspect
import itertools
import math
import os

from mscore.explorers import _code, _html, _live, _static
from mscore.explorers._frame import Frame
from mscore.explorers._grid import as_grid, format_value
from mscore.explorers._questions import Question
from mscore.figures import Canvas

# The book's notation: what the reader sees beside the slider of a parameter with this name.
SYMBOLS = {
    "alpha": "initial scale α",
    "alpha_e": "end-to-end scale αₑ",
    "decades": "decades d, α = 10⁻ᵈ",
    "depth": "depth L",
    "f_start": "first number f",
    "m": "measurements m",
    "mu": "step size μ",
    "penalty": "penalty λ",
    "rank": "rank r",
    "ratio": "ratio c",
    "share": "share of entries seen",
    "stage": "stage s",
    "t": "iteration t",
    "width": "width k",
}
MAX_FRAMES = 400  # a page with more would be slow to build and heavy to load


def explore(view, *, start=None, compare=None, predict=None, **parameters):
    """Give a view a slider for each of its parameters.

    On the static page the sliders move between frames that are drawn now, one for each
    combination of values; in a kernel they take any value in between and run the view again.

    Parameters
    ----------
    view : callable
        ``view(canvas, *, ...)`` draws on the canvas and returns a description of what the
        numbers show. Bind a constant with `functools.partial`.
    start : dict, optional
        Values of the first frame; by default the first of each grid.
    compare : dict, optional
        Show two settings beside each other: the parameters that have a control for each, with the
        values at which the second setting starts. The other parameters are common to both.
    predict : Question, optional
        What the figure asks before it shows the run; made by `ask_slope`, `ask_level` or
        `ask_choice`. Such a figure shows one setting.
    **parameters : Grid or list
        The values of each parameter of the view. Beside its slider stands the book's symbol
        where the name has one (``alpha``, ``mu``, ``width``, ``rank``, ``m``).

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If the parameters are not those of the view, a grid is empty, there are more than 400
        frames, the question does not fit the figure, or the view fails or returns no
        description; the message names the values.

    Examples
    --------
    >>> explore(error_against_time, alpha=log_grid(1, 1e-7, 8))  # doctest: +SKIP

    A small start against a large one:

    >>> explore(error_against_time, alpha=[1e-7, 1], compare={"alpha": 1})  # doctest: +SKIP
    """
    return Explorer(view, parameters, start or {}, compare or {}, predict)


def show(view, **fixed):
    """Show a view at fixed values of its parameters, with no sliders.

    Parameters
    ----------
    view : callable
        As for `explore`.
    **fixed
        The parameters of the view.

    Returns
    -------
    Explorer
        With no parameters and one frame.

    Examples
    --------
    >>> def empty(canvas):
    ...     "An empty panel."
    ...     canvas.panel("p", xlabel="x", ylabel="y", xlim=(0, 1), ylim=(0, 1))
    ...     return "There is nothing to see."
    >>> show(empty).frame().description
    'There is nothing to see.'
    """
    _check_names(view, fixed)
    return Explorer(functools.partial(view, **fixed), {}, {}, {}, None)


class Explorer:
    """A view with sliders; made by `explore`, displayed by the notebook.

    Attributes
    ----------
    parameters : dict of str to Grid
    title : str
        The first line of the view's docstring.
    predict : Question or None
    """

    def __init__(self, view, parameters, start, compare, predict):
        self.view = view
        self.title = _title(view)
        _check_names(view, parameters)
        self.parameters = {name: as_grid(name, values) for name, values in parameters.items()}
        self.labels = {name: SYMBOLS.get(name, name.replace("_", " ")) for name in parameters}
        _check_values("start", self.parameters, start)
        _check_values("compare", self.parameters, compare)
        first = {name: grid.values[0] for name, grid in self.parameters.items()}
        self.start, self.compare = first | start, compare
        self.predict = _checked_question(predict, compare)
        count = math.prod(len(grid.values) for grid in self.parameters.values())
        if count > MAX_FRAMES:
            sizes = " x ".join(str(len(grid.values)) for grid in self.parameters.values())
            raise ValueError(
                f"the grids must have at most {MAX_FRAMES} combinations; got {sizes} = {count}"
            )
        self._canvas = Canvas()
        # Draw now, so that an error fails the cell: the notebook hides errors while displaying.
        self._live = os.environ.get("MSCORE_RENDER") != "static"
        if self._live:
            frames = [self.frame(**values) for values in self.settings(self.start, self.compare)]
            if self.predict:
                self.predict.check(self._canvas)
            question = _html.question(self.predict) if self.predict else ""
            html = _html.with_style(self.html(*frames, question=question))
            description = frames[0].description
        else:
            description, html = _static.page(self)
        self._bundle = {"text/plain": f"{self.title}. {description}", "text/html": html}

    def frame(self, **values):
        """Return the frame at `values`; parameters left out stand at their start.

        Parameters
        ----------
        **values
            Any values the view accepts, on the grid or between.

        Returns
        -------
        Frame
        """
        values = self.start | values
        description = self.draw(self._canvas, values)
        return Frame.on(self._canvas, values, description)

    def frames(self):
        """Yield the frame of every combination of the grids' values, the last varying fastest."""
        for values in self.combinations():
            yield self.frame(**values)

    def combinations(self):
        """Yield the values of every frame, the last parameter varying fastest."""
        for values in itertools.product(*(grid.values for grid in self.parameters.values())):
            yield dict(zip(self.parameters, values, strict=True))

    def code(self, **values):
        """Return lines of Python that show the frame at `values` in a fresh kernel.

        Parameters
        ----------
        **values
            As for `frame`.

        Returns
        -------
        str or None
            None if a fresh kernel cannot import the view, or if a constant bound to it cannot be
            written as a literal.

        Examples
        --------
        >>> from mscore.figures import spectral_phase as views
        >>> print(explore(views.handover, m=[200, 400], draw=[0, 1]).code(m=400))
        from mscore.explorers import show
        from mscore.figures import spectral_phase as views
        <BLANKLINE>
        show(views.handover, m=400, draw=0)
        """
        literals = {name: repr(value) for name, value in (self.start | values).items()}
        lines = _code.lines(self.view, literals)
        return lines and "\n".join(lines)

    def draw(self, canvas, values):
        """Draw the frame at `values` on a canvas and return its description."""
        canvas.begin()
        bound = getattr(self.view, "keywords", {})  # by functools.partial
        setting = ", ".join(f"{name}={value!r}" for name, value in (bound | values).items())
        place = f"the view {_name(self.view)!r}" + (f" at {setting}" if setting else "")
        try:
            description = self.view(canvas, **values)
        except Exception as error:
            raise ValueError(f"{place} failed: {type(error).__name__}: {error}") from error
        if not isinstance(description, str) or not description.strip():
            raise ValueError(f"{place} must return a description (a string); got {description!r}")
        if not canvas.current():
            raise ValueError(f"{place} must draw at least one panel; it drew none")
        return description

    def settings(self, values, others):
        """Return the settings that are shown: `values`, and if `others` has any, those with them.

        Parameters
        ----------
        values, others : dict

        Returns
        -------
        list of dict
        """
        return [values, values | others] if others else [values]

    def names(self, settings):
        """Return what each setting is called: nothing if it is alone, else A or B and its values.

        Parameters
        ----------
        settings : list of dict

        Returns
        -------
        list of str
        """
        if len(settings) == 1:
            return [""]
        words = [
            [f"{self.labels[name]} = {format_value(values[name])}" for name in self.compare]
            for values in settings
        ]
        return [f"{letter}: {', '.join(each)}" for letter, each in zip("AB", words, strict=True)]

    def html(self, *frames, question=""):
        """Return one frame, or two beside each other, as HTML without controls.

        Parameters
        ----------
        *frames : Frame
        question : str, default ""
            HTML above them.

        Returns
        -------
        str
        """
        names = self.names([frame.values for frame in frames])
        sides = [
            (name, frame.svgs, frame.description) for name, frame in zip(names, frames, strict=True)
        ]
        return _html.figure(self, self._canvas, sides, question=question)

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self._live and self.parameters and _live.available():
            widget = _live.widget(self, self._bundle["text/html"])
            return widget._repr_mimebundle_() | self._bundle
        return self._bundle


def _function(view):
    """Return the function inside functools.partial objects."""
    while isinstance(view, functools.partial):
        view = view.func
    return view


def _name(view):
    return getattr(_function(view), "__name__", repr(view))


def _title(view):
    if not callable(view):
        raise ValueError(f"view must be a function of a canvas; got {view!r}")
    lines = (inspect.getdoc(_function(view)) or "").strip().splitlines()
    if not lines:
        raise ValueError(f"view {_name(view)!r} must have a docstring: its first line is the title")
    return lines[0].rstrip(".")


def _check_names(view, given):
    """Check that the names given are the view's parameters, and that none is missing."""
    _title(view)
    expected = dict(list(inspect.signature(view).parameters.items())[1:])  # without the canvas
    for name in given:
        if name not in expected:
            close = difflib.get_close_matches(name, expected, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"view {_name(view)!r} has no parameter {name!r}; "
                f"it has {', '.join(expected) or 'none'}{hint}"
            )
    missing = [
        name
        for name, parameter in expected.items()
        if name not in given and parameter.default is inspect.Parameter.empty
    ]
    if missing:
        raise ValueError(f"view {_name(view)!r} needs values of {', '.join(missing)} as well")


def _checked_question(predict, compare):
    if not isinstance(predict, Question | None):
        raise ValueError(
            "predict must be a question made by ask_slope, ask_level or ask_choice; "
            f"got {predict!r}"
        )
    if predict and compare:
        raise ValueError("predict needs a figure of one setting; got compare as well")
    return predict


def _check_values(argument, parameters, values):
    """Check that `values` are on the grids of the parameters that they name."""
    for name, value in values.items():
        if name not in parameters:
            raise ValueError(f"{argument} must name explored parameters; got {name!r}")
        if value not in parameters[name].values:
            texts = ", ".join(map(repr, parameters[name].values))
            raise ValueError(f"{argument}: {name} must be one of {texts}; got {value!r}")
