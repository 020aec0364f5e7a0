"""What to measure on an estimate, a factor or an operator. Leading axes are a batch."""

from __future__ import annotations

import numpy as np

from mscore import _blas, _cancel
from mscore._validate import finite_array, generator, positive_integer, positive_number

__all__ = [
    "distance_to_path",
    "effective_rank",
    "empirical_rip",
    "extreme_rip",
    "log_slope",
    "nuclear_norm",
    "principal_angles",
    "relative_error",
    "scale_exponent",
    "sharpness",
    "singular_values",
]


def relative_error(X, truth):
    r"""Return :math:`\|X - X_\star\|_F / \|X_\star\|_F`.

    Parameters
    ----------
    X : array_like, shape (..., n1, n2)
    truth : array_like, shape (n1, n2)
        Not zero.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(relative_error([[2.0]], [[1.0]]))
    1.0
    """
    truth = finite_array("truth", truth, (None, None))
    X = finite_array("X", X, truth.shape)
    size = np.linalg.norm(truth)
    if size == 0:
        raise ValueError("truth must not be zero: the error is relative to its size")
    return np.linalg.norm(X - truth, axis=(-2, -1)) / size


def scale_exponent(problem, step_size):
    r"""Return the exponent :math:`2(1-\rho)` of the final error in the initial scale.

    .. math:: \rho = \frac{\ln(1 + \mu\lambda_{r+1})}{\ln(1 + \mu\lambda_r)}

    with :math:`\lambda_i` the eigenvalues (of a rectangular problem: the singular values) of the
    spectral matrix and :math:`r` the rank of the truth: while the signal grows from the scale
    :math:`\alpha` to size 1, the noise grows to :math:`\alpha^{1-\rho}`, and it enters
    :math:`UU^\top` or :math:`FG^\top` squared.

    Parameters
    ----------
    problem : Problem or RectangularProblem
        With a truth that has not full rank.
    step_size : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the problem has no truth, or the truth has full rank.

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.psd_sensing(n=40, rank=1, m=400, rng=0)
    >>> 0.9 < scale_exponent(problem, step_size=0.2) < 1.3
    True
    """
    if problem.truth is None:
        raise ValueError("problem must have a truth: its rank tells signal from noise")
    rank, values = int(np.linalg.matrix_rank(problem.truth)), problem.spectral_values
    if rank == len(values):
        raise ValueError("problem must have a truth of rank below n; at full rank all is signal")
    signal, noise = np.log1p(positive_number("step_size", step_size) * values[rank - 1 : rank + 1])
    return float(2 * (1 - noise / signal))


def sharpness(problem, U, *, iterations=200, rng):
    r"""Return the Hessian eigenvalue of the loss that is largest in size, by the power method.

    At a minimum, gradient descent with step :math:`\mu` is stable for :math:`\mu` below 2 over the
    sharpness. Fully observed, the sharpness at the solution is :math:`2\sigma_1`.

    Parameters
    ----------
    problem : Problem
    U : array_like, shape (n, k)
    iterations : int, default 200
    rng : int or numpy.random.Generator
        Draws the first direction.

    Returns
    -------
    float

    Examples
    --------
    >>> import mscore as ms
    >>> problem = ms.Problem(ms.full_observation(2), [4.0, 0.0, 1.0])
    >>> round(sharpness(problem, [[2.0, 0.0], [0.0, 1.0]], rng=0), 6)
    8.0
    """
    U = finite_array("U", U, (problem.n, None))
    D = generator(rng).standard_normal(U.shape)
    with _blas.one_thread():
        for _ in range(positive_integer("iterations", iterations)):
            D /= np.linalg.norm(D)
            image = problem.hessian(U, D)
            value, D = float(np.sum(D * image)), image
            if not D.any():  # no curvature in any direction that is left
                break
    return value


def singular_values(U):
    r"""Return the singular values of :math:`UU^\top`, largest first.

    They are the squares of those of the factor, which keeps the small ones accurate.

    Parameters
    ----------
    U : array_like, shape (..., n, k)

    Returns
    -------
    ndarray, shape (..., min(n, k))

    Examples
    --------
    >>> singular_values([[2.0, 0.0], [0.0, 1e-9]])
    array([4.e+00, 1.e-18])
    """
    return np.linalg.svd(finite_array("U", U, (None, None)), compute_uv=False) ** 2


def nuclear_norm(X):
    """Return the sum of the singular values.

    Parameters
    ----------
    X : array_like, shape (..., n1, n2)

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(nuclear_norm([[3.0, 0.0], [0.0, -1.0]]))
    4.0
    """
    return np.linalg.svd(finite_array("X", X, (None, None)), compute_uv=False).sum(axis=-1)


def effective_rank(X):
    r"""Return :math:`\exp H(p)`, the entropy :math:`H` of the singular values over their sum.

    A number from 1 to the rank: the rank itself if all nonzero singular values are equal.

    Parameters
    ----------
    X : array_like, shape (..., n1, n2)
        Not zero.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(effective_rank(np.eye(3)).round(12))
    3.0
    """
    values = np.linalg.svd(finite_array("X", X, (None, None)), compute_uv=False)
    total = values.sum(axis=-1, keepdims=True)
    if (total == 0).any():
        raise ValueError("X must not be zero: a zero matrix has no effective rank")
    p = values / total
    return np.exp(-np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1))


def principal_angles(A, B):
    """Return the principal angles between the column spaces of `A` and `B`, largest first.

    Parameters
    ----------
    A : array_like, shape (..., n, p)
        Full column rank.
    B : array_like, shape (..., n, q)
        Full column rank.

    Returns
    -------
    ndarray, shape (..., min(p, q))
        In radians. Small angles are accurate (they come from sines, large ones from cosines).

    Examples
    --------
    >>> np.degrees(principal_angles([[1.0], [0.0]], [[1.0], [1.0]])).round(10)
    array([45.])
    """
    A, B = finite_array("A", A, (None, None)), finite_array("B", B, (None, None))
    if A.shape[-2] != B.shape[-2]:
        raise ValueError(f"A and B must have as many rows; got {A.shape[-2]} and {B.shape[-2]}")
    if max(A.shape[-1], B.shape[-1]) > A.shape[-2]:
        raise ValueError(f"A and B must have full column rank; got {A.shape} and {B.shape}")
    if A.shape[-1] < B.shape[-1]:
        A, B = B, A
    Q_A, Q_B = _orthonormal_basis("A or B", A), _orthonormal_basis("A or B", B)
    inner = np.swapaxes(Q_A, -1, -2) @ Q_B
    sines = np.linalg.svd(Q_B - Q_A @ inner, compute_uv=False)
    cosines = np.linalg.svd(inner, compute_uv=False)[..., ::-1]
    from_sine = np.arcsin(np.clip(sines, 0.0, 1.0))
    return np.where(cosines**2 > 0.5, from_sine, np.arccos(np.clip(cosines, 0.0, 1.0)))


def _orthonormal_basis(name, A):
    Q, R = np.linalg.qr(A)
    sizes = np.abs(np.diagonal(R, axis1=-2, axis2=-1))
    if (sizes.min(axis=-1) <= 1e-14 * sizes.max(axis=-1)).any():
        raise ValueError(f"{name} must have full column rank; a column depends on the others")
    return Q


def empirical_rip(operator, rank, *, samples=200, rng):
    r"""Return :math:`\|\mathcal A(Z)\|^2 / \|Z\|_F^2` on random low-rank matrices.

    The restricted isometry property of order ``rank`` says that *every* such ratio lies in
    :math:`[1-\delta, 1+\delta]`. Random matrices show the typical ratio; the worst one is further
    out, so ``max(abs(ratio - 1))`` is a lower bound on :math:`\delta`.

    Parameters
    ----------
    operator : operator
        See `mscore.operators`.
    rank : int
        Rank of the matrices, at most ``operator.n``.
    samples : int, default 200
    rng : int or numpy.random.Generator
        Draws :math:`Z = \sum_j s_j v_jv_j^\top` with Gaussian :math:`v_j` and random signs
        :math:`s_j`.

    Returns
    -------
    ndarray, shape (samples,)

    Examples
    --------
    >>> import mscore as ms
    >>> operator = ms.SymmetricGaussian(n=20, m=150, rng=0)
    >>> ratios = empirical_rip(operator, rank=2, rng=1)
    >>> bool(abs(ratios.mean() - 1) < 0.05)
    True
    """
    rank = positive_integer("rank", rank, at_most=operator.n)
    samples = positive_integer("samples", samples)
    rng = generator(rng)
    V = rng.standard_normal((samples, operator.n, rank))
    signs = rng.choice([-1.0, 1.0], size=(samples, 1, rank))
    Z = (V * signs) @ np.swapaxes(V, -1, -2)
    Z = (Z + np.swapaxes(Z, -1, -2)) / 2
    return np.sum(operator.forward(Z) ** 2, axis=-1) / np.sum(Z**2, axis=(-2, -1))


def extreme_rip(operator, rank, *, starts=3, iterations=60, rng):
    r"""Search for the rank-`rank` matrices that the operator shrinks and stretches most.

    Projected power iterations on :math:`\mathcal A^*\mathcal A` for the largest ratio
    :math:`\|\mathcal A(Z)\|^2 / \|Z\|_F^2`, and on :math:`cI - \mathcal A^*\mathcal A` for the
    smallest, each followed by truncation to the `rank` eigenvalues largest in size. The search may
    stop at a local extreme, so :math:`\max(1 - \text{low}, \text{high} - 1)` is a lower bound on
    the restricted isometry constant :math:`\delta`, far better than that of `empirical_rip`.

    Parameters
    ----------
    operator : operator
        See `mscore.operators`.
    rank : int
        At most ``operator.n``.
    starts : int, default 3
        Random starts; the best is kept.
    iterations : int, default 60
    rng : int or numpy.random.Generator

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> import mscore as ms
    >>> low, high = ms.extreme_rip(ms.full_observation(5), rank=1, rng=0)
    >>> round(low, 9), round(high, 9)
    (1.0, 1.0)
    """
    rank = positive_integer("rank", rank, at_most=operator.n)
    starts = positive_integer("starts", starts)
    iterations = positive_integer("iterations", iterations)
    rng = generator(rng)
    with _blas.one_thread():
        Z = rng.standard_normal((starts, operator.n, operator.n))
        Z = _truncate(Z + np.swapaxes(Z, -1, -2), rank)
        high = _followed(operator.normal, Z, operator, rank, iterations).max()
        # Shifted by the largest ratio, the matrices of the smallest one are stretched most.
        low = _followed(
            lambda Z: high * Z - operator.normal(Z), Z, operator, rank, iterations
        ).min()
    return float(low), float(high)


def _followed(image, Z, operator, rank, iterations):
    """Return the ratios where projected power iterations of `image` from each `Z` end."""
    for _ in range(iterations):
        _cancel.check()
        moved = _truncate(image(Z), rank)
        # A zero image means nothing is left to follow: the ratio is extreme already.
        Z = np.where(moved.any(axis=(-2, -1), keepdims=True), moved, Z)
    return np.sum(operator.forward(Z) ** 2, axis=-1) / np.sum(Z**2, axis=(-2, -1))


def _truncate(Z, rank):
    """Return the nearest matrices of rank at most `rank`, scaled to Frobenius norm 1."""
    values, vectors = np.linalg.eigh(Z)
    order = np.argsort(-np.abs(values), axis=-1)[..., :rank]
    values = np.take_along_axis(values, order, axis=-1)
    vectors = np.take_along_axis(vectors, order[..., None, :], axis=-1)
    Z = (vectors * values[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    Z = (Z + np.swapaxes(Z, -1, -2)) / 2
    size = np.linalg.norm(Z, axis=(-2, -1), keepdims=True)
    return Z / np.where(size > 0, size, 1.0)


def distance_to_path(X, path):
    r"""Return the least Frobenius distance of each matrix from a path through matrices.

    Between its points the path is a cubic through the two nearest and with slopes from their
    neighbours (Catmull and Rom, 1974), so that a smooth path may have coarse points.

    Parameters
    ----------
    X : array_like, shape (..., n1, n2)
    path : array_like, shape (P, n1, n2)
        At least two points, in order.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If the shapes do not fit, or the path has fewer than two points.

    Examples
    --------
    A point at distance 0.5 from a quarter of a circle of which nine points are known.

    >>> angles = np.linspace(0, np.pi / 2, 9)
    >>> circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, None, :]
    >>> round(float(distance_to_path([[0.9, 1.2]], circle)), 4)
    0.5
    """
    X, path = finite_array("X", X, (None, None)), finite_array("path", path, (None, None))
    if path.ndim != 3 or len(path) < 2:
        raise ValueError(f"path must have shape (P, n1, n2) with P at least 2; got {path.shape}")
    if X.shape[-2:] != path.shape[1:]:
        raise ValueError(f"X and path must hold matrices of one shape; got {X.shape}, {path.shape}")
    points, path = X.reshape(-1, path[0].size), path.reshape(len(path), -1)
    nearest = np.argmin(np.sum(path**2, axis=1) - 2 * points @ path.T, axis=1)
    slopes = np.gradient(path, axis=0)
    share = np.linspace(0, 1, 17)[:, None]
    weights = np.hstack(  # of the two ends and of their slopes
        [
            (1 + 2 * share) * (1 - share) ** 2,
            share**2 * (3 - 2 * share),
            share * (1 - share) ** 2,
            share**2 * (share - 1),
        ]
    )
    least = np.full(len(points), np.inf)
    for offset in (-1, 0):
        first = np.clip(nearest + offset, 0, len(path) - 2)
        ends = np.stack([path[first], path[first + 1], slopes[first], slopes[first + 1]], axis=1)
        pieces = weights @ ends - points[:, None]
        least = np.minimum(least, _distance_from_zero(pieces[:, :-1], pieces[:, 1:]))
    return least.reshape(X.shape[:-2])


def _distance_from_zero(start, end):
    """Return the least distance of 0 from the straight pieces, shape (B, pieces, d)."""
    along = end - start
    share = -np.sum(start * along, axis=-1) / np.maximum(np.sum(along**2, axis=-1), 1e-300)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    return np.linalg.norm(nearest, axis=-1).min(axis=-1)


def log_slope(x, y):
    """Return the least-squares slope of ``log y`` against ``log x``.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        Positive, at least two distinct `x`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_slope([1.0, 10.0, 100.0], [2.0, 200.0, 20000.0]), 12)
    2.0
    """
    x, y = finite_array("x", x, (None,)), finite_array("y", y, (None,))
    if x.shape != y.shape or not ((x > 0).all() and (y > 0).all()) or np.unique(x).size < 2:
        raise ValueError("x and y must be positive, equally long, with at least two distinct x")
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
