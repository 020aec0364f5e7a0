"""Claims: sentences that an experiment can refute, checked where they are made.

A chapter calls `claim` with an id, what was measured, the value that its own run gave and the
range in which the claim holds. A claim that does not hold stops the notebook. The book's
*Evidence* page is made from the records that these calls leave in the notebook's output.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass

__all__ = ["Claim", "ClaimRefuted", "claim"]

RECORD_TYPE = "application/vnd.mscore.claim+json"
_ID = re.compile(r"[CL]\d+(\.\d+)?[a-z]?")


class ClaimRefuted(AssertionError):
    """The observed value of a claim lies outside the range in which the claim holds."""


@dataclass(frozen=True)
class Claim:
    """A claim that held, with what was observed. Displays as one line."""

    id: str
    statement: str
    value: float
    low: float | None
    high: float | None
    holds: bool = True

    def __repr__(self):
        return f"{self.id} holds: {self.statement}: {self.value:.2g} ({self._range()})"

    def _range(self):
        if self.low is None:
            return f"at most {self.high:g}"
        if self.high is None:
            return f"at least {self.low:g}"
        return f"from {self.low:g} to {self.high:g}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), RECORD_TYPE: asdict(self)}


def claim(id, statement, value, *, low=None, high=None):
    """Check a claim against the value that was observed.

    Parameters
    ----------
    id : str
        ``"C8"`` for a claim of the literature, ``"L1.4"`` for a law that the book derives; a
        letter tells several observations of one claim apart (``"C8a"``).
    statement : str
        What the value is; the claim itself stands in ``claims.yml``.
    value : float
        What was observed.
    low, high : float, optional
        The claim holds for ``low <= value <= high``. At least one is needed.

    Returns
    -------
    Claim

    Raises
    ------
    ClaimRefuted
        If the value is outside the range, or is NaN or infinite.
    ValueError
        If the id is malformed, no range is given, or something given is not a number.

    Examples
    --------
    >>> claim("C8", "test error of the small start", 3.2e-6, high=1e-3)
    C8 holds: test error of the small start: 3.2e-06 (at most 0.001)
    >>> claim("C8", "test error of the small start", 0.5, high=1e-3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    mscore.claims.ClaimRefuted: C8 does not hold: test error of the small start: observed 0.5, ...
    """
    if not _ID.fullmatch(str(id)):
        raise ValueError(f"id must look like 'C8', 'C8a' or 'L1.4'; got {id!r}")
    if low is None and high is None:
        raise ValueError(f"low or high must be given: without a range {id} could not fail")
    value = _number("value", value)
    low = None if low is None else _number("low", low)
    high = None if high is None else _number("high", high)
    if low is not None and high is not None and not low <= high:
        raise ValueError(f"low must be at most high, or {id} could not hold; got {low:g}, {high:g}")
    record = Claim(id, statement, value, low, high)
    above = low is None or value >= low
    below = high is None or value <= high
    if not (math.isfinite(value) and above and below):
        raise ClaimRefuted(
            f"{id} does not hold: {statement}: observed {value:.3g}, claimed {record._range()}"
        )
    return record


def _number(name, value):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number; got {value!r}") from None
