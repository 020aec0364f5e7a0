"""The floors of mscore: an import goes down only, and numpy alone is enough for the solvers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mscore"

# The floor of each module or subpackage.
FLOORS = {
    "_blas": 1,
    "_cancel": 1,
    "_validate": 1,
    "operators": 1,
    "problems": 1,
    "rectangular": 1,
    "descent": 2,
    "deep": 2,
    "greedy": 2,
    "flow": 2,
    "pairs": 2,
    "convex": 2,
    "diagnostics": 2,
    "phases": 2,
    "claims": 2,
    "figures": 3,
    "explorers": 4,
}
PUBLIC_FLOOR = 2  # mscore/__init__.py: the names of floors 1 and 2

# What a floor may import besides the standard library and what the floors below it may.
# PIL comes with matplotlib.
OUTSIDE = {1: {"numpy"}, 3: {"matplotlib", "PIL"}, 4: {"ipywidgets", "IPython"}}
# Imports that may fail, and in which modules: each stands in a try, or inside a function.
OPTIONAL = {"threadpoolctl": "_blas", "ipywidgets": "explorers", "IPython": "explorers"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def dotted_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(name):
    """Return the floor of a dotted name in mscore; a name of the package itself is public."""
    parts = name.split(".")
    return FLOORS.get(parts[1], PUBLIC_FLOOR) if len(parts) > 1 else PUBLIC_FLOOR


def imported_names(tree, package):
    """Yield the dotted names that a module imports; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_at_load(tree):
    """Yield the top packages whose absence would stop the module from loading."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name.split(".")[0] for name in imported_names(node, "mscore"))


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def package_of(path):
    name = dotted_name(path)
    return name if path.stem == "__init__" else name.rpartition(".")[0]


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_module_has_a_floor(path):
    parts = dotted_name(path).split(".")
    assert len(parts) == 1 or parts[1] in FLOORS, f"say in FLOORS on which floor {parts[1]} lives"


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_imports_go_down_only(path):
    floor = floor_of(dotted_name(path))
    for name in imported_names(parsed(path), package_of(path)):
        if name.split(".")[0] == "mscore":
            assert floor_of(name) <= floor, f"floor {floor} imports {name}, which lives above it"


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_imports_from_outside_belong_to_the_floor(path):
    name = dotted_name(path)
    allowed = set().union(*(OUTSIDE.get(f, set()) for f in range(1, floor_of(name) + 1)))
    allowed |= {package for package, module in OPTIONAL.items() if module in name.split(".")}
    used = {name.split(".")[0] for name in imported_names(parsed(path), package_of(path))}
    foreign = used - allowed - set(sys.stdlib_module_names) - {"mscore", "__future__"}
    assert not foreign, f"{name} imports {foreign}; its floor allows {sorted(allowed)}"


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_optional_packages_are_not_needed_to_load(path):
    needed = set(imports_at_load(parsed(path))) & set(OPTIONAL)
    assert not needed, f"import {needed} in a try, or in the function that uses it"


SOLVE_WITH_NUMPY_ALONE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"matplotlib", "ipywidgets", "IPython", "threadpoolctl"}:
            raise ModuleNotFoundError(f"{name} is absent in this test", name=name)

sys.meta_path.insert(0, Absent())

import mscore as ms

problem = ms.psd_sensing(n=10, rank=1, m=25, rng=0)
start = ms.gaussian_start(problem, width=10, scale=1e-3, rng=1)
run = ms.gradient_descent(problem, start, step_size=0.2, max_iter=300)
print(run.stop_reason)
"""


def test_numpy_alone_is_enough_for_the_solvers():
    command = [sys.executable, "-W", "error", "-c", SOLVE_WITH_NUMPY_ALONE]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.split()) > 1, "stop_reason is a sentence"


def test_importing_mscore_loads_nothing_of_floors_3_and_4():
    code = "import mscore, sys; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"matplotlib", "ipywidgets", "IPython"} & set(result.stdout.split())
