"""What a reader installs: one version everywhere, one lock for everything, and a whole wheel."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import mscore

ROOT = Path(__file__).resolve().parents[1]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def requirement_names(name):
    """Return the packages that a requirements file names, without comments and options."""
    lines = (line.partition("#")[0].strip() for line in text(name).splitlines())
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in lines if line[:1].isalpha()}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_versions():
    """Return the set of versions that constraints.txt gives to each package."""
    versions = {}
    for line in text("constraints.txt").splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
            versions.setdefault(normal(match[1]), set()).add(match[2])
    return versions


def test_version_is_the_same_everywhere():
    version = re.escape(mscore.__version__)
    assert re.search(rf'^version = "{version}"$', text("pyproject.toml"), re.MULTILINE)
    assert yaml.safe_load(text("CITATION.cff"))["version"] == mscore.__version__
    assert re.search(rf"^## {version}\b", text("CHANGELOG.md"), re.MULTILINE)


def test_mscore_itself_needs_numpy_alone():
    assert re.search(r'^dependencies = \["numpy>=[\d.]+"\]', text("pyproject.toml"), re.MULTILINE)


@pytest.mark.parametrize("folder", ["", "publish/", "tests/"])
def test_every_requirement_is_locked(folder):
    assert requirement_names(f"{folder}requirements.txt") <= set(locked_versions())


def test_lock_holds_exact_versions_and_nothing_else():
    line = re.compile(r"(#.*|[\w.-]+==[\w.]+( ; .+)?)?")
    odd = [x for x in text("constraints.txt").splitlines() if not line.fullmatch(x)]
    assert not odd, "constraints.txt has a line that is not an exact version"


def test_peers_of_the_benchmark_are_not_installed_by_anything_else():
    peers = re.search(r"^peers = \[(.*)\]", text("pyproject.toml"), re.MULTILINE)[1]
    names = {normal(name) for name in re.findall(r'"([\w.-]+)', peers)}
    assert names
    assert not names & set(locked_versions())
    assert not names & requirement_names("tests/requirements.txt")


def test_hooks_use_the_locked_versions():
    locked = locked_versions()
    for hook in yaml.safe_load(text(".pre-commit-config.yaml"))["repos"][0]["hooks"]:
        for pin in hook.get("additional_dependencies", []):
            name, _, version = pin.partition("==")
            assert version in locked.get(normal(name), {version}), f"{hook['id']}: {pin}"


def test_both_licences_are_there():
    assert text("LICENSE").startswith("BSD 3-Clause License")
    assert "Creative Commons Attribution 4.0 International Public License" in text("LICENSE-text")


@pytest.mark.parametrize("name", ["build", "test"])
def test_readme_command_is_one_line_that_ci_can_find(name):
    block = re.search(rf"^<!-- command: {name} -->\n```sh\n(.+)\n```$", text("README.md"), re.M)
    assert block and block[1].startswith("python3 -m venv .venv && ")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_to_files_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#:]+)\)", text(name))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CI"), reason="fetches the build tool; set CI=true to run")
def test_wheel_holds_the_whole_package_and_nothing_else(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", ROOT, "-w", tmp_path]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for path in (ROOT / "mscore").rglob("*") if path.is_file())
    assert packed == {
        path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts
    }
