"""A question in a kernel: what to guess with, and frames that hide the run until then."""

from __future__ import annotations

from html import escape

from mscore.explorers import _html
from mscore.explorers._frame import Frame
from mscore.explorers._questions import NOTHING, VEIL
from mscore.figures import Canvas


class Asking:
    """The widgets of an explorer's question, and the frames that go with them.

    Parameters
    ----------
    explorer : Explorer
        With a question.

    Attributes
    ----------
    box : ipywidgets.VBox
        The question, what to guess with, and what is said of the guess.
    """

    def __init__(self, explorer):
        import ipywidgets  # only where it is installed

        self._explorer, self._asked = explorer, explorer.predict
        # No other frame is drawn on it: the guess is drawn over the last one.
        self._canvas, self._values, self._description = Canvas(), None, None
        self._hidden = True
        self._guess = _control(self._asked)
        self._button = ipywidgets.Button(button_style="primary")
        self._verdict = ipywidgets.HTML()
        question = ipywidgets.HTML(f"<strong>{escape(self._asked.text)}</strong>")
        row = ipywidgets.HBox([self._guess, self._button], layout={"flex_flow": "row wrap"})
        self.box = ipywidgets.VBox([question, row, self._verdict])

    def on_change(self, redraw):
        """Call `redraw` when the reader has moved the guess, revealed the run or hidden it."""

        def turn(_button):
            self._hidden = not self._hidden
            redraw()

        self._guess.observe(lambda _change: redraw(), names="value")
        self._button.on_click(turn)

    def frame(self, **values):
        """Return the frame at `values`, with the run or without it, and the guess.

        The view runs if the values are not those of the last frame. The widgets follow.

        Parameters
        ----------
        **values
            All of the view's parameters.

        Returns
        -------
        Frame
        """
        if values != self._values:
            self._values = None  # should the view fail
            self._description = self._explorer.draw(self._canvas, values)
            self._values = values
        hidden, guess = self._hidden, self._guess.value
        self._guess.disabled = not hidden
        self._button.description = "Reveal" if hidden else "Guess again"
        self._button.disabled = guess is None
        self._verdict.value = "" if hidden else _html.verdict(self._said(guess), self._asked.why)
        self._asked.sketch(self._canvas, guess)
        if hidden:
            return Frame.on(self._canvas, values, VEIL, without=self._asked.hides)
        return Frame.on(self._canvas, values, self._description)

    def html(self, frame):
        """Return a frame as HTML without controls."""
        return _html.figure(self._explorer, self._canvas, [("", frame.svgs, frame.description)])

    def _said(self, guess):
        answer = self._asked.answer(self._canvas)
        return NOTHING if answer is None else self._asked.verdict(guess, answer)


def _control(asked):
    """Return the widget to guess with: a slider, or a choice that nothing is chosen of yet."""
    import ipywidgets

    options = list(zip(asked.guesses.texts(), asked.guesses.values, strict=True))
    common = {"description": "your guess", "style": {"description_width": "initial"}}
    if asked.place:
        layout = {"width": "min(100%, 480px)"}
        return ipywidgets.SelectionSlider(options=options, layout=layout, **common)
    return ipywidgets.RadioButtons(options=options, value=None, **common)
