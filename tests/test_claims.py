"""Claims: what holds, what is refuted, and the record that a notebook keeps."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from mscore.claims import RECORD_TYPE, ClaimRefuted, claim


@pytest.mark.parametrize("id", ["C8", "C8a", "C40", "L1.4", "L9.2b", "L10.12"])
def test_ids_that_are_accepted(id):
    assert claim(id, "a sentence", 1.0, low=0.5).id == id


@pytest.mark.parametrize("id", ["", "8", "c8", "C", "C8.", "C8ab", "X1", "C8 ", "L1.4.2", None, 8])
def test_ids_that_are_not(id):
    with pytest.raises(ValueError, match="id must look like 'C8', 'C8a' or 'L1.4'; got"):
        claim(id, "a sentence", 1.0, low=0.5)


@pytest.mark.parametrize(
    ("value", "low", "high", "holds"),
    [
        (1.0, 0.5, None, True),
        (0.5, 0.5, None, True),  # the ends belong to the range
        (0.4, 0.5, None, False),
        (1.0, None, 2.0, True),
        (2.0, None, 2.0, True),
        (2.1, None, 2.0, False),
        (1.0, 1.0, 1.0, True),
        (0.0, -1.0, 1.0, True),
        (1.5, -1.0, 1.0, False),
        (np.float32(0.5), 0, 1, True),
        (np.array(0.5), 0, 1, True),
        (True, 1, 1, True),
        (np.nan, 0.0, None, False),
        (np.nan, None, 1.0, False),
        (np.inf, 0.0, None, False),
        (-np.inf, None, 0.0, False),
    ],
)
def test_ranges(value, low, high, holds):
    if holds:
        record = claim("C1", "a sentence", value, low=low, high=high)
        assert record.holds and record.value == float(value)
    else:
        with pytest.raises(ClaimRefuted, match="C1 does not hold: a sentence: observed .*, cl"):
            claim("C1", "a sentence", value, low=low, high=high)


def test_a_refuted_claim_is_a_failed_assertion():
    assert issubclass(ClaimRefuted, AssertionError)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value": 1.0}, "low or high must be given"),
        ({"value": 1.0, "low": 3, "high": 2}, "low must be at most high.*got 3, 2"),
        ({"value": 1.0, "low": float("nan"), "high": 2}, "low must be at most high"),
        ({"value": "much", "low": 1}, "value must be a number; got 'much'"),
        ({"value": None, "low": 1}, "value must be a number; got None"),
        ({"value": 1.0, "low": "little"}, "low must be a number; got 'little'"),
        ({"value": 1.0, "high": [1, 2]}, r"high must be a number; got \[1, 2\]"),
    ],
)
def test_a_claim_that_could_not_be_checked_is_an_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        claim("C1", "a sentence", **arguments)


def test_the_line_that_is_shown():
    assert repr(claim("C8", "the error", 3.21e-6, high=1e-3)) == (
        "C8 holds: the error: 3.2e-06 (at most 0.001)"
    )
    assert repr(claim("L1.4", "the slope", 1.0, low=0.8)) == (
        "L1.4 holds: the slope: 1 (at least 0.8)"
    )
    assert repr(claim("L1.4", "the slope", 1.0, low=0.8, high=1.5)) == (
        "L1.4 holds: the slope: 1 (from 0.8 to 1.5)"
    )


def test_the_record_is_plain_json():
    held = claim("C8a", "the error", np.float64(0.25), high=np.float32(0.5))
    bundle = held._repr_mimebundle_()
    assert set(bundle) == {"text/plain", RECORD_TYPE}
    assert bundle["text/plain"] == repr(held)
    assert json.loads(json.dumps(bundle[RECORD_TYPE], allow_nan=False)) == {
        "id": "C8a",
        "statement": "the error",
        "value": 0.25,
        "low": None,
        "high": 0.5,
        "holds": True,
    }


def test_a_claim_does_not_change():
    held = claim("C8", "the error", 0.1, high=1)
    with pytest.raises(FrozenInstanceError):
        held.value = 2.0
