r"""Measurement operators on symmetric matrices.

An operator :math:`\mathcal A` maps a symmetric :math:`n \times n` matrix to :math:`m` numbers.
It has the sizes ``n`` and ``m`` and

========================== =====================================================================
``forward(X)``             :math:`\mathcal A(X)`, shape ``(..., m)``
``adjoint(v)``             :math:`\mathcal A^*(v)`, shape ``(..., n, n)``
``normal(X)``              :math:`\mathcal A^*\mathcal A(X)`, shape ``(..., n, n)``
``residual_upper(d, b)``   :math:`\mathcal A(D) - b` from the upper triangle ``d`` of :math:`D`
``normal_map(scale)``      :math:`\mathcal A^*\mathcal A` on upper triangles, for inner loops
``dtype``                  the arithmetic of the last two, which read upper triangles of it
========================== =====================================================================

A symmetric matrix has :math:`N = n(n+1)/2` distinct entries. The operators store and multiply
those alone (`upper`), which halves the memory that a product must read.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from mscore._validate import (
    finite_array,
    generator,
    one_of,
    positive_integer,
    symmetric_array,
)

__all__ = [
    "ObservedEntries",
    "SymmetricGaussian",
    "SymmetricMeasurements",
    "adjoint_gap",
    "full_observation",
    "symmetric_from_upper",
    "upper",
]

# Above this size the Gram matrix leaves the last-level cache and costs more than two products.
_GRAM_BYTES = 22_000_000
# From this many trajectories on, one matrix-matrix product beats a loop of matrix-vector products.
_BATCH = 8


@lru_cache(maxsize=64)
def _upper_indices(n):
    """Flat positions of the upper triangle, and for each matrix entry its place in it."""
    rows, columns = np.triu_indices(n)
    place = np.empty((n, n), dtype=np.intp)
    place[rows, columns] = place[columns, rows] = np.arange(rows.size)
    return rows * n + columns, place.ravel(), rows == columns


def upper(X):
    """Return the upper triangle of a symmetric matrix, row by row.

    Parameters
    ----------
    X : array_like, shape (..., n, n)

    Returns
    -------
    ndarray, shape (..., n * (n + 1) / 2)

    Examples
    --------
    >>> upper([[1.0, 2.0], [2.0, 3.0]])
    array([1., 2., 3.])
    """
    X = np.asarray(X)
    if X.ndim < 2 or X.shape[-1] != X.shape[-2]:
        raise ValueError(f"X must have shape (..., n, n); got {X.shape}")
    n = X.shape[-1]
    flat, _, _ = _upper_indices(n)
    return np.take(X.reshape(*X.shape[:-2], n * n), flat, axis=-1)


def symmetric_from_upper(x, n):
    """Return the symmetric matrix with upper triangle `x`; the inverse of `upper`.

    Parameters
    ----------
    x : array_like, shape (..., n * (n + 1) / 2)
    n : int

    Returns
    -------
    ndarray, shape (..., n, n)

    Examples
    --------
    >>> symmetric_from_upper([1.0, 2.0, 3.0], 2)
    array([[1., 2.],
           [2., 3.]])
    """
    x = np.asarray(x)
    flat, place, _ = _upper_indices(positive_integer("n", n))
    if x.ndim == 0 or x.shape[-1] != flat.size:
        raise ValueError(f"x must have shape (..., {flat.size}) for n={n}; got {x.shape}")
    return np.take(x, place, axis=-1).reshape(*x.shape[:-1], n, n)


class _OnUpperTriangles:
    """What every operator on symmetric matrices shares: it acts on upper triangles."""

    n: int
    m: int

    def forward(self, X):
        r"""Measure: :math:`\mathcal A(X)`.

        Parameters
        ----------
        X : array_like, shape (..., n, n)
            Symmetric; this is checked.

        Returns
        -------
        ndarray, shape (..., m), float64
        """
        return self._forward_upper(upper(symmetric_array("X", X, self.n)))

    def adjoint(self, v):
        r"""Back-project: :math:`\mathcal A^*(v)`, a symmetric matrix.

        Parameters
        ----------
        v : array_like, shape (..., m)

        Returns
        -------
        ndarray, shape (..., n, n), float64
        """
        return symmetric_from_upper(self._adjoint_upper(finite_array("v", v, (self.m,))), self.n)

    def normal(self, X):
        r"""Measure and back-project: :math:`\mathcal A^*\mathcal A(X)`.

        Parameters
        ----------
        X : array_like, shape (..., n, n)
            Symmetric; this is checked.

        Returns
        -------
        ndarray, shape (..., n, n), float64
        """
        return self.adjoint(self.forward(X))


class SymmetricMeasurements(_OnUpperTriangles):
    r"""Measurements of a symmetric matrix by given matrices.

    .. math:: \mathcal A(X)_i = \tfrac1{\sqrt m}\langle A_i, X\rangle

    Parameters
    ----------
    matrices : array_like, shape (m, n, n)
        The symmetric matrices :math:`A_i`.

    Attributes
    ----------
    rows : ndarray, shape (m, n * (n + 1) / 2)
        ``rows[i] @ upper(X)`` is measurement ``i`` of ``X``: the upper triangle of
        :math:`A_i/\sqrt m`, entries off the diagonal doubled.

    Raises
    ------
    ValueError
        If the matrices are not symmetric or not finite.

    Examples
    --------
    >>> operator = SymmetricMeasurements([np.diag([1.0, 2.0]), np.eye(2)])
    >>> operator.forward([[3.0, 5.0], [5.0, 4.0]]) * np.sqrt(operator.m)
    array([11.,  7.])
    """

    def __init__(self, matrices):
        matrices = symmetric_array("matrices", matrices)
        if matrices.ndim != 3:
            raise ValueError(f"matrices must have shape (m, n, n); got {matrices.shape}")
        m, n, _ = matrices.shape
        _, _, diagonal = _upper_indices(n)
        self._hold(n, upper(matrices) * np.where(diagonal, 1.0, 2.0) / np.sqrt(m))

    def _hold(self, n, rows):
        self.n, self.m, self.rows, self.dtype = n, len(rows), rows, rows.dtype
        self._halves = np.where(_upper_indices(n)[2], 1.0, 0.5)

    def __repr__(self):
        return f"{type(self).__name__}(n={self.n}, m={self.m}, dtype={self.dtype})"

    def _forward_upper(self, x):
        return x @ self.rows.T.astype(float, copy=False)

    def _adjoint_upper(self, v):
        return (v @ self.rows.astype(float, copy=False)) * self._halves

    @cached_property
    def _gram(self):
        """``rows.T @ rows`` if products with it are cheaper than two with `rows`, else None."""
        columns = self.rows.shape[1]
        if 2 * self.m <= columns or columns**2 * self.rows.itemsize > _GRAM_BYTES:
            return None
        return self.rows.T @ self.rows

    def residual_upper(self, d, offset):
        r"""Return :math:`\mathcal A(D) - \text{offset}` for upper triangles ``d`` of :math:`D`."""
        return d.astype(self.dtype, copy=False) @ self.rows.T - offset

    def normal_map(self, scale, batch=None):
        r"""Return a fast function for ``scale`` times :math:`\mathcal A^*\mathcal A`.

        Parameters
        ----------
        scale : float or ndarray, shape (batch, 1)
        batch : int, optional
            Number of matrices per call; None for a single one, without a batch axis.

        Returns
        -------
        callable
            ``f(d, out)`` reads upper triangles ``d``, shape ``(N,)`` or ``(batch, N)``, and writes
            the upper triangles of the result to the float64 array ``out``. It owns its work space:
            make one per loop.
        """
        rows, gram, weights = self.rows, self._gram, self._halves * scale
        lead = () if batch is None else (batch,)
        inner = np.empty((*lead, self.m), rows.dtype)
        product = np.empty((*lead, rows.shape[1]), rows.dtype)
        if batch is None or batch >= _BATCH:
            if gram is None:

                def apply(d, out):
                    np.dot(d, rows.T, out=inner)
                    np.dot(inner, rows, out=product)
                    np.multiply(product, weights, out=out)

            else:

                def apply(d, out):
                    np.dot(d, gram, out=product)
                    np.multiply(product, weights, out=out)

        else:
            single = self.normal_map(1.0)

            def apply(d, out):
                for row, target in zip(d, out, strict=True):
                    single(row, target)
                out *= scale

        return apply


class SymmetricGaussian(SymmetricMeasurements):
    r"""Independent Gaussian measurements of a symmetric matrix.

    .. math::

        \mathcal A(X)_i = \tfrac1{\sqrt m}\langle A_i, X\rangle, \qquad
        A_i = \tfrac12(G_i + G_i^\top), \quad G_i \text{ with independent } N(0, 1) \text{ entries,}

    so that :math:`\mathbb E\|\mathcal A(X)\|^2 = \|X\|_F^2` for symmetric :math:`X`.

    Parameters
    ----------
    n : int
        Size of the matrices.
    m : int
        Number of measurements.
    rng : int or numpy.random.Generator
        Seed or generator. From one seed, fewer measurements are the first rows of more, up to the
        factor :math:`1/\sqrt m`.
    dtype : {"float64", "float32"}, default "float64"
        How the entries are stored, and the arithmetic of `normal_map`. In float32 the entries are
        *rounded once*, and `forward` and `adjoint` use the rounded entries in float64.

    Raises
    ------
    ValueError
        If a size is not a positive whole number, or `rng` or `dtype` is not as above.

    Examples
    --------
    >>> operator = SymmetricGaussian(n=6, m=40, rng=0)
    >>> operator.forward(np.eye(6)).shape
    (40,)
    >>> adjoint_gap(operator, rng=1) < 1e-12
    True
    """

    def __init__(self, n, m, *, rng, dtype="float64"):
        n, m = positive_integer("n", n), positive_integer("m", m)
        one_of("dtype", dtype, ("float64", "float32"))
        _, _, diagonal = _upper_indices(n)
        # In the basis that makes the upper triangle an isometry, A_i is a standard Gaussian vector.
        rows = generator(rng).standard_normal((m, diagonal.size))
        rows *= np.where(diagonal, 1.0, np.sqrt(2.0)) / np.sqrt(m)
        self._hold(n, rows.astype(dtype))


class ObservedEntries(_OnUpperTriangles):
    r"""Observation of some entries of a symmetric matrix (matrix completion).

    :math:`\mathcal A^*\mathcal A` keeps the observed entries and sets the others to zero. There is
    no factor :math:`1/\sqrt m`: :math:`\|\mathcal A(X)\|^2` is the sum of the squares of the
    observed entries, both triangles counted.

    Parameters
    ----------
    mask : array_like of bool, shape (n, n)
        Symmetric; True where the entry is observed. ``m`` counts the upper triangle.

    Raises
    ------
    ValueError
        If `mask` is not square and symmetric, or observes nothing.

    Examples
    --------
    >>> operator = ObservedEntries([[True, True], [True, False]])
    >>> operator.normal([[1.0, 2.0], [2.0, 3.0]])
    array([[1., 2.],
           [2., 0.]])
    """

    dtype = np.dtype(float)

    def __init__(self, mask):
        mask = symmetric_array("mask", mask)
        if mask.ndim != 2 or not np.isin(mask, (0.0, 1.0)).all():
            raise ValueError("mask must be one square matrix of True and False")
        self.n = mask.shape[0]
        self._observed = upper(mask)
        self._places = np.flatnonzero(self._observed)
        self.m = self._places.size
        if self.m == 0:
            raise ValueError("mask must observe at least one entry; got none")
        _, _, diagonal = _upper_indices(self.n)
        self._weights = np.where(diagonal, 1.0, np.sqrt(2.0))[self._places]

    def __repr__(self):
        return f"ObservedEntries(n={self.n}, m={self.m})"

    def _forward_upper(self, x):
        return x[..., self._places] * self._weights

    def _adjoint_upper(self, v):
        x = np.zeros((*v.shape[:-1], self._observed.size))
        x[..., self._places] = v / self._weights
        return x

    def residual_upper(self, d, offset):
        r"""Return :math:`\mathcal A(D) - \text{offset}` for upper triangles ``d`` of :math:`D`."""
        return self._forward_upper(d) - offset

    def normal_map(self, scale, batch=None):
        """Return ``f(d, out)``; see `SymmetricGaussian.normal_map`."""
        weights = self._observed * scale

        def apply(d, out):
            np.multiply(d, weights, out=out)

        return apply


def full_observation(n):
    r"""Return the operator that sees every entry: :math:`\mathcal A^*\mathcal A` is the identity.

    Examples
    --------
    >>> full_observation(3).m
    6
    """
    return ObservedEntries(np.ones((positive_integer("n", n),) * 2, dtype=bool))


def adjoint_gap(operator, *, rng):
    r"""Return how far ``adjoint`` is from being the adjoint of ``forward``.

    For random :math:`X` and :math:`v`, the relative difference between
    :math:`\langle \mathcal A(X), v\rangle` and :math:`\langle X, \mathcal A^*(v)\rangle`. An
    operator that is right gives rounding error, about 1e-15.

    Parameters
    ----------
    operator : operator
        Anything with ``m``, ``forward`` and ``adjoint``, and with ``n`` if it acts on symmetric
        matrices or ``shape`` if on rectangular ones.
    rng : int or numpy.random.Generator

    Returns
    -------
    float

    Examples
    --------
    >>> adjoint_gap(full_observation(4), rng=0) < 1e-12
    True
    """
    rng = generator(rng)
    if hasattr(operator, "shape"):
        X = rng.standard_normal(operator.shape)
    else:
        X = rng.standard_normal((operator.n, operator.n))
        X = X + X.T
    v = rng.standard_normal(operator.m)
    measured, back = operator.forward(X), operator.adjoint(v)
    size = np.linalg.norm(measured) * np.linalg.norm(v)
    return float(abs(measured @ v - np.sum(X * back)) / size)
