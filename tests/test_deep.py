"""Descent on several square factors: against pairs, differences, and the laws of depth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mscore as ms

SEEDS = st.integers(0, 10_000)


def completion(n=6, share=0.6, seed=0):
    truth = ms.rectangular_truth(n, n, [1.0, 0.5], rng=seed)
    mask = np.random.default_rng(seed).random((n, n)) < share
    operator = ms.RectangularEntries(mask)
    return ms.RectangularProblem(operator, operator.forward(truth), truth)


def product(W):
    X = W[0]
    for factor in W[1:]:
        X = factor @ X
    return X


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_one_step_is_down_the_gradient(depth):
    problem, rng = completion(), np.random.default_rng(1)
    W = rng.standard_normal((depth, 6, 6)) / 2

    def loss(W):
        return 0.5 * np.sum((problem.operator.forward(product(W)) - problem.y) ** 2)

    mu, h = 1e-3, 1e-6
    moved = ms.deep_descent(problem, W, step_size=mu, max_iter=1, tol=0).factors
    direction = rng.standard_normal(W.shape)
    slope = (loss(W + h * direction) - loss(W - h * direction)) / (2 * h)
    assert np.sum((W - moved) / mu * direction) == pytest.approx(slope, rel=1e-6)


def test_two_factors_are_a_pair():
    problem = completion()
    W = ms.balanced_factors(6, 2, 1e-2, rng=3)
    deep = ms.deep_descent(problem, W, step_size=0.2, max_iter=300, tol=0)
    pair = ms.pair_descent(problem, W[1], W[0].T, step_size=0.2, max_iter=300, tol=0)
    np.testing.assert_allclose(deep.X, pair.X, atol=1e-10)
    np.testing.assert_allclose(deep.history["error"], pair.history["error"], atol=1e-10)


@given(st.integers(1, 3), st.integers(1, 4), SEEDS)
def test_a_batch_is_its_single_runs(batch, depth, seed):
    problem = completion(n=4)
    W = np.random.default_rng(seed).standard_normal((batch, depth, 4, 4)) / 2
    steps = 0.05 / np.arange(1, batch + 1)
    together = ms.deep_descent(problem, W, step_size=steps, max_iter=20, tol=0)
    for i in range(batch):
        alone = ms.deep_descent(problem, W[i], step_size=steps[i], max_iter=20, tol=0)
        np.testing.assert_allclose(together.factors[i], alone.factors, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(together.X[i], product(alone.factors), atol=1e-10)


@given(st.integers(1, 5), st.integers(1, 4), st.floats(1e-6, 2.0), SEEDS)
def test_balanced_factors_are_balanced(n, depth, scale, seed):
    W = ms.balanced_factors(n, depth, scale, rng=seed)
    np.testing.assert_allclose(np.linalg.svd(product(W), compute_uv=False), scale)
    for below, above in zip(W[:-1], W[1:], strict=True):
        np.testing.assert_allclose(above.T @ above, below @ below.T, atol=1e-12)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_a_direction_follows_the_law_of_its_depth(depth):
    # sigma' = L sigma^(2 - 2/L) (lambda - sigma): one direction, fully observed, a small step.
    operator = ms.rectangular_full_observation(1, 1)
    problem = ms.RectangularProblem(operator, [1.0])
    mu, scale = 1e-3, 1e-2
    W = np.full((depth, 1, 1), scale ** (1 / depth))
    run = ms.deep_descent(
        problem, W, step_size=mu, max_iter=5000, tol=0, observe={"X": lambda W: W.prod(axis=1)}
    )
    sigma, time = run.history["X"][:, 0, 0], mu * run.history["iteration"]
    log = np.log(np.geomspace(scale, 0.5, 4001))
    s = np.exp(log)
    rate = 1 / (depth * s ** (1 - 2 / depth) * (1 - s))
    exact = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(log))])
    shown = sigma < 0.5
    np.testing.assert_allclose(np.interp(sigma[shown], s, exact), time[shown], atol=0.02)


def test_divergence_is_said_and_leaves_no_infinity():
    run = ms.deep_descent(completion(), np.stack([np.eye(6)] * 3), step_size=3.0)
    assert run.stop_reason.startswith("diverged") and np.isfinite(run.X).all()


def test_the_start_is_left_as_it_was():
    W = ms.balanced_factors(6, 3, 0.1, rng=0)
    before = W.copy()
    ms.deep_descent(completion(), W, step_size=0.1, max_iter=5)
    np.testing.assert_array_equal(W, before)
