r"""Greedy low-rank learning: fit the measurements with one more direction at a time.

From :math:`\bar W_0 = 0` on, stage :math:`s` starts gradient descent at
:math:`[U_{s-1}\;\; \epsilon v]`, where :math:`\bar W_{s-1} = U_{s-1}U_{s-1}^\top` and :math:`v` is
the top eigenvector of the residual field :math:`E(\bar W_{s-1})`, and runs it until it is
stationary, at :math:`\bar W_s`. It ends when the top eigenvalue is zero: then no direction lowers
the loss, and :math:`\bar W_s` minimises the loss over all PSD matrices (Li, Luo and Lyu, 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore import _blas, _cancel
from mscore._validate import positive_integer, positive_number
from mscore.descent import _Symmetric

__all__ = ["GreedyRun", "Stage", "greedy_low_rank"]

# A stage must converge to this fraction of the tolerance of the stopping rule: what is left of the
# residual field of a fitted stage must not look like a direction to add.
_CONVERGENCE = 1e-3
# Iterations before the first look at the gradient; then twice as many, and so on.
_CHUNK = 250


@dataclass(frozen=True, eq=False)
class Stage:
    r"""One stage of `greedy_low_rank`.

    Attributes
    ----------
    U : ndarray, shape (n, s)
        Where the stage ended; :math:`\bar W_s = UU^\top`.
    direction : ndarray, shape (n,)
        The unit vector :math:`v` that the stage added.
    eigenvalues : ndarray, shape (n,)
        Of the residual field at its start, largest first: the growth rate of the direction that
        was added, then those of the directions that were not.
    n_iter : int
        Iterations made.
    path : ndarray, shape (T, n, s)
        The factor along the way: at every iteration first, less often as the stage slows down.
    """

    U: np.ndarray
    direction: np.ndarray
    eigenvalues: np.ndarray
    n_iter: int
    path: np.ndarray

    @property
    def X(self):
        r"""The matrix :math:`\bar W_s`, shape (n, n)."""
        return self.U @ self.U.T


@dataclass(frozen=True, eq=False)
class GreedyRun:
    """What `greedy_low_rank` returns.

    Attributes
    ----------
    stages : tuple of Stage
        The stage that ends at rank `s` is ``stages[s - 1]``.
    converged : bool
        Whether the stopping rule was met.
    stop_reason : str
        Why there is no further stage, as a sentence.
    """

    stages: tuple[Stage, ...]
    converged: bool
    stop_reason: str

    @property
    def X(self):
        """The matrix at the end of the last stage, shape (n, n)."""
        return self.stages[-1].X

    @property
    def path(self):
        """The matrices that all stages pass through, in order, shape (T, n, n)."""
        return np.concatenate([U @ U.swapaxes(-1, -2) for U in (s.path for s in self.stages)])


def greedy_low_rank(problem, *, step_size, scale=1e-6, tol=1e-6, max_rank=None, max_iter=100_000):
    r"""Run greedy low-rank learning with gradient descent in each stage.

    Parameters
    ----------
    problem : Problem
    step_size : float
        The step :math:`\mu`.
    scale : float, default 1e-6
        Size :math:`\epsilon` of the direction that a stage adds.
    tol : float, default 1e-6
        Stop when the top eigenvalue of the residual field is at most this fraction of
        :math:`\lambda_1(M)`.
    max_rank : int, optional
        Stop after this many stages; by default after `n`.
    max_iter : int, default 100000
        Iterations allowed in one stage. A stage that needs more is the last one.

    Returns
    -------
    GreedyRun

    Raises
    ------
    ValueError
        If `step_size` is so large that a stage diverges, no eigenvalue of the spectral matrix is
        positive (then :math:`X = 0` is the best PSD fit), or a number is not in its range.

    References
    ----------
    Li, Luo and Lyu, Towards resolving the implicit bias of gradient descent for matrix
    factorization: greedy low-rank learning (2021), Algorithm 1.

    Examples
    --------
    >>> import mscore as ms
    >>> operator = ms.full_observation(3)
    >>> problem = ms.Problem(operator, operator.forward(np.diag([1.0, 0.5, 0.2])))
    >>> run = greedy_low_rank(problem, step_size=0.2)
    >>> [stage.X.diagonal().round(4).tolist() for stage in run.stages]
    [[1.0, 0.0, 0.0], [1.0, 0.5, 0.0], [1.0, 0.5, 0.2]]
    >>> run.stop_reason
    'no direction is left: the top eigenvalue of the residual field is at most 1e-06 lambda_1(M)'
    """
    scale, tol = positive_number("scale", scale), positive_number("tol", tol)
    step_size = positive_number("step_size", step_size)
    max_rank = problem.n if max_rank is None else positive_integer("max_rank", max_rank)
    max_iter = positive_integer("max_iter", max_iter)
    size = problem.spectral_values[0]
    if size <= 0:
        raise ValueError(
            "problem must have a positive eigenvalue in its spectral matrix; the largest is "
            f"{size:.2g}, so that X = 0 is the best PSD fit"
        )
    U, stages = np.zeros((problem.n, 0)), []
    while True:
        values, vectors = np.linalg.eigh(problem.residual_field(U @ U.T))
        if values[-1] <= tol * size:
            reason = (
                "no direction is left: the top eigenvalue of the residual field is at most "
                f"{tol:g} lambda_1(M)"
            )
            return GreedyRun(tuple(stages), True, reason)
        if len(stages) == max_rank:
            return GreedyRun(tuple(stages), False, f"made the {max_rank} stages allowed")
        start = np.column_stack([U, scale * vectors[:, -1]])
        bound = _CONVERGENCE * tol * size
        path, n_iter, stationary = _descend(problem, start, step_size, bound, max_iter)
        U = path[-1]
        stages.append(Stage(U, vectors[:, -1], values[::-1], n_iter, path))
        if not stationary:
            reason = f"stage {len(stages)} was not stationary after {max_iter} iterations"
            return GreedyRun(tuple(stages), False, reason)


def _descend(problem, start, step_size, bound, max_iter):
    r"""Iterate until the residual field, on the column space of `U`, is at most `bound`.

    That is stationarity whatever the sizes of the columns: the gradient :math:`-EU` is small at the
    start too, while the new direction is small. Returns the path, the number of iterations, and
    whether the end is stationary. The path keeps `_CHUNK` points at first, then as many over twice
    the iterations, and so on: a stage moves slower and slower.
    """
    # `gradient_descent` without its records, which at every iteration cost more than the step.
    advance = _Symmetric(problem).iteration(start[None], np.array([step_size]))
    path, n_iter, stride = [start], 0, 1
    while n_iter < max_iter:
        count = min(_CHUNK * stride, max_iter - n_iter)
        with _blas.one_thread(), np.errstate(over="ignore", invalid="ignore"):
            for done in range(0, count, stride):
                _cancel.check()
                path.append(advance(path[-1], min(stride, count - done)))
        U, n_iter, stride = path[-1], n_iter + count, 2 * stride
        if not np.isfinite(U).all():
            raise ValueError(
                "step_size must be smaller for this problem: a stage diverged within "
                f"{n_iter} iterations; got {step_size:g}"
            )
        columns = np.linalg.svd(U, full_matrices=False)[0]
        if np.linalg.norm(problem.residual_field(U @ U.T) @ columns) <= bound:
            return np.array(path), n_iter, True
    return np.array(path), n_iter, False
