"""Panels that several chapters draw."""

from __future__ import annotations

import numpy as np

__all__ = ["above", "draw_errors"]


def above(values, floor):
    """Return values for a log axis: what is smaller than `floor` is drawn there."""
    return np.maximum(values, floor)


def draw_errors(canvas, t, train, test, *, last, ylim, **panel):
    """Draw training and test error at the iterations `t`, those below 1e-9 there."""
    errors = canvas.panel(
        "errors",
        xlabel="iteration",
        ylabel="relative error",
        xlim=(0, last),
        ylim=ylim,
        yscale="log",
        **panel,
    )
    errors.line("train", t, above(train, 1e-9), label="training error", color=0)
    errors.line("test", t, above(test, 1e-9), label="test error", color=1)
    return errors
