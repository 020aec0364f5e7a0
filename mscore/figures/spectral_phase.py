r"""Views of the chapter on the spectral phase.

A view is a pure function of its parameters: it runs the experiment, draws it on a canvas, and
returns a description computed from what it drew. Unless a view says otherwise, the instance is
the chapter's: size and width 40, nonzero eigenvalues 1 and 0.8, 400 measurements, step 0.2.
``draw`` seeds the truth and the operator, and ``draw + START_SEED`` the start.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

import mscore as ms
from mscore.figures._panels import above
from mscore.figures.style import format_number as f

__all__ = [
    "EFFECTS_OF_WIDTH",
    "WIDTHS",
    "alignment_by_width",
    "along_the_trajectory",
    "angles_between",
    "at_the_end",
    "full_observation_errors",
    "gap_constant",
    "gap_laws",
    "handover",
    "least_effect_of_width",
    "lengths_of_the_phases",
    "linear_iteration",
    "phase_ends",
    "plateau",
    "refinement",
    "refinement_rates",
    "signal_and_nuisance",
    "staircase",
    "starts_compared",
    "trajectory",
    "width_and_alignment",
]

N, M, MU, EIGENVALUES = 40, 400, 0.2, (1.0, 0.8)
START_SEED = 100
STAIRS = (1.0, 0.3, 0.1)


@lru_cache(maxsize=64)
def _problem(draw, *, m=M, eigenvalues=EIGENVALUES, dtype="float32"):
    return ms.psd_sensing(N, len(eigenvalues), m, rng=draw, eigenvalues=eigenvalues, dtype=dtype)


@lru_cache(maxsize=64)
def _spaces(draw, *, m=M):
    """Orthonormal bases of the top eigenspace of M and of the column space of the truth."""
    problem = _problem(draw, m=m)
    rank = len(EIGENVALUES)
    return tuple(np.linalg.eigh(X)[1][:, -rank:] for X in (problem.spectral_matrix, problem.truth))


class Trajectory:
    """One run, the power method from the same start, and what the chapter measures on them.

    Every measure is an array over the recorded iterations, made when it is first asked for.
    """

    def __init__(self, draw, problem, start, mu, max_iter, every):
        self._problem, (self._V_M, self._V_X) = problem, _spaces(draw, m=problem.m)
        run = ms.gradient_descent(
            problem,
            start,
            step_size=mu,
            max_iter=max_iter,
            tol=0,
            record=_around_the_end(problem, start, mu, np.arange(0, max_iter + 1, every)),
            observe={"U": np.copy},
        )
        self.iteration, self.error = run.history["iteration"], run.history["error"]
        self._U = run.history["U"]
        self._power = ms.linear_iterates(problem, start, step_size=mu, iterations=self.iteration)

    @cached_property
    def _svd(self):
        return np.linalg.svd(self._U, full_matrices=False)

    @cached_property
    def _power_svd(self):
        return np.linalg.svd(self._power, full_matrices=False)

    @cached_property
    def eigenvalues(self):
        """Of the estimate, largest first, shape (T, k)."""
        return self._svd[1] ** 2

    @property
    def norm(self):
        """The spectral norm of U."""
        return self._svd[1][:, 0]

    @property
    def linear(self):
        """The spectral norm of the power method's iterate."""
        return self._power_svd[1][:, 0]

    @cached_property
    def gap(self):
        """The distance between U and the power method's iterate, relative to the norm of U."""
        return np.linalg.norm(self._U - self._power, 2, axis=(1, 2)) / self.norm

    @cached_property
    def to_M(self):
        """The largest angle to the top eigenvectors of M, in degrees."""
        return _degrees(self._svd[0], self._V_M)

    @cached_property
    def to_X(self):
        """The largest angle to the column space of the truth, in degrees."""
        return _degrees(self._svd[0], self._V_X)

    @cached_property
    def power_to_M(self):
        """As `to_M`, of the power method."""
        return _degrees(self._power_svd[0], self._V_M)

    @cached_property
    def power_to_X(self):
        """As `to_X`, of the power method."""
        return _degrees(self._power_svd[0], self._V_X)

    @cached_property
    def _parts(self):
        return ms.signal_and_nuisance(self._U, self._V_X)

    @cached_property
    def signal(self):
        """The least singular value of the signal."""
        return np.linalg.svd(self._parts[0], compute_uv=False)[:, len(EIGENVALUES) - 1]

    @cached_property
    def nuisance(self):
        """The largest singular value of the nuisance."""
        return np.linalg.norm(self._parts[1], 2, axis=(1, 2))

    @cached_property
    def phases(self):
        """Where the phases end, as `ms.find_phases` says."""
        names = ("iteration", "error", "eigenvalues")
        return ms.find_phases(self._problem, {name: getattr(self, name) for name in names})


def _degrees(vectors, basis):
    """Return the largest angles between the first of some orthonormal vectors and a space."""
    return np.degrees(ms.alignment_angle(vectors[..., : basis.shape[1]], basis))


@lru_cache(maxsize=64)
def trajectory(draw, alpha, *, m=M, mu=MU, width=N, max_iter=400, every=4, dtype="float32"):
    """Return the `Trajectory` from a start of scale `alpha`.

    An operator stored in float32 moves U by 1e-7 of its size, which only the gap sees.
    """
    problem = _problem(draw, m=m, dtype=dtype)
    start = ms.gaussian_start(problem, width, alpha, rng=draw + START_SEED)
    return Trajectory(draw, problem, start, mu, max_iter, every)


def _around_the_end(problem, start, mu, iterations):
    """Add every iteration near the predicted end of the spectral phase to the recorded ones."""
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    first = np.linalg.norm(vectors[:, -1] @ start, axis=-1)
    ends = np.log(np.sqrt(values[-1] / 10) / first) / np.log1p(mu * values[-1])
    window = np.arange(int(np.min(ends)) - 6, int(np.max(ends)) + 9)
    inside = (window >= 0) & (window <= iterations[-1])
    return np.union1d(iterations, window[inside])


def at_the_end(draw, name, alpha=1e-7, **options):
    """Return the measure `name` of a trajectory at the end of the spectral phase."""
    run = trajectory(draw, alpha, **options)
    return getattr(run, name)[np.searchsorted(run.iteration, run.phases.spectral)]


def gap_laws(draw, alpha=1e-7):
    r"""Return the exponent of the gap in the norm of U, and the gap over its law at the end.

    Measured where the gap is above rounding and at most 0.01.
    """
    run = trajectory(draw, alpha, dtype="float64")
    norm, gap = run.norm, run.gap
    fitted = (gap > 1e-11) & (gap < 1e-2) & (run.iteration <= run.phases.spectral)
    law = gap_constant(draw, MU) * norm**2 / _top_eigenvalue(draw)
    return ms.log_slope(norm[fitted], gap[fitted]), float((gap / law)[fitted][-1])


def angles_between(draw):
    """Return the principal angles between the top eigenspace of M and the truth, in radians."""
    return ms.principal_angles(*_spaces(draw))


def _top_eigenvalue(draw, m=M):
    return np.linalg.eigvalsh(_problem(draw, m=m).spectral_matrix)[-1]


def _phase_at(t, phases):
    """Return the name of the phase in which iteration `t` lies."""
    if phases.spectral == 0:
        return "a start too large for a spectral phase"
    names = ("the spectral phase", "saddle avoidance", "refinement")
    for name, end in zip(names, phases, strict=True):
        if end is None or t < end:
            return name
    return "the time after the three phases"


def _mark(panel, phases, x_max):
    if phases.spectral == 0:
        return
    for key, end, label, dash in (
        ("end 1", phases.spectral, "end of phase I", 0),
        ("end 2", phases.saddle, "of phase II", 1),
        ("end 3", phases.refinement, "of phase III", 3),
    ):
        if end is not None and end <= x_max:
            panel.vline(key, end, label=label, dash=dash)


def along_the_trajectory(canvas, *, alpha, t):
    """Errors, angles and spectrum along one run, with a marker at iteration `t`."""
    run = trajectory(0, alpha)
    time, phases = run.iteration, run.phases
    at = int(np.searchsorted(time, t))
    axes = {"xlabel": "iteration", "xlim": (0, 400)}
    errors = canvas.panel(
        "error", title="Test error", ylabel="relative error", ylim=(1e-7, 10), yscale="log", **axes
    )
    errors.line("error", time, above(run.error, 1e-7), label="test error", color=0)
    angles = canvas.panel("angle", title="Angles", ylabel="degrees", ylim=(-3, 93), **axes)
    angles.line("to M", time, run.to_M, label="to the top eigenvectors of M", color=1)
    angles.line("to X", time, run.to_X, label="to those of the truth", color=0)
    for panel, y in ((errors, run.error), (angles, run.to_M)):
        _mark(panel, phases, 400)
        panel.points("here", [time[at]], [y[at]], label="now", color=2)
    index = np.arange(1, 9)
    spectrum = canvas.panel(
        "spectrum",
        title="Spectrum now",
        xlabel="index",
        ylabel="singular value of U",
        xlim=(0.5, 8.5),
        ylim=(1e-9, 10),
        yscale="log",
    )
    root = np.sqrt(run.eigenvalues[at, :8])
    spectrum.line("U", index, above(root, 1e-9), label="of U", color=0, markers=True)
    rank = len(EIGENVALUES)
    spectrum.points(
        "truth", index[:rank], np.sqrt(EIGENVALUES), label="root of the truth's", color=3
    )
    return (
        f"Initial scale {f(alpha)}, iteration {time[at]}: this is {_phase_at(time[at], phases)}. "
        f"The angle to the top eigenvectors of M is {run.to_M[at]:.1f} degrees, to those of the "
        f"truth {run.to_X[at]:.1f}; the test error is {f(run.error[at], 2)}, and the third "
        f"singular value of U is {f(root[2] / root[1], 2)} times the second."
    )


def gap_constant(draw, mu):
    r"""Return the factor of :math:`\|U\|^2/\lambda_1` in the law for the relative gap.

    With one growing direction :math:`v_1` it is :math:`\|\mathcal A(v_1v_1^\top)\|^2` over
    :math:`(1 + \mu\lambda_1)(2 + \mu\lambda_1)`.
    """
    problem = _problem(draw)
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    seen = problem.operator.forward(np.outer(vectors[:, -1], vectors[:, -1]))
    growth = mu * values[-1]
    return float(np.sum(seen**2) / ((1 + growth) * (2 + growth)))


def linear_iteration(canvas, *, alpha, mu):
    """How long and how exactly the power method describes the run."""
    run = trajectory(0, alpha, mu=mu, max_iter=160, every=2, dtype="float64")
    end = run.phases.spectral
    time, norm, gap = run.iteration, run.norm, run.gap
    shown = time <= 160
    growing = run.linear <= 10
    panel = canvas.panel(
        "norm",
        title="Size",
        xlabel="iteration",
        ylabel="‖U‖",
        xlim=(0, 160),
        ylim=(1e-7, 10),
        yscale="log",
    )
    panel.line("U", time[shown], norm[shown], label="gradient descent", color=0)
    early = shown & growing
    panel.line("power", time[early], run.linear[early], label="power method", color=1)
    panel.vline("end", end, label="end of phase I", dash=0)
    exact = canvas.panel(
        "gap",
        title="Relative gap between the two",
        xlabel="‖U‖² / λ₁",
        ylabel="relative gap",
        xlim=(1e-12, 2),
        ylim=(1e-14, 10),
        xscale="log",
        yscale="log",
    )
    x = norm**2 / _top_eigenvalue(0)
    spectral = time <= end
    visible = spectral & (gap > 1e-14)
    exact.line("gap", x[visible], gap[visible], label="measured", color=0, markers=True)
    grid = np.array([1e-12, 1.0])
    slope = gap_constant(0, mu)
    exact.line("law", grid, slope * grid, label="law", color=1)
    at = np.flatnonzero(time == end)[0]
    return (
        f"Initial scale {f(alpha)}, step {f(mu)}: the spectral phase ends at iteration {end}. "
        f"There the gap is {f(gap[at], 2)}, and {f(gap[at] / (slope * x[at]), 2)} times what the "
        "law says."
    )


def handover(canvas, *, m, draw):
    """Angles of gradient descent and of the power method to both spaces."""
    run = trajectory(draw, 1e-7, m=m, max_iter=240)
    V_M, V_X = _spaces(draw, m=m)
    between = np.degrees(ms.alignment_angle(V_M, V_X))
    time, shown = run.iteration, run.iteration <= 240
    for key, title, ours, power in (
        ("M", "To the top eigenvectors of M", "to_M", "power_to_M"),
        ("X", "To those of the truth", "to_X", "power_to_X"),
    ):
        panel = canvas.panel(
            key,
            title=title,
            xlabel="iteration",
            ylabel="largest angle in degrees",
            xlim=(0, 240),
            ylim=(-3, 93),
        )
        descent, method = getattr(run, ours)[shown], getattr(run, power)[shown]
        panel.line("descent", time[shown], descent, label="gradient descent", color=0)
        panel.line("power", time[shown], method, label="power method", color=1)
        panel.hline("between", between, label="angle between the two spaces", dash=3)
        panel.vline("end 1", run.phases.spectral, label="end of phase I", dash=0)
    at = np.flatnonzero(time == run.phases.spectral)[0]
    return (
        f"{m} measurements, draw {draw}: the two spaces are {between:.1f} degrees apart. At the "
        f"end of the spectral phase gradient descent is {run.to_M[at]:.1f} degrees from the "
        f"top eigenvectors of M and {run.to_X[at]:.1f} from those of the truth; at iteration "
        f"240 it is {run.to_M[shown][-1]:.1f} and {run.to_X[shown][-1]:.1f} degrees away."
    )


def signal_and_nuisance(canvas, *, alpha, width):
    """The weakest signal and the strongest nuisance along one run."""
    run = trajectory(0, alpha, width=width)
    time, phases = run.iteration, run.phases
    panel = canvas.panel(
        "parts",
        height=330,
        xlabel="iteration",
        ylabel="singular value",
        xlim=(0, 400),
        ylim=(1e-9, 10),
        yscale="log",
    )
    nuisance = above(run.nuisance, 1e-9)
    panel.line("signal", time, run.signal, label="signal: its smallest", color=0)
    panel.line("nuisance", time, nuisance, label="nuisance: its largest", color=1)
    _mark(panel, phases, 400)
    side = "above" if run.nuisance[-1] > run.nuisance[0] else "below"
    return (
        f"Initial scale {f(alpha)}, width {width}: after 400 iterations the signal's smallest "
        f"singular value is {f(run.signal[-1], 2)}; the nuisance is {f(nuisance[-1], 2)}, "
        f"{side} its size at the start."
    )


@lru_cache(maxsize=32)
def phase_ends(last, mu, draw=0):
    r"""Return scales and the ends of phases I and II at each, with predicted counts.

    The prediction for phase I starts from the size :math:`\alpha\|v_1^\top\Omega\|` of the
    component along the top eigenvector of M, that for phase II from
    :math:`\alpha\sigma_{\min}(V_r^\top\Omega)`; each grows at its eigenvalue's rate.
    """
    eigenvalues = (1.0, last)
    problem = _problem(draw, eigenvalues=eigenvalues)
    scales = 10.0 ** -np.arange(2, 8)
    omega = ms.gaussian_start(problem, N, 1.0, rng=draw + START_SEED)
    steps = round(22 / (mu * last))
    run = ms.gradient_descent(
        problem,
        scales[:, None, None] * omega,
        step_size=mu,
        max_iter=steps,
        tol=0,
        record=np.arange(0, steps + 1, 2),
        observe={"eigenvalues": lambda U: ms.singular_values(U)[..., :4]},
    )
    measured = np.array(
        [
            ms.find_phases(
                problem,
                {name: values if values.ndim == 1 else values[:, i] for name, values in history},
            )[:2]
            for history in [run.history.items()]
            for i in range(len(scales))
        ],
        dtype=float,
    )
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    first, second = values[-1], values[-2]
    top = np.linalg.norm(vectors[:, -1] @ omega)
    weak = np.linalg.svd(vectors[:, -2:].T @ omega, compute_uv=False)[-1]
    predicted = np.stack(
        [
            np.log(np.sqrt(first / 10) / (scales * top)) / np.log1p(mu * first),
            np.log(np.sqrt(last / 2) / (scales * weak)) / np.log1p(mu * second),
        ],
        axis=1,
    )
    return scales, measured, predicted


def lengths_of_the_phases(canvas, *, second_eigenvalue, mu):
    """Ends of phases I and II against the initial scale, and the predicted counts."""
    scales, measured, predicted = phase_ends(second_eigenvalue, mu)
    panel = canvas.panel(
        "ends",
        height=340,
        xlabel="initial scale α",
        ylabel="iteration",
        xlim=(5e-8, 2e-2),
        ylim=(0, 420),
        xscale="log",
    )
    for i, (name, color) in enumerate((("phase I", 0), ("phase II", 1))):
        label = f"end of {name}"
        panel.points(f"measured {i}", scales, measured[:, i], label=f"{label}, measured", color=i)
        panel.line(f"law {i}", scales, predicted[:, i], label=f"{label}, law", color=color)
    ratio = measured / predicted
    return (
        f"Second eigenvalue {f(second_eigenvalue)}, step {f(mu)}: at α = {f(scales[-1], 2)} the "
        f"spectral phase ends at iteration {measured[-1, 0]:.0f} (law {predicted[-1, 0]:.0f}) "
        f"and saddle avoidance at {measured[-1, 1]:.0f} (law {predicted[-1, 1]:.0f}). "
        f"Over all scales the ratio to the law is {ratio[:, 0].min():.2f} to "
        f"{ratio[:, 0].max():.2f} for the first, "
        f"{ratio[:, 1].min():.2f} to {ratio[:, 1].max():.2f} for the second."
    )


WIDTHS = (2, 3, 4, 10, 40)
# What the panels of `width_and_alignment` show, in words.
EFFECTS_OF_WIDTH = ("the length of phase I", "the alignment at its end", "the final error")


@lru_cache(maxsize=32)
def alignment_by_width(alpha, draw=0, starts=8):
    """Return, by width and start: end of phase I, angle to M there, and the final error.

    The angle is that between the top two left singular vectors of U and the top eigenvectors of
    M. Each array has shape ``(len(WIDTHS), starts)``; the final error is that at iteration 400.
    """
    problem, (V_M, _) = _problem(draw), _spaces(draw)
    batch = [
        ms.gaussian_start(problem, width, alpha, rng=1000 + seed)
        for width in WIDTHS
        for seed in range(starts)
    ]
    batch = ms.stack_starts(batch)
    run = ms.gradient_descent(
        problem,
        batch,
        step_size=MU,
        max_iter=400,
        tol=0,
        record=_around_the_end(problem, batch, MU, np.array([0, 400])),
        observe={"U": np.copy},
    )
    t, U = run.history["iteration"], run.history["U"]
    large = _squared_norm(U) >= _top_eigenvalue(draw) / 10
    first = large.argmax(axis=0)
    at_end = U[first, np.arange(len(first))]
    angle = np.degrees(ms.alignment_angle(at_end, V_M))
    shape = (len(WIDTHS), starts)
    return t[first].reshape(shape), angle.reshape(shape), run.history["error"][-1].reshape(shape)


def _squared_norm(U):
    return np.linalg.eigvalsh(U @ U.swapaxes(-1, -2))[..., -1]


def width_and_alignment(canvas, *, alpha):
    """End of the spectral phase, alignment there and final error against the width."""
    end, angle, error = alignment_by_width(alpha)
    x = np.repeat(WIDTHS, end.shape[1])
    axes = {
        "xlabel": "width k",
        "xlim": (1.7, 48),
        "xscale": "log",
        "xticks": {width: str(width) for width in WIDTHS},
    }
    for key, title, ylabel, ylim, values in (
        ("end", "Length", "end of the spectral phase", (0, 100), end),
        ("angle", "Alignment at its end", "degrees to M", (0.1, 100), angle),
        ("error", "Result", "test error at iteration 400", (1e-9, 2), error),
    ):
        scale = "linear" if key == "end" else "log"
        panel = canvas.panel(key, title=title, ylabel=ylabel, ylim=ylim, yscale=scale, **axes)
        panel.points("starts", x, values.ravel(), label="one start", color=0)
        panel.line("median", WIDTHS, np.median(values, axis=1), label="median", color=1, dash=0)
    return (
        f"Initial scale {f(alpha)}: from width 2 to width 40 the median end of the "
        f"spectral phase goes from {np.median(end[0]):.0f} to {np.median(end[-1]):.0f}; the median "
        f"angle there from {f(np.median(angle[0]), 2)} to {f(np.median(angle[-1]), 2)} degrees, "
        f"and the largest from {f(angle[0].max(), 2)} to {f(angle[-1].max(), 2)}. The median test "
        f"error goes from {f(np.median(error[0]), 2)} to {f(np.median(error[-1]), 2)}."
    )


def least_effect_of_width(parts):
    """Return which of the three medians of `width_and_alignment` changes by the least factor."""
    medians = [parts[f"{panel}/median"].y for panel in ("end", "angle", "error")]
    return EFFECTS_OF_WIDTH[np.argmin([median.max() / median.min() for median in medians])]


@lru_cache(maxsize=32)
def climb(draw, alpha):
    r"""Return iterations, singular values of U and :math:`\lambda_1(E)` for eigenvalues 1, .3, .1.

    The singular values have shape (T, 4), the top eigenvalues of the residual field shape (T,).
    """
    problem = _problem(draw, eigenvalues=STAIRS)
    run = ms.gradient_descent(
        problem,
        ms.gaussian_start(problem, N, alpha, rng=draw + START_SEED),
        step_size=MU,
        max_iter=700,
        tol=0,
        record=np.arange(0, 701, 5),
        observe={"U": np.copy},
    )
    U = run.history["U"]
    fields = problem.residual_field(U @ U.swapaxes(-1, -2))
    values = np.linalg.svd(U, compute_uv=False)[:, :4]
    return run.history["iteration"], values, np.linalg.eigvalsh(fields)[:, -1]


@lru_cache(maxsize=32)
def saddle(draw, rank):
    r"""Return the eigenvalues of :math:`E(\bar W_s)`, largest first, at rank `rank`."""
    problem = _problem(draw, eigenvalues=STAIRS)
    run = ms.gradient_descent(
        problem,
        ms.gaussian_start(problem, rank, 1e-2, rng=draw + 7),
        step_size=MU,
        max_iter=1000,
        tol=0,
        record=2,
    )
    return np.linalg.eigvalsh(problem.residual_field(run.X))[::-1]


def plateau(draw, alpha, rank):
    """Return measured over predicted: the escape rate from a plateau, and the plateau's length.

    The plateau of rank s begins when the s-th eigenvalue of the estimate stands at 95 % of the
    truth's, and ends when the next one stands at half of its own.
    """
    t, values, _ = climb(draw, alpha)
    growth = np.log1p(MU * saddle(draw, rank)[0])
    squares = values**2
    begin = (squares[:, rank - 1] > 0.95 * STAIRS[rank - 1]).argmax()
    still = (squares[:, rank] > 0.01 * STAIRS[rank]).argmax()
    end = (squares[:, rank] > 0.5 * STAIRS[rank]).argmax()
    rate = np.polyfit(t[begin:still], np.log(values[begin:still, rank]), 1)[0]
    length = np.log(np.sqrt(0.5 * STAIRS[rank]) / values[begin, rank]) / growth
    return float(rate / growth), float((t[end] - t[begin]) / length)


def staircase(canvas, *, alpha, draw):
    """Singular values that rise one after the other, and the field that lifts them."""
    t, values, top = climb(draw, alpha)
    singular = canvas.panel(
        "singular",
        title="Eigenvalues of the estimate",
        xlabel="iteration",
        ylabel="eigenvalue of UUᵀ",
        xlim=(0, 700),
        ylim=(1e-6, 3),
        yscale="log",
    )
    for i, name in enumerate(("first", "second", "third", "fourth")):
        singular.line(name, t, above(values[:, i] ** 2, 1e-6), label=name, color=i)
    field = canvas.panel(
        "field",
        title="Top eigenvalue of the residual field",
        xlabel="iteration",
        ylabel="λ₁(E)",
        xlim=(0, 700),
        ylim=(1e-3, 3),
        yscale="log",
    )
    field.line("top", t, above(top, 1e-3), label="along the run", color=0)
    for rank, dash in ((1, 1), (2, 3)):
        level = saddle(draw, rank)[0]
        field.hline(f"saddle {rank}", level, label=f"at the best fit of rank {rank}", dash=dash)
    arrivals = [int(t[(values[:, i] ** 2 > size / 2).argmax()]) for i, size in enumerate(STAIRS)]
    return (
        f"Initial scale {f(alpha)}, draw {draw}: the three eigenvalues reach half their size at "
        f"iterations {arrivals[0]}, {arrivals[1]} and {arrivals[2]}. The top eigenvalue of the "
        f"residual field is {f(saddle(draw, 1)[0], 2)} at the best fit of rank 1 and "
        f"{f(saddle(draw, 2)[0], 2)} at that of rank 2."
    )


@lru_cache(maxsize=32)
def full_observation_errors(width, alpha, draw=0):
    """Return iterations and test errors of a fully observed run, eigenvalues 1, 0.5 and 0.25."""
    operator = ms.full_observation(N)
    truth = ms.psd_truth(N, [1.0, 0.5, 0.25], rng=draw)
    problem = ms.Problem(operator, operator.forward(truth), truth)
    run = ms.gradient_descent(
        problem,
        ms.gaussian_start(problem, width, alpha, rng=draw + START_SEED),
        step_size=MU,
        max_iter=1200,
        tol=0,
        record=np.arange(0, 1201, 10),
    )
    return run.history["iteration"], run.history["error"]


def refinement_rates(draw):
    r"""Return the first and the last rate at width r over the laws, from a start of 0.001.

    The laws are :math:`\ln(1-2\mu\sigma_r)` and :math:`\ln(1-\mu\sigma_r)`.
    """
    t, error = full_observation_errors(3, 1e-3, draw)
    rates = []
    for high, low, factor in ((3e-2, 1e-3, 1 - 2 * MU * 0.25), (1e-7, 1e-12, 1 - MU * 0.25)):
        fitted = (error < high) & (error > low)
        rates.append(np.polyfit(t[fitted], np.log(error[fitted]), 1)[0] / np.log(factor))
    return rates


def refinement(canvas, *, width, alpha):
    """Test error of a fully observed run, with the two rates of the linearisation."""
    t, error = full_observation_errors(width, alpha)
    panel = canvas.panel(
        "error",
        height=330,
        xlabel="iteration",
        ylabel="test error",
        xlim=(0, 1200),
        ylim=(1e-15, 10),
        yscale="log",
    )
    panel.line("error", t, above(error, 1e-15), label="measured", color=0)
    half = int((error < 0.1).argmax())
    for key, factor, label, color in (
        ("fast", 1 - 2 * MU * 0.25, "slope of 1 − 2μσᵣ", 1),
        ("slow", 1 - MU * 0.25, "slope of 1 − μσᵣ", 2),
    ):
        line = error[half] * factor ** (t[half:] - t[half]).astype(float)
        visible = line > 1e-15
        panel.line(key, t[half:][visible], line[visible], label=label, color=color)
    return (
        f"Width {width}, initial scale {f(alpha)}: the test error is {f(error[t == 300][0], 2)} at "
        f"iteration 300, {f(error[t == 600][0], 2)} at 600 and "
        f"{f(max(error[-1], 1e-15), 2)} at 1200."
    )


def starts_compared(canvas, *, draw):
    """Gradient descent from a small random start and from two spectral ones."""
    problem = _problem(draw)
    values, vectors = np.linalg.eigh(problem.spectral_matrix)
    estimate = np.zeros((N, N))
    estimate[:, :2] = vectors[:, -2:] * np.sqrt(values[-2:])
    aligned = np.zeros((N, N))
    aligned[:, :2] = 1e-6 * vectors[:, -2:]
    random = ms.gaussian_start(problem, N, 1e-6, rng=draw + START_SEED)
    run = ms.gradient_descent(
        problem,
        [random, aligned, estimate],
        step_size=MU,
        max_iter=300,
        tol=0,
        record=np.arange(0, 301, 3),
    )
    t, error = run.history["iteration"], run.history["error"]
    panel = canvas.panel(
        "error",
        height=330,
        xlabel="iteration",
        ylabel="test error",
        xlim=(0, 300),
        ylim=(1e-7, 3),
        yscale="log",
    )
    for i, (key, label) in enumerate(
        (
            ("random", "random, α = 10⁻⁶"),
            ("aligned", "top eigenvectors of M, times 10⁻⁶"),
            ("estimate", "spectral estimate, full size"),
        )
    ):
        panel.line(key, t, above(error[:, i], 1e-9), label=label, color=i)
    reached = [int(t[(error[:, i] < 0.1).argmax()]) for i in range(3)]
    return (
        f"Draw {draw}: the test error falls below 0.1 at iteration {reached[0]} from the random "
        f"start, {reached[1]} from the small aligned one and {reached[2]} from the spectral "
        f"estimate, whose own error is {f(error[0, 2], 2)}. After 300 iterations they stand at "
        f"{f(error[-1, 0], 2)}, {f(error[-1, 1], 2)} and {f(error[-1, 2], 2)}."
    )
