"""Least trace over the PSD cone: against cvxpy, and by its own certificate of optimality."""

import cvxpy as cp
import numpy as np
import pytest

import mscore as ms

# The oracle may fall short of the accuracy asked of it; the comparison says whether it matters.
pytestmark = pytest.mark.filterwarnings("ignore:Solution may be inaccurate")


def oracle(problem):
    """The same problem through a modelling layer and an interior-point method."""
    X = cp.Variable((problem.n,) * 2, PSD=True)
    matrices = [problem.operator.adjoint(e) for e in np.eye(problem.m)]
    fits = [
        cp.sum(cp.multiply(A, X)) == value for A, value in zip(matrices, problem.y, strict=True)
    ]
    program = cp.Problem(cp.Minimize(cp.trace(X)), fits)
    accuracy = dict.fromkeys(["tol_gap_abs", "tol_gap_rel", "tol_feas"], 1e-10)
    program.solve(solver=cp.CLARABEL, **accuracy)
    return X.value


def completion(n, rank, observed, rng):
    rng = np.random.default_rng(rng)
    mask = rng.random((n, n)) < observed
    operator = ms.ObservedEntries(mask | mask.T)
    truth = ms.psd_truth(n, np.ones(rank), rng=rng)
    return ms.Problem(operator, operator.forward(truth), truth)


def few_measurements(seed):
    return ms.psd_sensing(n=10, rank=2, m=15, rng=seed)  # too few: the truth is not the optimum


def assert_optimal(problem, solution, tolerance=1e-6):
    """Feasible for the primal and the dual, with equal values: no oracle is needed."""
    trace = np.trace(solution.X)
    np.testing.assert_allclose(solution.X, solution.X.T, atol=1e-12)
    assert np.linalg.eigvalsh(solution.X)[0] > -1e-12 * trace
    fit = np.linalg.norm(problem.operator.forward(solution.X) - problem.y)
    assert fit / np.linalg.norm(problem.y) == pytest.approx(solution.residual, abs=1e-12)
    assert solution.residual < tolerance
    slack = np.eye(problem.n) - problem.operator.adjoint(solution.dual)
    assert np.linalg.eigvalsh(slack)[0] > -tolerance
    assert abs(trace - solution.dual @ problem.y) / trace == pytest.approx(solution.gap, abs=1e-12)
    assert solution.gap < tolerance
    assert solution.converged and solution.stop_reason.startswith("reached tolerance 1e-08 at iter")


@pytest.mark.parametrize(
    "problem",
    [
        *[few_measurements(seed) for seed in range(4)],
        ms.psd_sensing(n=8, rank=1, m=17, rng=4),
        ms.psd_sensing(n=12, rank=3, m=38, rng=5, eigenvalues=[3.0, 1.0, 0.2]),
        ms.psd_sensing(n=6, rank=1, m=10, rng=6, dtype="float32"),
    ],
    ids=lambda problem: f"n{problem.n}m{problem.m}",
)
def test_against_cvxpy(problem):
    solution, expected = ms.minimise_nuclear_norm(problem), oracle(problem)
    assert np.trace(solution.X) == pytest.approx(np.trace(expected), rel=1e-6)
    assert ms.relative_error(solution.X, expected) < 1e-5
    assert_optimal(problem, solution)


def test_the_optimum_is_not_always_the_truth():
    problem = few_measurements(0)
    solution = ms.minimise_nuclear_norm(problem)
    assert np.trace(solution.X) < np.trace(problem.truth) - 1e-3
    assert ms.relative_error(solution.X, problem.truth) > 0.1


@pytest.mark.parametrize("seed", range(3))
def test_enough_measurements_recover_the_truth(seed):
    problem = ms.psd_sensing(n=12, rank=1, m=38, rng=seed)
    solution = ms.minimise_nuclear_norm(problem)
    assert_optimal(problem, solution)
    assert ms.relative_error(solution.X, problem.truth) < 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_completion(seed):
    # The trace is unique even where the completion is not.
    problem = completion(7, 2, 0.5, seed)
    solution = ms.minimise_nuclear_norm(problem)
    assert_optimal(problem, solution, tolerance=1e-5)
    assert np.trace(solution.X) == pytest.approx(np.trace(oracle(problem)), rel=1e-5)


def test_full_observation_returns_what_was_observed():
    truth = ms.psd_truth(6, [2.0, 0.1], rng=0)
    operator = ms.full_observation(6)
    solution = ms.minimise_nuclear_norm(ms.Problem(operator, operator.forward(truth)))
    assert ms.relative_error(solution.X, truth) < 1e-6


def test_dependent_measurements_change_nothing():
    once = few_measurements(1)
    twice = ms.SymmetricGaussian(10, 2 * once.m, rng=0)
    twice.rows = np.vstack([once.operator.rows, once.operator.rows])
    doubled = ms.Problem(twice, np.concatenate([once.y, once.y]))
    a, b = ms.minimise_nuclear_norm(once), ms.minimise_nuclear_norm(doubled)
    assert ms.relative_error(b.X, a.X) < 1e-6
    assert_optimal(doubled, b)
    # Of the many multipliers, the least: each half carries its part.
    np.testing.assert_allclose(b.dual, np.tile(a.dual, 2) / 2, atol=1e-5)


def test_more_measurements_than_unknowns():
    problem = ms.psd_sensing(n=8, rank=2, m=60, rng=0, allow_vacuous=True)
    solution = ms.minimise_nuclear_norm(problem)
    assert solution.converged and solution.residual < 1e-7
    assert ms.relative_error(solution.X, problem.truth) < 1e-6


def test_data_that_no_psd_matrix_fits():
    operator = ms.full_observation(3)
    problem = ms.Problem(operator, operator.forward(-np.eye(3)))
    solution = ms.minimise_nuclear_norm(problem, max_iter=200)
    assert not solution.converged
    assert solution.stop_reason.startswith("made the 200 iterations allowed; ")
    assert solution.residual > 0.5
    assert np.isfinite(solution.X).all()


@pytest.mark.parametrize("c", [1e-4, 1e3])
def test_scaling_the_data_scales_the_solution(c):
    problem = few_measurements(2)
    scaled = ms.Problem(problem.operator, c * problem.y)
    a, b = ms.minimise_nuclear_norm(problem), ms.minimise_nuclear_norm(scaled)
    assert b.n_iter == a.n_iter
    np.testing.assert_allclose(b.X, c * a.X, atol=1e-6 * c)
    np.testing.assert_allclose(b.dual, a.dual, atol=1e-5)


def test_the_tolerance_buys_accuracy():
    problem = ms.psd_sensing(n=12, rank=1, m=38, rng=0)
    rough, fine = (ms.minimise_nuclear_norm(problem, tol=tol) for tol in (1e-2, 1e-10))
    assert rough.n_iter < fine.n_iter
    assert ms.relative_error(fine.X, problem.truth) < 1e-8
    assert ms.relative_error(rough.X, problem.truth) > 1e-6
