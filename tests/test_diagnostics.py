"""Diagnostics against numpy, scipy and constructions whose answer is known."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import assume, given
from hypothesis import strategies as st

import mscore as ms

SIZES = st.integers(1, 8)
SEEDS = st.integers(0, 10_000)
LEADS = st.sampled_from([(), (1,), (2, 3)])


def orthonormal(rng, n, columns):
    return np.linalg.qr(rng.standard_normal((n, columns)))[0]


@given(SIZES, SIZES, LEADS, SEEDS)
def test_relative_error_and_nuclear_norm_against_numpy(rows, columns, lead, seed):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((rows, columns))
    X = rng.standard_normal((*lead, rows, columns))
    error, norm = ms.relative_error(X, truth), ms.nuclear_norm(X)
    assert error.shape == norm.shape == lead
    for index in np.ndindex(lead):
        expected = np.linalg.norm(X[index] - truth, "fro") / np.linalg.norm(truth, "fro")
        assert error[index] == pytest.approx(expected, rel=1e-12)
        assert norm[index] == pytest.approx(np.linalg.norm(X[index], "nuc"), rel=1e-12)


@given(SIZES, SIZES, LEADS, SEEDS)
def test_singular_values_are_those_of_the_product(n, width, lead, seed):
    U = np.random.default_rng(seed).standard_normal((*lead, n, width))
    values = ms.singular_values(U)
    assert values.shape == (*lead, min(n, width))
    expected = np.linalg.svd(U @ np.swapaxes(U, -1, -2), compute_uv=False)[..., : min(n, width)]
    np.testing.assert_allclose(values, expected, atol=1e-11 * max(1.0, expected.max()))


def test_singular_values_keep_tiny_ones():
    """Through the product U U^T everything below 1e-16 would be lost."""
    rng = np.random.default_rng(0)
    sizes = np.array([1.0, 1e-6, 1e-12])
    U = orthonormal(rng, 8, 3) * sizes
    np.testing.assert_allclose(ms.singular_values(U), sizes**2, rtol=1e-3)


@given(SIZES, SIZES, LEADS, SEEDS)
def test_effective_rank_lies_between_one_and_the_rank(n, rank, lead, seed):
    rank = min(n, rank)
    U = np.random.default_rng(seed).standard_normal((*lead, n, rank))
    X = U @ np.swapaxes(U, -1, -2)
    value = ms.effective_rank(X)
    assert value.shape == lead
    assert (value >= 1 - 1e-9).all() and (value <= rank * (1 + 1e-6)).all()
    np.testing.assert_allclose(ms.effective_rank(1e-7 * X), value, rtol=1e-9)


def test_effective_rank_of_equal_and_of_unequal_values():
    assert ms.effective_rank(np.diag([3.0, 3.0, 3.0, 0.0])) == pytest.approx(3)
    p = np.array([0.5, 0.25, 0.25])
    expected = 2**1.5  # the entropy is 1.5 bits
    assert ms.effective_rank(np.diag(p)) == pytest.approx(expected)
    assert ms.effective_rank(np.diag([1.0, 1e-12])) == pytest.approx(1)


@given(st.integers(1, 9), SIZES, SIZES, SEEDS)
def test_principal_angles_against_scipy(n, p, q, seed):
    p, q = min(n, p), min(n, q)
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((n, p)), rng.standard_normal((n, q))
    assume(max(np.linalg.cond(A), np.linalg.cond(B)) < 1e6)
    angles = ms.principal_angles(A, B)
    assert angles.shape == (min(p, q),)
    # scipy may give 3e-8 for an angle of zero; the next test is about small angles.
    np.testing.assert_allclose(angles, scipy.linalg.subspace_angles(A, B), atol=1e-7)
    np.testing.assert_allclose(ms.principal_angles(B, A), angles, atol=1e-9)


@pytest.mark.parametrize("angle", [1e-10, 1e-7, 1e-3, 0.5, np.pi / 4, 1.5, np.pi / 2])
def test_principal_angles_are_accurate_at_every_size(angle):
    rng = np.random.default_rng(0)
    Q = orthonormal(rng, 9, 4)
    A = Q[:, :2]
    turned = np.cos(angle) * Q[:, 0] + np.sin(angle) * Q[:, 2]
    B = np.stack([turned, Q[:, 1]], axis=1) @ rng.standard_normal((2, 2))
    found = ms.principal_angles(A, B)
    assert found[0] == pytest.approx(angle, rel=1e-4 if angle < 1e-9 else 1e-6)
    assert found[1] < 1e-14


def test_principal_angles_of_a_batch():
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((5, 7, 3)), rng.standard_normal((7, 2))
    together = ms.principal_angles(A, B)
    assert together.shape == (5, 2)
    for a, angles in zip(A, together, strict=True):
        np.testing.assert_allclose(angles, ms.principal_angles(a, B), atol=1e-12)


# Restricted isometry -----------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [1, 3])
def test_empirical_ratios_are_one_on_average(rank):
    operator = ms.SymmetricGaussian(n=15, m=500, rng=0)
    ratios = ms.empirical_rip(operator, rank, samples=1000, rng=1)
    assert ratios.shape == (1000,)
    # Over the draw of the operator: chi-squared, relative standard deviation sqrt(2 / m) = 6 %.
    assert ratios.mean() == pytest.approx(1, abs=0.02)
    assert ratios.std() == pytest.approx(np.sqrt(2 / 500), rel=0.15)


def test_empirical_ratio_of_a_known_operator():
    # The diagonal of v v^T carries sum v_i^4 of (sum v_i^2)^2: on average 3 / (n + 2).
    operator = ms.ObservedEntries(np.eye(10, dtype=bool))
    ratios = ms.empirical_rip(operator, 1, samples=4000, rng=0)
    assert ratios.mean() == pytest.approx(3 / 12, rel=0.03)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rank", [1, 2, 4])
def test_searched_extremes_are_outside_the_random_range(seed, rank):
    operator = ms.SymmetricGaussian(n=12, m=60, rng=seed)
    ratios = ms.empirical_rip(operator, rank, samples=1000, rng=seed)
    low, high = ms.extreme_rip(operator, rank, rng=seed)
    assert 0 <= low < ratios.min() < 1 < ratios.max() < high
    # And inside what all symmetric matrices allow.
    rows = operator.rows / np.sqrt(2.0 - ms.upper(np.eye(12)))  # an isometric basis
    spectrum = np.linalg.svd(rows, compute_uv=False) ** 2
    assert high <= spectrum[0] * (1 + 1e-12)


def test_extremes_at_full_rank_are_singular_values():
    n, m = 5, 40  # more measurements than the 15 unknowns
    operator = ms.SymmetricGaussian(n, m, rng=0)
    rows = operator.rows / np.sqrt(2.0 - ms.upper(np.eye(n)))
    spectrum = np.linalg.svd(rows, compute_uv=False) ** 2
    low, high = ms.extreme_rip(operator, n, iterations=3000, rng=1)
    assert high == pytest.approx(spectrum[0], rel=1e-6)
    assert low == pytest.approx(spectrum[-1], rel=1e-6)


def test_extremes_when_a_low_rank_matrix_is_invisible():
    """Completion of e_1 e_1^T: no restricted isometry, whatever the rest of the mask."""
    mask = np.ones((6, 6), dtype=bool)
    mask[0, 0] = False
    low, high = ms.extreme_rip(ms.ObservedEntries(mask), 1, rng=0)
    assert low < 1e-9 and high == pytest.approx(1, abs=1e-3)


def test_extremes_of_the_off_diagonal_entries():
    # Least for e_i e_i^T, most for the flat vector: 1 - 1/n.
    operator = ms.ObservedEntries(~np.eye(6, dtype=bool))
    low, high = ms.extreme_rip(operator, 1, rng=0)
    assert low < 1e-9 and high == pytest.approx(5 / 6, rel=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_extremes_of_full_observation(n):
    assert ms.extreme_rip(ms.full_observation(n), 1, rng=0) == pytest.approx((1.0, 1.0))


# Curvature and exponents -------------------------------------------------------------------------


@pytest.mark.parametrize("m", [20, 60])
def test_sharpness_is_the_largest_hessian_eigenvalue(m):
    problem = ms.psd_sensing(n=6, rank=2, m=m, rng=0, allow_vacuous=True)
    U = 2 * ms.gaussian_start(problem, 3, 1.0, rng=1)  # large: the top eigenvalue is positive
    H = [problem.hessian(U, D.reshape(6, 3)).ravel() for D in np.eye(18)]
    values = np.linalg.eigvalsh(H)
    largest = values[np.argmax(np.abs(values))]
    assert ms.sharpness(problem, U, iterations=2000, rng=2) == pytest.approx(largest, rel=1e-6)


def test_sharpness_at_the_solution():
    """Theory section 0: fully observed, twice the largest eigenvalue of the truth."""
    truth = ms.psd_truth(6, [3.0, 1.0], rng=0)
    operator = ms.full_observation(6)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    values, vectors = np.linalg.eigh(truth)
    U = vectors[:, -2:] * np.sqrt(values[-2:])
    assert ms.sharpness(problem, U, rng=0) == pytest.approx(6.0, rel=1e-6)


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0.01, 0.5))
def test_distance_to_a_smooth_path(seed, share, away):
    rng = np.random.default_rng(seed)
    first, second, normal = np.linalg.qr(rng.standard_normal((6, 3)))[0].T.reshape(3, 2, 3)

    def circle(angle):
        return np.cos(angle)[:, None, None] * first + np.sin(angle)[:, None, None] * second

    path = circle(np.linspace(0, 2, 41))
    # Away from the ends, where the slopes are one-sided.
    point = circle(np.array([0.2 + 1.6 * share]))
    assert ms.distance_to_path(point, path)[0] < 1e-5
    assert ms.distance_to_path(point + away * normal, path)[0] == pytest.approx(away, abs=1e-5)


def test_distance_beyond_the_end_is_that_to_the_end():
    path = np.arange(5.0)[:, None, None]
    np.testing.assert_allclose(ms.distance_to_path([[[-2.0]], [[2.5]], [[7.0]]], path), [2, 0, 3])


def test_scale_exponent_is_the_law():
    """Law L1.4: about 2 (1 - sqrt(2nr/m)) at condition number 1."""
    problem = ms.psd_sensing(n=60, rank=1, m=900, rng=0)
    exponent = ms.scale_exponent(problem, step_size=0.05)
    assert exponent == pytest.approx(2 * (1 - np.sqrt(2 * 60 / 900)), rel=0.15)
    values = np.linalg.eigvalsh(problem.spectral_matrix)[::-1]
    rho = np.log(1 + 0.05 * values[1]) / np.log(1 + 0.05 * values[0])
    assert exponent == pytest.approx(2 * (1 - rho), rel=1e-12)


@given(st.floats(-3, 3), st.floats(0.1, 10), SEEDS)
def test_log_slope_finds_a_power_law(power, factor, seed):
    x = np.exp(np.random.default_rng(seed).uniform(-5, 5, 8))
    assert ms.log_slope(x, factor * x**power) == pytest.approx(power, abs=1e-9)
