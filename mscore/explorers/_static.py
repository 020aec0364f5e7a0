"""An explorer for a page without a kernel: every frame drawn now, a script to switch them.

What differs between frames is some parts of the panels, so the page holds the first frame whole, a
list of the distinct SVG fragments of these parts, and for each frame one number per part.
"""

from __future__ import annotations

import json
from html import escape

from mscore.explorers import _code, _html
from mscore.explorers._numbers import numbers
from mscore.explorers._questions import NOTHING, VEIL
from mscore.figures import Canvas
from mscore.figures.canvas import part_name

TIME = "t"  # a parameter of this name is a place along a run: the page can play it


def page(explorer):
    """Draw every frame of an explorer, for `explorer.js` to bring to life.

    Parameters
    ----------
    explorer : Explorer

    Returns
    -------
    description : str
        Of the first frame.
    html : str
        The explorer with all its frames.

    Raises
    ------
    ValueError
        If the view draws other panels at other values.
    """
    canvas = Canvas()
    settings = list(explorer.combinations())
    descriptions, frames, tables, guessed = [], [], [], []
    for values in settings:
        descriptions.append(explorer.draw(canvas, values))
        tables.append(canvas.table())
        frames.append({panel.key: panel.fragments() for panel in canvas.current()})
        if list(frames[-1]) != list(frames[0]):
            raise ValueError(
                f"the view must draw the same panels in every frame; it drew {list(frames[0])} "
                f"at {settings[0]} and {list(frames[-1])} at {values}"
            )
        if explorer.predict:
            if values == explorer.start:
                explorer.predict.check(canvas)
            guessed.append(_guesses(explorer.predict, canvas))
    sides, shown = [], explorer.settings(explorer.start, explorer.compare)
    for name, values in zip(explorer.names(shown), shown, strict=True):
        number = settings.index(values)
        svgs = {
            # A part that this frame lacks has its place all the same.
            panel.key: panel.svg(
                {key: frames[number][panel.key].get(key, "") for key in panel.keys()}
            )
            for panel in canvas.current()
        }
        sides.append((name, svgs, descriptions[number]))
    controls = _controls(explorer) if explorer.parameters else ""
    asked = explorer.predict
    actions = {"link": "Copy link"}
    if explorer.code() is not None:
        actions["code"] = "Copy as Python"
    if not (explorer.compare or asked) and any(name != TIME for name in explorer.parameters):
        actions["compare"] = "Compare"
    drawn = numbers(canvas.current(), tables)
    if drawn["cursor"] and TIME not in explorer.parameters:  # the time is a cursor
        actions["cursor"] = "Read values"
    return sides[0][2], _html.figure(
        explorer,
        canvas,
        sides,
        controls=controls,
        question=_html.question(asked, _guess(asked)) if asked else "",
        details=_tools({"table": "Show the numbers", "csv": "Download as CSV"}),
        tools=_tools(actions),
        data=_ANSWERS
        + _data(explorer, canvas, frames, descriptions)
        + (_question(asked, guessed) if asked else "")
        + _script("ms-numbers", drawn),
    )


# Where the script answers: words that are seen, and words for screen readers alone.
_ANSWERS = (
    '<textarea class="ms-copy" aria-label="Text to copy" readonly hidden></textarea>'
    '<p class="ms-status" role="status"></p><p class="ms-live" aria-live="polite"></p>'
)


def _tools(actions):
    """Return a row of buttons for actions, given with their words; hidden until the script runs."""
    buttons = "".join(
        f'<button type="button" data-action="{action}">{words}</button>'
        for action, words in actions.items()
    )
    return f'<div class="ms-tools" hidden>{buttons}</div>'


def _data(explorer, canvas, frames, descriptions):
    """Return what the script needs, as JSON in a script element."""
    parts = [(panel.key, key) for panel in canvas.current() for key in panel.keys()]
    moving = [part for part in parts if len({_fragment(frame, part) for frame in frames}) > 1]
    fragments = {}  # with the number of each
    table = [
        [fragments.setdefault(_fragment(frame, part), len(fragments)) for part in moving]
        for frame in frames
    ]
    data = {
        "parameters": [
            {
                "name": name,
                "label": explorer.labels[name],
                "values": grid.values,
                "texts": grid.texts(),
                "literals": [repr(value) for value in grid.values],
                "start": grid.values.index(explorer.start[name]),
                "time": name == TIME,
            }
            for name, grid in explorer.parameters.items()
        ],
        "parts": [part_name(*part) for part in moving],
        "fragments": list(fragments),
        "frames": table,
        "descriptions": descriptions,
        "compare": {
            name: explorer.parameters[name].values.index(value)
            for name, value in explorer.compare.items()
        },
        "code": _code.lines(explorer.view, {name: f"{{{name}}}" for name in explorer.parameters}),
    }
    return _script("ms-data", data)


def _question(asked, guessed):
    """Return what the script needs of a question, as JSON in a script element."""
    lines = {}  # with the number of each
    data = {
        "hides": asked.hides,
        "place": asked.place,
        "texts": asked.guesses.texts(),
        "lines": [[lines.setdefault(line, len(lines)) for line, _ in frame] for frame in guessed],
        "verdicts": [[verdict for _, verdict in frame] for frame in guessed],
        "why": asked.why,
        "veil": VEIL,
    }
    return _script("ms-guesses", data | {"fragments": list(lines)})


def _guesses(asked, canvas):
    """Return the line and the verdict of each guess over the frame on a canvas."""
    answer = asked.answer(canvas)
    verdicts = [
        NOTHING if answer is None else asked.verdict(guess, answer)
        for guess in asked.guesses.values
    ]
    lines = [asked.sketch(canvas, guess) for guess in asked.guesses.values]
    return list(zip(lines, verdicts, strict=True))


def _guess(asked):
    """Return what the reader guesses with, a slider or a choice that nothing is chosen of yet."""
    control = (
        _slider("guess", "your guess", asked.guesses.texts(), 0)
        if asked.place
        else _choice("guess", "your guess", asked.guesses.texts(), None)
    )
    return f'{control}<button class="ms-reveal">Reveal</button>'


def _fragment(frame, part):
    """Return the SVG elements of a part in a frame, which may lack it."""
    panel, key = part
    return frame[panel].get(key, "")


def _script(name, data):
    """Return JSON in a script element of the class `name`."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/json" class="{name}">{text}</script>'


def _controls(explorer):
    """Return a slider or a row of choices for each parameter, hidden until the script runs."""
    controls = "".join(
        (_choice if grid.is_choice else _slider)(
            name, explorer.labels[name], grid.texts(), grid.values.index(explorer.start[name])
        )
        for name, grid in explorer.parameters.items()
    )
    start = ", ".join(
        f"{label} = {grid.texts()[grid.values.index(explorer.start[name])]}"
        for (name, grid), label in zip(
            explorer.parameters.items(), explorer.labels.values(), strict=True
        )
    )
    # A form of its own keeps the radio buttons of two explorers apart.
    return (
        f'<form class="ms-controls" autocomplete="off" hidden>{controls}</form>'
        f'<noscript><p class="ms-note">Moving this figure needs JavaScript. '
        f"It is shown at {escape(start)}.</p></noscript>"
    )


def _slider(name, label, texts, index):
    play = '<button type="button" class="ms-play">Play</button>' if name == TIME else ""
    return (
        '<div class="ms-control">'
        f'<label class="ms-slider"><span class="ms-label">{escape(label)}</span>'
        # The slider says its value to a screen reader. An <output> would take the label from it.
        f'<span class="ms-value" aria-hidden="true">{escape(texts[index])}</span>'
        f'<input type="range" name="{escape(name)}" min="0" max="{len(texts) - 1}" step="1" '
        f'value="{index}" aria-valuetext="{escape(texts[index])}"></label>{play}</div>'
    )


def _choice(name, label, texts, index):
    required = " required" if index is None else ""
    buttons = "".join(
        f'<label><input type="radio" name="{escape(name)}" value="{i}"{required}'
        f"{' checked' if i == index else ''}><span>{escape(text)}</span></label>"
        for i, text in enumerate(texts)
    )
    return (
        f'<fieldset class="ms-control ms-choice"><legend class="ms-label">{escape(label)}</legend>'
        f"{buttons}</fieldset>"
    )
