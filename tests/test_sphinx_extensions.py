"""The book's Sphinx extensions, without building the book."""

import doctest
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ConfigError

EXTENSIONS = Path(__file__).parents[1] / "_ext"
sys.path.append(str(EXTENSIONS))

import claim_output  # noqa: E402
import evidence  # noqa: E402
import execution  # noqa: E402
import page_assets  # noqa: E402
import repository  # noqa: E402


def config():
    return SimpleNamespace(html_theme_options={"launch_buttons": {"binderhub_url": "x"}})


@pytest.fixture
def no_address(monkeypatch, tmp_path):
    """An application outside any checkout, and an environment without an address."""
    for name in ("BOOK_REPOSITORY_URL", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return SimpleNamespace(srcdir=tmp_path)


def test_docstring_examples():
    assert doctest.testmod(claim_output).failed == 0


# -- the public address


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/owner/name",
        "https://github.com/owner/name.git",
        "https://user:token@github.com/owner/name.git",
        "git@github.com:owner/name.git",
        "ssh://git@github.com/owner/name.git",
    ],
)
def test_address_from_remote(remote):
    assert repository.address_from_remote(remote) == "https://github.com/owner/name"


@pytest.mark.parametrize("remote", ["", "/srv/git/name.git", "https://example.org/owner/name"])
def test_other_remotes_give_no_address(remote):
    assert repository.address_from_remote(remote) is None


def test_address_from_environment():
    ci = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "owner/name"}
    assert repository.address_from_environment({}) is None
    assert repository.address_from_environment(ci) == "https://github.com/owner/name"
    own = {**ci, "BOOK_REPOSITORY_URL": "https://gitlab.com/other/book.git"}
    assert repository.address_from_environment(own) == "https://gitlab.com/other/book"


def test_malformed_address_is_refused():
    with pytest.raises(ConfigError, match="got 'github.com/owner'"):
        repository.address_from_environment({"BOOK_REPOSITORY_URL": "github.com/owner"})


def test_no_address_no_buttons(no_address):
    settings = config()
    repository.set_buttons(no_address, settings)
    assert settings.html_theme_options == {}


def test_address_gives_buttons(no_address, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "https://github.com/owner/name")
    settings = config()
    repository.set_buttons(no_address, settings)
    options = settings.html_theme_options
    assert options["repository_url"] == "https://github.com/owner/name"
    assert options["use_repository_button"] and "launch_buttons" in options


@pytest.mark.parametrize(("source", "left"), [("intro.md", 0), ("chapter.ipynb", 1)])
def test_only_notebooks_are_launched(source, left):
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: source))
    context = {"header_buttons": [{"label": "launch-buttons"}]}
    repository.launch_notebooks_only(app, "page", "page.html", context, None)
    assert len(context["header_buttons"]) == left


# -- running the chapters


def test_run_key_follows_the_package(monkeypatch, tmp_path):
    source = tmp_path / "solver.py"
    source.write_text("x = 1")
    monkeypatch.setattr(execution, "package_files", lambda package: [source])
    before = execution.run_key()
    assert execution.run_key() == before
    source.write_text("x = 2")
    assert execution.run_key() != before


def test_package_files_are_sources():
    names = {path.name for path in execution.package_files("mscore")}
    assert {"__init__.py", "explorer.js"} <= names
    assert not any(name.endswith(".pyc") for name in names)


def test_mathjax_is_installed():
    folder = page_assets.mathjax_folder()
    assert all((folder / part).exists() for part in page_assets.MATHJAX_PARTS)


# -- claims


def record(identifier, **changes):
    values = {"value": 0.5, "low": None, "high": 1.0, "holds": True}
    return {"id": identifier, "statement": "a sentence", **values, **changes}


def test_observed_text():
    text = claim_output.observed_text(record("C8", value=1.2345e-7, high=1e-3))
    assert text == "Observed 1.23 × 10⁻⁷, claimed at most 0.001."


def test_records_are_kept_with_their_page():
    env = SimpleNamespace(metadata={"a": {}, "b": {}}, found_docs={"b", "a"})
    for docname, identifier in [("b", "C8a"), ("b", "C8a"), ("a", "L1.4")]:
        claim_output.note_claim(env, docname, record(identifier))
    anchors = [(entry["docname"], entry["anchor"]) for entry in evidence.build_records(env)]
    assert anchors == [("a", "claim-l1-4"), ("b", "claim-c8a"), ("b", "claim-c8a-2")]


def test_observations_of_one_claim_share_its_row():
    assert [evidence.listed_id(name) for name in ("C8", "C8b", "L1.6a")] == ["C8", "C8", "L1.6"]


def test_claims_are_complete():
    claims = evidence.load_claims(EXTENSIONS.parent)
    assert {entry["status"] for entry in claims} <= {"supported", "qualified", "refuted"}
    assert all(entry["claim"] and entry["chapters"] for entry in claims)
    assert all("refuted by" in entry or "qualification" in entry for entry in claims)
