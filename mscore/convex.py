r"""Nuclear-norm minimisation over the PSD cone, the convex baseline.

.. math::

    \min\ \operatorname{tr} X \quad\text{subject to}\quad \mathcal A(X) = y, \; X \succeq 0,

by the alternating direction method of multipliers (ADMM): with a penalty :math:`\rho` and the
scaled multiplier :math:`\Lambda`, repeat

.. math::

    X \leftarrow \Pi_{\mathcal A(X) = y}\bigl(Z - \Lambda - I/\rho\bigr), \quad
    Z \leftarrow \Pi_{\succeq 0}(X + \Lambda), \quad
    \Lambda \leftarrow \Lambda + X - Z .

On PSD matrices the trace is the nuclear norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore import _blas
from mscore._validate import positive_integer, positive_number

__all__ = ["ConvexSolution", "minimise_nuclear_norm"]

# Over-relaxation: X is replaced by 1.6 X - 0.6 Z, the usual choice, about a third fewer iterations.
_RELAXATION = 1.6
# Eigenvalues of A A* below this fraction of the largest are dependent measurements, not directions.
_DEPENDENT = 1e-10


@dataclass(frozen=True, eq=False)
class ConvexSolution:
    r"""What `minimise_nuclear_norm` returns.

    Attributes
    ----------
    X : ndarray, shape (n, n)
        PSD up to rounding.
    n_iter : int
    converged : bool
    stop_reason : str
        Why the iteration stopped, as a sentence.
    residual : float
        :math:`\|\mathcal A(X) - y\| / \|y\|`.
    dual : ndarray, shape (m,)
        Multipliers :math:`\nu` of the measurements. If :math:`I - \mathcal A^*(\nu) \succeq 0`,
        then :math:`\nu^\top y` is a lower bound on the least trace.
    gap : float
        :math:`|\operatorname{tr}X - \nu^\top y| / \operatorname{tr}X`, zero at the optimum.
    """

    X: np.ndarray
    n_iter: int
    converged: bool
    stop_reason: str
    residual: float
    dual: np.ndarray
    gap: float


def minimise_nuclear_norm(problem, *, max_iter=5000, tol=1e-8):
    r"""Return the PSD matrix of least trace that fits the measurements.

    Parameters
    ----------
    problem : Problem
    max_iter : int, default 5000
    tol : float, default 1e-8
        Stop when the two splittings of the variable agree, and change, by at most this fraction of
        their size.

    Returns
    -------
    ConvexSolution

    Raises
    ------
    ValueError
        If the measurements are all zero or `tol` or `max_iter` is not positive.

    References
    ----------
    Boyd et al., Distributed optimization and statistical learning via the alternating direction
    method of multipliers (2011), sections 3 and 4.3.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=12, rank=1, m=38, rng=0)
    >>> solution = minimise_nuclear_norm(problem)
    >>> bool(ms.relative_error(solution.X, problem.truth) < 1e-6)
    True
    """
    max_iter, tol = positive_integer("max_iter", max_iter), positive_number("tol", tol)
    size = np.linalg.norm(problem.y)
    if size == 0:
        raise ValueError("y must not be all zero: the least-trace matrix is then zero")
    with _blas.one_thread():
        solve = _normal_equations(problem.operator)
        X, multiplier, n_iter, converged, change = _admm(problem, solve, max_iter, tol)
        dual = solve(problem.operator.forward(np.eye(problem.n) + multiplier))
    residual = float(np.linalg.norm(problem.operator.forward(X) - problem.y) / size)
    trace = np.trace(X)
    return ConvexSolution(
        X=X,
        n_iter=n_iter,
        converged=converged,
        stop_reason=(
            f"reached tolerance {tol:g} at iteration {n_iter}"
            if converged
            else f"made the {max_iter} iterations allowed; the last relative change is {change:.2g}"
            + (", and no PSD matrix may fit the measurements" if residual > 1e-2 else "")
        ),
        residual=residual,
        dual=dual,
        gap=float(abs(trace - dual @ problem.y) / abs(trace)) if trace else float("inf"),
    )


def _normal_equations(operator):
    r"""Return a function that applies the pseudo-inverse of :math:`\mathcal A\mathcal A^*`."""
    values, vectors = np.linalg.eigh(operator.forward(operator.adjoint(np.eye(operator.m))))
    kept = values > _DEPENDENT * values[-1]
    scaled = vectors[:, kept] / values[kept]
    vectors = vectors[:, kept]
    return lambda v: scaled @ (v @ vectors)


def _admm(problem, solve, max_iter, tol):
    operator, y = problem.operator, problem.y
    identity = np.eye(problem.n)
    X = operator.adjoint(solve(y))  # the matrix of least Frobenius norm that fits
    Z, scaled = np.zeros_like(X), np.zeros_like(X)
    rho = problem.n / max(np.abs(np.linalg.eigvalsh(X)).sum(), np.finfo(float).tiny)
    for iteration in range(1, max_iter + 1):
        target = Z - scaled - identity / rho
        X = target - operator.adjoint(solve(operator.forward(target) - y))
        relaxed = _RELAXATION * X + (1 - _RELAXATION) * Z
        previous = Z
        Z = _psd_part(relaxed + scaled)
        scaled += relaxed - Z
        size = max(np.linalg.norm(Z), np.linalg.norm(X))
        primal = np.linalg.norm(X - Z) / size
        dual = np.linalg.norm(Z - previous) / size
        if max(primal, dual) <= tol:
            return Z, rho * scaled, iteration, True, max(primal, dual)
        # Keep the two residuals of one size; early only, so that the iteration still converges.
        if iteration % 10 == 0 and iteration <= 200 and max(primal, dual) > 5 * min(primal, dual):
            factor = 2.0 if primal > dual else 0.5
            rho *= factor
            scaled /= factor
    return Z, rho * scaled, max_iter, False, max(primal, dual)


def _psd_part(X):
    values, vectors = np.linalg.eigh((X + X.T) / 2)
    positive = values > 0
    vectors = vectors[:, positive]
    return (vectors * values[positive]) @ vectors.T
