"""Problems: truths, thresholds, starts, and the gradient against differences."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mscore as ms

SEEDS = st.integers(0, 10_000)


@st.composite
def problems(draw):
    """A small problem of every kind: exact or noisy, with a truth or without."""
    n, seed = draw(st.integers(2, 7)), draw(SEEDS)
    rng = np.random.default_rng(seed)
    truth = ms.psd_truth(n, rng.uniform(0.5, 2, draw(st.integers(1, n))), rng=rng)
    if draw(st.booleans()):
        operator = ms.SymmetricGaussian(n, draw(st.integers(1, 30)), rng=rng)
    else:
        operator = ms.ObservedEntries(np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1) > 0)
    y = operator.forward(truth)
    if draw(st.booleans()):
        y = y + 0.1 * rng.standard_normal(operator.m)
    return ms.Problem(operator, y, truth if draw(st.booleans()) else None)


@given(problems(), st.integers(1, 8), SEEDS)
def test_gradient_against_central_differences(problem, width, seed):
    rng = np.random.default_rng(seed)
    U = rng.standard_normal((problem.n, width))
    assert ms.gradient_gap(problem, U, rng=seed) < 1e-6
    # And entry by entry, with differences of our own.
    h, numeric = 1e-5, np.empty_like(U)
    for index in np.ndindex(U.shape):
        E = np.zeros_like(U)
        E[index] = h
        numeric[index] = (problem.loss(U + E) - problem.loss(U - E)) / (2 * h)
    exact = problem.gradient(U)
    np.testing.assert_allclose(numeric, exact, atol=1e-6 * (1 + np.abs(exact).max()))


def test_gradient_gap_notices_a_wrong_gradient():
    class Wrong(ms.Problem):
        def gradient(self, U):
            return 1.01 * super().gradient(U)

    right = ms.psd_sensing(n=6, rank=1, m=9, rng=0)
    wrong = Wrong(right.operator, right.y, right.truth)
    gaps = [ms.gradient_gap(wrong, np.eye(6), rng=seed) for seed in range(5)]
    assert max(gaps) > 1e-4


@given(problems(), st.integers(1, 6), SEEDS)
def test_hessian_against_differences_of_the_gradient(problem, width, seed):
    rng = np.random.default_rng(seed)
    U, D = rng.standard_normal((2, problem.n, width))
    h = 1e-5
    numeric = (problem.gradient(U + h * D) - problem.gradient(U - h * D)) / (2 * h)
    exact = problem.hessian(U, D)
    np.testing.assert_allclose(numeric, exact, atol=1e-6 * (1 + np.abs(exact).max()))
    # Theory, chapter 1, exercise 1: the quadratic form.
    S = D @ U.T + U @ D.T
    form = 0.5 * np.sum(problem.operator.forward(S) ** 2)
    form -= np.sum(problem.residual_field(U @ U.T) * (D @ D.T))
    assert np.sum(D * exact) == pytest.approx(form, rel=1e-9, abs=1e-9)


@given(problems(), SEEDS)
def test_loss_and_gradient_are_batched_and_rotation_invariant(problem, seed):
    rng = np.random.default_rng(seed)
    U = rng.standard_normal((3, problem.n, 4))
    R = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    for row, loss, gradient in zip(U, problem.loss(U), problem.gradient(U), strict=True):
        assert problem.loss(row) == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(problem.gradient(row), gradient, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(problem.loss(U @ R), problem.loss(U), rtol=1e-9)


@given(problems())
def test_spectral_matrix_is_the_field_at_zero(problem):
    at_zero = problem.residual_field(np.zeros((problem.n, problem.n)))
    np.testing.assert_allclose(problem.spectral_matrix, at_zero, atol=1e-14)


@given(st.integers(1, 12), st.integers(1, 12), SEEDS)
def test_truth_has_the_spectrum_asked_for(n, rank, seed):
    rank = min(n, rank)
    wanted = np.random.default_rng(seed).uniform(0.1, 5, rank)
    X = ms.psd_truth(n, wanted, rng=seed)
    np.testing.assert_array_equal(X, X.T)
    spectrum = np.sort(np.concatenate([wanted, np.zeros(n - rank)]))
    np.testing.assert_allclose(np.linalg.eigvalsh(X), spectrum, atol=1e-12)


def test_truth_is_uniformly_distributed():
    mean = np.mean([ms.psd_truth(4, [1.0], rng=seed) for seed in range(2000)], axis=0)
    np.testing.assert_allclose(mean, np.eye(4) / 4, atol=0.03)


def test_the_truth_does_not_depend_on_m():
    few, more = (ms.psd_sensing(n=10, rank=2, m=m, rng=5) for m in (12, 25))
    np.testing.assert_array_equal(few.truth, more.truth)
    np.testing.assert_allclose(
        few.operator.rows * np.sqrt(12), more.operator.rows[:12] * np.sqrt(25), rtol=1e-14
    )


def test_data_of_psd_sensing_are_exact():
    for dtype in ("float64", "float32"):
        problem = ms.psd_sensing(n=10, rank=2, m=25, rng=5, dtype=dtype)
        np.testing.assert_array_equal(problem.y, problem.operator.forward(problem.truth))


def test_noise_edge_of_the_spectral_matrix():
    """Law L1.2: the edge lies at ||X||_F sqrt(2n/m)."""
    n, m, rank = 60, 900, 1
    edges = []
    for seed in range(6):
        problem = ms.psd_sensing(n, rank, m, rng=seed)
        edges.append(np.linalg.eigvalsh(problem.spectral_matrix)[-rank - 1])
    assert np.mean(edges) == pytest.approx(np.sqrt(2 * n / m), rel=0.15)


@pytest.mark.parametrize(("n", "rank"), [(2, 1), (7, 3), (20, 2), (40, 2), (9, 9)])
def test_thresholds_are_in_order(n, rank):
    thresholds = ms.measurement_thresholds(n, rank)
    assert thresholds.degrees_of_freedom <= n * (n + 1) / 2
    assert thresholds.bounded <= thresholds.unique <= n * (n + 1) / 2
    assert rank < n or thresholds.unique == n * (n + 1) / 2


def interpolant(problem, objective):
    """Return the PSD matrix that fits and has the least inner product; None if unbounded."""
    X = cp.Variable((problem.n,) * 2, PSD=True)
    upper = cp.hstack([X[i, i:] for i in range(problem.n)])
    fits = [problem.operator.rows @ upper == problem.y]
    program = cp.Problem(cp.Minimize(cp.sum(cp.multiply(objective, X))), fits)
    program.solve(solver=cp.CLARABEL)
    return X.value if program.status in ("optimal", "optimal_inaccurate") else None


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")  # a point has no interior
def test_beyond_m_star_the_truth_is_the_only_interpolant():
    """Law L1.6: any objective at all then finds it."""
    n, rank = 12, 1
    unique = ms.measurement_thresholds(n, rank).unique  # 45 of 78
    for seed in range(4):
        problem = ms.psd_sensing(n, rank, int(unique + n), rng=seed, allow_vacuous=True)
        G = np.random.default_rng(seed).standard_normal((n, n))
        found = interpolant(problem, G + G.T)
        assert ms.relative_error(found, problem.truth) < 1e-4


def test_below_the_first_threshold_the_interpolants_are_unbounded():
    n, rank = 12, 1
    bounded = ms.measurement_thresholds(n, rank).bounded  # 39
    for seed in range(4):
        problem = ms.psd_sensing(n, rank, int(bounded - n), rng=seed)
        assert interpolant(problem, -np.eye(n)) is None  # the trace has no upper bound


def test_between_the_thresholds_there_are_other_interpolants():
    n, rank = 16, 3
    thresholds = ms.measurement_thresholds(n, rank)  # 68 and 90.5
    problem = ms.psd_sensing(n, rank, int(thresholds.bounded + 8), rng=0, allow_vacuous=True)
    found = interpolant(problem, -np.eye(n))
    assert ms.relative_error(found, problem.truth) > 1e-2
    fit = np.linalg.norm(problem.operator.forward((found + found.T) / 2) - problem.y)
    assert fit < 1e-5 * np.linalg.norm(problem.y)


def test_vacuous_problems_are_refused_unless_asked_for():
    with pytest.raises(ValueError, match=r"m must be below n\(n\+1\)/4 = 27.5.*got 28.*vacuous"):
        ms.psd_sensing(n=10, rank=1, m=28, rng=0)
    assert ms.psd_sensing(n=10, rank=1, m=28, rng=0, allow_vacuous=True).m == 28
    assert ms.psd_sensing(n=10, rank=1, m=27, rng=0).m == 27


@pytest.mark.parametrize("width", [1, 5, 40])
def test_gaussian_start_has_the_scale_asked_for(width):
    problem = ms.psd_sensing(n=30, rank=1, m=60, rng=0)
    mean = np.mean(
        [np.sum(ms.gaussian_start(problem, width, 0.1, rng=seed) ** 2) for seed in range(200)]
    )
    assert mean == pytest.approx(30 * 0.1**2, rel=0.05)


def test_several_scales_share_one_draw():
    problem = ms.psd_sensing(n=10, rank=1, m=25, rng=0)
    batch = ms.gaussian_start(problem, 4, [1.0, 1e-3], rng=1)
    np.testing.assert_allclose(batch[1], 1e-3 * batch[0], rtol=1e-15)
    np.testing.assert_array_equal(batch[0], ms.gaussian_start(problem, 4, 1.0, rng=1))


def test_identity_start_and_stack_starts():
    problem = ms.psd_sensing(n=4, rank=1, m=4, rng=0)
    narrow = ms.gaussian_start(problem, 2, 1e-2, rng=0)
    stacked = ms.stack_starts([ms.identity_start(problem, 0.5), narrow])
    np.testing.assert_array_equal(stacked[0], 0.5 * np.eye(4))
    np.testing.assert_array_equal(stacked[1], np.hstack([narrow, np.zeros((4, 2))]))


def test_problems_compare_and_hash_by_identity():
    problem, other = (ms.psd_sensing(n=4, rank=1, m=4, rng=0) for _ in range(2))
    assert problem == problem and problem != other and len({problem, other}) == 2


def test_completion_sees_entries_of_one_truth():
    few, more = (ms.psd_completion(10, [2.0, 1.0], share, rng=3) for share in (0.3, 0.6))
    np.testing.assert_array_equal(few.truth, more.truth)
    seen = [p.operator.normal(np.ones((10, 10))) > 0 for p in (few, more)]
    assert (seen[0] <= seen[1]).all() and few.m < more.m
    np.testing.assert_allclose(few.spectral_matrix, np.where(seen[0], few.truth, 0.0), rtol=1e-14)
