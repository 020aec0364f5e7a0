"""Measurement operators: adjointness, a dense reference, and the fast normal map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mscore as ms

SIZES = st.integers(1, 9)
SEEDS = st.integers(0, 10_000)
LEADS = st.sampled_from([(), (1,), (3,), (2, 3)])


def symmetric(rng, *shape):
    X = rng.standard_normal(shape)
    return (X + np.swapaxes(X, -1, -2)) / 2


def random_mask(rng, n):
    mask = rng.random((n, n)) < 0.6
    mask |= mask.T
    mask[0, 0] = True
    return mask


@st.composite
def operators(draw):
    n, seed = draw(SIZES), draw(SEEDS)
    kind = draw(st.sampled_from(["gaussian", "gaussian32", "given", "entries", "full"]))
    if kind == "full":
        return ms.full_observation(n)
    if kind == "entries":
        return ms.ObservedEntries(random_mask(np.random.default_rng(seed), n))
    if kind == "given":
        rng = np.random.default_rng(seed)
        return ms.SymmetricMeasurements(symmetric(rng, draw(st.integers(1, 60)), n, n))
    dtype = "float32" if kind == "gaussian32" else "float64"
    return ms.SymmetricGaussian(n, draw(st.integers(1, 60)), rng=seed, dtype=dtype)


def dense_matrices(operator):
    """Rebuild the A_i one by one: row i holds A_i / sqrt(m), entries off the diagonal doubled."""
    n, matrices = operator.n, []
    for row in operator.rows:
        A, entries = np.zeros((n, n)), iter(row)
        for i in range(n):
            for j in range(i, n):
                weight = next(entries) * np.sqrt(operator.m)
                A[i, j] = A[j, i] = weight if i == j else weight / 2
        matrices.append(A)
    return np.array(matrices)


@given(SIZES, SEEDS)
def test_given_matrices_are_measured_as_they_are(n, seed):
    rng = np.random.default_rng(seed)
    A, X = symmetric(rng, 5, n, n), symmetric(rng, n, n)
    measured = ms.SymmetricMeasurements(A).forward(X)
    np.testing.assert_allclose(measured * np.sqrt(5), np.sum(A * X, axis=(1, 2)), atol=1e-12)


@given(operators(), SEEDS)
def test_adjoint_gap_is_rounding(operator, seed):
    assert ms.adjoint_gap(operator, rng=seed) < 1e-13


@given(operators(), LEADS, SEEDS)
def test_adjointness_holds_for_every_item_of_a_batch(operator, lead, seed):
    rng = np.random.default_rng(seed)
    X = symmetric(rng, *lead, operator.n, operator.n)
    v = rng.standard_normal((*lead, operator.m))
    measured, back = operator.forward(X), operator.adjoint(v)
    assert measured.shape == v.shape and back.shape == X.shape
    assert measured.dtype == back.dtype == np.float64
    left, right = np.sum(measured * v, axis=-1), np.sum(X * back, axis=(-2, -1))
    np.testing.assert_allclose(left, right, atol=1e-11 * (1 + abs(left).max()))
    np.testing.assert_allclose(back, np.swapaxes(back, -1, -2), atol=0)
    np.testing.assert_allclose(operator.normal(X), operator.adjoint(measured), rtol=1e-12)


def test_adjoint_gap_notices_a_wrong_adjoint():
    class Wrong(ms.SymmetricGaussian):
        def adjoint(self, v):
            return 1.01 * super().adjoint(v)

    assert ms.adjoint_gap(Wrong(n=6, m=20, rng=0), rng=1) > 1e-5


@given(st.integers(1, 8), st.integers(1, 40), SEEDS)
def test_packed_operator_is_the_dense_one(n, m, seed):
    operator = ms.SymmetricGaussian(n, m, rng=seed)
    A = dense_matrices(operator)
    rng = np.random.default_rng(seed + 1)
    X, v = symmetric(rng, n, n), rng.standard_normal(m)
    np.testing.assert_allclose(
        operator.forward(X), [np.trace(a @ X) / np.sqrt(m) for a in A], atol=1e-12 * n * n
    )
    adjoint = sum(w * a for w, a in zip(v, A, strict=True)) / np.sqrt(m)
    np.testing.assert_allclose(operator.adjoint(v), adjoint, atol=1e-12 * m)


def test_entry_variances_are_one_on_the_diagonal_and_half_off_it():
    n = 20
    A = dense_matrices(ms.SymmetricGaussian(n, 4000, rng=0))
    diagonal = A[:, np.arange(n), np.arange(n)]
    i, j = np.triu_indices(n, 1)
    off = A[:, i, j]
    # Standard error of a variance: sqrt(2 / count) of it, here 0.5 % and 0.16 %.
    assert diagonal.var() == pytest.approx(1.0, rel=0.02)
    assert off.var() == pytest.approx(0.5, rel=0.007)
    assert abs(diagonal.mean()) < 0.015 and abs(off.mean()) < 0.004


def test_isometry_in_expectation():
    X = symmetric(np.random.default_rng(0), 10, 10)
    squares = ms.SymmetricGaussian(10, 50_000, rng=1).forward(X) ** 2
    # The sum of m squares has relative standard deviation sqrt(2 / m) = 0.6 %.
    assert squares.sum() == pytest.approx(np.sum(X**2), rel=0.025)


@given(st.integers(1, 8), st.integers(1, 30), st.integers(0, 30), SEEDS)
def test_fewer_measurements_are_the_first_of_more(n, m, extra, seed):
    few = ms.SymmetricGaussian(n, m, rng=seed).rows * np.sqrt(m)
    many = ms.SymmetricGaussian(n, m + extra, rng=seed).rows * np.sqrt(m + extra)
    np.testing.assert_allclose(few, many[:m], rtol=1e-14)


def test_float32_rounds_the_rows_once():
    exact = ms.SymmetricGaussian(12, 40, rng=3)
    rounded = ms.SymmetricGaussian(12, 40, rng=3, dtype="float32")
    assert rounded.rows.dtype == np.float32
    np.testing.assert_array_equal(rounded.rows, exact.rows.astype(np.float32))
    X = symmetric(np.random.default_rng(0), 12, 12)
    np.testing.assert_allclose(
        rounded.forward(X), rounded.rows.astype(float) @ ms.upper(X), rtol=1e-13, atol=1e-14
    )


# m = 20 keeps the rows, m = 120 > N/2 goes through the Gram matrix; 1..7 loop, 8 and more batch.
@pytest.mark.parametrize("batch", [None, 1, 2, 7, 8, 40])
@pytest.mark.parametrize("m", [20, 120])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_normal_map_is_normal(batch, m, dtype):
    n = 12
    operator = ms.SymmetricGaussian(n, m, rng=0, dtype=dtype)
    assert (operator._gram is not None) == (m == 120)
    check_normal_map(operator, batch, 1e-12 if dtype == "float64" else 3e-6)


@pytest.mark.parametrize("batch", [None, 1, 3, 20])
def test_normal_map_of_observed_entries(batch):
    check_normal_map(ms.ObservedEntries(random_mask(np.random.default_rng(4), 7)), batch, 1e-14)
    check_normal_map(ms.full_observation(7), batch, 1e-14)


def check_normal_map(operator, batch, tolerance):
    rng = np.random.default_rng(1)
    lead = () if batch is None else (batch,)
    scale = -0.3 if batch is None else rng.uniform(-1, 1, (batch, 1))
    apply = operator.normal_map(scale, batch)
    for _ in range(2):  # the work space is used again
        X = symmetric(rng, *lead, operator.n, operator.n)
        d = ms.upper(X).astype(getattr(operator, "rows", X).dtype)
        out = np.full((*lead, d.shape[-1]), np.nan)
        apply(d, out)
        expected = scale * ms.upper(operator.normal(X))
        np.testing.assert_allclose(out, expected, atol=tolerance * np.abs(expected).max(), rtol=0)


@given(st.integers(1, 8), SEEDS)
def test_observed_entries_project(n, seed):
    rng = np.random.default_rng(seed)
    mask = random_mask(rng, n)
    operator = ms.ObservedEntries(mask)
    X = symmetric(rng, 3, n, n)
    np.testing.assert_allclose(operator.normal(X), X * mask, atol=1e-15)
    observed = np.sum((X * mask) ** 2, axis=(-2, -1))
    np.testing.assert_allclose(np.sum(operator.forward(X) ** 2, axis=-1), observed, rtol=1e-12)


def test_full_observation_is_the_identity():
    X = symmetric(np.random.default_rng(0), 5, 5)
    np.testing.assert_allclose(ms.full_observation(5).normal(X), X, rtol=1e-14)


@given(operators(), LEADS, SEEDS)
def test_residual_upper_is_the_residual(operator, lead, seed):
    rng = np.random.default_rng(seed)
    X = symmetric(rng, *lead, operator.n, operator.n)
    offset = rng.standard_normal(operator.m)
    expected = operator.forward(X) - offset
    close = 1e-5 if getattr(operator, "rows", X).dtype == np.float32 else 1e-12
    np.testing.assert_allclose(
        operator.residual_upper(ms.upper(X), offset), expected, atol=close * 10
    )


@given(SIZES, LEADS, SEEDS)
def test_upper_and_symmetric_from_upper_are_inverse(n, lead, seed):
    X = symmetric(np.random.default_rng(seed), *lead, n, n)
    packed = ms.upper(X)
    assert packed.shape == (*lead, n * (n + 1) // 2)
    np.testing.assert_array_equal(ms.symmetric_from_upper(packed, n), X)
    i, j = np.triu_indices(n)
    np.testing.assert_array_equal(packed, X[..., i, j])
