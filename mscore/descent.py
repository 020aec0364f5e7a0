r"""Gradient descent on a symmetric factorisation.

For :math:`f(U) = \frac14\|\mathcal A(UU^\top) - y\|^2` one step is

.. math::

    U \leftarrow U - \mu\nabla f(U) = \bigl(I + \mu E(UU^\top)\bigr)\,U, \qquad
    E(X) = \mathcal A^*(y - \mathcal A(X)),

the iteration of Stöger and Soltanolkotabi (2021). `gradient_step` is that formula.
`gradient_descent` runs it many times, for one start or for a batch of starts that share the
operator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mscore import _blas, _cancel
from mscore._validate import finite_array, positive_integer, positive_number
from mscore.operators import _upper_indices, upper

__all__ = ["Run", "gradient_descent", "gradient_step", "log_spaced"]

# A run has diverged when its residual is this many times that of the start (or of U = 0).
_BLOW_UP = 1e6
# Iterations between two looks at whether the run is still wanted.
_UNCHECKED = 50
# Up to this size numpy's special case for U @ U.T is slower than a product with a copy.
_COPY_BELOW = 64


@dataclass(frozen=True, eq=False)
class Run:
    """What a solver returns.

    For a batch of ``B`` starts, `n_iter` and `converged` are arrays of shape ``(B,)``,
    `stop_reason` is a tuple of ``B`` sentences, and each history has shape ``(T, B, ...)``. A
    trajectory that stopped before the others keeps its last values.

    Attributes
    ----------
    U : ndarray, shape (n, k) or (B, n, k)
        The last factor. For a diverged run: the last recorded one before it blew up.
    n_iter : int or ndarray
        Iterations made to reach `U`.
    converged : bool or ndarray
        Whether the residual reached the tolerance.
    stop_reason : str or tuple of str
        Why the run stopped, as a sentence.
    history : dict of str to ndarray
        ``"iteration"``, shape ``(T,)``; ``"residual"``, the training error
        :math:`\\|\\mathcal A(X) - y\\| / \\|y\\|`; ``"error"``, the test error
        :math:`\\|X - X_\\star\\|_F / \\|X_\\star\\|_F`, where the truth is known; and what the
        caller asked to observe.
    """

    U: np.ndarray
    n_iter: int | np.ndarray
    converged: bool | np.ndarray
    stop_reason: str | tuple[str, ...]
    history: dict[str, np.ndarray]

    @property
    def X(self):
        r"""The estimate :math:`UU^\top`, shape (n, n) or (B, n, n)."""
        return self.U @ np.swapaxes(self.U, -1, -2)


def gradient_step(problem, U, step_size):
    r"""Return the next iterate :math:`(I + \mu E(UU^\top))\,U`.

    Parameters
    ----------
    problem : Problem
    U : array_like, shape (..., n, k)
    step_size : float
        The step :math:`\mu`.

    Returns
    -------
    ndarray, the shape of `U`

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.Problem(ms.full_observation(1), [1.0])
    >>> gradient_step(problem, [[0.5]], step_size=0.2)
    array([[0.575]])
    """
    U = finite_array("U", U, (problem.n, None))
    return U - positive_number("step_size", step_size) * problem.gradient(U)


def log_spaced(max_iter, count=100):
    """Return at most `count` distinct iterations, denser at the start; 0 and `max_iter` always.

    Examples
    --------
    >>> log_spaced(1000, 8)
    array([   0,    1,    3,   10,   32,  100,  316, 1000])
    """
    max_iter = positive_integer("max_iter", max_iter)
    count = positive_integer("count", count)
    points = np.geomspace(max_iter, 1, max(count - 1, 1)).round().astype(int)
    return np.unique(np.concatenate([[0], points]))


def gradient_descent(
    problem, start, *, step_size, max_iter=1000, tol=1e-10, record=100, observe=None
):
    r"""Run gradient descent from a start, or from a batch of starts.

    Parameters
    ----------
    problem : Problem
    start : array_like, shape (n, k) or (B, n, k)
        :math:`U_0`; see `gaussian_start`, `identity_start`, `stack_starts`.
    step_size : float or array_like, shape (B,)
        The step :math:`\mu`. Near the solution the iteration is stable for
        :math:`\mu < 1/\sigma_1`, with :math:`\sigma_1` the largest eigenvalue of the truth; from a
        large start :math:`\mu\|U_0\|^2` must be small too.
    max_iter : int, default 1000
        Iterations at which to stop.
    tol : float, default 1e-10
        Stop when the relative residual :math:`\|\mathcal A(X) - y\| / \|y\|` is at most this; zero
        runs on to `max_iter`. It is looked at where the run is recorded.
    record : int or array_like of int, default 100
        How many log-spaced iterations to record, or which ones. The start and the last iteration
        are recorded always.
    observe : dict of str to callable, optional
        Further histories: each function takes factors of shape ``(..., n, k)`` and returns an
        array whose leading axes are ``...``.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If `start` has another number of rows than the problem or is not finite, the step is not
        positive, or `record` is not increasing from zero or more.

    Notes
    -----
    All state is float64. An operator stored in float32 only multiplies the deviation of the iterate
    from the truth, whose rounding vanishes with the deviation, so it does not move the fixed point.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=20, rank=1, m=100, rng=0)
    >>> start = ms.gaussian_start(problem, width=20, scale=1e-6, rng=1)
    >>> run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=400, tol=1e-4)
    >>> run.converged, bool(run.history["error"][-1] < 1e-3)
    (True, True)
    """
    start = finite_array("start", start, (problem.n, None))
    if start.ndim > 3:
        raise ValueError(f"start must have shape (n, k) or (B, n, k); got {start.shape}")
    outcome = _solve(
        _Symmetric(problem),
        start,
        step_size=step_size,
        max_iter=max_iter,
        tol=tol,
        record=record,
        observe=_observers(observe),
    )
    return Run(*outcome)


def _solve(dynamics, start, *, step_size, max_iter, tol, record, observe):
    """Check the options that all solvers share, run one start or a batch, return the outcome.

    `start` has shape (n, k) or (B, n, k); the outcome is in the order of the attributes of `Run`.
    """
    single = start.ndim == 2
    U = start[None] if single else start
    steps = _steps(step_size, len(U))
    iterations = _recorded(record, positive_integer("max_iter", max_iter))
    tol = positive_number("tol", tol, or_zero=True)
    with _blas.one_thread(), np.errstate(over="ignore", invalid="ignore"):
        outcome = _run(dynamics, U, steps, iterations, tol, observe)
    return _first(*outcome) if single else outcome


def _first(U, n_iter, converged, reasons, history):
    """Return the outcome of the only trajectory, without the batch axis."""
    history = {
        name: values if name == "iteration" else values[:, 0] for name, values in history.items()
    }
    return U[0], int(n_iter[0]), bool(converged[0]), reasons[0], history


def _steps(step_size, batch):
    steps = [positive_number("step_size", value) for value in np.ravel(step_size)]
    if len(steps) not in (1, batch):
        raise ValueError(f"step_size must be one number or {batch} of them; got {len(steps)}")
    return np.full(batch, steps[0]) if len(steps) == 1 else np.array(steps)


def _recorded(record, max_iter):
    if np.ndim(record) == 0:
        return log_spaced(max_iter, positive_integer("record", record))
    iterations = np.asarray(record)
    if (
        iterations.ndim != 1
        or iterations.size == 0
        or not np.issubdtype(iterations.dtype, np.integer)
        or iterations[0] < 0
        or (np.diff(iterations) <= 0).any()
    ):
        raise ValueError(f"record must be increasing whole numbers from 0 on; got {record!r}")
    between = iterations[(iterations > 0) & (iterations < max_iter)]
    return np.concatenate([[0], between, [max_iter]])


def _observers(observe, taken=("iteration", "residual", "error")):
    observe = dict(observe or {})
    for name, function in observe.items():
        if name in taken or not callable(function):
            *first, last = map(repr, taken)
            raise ValueError(
                f"observe must map names other than {', '.join(first)} and {last} to functions; "
                f"got {name!r}: {function!r}"
            )
    return observe


def _run(dynamics, U, steps, iterations, tol, observe):
    """Iterate the whole batch; trajectories that stop leave it.

    The loop knows nothing of the loss. `dynamics` measures a batch of factors and makes the
    function that moves it on; see `_Symmetric`.
    """
    batch = len(U)
    final, n_iter = U.copy(), np.zeros(batch, dtype=int)
    converged, reasons = np.zeros(batch, dtype=bool), [""] * batch
    history, kept = {}, 0
    running, limits, done = np.arange(batch), None, 0
    advance = dynamics.iteration(U, steps)

    for row, iteration in enumerate(iterations):
        previous = U
        while done < iteration:
            _cancel.check()
            count = min(_UNCHECKED, iteration - done)
            U, done = advance(U, count), done + count
        measured = dynamics.measure(U)
        residual = measured["residual"]
        if limits is None:
            if not np.isfinite(residual).all():
                raise ValueError("start is too large: its residual overflows")
            limits = _BLOW_UP * np.maximum(residual, 1.0)
        lost = ~(residual <= limits[running])
        if lost.any():  # a diverged trajectory keeps what was recorded before it blew up
            U = np.where(lost[:, None, None], previous, U)
        measured |= {name: _observed(name, function, U) for name, function in observe.items()}
        for name, values in measured.items():
            if name not in history:
                history[name] = np.empty((len(iterations), batch, *values.shape[1:]))
            history[name][row] = history[name][row - 1] if row else 0.0
            history[name][row, running[~lost]] = values[~lost]
        kept = row if lost.all() else row + 1

        reached = ~lost & (residual <= tol)
        stopped = lost | reached | (iteration == iterations[-1])
        for i in np.flatnonzero(stopped):
            index = running[i]
            final[index] = U[i]
            converged[index] = reached[i]
            n_iter[index] = iterations[row - 1] if lost[i] else iteration
            reasons[index] = (
                _diverged(dynamics, steps[index], final[index], n_iter[index], iteration)
                if lost[i]
                else _finished(reached[i], iteration, residual[i], tol)
            )
        if stopped.any():
            running, U = running[~stopped], U[~stopped]
            if not running.size:
                break
            advance = dynamics.iteration(U, steps[running])

    history = {name: values[:kept] for name, values in history.items()}
    return final, n_iter, converged, tuple(reasons), {"iteration": iterations[:kept], **history}


class _Symmetric:
    """Residual, error and step of one symmetric factor, for `_run`."""

    factor, near_solution = "U", 1  # for the sentence of a run that diverged

    def __init__(self, problem):
        self.problem = problem
        known = problem.truth is not None
        self.reference = problem.truth if known else np.zeros((problem.n,) * 2)
        # The data seen from the reference: zero without noise, so that no cancellation remains.
        self.offset = problem.y - problem.operator.forward(self.reference)
        # Data that are all zero leave the residual absolute.
        self.size = np.linalg.norm(problem.y) or 1.0
        self.truth_size = np.linalg.norm(problem.truth) if known else None

    def measure(self, U):
        X = U @ np.swapaxes(U, -1, -2)
        deviation = upper(X) - upper(self.reference)
        misfit = self.problem.operator.residual_upper(deviation, self.offset)
        measured = {"residual": np.linalg.norm(misfit, axis=-1) / self.size}
        if self.truth_size is not None:
            error = np.linalg.norm(X - self.reference, axis=(-2, -1)) / self.truth_size
            measured["error"] = error
        return measured

    def iteration(self, U, steps):
        return _iteration(self.problem, self.reference, self.offset, U, steps)


def _observed(name, function, U):
    values = np.asarray(function(U))
    if values.shape[:1] != U.shape[:1]:
        raise ValueError(
            f"observe[{name!r}] must return one value (or array) for each factor of a batch of "
            f"{len(U)}; it returned shape {values.shape}"
        )
    return values


def _iteration(problem, reference, offset, U, steps):
    r"""Return a function that makes a number of steps :math:`U \leftarrow (I + \mu E)U` in place.

    Everything is allocated once. The deviation from the reference is packed to its upper
    triangle, mapped by :math:`-\mu\mathcal A^*\mathcal A`, and unpacked to :math:`\mu E`.
    """
    batch, n, k = U.shape
    lead = () if batch == 1 else (batch,)
    mu = steps[0] if batch == 1 else steps[:, None]
    flat, place, _ = _upper_indices(n)
    normal = problem.operator.normal_map(-mu, None if batch == 1 else batch)
    reference = upper(reference)
    # E at the reference, which vanishes for exact data.
    constant = mu * upper(problem.operator.adjoint(offset)) if offset.any() else None

    X, transposed = np.empty((*lead, n, n)), np.empty((*lead, k, n))
    x, field = np.empty((*lead, flat.size)), np.empty((*lead, flat.size))
    deviation = np.empty((*lead, flat.size), problem.operator.dtype)
    W = np.empty((*lead, n, n))
    X_flat, W_flat = X.reshape(*lead, n * n), W.reshape(*lead, n * n)
    diagonal = W_flat[..., :: n + 1]
    buffers = np.empty((2, *lead, n, k))

    def advance(U, count):
        if count == 0:
            return U
        source, target = buffers
        np.copyto(source, U.reshape(source.shape))
        for _ in range(count):
            if n <= _COPY_BELOW:
                np.copyto(transposed, source.swapaxes(-1, -2))
                np.matmul(source, transposed, out=X)
            else:
                np.matmul(source, source.swapaxes(-1, -2), out=X)
            X_flat.take(flat, axis=-1, out=x, mode="clip")
            np.subtract(x, reference, out=deviation, casting="same_kind")
            normal(deviation, field)
            if constant is not None:
                np.add(field, constant, out=field)
            field.take(place, axis=-1, out=W_flat, mode="clip")
            np.add(diagonal, 1.0, out=diagonal)
            np.matmul(W, source, out=target)
            source, target = target, source
        return source.reshape(U.shape).copy()

    return advance


def _finished(reached, iteration, residual, tol):
    if reached:
        return (
            f"reached tolerance {tol:g} on the relative residual at iteration {iteration} "
            f"(residual {residual:.2g})"
        )
    return f"made the {iteration} iterations asked for; the relative residual is {residual:.2g}"


def _diverged(dynamics, step, U, last, iteration):
    name = dynamics.factor
    return (
        f"diverged between iterations {last} and {iteration}: step_size {step:g} is too large; "
        f"step_size * ||{name}||^2 was {step * np.linalg.norm(U, 2) ** 2:.2g} at iteration {last}, "
        f"and must stay well below 1 at a start, and below about {dynamics.near_solution} near a "
        "solution"
    )
