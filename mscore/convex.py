r"""Linear objectives over the PSD matrices that fit, with the nuclear norm as the baseline.

.. math::

    \min\ \langle C, X\rangle \quad\text{subject to}\quad \mathcal A(X) = y, \; X \succeq 0,

by the alternating direction method of multipliers (ADMM): with a penalty :math:`\rho` and the
scaled multiplier :math:`\Lambda`, repeat

.. math::

    X \leftarrow \Pi_{\mathcal A(X) = y}\bigl(Z - \Lambda - C/\rho\bigr), \quad
    Z \leftarrow \Pi_{\succeq 0}(X + \Lambda), \quad
    \Lambda \leftarrow \Lambda + X - Z .

On PSD matrices the trace, :math:`C = I`, is the nuclear norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore import _blas, _cancel
from mscore._validate import positive_integer, positive_number, symmetric_array

__all__ = ["ConvexSolution", "minimise_linear", "minimise_nuclear_norm"]

# Over-relaxation: X is replaced by 1.6 X - 0.6 Z, the usual choice, about a third fewer iterations.
_RELAXATION = 1.6
# Eigenvalues of A A* below this fraction of the largest are dependent measurements, not directions.
_DEPENDENT = 1e-10


@dataclass(frozen=True, eq=False)
class ConvexSolution:
    r"""What `minimise_linear` and `minimise_nuclear_norm` return.

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
        Multipliers :math:`\nu` of the measurements. If :math:`C - \mathcal A^*(\nu) \succeq 0`,
        then :math:`\nu^\top y` is a lower bound on the least objective.
    gap : float
        :math:`|\langle C, X\rangle - \nu^\top y| / |\langle C, X\rangle|`, zero at the optimum.
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
    max_iter, tol
        As for `minimise_linear`.

    Returns
    -------
    ConvexSolution

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=12, rank=1, m=38, rng=0)
    >>> solution = minimise_nuclear_norm(problem)
    >>> bool(ms.relative_error(solution.X, problem.truth) < 1e-6)
    True
    """
    return minimise_linear(problem, np.eye(problem.n), max_iter=max_iter, tol=tol)


def minimise_linear(problem, cost, *, max_iter=5000, tol=1e-8):
    r"""Return a PSD matrix that fits the measurements and minimises a linear objective.

    Parameters
    ----------
    problem : Problem
    cost : array_like, shape (n, n)
        The symmetric matrix :math:`C`. Where the matrices that fit are unbounded, so may the
        objective be: the iteration then does not converge, and says so.
    max_iter : int, default 5000
    tol : float, default 1e-8
        Stop when the two splittings of the variable agree, and change, by at most this fraction
        of their size.

    Returns
    -------
    ConvexSolution

    Raises
    ------
    ValueError
        If the measurements are all zero, `cost` is not symmetric or zero, or `tol` or `max_iter`
        is not positive.

    References
    ----------
    Boyd et al., Distributed optimization and statistical learning via the alternating direction
    method of multipliers (2011), sections 3 and 4.3.

    Examples
    --------
    The least and the greatest trace of the PSD matrices that fit differ unless one alone fits.

    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=8, rank=1, m=34, rng=0, allow_vacuous=True)
    >>> least, greatest = (minimise_linear(problem, sign * np.eye(8)).X for sign in (1, -1))
    >>> bool(np.linalg.norm(greatest - least) < 1e-5)
    True
    """
    cost = symmetric_array("cost", cost, problem.n)
    if cost.ndim != 2 or not cost.any():
        raise ValueError(f"cost must be one matrix and not zero; got shape {cost.shape}")
    max_iter, tol = positive_integer("max_iter", max_iter), positive_number("tol", tol)
    size = np.linalg.norm(problem.y)
    if size == 0:
        raise ValueError("y must not be all zero: then X = 0 fits, and nothing is to be found")
    with _blas.one_thread():
        solve = _normal_equations(problem.operator)
        X, multiplier, n_iter, converged, change = _admm(problem, cost, solve, max_iter, tol)
        dual = solve(problem.operator.forward(cost + multiplier))
    residual = float(np.linalg.norm(problem.operator.forward(X) - problem.y) / size)
    objective = np.sum(cost * X)
    return ConvexSolution(
        X=X,
        n_iter=n_iter,
        converged=converged,
        stop_reason=_stop_reason(n_iter, converged, tol, change, residual),
        residual=residual,
        dual=dual,
        gap=float(abs(objective - dual @ problem.y) / abs(objective)) if objective else np.inf,
    )


def _stop_reason(n_iter, converged, tol, change, residual):
    if converged:
        return f"reached tolerance {tol:g} at iteration {n_iter}"
    reason = f"made the {n_iter} iterations allowed; the last relative change is {change:.2g}"
    if residual > 1e-2:
        reason += ", and no PSD matrix may fit the measurements"
    return reason


def _normal_equations(operator):
    r"""Return a function that applies the pseudo-inverse of :math:`\mathcal A\mathcal A^*`."""
    values, vectors = np.linalg.eigh(operator.forward(operator.adjoint(np.eye(operator.m))))
    kept = values > _DEPENDENT * values[-1]
    scaled = vectors[:, kept] / values[kept]
    vectors = vectors[:, kept]
    return lambda v: scaled @ (v @ vectors)


def _admm(problem, cost, solve, max_iter, tol):
    operator, y = problem.operator, problem.y
    X = operator.adjoint(solve(y))  # the matrix of least Frobenius norm that fits
    Z, scaled = np.zeros_like(X), np.zeros_like(X)
    size = max(np.abs(np.linalg.eigvalsh(X)).sum(), np.finfo(float).tiny)
    rho = np.linalg.norm(cost) * np.sqrt(problem.n) / size
    for iteration in range(1, max_iter + 1):
        _cancel.check()
        target = Z - scaled - cost / rho
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
