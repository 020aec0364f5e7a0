"""Time of a move in a kernel: `python benchmarks/live.py [chapters/psd_sensing.ipynb ...]`.

Each control of each explorer of the chapters goes, with the others at their start, to values where
it has not been: between those of its grid, to the other values of its list, to new draws. So a
move runs what a reader's first visit runs; what a view keeps for the next visit does not help.

Between the explorers runs the move that `iteration.py` times at n = 40, for which 50 ms are allowed
too: it says how fast the machine was.
"""

import json
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

import mscore as ms
from mscore.explorers import Explorer, _live
from mscore.figures import Canvas

CHAPTERS = Path(__file__).parents[1] / "chapters"
ALLOWED = 50  # milliseconds of computing, n <= 40
DRAWS = range(1000, 1007)  # no chapter shows these


def explorers(path):
    """Yield the explorers with controls of a chapter."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    setup, *sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = {}
    exec(setup, names)
    for source in sources:
        if source.startswith("explore("):
            yield eval(source, names)


def moves(explorer: Explorer):
    """Return the values that each control goes to."""
    values = {name: new_values(grid) for name, grid in explorer.parameters.items()}
    values = {name: [v for v in new if v != explorer.start[name]] for name, new in values.items()}
    if _live._can_draw_again(explorer):
        values["New draw"] = list(DRAWS)
    return values


def new_values(grid):
    if grid.spacing == "list":
        return list(grid.values)
    middle = {"log": lambda a, b: (a * b) ** 0.5, "lin": lambda a, b: (a + b) / 2}[grid.spacing]
    between = [middle(*ends) for ends in pairwise(grid.values)]
    if grid.integer:
        between = [value for value in map(round, between) if value not in grid.values]
    return between


def measure(explorer, canvas, values):
    """Return the milliseconds that a move computes and draws."""
    begin = time.perf_counter()
    explorer.draw(canvas, values)
    computed = time.perf_counter()
    for panel in canvas.current():
        panel.svg()
    return 1e3 * (computed - begin), 1e3 * (time.perf_counter() - computed)


def one_run():
    """Return the milliseconds that one run takes, that of `iteration.py` at n = 40."""
    problem = ms.psd_sensing(40, 1, 360, rng=0, dtype="float32")
    start = ms.gaussian_start(problem, 40, 1e-4, rng=1)
    begin = time.perf_counter()
    ms.gradient_descent(problem, start, step_size=0.2, max_iter=600, tol=0)
    return 1e3 * (time.perf_counter() - begin)


def main(*paths):
    every, runs = [], []
    print(f"{'view':34}{'control':20}{'moves':>6}{'computing':>13}{'drawing':>11}")
    for path in map(Path, paths or sorted(CHAPTERS.glob("*.ipynb"))):
        for explorer in explorers(path):
            canvas = Canvas()
            measure(explorer, canvas, explorer.start)  # the axes, and the first frame's run
            runs.append(one_run())
            for control, values in moves(explorer).items():
                name = _live.DRAW if control == "New draw" else control
                times = [measure(explorer, canvas, explorer.start | {name: v}) for v in values]
                every += times
                computing, drawing = map(statistics.median, zip(*times, strict=True))
                print(
                    f"{explorer.view.__name__:34}{control:20}{len(times):6}"
                    f"{computing:10.1f} ms{drawing:8.1f} ms"
                    + (f"  over {ALLOWED} ms" if computing > ALLOWED else "")
                )
    computing, drawing = map(statistics.median, zip(*every, strict=True))
    print(f"all {len(every)} moves: median {computing:.1f} ms computing, {drawing:.1f} ms drawing")
    print(
        f"allowed: {ALLOWED} ms computing; one run at n = 40 took {statistics.median(runs):.1f} ms"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
