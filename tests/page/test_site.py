"""The built site as files: its links, the Evidence page, the reference."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import yaml
from bs4 import BeautifulSoup
from test_pages import pages

import mscore

BOOK = Path(__file__).parents[2]


@cache
def parsed(path):
    return BeautifulSoup(path.read_text("utf8"), "html.parser")


@cache
def anchors(path):
    return {tag["id"] for tag in parsed(path).select("[id]")}


def broken_links(path):
    """Return the links of a page that lead to no file of the site, or to no place in it."""
    broken = []
    for tag in parsed(path).select("a[href], link[href], script[src], img[src]"):
        link = urlsplit(tag.get("href") or tag.get("src"))
        if link.scheme or link.netloc:
            continue
        file = (path.parent / unquote(link.path)).resolve() if link.path else path
        fragment = unquote(link.fragment)
        if not file.is_file() or (fragment and fragment not in anchors(file)):
            broken.append(link.geturl())
    return broken


def test_links_inside_the_site_lead_somewhere(built):
    paths = [*pages(), "index.html", "search.html"]
    broken = {path: links for path in paths if (links := broken_links(built / path))}
    assert broken == {}


def test_evidence_lists_every_claim(built):
    claims = yaml.safe_load((BOOK / "claims.yml").read_text("utf8"))
    assert [claim["id"] for claim in claims] == [f"C{i}" for i in range(1, 41)]
    assert {claim["id"].lower() for claim in claims} <= anchors(built / "evidence.html")


def checks(notebook):
    """Return how many claims a chapter's source checks."""
    cells = nbformat.read(notebook, as_version=4).cells
    return sum(cell.source.count("claim(") for cell in cells if cell.cell_type == "code")


def test_evidence_shows_every_check(built):
    chapters = [path for path in pages() if path.startswith("chapters/")]
    made = sum(checks(BOOK / path.replace(".html", ".ipynb")) for path in chapters)
    boxes = [box for path in chapters for box in parsed(built / path).select("div.claim")]
    shown = [text.get_text() for text in parsed(built / "evidence.html").select("p.observed")]
    assert made == len(boxes) == len(shown) > 0
    assert not [text for text in shown if text.startswith("Fails")]


def test_reference_has_every_public_name(built):
    page = parsed(built / "reference.html")
    documented = {name.get_text() for name in page.select("dt.sig .sig-name")}
    assert sorted(set(mscore.__all__) - documented) == []
