"""Gradient descent: the iteration, its batches, its symmetries, and how it stops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mscore as ms

SEEDS = st.integers(0, 10_000)


def plain_loop(problem, U, step_size, iterations):
    """The iteration as a formula: the reference for everything that is fast."""
    for _ in range(iterations):
        U = ms.gradient_step(problem, U, step_size)
    return U


def noisy(problem, noise, *, rng):
    e = np.random.default_rng(rng).standard_normal(problem.m)
    return ms.Problem(problem.operator, problem.y + noise * e, problem.truth)


def assert_finite(run):
    assert np.isfinite(run.U).all() and np.isfinite(run.X).all()
    for values in run.history.values():
        assert np.isfinite(values).all()


# The iteration -----------------------------------------------------------------------------------


@given(st.integers(1, 8), st.integers(1, 10), SEEDS, st.floats(1e-3, 1.0))
def test_gradient_step_is_the_formula(n, width, seed, mu):
    rng = np.random.default_rng(seed)
    operator = ms.SymmetricGaussian(n, 3 * n, rng=rng)
    problem = ms.Problem(operator, rng.standard_normal(3 * n))
    U = rng.standard_normal((n, width))
    E = operator.adjoint(problem.y - operator.forward(U @ U.T))
    stepped = ms.gradient_step(problem, U, mu)
    np.testing.assert_allclose(stepped, (np.eye(n) + mu * E) @ U, rtol=1e-9, atol=1e-11)


# m = 20 multiplies by the rows, m = 60 by the Gram matrix.
@pytest.mark.parametrize("m", [20, 60])
@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("known", [True, False])
def test_run_is_a_plain_loop_of_steps(m, noise, known):
    problem = ms.psd_sensing(n=10, rank=2, m=m, rng=0, allow_vacuous=True)
    problem = noisy(problem, noise, rng=2)
    if not known:
        problem = ms.Problem(problem.operator, problem.y)
    start = ms.gaussian_start(problem, 7, 1e-2, rng=1)
    run = ms.gradient_descent(problem, start, step_size=0.1, max_iter=200, tol=0, record=[50])
    assert list(run.history["iteration"]) == [0, 50, 200]
    assert ("error" in run.history) == known
    expected = plain_loop(problem, start, 0.1, 200)
    np.testing.assert_allclose(run.U, expected, atol=1e-10)
    np.testing.assert_allclose(run.X, expected @ expected.T, atol=1e-10)
    for row, t in enumerate([0, 50, 200]):
        U = plain_loop(problem, start, 0.1, t)
        misfit = problem.operator.forward(U @ U.T) - problem.y
        residual = np.linalg.norm(misfit) / np.linalg.norm(problem.y)
        assert run.history["residual"][row] == pytest.approx(residual, rel=1e-8)
        if known:
            error = ms.relative_error(U @ U.T, problem.truth)
            assert run.history["error"][row] == pytest.approx(error, rel=1e-8)


@pytest.mark.parametrize("n", [64, 65])  # two ways to form U U^T
def test_both_products_agree_with_the_loop(n):
    problem = ms.psd_sensing(n=n, rank=1, m=200, rng=0)
    start = ms.gaussian_start(problem, 5, 1e-1, rng=1)
    run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=15, tol=0)
    np.testing.assert_allclose(run.U, plain_loop(problem, start, 0.2, 15), atol=1e-12)


def test_completion_is_a_plain_loop_too():
    mask = np.random.default_rng(0).random((9, 9)) < 0.5
    operator = ms.ObservedEntries(mask | mask.T)
    truth = ms.psd_truth(9, [1.0, 0.5], rng=1)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    start = ms.gaussian_start(problem, 9, 1e-1, rng=2)
    run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=100, tol=0)
    np.testing.assert_allclose(run.U, plain_loop(problem, start, 0.2, 100), atol=1e-11)


@given(SEEDS)
@settings(max_examples=10)
def test_the_start_is_left_as_it_was(seed):
    problem = ms.psd_sensing(n=6, rank=1, m=8, rng=seed)
    for start in (np.eye(6) * 0.1, ms.gaussian_start(problem, 3, [0.1, 0.2], rng=seed)):
        before = start.copy()
        ms.gradient_descent(problem, start, step_size=0.1, max_iter=20)
        np.testing.assert_array_equal(start, before)


# Storage in float32 ------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [90, 190])
def test_float32_storage_follows_the_path_and_keeps_the_fixed_point(m):
    single = ms.psd_sensing(20, 2, m, rng=0, dtype="float32", allow_vacuous=True)
    # The same measurements, rounded once, multiplied in float64.
    operator = ms.SymmetricGaussian(20, m, rng=0)
    operator.rows = single.operator.rows.astype(float)
    double = ms.Problem(operator, single.y, single.truth)
    start = ms.gaussian_start(single, 2, 0.1, rng=1)
    options = {"step_size": 0.2, "max_iter": 1500, "tol": 1e-13}
    a, b = (ms.gradient_descent(p, start, **options) for p in (single, double))
    shared = min(len(a.history["error"]), len(b.history["error"])) - 1
    gap = np.abs(a.history["error"][:shared] - b.history["error"][:shared])
    assert gap.max() < 1e-5
    # An all-float32 solver stops near 3e-7.
    assert a.converged and a.history["error"][-1] < 1e-11


def test_float32_storage_with_noise_finds_the_noisy_fixed_point():
    single = ms.psd_sensing(n=12, rank=1, m=60, rng=0, dtype="float32", allow_vacuous=True)
    single = noisy(single, 0.05, rng=3)
    start = ms.gaussian_start(single, 1, 0.5, rng=1)
    run = ms.gradient_descent(single, start, step_size=0.2, max_iter=2000, tol=0)
    assert np.linalg.norm(single.gradient(run.U)) < 1e-6


# Batches -----------------------------------------------------------------------------------------


def assert_rows_are_single_runs(problem, starts, steps, batch, **options):
    """Each trajectory of a batch is what it is alone; what it did before it stopped, too."""
    for i, (start, step) in enumerate(zip(starts, steps, strict=True)):
        alone = ms.gradient_descent(problem, start, step_size=step, **options)
        width = start.shape[1]
        np.testing.assert_allclose(batch.U[i, :, :width], alone.U, rtol=1e-7, atol=1e-9)
        assert (batch.U[i, :, width:] == 0).all()  # exactly zero, not small
        assert batch.n_iter[i] == alone.n_iter
        assert batch.converged[i] == alone.converged
        assert batch.stop_reason[i].split("(")[0] == alone.stop_reason.split("(")[0]
        length = len(alone.history["iteration"])
        for name, values in alone.history.items():
            together = batch.history[name] if name == "iteration" else batch.history[name][:, i]
            np.testing.assert_allclose(together[:length], values, rtol=1e-6, atol=1e-11)
            if name != "iteration":  # it keeps its last values once it has stopped
                later = together[length - 1 :]
                np.testing.assert_array_equal(later, np.broadcast_to(later[0], later.shape))


@pytest.mark.parametrize("copies", [1, 4])  # 5 trajectories loop, 20 are matrix products
@pytest.mark.parametrize("m", [25, 60])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_batch_equals_single_runs(copies, m, noise):
    problem = ms.psd_sensing(n=10, rank=2, m=m, rng=0, allow_vacuous=True)
    problem = noisy(problem, noise, rng=1)
    starts, steps = [], []
    for seed in range(copies):
        starts += [
            ms.gaussian_start(problem, 10, 1e-2, rng=seed),
            ms.gaussian_start(problem, 2, 1e-1, rng=seed + 10),
            ms.gaussian_start(problem, 3, 0.5, rng=seed + 20),
            ms.identity_start(problem, 1e-1),
            ms.gaussian_start(problem, 10, 1e-2, rng=seed),
        ]
        steps += [0.2, 0.1, 0.05, 0.15, 3.0]  # the last diverges
    options = {
        "max_iter": 400,
        "tol": 0.08,
        "record": 60,
        "observe": {"norm": lambda U: np.linalg.norm(U, axis=(-2, -1))},
    }
    stacked = ms.stack_starts(starts)
    batch = ms.gradient_descent(problem, stacked, step_size=steps, **options)
    assert len(set(batch.n_iter)) >= 4  # trajectories stop at different times
    assert batch.stop_reason[4].startswith("diverged between")
    assert_finite(batch)
    assert_rows_are_single_runs(problem, starts, steps, batch, **options)


def test_batch_of_one_keeps_its_axis():
    problem = ms.psd_sensing(n=6, rank=1, m=8, rng=0)
    start = ms.gaussian_start(problem, 3, [0.1], rng=0)
    run = ms.gradient_descent(problem, start, step_size=0.1, max_iter=10)
    assert run.U.shape == (1, 6, 3) and run.X.shape == (1, 6, 6)
    assert run.n_iter.shape == run.converged.shape == (1,) and len(run.stop_reason) == 1
    assert run.history["error"].shape == (len(run.history["iteration"]), 1)


def test_all_trajectories_may_diverge():
    problem = ms.psd_sensing(n=8, rank=1, m=15, rng=0)
    starts = ms.gaussian_start(problem, 8, [1e-1, 1e-3, 1.0], rng=0)
    run = ms.gradient_descent(problem, starts, step_size=[3.0, 4.0, 5.0])
    assert not run.converged.any() and all("diverged" in reason for reason in run.stop_reason)
    assert_finite(run)
    assert len(run.history["iteration"]) == len(run.history["error"])
    assert run.history["iteration"][-1] == run.n_iter.max()


# Symmetries --------------------------------------------------------------------------------------


@given(SEEDS)
@settings(max_examples=10)
def test_right_rotation_of_the_start_rotates_the_run(seed):
    problem = ms.psd_sensing(n=8, rank=1, m=15, rng=seed)
    start = ms.gaussian_start(problem, 5, 0.1, rng=seed)
    R = np.linalg.qr(np.random.default_rng(seed).standard_normal((5, 5)))[0]
    a = ms.gradient_descent(problem, start, step_size=0.2, max_iter=100, tol=0)
    b = ms.gradient_descent(problem, start @ R, step_size=0.2, max_iter=100, tol=0)
    np.testing.assert_allclose(b.U, a.U @ R, atol=1e-10)
    np.testing.assert_allclose(b.history["error"], a.history["error"], rtol=1e-8)


@given(SEEDS)
@settings(max_examples=10)
def test_conjugating_the_problem_conjugates_the_run(seed):
    """X -> Q X Q^T, A_i -> Q A_i Q^T, U_0 -> Q U_0 gives U_t -> Q U_t."""
    n = 8
    problem = ms.psd_sensing(n=n, rank=2, m=16, rng=seed)
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0]
    weights = 2.0 - ms.upper(np.eye(n))
    A = ms.symmetric_from_upper(problem.operator.rows / weights, n)
    turned = ms.SymmetricGaussian(n, 16, rng=0)
    turned.rows = ms.upper(Q @ A @ Q.T) * weights
    truth = Q @ problem.truth @ Q.T
    rotated = ms.Problem(turned, problem.y, (truth + truth.T) / 2)
    start = ms.gaussian_start(problem, n, 0.1, rng=seed)
    a = ms.gradient_descent(problem, start, step_size=0.2, max_iter=100, tol=0)
    b = ms.gradient_descent(rotated, Q @ start, step_size=0.2, max_iter=100, tol=0)
    np.testing.assert_allclose(b.U, Q @ a.U, atol=1e-9)
    np.testing.assert_allclose(b.history["residual"], a.history["residual"], rtol=1e-7)


@pytest.mark.parametrize("c", [4.0, 0.01, 7.3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_units(c, dtype):
    """X -> c X with alpha -> sqrt(c) alpha and mu -> mu / c is the same run."""
    problem = ms.psd_sensing(n=12, rank=2, m=35, rng=0, dtype=dtype)
    scaled = ms.Problem(problem.operator, c * problem.y, c * problem.truth)
    start = ms.gaussian_start(problem, 12, 1e-3, rng=1)
    options = {"max_iter": 300, "tol": 0}
    a = ms.gradient_descent(problem, start, step_size=0.2, **options)
    b = ms.gradient_descent(scaled, np.sqrt(c) * start, step_size=0.2 / c, **options)
    rtol = 1e-8 if dtype == "float64" else 1e-3
    for name in ("error", "residual"):
        np.testing.assert_allclose(b.history[name], a.history[name], rtol=rtol)


# Laws with a closed form -------------------------------------------------------------------------


def test_fully_observed_eigenvalues_follow_scalar_recursions():
    """From U_0 = alpha I the eigenvectors of X stand still: u <- (1 + mu (sigma - u^2)) u."""
    sigma, mu, alpha = np.array([1.0, 0.4, 0.1, 0.0]), 0.2, 1e-3
    truth = np.diag(sigma)
    operator = ms.full_observation(4)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    start = ms.identity_start(problem, alpha)
    run = ms.gradient_descent(problem, start, step_size=mu, max_iter=300, tol=0)
    u = np.full(4, alpha)
    for _ in range(300):
        u = (1 + mu * (sigma - u**2)) * u
    np.testing.assert_allclose(run.U, np.diag(u), atol=1e-13)


@pytest.mark.parametrize("sigma", [(1.0, 0.5), (1.0, 0.8, 0.3)])
def test_local_rate_at_exact_width(sigma):
    """Law L2.5: fully observed and k = r, the error shrinks by 1 - mu sigma_r."""
    mu, rank = 0.2, len(sigma)
    truth = ms.psd_truth(10, sigma, rng=0)
    operator = ms.full_observation(10)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    start = ms.gaussian_start(problem, rank, 0.3, rng=1)
    last = 400
    run = ms.gradient_descent(
        problem, start, step_size=mu, max_iter=last, tol=0, record=range(last + 1)
    )
    error = run.history["error"]
    inside = (error < 1e-4) & (error > 1e-10)
    rates = error[1:][inside[1:]] / error[:-1][inside[1:]]
    assert np.median(rates) == pytest.approx(1 - mu * sigma[-1], rel=1e-3)


def test_a_tiny_start_grows_with_the_eigenvalues_of_the_spectral_matrix():
    """Law L1.3: along an eigenvector of M, by 1 + mu lambda a step."""
    problem = ms.psd_sensing(n=12, rank=1, m=35, rng=0)
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    for i in (0, 5, 11):
        start = 1e-9 * vectors[:, i : i + 1]
        run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=40, tol=0)
        growth = np.linalg.norm(run.U) / 1e-9
        assert growth == pytest.approx((1 + 0.2 * values[i]) ** 40, rel=1e-9)


def test_over_parameterised_error_falls_like_one_over_t():
    """Law L9.1: the squared error tends to (k - r) / (4 mu^2 T^2)."""
    n, k, mu, T = 6, 5, 0.2, 200_000
    truth = np.diag([1.0, 0, 0, 0, 0, 0])
    operator = ms.full_observation(n)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    start = ms.gaussian_start(problem, k, 1.0, rng=0)
    run = ms.gradient_descent(problem, start, step_size=mu, max_iter=T, tol=0, record=5)
    assert run.history["error"][-1] ** 2 == pytest.approx((k - 1) / (4 * mu**2 * T**2), rel=0.02)


def test_small_start_recovers_and_large_start_does_not():
    """Claim C8 and what would refute it, on one instance."""
    problem = ms.psd_sensing(n=30, rank=1, m=180, rng=0)
    starts = ms.gaussian_start(problem, 30, [1.0, 1e-6], rng=1)
    run = ms.gradient_descent(problem, starts, step_size=0.1, max_iter=3000, tol=1e-6)
    large, small = run.history["error"][-1]
    assert (run.history["residual"][-1] < 1e-2).all()
    assert small < 1e-4 and large > 0.3


# How a run stops and what it records -------------------------------------------------------------


def test_stop_reason_when_converged():
    problem = ms.psd_sensing(n=20, rank=1, m=100, rng=0)
    start = ms.gaussian_start(problem, 20, 1e-6, rng=1)
    run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=2000, tol=1e-4)
    assert run.converged is True
    assert run.stop_reason.startswith(
        f"reached tolerance 0.0001 on the relative residual at iteration {run.n_iter} (residual "
    )
    assert run.history["iteration"][-1] == run.n_iter < 2000
    assert run.history["residual"][-1] <= 1e-4 < run.history["residual"][-2]


def test_stop_reason_when_out_of_iterations():
    problem = ms.psd_sensing(n=20, rank=1, m=100, rng=0)
    start = ms.gaussian_start(problem, 20, 1e-6, rng=1)
    run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=10)
    assert run.converged is False and run.n_iter == 10
    assert run.stop_reason == "made the 10 iterations asked for; the relative residual is 1"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("record", [100, 2, [7, 500]])
def test_divergence_is_said_in_words_and_leaves_no_nan(dtype, scale, record):
    problem = ms.psd_sensing(n=12, rank=1, m=30, rng=0, dtype=dtype)
    start = ms.gaussian_start(problem, 12, scale, rng=1)
    run = ms.gradient_descent(problem, start, step_size=5.0, record=record)
    assert run.converged is False
    assert run.stop_reason.startswith(f"diverged between iterations {run.n_iter} and ")
    assert "step_size 5 is too large" in run.stop_reason
    assert_finite(run)
    # The history ends where the factor does: nothing is recorded past it.
    assert run.history["iteration"][-1] == run.n_iter
    assert len(run.history["error"]) == len(run.history["iteration"])
    assert run.history["error"][-1] == pytest.approx(
        ms.relative_error(run.X, problem.truth), rel=1e-12
    )


def test_a_hopeless_start_is_refused():
    problem = ms.psd_sensing(n=4, rank=1, m=4, rng=0)
    with pytest.raises(ValueError, match="start is too large: its residual overflows"):
        ms.gradient_descent(problem, 1e200 * np.eye(4), step_size=0.1)


def test_divergence_without_a_truth():
    problem = ms.psd_sensing(n=12, rank=1, m=30, rng=0)
    problem = ms.Problem(problem.operator, problem.y)
    run = ms.gradient_descent(problem, np.eye(12), step_size=5.0)
    assert "diverged" in run.stop_reason and "sigma_1" not in run.stop_reason
    assert_finite(run)


def test_a_problem_whose_data_are_all_zero_has_an_absolute_residual():
    truth = np.diag([1.0, 0.0])
    operator = ms.ObservedEntries([[False, True], [True, True]])  # does not see the truth
    problem = ms.Problem(operator, operator.forward(truth), truth)
    run = ms.gradient_descent(problem, 0.5 * np.eye(2), step_size=0.1, max_iter=50)
    assert_finite(run)
    misfit = np.linalg.norm(operator.forward(run.X))
    assert run.history["residual"][-1] == pytest.approx(misfit, rel=1e-12)


def test_a_start_at_the_solution_stops_at_once():
    truth = ms.psd_truth(5, [1.0], rng=0)
    operator = ms.SymmetricGaussian(5, 12, rng=1)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    run = ms.gradient_descent(problem, np.linalg.eigh(truth)[1][:, -1:], step_size=0.1)
    assert run.converged and run.n_iter == 0
    assert list(run.history["iteration"]) == [0]


def test_record_chooses_the_iterations():
    problem = ms.psd_sensing(n=6, rank=1, m=8, rng=0)

    def recorded(record, max_iter=20):
        run = ms.gradient_descent(
            problem, np.eye(6), step_size=0.05, max_iter=max_iter, tol=0, record=record
        )
        return list(run.history["iteration"])

    assert recorded([0, 5, 10, 20]) == [0, 5, 10, 20]
    assert recorded([5, 10]) == [0, 5, 10, 20]  # the start and the end always
    assert recorded([5, 10, 50]) == [0, 5, 10, 20]
    assert recorded(range(21)) == list(range(21))
    assert recorded(np.int64(6)) == list(ms.log_spaced(20, 6))
    assert recorded(1) == recorded(2) == [0, 20]


def test_what_is_recorded_does_not_change_the_run():
    problem = ms.psd_sensing(n=8, rank=1, m=15, rng=0)
    start = ms.gaussian_start(problem, 8, 1e-3, rng=1)
    runs = [
        ms.gradient_descent(problem, start, step_size=0.2, max_iter=150, tol=0, record=record)
        for record in (2, 100, range(151))
    ]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.U, runs[0].U)


def test_observers_see_the_factor_of_each_record():
    problem = ms.psd_sensing(n=8, rank=1, m=15, rng=0)
    start = ms.gaussian_start(problem, 8, 1e-3, rng=1)
    observe = {"U": lambda U: U, "values": ms.singular_values, "loss": problem.loss}
    run = ms.gradient_descent(
        problem, start, step_size=0.2, max_iter=30, tol=0, record=[3, 10], observe=observe
    )
    assert run.history["U"].shape == (4, 8, 8) and run.history["values"].shape == (4, 8)
    for row, t in enumerate([0, 3, 10, 30]):
        U = plain_loop(problem, start, 0.2, t)
        np.testing.assert_allclose(run.history["U"][row], U, atol=1e-13)
        assert run.history["loss"][row] == pytest.approx(problem.loss(U), rel=1e-9)


@given(st.integers(1, 10**7), st.integers(1, 300))
def test_log_spaced(max_iter, count):
    points = ms.log_spaced(max_iter, count)
    assert points[0] == 0 and points[-1] == max_iter
    assert (np.diff(points) > 0).all()
    assert len(points) <= max(count, 2)
    if count > 2 and max_iter >= 100 * count:  # denser at the start
        assert points[1] == 1
        ratios = points[2:] / points[1:-1]
        assert ratios[-1] == pytest.approx(max_iter ** (1 / (count - 2)), rel=0.05)
