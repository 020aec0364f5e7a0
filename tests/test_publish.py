"""The two steps after the book's build, without the book: Run in browser and the offline copy."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "publish"))

import offline_copy  # noqa: E402
import run_in_browser  # noqa: E402

CHAPTER = Path("chapters/psd_sensing.ipynb")
PAGE = "<html><head><title>PSD</title></head><body>&lt;/head&gt;</body></html>"


# -- the link on a chapter's page


def test_link_is_added_once_and_taken_away_whole():
    once = run_in_browser.with_link(PAGE, CHAPTER)
    assert 'data-notebook="chapters/psd_sensing.ipynb"></script></head>' in once
    assert run_in_browser.with_link(once, CHAPTER) == once
    assert run_in_browser.without_link(once, CHAPTER) == PAGE


# -- Run in browser


def test_only_built_chapters_are_taken(tmp_path):
    with pytest.raises(SystemExit, match="build the book first"):
        run_in_browser.chapters(tmp_path)
    page = tmp_path / CHAPTER.with_suffix(".html")
    page.parent.mkdir()
    page.touch()
    assert run_in_browser.chapters(tmp_path) == [CHAPTER]


def test_staged_chapter_differs_in_its_kernel_alone(tmp_path):
    run_in_browser.stage_chapter(ROOT / CHAPTER, tmp_path / CHAPTER)
    staged = json.loads((tmp_path / CHAPTER).read_text("utf8"))
    source = json.loads((ROOT / CHAPTER).read_text("utf8"))
    assert staged["metadata"].pop("kernelspec")["name"] == "python"
    assert source["metadata"].pop("kernelspec")["name"] == "python3"
    assert staged == source


@pytest.mark.parametrize("version", [None, "0.28.0", "0.2.7"])
def test_folder_without_a_fitting_pyodide_is_refused(tmp_path, version):
    if version:
        lock = {"info": {"version": version}}
        (tmp_path / "pyodide-lock.json").write_text(json.dumps(lock))
    with pytest.raises(SystemExit, match=f"--pyodide must .*{version or tmp_path.name}"):
        run_in_browser.check_pyodide(tmp_path)


# -- the offline copy


@pytest.fixture
def site(tmp_path):
    """A small site, with what Run in browser adds to it."""
    files = {
        "index.html": PAGE,
        "chapters/psd_sensing.html": run_in_browser.with_link(PAGE, CHAPTER),
        "lite/index.html": "",
        "_static/book.js": "",
        "_static/book.js.map": "",
        ".buildinfo": "",
        "objects.inv": "",
    }
    for name, text in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


def test_copy_has_what_a_reader_needs_and_no_trace_of_the_rest(site, tmp_path):
    offline_copy.pack(site, tmp_path / "copy.zip")
    copy = zipfile.ZipFile(tmp_path / "copy.zip")
    names = ["_static/book.js", "chapters/psd_sensing.html", "index.html"]
    assert copy.namelist() == [f"low-rank-bias/{name}" for name in names]
    assert copy.read("low-rank-bias/chapters/psd_sensing.html").decode() == PAGE


def test_same_pages_give_the_same_copy(site, tmp_path):
    offline_copy.pack(site, tmp_path / "first.zip")
    os.utime(site / "index.html", (0, 0))
    (site / "index.html").chmod(0o600)
    offline_copy.pack(site, tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
