r"""Gradient descent on a deep factorisation :math:`X = W_L \cdots W_1` with square factors.

For :math:`f(W_1, \dots, W_L) = \frac12\|\mathcal A(W_L \cdots W_1) - y\|^2` one step is

.. math::

    W_l \leftarrow W_l + \mu\,(W_L \cdots W_{l+1})^\top E(X)\,(W_{l-1} \cdots W_1)^\top
    \quad\text{for all } l, \qquad E(X) = \mathcal A^*(y - \mathcal A(X)),

the deep matrix factorisation of Arora, Cohen, Hu and Luo (2019).
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from mscore._validate import finite_array, generator, positive_integer, positive_number
from mscore.descent import _observers, _solve
from mscore.pairs import _Rectangular

__all__ = ["DeepRun", "balanced_factors", "deep_descent"]


@dataclass(frozen=True, eq=False)
class DeepRun:
    r"""What `deep_descent` returns: as `mscore.Run`, with several factors.

    Attributes
    ----------
    factors : ndarray, shape (L, n, n) or (B, L, n, n)
        The last factors, :math:`W_1` first.
    n_iter, converged, stop_reason, history
        As in `mscore.Run`.
    """

    factors: np.ndarray
    n_iter: int | np.ndarray
    converged: bool | np.ndarray
    stop_reason: str | tuple[str, ...]
    history: dict[str, np.ndarray]

    @property
    def X(self):
        r"""The estimate :math:`W_L \cdots W_1`, shape (n, n) or (B, n, n)."""
        return _product(self.factors)


def balanced_factors(n, depth, scale, *, rng):
    r"""Return a balanced start: multiples of orthogonal matrices, with a given product scale.

    Every factor is :math:`\varepsilon Q_l` with :math:`\varepsilon = \text{scale}^{1/L}`, so that
    all singular values of the product are `scale`, and
    :math:`W_{l+1}^\top W_{l+1} = W_l W_l^\top`.

    Parameters
    ----------
    n : int
        Size of the factors.
    depth : int
        Their number :math:`L`.
    scale : float
        The end-to-end scale :math:`\alpha_e`.
    rng : int or numpy.random.Generator
        Draws the orthogonal matrices, uniformly.

    Returns
    -------
    ndarray, shape (depth, n, n)

    Raises
    ------
    ValueError
        If a number is not in its range.

    Examples
    --------
    >>> W = balanced_factors(2, 3, 1e-3, rng=0)
    >>> np.linalg.svd(W[2] @ W[1] @ W[0], compute_uv=False).round(6)
    array([0.001, 0.001])
    """
    n, depth = positive_integer("n", n), positive_integer("depth", depth)
    size = positive_number("scale", scale) ** (1 / depth)
    Q, R = np.linalg.qr(generator(rng).standard_normal((depth, n, n)))
    signs = np.sign(np.diagonal(R, axis1=-2, axis2=-1))  # makes Q uniform (Mezzadri, 2007)
    return size * Q * signs[:, None, :]


def deep_descent(
    problem, factors, *, step_size, max_iter=1000, tol=1e-10, record=100, observe=None
):
    r"""Run gradient descent on square factors, from a start or from a batch of starts.

    Parameters
    ----------
    problem : RectangularProblem
        With ``n1 == n2``.
    factors : array_like, shape (L, n, n) or (B, L, n, n)
        The start, :math:`W_1` first; see `balanced_factors`.
    step_size : float or array_like, shape (B,)
        The step :math:`\mu`. Fully observed, a balanced minimum is stable for
        :math:`\mu L\sigma_1^{2-2/L} < 2`.
    max_iter, tol, record
        As for `gradient_descent`.
    observe : dict of str to callable, optional
        Further histories: each function takes a batch of factors, shape ``(B, L, n, n)``, and
        returns an array whose leading axis is the batch.

    Returns
    -------
    DeepRun

    Raises
    ------
    ValueError
        If the factors are not square or do not fit the problem, the step is not positive, or
        `record` is not increasing from zero or more.

    Examples
    --------
    >>> import mscore as ms
    >>> operator = ms.rectangular_full_observation(2, 2)
    >>> problem = ms.RectangularProblem(operator, operator.forward(np.diag([1.0, 0.5])))
    >>> start = balanced_factors(2, 3, 1e-2, rng=0)
    >>> run = deep_descent(problem, start, step_size=0.1, max_iter=2000)
    >>> (run.X.round(4) + 0.0).tolist()
    [[1.0, 0.0], [0.0, 0.5]]
    """
    n = problem.shape[0]
    if problem.shape != (n, n):
        raise ValueError(f"problem must be square, n1 = n2; got {problem.shape}")
    W = finite_array("factors", factors, (None, n, n))
    if W.ndim > 4:
        raise ValueError(f"factors must have shape (L, n, n) or (B, L, n, n); got {W.shape}")
    depth = W.shape[-3]
    Z, *rest = _solve(
        _Deep(problem, depth),
        W.reshape(*W.shape[:-3], depth * n, n),
        step_size=step_size,
        max_iter=max_iter,
        tol=tol,
        record=record,
        observe={
            name: lambda Z, f=function: f(Z.reshape(-1, depth, n, n))
            for name, function in _observers(observe).items()
        },
    )
    return DeepRun(Z.reshape(W.shape), *rest)


def _product(W):
    """Return the product of factors stacked along the third axis from the end."""
    return functools.reduce(lambda X, factor: factor @ X, np.moveaxis(W, -3, 0))


class _Deep(_Rectangular):
    """Square factors stacked below each other, W_1 first."""

    factor, near_solution = "[W_1; ...; W_L]", 2  # for the sentence of a run that diverged

    def __init__(self, problem, depth):
        super().__init__(problem)
        self.depth = depth

    def product(self, Z):
        return _product(self._unstacked(Z))

    def _unstacked(self, Z):
        n = Z.shape[-1]
        return Z.reshape(len(Z), self.depth, n, n)

    def iteration(self, Z, steps):
        """Return a function that makes a number of steps, for this batch of step sizes."""
        mu, field = steps[:, None, None], self.field()

        def advance(Z, count):
            W = list(np.moveaxis(self._unstacked(Z), 1, 0))
            for _ in range(count):
                below = list(itertools.accumulate(W, lambda product, factor: factor @ product))
                # Times the factors above, seen from the field: E, W_L^T E, W_{L-1}^T W_L^T E, ...
                move = mu * field(below[-1])
                for i in reversed(range(self.depth)):
                    through = W[i].swapaxes(-1, -2) @ move if i else None
                    W[i] = W[i] + (move @ below[i - 1].swapaxes(-1, -2) if i else move)
                    move = through
            return np.stack(W, axis=1).reshape(Z.shape)

        return advance
