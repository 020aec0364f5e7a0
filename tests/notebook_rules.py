"""The house rules of a chapter, each as a function from a notebook to its complaints.

``python tests/notebook_rules.py FILE ...`` prints the complaints and exits 1 if there are any;
with ``--strip`` it first takes the outputs out of each file, as the pre-commit hook does.
A notebook is the dictionary that its JSON holds. Only the standard library is needed.
"""

from __future__ import annotations

import ast
import json
import math
import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKED = "nbval-check-output"  # the tag of a cell whose stored text output is compared
MEDIAN_LINES, MOST_LINES, LONGEST_CELL, MOST_DEFS = 5, 15, 30, 3


def cell_sizes(notebook):
    """Cells are short: the reader sees code and consequence together."""
    sizes = [(number, _line_count(cell)) for number, cell in _code_cells(notebook)]
    if not sizes:
        return
    for number, size in sizes:
        if size > LONGEST_CELL:
            yield f"cell {number} has {size} lines: split it, {LONGEST_CELL} is the most"
    ordered = sorted(size for _, size in sizes)
    median, upper = statistics.median(ordered), ordered[math.ceil(0.9 * len(ordered)) - 1]
    if median > MEDIAN_LINES:
        yield f"the median cell has {median:g} lines: bring it to {MEDIAN_LINES}"
    if upper > MOST_LINES:
        yield f"one cell in ten has {upper} lines or more: bring that to {MOST_LINES}"


def definitions(notebook):
    """A chapter teaches; what is plumbing lives in mscore, with a test."""
    defs = 0
    for number, tree in _trees(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield f"cell {number} defines class {node.name}: move it to mscore"
            defs += isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    if defs > MOST_DEFS:
        yield f"{defs} functions are defined: move some to mscore, {MOST_DEFS} is the most"


def no_pyplot(notebook):
    """Figures come from mscore.figures in one line, in the book's one style."""
    for number, tree in _trees(notebook):
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if "plt" in names or any(name.startswith("matplotlib") for name in _imports(tree)):
            yield f"cell {number} draws with matplotlib itself: call a function of mscore.figures"


def imports_mscore(notebook):
    """A chapter that does not use the package teaches code that nothing tests."""
    imported = {name.split(".")[0] for _, tree in _trees(notebook) for name in _imports(tree)}
    if "mscore" not in imported:
        yield "mscore is not imported: write 'import mscore as ms' in the set-up cell"


def seeds(notebook):
    """Every random draw has its seed in the same line."""
    stochastic = stochastic_functions()
    for number, tree in _trees(notebook):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name, keywords = ast.unparse(call.func), {word.arg for word in call.keywords}
            last = name.split(".")[-1]
            if last == "default_rng":
                if not call.args and not keywords:
                    yield f"cell {number} calls {name}() without a seed: give it one"
            elif re.match(r"(np|numpy)\.random\.[a-z]", name):
                yield f"cell {number} calls {name}, which draws from global state: pass rng="
            elif last in stochastic and not keywords & {"rng", None}:
                yield f"cell {number} calls {name} without rng=: pass a seed"


def one_sentence_a_line(notebook):
    """One sentence a line, so that a diff shows which sentence changed."""
    for number, cell in _cells(notebook, "markdown"):
        for line in _prose_lines(_source(cell)):
            if second := _second_sentence(line):
                yield f"cell {number}: start a new line before {second!r}"


def figures_are_named(notebook):
    """Every figure has a caption and a name to refer to it by."""
    for number, tree in _trees(notebook):
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        if not {getattr(f, "attr", getattr(f, "id", None)) for f in calls} & {"explore", "show"}:
            continue
        metadata = notebook["cells"][number]["metadata"]
        figure = metadata.get("mystnb", {}).get("figure", {})
        for key in ("caption", "name"):
            if not str(figure.get(key, "")).strip():
                yield f"cell {number} shows a figure: give it metadata mystnb.figure.{key}"


def outputs_are_stripped(notebook):
    """Outputs are made by the build; only those that a test compares are stored."""
    for number, cell in _code_cells(notebook):
        outputs, count = cell.get("outputs", []), cell.get("execution_count")
        if CHECKED not in _tags(cell):
            if outputs or count is not None:
                yield f"cell {number} has stored outputs: strip them, or tag the cell {CHECKED}"
        elif not outputs or count is None:
            yield f"cell {number} is tagged {CHECKED}: run it and keep its output and its count"
        elif not all(map(_is_text, outputs)):
            yield f"cell {number} stores an output that is not text: only text is compared"


def no_images(notebook):
    """No picture stands in the file: the build draws them."""
    for number, cell in _cells(notebook):
        text = _source(cell) + json.dumps(cell.get("outputs", []))
        if cell.get("attachments") or "data:image" in text or '"image/' in text:
            yield f"cell {number} stores an image: draw it in a cell, or link to a file"


def no_machine_paths(notebook):
    """A chapter runs on the reader's machine, not on its author's."""
    pattern = r"(?<![\w./:])/(?:home|Users|root|tmp|var|mnt|opt|private)/\w|\b[A-Z]:\\\\?\w"
    for number, cell in _cells(notebook):
        text = _source(cell) + json.dumps(cell.get("outputs", []))
        if found := re.search(pattern, text):
            yield f"cell {number} names a path of one machine near {found[0]!r}: make it relative"


def cell_ids(notebook):
    """Stable ids keep diffs small: every cell has its own, and it is never remade."""
    seen = set()
    for number, cell in _cells(notebook):
        identity = cell.get("id", "")
        if not re.fullmatch(r"[\w-]{1,64}", identity):
            yield f"cell {number} has no valid id: save the notebook in format 4.5 or newer"
        elif identity in seen:
            yield f"cell {number} repeats the id {identity!r}: give it one of its own"
        seen.add(identity)


def kernel(notebook):
    """Every tool knows the kernel python3; no other name exists on a reader's machine."""
    name = notebook["metadata"].get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"the kernel is {name!r}: set kernelspec.name to 'python3'"


RULES = (
    cell_sizes,
    definitions,
    no_pyplot,
    imports_mscore,
    seeds,
    one_sentence_a_line,
    figures_are_named,
    outputs_are_stripped,
    no_images,
    no_machine_paths,
    cell_ids,
    kernel,
)


def notebook_files():
    """Return the paths of the book's notebooks, built copies and hidden folders left out."""
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*.ipynb"))
    return sorted(path for path in paths if not any(part[0] in "._" for part in path.parts))


def stochastic_functions():
    """Return the names of mscore's public functions that take `rng`."""
    names = set()
    for path in (ROOT / "mscore").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = node.args.args + node.args.kwonlyargs
                if "rng" in {argument.arg for argument in arguments}:
                    names.add(node.name)
    return names


def strip(notebook):
    """Take out, in place, what a run has left: all outputs but the compared text."""
    notebook["metadata"].pop("widgets", None)
    for _, cell in _code_cells(notebook):
        cell["metadata"].pop("execution", None)
        if CHECKED in _tags(cell):
            cell["outputs"] = [output for output in cell["outputs"] if _is_text(output)]
        else:
            cell["outputs"], cell["execution_count"] = [], None


def read(path):
    """Return the notebook in the file `path`."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write(path, notebook):
    """Write `notebook` the way Jupyter does."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def _cells(notebook, kind=None):
    """Yield each cell of a kind with its position in the notebook."""
    for number, cell in enumerate(notebook["cells"]):
        if kind in (None, cell["cell_type"]):
            yield number, cell


def _code_cells(notebook):
    return _cells(notebook, "code")


def _source(cell):
    return "".join(cell["source"])


def _tags(cell):
    return cell["metadata"].get("tags", [])


def _line_count(cell):
    return sum(bool(line.strip()) for line in _source(cell).splitlines())


def _trees(notebook):
    """Yield the syntax tree of each code cell; lines for the shell or a magic count as empty."""
    for number, cell in _code_cells(notebook):
        lines = ("" if re.match(r"\s*[%!]", x) else x for x in _source(cell).splitlines())
        yield number, ast.parse("\n".join(lines))


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _is_text(output):
    if output["output_type"] == "stream":
        return output["name"] == "stdout"
    return set(output.get("data", {"none": None})) == {"text/plain"}


def _prose_lines(text):
    """Yield the lines of Markdown that are sentences: no code, no math, no tables."""
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    fences = []  # for each open fence: is its content prose?
    for line in text.splitlines():
        if fence := re.match(r"\s*([`:~]{3,})(.*)", line):
            if fence[2].strip():
                fences.append(_holds_prose(fence[2].strip()))
            elif fences:
                fences.pop()
            else:
                fences.append(False)
        elif all(fences) and not re.match(r"\s*(\||#|:\w+:|%|\()", line):
            yield line


def _holds_prose(opening):
    """Say whether a fence that opens so is a directive with text in it."""
    return opening.startswith("{") and not re.match(r"\{(code|math|list-table|eval|bib)", opening)


def _second_sentence(line):
    """Return the start of a line's second sentence, or None."""
    line = re.sub(r"`+[^`]*`+|\$[^$]*\$", "x", line)
    line = re.sub(r"^\s*(?:[-*+>]|\d+[.)])\s+", "", line)
    line = re.sub(r"^(\*{1,2})[^*]+\1\s+", "", line)  # an emphasised lead-in is a title
    for end in re.finditer(r"(\S*?[\w)\]*_\"'])[.!?][)\]*_\"']*\s+(?=[A-Z*_\"'(\[])", line):
        word = end[1].strip("([*_\"'").lower()
        if len(word) > 1 and word not in ABBREVIATIONS:
            return line[end.end() :][:30]
    return None


ABBREVIATIONS = {"e.g", "i.e", "cf", "fig", "eq", "sec", "thm", "al", "vs", "approx", "ch", "no"}


def main(arguments):
    """Check the files named in `arguments`; return the number of complaints."""
    complaints = 0
    for path in (argument for argument in arguments if argument != "--strip"):
        notebook = read(path)
        if "--strip" in arguments:
            before = json.dumps(notebook)
            strip(notebook)
            if json.dumps(notebook) != before:
                write(path, notebook)
        for rule in RULES:
            for complaint in rule(notebook):
                complaints += 1
                print(f"{path}: {complaint}  ({rule.__name__})")
    return complaints


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
