"""Checks of arguments: each raises a `ValueError` that says what came and what is accepted."""

from __future__ import annotations

import difflib
import math
import numbers
import operator

import numpy as np


def positive_integer(name, value, *, at_most=None):
    """Return `value` as an int if it is a whole number from 1 to `at_most`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or (at_most is not None and number > at_most) or isinstance(value, bool):
        upper = "" if at_most is None else f" and at most {at_most}"
        raise ValueError(f"{name} must be a whole number, at least 1{upper}; got {value!r}")
    return number


def positive_number(name, value, *, or_zero=False):
    """Return `value` as a float if it is finite and above zero (or zero, where that is allowed)."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number = float(value) if real else math.nan
    if not (math.isfinite(number) and (number > 0 or (or_zero and number == 0))):
        zero = "zero or " if or_zero else ""
        raise ValueError(f"{name} must be {zero}a positive, finite number; got {value!r}")
    return number


def finite_array(name, value, shape):
    """Return `value` as a float64 array whose shape matches `shape`.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What the caller passed.
    shape : tuple of int or None
        Expected trailing shape; None accepts any length. Leading axes are a batch.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name} must be an array; got {type(value).__name__}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of real numbers; got dtype {array.dtype}")
    array = array.astype(float, copy=False)
    tail = array.shape[max(array.ndim - len(shape), 0) :]
    fits = len(tail) == len(shape) and all(
        want in (None, got) for want, got in zip(shape, tail, strict=True)
    )
    if not fits or array.size == 0:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(
            f"{name} must have shape (..., {wanted}) and be non-empty; got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(f"{name} must be finite; got {bad} NaN or inf")
    return array


def symmetric_array(name, value, n=None):
    """Return `value` as a float64 array of symmetric `n` by `n` matrices (leading axes a batch)."""
    array = finite_array(name, value, (n, n))
    if array.shape[-1] != array.shape[-2]:
        raise ValueError(f"{name} must be square; got shape {array.shape}")
    gap = np.abs(array - np.swapaxes(array, -1, -2)).max()
    if gap > 1e-10 * max(np.abs(array).max(), np.finfo(float).tiny):
        raise ValueError(f"{name} must be symmetric; it differs from its transpose by {gap:.2g}")
    return array


def one_of(name, value, accepted):
    """Return `value` if it is one of the strings `accepted`."""
    if value in accepted:
        return value
    close = difflib.get_close_matches(str(value), accepted, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"{name} must be one of {', '.join(map(repr, accepted))}; got {value!r}{hint}")


def generator(rng):
    """Return a `numpy.random.Generator` from a seed or a generator; never global state."""
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = -1
    if seed < 0 or isinstance(rng, bool):
        raise ValueError(
            f"rng must be a seed (a whole number from 0) or a numpy.random.Generator; got {rng!r}"
        )
    return np.random.default_rng(seed)
