"""The phases of a run and what shows them, against laws, invariances and constructed histories."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mscore as ms

SEEDS = st.integers(0, 10_000)
PROBLEM = ms.psd_sensing(n=20, rank=2, m=100, rng=0, eigenvalues=[1.0, 0.5])
FULL = ms.Problem(ms.full_observation(3), ms.upper(np.diag([1.0, 0.5, 0.0])), np.diag([1, 0.5, 0]))


def orthonormal(rng, n, columns):
    return np.linalg.qr(rng.standard_normal((n, columns)))[0]


def full_history(first, second, third, error):
    eigenvalues = np.column_stack([first, second, third])
    return {"iteration": 10 * np.arange(len(first)), "eigenvalues": eigenvalues, "error": error}


def test_linear_iterates_are_repeated_multiplication():
    start = ms.gaussian_start(PROBLEM, 5, 0.1, rng=1)
    step = np.eye(20) + 0.3 * PROBLEM.spectral_matrix
    expected = [start]
    for _ in range(7):
        expected.append(step @ expected[-1])
    iterates = ms.linear_iterates(PROBLEM, start, step_size=0.3, iterations=[0, 3, 7, 3])
    np.testing.assert_allclose(iterates, np.array(expected)[[0, 3, 7, 3]], rtol=1e-10, atol=1e-14)


def test_linear_iterates_are_linear_in_the_start():
    a, b = (ms.gaussian_start(PROBLEM, 4, 0.1, rng=seed) for seed in (1, 2))
    options = {"step_size": 0.2, "iterations": [5]}
    together = ms.linear_iterates(PROBLEM, a + 2 * b, **options)
    apart = [ms.linear_iterates(PROBLEM, start, **options) for start in (a, b)]
    np.testing.assert_allclose(together, apart[0] + 2 * apart[1], rtol=1e-12)


def test_gradient_descent_leaves_the_linear_iteration_quadratically():
    scales = np.array([1e-3, 1e-4])
    gaps = []
    for scale in scales:
        start = ms.gaussian_start(PROBLEM, 20, scale, rng=1)
        run = ms.gradient_descent(PROBLEM, start, step_size=0.2, max_iter=10, tol=0)
        linear = ms.linear_iterates(PROBLEM, start, step_size=0.2, iterations=[10])[0]
        gaps.append(np.linalg.norm(run.U - linear) / np.linalg.norm(linear))
    assert ms.log_slope(scales, gaps) == pytest.approx(2, abs=0.01)


@given(SEEDS)
def test_angle_of_a_rotated_space_is_the_rotation(seed):
    rng = np.random.default_rng(seed)
    Q, angle = orthonormal(rng, 7, 7), rng.uniform(0, np.pi / 2)
    tilted = np.cos(angle) * Q[:, :1] + np.sin(angle) * Q[:, 5:6]
    U = np.hstack([3 * tilted, 2 * Q[:, 1:2], 0.5 * Q[:, 2:3]]) @ orthonormal(rng, 6, 3).T
    assert ms.alignment_angle(U, Q[:, :2]) == pytest.approx(angle, abs=1e-10)


@pytest.mark.parametrize("angle", [1e-12, 1e-8, np.pi / 2 - 1e-8])
def test_extreme_angles_are_accurate(angle):
    U = np.array([[np.cos(angle)], [np.sin(angle)]])
    assert ms.alignment_angle(U, [[1.0], [0.0]]) == pytest.approx(angle, rel=1e-8)


@given(SEEDS)
def test_angle_is_the_largest_principal_one_and_batches(seed):
    rng = np.random.default_rng(seed)
    basis, U = orthonormal(rng, 6, 2), rng.standard_normal((3, 2, 6, 4))
    angles = ms.alignment_angle(U, basis)
    for index in np.ndindex(3, 2):
        top = np.linalg.svd(U[index])[0][:, :2]
        expected = ms.principal_angles(top, basis)[0]
        assert angles[index] == pytest.approx(expected, abs=1e-9)
        assert ms.alignment_angle(1e-9 * U[index], basis) == pytest.approx(expected, abs=1e-9)


@given(SEEDS, st.integers(1, 6))
def test_signal_and_nuisance(seed, width):
    rng = np.random.default_rng(seed)
    basis, U = orthonormal(rng, 6, 2), rng.standard_normal((3, 6, width))
    signal, nuisance = ms.signal_and_nuisance(U, basis)
    np.testing.assert_allclose(signal + nuisance, U, atol=1e-12)
    np.testing.assert_allclose(basis.T @ nuisance, 0, atol=1e-12)
    np.testing.assert_allclose(signal @ nuisance.swapaxes(-1, -2), 0, atol=1e-11)
    assert (np.linalg.matrix_rank(signal, tol=1e-9) <= 2).all()
    if width <= 2:
        np.testing.assert_allclose(nuisance, 0, atol=1e-12)
    rotation = orthonormal(rng, width, width)
    turned = ms.signal_and_nuisance(U @ rotation, basis)[0]
    np.testing.assert_allclose(turned, signal @ rotation, atol=1e-10)
    np.testing.assert_allclose(ms.signal_and_nuisance(U[1], basis)[0], signal[1], atol=1e-12)


def test_phases_end_where_they_are_defined_to():
    history = full_history(
        first=[0.01, 0.099, 0.1, 0.9, 1.0, 1.0, 1.0],
        second=[0.0, 0.01, 0.02, 0.24, 0.25, 0.4, 0.5],
        third=[0.0, 0.0, 0.0, 0.0, 0.01, 0.01, 0.01],
        error=np.array([1, 1, 1, 0.5, 0.3, 0.021, 0.019]) / np.sqrt(1.25),
    )
    assert ms.find_phases(FULL, history) == ms.Phases(20, 40, 60)


def test_a_phase_that_does_not_end_is_none():
    zeros = [0.0, 0.0]
    nothing = full_history(zeros, zeros, zeros, np.ones(2))
    assert ms.find_phases(FULL, nothing) == (None, None, None)
    narrow = full_history([1.0, 1.0], [0.5, 0.5], zeros, np.array([1e-3, 1e-9]))
    assert ms.find_phases(FULL, narrow) == (0, 0, None)


def test_error_is_never_below_the_surplus():
    start = ms.gaussian_start(PROBLEM, 20, 1e-2, rng=1)
    run = ms.gradient_descent(
        PROBLEM, start, step_size=0.2, max_iter=300, observe={"eigenvalues": ms.singular_values}
    )
    surplus = np.linalg.norm(run.history["eigenvalues"][:, 2:], axis=1)
    assert (run.history["error"] * np.linalg.norm(PROBLEM.truth) >= surplus).all()
