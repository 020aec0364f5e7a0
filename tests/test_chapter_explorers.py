"""Every explorer of every chapter over its whole grid: each frame draws, and its words are true."""

import json
from pathlib import Path

import numpy as np
import pytest

from mscore.explorers import Explorer
from mscore.figures import Canvas
from mscore.figures.style import format_number

CHAPTERS = Path(__file__).parents[1] / "chapters"


def explorers():
    """Yield (chapter, cell id, source of its set-up, source) of every cell that shows a figure."""
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [("".join(c["source"]), c["id"]) for c in cells if c["cell_type"] == "code"]
        setup = code[0][0]
        for source, cell in code:
            if source.startswith(("explore(", "show(")):
                yield pytest.param(setup, source, id=f"{path.stem}-{cell}")


def two(value):
    return format_number(value, 2)


def last(row):
    return row.y[-1]


def slope(row):
    chosen = row.x <= 1e-3
    return np.polyfit(np.log(row.x[chosen]), np.log(row.y[chosen]), 1)[0]


def phase_of(part, t):
    """Return the name of the phase that the vertical lines of a run put iteration `t` in."""
    if "error/end 1" not in part:
        return "too large for a spectral phase"
    names = ("the spectral phase", "saddle avoidance", "this is refinement", "after the three")
    ends = [part[key].x[0] for key in ("error/end 1", "error/end 2", "error/end 3") if key in part]
    return names[sum(t >= end for end in ends)]


def arrival(row, size):
    return f"{row.x[(row.y > size / 2).argmax()]:.0f}"


def below(row, level):
    return f"{row.x[(row.y < level).argmax()]:.0f}"


def trace_of(R, share):
    """Return the trace of a 4 by 4 completion from its share of the way to rank 1."""
    return 4 * R + share * (2 * R**2 + 2 - 4 * R)


def slope_of_ends(row, first):
    """Return the exponent of a power law between the points `first` and the last."""
    return np.log(row.y[-1] / row.y[first]) / np.log(row.x[-1] / row.x[first])


def half_way(row):
    """Return when the second eigenvalue reaches 0.1, half of its limit."""
    first = int((row.y > 0.1).argmax())
    return np.interp(0.1, row.y[first - 1 : first + 1], row.x[first - 1 : first + 1])


# What the description must say, from the numbers that the frame draws.
WORDS = {
    "error_along_the_run": lambda values, part: [
        f"Initial scale {format_number(values['alpha'])}",
        f"training error is {two(last(part['errors/train']))}",
        f"test error {two(last(part['errors/test']))}",
        f"the third eigenvalue, zero in the truth, is {two(last(part['spectrum/third']))}",
        "comes close" if last(part["errors/test"]) < 0.02 else "without finding the truth",
    ],
    "signal_and_noise": lambda values, part: [
        f"brings the signal to 1 at iteration {part['race/arrival'].x[0]:.0f}",
        f"and the noise to {two(last(part['race/linear noise']))}",
        f"measured noise ends at {two(last(part['race/noise']))}",
        f"the noise squared {two(last(part['race/noise']) ** 2)}",
    ],
    "error_against_scale": lambda values, part: (
        [
            f"from {two(part['error/measured'].y[0])}",
            f"to {two(last(part['error/measured']))}",
            f"slope is {slope(part['error/measured']):.2f}",
            f"the law predicts {slope(part['error/law']):.2f}",
        ]
        if values["width"] > 2
        else [f"at most {two(part['error/measured'].y[part['error/measured'].x <= 1e-3].max())}"]
    ),
    "width_and_time": lambda values, part: [
        f"width 2 takes a median of {part['time/median'].y[0]:.0f} iterations",
        f"width 40 takes {last(part['time/median']):.0f}",
        f"to {two(np.median(part['result/final'].y[-5:]))}.",
    ],
    "error_against_measurements": lambda values, part: [
        f"the large start is down to {two(last(part['methods/large']))}",
        *(
            two(part[f"methods/{key}"].y[part["methods/small"].x < 105][-1])
            for key in ("small", "large", "convex")
        ),
    ],
    "recovery_diagram": lambda values, part: [
        f"rank {rank} from m = {part['diagram/error'].x[(row < 0.05).argmax()]:.0f}"
        if (row < 0.05).any()
        else f"rank {rank} nowhere"
        for rank, row in enumerate(part["diagram/error"].z, start=1)
    ],
    "restricted_isometry": lambda values, part: [
        f"{values['m']} measurements, matrices of rank {values['rank_of_Z']}",
        f"and {two(part['ratios/high'].x[0])}",
        f"at least {two(max(part['ratios/high'].x[0] - 1, 1 - part['ratios/low'].x[0]))}",
    ],
    "nuclear_norm_against_scale": lambda values, part: [
        f"is {format_number(last(part['trace/descent']) / part['trace/least'].y[0])} times",
        f"{format_number(last(part['rank/descent']))} against "
        f"{format_number(part['rank/least'].y[0])}",
        f"test error is {two(last(part['error/descent']))}",
        f"least nuclear norm {two(part['error/least'].y[0])}",
    ],
    "step_size_and_stability": lambda values, part: [
        f"test error is {two(last(part['errors/test']))}",
        "diverged" if part["errors/test"].x[-1] < 150 else "made the 150 iterations",
        *(["too large"] if "errors/verdict" in part else []),
    ],
    "interpolants_against_measurements": lambda values, part: [
        f"is {two(part['spread/median'].y[0])} with 90",
        f"at most {two(last(part['spread/median']))} with 160",
    ],
    "blocks_seen_apart": lambda values, part: [
        f"training error is {two(last(part['errors/train']))}",
        f"test error {two(last(part['errors/test']))}",
    ],
    "recovery_along_the_run": lambda values, part: [
        f"Initial scale {format_number(values['alpha'])}",
        f"training error is {two(last(part['errors/train']))}",
        f"test error {two(last(part['errors/test']))}",
        f"the third singular value, zero in the truth, is {two(last(part['spectrum/third']))}",
        "is close" if last(part["errors/test"]) < 0.05 else "is not close",
    ],
    "recovery_against_scale": lambda values, part: (
        [
            f"from {two(part['error/measured'].y[0])}",
            f"to {two(last(part['error/measured']))}",
            f"slope is {slope(part['error/measured']):.2f}",
            f"the law predicts {slope(part['error/law']):.2f}",
        ]
        if values["width"] > 2
        else [f"at most {two(part['error/measured'].y[part['error/measured'].x <= 1e-3].max())}"]
    ),
    "coupling_of_the_factors": lambda values, part: [
        f"from {two(part['pairs/minus'].y[0])} to {two(part['pairs/minus'].y.min())}",
        f"and is {two(last(part['pairs/minus']))} in the end",
        f"to {two(last(part['coupling/angle']))}, the",
        f"ends at {two(last(part['coupling/gap']))}",
    ],
    "imbalance_along_the_run": lambda values, part: [
        f"is {two(part['imbalance/size'].y[0])} at the start",
        f"{two(last(part['imbalance/size']))} at the end",
        f"never above {two(part['imbalance/size'].y.max())}",
        f"the largest change {two(part['drift/formula'].y.max())}",
        "every entry" if values["m"] == 600 else f"{values['m']} measurements",
    ],
    "imbalance_against_step": lambda values, part: [
        *(two(part[f"floor/{alpha}"].y[1]) for alpha in ("0.01", "0.0001", "1e-06")),
        f"is {np.polyfit(*np.log((part['floor/0.0001'].x, part['floor/0.0001'].y)), 1)[0]:.2f} at",
    ],
    "unbalanced_starts": lambda values, part: [
        f"training error is {two(last(part['errors/train']))}",
        f"and the test error {two(last(part['errors/test']))}",
        f"from {two(part['imbalance/size'].y[0])} to {two(last(part['imbalance/size']))}",
    ],
    "observed_entries": lambda values, part: [
        f"training error is {two(last(part['errors/train']))}"
        if last(part["errors/train"]) > 1e-9
        else "training error is",
        f"and the test error {two(last(part['errors/test']))}",
    ],
    "scalar_imbalance": lambda values, part: [
        f"Step {format_number(values['mu'])}",
        "diverges"
        if part["residual/residual"].x[-1] < 200
        else "The residual settles"
        if last(part["residual/residual"]) < 1e-6
        else f"has not settled: it is {two(last(part['residual/residual']))}",
    ],
    "large_steps": lambda values, part: [
        f"training error is {two(last(part['train/train']))}",
        f"at most {two(part['imbalance/size'].y.max())}",
    ],
    "along_the_trajectory": lambda values, part: [
        f"Initial scale {format_number(values['alpha'])}, iteration {values['t']}",
        f"top eigenvectors of M is {part['angle/here'].y[0]:.1f} degrees",
        f"{two(part['spectrum/U'].y[2] / part['spectrum/U'].y[1])} times the second",
        phase_of(part, values["t"]),
        *(
            [f"test error is {two(part['error/here'].y[0])}"]
            if part["error/here"].y[0] > 1e-7
            else []
        ),
    ],
    "linear_iteration": lambda values, part: [
        f"ends at iteration {part['norm/end'].x[0]:.0f}",
        f"the gap is {two(last(part['gap/gap']))}",
        two(
            last(part["gap/gap"])
            / (last(part["gap/law"]) / part["gap/law"].x[-1] * part["gap/gap"].x[-1])
        ),
    ],
    "handover": lambda values, part: [
        f"{part['M/between'].y[0]:.1f} degrees apart",
        f"{part['M/descent'].y[part['M/descent'].x == part['M/end 1'].x[0]][0]:.1f} degrees from",
        f"at iteration 240 it is {last(part['M/descent']):.1f} and "
        f"{last(part['X/descent']):.1f} degrees",
    ],
    "signal_and_nuisance": lambda values, part: [
        f"singular value is {two(last(part['parts/signal']))}",
        f"nuisance is {two(last(part['parts/nuisance']))}",
        "above" if last(part["parts/nuisance"]) > part["parts/nuisance"].y[0] else "below",
    ],
    "lengths_of_the_phases": lambda values, part: [
        f"ends at iteration {last(part['ends/measured 0']):.0f} "
        f"(law {last(part['ends/law 0']):.0f})",
        f"avoidance at {last(part['ends/measured 1']):.0f} (law {last(part['ends/law 1']):.0f})",
        f"{(part['ends/measured 1'].y / part['ends/law 1'].y).max():.2f} for the second",
    ],
    "width_and_alignment": lambda values, part: [
        f"phase goes from {part['end/median'].y[0]:.0f} to {last(part['end/median']):.0f}",
        f"from {two(part['angle/median'].y[0])} to {two(last(part['angle/median']))} degrees",
        f"error goes from {two(part['error/median'].y[0])} to {two(last(part['error/median']))}",
    ],
    "staircase": lambda values, part: [
        f"{arrival(part['singular/first'], 1)}, {arrival(part['singular/second'], 0.3)} and "
        f"{arrival(part['singular/third'], 0.1)}",
        f"{two(part['field/saddle 1'].y[0])} at the best fit of rank 1",
        f"{two(part['field/saddle 2'].y[0])} at that of rank 2",
    ],
    "refinement": lambda values, part: [
        f"{two(part['error/error'].y[part['error/error'].x == 300][0])} at iteration 300",
        f"{two(last(part['error/error']))} at 1200",
    ],
    "which_completion": lambda values, part: [
        f"R = {values['R']}, α = 10^−{values['decades']}",
        f"the limit has trace {format_number(trace_of(values['R'], part['trace/here'].y[0]), 4)}",
        f"between {4 * values['R']} and {2 * values['R'] ** 2 + 2}",
    ],
    "rank_by_rank": lambda values, part: [
        "are "
        + ", ".join(format_number(value) for value in part["estimate/here"].y[:2])
        + f" and {format_number(part['estimate/here'].y[2])};",
        f"residual field is {two(part['field/field'].y[0])}"
        if part["field/field"].y[0] > 1.01e-4
        else "residual field is 0,",
    ],
    "distance_to_greedy": lambda values, part: [
        f"falls from {two(part['farthest/measured'].y[0])} at α = 0.1 to "
        f"{two(last(part['farthest/measured']))} at 10⁻⁷",
        f"exponent {slope_of_ends(part['farthest/measured'], 2):.2f}",
        f"the law says {slope_of_ends(part['farthest/law'], 2):.2f}",
    ],
    "tiny_start": lambda values, part: [
        f"{name} {format_number(half_way(part[f'second/{key}']) / half_way(part['second/exact']))}"
        for name, key in (
            ("gradient_flow is at", "flow"),
            ("gradient descent at", "descent"),
            ("Runge–Kutta at", "classical"),
        )
    ],
    "depth_and_separation": lambda values, part: [
        f"the second has size {two(part['lags/here'].y[0])}",
        f"the law says {'1.00' if values['depth'] > 2 else '0.61'}",
    ],
    "depth_on_completion": lambda values, part: [
        f"at depth {depth} {two(last(part[f'error/depth {depth}']))} and "
        f"{two(last(part[f'rank/depth {depth}']))}"
        for depth in (2, 3, 4)
    ],
    "many_instances": lambda values, part: [
        f"gradient descent finds {(part['errors/gradient descent'].y < 0.05).sum()} to within 5 %",
        f"greedy learning {(part['errors/greedy learning'].y < 0.05).sum()} and",
        f"nuclear norm {(part['errors/least nuclear norm'].y < 0.05).sum()};",
        ", ".join(two(last(row)) for key, row in part.items() if key.startswith("errors/")),
    ],
    "one_instance": lambda values, part: [
        f"Draw {values['draw']}, {values['method']}:",
        f"the trace {format_number(part['spectrum/found'].y.sum())} against",
    ],
    "starts_compared": lambda values, part: [
        "below 0.1 at iteration "
        f"{below(part['error/random'], 0.1)} from the random start, "
        f"{below(part['error/aligned'], 0.1)} from the small aligned one and "
        f"{below(part['error/estimate'], 0.1)} from",
        f"own error is {two(part['error/estimate'].y[0])}",
        *(two(last(part[f"error/{start}"])) for start in ("random", "aligned")),
    ],
}


@pytest.mark.parametrize(("setup", "source"), list(explorers()))
def test_explorer_over_its_whole_grid(setup, source, monkeypatch):
    names = {}
    exec(setup, names)
    explorer = eval(source, names)
    assert isinstance(explorer, Explorer)
    view = getattr(explorer.view, "func", explorer.view)
    canvas, drawn = Canvas(), {}
    monkeypatch.setattr("mscore.explorers.show", drawing_on(Canvas()))
    for values in explorer.combinations():
        description = explorer.draw(canvas, values)
        part = {f"{row.panel}/{row.key}": row for row in canvas.table()}
        for words in WORDS[view.__name__](values, part):
            assert words in description, (values, words, description)
        for panel in canvas.current():
            assert_visible(panel, values)
        assert run(explorer.code(**values)) == description
        drawn[tuple(values.values())] = "".join(panel.svg() for panel in canvas.current())
    assert_every_parameter_moves_the_figure(explorer, drawn)


def drawing_on(canvas):
    """Return what `show` does, on a canvas that stays: axes take longer to draw than frames."""

    def show(view, **fixed):
        canvas.begin()
        return view(canvas, **fixed)

    return show


def run(lines):
    """Return what the last of some lines of Python shows."""
    *imports, call = lines.splitlines()
    names = {}
    exec("\n".join(imports), names)
    return eval(call, names)


def assert_visible(panel, values):
    """Every part shows at least one of its points inside the axes."""
    (left, right), (bottom, top) = sorted(panel.spec.xlim), sorted(panel.spec.ylim)
    for row in panel.rows():
        if row.kind in ("line", "points"):
            inside = (row.x >= left) & (row.x <= right) & (row.y >= bottom) & (row.y <= top)
            assert inside.any(), (values, row.key, "lies outside its axes")


def assert_every_parameter_moves_the_figure(explorer, drawn):
    for place, (name, grid) in enumerate(explorer.parameters.items()):
        for value in grid.values[1:]:
            first = [svg for key, svg in drawn.items() if key[place] == grid.values[0]]
            other = [svg for key, svg in drawn.items() if key[place] == value]
            assert first != other, f"moving {name} from {grid.values[0]} to {value} changes nothing"
