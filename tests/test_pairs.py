"""Rectangular operators and gradient descent on two factors: laws, symmetries, how it stops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mscore as ms

SEEDS = st.integers(0, 10_000)
SIZES = st.integers(1, 7)
LEADS = st.sampled_from([(), (1,), (3,), (2, 3)])


@st.composite
def operators(draw):
    n1, n2, seed = draw(SIZES), draw(SIZES), draw(SEEDS)
    if draw(st.booleans()):
        return ms.RectangularGaussian(n1, n2, draw(st.integers(1, 60)), rng=seed)
    mask = np.random.default_rng(seed).random((n1, n2)) < 0.6
    mask[0, 0] = True
    return ms.RectangularEntries(mask)


@st.composite
def problems(draw):
    """A small problem of every kind: exact or noisy, with a truth or without."""
    operator, rng = draw(operators()), np.random.default_rng(draw(SEEDS))
    truth = rng.standard_normal(operator.shape)
    y = operator.forward(truth)
    if draw(st.booleans()):
        y = y + 0.1 * rng.standard_normal(operator.m)
    return ms.RectangularProblem(operator, y, truth if draw(st.booleans()) else None)


def random_pair(problem, width, rng, *lead):
    return [rng.standard_normal((*lead, n, width)) for n in problem.shape]


# Operators ---------------------------------------------------------------------------------------


@given(operators(), LEADS, SEEDS)
def test_adjointness_holds_for_every_item_of_a_batch(operator, lead, seed):
    assert ms.adjoint_gap(operator, rng=seed) < 1e-13
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((*lead, *operator.shape))
    v = rng.standard_normal((*lead, operator.m))
    measured, back = operator.forward(X), operator.adjoint(v)
    assert measured.shape == v.shape and back.shape == X.shape
    left, right = np.sum(measured * v, axis=-1), np.sum(X * back, axis=(-2, -1))
    np.testing.assert_allclose(left, right, atol=1e-11 * (1 + abs(left).max()))
    np.testing.assert_allclose(operator.normal(X), operator.adjoint(measured), atol=1e-12)


# Two or three rows go one by one; m = 10 keeps the rows, m = 40 goes through the Gram matrix.
@pytest.mark.parametrize("batch", [1, 2, 3, 4, 20])
@pytest.mark.parametrize("m", [10, 40])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_maps_for_loops_are_the_operator(batch, m, dtype):
    X = np.random.default_rng(1).standard_normal((batch, 7, 5))
    mask = np.random.default_rng(2).random((7, 5)) < 0.5
    gaussian = ms.RectangularGaussian(7, 5, m, rng=0, dtype=dtype)
    for operator in (gaussian, ms.RectangularEntries(mask)):
        close = 1e-5 if operator.dtype == np.float32 else 1e-12
        flat, offset = X.reshape(batch, -1), np.arange(operator.m)
        mapped = operator.normal_map()(flat).reshape(X.shape)
        np.testing.assert_allclose(mapped, operator.normal(X), atol=close)
        misfit = operator.residual_flat(flat, offset)
        np.testing.assert_allclose(misfit, operator.forward(X) - offset, atol=close)


def test_float32_rounds_the_rows_once():
    exact = ms.RectangularGaussian(7, 5, 10, rng=3)
    rounded = ms.RectangularGaussian(7, 5, 10, rng=3, dtype="float32")
    np.testing.assert_array_equal(rounded.rows, exact.rows.astype(np.float32))
    X = np.random.default_rng(0).standard_normal((7, 5))
    np.testing.assert_allclose(rounded.forward(X), rounded.rows.astype(float) @ X.ravel())


def test_gaussian_measurements_are_the_inner_products():
    operator = ms.RectangularGaussian(4, 3, 5, rng=0)
    X = np.random.default_rng(1).standard_normal((4, 3))
    expected = [np.sum(row.reshape(4, 3) * X) for row in operator.rows]
    np.testing.assert_allclose(operator.forward(X), expected, rtol=1e-13)


def test_isometry_in_expectation():
    X = np.random.default_rng(0).standard_normal((6, 4))
    squares = ms.RectangularGaussian(6, 4, 50_000, rng=1).forward(X) ** 2
    # The sum of m squares has relative standard deviation sqrt(2 / m) = 0.6 %.
    assert squares.sum() == pytest.approx(np.sum(X**2), rel=0.025)


@given(st.integers(1, 20), st.integers(0, 20), SEEDS)
def test_fewer_measurements_are_the_first_of_more(m, extra, seed):
    few = ms.RectangularGaussian(4, 3, m, rng=seed).rows * np.sqrt(m)
    many = ms.RectangularGaussian(4, 3, m + extra, rng=seed).rows * np.sqrt(m + extra)
    np.testing.assert_allclose(few, many[:m], rtol=1e-14)


# The problem -------------------------------------------------------------------------------------


@given(problems(), st.integers(1, 5), SEEDS)
def test_gradients_against_differences(problem, width, seed):
    F, G = random_pair(problem, width, np.random.default_rng(seed))
    assert ms.pair_gradient_gap(problem, F, G, rng=seed) < 1e-6


@given(SIZES, SIZES, SEEDS)
def test_truth_has_the_singular_values_asked_for(n1, n2, seed):
    values = np.arange(min(n1, n2), 0, -1.0)
    X = ms.rectangular_truth(n1, n2, values, rng=seed)
    np.testing.assert_allclose(np.linalg.svd(X, compute_uv=False), values, rtol=1e-10)


def test_start_has_the_scales_asked_for():
    problem = ms.rectangular_sensing(300, 200, [1.0], m=2, rng=0)
    F, G = ms.gaussian_pair(problem, 100, [0.5, 2.0], rng=1, second_scale=[0.0, 3.0])
    assert not G[0].any()
    np.testing.assert_allclose(F[1], 4 * F[0], rtol=1e-14)
    assert np.var(F[0]) * 100 == pytest.approx(0.25, rel=0.05)
    assert np.var(G[1]) * 100 == pytest.approx(9.0, rel=0.05)


# The iteration -----------------------------------------------------------------------------------


def plain_loop(problem, F, G, step_size, iterations):
    for _ in range(iterations):
        F, G = ms.pair_step(problem, F, G, step_size)
    return F, G


@given(problems(), st.integers(1, 4), SEEDS)
def test_run_is_a_plain_loop_of_steps(problem, width, seed):
    start = [0.3 * part for part in random_pair(problem, width, np.random.default_rng(seed))]
    run = ms.pair_descent(problem, *start, step_size=0.02, max_iter=30, tol=0, record=[10])
    for got, expected in zip((run.F, run.G), plain_loop(problem, *start, 0.02, 30), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-9)
    F, G = plain_loop(problem, *start, 0.02, 10)
    misfit = problem.operator.forward(F @ G.T) - problem.y
    size = np.linalg.norm(problem.y) or 1.0
    assert run.history["residual"][1] == pytest.approx(np.linalg.norm(misfit) / size, rel=1e-7)
    assert ("error" in run.history) == (problem.truth is not None)


def test_equal_factors_reproduce_the_symmetric_iteration():
    psd = ms.Problem(ms.full_observation(6), ms.full_observation(6).forward(np.diag([2.0, 1] * 3)))
    full = ms.rectangular_full_observation(6, 6)
    pair = ms.RectangularProblem(full, full.forward(np.diag([2.0, 1] * 3)))
    U = ms.gaussian_start(psd, 4, 0.1, rng=0)
    options = {"step_size": 0.1, "max_iter": 60, "tol": 0}
    one, two = ms.gradient_descent(psd, U, **options), ms.pair_descent(pair, U, U, **options)
    np.testing.assert_allclose(two.F, one.U, atol=1e-11)
    np.testing.assert_allclose(two.G, one.U, atol=1e-11)


@pytest.mark.parametrize("batch", [2, 7])
def test_a_batch_is_its_single_runs(batch):
    problem = ms.rectangular_sensing(8, 5, [1.0], m=30, rng=0)
    F, G = ms.gaussian_pair(problem, 4, np.geomspace(1, 1e-3, batch), rng=1)
    steps = np.linspace(0.02, 0.1, batch)
    options = {"max_iter": 120, "tol": 1e-3, "penalty": 0.3}
    observe = {"imbalance": ms.imbalance}
    together = ms.pair_descent(problem, F, G, step_size=steps, observe=observe, **options)
    for i in range(batch):
        run = ms.pair_descent(problem, F[i], G[i], step_size=steps[i], **options)
        np.testing.assert_allclose(together.X[i], run.X, atol=1e-10)
        assert together.stop_reason[i] == run.stop_reason and together.n_iter[i] == run.n_iter
        np.testing.assert_allclose(
            together.history["imbalance"][-1, i], ms.imbalance(run.F, run.G), atol=1e-10
        )


@given(problems(), SEEDS)
def test_rotation_on_the_right_and_transposition_change_nothing(problem, seed):
    rng = np.random.default_rng(seed)
    F, G = (0.3 * part for part in random_pair(problem, 3, rng))
    R, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    F_R, G_R = ms.pair_step(problem, F @ R, G @ R, 0.05)
    F_1, G_1 = ms.pair_step(problem, F, G, 0.05)
    np.testing.assert_allclose(F_R, F_1 @ R, atol=1e-10)
    np.testing.assert_allclose(G_R, G_1 @ R, atol=1e-10)


def test_penalty_is_the_gradient_of_its_formula():
    problem = ms.RectangularProblem(ms.rectangular_full_observation(4, 3), np.zeros(12))
    F, G = random_pair(problem, 2, np.random.default_rng(0))

    def loss(F, G):
        return problem.loss(F, G) + 0.7 / 8 * np.sum(ms.imbalance(F, G) ** 2)

    mu, h = 1e-3, 1e-6
    run = ms.pair_descent(problem, F, G, step_size=mu, penalty=0.7, max_iter=1, tol=0)
    for moved, part, at in (
        (run.F, F, lambda D: (F + D, G)),
        (run.G, G, lambda D: (F, G + D)),
    ):
        numeric = np.empty_like(part)
        for index in np.ndindex(part.shape):
            D = np.zeros_like(part)
            D[index] = h
            numeric[index] = (loss(*at(D)) - loss(*at(-D))) / (2 * h)
        np.testing.assert_allclose((part - moved) / mu, numeric, rtol=1e-5, atol=1e-7)


# Laws --------------------------------------------------------------------------------------------


@given(problems(), SEEDS, st.floats(0.001, 0.5))
def test_one_step_changes_the_imbalance_by_the_formula(problem, seed, mu):
    F, G = random_pair(problem, 3, np.random.default_rng(seed))
    by_F, by_G = problem.gradients(F, G)
    moved = ms.imbalance(*ms.pair_step(problem, F, G, mu)) - ms.imbalance(F, G)
    formula = mu**2 * (by_F.T @ by_F - by_G.T @ by_G)
    scale = 1 + np.abs(formula).max() + np.sum(F**2) + np.sum(G**2)
    np.testing.assert_allclose(moved, formula, atol=1e-12 * scale)


def test_imbalance_is_conserved_as_the_step_vanishes():
    problem = ms.rectangular_sensing(8, 6, [1.0], m=30, rng=0)
    F, G = ms.gaussian_pair(problem, 4, 0.5, rng=1)
    drifts = []
    for mu in (0.02, 0.01):
        run = ms.pair_descent(problem, F, G, step_size=mu, max_iter=round(10 / mu), tol=0)
        drifts.append(np.linalg.norm(ms.imbalance(run.F, run.G) - ms.imbalance(F, G)))
    assert drifts[0] / drifts[1] == pytest.approx(2.0, rel=0.1)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 0.3))
def test_scalar_law(f, g, y, mu):
    first, second = ms.scalar_pair(f, g, y, step_size=mu, max_iter=5)
    law = (1 - mu**2 * (y - first * second) ** 2) * (first**2 - second**2)
    scale = 1 + np.maximum(first**2, second**2)[1:].max()
    np.testing.assert_allclose((first**2 - second**2)[1:], law[:-1], atol=1e-11 * scale)


def test_scalar_pair_is_a_pair_of_one_by_one_factors():
    problem = ms.RectangularProblem(ms.rectangular_full_observation(1, 1), [5.0])
    f, g = ms.scalar_pair(1.5, 2.25, 5.0, step_size=0.05, max_iter=20)
    run = ms.pair_descent(problem, [[1.5]], [[2.25]], step_size=0.05, max_iter=20, tol=0)
    assert (run.F.item(), run.G.item()) == pytest.approx((f[-1], g[-1]), rel=1e-12)


# Storage in float32 ------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [140, 170])  # below and above half of the 300 entries
def test_float32_storage_follows_the_path_and_keeps_the_fixed_point(m):
    single = ms.rectangular_sensing(20, 15, [1.0, 0.6], m, rng=0, dtype="float32")
    # The same measurements, rounded once, multiplied in float64.
    operator = ms.RectangularGaussian(20, 15, m, rng=0)
    operator.rows = single.operator.rows.astype(float)
    double = ms.RectangularProblem(operator, single.y, single.truth)
    start = ms.gaussian_pair(single, 2, 0.3, rng=1)
    options = {"step_size": 0.2, "max_iter": 3000, "tol": 1e-13}
    a, b = (ms.pair_descent(p, *start, **options) for p in (single, double))
    shared = min(len(a.history["error"]), len(b.history["error"])) - 1
    gap = np.abs(a.history["error"][:shared] - b.history["error"][:shared])
    assert gap.max() < 1e-5
    # An all-float32 solver stops near 3e-7.
    assert a.converged and a.history["error"][-1] < 1e-11


def test_float32_storage_needs_a_truth():
    operator = ms.RectangularGaussian(4, 3, 5, rng=0, dtype="float32")
    with pytest.raises(ValueError, match="truth must be given when the operator is stored in"):
        ms.RectangularProblem(operator, np.ones(5))


# How it stops ------------------------------------------------------------------------------------


def test_small_start_recovers_and_stops_at_the_tolerance():
    problem = ms.rectangular_sensing(20, 15, [1.0], m=200, rng=0)
    F, G = ms.gaussian_pair(problem, 1, 1e-3, rng=1)
    run = ms.pair_descent(problem, F, G, step_size=0.2, max_iter=2000, tol=1e-8)
    assert run.converged and run.stop_reason.startswith("reached tolerance 1e-08")
    assert run.history["error"][-1] < 1e-6
    np.testing.assert_allclose(run.X, run.F @ run.G.T)


def test_divergence_is_said_and_leaves_no_infinity():
    problem = ms.rectangular_sensing(8, 5, [1.0], m=30, rng=0)
    F, G = ms.gaussian_pair(problem, 4, [3.0, 1e-2], rng=1)
    run = ms.pair_descent(problem, F, G, step_size=[2.0, 0.1], max_iter=400, tol=0, record=400)
    assert run.stop_reason[0].startswith("diverged between iterations")
    assert "||[F; G]||^2" in run.stop_reason[0] and run.n_iter[0] < 400 == run.n_iter[1]
    assert np.isfinite(run.F).all() and np.isfinite(run.G).all()
    for values in run.history.values():
        assert np.isfinite(values).all()


def test_the_start_is_left_as_it_was():
    problem = ms.rectangular_sensing(6, 4, [1.0], m=12, rng=0)
    F, G = ms.gaussian_pair(problem, 3, 0.1, rng=1)
    before = F.copy(), G.copy()
    ms.pair_descent(problem, F, G, step_size=0.1, max_iter=5)
    np.testing.assert_array_equal(F, before[0])
    np.testing.assert_array_equal(G, before[1])
