"""Gradient flow: against exact solutions in extended precision, other integrators and the laws."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import mscore as ms
from mscore.flow import _orthogonal


def full_problem(eigenvalues, n, rng):
    truth = ms.psd_truth(n, eigenvalues, rng=rng)
    operator = ms.full_observation(n)
    return ms.Problem(operator, operator.forward(truth), truth)


def exact_full_observation(truth, start, log_scale, time):
    """The flow of a fully observed problem has a closed form; here with enough digits."""
    with mp.workdps(int(60 + 2.2 * abs(log_scale))):
        n = len(truth)
        values, vectors = mp.eigsy(mp.matrix(truth.tolist()))
        values = [value if abs(value) > mp.mpf(10) ** -10 else mp.mpf(0) for value in values]
        growth = mp.diag([mp.exp(value * time) for value in values])
        square = mp.diag([(mp.exp(2 * v * time) - 1) / (2 * v) if v else time for v in values])
        U = mp.exp(mp.mpf(log_scale)) * (vectors.T * mp.matrix(start.tolist()))
        K = mp.eye(start.shape[1]) + 2 * (U.T * square * U)
        W = vectors * growth * U
        return np.array((W * K**-1 * W.T).tolist(), dtype=float).reshape(n, n)


@pytest.mark.parametrize("exponent", [3, 30, 100])
@pytest.mark.parametrize("fraction", [0.5, 1.0, 1.5, 2.0, 2.1])
def test_full_observation_in_extended_precision(exponent, fraction):
    # The second direction, of strength 0.5, arrives at twice the time of the first.
    problem = full_problem([1.0, 0.5], 4, rng=0)
    start = np.random.default_rng(1).standard_normal((4, 4)) / 2
    log_scale = -exponent * np.log(10)
    time = -log_scale * fraction
    run = ms.gradient_flow(problem, start, log_scale=log_scale, max_time=time, tol=0)
    exact = exact_full_observation(problem.truth, start, log_scale, time)
    np.testing.assert_allclose(run.X, exact, atol=3e-8)


def test_a_standard_integrator_is_wrong_where_this_one_is_right():
    # Ten orders of tolerance do not help: rounding re-seeds the direction that should be tiny.
    problem = full_problem([1.0, 0.2], 3, rng=0)
    log_scale, start = -40 * np.log(10), np.random.default_rng(1).standard_normal((3, 3))
    time = -3.0 * log_scale  # the second direction arrives at five times the time of the first
    exact = exact_full_observation(problem.truth, start, log_scale, time)
    run = ms.gradient_flow(problem, start, log_scale=log_scale, max_time=time, tol=0)
    np.testing.assert_allclose(run.X, exact, atol=3e-8)

    def field(_, u):
        U = u.reshape(3, 3)
        X = U @ U.T
        return (problem.residual_field((X + X.T) / 2) @ U).ravel()

    u = np.exp(log_scale) * start.ravel()
    tiny = 1e-12 * np.exp(log_scale)
    other = solve_ivp(field, (0, time), u, method="RK45", rtol=1e-10, atol=tiny)
    U = other.y[:, -1].reshape(3, 3)
    assert np.abs(U @ U.T - exact).max() > 0.05


@pytest.mark.parametrize("seed", range(3))
def test_sensing_against_a_stiff_integrator(seed):
    problem = ms.psd_sensing(n=6, rank=2, m=10, rng=seed, eigenvalues=[1.0, 0.4])
    start = ms.gaussian_start(problem, 6, 1e-2, rng=seed)

    def field(_, u):
        U = u.reshape(6, 6)
        return (problem.residual_field(U @ U.T) @ U).ravel()

    other = solve_ivp(field, (0, 30), start.ravel(), method="LSODA", rtol=1e-11, atol=1e-14)
    U = other.y[:, -1].reshape(6, 6)
    run = ms.gradient_flow(problem, start, max_time=30, tol=0)
    np.testing.assert_allclose(run.X, U @ U.T, atol=1e-6)


def test_gradient_descent_approaches_the_flow():
    problem = ms.psd_sensing(n=8, rank=1, m=16, rng=0)
    start = ms.gaussian_start(problem, 8, 1e-2, rng=1)
    flow = ms.gradient_flow(problem, start, max_time=8.0, tol=0)
    gaps = []
    for step in (0.02, 0.01, 0.005):
        count = round(8.0 / step)
        run = ms.gradient_descent(problem, start, step_size=step, max_iter=count, tol=0)
        gaps.append(np.linalg.norm(run.X - flow.X))
    assert 1.8 < gaps[0] / gaps[1] < 2.2 and 1.8 < gaps[1] / gaps[2] < 2.2


@pytest.mark.parametrize("width", [3, 6, 9])
def test_rotation_from_the_right_changes_nothing(width):
    problem = ms.psd_sensing(n=6, rank=1, m=10, rng=0)
    rng = np.random.default_rng(2)
    start = rng.standard_normal((6, width))
    rotation = np.linalg.qr(rng.standard_normal((width, width)))[0]
    runs = [
        ms.gradient_flow(problem, U, log_scale=-60.0, max_time=90.0, tol=0)
        for U in (start, start @ rotation)
    ]
    assert runs[0].U.shape == (6, width)
    np.testing.assert_allclose(runs[0].X, runs[1].X, atol=1e-6)
    last = [run.history["log_singular_values"][-1] for run in runs]
    np.testing.assert_allclose(last[0][:3], last[1][:3], atol=1e-5)


def test_log_scale_is_a_factor_of_the_start():
    problem = ms.psd_sensing(n=6, rank=1, m=10, rng=0)
    a = ms.gradient_flow(problem, 1e-8 * np.eye(6), max_time=30.0, tol=0)
    b = ms.gradient_flow(problem, np.eye(6), log_scale=np.log(1e-8), max_time=30.0, tol=0)
    np.testing.assert_allclose(a.X, b.X, atol=1e-7)


def test_columns_of_zeros_stay_zero():
    problem = ms.psd_sensing(n=5, rank=1, m=7, rng=0)
    start = np.eye(5)[:, :2]
    padded = np.pad(start, ((0, 0), (0, 2)))
    a = ms.gradient_flow(problem, start, log_scale=-20.0, max_time=40.0)
    b = ms.gradient_flow(problem, padded, log_scale=-20.0, max_time=40.0)
    assert b.U.shape == (5, 4)
    np.testing.assert_allclose(a.X, b.X, atol=1e-12)


def completion_4x4(R):
    """The problem of Li, Luo and Lyu (2021): M13 = 1, M14 = M23 = R and their mirror images."""
    mask, X = np.zeros((4, 4), bool), np.zeros((4, 4))
    for i, j, value in ((0, 2, 1.0), (0, 3, R), (1, 2, R)):
        mask[i, j] = mask[j, i] = True
        X[i, j] = X[j, i] = value
    operator = ms.ObservedEntries(mask)
    return ms.Problem(operator, operator.forward(X))


def limit_trace(R, decades, accuracy=1e-7):
    log_scale = -decades * np.log(10)
    run = ms.gradient_flow(
        completion_4x4(R),
        np.eye(4),
        log_scale=log_scale,
        max_time=-log_scale / R + 1e7,
        accuracy=accuracy,
    )
    assert run.stop_reason.startswith("reached tolerance")
    return np.trace(run.X)


def test_gap_of_the_4x4_problem_follows_the_law():
    # Law L4.4: 2R^2 + 2 - tr W is proportional to alpha^(2(1 - l2/l1)).
    R = 3
    decades = np.array([14, 16, 18])
    gaps = [2 * R**2 + 2 - limit_trace(R, d) for d in decades]
    first, second = (np.sqrt(1 + 4 * R**2) + 1) / 2, (np.sqrt(1 + 4 * R**2) - 1) / 2
    slope = -np.polyfit(decades, np.log10(gaps), 1)[0]
    assert slope == pytest.approx(2 * (1 - second / first), rel=0.02)


@pytest.mark.parametrize(("R", "decades"), [(2, 100), (10, 1000), (100, 300_000)])
def test_4x4_problem_reaches_rank_one(R, decades):
    assert limit_trace(R, decades) == pytest.approx(2 * R**2 + 2, rel=1e-6)


def test_4x4_problem_at_100_is_far_from_the_limit_for_every_double():
    # From 1e-300, almost the smallest double, the trace is nearer to the least one, 400.
    assert 400 < limit_trace(100, 300) < 1000


@given(
    st.integers(0, 10**6),
    st.lists(st.floats(-200, 0), min_size=2, max_size=4),
)
def test_rotations_keep_relative_accuracy(seed, exponents):
    k = len(exponents)
    columns = np.random.default_rng(seed).standard_normal((5, k))
    columns /= np.linalg.norm(columns, axis=0)
    turned, logs = _orthogonal(columns, np.array(exponents))
    assert np.abs(turned.T @ turned - np.eye(k)).max() < 1e-12
    with mp.workdps(250):
        scaled = mp.matrix(columns.tolist()) * mp.diag([mp.exp(e) for e in exponents])
        exact = sorted((float(mp.log(s)) for s in mp.svd_r(scaled, compute_uv=False)), reverse=True)
    np.testing.assert_allclose(logs, exact, atol=1e-9)


def test_history_is_finite_and_ordered():
    problem = ms.psd_sensing(n=10, rank=2, m=26, rng=0, eigenvalues=[1.0, 0.5])
    scale = -50 * np.log(10)
    run = ms.gradient_flow(problem, np.eye(10), log_scale=scale, max_time=400.0, accuracy=1e-6)
    history = run.history
    assert (np.diff(history["time"]) > 0).all()
    assert all(np.isfinite(values).all() for values in history.values())
    assert (np.diff(history["log_singular_values"], axis=1) <= 0).all()
    assert (np.diff(history["residual"]) < 1e-6).all()


@pytest.mark.parametrize("exponent", [3, 40, 100])
def test_closed_form_against_extended_precision(exponent):
    truth = ms.psd_truth(4, [1.0, 0.5], rng=0) - 0.2 * ms.psd_truth(4, [1.0], rng=1)
    start = np.random.default_rng(2).standard_normal((4, 3))
    log_scale = -exponent * np.log(10)
    times = -log_scale * np.array([0.0, 0.5, 1.0, 1.5, 2.5])
    U = ms.fully_observed_flow(truth, start, times, log_scale=log_scale)
    for X, time in zip(U @ U.swapaxes(-1, -2), times, strict=True):
        exact = exact_full_observation(truth, start, log_scale, time)
        np.testing.assert_allclose(X, exact, atol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5))
def test_closed_form_solves_the_equation(seed, n, width):
    rng = np.random.default_rng(seed)
    truth, start = rng.standard_normal((n, n)), rng.standard_normal((n, width))
    truth = truth + truth.T
    before, U, after = ms.fully_observed_flow(truth, start, [0.3 - 1e-5, 0.3, 0.3 + 1e-5])
    X, slope = U @ U.T, (after @ after.T - before @ before.T) / 2e-5
    expected = (truth - X) @ X + X @ (truth - X)
    np.testing.assert_allclose(slope, expected, atol=1e-6 * (1 + np.abs(expected).max()))


def test_a_stationary_point_that_does_not_fit_ends_the_run():
    problem = full_problem([1.0, 0.5], 3, rng=0)
    run = ms.gradient_flow(problem, 1e-3 * np.ones((3, 1)), max_time=1e6, gradient_tol=1e-8)
    assert run.stop_reason.startswith("reached tolerance 1e-08 on the gradient")
    assert np.linalg.norm(problem.gradient(run.U)) < 1e-7
    assert np.linalg.eigvalsh(run.X)[-1] == pytest.approx(1.0, abs=1e-7)


def test_observers_see_the_factor_at_every_step():
    problem = full_problem([1.0, 0.5], 3, rng=0)
    observe = {"trace": lambda U: np.sum(U**2)}
    run = ms.gradient_flow(problem, np.eye(3), log_scale=-20.0, max_time=50.0, observe=observe)
    sizes = np.exp(2 * run.history["log_singular_values"])
    np.testing.assert_allclose(run.history["trace"], sizes.sum(axis=1), rtol=1e-10)
    assert run.history["trace"][-1] == pytest.approx(np.sum(run.U**2))


def test_reasons_to_stop():
    problem = full_problem([1.0], 2, rng=0)
    assert "reached time 1" in ms.gradient_flow(problem, np.eye(2), max_time=1.0).stop_reason
    few = ms.gradient_flow(problem, np.eye(2), max_time=1e3, max_steps=3)
    assert few.n_steps == 3 and "made the 3 steps allowed" in few.stop_reason
    one = full_problem([1.0], 1, rng=0)
    assert "reached tolerance" in ms.gradient_flow(one, [[0.1]], max_time=1e3).stop_reason
