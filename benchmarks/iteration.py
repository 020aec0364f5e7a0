"""Time of an iteration, of a sweep and of a slider move: ours, its peers and the floor.

All designs make the same iterations from the same start; that their results agree is checked before
anything is timed. They take turns, so that a busy machine is as busy for one as for the other.
"""

import os
import platform
import time
from contextlib import nullcontext

import numpy as np
from designs import PEERS, flattened, jax, ours, torch
from machine import floor

import mscore as ms

try:
    from threadpoolctl import threadpool_info, threadpool_limits
except ImportError:
    threadpool_info = threadpool_limits = None

STEP = 0.1
SIZES = [(20, 200, 600), (40, 400, 200), (100, 1000, 100)]  # n, m, iterations that are timed
ROUNDS = 9
SLOWEST = ("numpy einsum", "Python loop over measurements")
TRAJECTORIES = 100
SLIDERS = [(30, 220, 400, 16), (40, 360, 600, 50)]  # n, m, iterations, milliseconds allowed


def problem_and_start(n, m, dtype):
    problem = ms.psd_sensing(n, 2, m, rng=0, dtype=dtype, allow_vacuous=True)
    return problem, ms.gaussian_start(problem, n, 1e-2, rng=1)


def in_turns(runs, rounds=ROUNDS):
    """Return the times of each run, shape (rounds,); the runs take turns."""
    times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begin)
    return {name: np.array(values) for name, values in times.items()}


def assert_same_iterates(name, U, expected):
    gap = np.linalg.norm(U - expected) / np.linalg.norm(expected)
    limit = 1e-4 if "float32" in name else 1e-9
    assert gap < limit, f"{name} makes other iterations: relative difference {gap:.1e}"


def iteration_table():
    print("\nTime of an iteration, width k = n, float64 unless said")
    print(f"{'design':32}" + "".join(f"{f'n={n}, m={m}':>26}" for n, m, _ in SIZES))
    columns = [iteration_column(*size) for size in SIZES]
    for name in columns[0]:
        print(f"{name:32}" + "".join(f"{column[name]:>26}" for column in columns))


def iteration_column(n, m, count):
    """Return one column of the table: design to text."""
    problem, start = problem_and_start(n, m, "float64")
    rounded, _ = problem_and_start(n, m, "float32")
    designs = {
        "mscore": ours(problem, STEP),
        "mscore, float32 operator": ours(rounded, STEP),
        **{name: design and design(problem, STEP) for name, design in PEERS.items()},
    }
    # The slowest get a tenth of the iterations: the time is per iteration.
    counts = {name: count // 10 if name in SLOWEST else count for name in designs}
    check = min(20, count)
    expected = flattened(problem, STEP)(start, check)
    runs = {}
    for name, run in designs.items():
        if run is None:
            continue
        assert_same_iterates(name, run(start, check), expected)
        run(start, counts[name])  # JAX compiles here
        runs[name] = lambda run=run, name=name: run(start, counts[name])
    times = {name: values / counts[name] for name, values in in_turns(runs).items()}
    column = {}
    for name in designs:
        if name not in times:
            column[name] = "not installed"
            continue
        ratio = np.median(times[name] / times["mscore, float32 operator"])
        column[name] = f"{microseconds(np.median(times[name]))} us {ratio:6.2f}x"
    best = np.median(times["mscore, float32 operator"])
    for label, itemsize in (("floor, float64", 8), ("floor, float32 operator", 4)):
        bound = floor(n, m, itemsize)
        column[label] = f"{microseconds(bound)} us {bound / best:6.2f}x"
    return column


def sweep_table():
    print(f"\nSweep of {TRAJECTORIES} trajectories, time per trajectory and iteration")
    print(f"{'design':32}" + "".join(f"{f'n={n}, m={m}':>26}" for n, m, _ in SIZES))
    columns = [sweep_column(*size) for size in SIZES]
    for name in columns[0]:
        print(f"{name:32}" + "".join(f"{column[name]:>26}" for column in columns))


def sweep_column(n, m, count):
    problem, start = problem_and_start(n, m, "float64")
    rounded, _ = problem_and_start(n, m, "float32")
    starts = start * np.geomspace(0.1, 1.0, TRAJECTORIES)[:, None, None]
    count = max(5, count // 20)
    alone = flattened(problem, STEP)
    few = range(0, TRAJECTORIES, 20)  # a loop takes as long for each: time some of them
    batches = {"mscore": ours(problem, STEP), "mscore, float32 operator": ours(rounded, STEP)}
    for name, run in batches.items():
        U = run(starts, count)
        for i in few:
            assert_same_iterates(name, U[i], alone(starts[i], count))
    runs = {name: lambda run=run: run(starts, count) for name, run in batches.items()}
    runs["loop, flattened (m, n*n)"] = lambda: [alone(starts[i], count) for i in few]
    times = in_turns(runs, rounds=5)
    per = {name: times[name] / count / TRAJECTORIES for name in batches}
    per["loop, flattened (m, n*n)"] = times["loop, flattened (m, n*n)"] / count / len(few)
    base = per["mscore, float32 operator"]
    return {
        name: f"{microseconds(np.median(values))} us {np.median(values / base):6.2f}x"
        for name, values in per.items()
    }


def slider_table():
    print("\nA slider move: solve again and return the data to draw (float32 operator, alpha 1e-4)")
    for n, m, count, allowed in SLIDERS:
        problem = ms.psd_sensing(n, 1, m, rng=0, dtype="float32")
        start = ms.gaussian_start(problem, n, 1e-4, rng=1)

        def move(problem=problem, start=start, count=count):
            ms.gradient_descent(problem, start, step_size=STEP, max_iter=count, tol=0)

        move()
        times = 1e3 * in_turns({"move": move}, rounds=21)["move"]
        print(
            f"n={n}, m={m}, {count} iterations: median {np.median(times):.1f} ms, "
            f"worst {times.max():.1f} ms; allowed {allowed} ms"
        )


def microseconds(seconds):
    return f"{1e6 * seconds:.3g}" if seconds < 1e-3 else f"{1e6 * seconds:.0f}"


def describe():
    blas = [info for info in (threadpool_info() if threadpool_info else []) if "blas" in str(info)]
    kernels = ", ".join(str(info.get("architecture")) for info in blas) or "unknown"
    print(f"Python {platform.python_version()}, numpy {np.__version__}, BLAS kernels: {kernels}")
    for name, module in (("torch", torch), ("jax", jax)):
        print(f"{name}: {module.__version__ if module else 'not installed'}")
    for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        print(f"{variable}: {os.environ.get(variable, 'not set')}")
    if threadpool_limits is None:
        print("threadpoolctl: not installed; set OPENBLAS_NUM_THREADS=1 for a fair comparison")


if __name__ == "__main__":
    describe()
    with threadpool_limits(1) if threadpool_limits else nullcontext():
        iteration_table()
        sweep_table()
        slider_table()
