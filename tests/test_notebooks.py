"""Every chapter keeps the house rules, and every rule notices when it is broken."""

import copy

import pytest

import notebook_rules as rules

NOTEBOOKS = rules.notebook_files()


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_notebook_keeps_the_rule(path, rule):
    complaints = list(rule(rules.read(rules.ROOT / path)))
    assert not complaints, f"{path} ({rule.__doc__})\n" + "\n".join(complaints)


def test_there_is_a_notebook_and_pytest_runs_each_one():
    assert NOTEBOOKS
    outside = [str(path) for path in NOTEBOOKS if path.parts[0] != "chapters"]
    assert not outside, f"nbval runs what lies in chapters/: move {outside} there"


def code(source, **more):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None}
    return cell | {"outputs": [], "source": source} | more


def markdown(source, **more):
    return {"cell_type": "markdown", "id": "b", "metadata": {}, "source": source} | more


def notebook(*cells, kernel="python3"):
    return {"cells": list(cells), "metadata": {"kernelspec": {"name": kernel}}}


FIGURE = {"mystnb": {"figure": {"caption": "What it shows.", "name": "fig-x"}}}
TEXT = {"output_type": "stream", "name": "stdout", "text": ["0.25\n"]}
IMAGE = {"output_type": "display_data", "data": {"image/png": "iVBO"}, "metadata": {}}
TAGGED = {"tags": [rules.CHECKED]}

GOOD = notebook(
    code("import numpy as np\nimport mscore as ms"),
    markdown("One sentence, e.g. this one.\nAnother, by Li et al. (2018), with $x. Y$.", id="c"),
    code("rng = np.random.default_rng(0)\nrng.normal()", id="d"),
    code("ms.explore(ms.figure, alpha=[1, 2])", id="e", metadata=FIGURE),
    code("print(0.25)", id="f", metadata=TAGGED, outputs=[TEXT], execution_count=1),
)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_good_notebook_draws_no_complaint(rule):
    assert list(rule(GOOD)) == []


BROKEN = [
    (rules.cell_sizes, notebook(code("x = 1\n" * 31)), "cell 0 has 31 lines"),
    (rules.cell_sizes, notebook(code("x = 1\n" * 6)), "median cell has 6 lines"),
    (rules.cell_sizes, notebook(*[code("x = 1")] * 8, *[code("x = 1\n" * 16)] * 2), "one cell in"),
    (rules.definitions, notebook(code("class A:\n    pass")), "class A"),
    (rules.definitions, notebook(code("def f(): ...\n" * 4)), "4 functions"),
    (rules.no_pyplot, notebook(code("import matplotlib.pyplot as plt")), "matplotlib itself"),
    (rules.no_pyplot, notebook(code("plt.plot([1])")), "matplotlib itself"),
    (rules.imports_mscore, notebook(code("import numpy as np")), "import mscore as ms"),
    (rules.seeds, notebook(code("np.random.seed(0)")), "np.random.seed"),
    (rules.seeds, notebook(code("x = np.random.randn(3)")), "global state"),
    (rules.seeds, notebook(code("np.random.default_rng()")), "without a seed"),
    (rules.one_sentence_a_line, notebook(markdown("First one. Second one.")), "'Second one.'"),
    (rules.one_sentence_a_line, notebook(markdown("- It is. *It* was.")), "'*It* was.'"),
    (rules.one_sentence_a_line, notebook(markdown("**Key.** It is. It was.")), "'It was.'"),
    (
        rules.one_sentence_a_line,
        notebook(markdown("```{note}\nAn aside. And more.\n```")),
        "'And more.'",
    ),
    (rules.figures_are_named, notebook(code("show(figure)")), "mystnb.figure.name"),
    (rules.figures_are_named, notebook(code("ms.explore(f)")), "mystnb.figure.caption"),
    (rules.outputs_are_stripped, notebook(code("1", outputs=[TEXT])), "strip them"),
    (rules.outputs_are_stripped, notebook(code("1", execution_count=3)), "strip them"),
    (rules.outputs_are_stripped, notebook(code("1", metadata=TAGGED)), "run it and keep"),
    (
        rules.outputs_are_stripped,
        notebook(code("1", metadata=TAGGED, outputs=[TEXT])),
        "its count",
    ),
    (
        rules.outputs_are_stripped,
        notebook(code("1", metadata=TAGGED, outputs=[IMAGE], execution_count=1)),
        "not text",
    ),
    (rules.no_images, notebook(code("1", outputs=[IMAGE])), "stores an image"),
    (rules.no_images, notebook(markdown("![x](data:image/png;base64,iV)")), "stores an image"),
    (rules.no_images, notebook(markdown("x", attachments={"x.png": {}})), "stores an image"),
    (rules.no_machine_paths, notebook(code("open('/home/me/x.npy')")), "make it relative"),
    (rules.no_machine_paths, notebook(code(r"open('C:\me\x.npy')")), "make it relative"),
    (rules.cell_ids, notebook(code("1", id="")), "no valid id"),
    (rules.cell_ids, notebook(code("1"), code("2")), "repeats the id 'a'"),
    (rules.kernel, notebook(kernel="my-env"), "'my-env'"),
]


@pytest.mark.parametrize(
    "rule, broken, message", BROKEN, ids=[f"{x[0].__name__}-{n}" for n, x in enumerate(BROKEN)]
)
def test_a_broken_notebook_is_told_what_to_do(rule, broken, message):
    assert message in "\n".join(rule(broken))


def test_a_stochastic_function_needs_its_seed_in_the_call(monkeypatch):
    monkeypatch.setattr(rules, "stochastic_functions", lambda: {"start"})
    assert list(rules.seeds(notebook(code("ms.start(1, rng=0)")))) == []
    assert "ms.start without rng=" in next(rules.seeds(notebook(code("ms.start(1)"))))


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1). Then()\n```",
        "| a. B | c. D |",
        "$$\nx. Y\n$$",
        "1. First step of a list.",
        "2. *A lead-in.* What it says.",
        "See Fig. 2 and Sec. 3, cf. Theorem 1.",
        "The claim of J. Li stands.",
    ],
)
def test_code_math_tables_and_abbreviations_are_not_sentences(text):
    assert list(rules.one_sentence_a_line(notebook(markdown(text)))) == []


def test_strip_keeps_compared_text_and_drops_the_rest():
    dirty = copy.deepcopy(GOOD)
    dirty["cells"][2] |= {"outputs": [IMAGE], "execution_count": 2}
    dirty["cells"][4]["outputs"].append(IMAGE)
    dirty["metadata"]["widgets"] = {"state": {}}
    rules.strip(dirty)
    assert dirty == GOOD


def test_the_command_strips_the_file_and_reports(tmp_path, capsys):
    path = tmp_path / "chapter.ipynb"
    rules.write(
        path, notebook(code("import mscore", outputs=[TEXT], execution_count=1), kernel="x")
    )
    assert rules.main(["--strip", str(path)]) == 1
    assert "set kernelspec.name to 'python3'" in capsys.readouterr().out
    assert rules.read(path)["cells"][0]["outputs"] == []
