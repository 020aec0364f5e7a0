"""An explorer in a kernel: widgets that run the view at any values and redraw its SVG."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import math

from mscore.explorers import _html

DRAW = "draw"  # a view's parameter of this name is the seed of its random numbers


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
    message = ipywidgets.HTML()
    controls = {
        name: _control(explorer.labels[name], grid, explorer.start[name])
        for name, grid in explorer.parameters.items()
    }
    drawn = {}  # the button's draw, until the parameter's own control moves

    def redraw(_change=None):
        values = {name: read() for name, (_, read) in controls.items()} | drawn
        try:
            html = explorer.html(explorer.frame(**values))
        except ValueError as error:
            message.value = _html.with_style(_html.alert(str(error)))  # the last figure stays
            return
        message.value, figure.value = "", _html.with_style(html)

    for name, (control, _) in controls.items():
        if name == DRAW:
            control.observe(lambda _change: drawn.clear(), names="value")
        control.observe(redraw, names="value")
    boxes = [control for control, _ in controls.values()]
    if _can_draw_again(explorer):
        boxes.append(_new_draw_button(explorer, drawn, redraw))
    return ipywidgets.VBox([*boxes, message, figure])


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


def _new_draw_button(explorer, drawn, redraw):
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
        redraw()

    button.on_click(draw_again)
    return ipywidgets.HBox([button, shown])
