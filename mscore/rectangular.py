r"""Rectangular matrices: measurement operators, the sensing problem of two factors, and its starts.

The unknown is an :math:`n_1 \times n_2` matrix, written :math:`FG^\top`. The book's one loss is
:math:`f(F, G) = \frac12\|\mathcal A(FG^\top) - y\|^2`, with the gradients

.. math::

    \nabla_F f = -E\,G, \qquad \nabla_G f = -E^\top F, \qquad
    E = \mathcal A^*(y - \mathcal A(FG^\top)).

An operator has ``shape``, ``m``, ``forward(X)``, ``adjoint(v)``, ``normal(X)`` as those on
symmetric matrices have (`mscore.operators`); for loops ``normal_map()``, ``residual_flat(d, b)``
and the ``dtype`` of their arithmetic.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mscore._validate import (
    finite_array,
    generator,
    one_of,
    positive_integer,
    positive_number,
)
from mscore.problems import _Measured

__all__ = [
    "RectangularEntries",
    "RectangularGaussian",
    "RectangularProblem",
    "gaussian_pair",
    "pair_gradient_gap",
    "rectangular_full_observation",
    "rectangular_sensing",
    "rectangular_truth",
]

# From this many rows on, one matrix-matrix product beats a loop of matrix-vector products.
_BATCH = 4


class _OnRectangles:
    """What every operator on rectangular matrices shares: it acts on flattened matrices."""

    shape: tuple[int, int]
    m: int

    def forward(self, X):
        r"""Measure: :math:`\mathcal A(X)`.

        Parameters
        ----------
        X : array_like, shape (..., n1, n2)

        Returns
        -------
        ndarray, shape (..., m)
        """
        X = finite_array("X", X, self.shape)
        return self._forward_flat(X.reshape(*X.shape[:-2], -1))

    def adjoint(self, v):
        r"""Back-project: :math:`\mathcal A^*(v)`.

        Parameters
        ----------
        v : array_like, shape (..., m)

        Returns
        -------
        ndarray, shape (..., n1, n2)
        """
        v = finite_array("v", v, (self.m,))
        return self._adjoint_flat(v).reshape(*v.shape[:-1], *self.shape)

    def normal(self, X):
        r"""Measure and back-project: :math:`\mathcal A^*\mathcal A(X)`.

        Parameters
        ----------
        X : array_like, shape (..., n1, n2)

        Returns
        -------
        ndarray, shape (..., n1, n2)
        """
        return self.adjoint(self.forward(X))


class RectangularGaussian(_OnRectangles):
    r"""Independent Gaussian measurements of a rectangular matrix.

    .. math:: \mathcal A(X)_i = \tfrac1{\sqrt m}\langle A_i, X\rangle

    with independent :math:`N(0, 1)` entries in every :math:`A_i`, so that
    :math:`\mathbb E\|\mathcal A(X)\|^2 = \|X\|_F^2`.

    Parameters
    ----------
    n1, n2 : int
        Rows and columns of the matrices.
    m : int
        Number of measurements.
    rng : int or numpy.random.Generator
        From one seed, fewer measurements are the first of more, up to the factor
        :math:`1/\sqrt m`.
    dtype : {"float64", "float32"}, default "float64"
        How the entries are stored, and the arithmetic of `normal_map`; see `SymmetricGaussian`.

    Attributes
    ----------
    rows : ndarray, shape (m, n1 * n2)
        Row ``i`` is the flattened :math:`A_i/\sqrt m`.

    Examples
    --------
    >>> import mscore as ms
    >>> operator = RectangularGaussian(n1=6, n2=4, m=15, rng=0)
    >>> operator.forward(np.ones((3, 6, 4))).shape
    (3, 15)
    >>> ms.adjoint_gap(operator, rng=1) < 1e-12
    True
    """

    def __init__(self, n1, n2, m, *, rng, dtype="float64"):
        self.shape = positive_integer("n1", n1), positive_integer("n2", n2)
        self.m = positive_integer("m", m)
        one_of("dtype", dtype, ("float64", "float32"))
        size = self.shape[0] * self.shape[1]
        rows = generator(rng).standard_normal((self.m, size)) / np.sqrt(self.m)
        self.rows = rows.astype(dtype, copy=False)
        self.dtype = self.rows.dtype

    def __repr__(self):
        sizes = f"n1={self.shape[0]}, n2={self.shape[1]}, m={self.m}"
        return f"RectangularGaussian({sizes}, dtype={self.dtype})"

    def _forward_flat(self, x):
        return x @ self.rows.T.astype(float, copy=False)

    def _adjoint_flat(self, v):
        return v @ self.rows.astype(float, copy=False)

    @cached_property
    def _gram(self):
        return self.rows.T @ self.rows

    def residual_flat(self, d, offset):
        r"""Return :math:`\mathcal A(D) - \text{offset}` for flattened matrices ``d``, unchecked."""
        return d.astype(self.dtype, copy=False) @ self.rows.T - offset

    def normal_map(self):
        r"""Return a function for :math:`\mathcal A^*\mathcal A` on flattened matrices.

        Returns
        -------
        callable
            ``f(d)`` maps flattened matrices, shape ``(B, n1 * n2)``, to the same shape.
        """
        rows = self.rows
        if 2 * self.m > rows.shape[1]:  # one product with the Gram matrix is cheaper than two
            gram = self._gram

            def apply(d):
                return _products(d.astype(self.dtype, copy=False), gram)

        else:

            def apply(d):
                return _products(_products(d.astype(self.dtype, copy=False), rows.T), rows)

        return apply


def _products(d, matrix):
    """Return ``d @ matrix``; two or three rows are faster one after the other."""
    return np.stack([row @ matrix for row in d]) if 1 < len(d) < _BATCH else d @ matrix


class RectangularEntries(_OnRectangles):
    r"""Observation of some entries of a rectangular matrix (matrix completion).

    :math:`\mathcal A^*\mathcal A` keeps the observed entries and sets the others to zero; there is
    no factor :math:`1/\sqrt m`.

    Parameters
    ----------
    mask : array_like of bool, shape (n1, n2)
        True where the entry is observed.

    Raises
    ------
    ValueError
        If `mask` is not one matrix of True and False, or observes nothing.

    Examples
    --------
    >>> operator = RectangularEntries([[True, False, True]])
    >>> operator.normal([[1.0, 2.0, 3.0]])
    array([[1., 0., 3.]])
    """

    dtype = np.dtype(float)

    def __init__(self, mask):
        mask = finite_array("mask", mask, (None, None))
        if mask.ndim != 2 or not np.isin(mask, (0.0, 1.0)).all() or not mask.any():
            raise ValueError("mask must be one matrix of True and False that observes an entry")
        self.shape = mask.shape
        self._mask = mask.ravel()
        self._places = np.flatnonzero(self._mask)
        self.m = self._places.size

    def __repr__(self):
        return f"RectangularEntries(n1={self.shape[0]}, n2={self.shape[1]}, m={self.m})"

    def _forward_flat(self, x):
        return x[..., self._places]

    def _adjoint_flat(self, v):
        x = np.zeros((*v.shape[:-1], self._mask.size))
        x[..., self._places] = v
        return x

    def residual_flat(self, d, offset):
        r"""Return :math:`\mathcal A(D) - \text{offset}` for flattened matrices ``d``, unchecked."""
        return self._forward_flat(d) - offset

    def normal_map(self):
        """Return a function on flattened matrices; see `RectangularGaussian.normal_map`."""
        return lambda d: d * self._mask


def rectangular_full_observation(n1, n2):
    r"""Return the operator that sees every entry: :math:`\mathcal A^*\mathcal A` is the identity.

    Examples
    --------
    >>> rectangular_full_observation(3, 2).m
    6
    """
    shape = positive_integer("n1", n1), positive_integer("n2", n2)
    return RectangularEntries(np.ones(shape, dtype=bool))


class RectangularProblem(_Measured):
    r"""Recover a rectangular matrix from measurements, with two factors.

    Parameters
    ----------
    operator : operator
        `RectangularGaussian` or `RectangularEntries`.
    y : array_like, shape (m,)
        The measurements.
    truth : array_like, shape (n1, n2), optional
        The matrix :math:`X_\star` behind them, where it is known. Solvers report the error against
        it; they never use it to choose a step.

    Raises
    ------
    ValueError
        If shapes do not match, an entry is not finite, `truth` is zero, or the operator is stored
        in float32 and there is no truth.

    Examples
    --------
    >>> problem = RectangularProblem(rectangular_full_observation(1, 2), [3.0, 4.0])
    >>> float(problem.loss([[0.0]], [[1.0], [1.0]]))
    12.5
    """

    def _checked_truth(self, truth):
        return finite_array("truth", truth, self.shape)

    @property
    def shape(self):
        """Rows and columns of the unknown matrix."""
        return self.operator.shape

    @property
    def spectral_values(self):
        """The singular values of the spectral matrix, largest first: growth rates of the start."""
        return np.linalg.svd(self.spectral_matrix, compute_uv=False)

    def loss(self, F, G):
        r"""Return :math:`f(F, G) = \frac12\|\mathcal A(FG^\top) - y\|^2`, one for each pair."""
        F, G = self.checked_pair(F, G)
        residual = self.operator.forward(F @ np.swapaxes(G, -1, -2)) - self.y
        return 0.5 * np.sum(residual**2, axis=-1)

    def gradients(self, F, G):
        r"""Return :math:`\nabla_F f = -EG` and :math:`\nabla_G f = -E^\top F`."""
        F, G = self.checked_pair(F, G)
        E = self.residual_field(F @ np.swapaxes(G, -1, -2))
        return -E @ G, -np.swapaxes(E, -1, -2) @ F

    def checked_pair(self, F, G):
        """Return `F` and `G` as float64 arrays, shapes (..., n1, k) and (..., n2, k)."""
        F = finite_array("F", F, (self.shape[0], None))
        G = finite_array("G", G, (self.shape[1], F.shape[-1]))
        if F.shape[:-2] != G.shape[:-2]:
            raise ValueError(
                f"F and G must have the same leading axes; got {F.shape} and {G.shape}"
            )
        return F, G


def rectangular_truth(n1, n2, values, *, rng):
    """Return a matrix with given nonzero singular values and uniformly random singular vectors.

    Parameters
    ----------
    n1, n2 : int
        Rows and columns.
    values : array_like, shape (rank,)
        Positive; at most ``min(n1, n2)`` of them.
    rng : int or numpy.random.Generator

    Returns
    -------
    ndarray, shape (n1, n2)

    Raises
    ------
    ValueError
        If a singular value is not positive and finite, or there are none or too many.

    Examples
    --------
    >>> X_star = rectangular_truth(5, 4, [2.0, 1.0], rng=0)
    >>> np.linalg.svd(X_star, compute_uv=False).round(12)[:3] + 0.0
    array([2., 1., 0.])
    """
    n1, n2 = positive_integer("n1", n1), positive_integer("n2", n2)
    values = finite_array("values", values, (None,))
    if values.ndim != 1 or values.size > min(n1, n2) or not (values > 0).all():
        raise ValueError(f"values must be 1 to {min(n1, n2)} positive numbers; got {values}")
    rng = generator(rng)
    P, Q = (np.linalg.qr(rng.standard_normal((n, values.size)))[0] for n in (n1, n2))
    return (P * values) @ Q.T


def rectangular_sensing(n1, n2, values, m, *, rng, dtype="float64"):
    r"""Make a sensing problem: a random low-rank rectangular truth, Gaussian measurements.

    Parameters
    ----------
    n1, n2 : int
        Rows and columns of the truth.
    values : array_like, shape (rank,)
        Its nonzero singular values.
    m : int
        Number of measurements, below :math:`n_1n_2`: from there on linear algebra alone finds the
        truth and nothing is left to explain.
    rng : int or numpy.random.Generator
        Draws the truth, then the operator: from one seed the truth is the same for every `m`.
    dtype : {"float64", "float32"}, default "float64"
        Storage of the operator (`RectangularGaussian`).

    Returns
    -------
    RectangularProblem

    Raises
    ------
    ValueError
        If a size or a singular value is not as above.

    Examples
    --------
    >>> problem = rectangular_sensing(30, 20, [1.0, 0.6], m=350, rng=0)
    >>> problem.shape, problem.m
    ((30, 20), 350)
    """
    rng = generator(rng)
    truth = rectangular_truth(n1, n2, values, rng=rng)
    if positive_integer("m", m) >= n1 * n2:
        raise ValueError(
            f"m must be below n1 * n2 = {n1 * n2}, or linear algebra alone finds the truth; got {m}"
        )
    operator = RectangularGaussian(n1, n2, m, rng=rng, dtype=dtype)
    return RectangularProblem(operator, operator.forward(truth), truth)


def gaussian_pair(problem, width, scale, *, rng, second_scale=None):
    r"""Return the start :math:`F_0 = \alpha\Omega_1`, :math:`G_0 = \beta\Omega_2`.

    The entries of both :math:`\Omega` are independent :math:`N(0, 1/k)` for width :math:`k`.

    Parameters
    ----------
    problem : RectangularProblem
        Gives the numbers of rows.
    width : int
        Number of columns :math:`k`.
    scale : float or array_like, shape (B,)
        The initial scale :math:`\alpha`; several make a batch on the same draw.
    rng : int or numpy.random.Generator
    second_scale : float or array_like, shape (B,), optional
        The scale :math:`\beta` of :math:`G_0`, zero allowed; :math:`\alpha` by default.

    Returns
    -------
    F : ndarray, shape (n1, width) or (B, n1, width)
    G : ndarray, shape (n2, width) or (B, n2, width)

    Examples
    --------
    >>> problem = rectangular_sensing(6, 4, [1.0], m=12, rng=0)
    >>> F, G = gaussian_pair(problem, width=4, scale=[1e-3, 1e-6], rng=1)
    >>> F.shape, G.shape
    ((2, 6, 4), (2, 4, 4))
    """
    width = positive_integer("width", width)
    alphas = np.array([positive_number("scale", value) for value in np.ravel(scale)])
    if alphas.size == 0:
        raise ValueError("scale must be one number or several; got none")
    betas = alphas if second_scale is None else np.ravel(second_scale)
    betas = np.array([positive_number("second_scale", beta, or_zero=True) for beta in betas])
    if betas.size not in (1, alphas.size):
        raise ValueError(f"second_scale must be one number or {alphas.size}; got {betas.size}")
    rng = generator(rng)
    F, G = (rng.standard_normal((n, width)) / np.sqrt(width) for n in problem.shape)
    F, G = alphas[:, None, None] * F, np.broadcast_to(betas, alphas.shape)[:, None, None] * G
    return (F[0], G[0]) if np.ndim(scale) == 0 else (F, G)


def pair_gradient_gap(problem, F, G, *, rng, step=1e-5):
    r"""Return the relative gap between `RectangularProblem.gradients` and differences of the loss.

    Parameters
    ----------
    problem : RectangularProblem
    F : array_like, shape (n1, k)
    G : array_like, shape (n2, k)
        Where to compare.
    rng : int or numpy.random.Generator
        Draws the direction.
    step : float, default 1e-5
        Length of the difference, relative to the size of the factors.

    Returns
    -------
    float
        About 1e-9 for right gradients.

    Examples
    --------
    >>> problem = rectangular_sensing(6, 4, [1.0], m=12, rng=0)
    >>> pair_gradient_gap(problem, *gaussian_pair(problem, 3, 1.0, rng=1), rng=2) < 1e-7
    True
    """
    Z = np.concatenate(problem.checked_pair(F, G))
    n1 = problem.shape[0]
    gradient = np.concatenate(problem.gradients(Z[:n1], Z[n1:]))
    if not gradient.any():
        raise ValueError("F, G must not be a stationary point: the gap is relative to the gradient")
    direction = generator(rng).standard_normal(Z.shape)
    direction /= np.linalg.norm(direction)
    h = positive_number("step", step) * np.linalg.norm(Z)
    ahead, behind = Z + h * direction, Z - h * direction
    difference = problem.loss(ahead[:n1], ahead[n1:]) - problem.loss(behind[:n1], behind[n1:])
    slope = np.sum(gradient * direction)
    return float(abs(difference / (2 * h) - slope) / np.linalg.norm(gradient))
