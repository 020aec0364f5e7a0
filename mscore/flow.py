r"""Gradient flow on a symmetric factorisation, from a start of any size, however small.

.. math:: \dot U = -\nabla f(U) = E(UU^\top)\,U, \qquad E(X) = \mathcal A^*(y - \mathcal A(X)).

An integrator that holds :math:`U` as one array of doubles is silently wrong from a tiny start:
once one direction is of size 1, its rounding errors outweigh the directions that should still be
tiny. But the flow commutes with rotations, :math:`U \to UR`, so the columns can be kept *graded*,
each with a scale of its own: a unit vector and a logarithm.

- **Tiny columns** :math:`T` enter the loss squared. Below `TINY` their effect is below rounding,
  and they obey the linear equation :math:`\dot T = E(t)\,T`. They are multiplied by
  :math:`\exp\int E\,dt`, and made orthogonal again by rotations before they become parallel.
- **Grown columns** :math:`G` obey the nonlinear equation with the tiny ones left out, in
  extrapolated linearly implicit Euler steps (Deuflhard, 1985; Hairer and Wanner, Solving ordinary
  differential equations II, section IV.9). These stay stable on stiff problems and cross a plateau
  in a few strides.

A tiny column that has grown to `TINY` joins the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore import _blas, _cancel
from mscore._validate import finite_array, positive_integer, positive_number, symmetric_array
from mscore.descent import _observers, _Symmetric
from mscore.operators import _upper_indices, upper

__all__ = ["FlowRun", "fully_observed_flow", "gradient_flow"]

# Size, over the square root of the largest eigenvalue of M in size, below which a column is tiny.
TINY = 1e-7
# Tiny columns are made orthogonal again before one outgrows another by exp of this.
_SPREAD = 12.0
# In the closed form, where a direction of the start has grown beyond exp of this, it has arrived.
_ARRIVED = 20.0
# Rows of the extrapolation table, and so its order.
_ROWS = 5


@dataclass(frozen=True, eq=False)
class FlowRun:
    r"""What `gradient_flow` returns.

    Attributes
    ----------
    U : ndarray, shape (n, k)
        The last factor, up to a rotation from the right. Columns too small for a double are zero.
    n_steps : int
        Steps of the integrator, rejected ones included.
    stop_reason : str
        Why the run stopped, as a sentence.
    history : dict of str to ndarray
        At every step: ``"time"``; ``"residual"``, :math:`\|\mathcal A(X) - y\| / \|y\|`;
        ``"error"``, :math:`\|X - X_\star\|_F / \|X_\star\|_F`, where the truth is known; and
        ``"log_singular_values"``, shape ``(T, min(n, k))``, the natural logarithms of the
        singular values of :math:`U`, largest first.
    """

    U: np.ndarray
    n_steps: int
    stop_reason: str
    history: dict[str, np.ndarray]

    @property
    def X(self):
        r"""The estimate :math:`UU^\top`, shape (n, n)."""
        return self.U @ self.U.T


def gradient_flow(
    problem,
    start,
    *,
    max_time,
    log_scale=0.0,
    tol=1e-10,
    gradient_tol=0.0,
    accuracy=1e-8,
    max_steps=20_000,
    observe=None,
):
    r"""Follow the gradient flow from :math:`U_0 = e^{\text{log\_scale}}` times `start`.

    Parameters
    ----------
    problem : Problem
    start : array_like, shape (n, k)
        Not zero.
    max_time : float
        Flow time :math:`\tau` at which to stop; gradient descent with step :math:`\mu` reaches it
        after :math:`\tau/\mu` iterations.
    log_scale : float, default 0.0
        Natural logarithm of a factor of the start. It may be far below what a double can hold:
        ``-20_000 * np.log(10)`` starts at :math:`10^{-20000}`.
    tol : float, default 1e-10
        Stop when the relative residual is at most this.
    gradient_tol : float, default 0.0
        Stop when no column is tiny and :math:`\|\nabla f(U)\|_F \le` this times
        :math:`\|M\|\,\|U\|_F`.
    accuracy : float, default 1e-8
        Bound on the error of one step, relative for each grown column, absolute for the
        logarithms of the tiny ones.
    max_steps : int, default 20000
    observe : dict of str to callable, optional
        Further histories: each function takes the factor, shape ``(n, min(n, k))``, up to a
        rotation from the right, and returns a number or an array.

    Returns
    -------
    FlowRun

    Raises
    ------
    ValueError
        If `start` has another number of rows than the problem, is not finite or is zero, if the
        measurements are all zero, or a number is not in its range.

    Notes
    -----
    A step of :math:`a` grown columns solves linear systems of size :math:`na`: it is made for
    sizes up to about 40 and few grown columns.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.Problem(ms.full_observation(2), [1.0, 0.0, 0.5])
    >>> scale = -100 * np.log(10)
    >>> run = ms.gradient_flow(problem, np.eye(2), log_scale=scale, max_time=-1.5 * scale)
    >>> run.X.round(6) + 0.0
    array([[1., 0.],
           [0., 0.]])
    """
    columns, logs, size = _graded_start(problem, start, log_scale)
    end = positive_number("max_time", max_time)
    tol, accuracy = positive_number("tol", tol, or_zero=True), positive_number("accuracy", accuracy)
    gradient_tol = positive_number("gradient_tol", gradient_tol, or_zero=True)
    observe = _observers(observe, ("time", "residual", "error", "log_singular_values"))
    max_steps = positive_integer("max_steps", max_steps)
    floor = np.log(TINY) + np.log(size)
    with _blas.one_thread():
        grown, columns, logs = _grow(np.zeros((problem.n, 0)), columns, logs, floor)
        history = {}
        _record(history, problem, 0.0, grown, columns, logs, observe)
        time, stride, steps = 0.0, np.inf, 0
        field = _residual_field(problem)
        E = field(grown)
        while time < end and steps < max_steps and history["residual"][-1] > tol:
            _cancel.check()
            if _stationary(E, grown, logs, gradient_tol * size**2):
                break
            stride = min(_limited(stride, E, grown, logs, floor), end - time)
            after, integral, error = _step(problem, field, grown, E, stride)
            steps += 1
            # The factor by which the stride changes: the error is of order _ROWS in it.
            change = 0.8 * (accuracy / max(error, 1e-300)) ** (1 / _ROWS)
            if error <= accuracy:
                columns, logs = _propagate(columns, logs, integral)
                grown, columns, logs = _grow(after, columns, logs, floor)
                time += stride
                E = field(grown)
                _record(history, problem, time, grown, columns, logs, observe)
            stride *= min(max(change, 0.2), 4.0)
        stationary = _stationary(E, grown, logs, gradient_tol * size**2)
    U = _factor(grown, columns, logs)
    U = np.pad(U, ((0, 0), (0, np.shape(start)[-1] - U.shape[1])))
    arrays = {name: np.array(values) for name, values in history.items()}
    reason = _stop_reason(arrays, steps, max_steps, tol, gradient_tol if stationary else None)
    return FlowRun(U, steps, reason, arrays)


def fully_observed_flow(truth, start, times, *, log_scale=0.0):
    r"""Return the factor of the gradient flow at given times where every entry is observed.

    With the eigenvalues :math:`\lambda` and eigenvectors :math:`V` of the truth and
    :math:`Z = V^\top U_0` the flow :math:`\dot U = (X_\star - UU^\top)\,U` has the solution

    .. math::

        U(\tau) = V e^{\tau\Lambda} Z\,(I + Z^\top S_\tau Z)^{-1/2}, \qquad
        S_\tau = \operatorname{diag}\Bigl(\frac{e^{2\tau\lambda_i} - 1}{\lambda_i}\Bigr),

    up to a rotation from the right; where :math:`\lambda_i = 0` the fraction means
    :math:`2\tau`. It is a matrix Riccati equation in :math:`UU^\top`; Yan, Helmke and Moore (1994)
    solve Oja's flow in the same way.

    Parameters
    ----------
    truth : array_like, shape (n, n)
        Symmetric: :math:`X_\star`.
    start : array_like, shape (n, k)
    times : array_like, shape (T,)
        Not negative.
    log_scale : float, default 0.0
        Natural logarithm of a factor of the start.

    Returns
    -------
    ndarray, shape (T, n, k)

    Raises
    ------
    ValueError
        If the shapes do not fit, `truth` is not symmetric, or a time is negative.

    Examples
    --------
    >>> U = fully_observed_flow(np.diag([1.0, 0.0]), 1e-3 * np.eye(2), [0.0, 20.0])
    >>> (U @ U.swapaxes(-1, -2)).diagonal(axis1=-2, axis2=-1).round(3)
    array([[0., 0.],
           [1., 0.]])
    """
    truth = symmetric_array("truth", truth)
    if truth.ndim != 2:
        raise ValueError(f"truth must be one matrix; got shape {truth.shape}")
    start = finite_array("start", start, (len(truth), None))
    times = finite_array("times", times, (None,))
    if start.ndim != 2 or times.ndim != 1 or times.min() < 0:
        raise ValueError("start must be one matrix, and times one list of times that are >= 0")
    log_scale = _one_number("log_scale", log_scale)
    values, vectors = np.linalg.eigh(truth)
    Z = vectors.T @ start
    exponents = np.minimum(times[:, None] * values, _ARRIVED - log_scale)
    growth = np.exp(log_scale + exponents)
    slow = np.abs(exponents) < 1e-8
    square = -np.expm1(-2 * exponents) / np.where(slow, 1.0, values)
    roots = growth * np.sqrt(np.where(slow, 2 * times[:, None], square))
    # I + Z^T S Z = R^T R, from the QR factorisation of the two square roots below each other.
    identity = np.broadcast_to(np.eye(Z.shape[1]), (len(times), *(Z.shape[1],) * 2))
    R = np.linalg.qr(np.concatenate([roots[..., None] * Z, identity], axis=1), mode="r")
    grown = vectors @ (growth[..., None] * Z)
    return np.linalg.solve(R.swapaxes(-1, -2), grown.swapaxes(-1, -2)).swapaxes(-1, -2)


def _one_number(name, value):
    array = finite_array(name, value, ())
    if array.ndim:
        raise ValueError(f"{name} must be one number; got shape {array.shape}")
    return float(array)


def _graded_start(problem, start, log_scale):
    start = finite_array("start", start, (problem.n, None))
    if start.ndim != 2 or not start.any():
        raise ValueError(f"start must be one matrix and not zero; got shape {start.shape}")
    log_scale = _one_number("log_scale", log_scale)
    size = np.sqrt(np.linalg.norm(problem.spectral_matrix, 2))
    if size == 0:
        raise ValueError("y must not be all zero: the flow then only shrinks its start")
    if start.shape[1] > problem.n:  # a rotation from the right leaves as many columns as rows
        start = np.linalg.qr(start.T, mode="r").T
    start = start[:, start.any(axis=0)]
    norms = np.linalg.norm(start, axis=0)
    return *_orthogonal(start / norms, np.log(norms) + log_scale), size


def _factor(grown, columns, logs):
    return np.concatenate([grown, columns * np.exp(logs)], axis=1)


def _stationary(E, grown, logs, bound):
    """Return whether no column is tiny and the gradient is at most `bound` times the factor."""
    return not logs.size and np.linalg.norm(E @ grown) <= bound * np.linalg.norm(grown)


def _record(history, problem, time, grown, columns, logs, observe):
    X = grown @ grown.T
    misfit = np.linalg.norm(problem.operator.forward(X) - problem.y)
    sizes = np.linalg.svd(grown, compute_uv=False)
    both = np.concatenate([np.log(np.maximum(sizes, np.finfo(float).tiny)), logs])
    row = {
        "time": time,
        "residual": misfit / np.linalg.norm(problem.y),
        "log_singular_values": np.sort(both)[::-1],
    }
    if problem.truth is not None:
        row["error"] = np.linalg.norm(X - problem.truth) / np.linalg.norm(problem.truth)
    if observe:
        U = _factor(grown, columns, logs)
        row |= {name: function(U) for name, function in observe.items()}
    for name, value in row.items():
        history.setdefault(name, []).append(value)


def _grow(grown, columns, logs, floor):
    """Move the tiny columns that are no longer tiny to the grown ones."""
    ripe = logs >= floor
    grown = np.concatenate([grown, columns[:, ripe] * np.exp(logs[ripe])], axis=1)
    return grown, columns[:, ~ripe], logs[~ripe]


def _limited(stride, E, grown, logs, floor):
    """Shorten a stride so that no tiny column grows far beyond the floor within it."""
    values = np.linalg.eigvalsh(E)
    if not np.isfinite(stride) and grown.size:
        stride = 0.01 / np.abs(values).max()
    if logs.size and values[-1] > 0:
        # One unit of the logarithm beyond, and a little progress where it is there already.
        stride = min(stride, max(floor + 1 - logs.max(), 0.05) / values[-1])
    return stride


def _residual_field(problem):
    r"""Return a fast function for :math:`E(UU^\top)`: no checks, no work space made twice."""
    dynamics = _Symmetric(problem)
    flat, place, _ = _upper_indices(problem.n)
    normal = problem.operator.normal_map(-1.0)
    reference, constant = upper(dynamics.reference), problem.operator.adjoint(dynamics.offset)
    back = np.empty(flat.size)

    def field(U):
        deviation = (U @ U.T).ravel()[flat] - reference
        normal(deviation.astype(problem.operator.dtype, copy=False), back)
        return constant + back[place].reshape(constant.shape)

    return field


def _step(problem, field, grown, E, stride):
    r"""Return the grown columns after a stride, :math:`\int E\,dt`, and the error of both."""
    n, a = grown.shape
    if a == 0:
        return grown, stride * E, 0.0
    directions = np.eye(n * a).reshape(n * a, n, a)
    jacobian = -problem.hessian(grown, directions).reshape(n * a, n * a)  # symmetric
    ends, integrals = [], []
    for count in range(1, _ROWS + 1):
        h = stride / count
        implicit = np.linalg.inv(np.eye(n * a) - h * jacobian)
        U, here, integral = grown, E, np.zeros((n, n))
        for _ in range(count):
            U = U + (implicit @ (h * (here @ U)).ravel()).reshape(n, a)
            here = field(U)
            integral = integral + h * here
        ends.append(U)
        integrals.append(integral)
    (U, dU), (integral, error) = _extrapolated(ends), _extrapolated(integrals)
    # Each column by its own size: a column that has just joined must be as accurate as the rest.
    relative = np.linalg.norm(dU, axis=0) / np.linalg.norm(U, axis=0)
    after = field(U)
    commutator = (
        np.abs(E @ after - after @ E).max() * stride**2 / 12
    )  # what exp(integral) leaves out
    return U, integral, max(relative.max(), np.linalg.norm(error), commutator)


def _extrapolated(rows):
    """Return the limit of a first-order method run with 1, 2, ... substeps, and its last change."""
    table = [rows[0]]
    for j in range(1, len(rows)):
        line = [rows[j]]
        for k in range(j):
            line.append(line[k] + (line[k] - table[k]) * (j - k) / (k + 1))
        table, before = line, table
    return table[-1], table[-1] - before[-1]


def _propagate(columns, logs, integral):
    r"""Multiply the tiny columns by :math:`\exp` of the integral, piece by piece."""
    if not logs.size:
        return columns, logs
    values, vectors = np.linalg.eigh(integral)
    pieces = max(1, int(np.ceil((values[-1] - values[0]) / _SPREAD)))
    top = values[-1] / pieces
    factor = (vectors * np.exp(values / pieces - top)) @ vectors.T
    for done in range(1, pieces + 1):
        before = columns
        columns = factor @ columns
        norms = np.linalg.norm(columns, axis=0)
        columns, logs = _orthogonal(columns / norms, logs + np.log(norms) + top)
        if np.abs(np.abs(np.sum(before * columns, axis=0)) - 1).max() < 1e-15:
            # By now they are eigenvectors: what is left only adds to the logarithms.
            growth = np.sum(columns * (integral @ columns), axis=0)
            return columns, logs + growth * (pieces - done) / pieces
    return columns, logs


def _orthogonal(columns, logs):
    r"""Rotate the columns :math:`c_j e^{s_j}` from the right until they are orthogonal.

    One-sided Jacobi rotations, which keep the relative accuracy of each column whatever its scale
    (Demmel and Veselić, 1992). The rotation of a pair depends on the ratio :math:`q \le 1` of their
    scales; it is written so that :math:`q` may underflow.
    """
    columns, logs = columns.copy(), logs.copy()
    for _ in range(40):
        largest = 0.0
        for i in range(logs.size - 1):
            for j in range(i + 1, logs.size):
                if logs[i] < logs[j]:
                    columns[:, [i, j]], logs[[i, j]] = columns[:, [j, i]], logs[[j, i]]
                inner = columns[:, i] @ columns[:, j]
                largest = max(largest, abs(inner))
                if abs(inner) < 1e-16:
                    continue
                q = np.exp(logs[j] - logs[i])
                z = (q * q - 1) / (2 * inner)
                slope = np.copysign(1.0, z) / (abs(z) + np.hypot(q, z))  # the tangent over q
                rotated = (
                    columns[:, i] - slope * q * q * columns[:, j],
                    slope * columns[:, i] + columns[:, j],
                )
                for place, column in zip((i, j), rotated, strict=True):
                    norm = np.linalg.norm(column)
                    columns[:, place] = column / norm
                    logs[place] += np.log(norm) - 0.5 * np.log1p((slope * q) ** 2)
        if largest < 1e-15:
            break
    order = np.argsort(-logs)
    return columns[:, order], logs[order]


def _stop_reason(history, steps, max_steps, tol, gradient_tol):
    time, residual = history["time"][-1], history["residual"][-1]
    if residual <= tol:
        return f"reached tolerance {tol:g} on the relative residual at time {time:.6g}"
    if gradient_tol is not None:
        return (
            f"reached tolerance {gradient_tol:g} on the gradient at time {time:.6g}; the relative "
            f"residual is {residual:.2g}"
        )
    if steps >= max_steps:
        return f"made the {max_steps} steps allowed; stopped at time {time:.6g}"
    return f"reached time {time:.6g}; the relative residual is {residual:.2g}"
