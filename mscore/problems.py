r"""Matrix sensing problems: a truth, an operator, the measurements they make, and where to start.

The book's one loss is :math:`f(U) = \frac14\|\mathcal A(UU^\top) - y\|^2`. Its gradient is
:math:`-E(UU^\top)\,U` with the *residual field* :math:`E(X) = \mathcal A^*(y - \mathcal A(X))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mscore._validate import (
    finite_array,
    generator,
    positive_integer,
    positive_number,
    symmetric_array,
)
from mscore.operators import ObservedEntries, SymmetricGaussian

__all__ = [
    "MeasurementThresholds",
    "Problem",
    "gaussian_start",
    "gradient_gap",
    "identity_start",
    "measurement_thresholds",
    "psd_completion",
    "psd_sensing",
    "psd_truth",
    "stack_starts",
]


@dataclass(frozen=True, eq=False)  # arrays have no one truth value to compare by
class _Measured:
    """A matrix to recover from measurements; a subclass says which matrices can be the truth."""

    operator: Any
    y: np.ndarray
    truth: np.ndarray | None = None

    def __post_init__(self):
        y = finite_array("y", self.y, (self.operator.m,))
        if y.ndim != 1:
            raise ValueError(f"y must have shape ({self.m},); got {y.shape}")
        object.__setattr__(self, "y", y)
        if self.truth is not None:
            truth = self._checked_truth(self.truth)
            if truth.ndim != 2 or not truth.any():
                raise ValueError("truth must be one matrix, not zero: errors are relative to it")
            object.__setattr__(self, "truth", truth)
        elif self.operator.dtype == np.float32:
            raise ValueError("truth must be given when the operator is stored in float32; got None")

    @property
    def m(self):
        """Number of measurements."""
        return self.operator.m

    def residual_field(self, X):
        r"""Return :math:`E(X) = \mathcal A^*(y - \mathcal A(X))`: descent in :math:`X`."""
        return self.operator.adjoint(self.y - self.operator.forward(X))

    @property
    def spectral_matrix(self):
        r"""The matrix :math:`M = E(0) = \mathcal A^*(y)`, which steers a small start."""
        return self.operator.adjoint(self.y)


class Problem(_Measured):
    r"""Recover a positive semidefinite matrix from measurements.

    Parameters
    ----------
    operator : operator
        See `mscore.operators`.
    y : array_like, shape (m,)
        The measurements.
    truth : array_like, shape (n, n), optional
        The matrix :math:`X_\star` behind them, where it is known. Solvers report the error against
        it; they never use it to choose a step.

    Raises
    ------
    ValueError
        If shapes do not match, an entry is not finite, `truth` is not symmetric, or the operator is
        stored in float32 and there is no truth (its rounding is harmless only for deviations from
        a reference point near the solution).

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.Problem(ms.full_observation(2), [1.0, 0.0, 0.0])
    >>> problem.spectral_matrix
    array([[1., 0.],
           [0., 0.]])
    """

    def _checked_truth(self, truth):
        return symmetric_array("truth", truth, self.n)

    @property
    def n(self):
        """Size of the unknown matrix."""
        return self.operator.n

    @property
    def spectral_values(self):
        """The eigenvalues of the spectral matrix, largest first: growth rates of the start."""
        return np.linalg.eigvalsh(self.spectral_matrix)[::-1]

    def loss(self, U):
        r"""Return :math:`f(U) = \frac14\|\mathcal A(UU^\top) - y\|^2`, shape ``U.shape[:-2]``."""
        U = finite_array("U", U, (self.n, None))
        residual = self.operator.forward(U @ np.swapaxes(U, -1, -2)) - self.y
        return 0.25 * np.sum(residual**2, axis=-1)

    def gradient(self, U):
        r"""Return :math:`\nabla f(U) = -E(UU^\top)\,U`, the shape of `U`."""
        U = finite_array("U", U, (self.n, None))
        return -self.residual_field(U @ np.swapaxes(U, -1, -2)) @ U

    def hessian(self, U, D):
        r"""Return the Hessian of the loss at `U` applied to `D`, the shape of `U`.

        .. math:: \nabla^2 f(U)[D] = -E(UU^\top)\,D + \mathcal A^*\mathcal A(DU^\top + UD^\top)\,U
        """
        U, D = finite_array("U", U, (self.n, None)), finite_array("D", D, (self.n, None))
        change = D @ np.swapaxes(U, -1, -2)
        change = change + np.swapaxes(change, -1, -2)
        return self.operator.normal(change) @ U - self.residual_field(U @ U.swapaxes(-1, -2)) @ D


class MeasurementThresholds(NamedTuple):
    r"""What `measurement_thresholds` returns: where the set of PSD interpolants changes.

    Attributes
    ----------
    degrees_of_freedom : float
        :math:`r(2n-r+1)/2`, the dimension of the rank-:math:`r` PSD matrices.
    bounded : float
        :math:`n(n+1)/4`: from here on the PSD matrices that fit the data form a bounded set.
    unique : float
        :math:`m_\star`: from here on the truth is the only PSD matrix that fits.
    """

    degrees_of_freedom: float
    bounded: float
    unique: float


def measurement_thresholds(n, rank):
    r"""Return where, in Gaussian measurements, there stops being anything to explain.

    .. math::

        \tfrac{r(2n-r+1)}2, \qquad \tfrac{n(n+1)}4, \qquad
        m_\star = \tfrac{n(n+1)}2 - \tfrac{(n-r)(n-r+1)}4 .

    Below the second number the PSD matrices with :math:`\mathcal A(X) = y` are an unbounded set,
    between the second and :math:`m_\star` a bounded one, and beyond :math:`m_\star` the truth
    alone: *any* method that fits with a PSD matrix then recovers it. The transitions have width
    :math:`O(n)`. They follow from the statistical dimension of the PSD cone [1]_; see the PSD
    sensing chapter.

    Parameters
    ----------
    n : int
        Size of the matrix.
    rank : int
        Rank of the truth, at most `n`.

    Returns
    -------
    MeasurementThresholds

    References
    ----------
    .. [1] Amelunxen, Lotz, McCoy and Tropp, Living on the edge (2013).

    Examples
    --------
    >>> measurement_thresholds(n=40, rank=2)
    MeasurementThresholds(degrees_of_freedom=79.0, bounded=410.0, unique=449.5)
    """
    n = positive_integer("n", n)
    r = positive_integer("rank", rank, at_most=n)
    return MeasurementThresholds(
        degrees_of_freedom=r * (2 * n - r + 1) / 2,
        bounded=n * (n + 1) / 4,
        unique=n * (n + 1) / 2 - (n - r) * (n - r + 1) / 4,
    )


def psd_truth(n, eigenvalues, *, rng):
    """Return a PSD matrix with given nonzero eigenvalues and uniformly random eigenvectors.

    Parameters
    ----------
    n : int
        Size of the matrix.
    eigenvalues : array_like, shape (rank,)
        Positive; at most `n` of them.
    rng : int or numpy.random.Generator

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ValueError
        If an eigenvalue is not positive and finite, or there are none or more than `n`.

    Examples
    --------
    >>> X_star = psd_truth(5, [2.0, 1.0], rng=0)
    >>> np.linalg.eigvalsh(X_star).round(12)[-2:]
    array([1., 2.])
    """
    n = positive_integer("n", n)
    eigenvalues = finite_array("eigenvalues", eigenvalues, (None,))
    if eigenvalues.ndim != 1 or eigenvalues.size > n or not (eigenvalues > 0).all():
        raise ValueError(f"eigenvalues must be 1 to n={n} positive numbers; got {eigenvalues}")
    Q, _ = np.linalg.qr(generator(rng).standard_normal((n, eigenvalues.size)))
    X = (Q * eigenvalues) @ Q.T
    return (X + X.T) / 2


def psd_sensing(n, rank, m, *, rng, eigenvalues=None, dtype="float64", allow_vacuous=False):
    r"""Make a PSD sensing problem: a random low-rank truth seen through Gaussian measurements.

    Parameters
    ----------
    n : int
        Size of the truth.
    rank : int
        Rank of the truth.
    m : int
        Number of measurements.
    rng : int or numpy.random.Generator
        Draws the truth, then the operator: from one seed the truth is the same for every `m`.
    eigenvalues : array_like, shape (rank,), optional
        Nonzero eigenvalues of the truth; all 1 by default.
    dtype : {"float64", "float32"}, default "float64"
        Storage of the operator (`SymmetricGaussian`).
    allow_vacuous : bool, default False
        Accept :math:`m \ge n(n+1)/4`. From about there the PSD constraint does the work of the
        implicit bias (`measurement_thresholds`), so an experiment on the bias proves nothing.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If a size is not a positive whole number, `rank` exceeds `n`, the eigenvalues do not number
        `rank`, or `m` is vacuous and that was not allowed.

    Examples
    --------
    >>> problem = psd_sensing(n=40, rank=2, m=240, rng=0)
    >>> problem.n, problem.m
    (40, 240)
    >>> psd_sensing(n=40, rank=2, m=500, rng=0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: m must be below n(n+1)/4 = 410, or the PSD cone alone pins the truth down ...
    """
    thresholds = measurement_thresholds(n, rank)
    m = positive_integer("m", m)
    if m >= thresholds.bounded and not allow_vacuous:
        raise ValueError(
            f"m must be below n(n+1)/4 = {thresholds.bounded:g}, or the PSD cone alone pins the "
            f"truth down and nothing is left to explain; got {m}. "
            "Pass allow_vacuous=True to show just that"
        )
    if eigenvalues is None:
        eigenvalues = np.ones(rank)
    eigenvalues = finite_array("eigenvalues", eigenvalues, (None,))
    if eigenvalues.shape != (rank,):
        raise ValueError(f"eigenvalues must number rank={rank}; got shape {eigenvalues.shape}")
    rng = generator(rng)
    truth = psd_truth(n, eigenvalues, rng=rng)
    operator = SymmetricGaussian(n, m, rng=rng, dtype=dtype)
    return Problem(operator, operator.forward(truth), truth)


def psd_completion(n, eigenvalues, share, *, rng):
    r"""Make a PSD completion problem: a random low-rank truth of which some entries are observed.

    Parameters
    ----------
    n : int
        Size of the truth.
    eigenvalues : array_like, shape (rank,)
        Nonzero eigenvalues of the truth.
    share : float
        Probability, above 0 and at most 1, with which each entry of the upper triangle is
        observed, together with its mirror image.
    rng : int or numpy.random.Generator
        Draws the truth, then the entries: from one seed the truth is the same for every `share`,
        and a larger one observes more.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If a size is not as above, or no entry was drawn.

    Examples
    --------
    >>> problem = psd_completion(n=12, eigenvalues=[4.0, 1.5], share=0.6, rng=0)
    >>> problem.operator
    ObservedEntries(n=12, m=41)
    """
    share = positive_number("share", share)
    if share > 1:
        raise ValueError(f"share must be at most 1; got {share}")
    rng = generator(rng)
    truth = psd_truth(n, eigenvalues, rng=rng)
    mask = np.triu(rng.random((n, n)) < share)
    operator = ObservedEntries(mask | mask.T)
    return Problem(operator, operator.forward(truth), truth)


def gaussian_start(problem, width, scale, *, rng):
    r"""Return the start :math:`U_0 = \alpha\Omega`, :math:`\Omega_{ij}\sim N(0, 1/k)` independent.

    Then :math:`\mathbb E\,U_0U_0^\top = \alpha^2 I` for every width :math:`k`.

    Parameters
    ----------
    problem : Problem
        Gives the number of rows.
    width : int
        Number of columns :math:`k`.
    scale : float or array_like, shape (B,)
        The initial scale :math:`\alpha`; several make a batch on the same draw of :math:`\Omega`.
    rng : int or numpy.random.Generator

    Returns
    -------
    ndarray, shape (n, width) or (B, n, width)

    Examples
    --------
    >>> problem = psd_sensing(n=10, rank=1, m=25, rng=0)
    >>> gaussian_start(problem, width=10, scale=[1e-3, 1e-6], rng=1).shape
    (2, 10, 10)
    """
    width = positive_integer("width", width)
    scales = np.array([positive_number("scale", value) for value in np.ravel(scale)])
    if scales.size == 0:
        raise ValueError("scale must be one number or several; got none")
    omega = generator(rng).standard_normal((problem.n, width)) / np.sqrt(width)
    starts = scales[:, None, None] * omega
    return starts[0] if np.ndim(scale) == 0 else starts


def identity_start(problem, scale):
    r"""Return the start :math:`U_0 = \alpha I`, of width :math:`n`.

    Examples
    --------
    >>> identity_start(psd_sensing(n=2, rank=1, m=1, rng=0), scale=0.5)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    return positive_number("scale", scale) * np.eye(problem.n)


def stack_starts(starts):
    """Return starts of different widths as one batch: missing columns are zero, and stay zero.

    Parameters
    ----------
    starts : sequence of array_like, shape (n, k_i)

    Returns
    -------
    ndarray, shape (B, n, max(k_i))

    Examples
    --------
    >>> stack_starts([np.ones((3, 1)), np.ones((3, 2))]).shape
    (2, 3, 2)
    """
    starts = [finite_array(f"starts[{i}]", start, (None, None)) for i, start in enumerate(starts)]
    if len({start.shape[0] for start in starts}) != 1 or any(s.ndim != 2 for s in starts):
        raise ValueError("starts must be one or more matrices with the same number of rows")
    batch = np.zeros((len(starts), starts[0].shape[0], max(s.shape[1] for s in starts)))
    for row, start in zip(batch, starts, strict=True):
        row[:, : start.shape[1]] = start
    return batch


def gradient_gap(problem, U, *, rng, step=1e-5):
    r"""Return the relative gap between `Problem.gradient` and differences of `Problem.loss`.

    Parameters
    ----------
    problem : Problem
    U : array_like, shape (n, k)
        Where to compare.
    rng : int or numpy.random.Generator
        Draws the direction.
    step : float, default 1e-5
        Length of the difference, relative to the size of `U`.

    Returns
    -------
    float
        About 1e-9 for a right gradient.

    Examples
    --------
    >>> problem = psd_sensing(n=6, rank=1, m=9, rng=0)
    >>> gradient_gap(problem, np.eye(6), rng=1) < 1e-7
    True
    """
    U = finite_array("U", U, (problem.n, None))
    gradient = problem.gradient(U)
    if not gradient.any():
        raise ValueError("U must not be a stationary point: the gap is relative to the gradient")
    direction = generator(rng).standard_normal(U.shape)
    direction /= np.linalg.norm(direction)
    h = positive_number("step", step) * np.linalg.norm(U)
    difference = (problem.loss(U + h * direction) - problem.loss(U - h * direction)) / (2 * h)
    return float(abs(difference - np.sum(gradient * direction)) / np.linalg.norm(gradient))
