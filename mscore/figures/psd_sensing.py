r"""Views of the chapter on PSD matrix sensing.

A view is a pure function of its parameters: it runs the experiment, draws it on a canvas, and
returns a description computed from what it drew. Unless a view says otherwise, the instance is
the chapter's: size and width 40, rank 2, all nonzero eigenvalues 1, 360 measurements, step 0.2.
``draw`` seeds the truth and the operator, and ``draw + START_SEED`` the start.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import mscore as ms
from mscore.figures._panels import FITTED, above, draw_error_against_scale, draw_errors
from mscore.figures.style import format_number as f

__all__ = [
    "blocks_seen_apart",
    "error_against_measurements",
    "error_against_scale",
    "error_along_the_run",
    "interpolants_against_measurements",
    "nuclear_norm_against_scale",
    "recovery_diagram",
    "restricted_isometry",
    "signal_and_noise",
    "step_size_and_stability",
    "width_and_time",
]

N, RANK, M, MU = 40, 2, 360, 0.2
START_SEED = 100
# The smaller instance of the experiments that need many problems.
SMALL_N, SMALL_MU = 20, 0.15


@lru_cache(maxsize=256)
def _problem(draw, *, n=N, rank=RANK, m=M, allow_vacuous=False):
    return ms.psd_sensing(n, rank, m, rng=draw, dtype="float32", allow_vacuous=allow_vacuous)


def _start(problem, draw, alpha, width=None):
    return ms.gaussian_start(problem, width or problem.n, alpha, rng=draw + START_SEED)


def _draw_run(canvas, run, *, last, ylim, **panel):
    """Draw training and test error along a run; return the iterations and the two errors."""
    t, train, test = (run.history[name] for name in ("iteration", "residual", "error"))
    draw_errors(canvas, t, train, test, last=last, ylim=ylim, **panel)
    return t, train, test


def error_along_the_run(canvas, *, alpha, draw):
    """Training and test error, and the eigenvalues of the estimate, along one run."""
    problem = _problem(draw)
    run = ms.gradient_descent(
        problem,
        _start(problem, draw, alpha),
        step_size=MU,
        max_iter=500,
        tol=0,
        record=np.arange(0, 501, 10),
        observe={"eigenvalues": lambda U: ms.singular_values(U)[..., :3]},
    )
    t, train, test = _draw_run(canvas, run, last=500, ylim=(1e-7, 10), title="Errors")
    eigenvalues = run.history["eigenvalues"]

    spectrum = canvas.panel(
        "spectrum",
        title="Largest eigenvalues of the estimate",
        xlabel="iteration",
        ylabel="eigenvalue",
        xlim=(0, 500),
        ylim=(1e-14, 100),
        yscale="log",
    )
    for i, name in enumerate(("first", "second", "third")):
        spectrum.line(name, t, above(eigenvalues[:, i], 1e-16), label=name, color=i)

    third = eigenvalues[-1, 2]
    found = test[-1] < 0.02
    verdict = "It comes close to the truth." if found else "It fits without finding the truth."
    return (
        f"Initial scale {f(alpha)}, draw {draw}: after 500 iterations the training error is "
        f"{f(train[-1], 2)} and the test error {f(test[-1], 2)}; the third eigenvalue, zero in the "
        f"truth, is {f(third, 2)}. {verdict}"
    )


def signal_and_noise(canvas, *, alpha):
    r"""The race between signal and noise: the second and third singular value of the factor."""
    problem = _problem(0)
    start = _start(problem, 0, alpha)
    run = ms.gradient_descent(
        problem,
        start,
        step_size=MU,
        max_iter=400,
        tol=0,
        record=np.arange(0, 401, 4),
        observe={"sigma": _second_and_third},
    )
    t, error = run.history["iteration"], run.history["error"]
    signal, noise = run.history["sigma"].T
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    powers = (1 + MU * values) ** t[:, None]
    linear = _second_and_third(powers[:, :, None] * (vectors.T @ start))
    early = linear[:, 0] <= 1
    arrival = t[early][-1]

    panel = canvas.panel(
        "race",
        height=320,
        xlabel="iteration",
        ylabel="singular value of U",
        xlim=(0, 200),
        ylim=(1e-8, 10),
        yscale="log",
    )
    panel.line("signal", t, signal, label="signal: the second", color=0)
    panel.line("noise", t, noise, label="noise: the third", color=1)
    panel.line("linear signal", t[early], linear[early, 0], label="second, linear", color=2)
    panel.line("linear noise", t[early], linear[early, 1], label="third, linear", color=3)
    panel.vline("arrival", arrival, label="arrival", dash=4)
    return (
        f"Initial scale {f(alpha)}: the linear iteration brings the signal to 1 at iteration "
        f"{arrival} and the noise to {f(linear[early, 1][-1], 2)}. The measured noise ends at "
        f"{f(noise[-1], 2)}. At iteration 400 the test error is {f(error[-1], 2)}, "
        f"and the noise squared {f(noise[-1] ** 2, 2)}."
    )


def _second_and_third(U):
    return np.linalg.svd(U, compute_uv=False)[..., RANK - 1 : RANK + 1]


def error_against_scale(canvas, *, width, m):
    """Test error after 500 iterations against the initial scale."""
    problem = _problem(0, m=m)
    alphas = 10.0 ** -np.arange(0.5, 8.25, 0.5)
    run = ms.gradient_descent(
        problem, _start(problem, 0, alphas, width), step_size=MU, max_iter=500, tol=0, record=2
    )
    error = run.history["error"][-1]
    law = ms.scale_exponent(problem, MU) if width > RANK else None
    slope = draw_error_against_scale(canvas, alphas, error, xlim=(3e-9, 1), law=law)
    if law is None:
        return (
            f"Width {width}, the rank itself, {m} measurements: there is no surplus column, and "
            "the error does not scale with α. For α ≤ 10⁻³ it is at most "
            f"{f(error[alphas <= FITTED].max(), 2)}, which is what 500 iterations leave of it."
        )
    return (
        f"Width {width}, {m} measurements: the test error falls from {f(error[0], 2)} at "
        f"α = {f(alphas[0], 2)} to {f(error[-1], 2)} at α = {f(alphas[-1], 2)}. The fitted "
        f"slope is {slope:.2f}; the law predicts {law:.2f}."
    )


def width_and_time(canvas, *, alpha):
    """Iterations to a test error of 0.1, and the final error, against the width."""
    problem = _problem(0)
    widths, draws = (2, 3, 4, 8, 16, 40), 5
    starts = [
        ms.gaussian_start(problem, width, alpha, rng=START_SEED + draw)
        for width in widths
        for draw in range(draws)
    ]
    run = ms.gradient_descent(
        problem,
        ms.stack_starts(starts),
        step_size=MU,
        max_iter=400,
        tol=0,
        record=np.arange(0, 401, 2),
    )
    t, error = run.history["iteration"], run.history["error"]
    # The error at the start is about 1, so an index of 0 would mean "never".
    first = (error <= 0.1).argmax(axis=0)
    if (first == 0).any():
        raise RuntimeError("a run did not reach a test error of 0.1 in 400 iterations")
    steps = t[first].reshape(len(widths), draws)
    final = error[-1].reshape(len(widths), draws)
    x = np.repeat(widths, draws)

    ticks = {width: str(width) for width in widths}
    axes = {"xlabel": "width k", "xlim": (1.7, 48), "xscale": "log", "xticks": ticks}
    time = canvas.panel(
        "time", title="Time", ylabel="iterations to test error 0.1", ylim=(0, 160), **axes
    )
    time.points("steps", x, steps.ravel(), label="one start", color=0)
    time.line("median", widths, np.median(steps, axis=1), label="median", color=1, dash=0)
    result = canvas.panel(
        "result",
        title="Result",
        ylabel="test error after 400 iterations",
        ylim=(1e-16, 1),
        yscale="log",
        **axes,
    )
    result.points("final", x, above(final.ravel(), 1e-16), label="one start", color=0)
    spread = steps.max(axis=1) - steps.min(axis=1)
    return (
        f"Initial scale {f(alpha)}: width 2 takes a median of {np.median(steps[0]):.0f} iterations "
        f"with a spread of {spread[0]}, width 40 takes {np.median(steps[-1]):.0f} with a spread of "
        f"{spread[-1]}. From width 3 to width 40 the median error goes from "
        f"{f(np.median(final[1]), 2)} to {f(np.median(final[-1]), 2)}."
    )


@lru_cache(maxsize=64)
def _small_instance_errors(rank, m, alpha, draw):
    """Final test error of the small start, of a start of scale 1, and of the least trace."""
    problem = _problem(draw, n=SMALL_N, rank=rank, m=m, allow_vacuous=True)
    start = _start(problem, draw, [alpha, 1.0])
    run = ms.gradient_descent(problem, start, step_size=SMALL_MU, max_iter=600, record=8)
    least = ms.minimise_nuclear_norm(problem, max_iter=1000, tol=1e-6)
    return (*run.history["error"][-1], float(ms.relative_error(least.X, problem.truth)))


def error_against_measurements(canvas, *, rank):
    """Test error of three methods against the number of measurements, size 20."""
    thresholds = ms.measurement_thresholds(SMALL_N, rank)
    last = round(thresholds.unique) + 45
    counts = np.linspace(thresholds.degrees_of_freedom * 0.6, last, 8).round().astype(int)
    errors = np.median(
        [[_small_instance_errors(rank, int(m), 1e-4, draw) for m in counts] for draw in range(3)],
        axis=0,
    )
    panel = canvas.panel(
        "methods",
        height=340,
        xlabel="measurements m",
        ylabel="test error, median of 3 draws",
        xlim=(0, 190),
        ylim=(1e-7, 10),
        yscale="log",
    )
    vacuous = np.array([thresholds.bounded, 190.0])
    panel.band(
        "vacuous", vacuous, [1e-7] * 2, [10] * 2, label="m ≥ n(n+1)/4: proves nothing", color=5
    )
    labels = (
        "gradient descent, α = 10⁻⁴",
        "gradient descent, α = 1",
        "least nuclear norm",
    )
    keys = ("small", "large", "convex")
    for color, (key, label) in enumerate(zip(keys, labels, strict=True)):
        # A diverged run keeps the last error before it blew up, which can be beyond the axis.
        values = np.clip(errors[:, color], 1e-7, 10)
        panel.line(key, counts, values, label=label, color=color, markers=True)
    panel.vline(
        "parameters", thresholds.degrees_of_freedom, label="parameters of the truth", dash=0
    )
    panel.vline("unique", thresholds.unique, label="m⋆: the truth alone fits", dash=1)
    honest = counts[counts < thresholds.bounded][-1]
    at = dict(zip(keys, errors[counts == honest][0], strict=True))
    return (
        f"Rank {rank}, size 20: with {honest} measurements, the last count before the shaded "
        f"region, the median test error is {f(at['small'], 2)} from the small start, "
        f"{f(at['large'], 2)} from the large one and {f(at['convex'], 2)} for the least nuclear "
        f"norm. With {last} measurements the large start is down to {f(errors[-1, 1], 2)}."
    )


def interpolants_against_measurements(canvas):
    """Greatest minus least trace of the PSD matrices that fit, size 20, rank 2."""
    counts, draws = (90, 100, 110, 120, 130, 140, 150, 160), 3
    spread = np.array([[trace_spread(m, draw) for draw in range(draws)] for m in counts])
    thresholds = ms.measurement_thresholds(SMALL_N, RANK)
    panel = canvas.panel(
        "spread",
        height=320,
        xlabel="measurements m",
        ylabel="greatest minus least trace",
        xlim=(85, 165),
        ylim=(1e-7, 1e4),
        yscale="log",
    )
    shown = np.clip(spread, 1e-7, 1e4)
    panel.points("draws", np.repeat(counts, draws), shown.ravel(), label="one draw", color=0)
    panel.line("median", counts, np.median(shown, axis=1), label="median", color=1)
    panel.vline("bounded", thresholds.bounded, label="n(n+1)/4", dash=0)
    panel.vline("unique", thresholds.unique, label="m⋆", dash=2)
    return (
        f"Over the trace of the truth, the median spread of the traces that fit is "
        f"{f(np.median(shown[0]), 2)} with {counts[0]} measurements, "
        f"{f(np.median(shown[3]), 2)} with {counts[3]}, and at most "
        f"{f(np.median(shown[-1]), 2)} with {counts[-1]}."
    )


@lru_cache(maxsize=64)
def trace_spread(m, draw):
    """Return how far apart the traces of PSD interpolants can be, over that of the truth.

    Where the interpolants are unbounded the search for the greatest trace does not converge, and
    the number is where it stood after 400 iterations.
    """
    problem = _problem(draw, n=SMALL_N, m=m, allow_vacuous=True)
    least, greatest = (
        np.trace(ms.minimise_linear(problem, sign * np.eye(SMALL_N), max_iter=400, tol=1e-6).X)
        for sign in (1, -1)
    )
    return float(abs(greatest - least) / np.trace(problem.truth))


def recovery_diagram(canvas):
    """Test error of the small start over the rank and the number of measurements, size 20."""
    ranks, counts, draws = np.arange(1, 6), np.arange(10, 101, 10), 3
    error = np.empty((len(ranks), len(counts)))
    for i, rank in enumerate(ranks):
        for j, m in enumerate(counts):
            finals = []
            for draw in range(draws):
                problem = _problem(draw, n=SMALL_N, rank=int(rank), m=int(m))
                start = _start(problem, draw, 1e-4)
                run = ms.gradient_descent(
                    problem, start, step_size=SMALL_MU, max_iter=600, record=8
                )
                finals.append(run.history["error"][-1])
            error[i, j] = np.median(finals)
    parameters = [ms.measurement_thresholds(SMALL_N, rank).degrees_of_freedom for rank in ranks]

    panel = canvas.panel(
        "diagram",
        height=320,
        xlabel="measurements m",
        ylabel="rank of the truth",
        xlim=(5, 105),
        ylim=(0.5, 5.5),
        yticks={rank: str(rank) for rank in ranks},
    )
    panel.cells(
        "error",
        error,
        x=counts,
        y=ranks,
        vmin=1e-3,
        vmax=1,
        log=True,
        label="median test error of 3 draws",
    )
    panel.line("parameters", parameters, ranks, label="parameters of the truth", color=1, dash=0)
    found = [int((row < 0.05).argmax()) if (row < 0.05).any() else None for row in error]
    words = [
        f"rank {rank} from m = {counts[j]}" if j is not None else f"rank {rank} nowhere"
        for rank, j in zip(ranks, found, strict=True)
    ]
    return (
        "The median test error of gradient descent from α = 10⁻⁴ is below 0.05 for "
        + ", ".join(words)
        + ". All counts stay below n(n+1)/4 = 105."
    )


_ISOMETRY_COUNTS = (40, 80, 160, 320)


@lru_cache(maxsize=64)
def _isometry(m, rank):
    """Ratios on random matrices, and the extreme ratios that a search finds."""
    operator = ms.SymmetricGaussian(N, m, rng=0)
    ratios = ms.empirical_rip(operator, rank, samples=200, rng=1)
    return ratios, ms.extreme_rip(operator, rank, starts=2, iterations=25, rng=2)


def restricted_isometry(canvas, *, m, rank_of_Z):
    """How much the operator stretches low-rank matrices: random ones and the worst found."""
    ratios, (low, high) = _isometry(m, rank_of_Z)
    edges = np.geomspace(1e-3, 30, 61)
    axes = {"xscale": "log", "xlim": (1e-3, 30)}
    label = "‖A(Z)‖² / ‖Z‖²"
    panel = canvas.panel(
        "ratios",
        title="At this m",
        xlabel=label,
        ylabel="random matrices per bin",
        ylim=(0, 150),
        **axes,
    )
    counts = np.histogram(ratios, edges)[0]
    panel.bars("random", edges, counts, label="200 random matrices", color=0)
    panel.vline("low", max(low, 1e-3), label="smallest found", color=1, dash=0)
    panel.vline("high", high, label="largest found", color=3, dash=1)
    growth = canvas.panel(
        "growth",
        title="Against m",
        xlabel="measurements m",
        ylabel=label,
        xlim=(35, 370),
        ylim=(1e-3, 30),
        xscale="log",
        yscale="log",
        xticks={count: str(count) for count in _ISOMETRY_COUNTS},
    )
    ends = np.array([_isometry(count, rank_of_Z)[1] for count in _ISOMETRY_COUNTS])
    typical = np.array([_isometry(count, rank_of_Z)[0] for count in _ISOMETRY_COUNTS])
    growth.band(
        "typical",
        _ISOMETRY_COUNTS,
        typical.min(axis=1),
        typical.max(axis=1),
        label="200 random matrices",
        color=0,
    )
    for column, (key, label, color) in enumerate(
        (("low", "smallest found", 1), ("high", "largest found", 3))
    ):
        values = above(ends[:, column], 1e-3)
        growth.line(key, _ISOMETRY_COUNTS, values, label=label, color=color, markers=True)
    law = (1 + np.sqrt(1.3 * N * rank_of_Z / np.array(_ISOMETRY_COUNTS))) ** 2
    growth.line("law", _ISOMETRY_COUNTS, law, label="(1 + √(1.3 ns/m))²", color=2)
    growth.vline("here", m, label="this m", dash=4)
    return (
        f"{m} measurements, matrices of rank {rank_of_Z}: 200 random ones are stretched by "
        f"{f(ratios.min(), 2)} to {f(ratios.max(), 2)}, but a search finds {f(low, 2)} and "
        f"{f(high, 2)}. So the restricted isometry constant is at least "
        f"{f(max(1 - low, high - 1), 2)}."
    )


def nuclear_norm_against_scale(canvas, *, m, draw):
    """Trace and effective rank of what gradient descent finds, against the initial scale."""
    problem = _problem(draw, n=SMALL_N, m=m)
    alphas = 10.0 ** -np.arange(0.5, 8.25, 0.5)
    run = ms.gradient_descent(
        problem,
        [ms.identity_start(problem, alpha) for alpha in alphas],
        step_size=SMALL_MU,
        max_iter=1500,
        tol=1e-7,
        record=30,
    )
    error = run.history["error"][-1]
    least = ms.minimise_nuclear_norm(problem)
    true_trace = np.trace(problem.truth)
    trace = np.trace(run.X, axis1=1, axis2=2) / true_trace
    rank = ms.effective_rank(run.X)
    least_trace, least_rank = np.trace(least.X) / true_trace, float(ms.effective_rank(least.X))
    least_error = float(ms.relative_error(least.X, problem.truth))

    axes = {"xlabel": "initial scale α", "xlim": (6e-9, 0.5), "xscale": "log"}
    traces = canvas.panel(
        "trace",
        title="Nuclear norm",
        ylabel="trace over that of the truth",
        ylim=(0.7, 1.3),
        **axes,
    )
    ranks = canvas.panel("rank", title="Rank", ylabel="effective rank", ylim=(1, 7), **axes)
    tests = canvas.panel(
        "error", title="Test error", ylabel="test error", ylim=(1e-9, 3), yscale="log", **axes
    )
    for panel, values, least_value in (
        (traces, trace, least_trace),
        (ranks, rank, least_rank),
        (tests, error, least_error),
    ):
        panel.line(
            "descent", alphas, values, label="gradient descent from αI", color=0, markers=True
        )
        panel.hline("least", least_value, label="least nuclear norm", color=1, dash=1)
    return (
        f"{m} measurements, draw {draw}: at the smallest α the trace that gradient descent finds "
        f"is {f(trace[-1] / least_trace)} times the least possible, and its effective rank is "
        f"{f(rank[-1])} against {f(least_rank)}. Its test error is {f(error[-1], 2)}, that of the "
        f"least nuclear norm {f(least_error, 2)}."
    )


def step_size_and_stability(canvas, *, mu, alpha):
    """Training and test error for one step size."""
    problem = _problem(0)
    run = ms.gradient_descent(
        problem,
        _start(problem, 0, alpha),
        step_size=mu,
        max_iter=150,
        tol=0,
        record=np.arange(0, 151),
    )
    _, _, test = _draw_run(canvas, run, last=150, ylim=(1e-4, 1e3), height=320)
    if run.n_iter < 150:
        canvas.panels["errors"].text(
            "verdict", 75, 100, f"diverges after iteration {run.n_iter}", align="center"
        )
    return (
        f"Step {f(mu)}, initial scale {f(alpha)}: the run {run.stop_reason}. The last recorded "
        f"test error is {f(test[-1], 2)}. Near the truth, steps below "
        f"{stable_step(problem):.2f} are stable."
    )


@lru_cache(maxsize=8)
def stable_step(problem):
    """Return 2 over the sharpness at the truth: the largest stable step near it."""
    values, vectors = np.linalg.eigh(problem.truth)
    return 2 / ms.sharpness(problem, vectors * np.sqrt(np.maximum(values, 0)), rng=0)


def blocks_seen_apart(canvas, *, seen_share, draw):
    """Matrix completion when two blocks are seen, and little of what connects them."""
    rng = np.random.default_rng(draw)
    v = rng.standard_normal(N)
    truth = np.outer(v, v) / (v @ v)
    half = N // 2
    between = rng.random((half, half)) < seen_share
    observed = np.ones((N, N), dtype=bool)
    observed[:half, half:], observed[half:, :half] = between, between.T
    operator = ms.ObservedEntries(observed)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    run = ms.gradient_descent(
        problem,
        _start(problem, draw, 1e-4),
        step_size=MU,
        max_iter=1000,
        tol=0,
        record=np.arange(0, 1001, 10),
    )
    _, train, test = _draw_run(canvas, run, last=1000, ylim=(1e-8, 2), height=320)
    return (
        f"Draw {draw}, {between.sum()} of the {half * half} entries between the blocks seen: after "
        f"1000 iterations the training error is {f(train[-1], 2)} and the test error "
        f"{f(test[-1], 2)}. The effective rank is {f(float(ms.effective_rank(run.X)))}."
    )
