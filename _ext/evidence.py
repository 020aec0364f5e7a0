"""The Evidence page: what the sources claim, and what the chapters of this build observed.

``{evidence} claims`` lists claims.yml and adds each chapter's observations; ``{evidence} laws``
lists the checks whose id is not in claims.yml. Observations are added when the page is written,
once every chapter has been read.
"""

from pathlib import Path

import yaml
from claim_output import claim_anchor, observed_text, text_with_math
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

CLAIMS_FILE = "claims.yml"
UNTESTED = "Not tested in this edition."


class observations(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """Placeholder of one claim's observations, replaced when the page is written."""


class law_table(nodes.General, nodes.Element):  # noqa: N801
    """Placeholder of the table of laws, replaced when the page is written."""


def build_records(env):
    """Return what the pages of this build checked; claim_output.py keeps it with each page."""
    pages = sorted(env.found_docs)
    return [record for page in pages for record in env.metadata[page].get("claims", [])]


def load_claims(folder):
    """Return the claims of claims.yml."""
    return yaml.safe_load((Path(folder) / CLAIMS_FILE).read_text("utf8"))


def listed_id(identifier):
    """Return the id under which a record is listed: "C8" for the observation "C8a" of claim C8."""
    return identifier.rstrip("abcdefghijklmnopqrstuvwxyz")


class Evidence(SphinxDirective):
    """Place the table of claims or the table of laws."""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(str(Path(self.env.srcdir) / CLAIMS_FILE))
        self.env.metadata[self.env.docname]["has_evidence"] = True
        if self.arguments[0] == "laws":
            return [law_table()]
        if self.arguments[0] == "claims":
            rows = [self.claim_row(claim) for claim in load_claims(self.env.srcdir)]
            return [table(("Claim", "What the source says", "What this build observed"), rows)]
        raise self.error(f"evidence must be followed by claims or laws; got {self.arguments[0]!r}")

    def claim_row(self, claim):
        sources = ", ".join(f"{{cite:t}}`{key}`" for key in claim.get("sources", []))
        statement = f"{claim['claim']} {sources}"
        chapters = " and ".join(name.replace("_", " ") for name in claim["chapters"])
        observed = [observations(claim=claim["id"], status=claim["status"], chapters=chapters)]
        for name in ("qualification", "refuted by"):
            if name in claim:
                observed += self.parsed(f"{name.capitalize()}: {claim[name]}.")
        return target(claim["id"]), self.parsed(statement), observed

    def parsed(self, text):
        """Return the nodes of a text in the book's Markdown."""
        holder = nodes.Element()
        self.state.nested_parse(StringList([text], source=CLAIMS_FILE), 0, holder)
        return holder.children


def target(identifier):
    """Return a cell that holds an id and can be linked to."""
    return [nodes.paragraph("", identifier, ids=[identifier.lower().replace(".", "-")])]


def table(headings, rows):
    """Return a table; a row is a tuple of lists of nodes, one list a cell."""
    group = nodes.tgroup("", cols=len(headings))
    group += [nodes.colspec(colwidth=1) for _ in headings]
    head = [[nodes.paragraph("", heading)] for heading in headings]
    group += nodes.thead("", row(head))
    group += nodes.tbody("", *[row(cells) for cells in rows])
    return nodes.table("", group, classes=["evidence"])


def row(cells):
    return nodes.row("", *[nodes.entry("", *cell) for cell in cells])


def observation(app, page, record, status):
    """Return a paragraph that states one observation and links to the place of the check."""
    uri = f"{app.builder.get_relative_uri(page, record['docname'])}#{record['anchor']}"
    title = app.env.titles[record["docname"]].astext()
    paragraph = nodes.paragraph("", "", classes=["observed"])
    paragraph += nodes.strong("", status.capitalize() if record["holds"] else "Fails")
    paragraph += nodes.Text(": ")
    paragraph += text_with_math(f"{record['statement']}. {observed_text(record)} Checked in ")
    paragraph += nodes.reference("", title, internal=True, refuri=uri)
    paragraph += nodes.Text(".")
    return paragraph


def fill(app, doctree, page):
    """Replace the placeholders on a page by what the chapters observed."""
    places = list(doctree.findall(observations))
    tables = list(doctree.findall(law_table))
    if not places and not tables:
        return
    records = build_records(app.env)
    for place in places:
        mine = [record for record in records if listed_id(record["id"]) == place["claim"]]
        found = [observation(app, page, record, place["status"]) for record in mine]
        untested = f"{UNTESTED} It belongs to the chapter on {place['chapters']}."
        place.replace_self(found or [nodes.paragraph("", untested)])
    listed = {claim["id"] for claim in load_claims(app.srcdir)}
    laws = [record for record in records if listed_id(record["id"]) not in listed]
    for place in tables:
        rows = [law_row(app, page, record) for record in laws]
        found = table(("Law", "What this build observed"), rows)
        place.replace_self(found if rows else nodes.paragraph("", UNTESTED))


def law_row(app, page, record):
    """Return the row of one check of a law; only its first check can be linked to by its id."""
    first = record["anchor"] == claim_anchor(record["id"])
    name = target(record["id"]) if first else [nodes.paragraph("", record["id"])]
    return name, [observation(app, page, record, "holds")]


def always_outdated(app, env, added, changed, removed):
    """Write the Evidence page anew at each build: its notebooks may have run again."""
    return [name for name in env.found_docs if "has_evidence" in env.metadata[name]]


def setup(app):
    app.add_node(observations)
    app.add_node(law_table)
    app.add_directive("evidence", Evidence)
    app.connect("env-get-outdated", always_outdated)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
