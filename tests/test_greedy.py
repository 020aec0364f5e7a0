"""Greedy low-rank learning: its stages, its stopping rule, and gradient descent beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mscore as ms

COMPLETION = ms.psd_completion(12, [4.0, 1.5, 0.6], share=0.8, rng=1)


@pytest.fixture(scope="module")
def run():
    return ms.greedy_low_rank(COMPLETION, step_size=0.04)


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(1, 4))
def test_fully_observed_stages_are_truncations(seed, rank):
    eigenvalues = 1.0 / 2.0 ** np.arange(rank)
    truth = ms.psd_truth(6, eigenvalues, rng=seed)
    operator = ms.full_observation(6)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    run = ms.greedy_low_rank(problem, step_size=0.2)
    values, vectors = np.linalg.eigh(truth)
    assert run.converged and len(run.stages) == rank
    for s, stage in enumerate(run.stages, start=1):
        top = vectors[:, -s:]
        np.testing.assert_allclose(stage.X, (top * values[-s:]) @ top.T, atol=1e-6)
        assert stage.eigenvalues[0] == pytest.approx(eigenvalues[s - 1], abs=1e-6)


def test_each_stage_is_stationary_and_of_its_rank(run):
    assert [stage.U.shape[1] for stage in run.stages] == [1, 2, 3]
    for s, stage in enumerate(run.stages, start=1):
        assert np.linalg.norm(COMPLETION.gradient(stage.U)) < 1e-8
        assert np.linalg.matrix_rank(stage.X, tol=1e-4) == s


def test_each_stage_adds_the_top_eigenvector_of_the_field(run):
    before = np.zeros((12, 12))
    for stage in run.stages:
        E = COMPLETION.residual_field(before)
        values, vectors = np.linalg.eigh(E)
        np.testing.assert_allclose(stage.eigenvalues, values[::-1])
        assert abs(vectors[:, -1] @ stage.direction) == pytest.approx(1.0)
        np.testing.assert_allclose(stage.path[0][:, :-1] @ stage.path[0][:, :-1].T, before)
        before = stage.X


def test_the_loss_falls_along_the_whole_path(run):
    losses = 0.25 * np.sum((COMPLETION.operator.forward(run.path) - COMPLETION.y) ** 2, axis=1)
    assert (np.diff(losses) <= 1e-12).all()


def test_it_stops_at_a_global_minimum(run):
    assert run.converged and run.stop_reason.startswith("no direction is left")
    field = COMPLETION.residual_field(run.X)
    assert np.linalg.eigvalsh(field)[-1] <= 1e-6 * COMPLETION.spectral_values[0]
    np.testing.assert_array_equal(run.X, run.stages[-1].X)


def test_gradient_descent_comes_closer_as_the_start_shrinks(run):
    starts = 10.0 ** -np.arange(2, 8, 2)[:, None, None] * np.eye(12)
    descent = ms.gradient_descent(
        COMPLETION,
        starts,
        step_size=0.04,
        max_iter=3000,
        tol=0,
        record=range(0, 3001, 20),
        observe={"X": lambda U: U @ U.swapaxes(-1, -2)},
    )
    farthest = ms.distance_to_path(descent.history["X"], run.path).max(axis=0)
    assert (farthest[1:] < 0.6 * farthest[:-1]).all()


def test_limits_of_rank_and_of_iterations():
    two = ms.greedy_low_rank(COMPLETION, step_size=0.04, max_rank=2)
    assert len(two.stages) == 2 and not two.converged
    assert two.stop_reason == "made the 2 stages allowed"
    short = ms.greedy_low_rank(COMPLETION, step_size=0.04, max_iter=100)
    assert not short.converged and short.stages[-1].n_iter == 100
    assert short.stop_reason == "stage 1 was not stationary after 100 iterations"


def test_a_step_that_diverges_is_refused():
    with pytest.raises(ValueError, match="step_size must be smaller .* a stage diverged"):
        ms.greedy_low_rank(COMPLETION, step_size=2.0)


def test_a_tiny_direction_is_given_the_time_to_grow():
    operator = ms.full_observation(3)
    problem = ms.Problem(operator, operator.forward(np.diag([1.0, 0.05, 0.001])))
    run = ms.greedy_low_rank(problem, step_size=0.3, scale=1e-12)
    assert [np.linalg.matrix_rank(stage.X, tol=1e-4) for stage in run.stages] == [1, 2, 3]
