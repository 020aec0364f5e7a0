r"""The three phases of gradient descent from a small start, and the quantities that show them.

1. *Spectral phase*: while :math:`U_t` is small, :math:`U_t \approx (I + \mu M)^tU_0`
   (`linear_iterates`), and its top left singular vectors turn towards those of :math:`M`
   (`alignment_angle`).
2. *Saddle avoidance*: the directions of the signal grow to full size, one after the other.
3. *Refinement*: the error falls until it settles.

`find_phases` says where each of them ends. The three phases are those of Stöger and
Soltanolkotabi (2021); the definitions by thresholds are this package's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mscore import _blas
from mscore._validate import finite_array, positive_number

__all__ = [
    "Phases",
    "alignment_angle",
    "find_phases",
    "linear_iterates",
    "signal_and_nuisance",
]

# The thresholds of find_phases, as fractions of the top eigenvalue of M and of the truth's last
# eigenvalue, and as a multiple of what lies beyond the rank of the truth.
_SMALL, _GROWN, _SETTLED = 0.1, 0.5, 2.0


class Phases(NamedTuple):
    r"""What `find_phases` returns: the iteration at which each phase ends, None if it does not.

    Attributes
    ----------
    spectral : int or None
        First recorded iteration with :math:`\|U_t\|^2 \ge \lambda_1/10`.
    saddle : int or None
        First recorded iteration with :math:`\sigma_r(U_tU_t^\top) \ge \sigma_r/2`.
    refinement : int or None
        From then on, the first recorded iteration whose error is at most twice the surplus
        :math:`\bigl(\sum_{i>r}\sigma_i(U_tU_t^\top)^2\bigr)^{1/2}/\|X_\star\|_F`.
    """

    spectral: int | None
    saddle: int | None
    refinement: int | None


def find_phases(problem, history):
    r"""Say where the three phases of a run end.

    The spectral phase ends when :math:`\|U_t\|^2 \ge \lambda_1/10`, with :math:`\lambda_1` the top
    eigenvalue of :math:`M`: until then the linear iteration describes the run. Saddle avoidance
    ends when the weakest direction of the signal stands at half its size,
    :math:`\sigma_r(U_tU_t^\top) \ge \sigma_r/2`. Refinement ends when the error is at most twice
    the surplus :math:`\bigl(\sum_{i>r}\sigma_i(U_tU_t^\top)^2\bigr)^{1/2}/\|X_\star\|_F`. No error
    is below the surplus, since no matrix of rank :math:`r` is closer to the estimate than its
    truncation (Eckart and Young). At width :math:`r` there is no surplus, and no end.

    Parameters
    ----------
    problem : Problem
        With a truth.
    history : dict of str to ndarray
        Of a single run, with ``"iteration"`` and ``"error"``, shape ``(T,)``, and
        ``"eigenvalues"``, shape ``(T, p)``: the eigenvalues of :math:`U_tU_t^\top`, largest first,
        as `singular_values` gives them; ``p`` at least the rank of the truth.

    Returns
    -------
    Phases

    Raises
    ------
    ValueError
        If the problem has no truth, the largest eigenvalue of its spectral matrix is not positive,
        a history is missing, or there are fewer eigenvalues than the rank of the truth.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=20, rank=1, m=100, rng=0)
    >>> run = ms.gradient_descent(
    ...     problem, ms.gaussian_start(problem, 20, 1e-3, rng=1), step_size=0.2, max_iter=200,
    ...     record=range(201), observe={"eigenvalues": ms.singular_values},
    ... )
    >>> ends = find_phases(problem, run.history)
    >>> ends.spectral < ends.saddle < ends.refinement
    True
    """
    if problem.truth is None:
        raise ValueError("problem must have a truth: its rank and eigenvalues define the phases")
    missing = [name for name in ("iteration", "error", "eigenvalues") if name not in history]
    if missing:
        raise ValueError(f"history must have iteration, error and eigenvalues; missing: {missing}")
    top = float(np.linalg.eigvalsh(problem.spectral_matrix)[-1])
    if top <= 0:
        raise ValueError("problem must have a spectral matrix with a positive eigenvalue")
    rank = int(np.linalg.matrix_rank(problem.truth, hermitian=True))
    weakest = np.linalg.eigvalsh(problem.truth)[-rank]
    iteration, error = np.asarray(history["iteration"]), np.asarray(history["error"])
    values = np.asarray(history["eigenvalues"])
    if iteration.ndim != 1 or error.shape != iteration.shape:
        raise ValueError("history must be of a single run: iteration and error of one length")
    if values.ndim != 2 or len(values) != len(iteration) or values.shape[1] < rank:
        raise ValueError(
            f"history['eigenvalues'] must have shape ({len(iteration)}, p) with p at least the "
            f"rank {rank}; got {values.shape}"
        )
    surplus = np.linalg.norm(values[:, rank:], axis=1) / np.linalg.norm(problem.truth)
    grown = values[:, rank - 1] >= _GROWN * weakest
    return Phases(
        spectral=_first(iteration, values[:, 0] >= _SMALL * top),
        saddle=_first(iteration, grown),
        refinement=_first(
            iteration, np.logical_or.accumulate(grown) & (error <= _SETTLED * surplus)
        ),
    )


def _first(iteration, holds):
    return int(iteration[holds.argmax()]) if holds.any() else None


def linear_iterates(problem, start, *, step_size, iterations):
    r"""Return the iterates :math:`(I + \mu M)^tU_0` of the power method.

    .. math:: (I + \mu M)^tU_0 = \sum_i (1 + \mu\lambda_i)^t\,v_iv_i^\top U_0

    with the eigenvalues :math:`\lambda_i` and eigenvectors :math:`v_i` of the spectral matrix.

    Parameters
    ----------
    problem : Problem
    start : array_like, shape (n, k)
        :math:`U_0`.
    step_size : float
        The step :math:`\mu`.
    iterations : array_like of int, shape (T,)
        The numbers :math:`t`, zero or more.

    Returns
    -------
    ndarray, shape (T, n, k)

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.Problem(ms.full_observation(1), [2.0])
    >>> linear_iterates(problem, [[1.0]], step_size=0.5, iterations=[0, 1, 3]).ravel()
    array([1., 2., 8.])
    """
    start = finite_array("start", start, (problem.n, None))
    if start.ndim != 2:
        raise ValueError(f"start must have shape (n, k); got {start.shape}")
    step_size = positive_number("step_size", step_size)
    iterations = _counts(iterations)
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    powers = (1 + step_size * values) ** iterations[:, None]
    with _blas.one_thread():
        return (vectors * powers[:, None, :]) @ (vectors.T @ start)


def _counts(iterations):
    counts = finite_array("iterations", iterations, (None,))
    if counts.ndim != 1 or (counts < 0).any() or (counts % 1).any():
        raise ValueError(f"iterations must be whole numbers, zero or more; got {iterations!r}")
    return counts


def alignment_angle(U, basis):
    r"""Return the largest principal angle between the top left singular vectors of `U` and a space.

    As many singular vectors as the space has dimensions: the angle is zero if and only if the
    :math:`r` strongest directions of `U` span it.

    Parameters
    ----------
    U : array_like, shape (..., n, k)
        Of rank at least ``r``.
    basis : array_like, shape (n, r)
        Orthonormal columns.

    Returns
    -------
    ndarray, shape (...)
        In radians, from 0 to pi/2; small angles are accurate (they come from sines).

    Examples
    --------
    >>> float(alignment_angle([[1.0, 0.0], [0.0, 0.1]], [[0.0], [1.0]]) / np.pi)
    0.5
    """
    basis = _orthonormal("basis", basis)
    n, rank = basis.shape
    U = finite_array("U", U, (n, None))
    if U.shape[-1] < rank:
        raise ValueError(f"U must have at least {rank} columns, as basis has; got {U.shape[-1]}")
    with _blas.one_thread():
        top = np.linalg.svd(U, full_matrices=False)[0][..., :rank]
        inner = basis.T @ top
        sine = np.linalg.norm(top - basis @ inner, 2, axis=(-2, -1))
        cosine = np.linalg.norm(inner, -2, axis=(-2, -1))
    return np.arctan2(sine, cosine)


def signal_and_nuisance(U, basis):
    r"""Split a factor into a part that carries the signal and one that does not see it.

    With :math:`V` the `basis` and :math:`W` an orthonormal basis of the row space of
    :math:`V^\top U`,

    .. math:: U = UWW^\top + U(I - WW^\top), \qquad V^\top U(I - WW^\top) = 0 .

    The first part, of rank at most :math:`r`, is the signal; the second, whose columns are
    orthogonal to :math:`V`, the nuisance. The rows of the two parts are orthogonal, so
    :math:`UU^\top` is the sum of their squares.

    Parameters
    ----------
    U : array_like, shape (..., n, k)
    basis : array_like, shape (n, r)
        Orthonormal columns that span the column space of the truth.

    Returns
    -------
    signal, nuisance : ndarray, the shape of `U`

    Examples
    --------
    >>> signal, nuisance = signal_and_nuisance([[1.0, 0.0], [0.5, 0.1]], [[1.0], [0.0]])
    >>> signal.tolist(), nuisance.tolist()
    ([[1.0, 0.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, 0.1]])
    """
    basis = _orthonormal("basis", basis)
    U = finite_array("U", U, (len(basis), None))
    with _blas.one_thread():
        W = np.linalg.svd(basis.T @ U, full_matrices=False)[2]
        signal = U @ np.swapaxes(W, -1, -2) @ W
    return signal, U - signal


def _orthonormal(name, basis):
    basis = finite_array(name, basis, (None, None))
    if basis.ndim != 2 or basis.shape[1] > basis.shape[0]:
        raise ValueError(f"{name} must have shape (n, r) with r at most n; got {basis.shape}")
    if np.abs(basis.T @ basis - np.eye(basis.shape[1])).max() > 1e-8:
        raise ValueError(f"{name} must have orthonormal columns; got others (use np.linalg.qr)")
    return basis
