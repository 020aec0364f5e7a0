r"""Views of the chapter on greedy low-rank learning.

A view is a pure function of its parameters: it runs the experiment, draws it on a canvas, and
returns a description computed from what it drew. There are four instances: the 4 by 4 completion
problem with its number R; completion of a 12 by 12 PSD matrix with eigenvalues 4 and 1.5 from 60 %
of its entries (the chapter's instance) or with a third eigenvalue from 80 % (the stairs); a fully
observed 3 by 3 matrix with eigenvalues 1 and 0.2; and completion of a 20 by 20 matrix of rank 2
through a deep factorisation. ``draw`` seeds truth and entries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

import mscore as ms
from mscore.deep import _product
from mscore.figures._panels import above
from mscore.figures.style import format_number as f

__all__ = [
    "DECADES",
    "END_TO_END",
    "METHODS",
    "STAIRS",
    "arrival_of_the_second",
    "deep_completion_runs",
    "depth_and_separation",
    "depth_on_completion",
    "distance_to_greedy",
    "distances",
    "four_by_four",
    "hessian_matrix",
    "instance",
    "limit_of_flow",
    "limits",
    "many_errors",
    "many_instances",
    "one_instance",
    "rank_by_rank",
    "separation",
    "tiny_start",
    "which_completion",
]

DECADES = (1, 2, 4, 8, 16, 32, 100, 300, 1000, 10_000, 100_000, 300_000)


@lru_cache(maxsize=8)
def four_by_four(R):
    """Return the 4 by 4 completion problem; its truth is the completion of rank 1."""
    mask = np.zeros((4, 4), bool)
    mask[[0, 0, 1], [2, 3, 2]] = True
    operator = ms.ObservedEntries(mask | mask.T)
    v = np.array([1.0, R, 1.0, R])
    return ms.Problem(operator, operator.forward(np.outer(v, v)), np.outer(v, v))


@lru_cache(maxsize=128)
def limit_of_flow(R, decades):
    r"""Return the completion that the flow from :math:`10^{-\text{decades}}I` finds.

    A step may be wrong by a hundredth: the trace of the limit is right to four digits all the
    same, as the tests check.
    """
    run = ms.gradient_flow(
        four_by_four(R),
        np.eye(4),
        log_scale=-decades * np.log(10),
        max_time=1e12,
        tol=1e-12,
        accuracy=1e-2,
    )
    return run.X


def limits(R):
    """Return the traces of the limits at `DECADES`, from 0 (least trace) to 1 (rank 1)."""
    traces = np.array([np.trace(limit_of_flow(R, decades)) for decades in DECADES])
    return (traces - 4 * R) / (2 * R**2 + 2 - 4 * R)


def which_completion(canvas, *, R, decades):
    """The completion that gradient flow finds on the 4 by 4 problem."""
    trace = limits(R)
    at = DECADES.index(decades)
    panel = canvas.panel(
        "trace",
        title="Trace of the limit",
        xlabel="decades d of the initial scale",
        ylabel="0: least trace, 1: rank 1",
        xlim=(0.8, 4e5),
        ylim=(-0.08, 1.15),
        xscale="log",
    )
    panel.hline("low", 0, label="least nuclear norm, 4R", dash=1)
    panel.hline("high", 1, label="rank 1, 2R² + 2", dash=3)
    panel.vline("double", 308, label="smallest double", dash=2)
    panel.line("trace", DECADES, trace, label="limit of the flow", color=0, markers=True)
    panel.points("here", [decades], trace[[at]], label="now", color=1)
    X = limit_of_flow(R, decades)
    matrix = canvas.panel(
        "matrix",
        title="Its entries",
        xlabel="column",
        ylabel="row",
        xlim=(0.5, 4.5),
        ylim=(4.5, 0.5),
    )
    index = np.arange(1, 5)
    share = above(X / X.max(), 1e-4)
    matrix.cells(
        "entries", share, x=index, y=index, vmin=1e-4, vmax=1, log=True, label="over the largest"
    )
    values = np.linalg.eigvalsh(X)[::-1]
    return (
        f"R = {R}, α = 10^−{decades}: the limit has trace {f(np.trace(X), 4)}, between "
        f"{4 * R} and {2 * R**2 + 2}; its second eigenvalue is {f(values[1] / values[0], 2)} times "
        "the first."
    )


class _Instance(NamedTuple):
    problem: ms.Problem
    greedy: ms.GreedyRun


@lru_cache(maxsize=32)
def instance(draw, share=0.6, eigenvalues=(4.0, 1.5), mu=0.04):
    """Return a completion problem and greedy low-rank learning on it."""
    problem = ms.psd_completion(12, eigenvalues, share, rng=draw)
    return _Instance(problem, ms.greedy_low_rank(problem, step_size=mu))


STAIRS = {"share": 0.8, "eigenvalues": (4.0, 1.5, 0.6)}
_LEFT_AND_BACK = 1e-3  # a stage is shown from and to where it is this near its ends, relatively


@lru_cache(maxsize=8)
def _shown_stages(draw):
    """Return, for each stage of the stairs, 11 factors from its start to its end."""
    shown = []
    for stage in instance(draw, **STAIRS).greedy.stages:
        X = stage.path @ stage.path.swapaxes(-1, -2)
        size = _LEFT_AND_BACK * np.linalg.norm(stage.X)
        gone = np.linalg.norm(X - X[0], axis=(1, 2)) > size
        there = np.linalg.norm(X - X[-1], axis=(1, 2)) < size
        first, last = int(gone.argmax()), int(there.argmax())
        shown.append(stage.path[np.linspace(first, last, 11).round().astype(int)])
    return shown


def rank_by_rank(canvas, *, stage, draw):
    """Greedy low-rank learning, stage by stage: the estimate and what it has not yet explained."""
    problem, _ = instance(draw, **STAIRS)
    stages = _shown_stages(draw)
    position = np.concatenate([s + np.linspace(0, 1, 11) for s in range(3)])
    factors = [U for shown in stages for U in shown]
    values = np.zeros((len(factors), 3))
    for i, U in enumerate(factors):
        values[i, : U.shape[1]] = ms.singular_values(U)
    at = int(np.abs(position - stage).argmin())
    panel = canvas.panel(
        "estimate",
        title="Eigenvalues of the estimate",
        xlabel="stage",
        ylabel="eigenvalue",
        xlim=(-0.05, 3.05),
        ylim=(-0.2, 5),
    )
    for i, name in enumerate(("first", "second", "third")):
        panel.line(name, position, values[:, i], label=name, color=i)
    for s in (1, 2):
        panel.vline(f"end {s}", s, label="end of a stage" if s == 1 else None, dash=2)
    panel.points("here", [stage] * 3, values[at], label="now", color=3)
    E = np.linalg.eigvalsh(problem.residual_field(factors[at] @ factors[at].T))[::-1]
    field = canvas.panel(
        "field",
        title="Eigenvalues of the residual field",
        xlabel="index",
        ylabel="growth rate",
        xlim=(0.5, 12.5),
        ylim=(1e-4, 10),
        yscale="log",
    )
    field.points("field", np.arange(1, 13), above(E, 1e-4), label="now", color=3)
    error = ms.relative_error(factors[at] @ factors[at].T, problem.truth)
    return (
        f"Draw {draw}, stage {f(stage)}: the eigenvalues of the estimate are "
        f"{f(values[at, 0])}, {f(values[at, 1])} and {f(values[at, 2])}; the largest of the "
        f"residual field is {f(max(E[0], 0) if abs(E[0]) > 1e-4 else 0, 2)}, and the test error "
        f"{f(error, 2) if error > 1e-4 else 'below 10⁻⁴'}."
    )


LAST_TIME = 60


class Distances(NamedTuple):
    """What `distances` returns."""

    time: np.ndarray
    scales: np.ndarray
    distance: np.ndarray  # shape (time, scale)
    exponent: float  # measured between the last two scales
    corner: float
    tilt: float
    gap: float  # lambda_2 / lambda_1 of M
    nearest: np.ndarray  # least relative distance to each greedy solution, shape (2, scale)
    arrival: np.ndarray  # from the smallest scale: first time within 10 % of each solution
    ratio: np.ndarray  # second over first eigenvalue at the nearest approach to the first

    @property
    def law(self):
        """The exponent that the law predicts."""
        return min(self.corner, self.tilt)


def exponent_terms(problem, greedy):
    r"""Return the two exponents whose smaller one is the law for the distance; see the chapter.

    .. math:: (1-\rho)\,\frac{2h}{h+2\lambda_1'}, \qquad
        (1-\rho)\,\Bigl(1 - \frac{\lambda_2'}{\lambda_1'}\Bigr)
    """
    first, second = greedy.stages[:2]
    lag = 1 - first.eigenvalues[1] / first.eigenvalues[0]
    grows, next_grows = second.eigenvalues[:2]
    h = np.linalg.eigvalsh(hessian_matrix(problem, first.U))[0]
    return {"corner": lag * 2 * h / (h + 2 * grows), "tilt": lag * (1 - next_grows / grows)}


def hessian_matrix(problem, U):
    """Return the Hessian of the loss at `U` as a matrix, shape (n k, n k)."""
    directions = np.eye(U.size).reshape(U.size, *U.shape)
    return problem.hessian(U, directions).reshape(U.size, U.size)


@lru_cache(maxsize=32)
def distances(draw, mu=0.04):
    r"""Return how far gradient descent from :math:`\alpha I` is from the greedy path."""
    problem, greedy = instance(draw, mu=mu)
    scales = 10.0 ** -np.arange(1, 8, 2)
    rates = greedy.stages[0].eigenvalues
    every = 10
    steps = every * int(LAST_TIME / mu / every)
    run = ms.gradient_descent(
        problem,
        scales[:, None, None] * np.eye(12),
        step_size=mu,
        max_iter=steps,
        tol=0,
        record=range(0, steps + 1, every),
        observe={"X": lambda U: U @ U.swapaxes(-1, -2)},
    )
    X = run.history["X"]
    distance = ms.distance_to_path(X, greedy.path)
    farthest = distance.max(axis=0)
    solutions = [stage.X for stage in greedy.stages[:2]]
    away = np.array([np.linalg.norm(X - W, axis=(2, 3)) / np.linalg.norm(W) for W in solutions])
    at_first = X[away[0].argmin(axis=0), np.arange(len(scales))]
    there = np.linalg.eigvalsh(at_first)
    return Distances(
        time=mu * run.history["iteration"],
        scales=scales,
        distance=distance,
        exponent=ms.log_slope(scales[2:], farthest[2:]),
        **exponent_terms(problem, greedy),
        gap=float(rates[1] / rates[0]),
        nearest=away.min(axis=1),
        arrival=mu * run.history["iteration"][(away[..., -1] < 0.1).argmax(axis=1)],
        ratio=there[:, -2] / there[:, -1],
    )


def distance_to_greedy(canvas, *, draw):
    """How far gradient descent strays from the greedy path."""
    found = distances(draw)
    panel = canvas.panel(
        "along",
        title="Along the run",
        xlabel="time μt",
        ylabel="distance to the greedy path",
        xlim=(0, LAST_TIME),
        ylim=(1e-6, 10),
        yscale="log",
    )
    for i in range(4):
        panel.line(
            f"scale {i}",
            found.time,
            above(found.distance[:, i], 1e-9),
            label=f"α = {f(found.scales[i])}",
            color=i,
        )
    farthest = found.distance.max(axis=0)
    largest = canvas.panel(
        "farthest",
        title="The largest distance",
        xlabel="initial scale α",
        ylabel="largest distance",
        xlim=(5e-8, 0.2),
        ylim=(1e-5, 10),
        xscale="log",
        yscale="log",
    )
    largest.line("measured", found.scales, farthest, label="measured", color=0, markers=True)
    law = farthest[-1] * (found.scales / found.scales[-1]) ** found.law
    largest.line("law", found.scales, law, label="slope of the law", color=1)
    return (
        f"Draw {draw}: the second eigenvalue of M is {f(found.gap, 2)} of the first. The largest "
        f"distance to the greedy path falls from {f(farthest[0], 2)} at α = 0.1 to "
        f"{f(farthest[-1], 2)} at 10⁻⁷, with exponent {found.exponent:.2f} from 10⁻⁵ on; "
        f"the law says {found.law:.2f}."
    )


TINY_EIGENVALUES = (1.0, 0.2)


def _classical_runge_kutta(field, U, h, steps, record):
    """Return the factor at every `record`-th of `steps` steps of the method of order 4."""
    kept = [U]
    for step in range(1, steps + 1):
        a = field(U)
        b = field(U + h / 2 * a)
        c = field(U + h / 2 * b)
        U = U + h / 6 * (a + 2 * b + 2 * c + field(U + h * c))
        if step % record == 0:
            kept.append(U)
    return np.array(kept)


@lru_cache(maxsize=32)
def tiny_runs(decades):
    """Return times and the second eigenvalue: exact, of `gradient_flow`, descent, Runge-Kutta."""
    operator = ms.full_observation(3)
    truth = ms.psd_truth(3, TINY_EIGENVALUES, rng=0)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    Omega = np.random.default_rng(1).standard_normal((3, 3))
    log_scale, h = -decades * np.log(10), 0.2
    end = -6 * log_scale
    every = int(np.ceil(end / h / 120))
    steps = 120 * every
    time = h * every * np.arange(121)
    start = np.exp(log_scale) * Omega
    descent = ms.gradient_descent(
        problem,
        start,
        step_size=h,
        max_iter=steps,
        tol=0,
        record=range(0, steps + 1, every),
        observe={"X": lambda U: U @ U.swapaxes(-1, -2)},
    ).history["X"]
    classical = _classical_runge_kutta(lambda U: truth @ U - U @ (U.T @ U), start, h, steps, every)
    exact = ms.fully_observed_flow(truth, Omega, time, log_scale=log_scale)
    flow = ms.gradient_flow(
        problem, Omega, log_scale=log_scale, max_time=time[-1], tol=0, accuracy=1e-6
    )
    logs = flow.history["log_singular_values"][:, 1]
    second = {
        "exact": ms.singular_values(exact)[:, 1],
        "flow": np.exp(2 * np.interp(time, flow.history["time"], logs)),
        "descent": np.linalg.eigvalsh(descent)[:, -2],
        "classical": ms.singular_values(classical)[:, 1],
    }
    return time, second


def arrival_of_the_second(decades, method):
    """Return when the second eigenvalue reaches half its limit, over when it should."""
    time, second = tiny_runs(decades)
    half = TINY_EIGENVALUES[1] / 2
    when, due = (
        np.interp(0, second[name][first - 1 : first + 1] - half, time[first - 1 : first + 1])
        for name in (method, "exact")
        for first in [int((second[name] > half).argmax())]
    )
    return float(when / due)


def tiny_start(canvas, *, decades):
    """When the second direction arrives: exactly, and by three methods."""
    time, second = tiny_runs(decades)
    unit = decades * np.log(10)
    panel = canvas.panel(
        "second",
        height=340,
        xlabel="time over ln(1/α)",
        ylabel="second eigenvalue of the estimate",
        xlim=(0, 6),
        ylim=(-0.01, 0.25),
    )
    for color, (key, label) in enumerate(
        (
            ("exact", "exact"),
            ("flow", "gradient_flow"),
            ("descent", "gradient descent"),
            ("classical", "Runge–Kutta"),
        )
    ):
        panel.line(key, time / unit, second[key], label=label, color=color)
    arrivals = {key: arrival_of_the_second(decades, key) for key in second}
    return (
        f"α = 10^−{decades}: the second direction should arrive at time 5 ln(1/α). "
        f"gradient_flow is at {f(arrivals['flow'])} of the exact time, gradient descent at "
        f"{f(arrivals['descent'])} and Runge–Kutta at {f(arrivals['classical'])}."
    )


DEPTHS = (2, 3, 4)
END_TO_END = (0.1, 1e-2, 1e-3, 1e-4, 1e-5)


class Separation(NamedTuple):
    """What `separation` returns, at the scales `END_TO_END`, for one depth."""

    second: np.ndarray  # second singular value of the product when the first is half learnt
    time: np.ndarray  # when that is
    time_path: np.ndarray
    path: np.ndarray  # first two singular values, shape (time, scale, 2)


@lru_cache(maxsize=16)
def separation(depth, draw):
    r"""Run deep gradient descent from :math:`W_l = \alpha_e^{1/L}I` on the chapter's instance."""
    symmetric, greedy = instance(draw)
    mask = symmetric.operator.normal(np.ones((12, 12))) > 0
    operator = ms.RectangularEntries(mask)
    truth = symmetric.truth
    problem = ms.RectangularProblem(operator, operator.forward(truth), truth)
    scales = np.array(END_TO_END)
    starts = scales[:, None, None, None] ** (1 / depth) * np.stack([np.eye(12)] * depth)
    mu = 0.3 / (depth * np.linalg.norm(truth, 2) ** (2 - 2 / depth))
    rate = greedy.stages[0].eigenvalues[0]
    count = int((1.2 * escape_time(depth, scales[-1], rate) + 3 / rate) / mu)
    run = ms.deep_descent(
        problem,
        starts,
        step_size=mu,
        max_iter=count,
        tol=0,
        record=300,
        observe={"values": lambda W: np.linalg.svd(_product(W), compute_uv=False)[:, :2]},
    )
    time, values = mu * run.history["iteration"], run.history["values"]
    half = np.linalg.norm(greedy.stages[0].X, 2) / 2
    second, when = np.empty(len(scales)), np.empty(len(scales))
    for i, path in enumerate(np.moveaxis(values, 1, 0)):
        rising = slice(None, int((path[:, 0] > half).argmax()) + 1)
        when[i] = np.interp(half, path[rising, 0], time[rising])
        second[i] = np.exp(np.interp(when[i], time, np.log(path[:, 1])))
    return Separation(second, when, time, values)


def escape_time(depth, scale, rate):
    """Return the time in which a direction of a growth rate leaves the end-to-end scale."""
    if depth == 2:
        return np.log(1 / scale) / (2 * rate)
    return scale ** -(1 - 2 / depth) / ((depth - 2) * rate)


def depth_and_separation(canvas, *, depth, alpha_e):
    """How far the second direction lags behind the first, at several depths."""
    at = END_TO_END.index(alpha_e)
    found = separation(depth, 1)
    time, path = found.time_path / found.time[at], above(found.path[:, at], 1e-6)
    shown = time <= 1.5
    panel = canvas.panel(
        "run",
        title="Singular values of the product",
        xlabel="time, 1 when the first is half learnt",
        ylabel="singular value",
        xlim=(0, 1.5),
        ylim=(1e-6, 10),
        yscale="log",
    )
    for i, name in enumerate(("first", "second")):
        panel.line(name, time[shown], path[shown, i], label=name, color=i)
    panel.points("lag", [1.0], found.second[[at]], label="second, now", color=2)
    lags = canvas.panel(
        "lags",
        title="The second when the first is half learnt",
        xlabel="end-to-end scale αₑ",
        ylabel="second singular value",
        xlim=(5e-6, 0.2),
        ylim=(1e-6, 10),
        xscale="log",
        yscale="log",
    )
    gap = 1 - distances(1).gap
    for color, layers in enumerate(DEPTHS):
        second = separation(layers, 1).second
        label = f"depth {layers}"
        lags.line(f"depth {layers}", END_TO_END, second, label=label, color=color, markers=True)
    lags.points("here", [alpha_e], found.second[[at]], label="now", color=3)
    slope = ms.log_slope(END_TO_END[1:], found.second[1:])
    law = gap if depth == 2 else 1.0
    return (
        f"Depth {depth}, end-to-end scale {f(alpha_e)}: when the first direction is half learnt, "
        f"at time {f(found.time[at])}, the second has size {f(found.second[at], 2)}. Over the last "
        f"four scales the exponent is {slope:.2f}; the law says {law:.2f}."
    )


@lru_cache(maxsize=32)
def deep_completion_runs(draw, depth):
    """Return runs of deep matrix completion from each of three end-to-end scales."""
    truth = ms.rectangular_truth(20, 20, [1.0, 0.8], rng=draw)
    mask = np.random.default_rng(draw + 50).random((20, 20)) < 0.35
    operator = ms.RectangularEntries(mask)
    problem = ms.RectangularProblem(operator, operator.forward(truth), truth)
    starts = [ms.balanced_factors(20, depth, scale, rng=7) for scale in DEEP_SCALES]
    return ms.deep_descent(
        problem,
        np.stack(starts),
        step_size=0.6 / depth,
        max_iter=2500,
        tol=1e-3,
        record=60,
        observe={"rank": lambda W: ms.effective_rank(_product(W))},
    )


DEEP_SCALES = (0.1, 1e-2, 1e-3)


def depth_on_completion(canvas, *, alpha_e, draw):
    """Completion through two, three and four factors."""
    at = DEEP_SCALES.index(alpha_e)
    axes = {"xlabel": "iteration", "xlim": (0, 2500)}
    errors = canvas.panel(
        "error", title="Test error", ylabel="relative error", ylim=(1e-3, 3), yscale="log", **axes
    )
    ranks = canvas.panel(
        "rank", title="Effective rank", ylabel="effective rank", ylim=(0, 20), **axes
    )
    words = []
    for color, depth in enumerate(DEPTHS):
        run = deep_completion_runs(draw, depth)
        t, label = run.history["iteration"], f"depth {depth}"
        error, rank = run.history["error"][:, at], run.history["rank"][:, at]
        errors.line(label, t, above(error, 1e-3), label=label, color=color)
        ranks.line(label, t, rank, label=label, color=color)
        words.append(f"at depth {depth} {f(error[-1], 2)} and {f(rank[-1], 2)}")
    ranks.hline("truth", 2, label="rank of the truth", dash=3)
    return (
        f"End-to-end scale {f(alpha_e)}, draw {draw}: the final test error and effective rank are "
        f"{', '.join(words)}."
    )


METHODS = ("gradient descent", "greedy learning", "least nuclear norm")


@lru_cache(maxsize=64)
def _completions(draw, share):
    """Return a completion problem and what each of `METHODS` makes of it."""
    problem = ms.psd_completion(12, [4.0, 1.5], share, rng=draw)
    runs = (
        ms.gradient_descent(
            problem, 1e-4 * np.eye(12), step_size=0.05, max_iter=3000, tol=1e-4, record=30
        ),
        ms.greedy_low_rank(problem, step_size=0.05, scale=1e-3, tol=1e-3, max_iter=3000),
        ms.minimise_nuclear_norm(problem, tol=1e-5, max_iter=500),
    )
    return problem, {method: run.X for method, run in zip(METHODS, runs, strict=True)}


def many_errors(share, draws=8):
    """Return the test errors of each of `METHODS` on many instances, the least first."""
    errors = {method: [] for method in METHODS}
    for draw in range(draws):
        problem, found = _completions(draw, share)
        for method, X in found.items():
            errors[method].append(float(ms.relative_error(X, problem.truth)))
    return {method: np.sort(values) for method, values in errors.items()}


def many_instances(canvas, *, share):
    """Three methods on many completion problems."""
    errors = many_errors(share)
    panel = canvas.panel(
        "errors",
        height=340,
        xlabel="instance, from the best to the worst",
        ylabel="test error",
        xlim=(0.5, 8.5),
        ylim=(1e-4, 5),
        yscale="log",
    )
    for color, method in enumerate(METHODS):
        shown = above(errors[method], 1e-4)
        panel.line(method, np.arange(1, 9), shown, label=method, color=color, markers=True)
    found = [int(np.sum(errors[method] < 0.05)) for method in METHODS]
    return (
        f"{100 * share:.0f} % of the entries: of 8 instances, gradient descent finds {found[0]} "
        f"to within 5 %, greedy learning {found[1]} and the least nuclear norm "
        f"{found[2]}; the largest errors are {', '.join(f(errors[k][-1], 2) for k in errors)}."
    )


def one_instance(canvas, *, method, draw):
    """One completion problem, half of its entries seen: what a method makes of it."""
    problem, found = _completions(draw, 0.5)
    X, truth = found[method], problem.truth
    spectrum = canvas.panel(
        "spectrum",
        title="Eigenvalues",
        xlabel="index",
        ylabel="eigenvalue",
        xlim=(0.5, 12.5),
        ylim=(1e-6, 10),
        yscale="log",
    )
    values = np.linalg.eigvalsh(X)[::-1]
    index = np.arange(1, 13)
    spectrum.line(
        "found", index, above(values, 1e-6), label="of the estimate", color=0, markers=True
    )
    spectrum.points("truth", [1, 2], [4.0, 1.5], label="of the truth", color=1)
    misses = canvas.panel(
        "misses",
        title="Error of each entry",
        xlabel="column",
        ylabel="row",
        xlim=(0.5, 12.5),
        ylim=(12.5, 0.5),
    )
    wrong = above(np.abs(X - truth) / np.abs(truth).max(), 1e-4)
    misses.cells(
        "wrong", wrong, x=index, y=index, vmin=1e-4, vmax=1, log=True, label="over the largest"
    )
    return (
        f"Draw {draw}, {method}: the test error is {f(ms.relative_error(X, truth), 2)}, the trace "
        f"{f(np.trace(X))} against 5.5 of the truth, and the effective rank "
        f"{f(ms.effective_rank(X))}."
    )
