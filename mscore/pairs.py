r"""Gradient descent on two factors, and what to measure on them.

For :math:`f(F, G) = \frac12\|\mathcal A(FG^\top) - y\|^2` both factors move at once,

.. math::

    F \leftarrow F + \mu E\,G, \qquad G \leftarrow G + \mu E^\top F, \qquad
    E = \mathcal A^*(y - \mathcal A(FG^\top)),

the iteration of Soltanolkotabi, Stöger and Xie (2023). The loop, its records and the ways in
which it stops are those of `mscore.descent`, on the stacked factor :math:`Z = [F; G]`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore._validate import finite_array, positive_integer, positive_number
from mscore.descent import _observers, _solve

__all__ = ["PairRun", "imbalance", "pair_descent", "pair_step", "scalar_pair"]


@dataclass(frozen=True, eq=False)
class PairRun:
    r"""What `pair_descent` returns; for a batch the shapes are those of `Run`.

    Attributes
    ----------
    F : ndarray, shape (n1, k) or (B, n1, k)
    G : ndarray, shape (n2, k) or (B, n2, k)
        The last factors. For a diverged run: the last recorded ones before it blew up.
    n_iter : int or ndarray
        Iterations made to reach them.
    converged : bool or ndarray
        Whether the residual reached the tolerance.
    stop_reason : str or tuple of str
        Why the run stopped, as a sentence.
    history : dict of str to ndarray
        ``"iteration"``, ``"residual"``, ``"error"`` where the truth is known, and what the caller
        asked to observe; see `Run`.
    """

    F: np.ndarray
    G: np.ndarray
    n_iter: int | np.ndarray
    converged: bool | np.ndarray
    stop_reason: str | tuple[str, ...]
    history: dict[str, np.ndarray]

    @property
    def X(self):
        r"""The estimate :math:`FG^\top`, shape (n1, n2) or (B, n1, n2)."""
        return self.F @ np.swapaxes(self.G, -1, -2)


def imbalance(F, G):
    r"""Return :math:`\Delta = F^\top F - G^\top G`, shape (..., k, k).

    Gradient flow conserves it [1]_. A step of gradient descent changes it by exactly
    :math:`\mu^2(\nabla_Ff^\top\nabla_Ff - \nabla_Gf^\top\nabla_Gf)`.

    Parameters
    ----------
    F : array_like, shape (..., n1, k)
    G : array_like, shape (..., n2, k)

    References
    ----------
    .. [1] Du, Hu and Lee, Algorithmic regularization in learning deep homogeneous models (2018).

    Examples
    --------
    >>> imbalance([[2.0]], [[1.0], [1.0]])
    array([[2.]])
    """
    F = finite_array("F", F, (None, None))
    G = finite_array("G", G, (None, F.shape[-1]))
    return np.swapaxes(F, -1, -2) @ F - np.swapaxes(G, -1, -2) @ G


def pair_step(problem, F, G, step_size):
    r"""Return the next pair :math:`F + \mu EG` and :math:`G + \mu E^\top F`.

    Parameters
    ----------
    problem : RectangularProblem
    F : array_like, shape (..., n1, k)
    G : array_like, shape (..., n2, k)
    step_size : float
        The step :math:`\mu`.

    Returns
    -------
    F, G : ndarray

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.RectangularProblem(ms.rectangular_full_observation(1, 1), [1.0])
    >>> pair_step(problem, [[0.5]], [[0.5]], step_size=0.2)
    (array([[0.575]]), array([[0.575]]))
    """
    F, G = problem.checked_pair(F, G)
    mu = positive_number("step_size", step_size)
    grad_F, grad_G = problem.gradients(F, G)
    return F - mu * grad_F, G - mu * grad_G


def pair_descent(
    problem, F, G, *, step_size, penalty=0.0, max_iter=1000, tol=1e-10, record=100, observe=None
):
    r"""Run gradient descent on two factors, from a start or from a batch of starts.

    With a penalty :math:`\lambda` the loss is :math:`f(F, G) + \frac\lambda8\|\Delta\|_F^2`, which
    pulls the factors to balance (Tu and others, 2016).

    Parameters
    ----------
    problem : RectangularProblem
    F : array_like, shape (n1, k) or (B, n1, k)
    G : array_like, shape (n2, k) or (B, n2, k)
        The start; see `gaussian_pair`.
    step_size : float or array_like, shape (B,)
        The step :math:`\mu`. Fully observed, a minimum is stable for
        :math:`\mu(\|F\|^2 + \|G\|^2) < 2`, which for balanced factors is :math:`\mu < 1/\sigma_1`.
    penalty : float, default 0
        The weight :math:`\lambda`.
    max_iter, tol, record
        As for `gradient_descent`.
    observe : dict of str to callable, optional
        Further histories: each function takes batches of factors, ``(F, G)``, and returns an array
        whose leading axis is the batch.

    Returns
    -------
    PairRun

    Raises
    ------
    ValueError
        If the factors do not fit the problem or each other, the step is not positive, the penalty
        is negative, or `record` is not increasing from zero or more.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.rectangular_sensing(20, 15, [1.0], m=200, rng=0)
    >>> F_0, G_0 = ms.gaussian_pair(problem, width=15, scale=1e-4, rng=1)
    >>> run = pair_descent(problem, F_0, G_0, step_size=0.2, max_iter=300)
    >>> bool(run.history["error"][-1] < 1e-2)
    True
    """
    F, G = problem.checked_pair(F, G)
    if F.ndim > 3:
        raise ValueError(f"F must have shape (n1, k) or (B, n1, k); got {F.shape}")
    n1 = problem.shape[0]
    Z, *rest = _solve(
        _Pair(problem, positive_number("penalty", penalty, or_zero=True)),
        np.concatenate([F, G], axis=-2),
        step_size=step_size,
        max_iter=max_iter,
        tol=tol,
        record=record,
        observe={
            name: lambda Z, f=function: f(Z[..., :n1, :], Z[..., n1:, :])
            for name, function in _observers(observe).items()
        },
    )
    return PairRun(Z[..., :n1, :], Z[..., n1:, :], *rest)


class _Rectangular:
    """Residual, error and field of the product of stacked factors, for `mscore.descent._solve`.

    A subclass says what the product of a batch of stacked factors is, and how to move them.
    """

    def __init__(self, problem):
        self.problem = problem
        known = problem.truth is not None
        self.reference = problem.truth if known else np.zeros(problem.shape)
        # The data seen from the reference: zero without noise, so that no cancellation remains.
        self.offset = problem.y - problem.operator.forward(self.reference)
        self.size = np.linalg.norm(problem.y) or 1.0
        self.truth_size = np.linalg.norm(problem.truth) if known else None

    def measure(self, Z):
        deviation = self.product(Z) - self.reference
        misfit = self.problem.operator.residual_flat(deviation.reshape(len(Z), -1), self.offset)
        measured = {"residual": np.linalg.norm(misfit, axis=-1) / self.size}
        if self.truth_size is not None:
            measured["error"] = np.linalg.norm(deviation, axis=(-2, -1)) / self.truth_size
        return measured

    def field(self):
        """Return a function that takes a batch of products to their residual fields."""
        normal = self.problem.operator.normal_map()
        constant = self.problem.operator.adjoint(self.offset)

        def E(X):
            deviation = X - self.reference
            return constant - normal(deviation.reshape(len(X), -1)).reshape(X.shape)

        return E


class _Pair(_Rectangular):
    """Stacked pairs [F; G], with product F G^T."""

    factor, near_solution = "[F; G]", 2  # for the sentence of a run that diverged

    def __init__(self, problem, penalty):
        super().__init__(problem)
        self.penalty = penalty

    def product(self, Z):
        n1 = self.problem.shape[0]
        return Z[:, :n1] @ Z[:, n1:].swapaxes(-1, -2)

    def iteration(self, Z, steps):
        """Return a function that makes a number of steps, for this batch of step sizes."""
        n1, field = self.problem.shape[0], self.field()
        mu, penalty = steps[:, None, None], self.penalty

        def advance(Z, count):
            F, G = Z[:, :n1], Z[:, n1:]
            for _ in range(count):
                E = mu * field(F @ G.swapaxes(-1, -2))
                dF, dG = E @ G, E.swapaxes(-1, -2) @ F
                if penalty:
                    pull = 0.5 * penalty * mu * _imbalance(F, G)
                    dF, dG = dF - F @ pull, dG + G @ pull
                F, G = F + dF, G + dG
            return np.concatenate([F, G], axis=-2)

        return advance


def _imbalance(F, G):
    """Return the imbalance without checks: a run that diverges must get to the end of its loop."""
    return F.swapaxes(-1, -2) @ F - G.swapaxes(-1, -2) @ G


def scalar_pair(f, g, y, *, step_size, max_iter):
    r"""Run gradient descent on :math:`\frac12(fg - y)^2` and return all iterates.

    In one step the imbalance :math:`\Delta = f^2 - g^2` is multiplied by exactly
    :math:`1 - \mu^2(fg - y)^2`.

    Parameters
    ----------
    f, g : float
        The start.
    y : float
        The target.
    step_size : float
        The step :math:`\mu`.
    max_iter : int

    Returns
    -------
    f, g : ndarray, shape (T + 1,)
        The iterates from the start on; fewer than ``max_iter + 1`` if a factor exceeds 1e6.

    Examples
    --------
    >>> f, g = scalar_pair(2.0, 1.0, 3.0, step_size=0.1, max_iter=2)
    >>> f.round(3), g.round(3)
    (array([2.   , 2.1  , 2.158]), array([1.   , 1.2  , 1.301]))
    """
    start = [float(finite_array(name, value, ())) for name, value in (("f", f), ("g", g))]
    y, mu = float(finite_array("y", y, ())), positive_number("step_size", step_size)
    path = [tuple(start)]
    for _ in range(positive_integer("max_iter", max_iter)):
        f, g = path[-1]
        residual = y - f * g
        path.append((f + mu * residual * g, g + mu * residual * f))
        if max(map(abs, path[-1])) > 1e6:
            break
    f, g = np.array(path).T
    return f, g
