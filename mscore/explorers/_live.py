"""An explorer in a kernel: widgets that run the view at any values and redraw its SVG."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import itertools
import math
from html import escape

from mscore.explorers import _html

DRAW = "draw"  # a view's parameter of this name is the seed of its random numbers
SETTLE = 0.01  # seconds without a move before the view runs: the queue of moves is then empty
COMPUTING = '<p class="ms-note" role="status">Computing…</p>'


def available():
    """Return whether ipywidgets is installed."""
    return importlib.util.find_spec("ipywidgets") is not None


def widget(explorer, html):
    """Return the explorer as a box of controls, a line for errors, and the figure.

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
    message = ipywidgets.HTML(layout={"min_height": "2rem"})
    controls = {
        name: _control(explorer.labels[name], grid, explorer.start[name])
        for name, grid in explorer.parameters.items()
    }
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
        said = ""
        try:
            frame = explorer.frame(**values)
            figure.value = _html.with_style(explorer.html(frame))
            said = f'<p class="ms-live" role="status">{escape(frame.description)}</p>'
        except ValueError as error:
            said = _html.with_style(_html.alert(str(error)))  # the last figure stays
        finally:
            if moves == answered:  # else the next run is on its way, and says how it went
                message.value = said

    redraw_soon = _after_moves(redraw)
    for name, (control, _) in controls.items():
        if name == DRAW:
            control.observe(lambda _change: drawn.clear(), names="value")
        control.observe(move, names="value")
    boxes = [control for control, _ in controls.values()]
    if _can_draw_again(explorer):
        boxes.append(_new_draw_button(explorer, drawn, move))
    return ipywidgets.VBox([*boxes, message, figure])


def _after_moves(redraw):
    """Return a function that runs `redraw` once for all moves that have come in by then.

    A move may arrive in a thread of its own, while a cell or an earlier move computes (JupyterLab
    4.4 and later, through a subshell of the kernel), or wait behind them (other notebooks). So a
    move only asks for a run on the event loop that runs the cells: one run at a time, none beside
    a cell, none for a move that a newer one has overtaken.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # outside a notebook nothing waits
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
        "continuous_update": False,  # a run of the solver each time: at rest, not on the way
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
