"""A solver stops when its result is no longer wanted, and only then."""

import time

import numpy as np
import pytest

import mscore as ms
from mscore import _cancel

SMALL = ms.psd_sensing(n=6, rank=1, m=10, rng=0)
PAIR = ms.rectangular_sensing(6, 4, [1.0], m=12, rng=0)
COMPLETION = ms.psd_completion(12, [4.0, 1.5], 0.8, rng=0)
FOREVER = {"max_iter": 10**9, "tol": 0}
SOLVERS = {
    "descent": lambda: ms.gradient_descent(SMALL, np.eye(6), step_size=1e-3, record=2, **FOREVER),
    "two factors": lambda: ms.pair_descent(
        PAIR, *ms.gaussian_pair(PAIR, 4, 0.1, rng=0), step_size=1e-3, record=2, **FOREVER
    ),
    "greedy": lambda: ms.greedy_low_rank(COMPLETION, step_size=1e-8, max_iter=10**9),
    "flow": lambda: ms.gradient_flow(
        COMPLETION, np.eye(12), max_time=1e12, max_steps=10**9, tol=0, gradient_tol=0
    ),
    "least nuclear norm": lambda: ms.minimise_nuclear_norm(SMALL, max_iter=10**9, tol=1e-300),
    "isometry": lambda: ms.extreme_rip(SMALL.operator, 1, starts=2, iterations=10**9, rng=0),
}


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_stops_soon_after_its_result_is_no_longer_wanted(name):
    begin = time.monotonic()
    with pytest.raises(_cancel.Cancelled), _cancel.cancelled_when(soon(begin)):
        SOLVERS[name]()
    assert time.monotonic() - begin < 5


def soon(begin):
    return lambda: time.monotonic() - begin > 0.05


def test_what_is_wanted_runs_to_its_end_and_is_the_same():
    options = {"step_size": 0.1, "max_iter": 333, "tol": 0, "record": [0, 7, 120]}
    alone = ms.gradient_descent(SMALL, 0.1 * np.eye(6), **options)
    with _cancel.cancelled_when(lambda: False):
        watched = ms.gradient_descent(SMALL, 0.1 * np.eye(6), **options)
    np.testing.assert_array_equal(alone.U, watched.U)
    with pytest.raises(_cancel.Cancelled), _cancel.cancelled_when(lambda: True):
        _cancel.check()
    _cancel.check()  # outside nothing is cancelled
