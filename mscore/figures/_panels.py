"""Panels that several chapters draw."""

from __future__ import annotations

import numpy as np

import mscore as ms

__all__ = ["FITTED", "above", "draw_error_against_scale", "draw_errors"]

FITTED = 1e-3  # of the initial scales, those up to here show the law


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


def draw_error_against_scale(canvas, alphas, error, *, xlim, law=None):
    r"""Draw a test error against the initial scale, with the fitted slope beside that of a law.

    Returns the slope fitted for :math:`\alpha \le 10^{-3}`. Without a law there is no line.
    """
    panel = canvas.panel(
        "error",
        height=330,
        xlabel="initial scale α",
        ylabel="test error",
        xlim=xlim,
        ylim=(1e-16, 10),
        xscale="log",
        yscale="log",
    )
    panel.points("measured", alphas, above(error, 1e-16), label="measured", color=0)
    fitted = alphas <= FITTED
    slope = ms.log_slope(alphas[fitted], error[fitted])
    middle = np.exp(np.mean(np.log(alphas[fitted]))), np.exp(np.mean(np.log(error[fitted])))
    for key, exponent, label, color, dash in (
        ("fit", slope, "fit for α ≤ 10⁻³", 0, 0),
        ("law", law, "slope of the law", 1, 1),
    ):
        if law is not None:
            line = middle[1] * (alphas / middle[0]) ** exponent
            panel.line(key, alphas, line, label=label, color=color, dash=dash)
    return slope
