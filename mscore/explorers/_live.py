"""An explorer in a kernel: widgets that run the view at any values and redraw its SVG.

A notebook may report a move in a thread of its own, while a cell or an earlier move computes
(JupyterLab 4.4 and later, through a subshell of the kernel), or keep it in a queue behind them.
Neither the views nor matplotlib are made for two threads, and a queue would draw every move on
the way to the last. So a move only asks for a run, on the event loop that also runs the cells.

When a newer move overtakes a run, the solvers of `mscore` stop at their next look (`_cancel`); what
a view does besides them runs to its end.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import itertools
import math
from html import escape

from mscore import _cancel
from mscore.explorers import _html, _live_question

DRAW = "draw"  # a view's parameter of this name is the seed of its random numbers
SETTLE = 0.01  # seconds without a move before the view runs: by then the queue is empty
COMPUTING = '<p class="ms-note" role="status">Computing…</p>'


def available():
    """Return whether ipywidgets is installed."""
    return importlib.util.find_spec("ipywidgets") is not None


def widget(explorer, html):
    """Return the explorer as a box of controls, a line of words on the last move, and the figure.

    Parameters
    ----------
    explorer : Explorer
    html : str
        Its first frame.

    Returns
    -------
    ipywidgets.VBox
    """
    import ipywidgets  # floor 4 works without it

    figure = ipywidgets.HTML(html)
    message = ipywidgets.HTML(layout={"min_height": "2rem"})  # the figure keeps its place
    labels = explorer.labels | {name: f"A: {explorer.labels[name]}" for name in explorer.compare}
    controls = {
        name: _control(labels[name], grid, explorer.start[name])
        for name, grid in explorer.parameters.items()
    }
    others = {
        name: _control(f"B: {explorer.labels[name]}", explorer.parameters[name], value)
        for name, value in explorer.compare.items()
    }
    asking = _live_question.Asking(explorer) if explorer.predict else None
    source = asking or explorer
    drawn = {}  # the button's draw, until the parameter's own control moves
    moves = 0

    def move(_change=None):
        nonlocal moves
        moves += 1
        message.value = COMPUTING
        redraw_soon()

    def redraw():
        answered = moves
        values = {name: read() for name, (_, read) in controls.items()} | drawn
        second = {name: read() for name, (_, read) in others.items()}
        said = ""
        try:
            with _cancel.cancelled_when(lambda: moves != answered):
                frames = [source.frame(**each) for each in explorer.settings(values, second)]
            figure.value = _html.with_style(source.html(*frames))
            words = " ".join(frame.description for frame in frames)
            said = f'<p class="ms-live" role="status">{escape(words)}</p>'
        except ValueError as error:
            said = _html.alert(str(error))  # the last figure stays
        except _cancel.Cancelled:
            pass  # the newer move redraws
        finally:
            if moves == answered:  # else a newer move waits, and it is still computing
                message.value = said

    redraw_soon = _once_settled(redraw)
    for name, (control, _) in controls.items():
        if name == DRAW:
            control.observe(lambda _change: drawn.clear(), names="value")
        control.observe(move, names="value")
    for control, _ in others.values():
        control.observe(move, names="value")
    boxes = [control for name in controls for control in _both(name, controls, others)]
    if _can_draw_again(explorer):
        boxes.append(_new_draw_button(explorer, drawn, move))
    if asking:
        asking.on_change(redraw_soon)
        boxes.append(asking.box)
        redraw()  # `html` shows the run
    return ipywidgets.VBox([*boxes, message, figure])


def _both(name, controls, others):
    """Return the widgets of one parameter: where two settings are compared, that of each."""
    return [each[name][0] for each in (controls, others) if name in each]


def _once_settled(redraw):
    """Return a function that any thread may call: after a burst of calls `redraw` runs once."""
    try:
        loop = asyncio.get_running_loop()  # of the cell that shows the explorer
    except RuntimeError:  # outside a notebook, where nothing waits
        return redraw
    run = None

    def settle():
        nonlocal run
        if run is not None:
            run.cancel()
        run = loop.call_later(SETTLE, redraw)

    return lambda: loop.call_soon_threadsafe(settle)


def _control(label, grid, start):
    """Return the widget of one parameter and the function that reads its value."""
    import ipywidgets

    common = {
        "description": label,
        # Half of the moves compute for more than 0.2 s: a run on the way would delay the last one.
        "continuous_update": False,
        "style": {"description_width": "initial"},
        "layout": {"width": "min(100%, 480px)"},
    }
    low, high = grid.values[0], grid.values[-1]
    if grid.spacing == "list":
        kind = ipywidgets.SelectionSlider
        if grid.is_choice:
            kind = ipywidgets.ToggleButtons if len(grid.values) <= 4 else ipywidgets.Dropdown
            del common["continuous_update"], common["layout"]
        options = list(zip(grid.texts(), grid.values, strict=True))
        control = kind(options=options, value=start, **common)
        return control, lambda: control.value
    low, high = min(low, high), max(low, high)
    if grid.spacing == "lin":
        kind = ipywidgets.IntSlider if grid.integer else ipywidgets.FloatSlider
        step = {} if grid.integer else {"step": (high - low) / 100, "readout_format": ".3g"}
        control = kind(start, min=low, max=high, **step, **common)
        return control, lambda: control.value
    ends = {"min": math.log10(low), "max": math.log10(high)}
    step = (ends["max"] - ends["min"]) / 100
    control = ipywidgets.FloatLogSlider(start, base=10, step=step, **ends, **common)
    if grid.integer:
        control.readout_format = ".0f"
        return control, lambda: round(control.value)
    # Powers of ten at the slider's ends come back as 9.999999e-08.
    return control, lambda: float(f"{control.value:.6g}")


def _can_draw_again(explorer):
    """Return whether the view takes draws beyond those that its controls offer."""
    grid = explorer.parameters.get(DRAW)
    return DRAW in inspect.signature(explorer.view).parameters and (
        grid is None or grid.spacing == "list"
    )


def _new_draw_button(explorer, drawn, move):
    import ipywidgets

    grid = explorer.parameters.get(DRAW)
    default = inspect.signature(explorer.view).parameters[DRAW].default
    known = grid.values if grid else [default]
    draws = itertools.count(1 + max((draw for draw in known if isinstance(draw, int)), default=0))
    button = ipywidgets.Button(description="New draw", tooltip="Draw the random numbers again")
    shown = ipywidgets.Label()

    def draw_again(_button):
        drawn[DRAW] = next(draws)
        shown.value = f"draw {drawn[DRAW]}"
        move()

    button.on_click(draw_again)
    return ipywidgets.HBox([button, shown])
