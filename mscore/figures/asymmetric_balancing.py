r"""Views of the chapter on asymmetric factors and balancing.

A view is a pure function of its parameters: it runs the experiment, draws it on a canvas, and
returns a description computed from what it drew. Unless a view says otherwise, the instance is
the chapter's: a truth of size 30 by 20 with singular values 1 and 0.6, width 20, 350 measurements,
step 0.2. With 600 measurements every entry is observed. ``draw`` seeds the truth and the operator,
and ``draw + START_SEED`` the start.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import mscore as ms
from mscore.figures._panels import FITTED, above, draw_error_against_scale, draw_errors
from mscore.figures.style import format_number as f

__all__ = [
    "coupling_of_the_factors",
    "imbalance_against_step",
    "imbalance_along_the_run",
    "large_steps",
    "observed_entries",
    "recovery_against_scale",
    "recovery_along_the_run",
    "scalar_imbalance",
    "unbalanced_starts",
]

N1, N2, WIDTH, M, MU = 30, 20, 20, 350, 0.2
VALUES = (1.0, 0.6)
RANK = len(VALUES)
START_SEED = 100
# Observed whole where much is measured on them: one call on all that a run recorded is faster.
FACTORS = {"F": lambda F, G: F, "G": lambda F, G: G}


@lru_cache(maxsize=64)
def sensing_problem(draw, m=M, values=VALUES):
    """Return the chapter's instance; with ``m = 600`` the one where every entry is observed."""
    if m < N1 * N2:
        return ms.rectangular_sensing(N1, N2, values, m, rng=draw, dtype="float32")
    truth = ms.rectangular_truth(N1, N2, values, rng=draw)
    operator = ms.rectangular_full_observation(N1, N2)
    return ms.RectangularProblem(operator, operator.forward(truth), truth)


def _start(problem, draw, alpha, width=WIDTH, beta=None):
    return ms.gaussian_pair(problem, width, alpha, rng=draw + START_SEED, second_scale=beta)


def _norm(matrices):
    """Return the spectral norms of symmetric matrices."""
    return np.abs(np.linalg.eigvalsh(matrices)).max(axis=-1)


def imbalance_norm(F, G):
    r"""Return the spectral norm of :math:`\Delta = F^\top F - G^\top G`, to observe along a run."""
    return _norm(ms.imbalance(F, G))


def product_values(F, G):
    r"""Return the three largest singular values of :math:`FG^\top`, to observe along a run."""
    return np.linalg.svd(F @ np.swapaxes(G, -1, -2), compute_uv=False)[..., : RANK + 1]


def recovery_along_the_run(canvas, *, alpha, draw):
    """Training and test error, and the singular values of the estimate, along one run."""
    problem = sensing_problem(draw)
    run = ms.pair_descent(
        problem,
        *_start(problem, draw, alpha),
        step_size=MU,
        max_iter=600,
        tol=0,
        record=np.arange(0, 601, 10),
        observe={"values": product_values},
    )
    t, train, test = (run.history[name] for name in ("iteration", "residual", "error"))
    values = run.history["values"]

    draw_errors(canvas, t, train, test, last=600, ylim=(1e-7, 10), title="Errors")
    spectrum = canvas.panel(
        "spectrum",
        title="Largest singular values of the estimate",
        xlabel="iteration",
        ylabel="singular value",
        xlim=(0, 600),
        ylim=(1e-14, 100),
        yscale="log",
    )
    for i, name in enumerate(("first", "second", "third")):
        spectrum.line(name, t, above(values[:, i], 1e-16), label=name, color=i)
    found = test[-1] < 0.05
    verdict = "It is close to the truth." if found else "It is not close to the truth."
    return (
        f"Initial scale {f(alpha)}, draw {draw}: after 600 iterations the training error is "
        f"{f(train[-1], 2)} and the test error {f(test[-1], 2)}; the third singular value, zero in "
        f"the truth, is {f(values[-1, 2], 2)}. {verdict}"
    )


def recovery_against_scale(canvas, *, width, m):
    """Test error after 600 iterations against the initial scale, equal singular values."""
    problem = sensing_problem(0, m, (1.0, 1.0))
    alphas = 10.0 ** -np.arange(0.5, 7.25, 0.75)
    run = ms.pair_descent(
        problem, *_start(problem, 0, alphas, width), step_size=MU, max_iter=600, tol=0, record=2
    )
    error = run.history["error"][-1]
    law = ms.scale_exponent(problem, MU) if width > RANK else None
    slope = draw_error_against_scale(canvas, alphas, error, xlim=(1e-7, 1), law=law)
    if law is None:
        return (
            f"Width {width}, the rank itself, {m} measurements: there is no surplus column, and "
            f"for α ≤ 10⁻³ the error is at most {f(error[alphas <= FITTED].max(), 2)}."
        )
    return (
        f"Width {width}, {m} measurements: the test error falls from {f(error[0], 2)} at "
        f"α = {f(alphas[0], 2)} to {f(error[-1], 2)} at α = {f(alphas[-1], 2)}. The fitted "
        f"slope is {slope:.2f}; the law predicts {law:.2f}."
    )


def slope_and_edge(draw):
    """Return the fitted slope and the noise edge over their laws, for equal singular values."""
    problem, alphas = sensing_problem(draw, M, (1.0, 1.0)), np.geomspace(1e-3, 1e-7, 3)
    run = ms.pair_descent(
        problem, *_start(problem, draw, alphas), step_size=MU, max_iter=600, tol=0, record=2
    )
    slope = ms.log_slope(alphas, run.history["error"][-1])
    edge = np.linalg.norm(problem.truth) * (np.sqrt(N1) + np.sqrt(N2)) / np.sqrt(M)
    return slope / ms.scale_exponent(problem, MU), problem.spectral_values[RANK] / edge


def rates_over_law(draw):
    """Return the parts in step and against after 20 iterations, first pair, over their laws."""
    problem = sensing_problem(draw)
    P, growth, Qt = np.linalg.svd(problem.spectral_matrix)
    P, Q, rate = P[:, :1], Qt[:1].T, MU * growth[0]
    F, G = _start(problem, draw, 1e-6)
    run = ms.pair_descent(problem, F, G, step_size=MU, max_iter=20, tol=0)
    in_step = _rows(P, Q, run.F, run.G) / _rows(P, Q, F, G) / (1 + rate) ** 20
    against = _rows(P, Q, run.F, -run.G) / _rows(P, Q, F, -G) / (1 - rate) ** 20
    return in_step[0], against[0]


def coupling_of_the_factors(canvas, *, alpha):
    r"""How the two factors find each other: pairs of one sign and of the other, and angles."""
    problem = sensing_problem(0)
    P, growth, Qt = np.linalg.svd(problem.spectral_matrix)
    P, Q, growth = P[:, :RANK], Qt[:RANK].T, growth[:RANK]
    run = ms.pair_descent(
        problem,
        *_start(problem, 0, alpha),
        step_size=MU,
        max_iter=300,
        tol=0,
        record=np.arange(0, 301, 3),
        observe=FACTORS,
    )
    t, F, G = (run.history[name] for name in ("iteration", "F", "G"))
    plus, minus = _rows(P, Q, F, G)[:, 0], _rows(P, Q, F, -G)[:, 0]
    angle, gap = right_angle(F, G), _value_gap(F, G)
    grown = plus[0] * (1 + MU * growth[0]) ** t
    decayed = minus[0] * (1 - MU * growth[0]) ** t
    early = grown <= 1

    pairs = canvas.panel(
        "pairs",
        title="Parts of the factors along the first pair",
        xlabel="iteration",
        ylabel="size",
        xlim=(0, 300),
        ylim=(1e-14, 10),
        yscale="log",
    )
    pairs.line("plus", t, plus, label="in step", color=0)
    pairs.line("minus", t, above(minus, 1e-16), label="against", color=1)
    pairs.line("grown", t[early], grown[early], label="in step, linear", color=2)
    pairs.line("decayed", t[early], above(decayed[early], 1e-16), label="against, linear", color=3)
    coupling = canvas.panel(
        "coupling",
        title="Do the factors agree?",
        xlabel="iteration",
        ylabel="angle and gap",
        xlim=(0, 300),
        ylim=(1e-8, 10),
        yscale="log",
    )
    coupling.line("angle", t, above(angle, 1e-9), label="angle of the right spaces", color=0)
    coupling.line("gap", t, above(gap, 1e-9), label="gap of the singular values", color=1)
    lowest = int(minus.argmin())
    return (
        f"Initial scale {f(alpha)}: the part against the first pair falls from {f(minus[0], 2)} to "
        f"{f(minus[lowest], 2)} at iteration {t[lowest]}, and is {f(minus[-1], 2)} in the end. "
        f"The angle between the right spaces falls from {f(angle[0], 2)} to {f(angle[-1], 2)}, the "
        f"relative gap between the singular values ends at {f(gap[-1], 2)}."
    )


def _rows(P, Q, F, G):
    r"""Return the sizes of :math:`(p_i^\top F + q_i^\top G)/\sqrt2` for each pair."""
    return np.linalg.norm(P.T @ F + Q.T @ G, axis=-1) / np.sqrt(2)


def right_angle(F, G):
    """Return the largest angle between the leading right singular spaces, in radians."""
    spaces = [
        np.swapaxes(np.linalg.svd(A, full_matrices=False)[2][..., :RANK, :], -1, -2) for A in (F, G)
    ]
    return ms.principal_angles(*spaces)[..., 0]


def _value_gap(F, G):
    """Return the largest relative gap between leading singular values of the factors."""
    a, b = (np.linalg.svd(A, compute_uv=False)[..., :RANK] for A in (F, G))
    return np.max(np.abs(a - b) / np.maximum(a, b), axis=-1)


def imbalance_along_the_run(canvas, *, alpha, m):
    r"""The imbalance along a run, and what one step changes of it."""
    problem = sensing_problem(0, m)
    run = ms.pair_descent(
        problem,
        *_start(problem, 0, alpha),
        step_size=MU,
        max_iter=300,
        tol=0,
        record=np.arange(0, 301, 5),
        observe=FACTORS,
    )
    t, F, G = (run.history[name] for name in ("iteration", "F", "G"))
    size = imbalance_norm(F, G)
    terms, formula, measured = _drift(problem, F, G)
    total = canvas.panel(
        "imbalance",
        title="Imbalance",
        xlabel="iteration",
        ylabel="norm of Δ",
        xlim=(0, 300),
        ylim=(1e-12, 10),
        yscale="log",
    )
    total.line("size", t, size, label="‖Δ‖", color=0)
    total.hline("start", size[0], label="at the start", dash=2)
    drift = canvas.panel(
        "drift",
        title="Change in one step",
        xlabel="iteration",
        ylabel="norm",
        xlim=(0, 300),
        ylim=(1e-16, 1),
        yscale="log",
    )
    drift.line("terms", t, above(terms, 1e-16), label="μ²‖∇F‖², one of two terms", color=2)
    drift.line("formula", t, above(formula, 1e-16), label="their difference", color=1)
    drift.points("measured", t[::4], above(measured[::4], 1e-16), label="measured", color=0)
    seen = "every entry observed" if m == N1 * N2 else f"{m} measurements"
    return (
        f"Initial scale {f(alpha)}, {seen}: the norm of the imbalance is {f(size[0], 2)} at the "
        f"start, {f(size[-1], 2)} at the end and never above {f(size.max(), 2)}. The largest term "
        f"of the change in a step is {f(terms.max(), 2)}, the largest change {f(formula.max(), 2)}."
    )


def _drift(problem, F, G):
    """Return, of the change of the imbalance in a step, one term, the formula and the measured."""
    by_F, by_G = problem.gradients(F, G)
    F_term, G_term = (MU**2 * np.swapaxes(A, -1, -2) @ A for A in (by_F, by_G))
    change = ms.imbalance(F - MU * by_F, G - MU * by_G) - ms.imbalance(F, G)
    return _norm(F_term), _norm(F_term - G_term), _norm(change)


@lru_cache(maxsize=64)
def observed_history(draw, scales):
    """Return the history of runs of 600 iterations from several scales, with all that is observed.

    ``"values"``, ``"imbalance"`` and ``"angle"`` are those of `product_values`, `imbalance_norm`
    and `right_angle`.
    """
    problem = sensing_problem(draw)
    return ms.pair_descent(
        problem,
        *_start(problem, draw, scales),
        step_size=MU,
        max_iter=600,
        tol=0,
        record=60,
        observe={"values": product_values, "imbalance": imbalance_norm, "angle": right_angle},
    ).history


@lru_cache(maxsize=256)
def imbalance_level(draw, m, mu, scales=(1e-4, 1e-6)):
    """Return the largest imbalance within flow time 50, for each initial scale."""
    problem = sensing_problem(draw, m)
    history = ms.pair_descent(
        problem,
        *_start(problem, draw, scales),
        step_size=mu,
        max_iter=round(50 / mu),
        tol=0,
        record=20,
        observe={"imbalance": imbalance_norm},
    ).history
    return tuple(history["imbalance"].max(axis=0))


def imbalance_of_start(draw, scales=(1e-4, 1e-6)):
    """Return the imbalance at the start of the runs of `imbalance_level`."""
    return tuple(imbalance_norm(*_start(sensing_problem(draw), draw, scales)))


STEPS = (0.4, 0.2, 0.1, 0.05)
FLOOR_SCALES = (1e-2, 1e-4, 1e-6)


def imbalance_against_step(canvas, *, m):
    r"""The largest imbalance along a run against the step size, for three initial scales."""
    floors = np.transpose([imbalance_level(0, m, mu, FLOOR_SCALES) for mu in STEPS])
    panel = canvas.panel(
        "floor",
        height=340,
        xlabel="step size μ",
        ylabel="largest norm of Δ",
        xlim=(0.04, 0.5),
        ylim=(1e-12, 1),
        xscale="log",
        yscale="log",
        xticks={mu: f"{mu:g}" for mu in STEPS},
    )
    for color, (alpha, values) in enumerate(zip(FLOOR_SCALES, floors, strict=True)):
        label = f"α = 10{'⁻²⁻⁴⁻⁶'[2 * color : 2 * color + 2]}"
        panel.line(f"{alpha:g}", STEPS, values, label=label, color=color, markers=True)
    seen = "every entry observed" if m == N1 * N2 else f"{m} measurements"
    return (
        f"With {seen}, step 0.2: the imbalance reaches {f(floors[0, 1], 2)} from α = 0.01, "
        f"{f(floors[1, 1], 2)} from 0.0001 and {f(floors[2, 1], 2)} from 0.000001. The slope in "
        f"the step is {ms.log_slope(STEPS, floors[1]):.2f} at α = 0.0001."
    )


def one_factor_error(draw, alpha):
    r"""Return the test error from :math:`G_0 = 0` over that from the scale that should match."""
    problem = sensing_problem(draw)
    scales, second = [alpha, alpha / np.sqrt(2)], [0.0, alpha / np.sqrt(2)]
    run = ms.pair_descent(
        problem, *_start(problem, draw, scales, beta=second), step_size=MU, max_iter=400, record=2
    )
    return np.divide(*run.history["error"][-1])


RATIOS = (1, 10, 30, 100, 300, 1000)


@lru_cache(maxsize=16)
def unbalanced_runs(draw, penalty):
    r"""Return runs from :math:`\alpha = 10^{-3}c`, :math:`\beta = 10^{-3}/c` for each ratio."""
    problem = sensing_problem(draw)
    ratios = np.array(RATIOS)
    start = _start(problem, draw, 1e-3 * ratios, beta=1e-3 / ratios)
    return ms.pair_descent(
        problem,
        *start,
        step_size=0.1,
        penalty=penalty,
        max_iter=1500,
        tol=0,
        record=np.arange(0, 1501, 25),
        observe={"imbalance": imbalance_norm},
    )


def unbalanced_starts(canvas, *, ratio, penalty):
    r"""A start whose factors differ in scale while the scale of their product stays."""
    history = unbalanced_runs(0, penalty).history
    t, place = history["iteration"], RATIOS.index(ratio)
    train, test, size = (history[name][:, place] for name in ("residual", "error", "imbalance"))
    draw_errors(canvas, t, train, test, last=1500, ylim=(1e-4, 10), title="Errors")
    balance = canvas.panel(
        "imbalance",
        title="Imbalance",
        xlabel="iteration",
        ylabel="norm of Δ",
        xlim=(0, 1500),
        ylim=(1e-7, 100),
        yscale="log",
    )
    balance.line("size", t, size, label="‖Δ‖", color=0)
    return (
        f"Scales {f(1e-3 * ratio)} and {f(1e-3 / ratio)}, penalty {f(penalty)}: after 1500 "
        f"iterations the training error is {f(train[-1], 2)} and the test error "
        f"{f(test[-1], 2)}. The norm of the imbalance goes from {f(size[0], 2)} to "
        f"{f(size[-1], 2)}."
    )


SEEN_SCALES = (1.0, 1e-2, 1e-4, 1e-6)


@lru_cache(maxsize=32)
def completion_runs(draw, seen_share):
    """Return runs of matrix completion from each of `SEEN_SCALES`."""
    truth = sensing_problem(draw).truth
    seen = np.random.default_rng(draw + 50).random(truth.shape) < seen_share
    operator = ms.RectangularEntries(seen)
    problem = ms.RectangularProblem(operator, operator.forward(truth), truth)
    return ms.pair_descent(
        problem,
        *_start(problem, draw, SEEN_SCALES),
        step_size=MU,
        max_iter=1500,
        tol=0,
        record=np.arange(0, 1501, 25),
    )


def observed_entries(canvas, *, seen_share, alpha):
    """Matrix completion: training and test error when a share of the entries is seen."""
    history = completion_runs(0, seen_share).history
    t, place = history["iteration"], SEEN_SCALES.index(alpha)
    train, test = history["residual"][:, place], history["error"][:, place]
    draw_errors(canvas, t, train, test, last=1500, ylim=(1e-7, 10), height=320)
    return (
        f"A share of {f(seen_share)} of the entries seen, initial scale {f(alpha)}: after 1500 "
        f"iterations the training error is {f(train[-1], 2)} and the test error {f(test[-1], 2)}."
    )


TARGET = 5.0


def scalar_imbalance(canvas, *, mu, f_start):
    """Two numbers instead of two factors: residual and imbalance."""
    first, second = ms.scalar_pair(f_start, 3.0 / f_start, TARGET, step_size=mu, max_iter=200)
    t, residual, size = (
        np.arange(len(first)),
        abs(first * second - TARGET),
        abs(first**2 - second**2),
    )
    diverged = len(first) <= 200
    axes = {"xlabel": "iteration", "xlim": (0, 200), "yscale": "log"}
    panel = canvas.panel("residual", title="Residual", ylabel="|y − fg|", ylim=(1e-12, 1e3), **axes)
    panel.line("residual", t, np.clip(residual, 1e-12, 1e30), label="|y − fg|", color=0)
    sharp = canvas.panel(
        "sharpness",
        title="Imbalance as sharpness",
        xlabel="iteration",
        ylabel="sharpness times step",
        xlim=(0, 200),
        ylim=(0, 5),
    )
    measured = np.clip(mu * np.sqrt(size**2 + 4 * TARGET**2), 0, 1e30)
    sharp.line("sharpness", t, measured, label="μ√(Δ² + 4y²)", color=1)
    sharp.hline("limit", 2.0, label="limit of stability", dash=2)
    sharp.hline("balanced", 2 * mu * TARGET, label="at balance: 2μy", color=2, dash=1)
    if diverged:
        end = f"The run diverges within {len(first) - 1} iterations."
    elif residual[-1] < 1e-6:
        end = "The residual settles."
    else:
        end = f"The residual has not settled: it is {f(residual[-1], 2)}."
    if not diverged:
        end += f" The imbalance has gone from {f(size[0], 2)} to {f(size[-1], 2)}."
    return f"Step {f(mu)}, start ({f(f_start)}, {f(3.0 / f_start)}): {end}"


@lru_cache(maxsize=64)
def _large_step_run(draw, m, mu):
    """Return the iterations, the training error and the imbalance along a run."""
    problem = sensing_problem(draw, m)
    history = ms.pair_descent(
        problem,
        *_start(problem, draw, 1e-2),
        step_size=mu,
        max_iter=300,
        tol=0,
        record=np.arange(0, 301, 2),
        observe=FACTORS,
    ).history
    return history["iteration"], history["residual"], imbalance_norm(history["F"], history["G"])


def largest_imbalance(draw, m, mu):
    """Return the largest imbalance of a run with this step from a start of scale 0.01."""
    return float(_large_step_run(draw, m, mu)[2].max())


def large_steps(canvas, *, mu, m):
    """Training error and imbalance of a run with a large step, from a small start."""
    t, train, size = _large_step_run(0, m, mu)
    axes = {"xlabel": "iteration", "xlim": (0, 300), "yscale": "log"}
    errors = canvas.panel("train", title="Training error", ylabel="error", ylim=(1e-8, 10), **axes)
    errors.line("train", t, above(train, 1e-9), label="training error", color=0)
    balance = canvas.panel(
        "imbalance", title="Imbalance", ylabel="norm of Δ", ylim=(1e-4, 1), **axes
    )
    balance.line("size", t, size, label="‖Δ‖", color=0)
    seen = "every entry observed" if m == N1 * N2 else f"{m} measurements"
    return (
        f"Step {f(mu)}, {seen}: after 300 iterations the training error is {f(train[-1], 2)}. The "
        f"norm of the imbalance starts at {f(size[0], 2)} and is at most {f(size.max(), 2)}."
    )
