"""What the machine can do at best, measured: the floor under the time of an iteration."""

import time

import numpy as np


def median_time(function, repetitions=15):
    """Return the median of the seconds that a call takes, the first call left out."""
    function()
    times = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


def copy_bandwidth(size):
    """Return bytes per second, read and written, of a copy whose two ends fill `size` bytes."""
    source = np.ones(max(size // 16, 1))
    target = np.empty_like(source)
    rounds = max(1, 20_000_000 // size)

    def copy():
        for _ in range(rounds):
            np.copyto(target, source)

    return 2 * source.nbytes * rounds / median_time(copy)


def product_speed(n=256):
    """Return floating-point operations per second of a matrix product in float64."""
    A = np.random.default_rng(0).standard_normal((n, n))
    B, out = A.copy(), np.empty_like(A)
    return 2 * n**3 / median_time(lambda: np.matmul(A, B, out=out))


def floor(n, m, itemsize=8):
    """Return seconds below which no iteration at width n can be, by this count.

    An iteration reads the operator: its packed rows twice, or the Gram matrix once, whichever is
    less, from the cache that holds it; and it makes two products of n by n matrices.
    """
    N = n * (n + 1) // 2
    stored = itemsize * min(m * N, N * N)
    read = itemsize * min(2 * m * N, N * N)
    return read / copy_bandwidth(stored) + 4 * n**3 / product_speed()
