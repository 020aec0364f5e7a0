"""How a chapter's page shows the output of `mscore.claims.claim`.

The output carries the claim as JSON beside its plain text. The page shows the JSON as a small box
with an anchor, and the record is kept with the page for the Evidence page, which links there.
"""

import re

from docutils import nodes
from myst_nb.core.render import load_mime_renders

CLAIM_MIME = "application/vnd.mscore.claim+json"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def claim_anchor(identifier, occurrence=1):
    """Return the HTML id of the box of a claim's `occurrence`-th check on a page.

    >>> claim_anchor("L1.4")
    'claim-l1-4'
    >>> claim_anchor("C8", 2)
    'claim-c8-2'
    """
    base = "claim-" + re.sub(r"[^a-z0-9]+", "-", identifier.lower())
    return base if occurrence == 1 else f"{base}-{occurrence}"


def number_text(value):
    """Return a number as a reader writes it, to three significant digits.

    >>> number_text(0.012345), number_text(1.5e-7), number_text(360.0)
    ('0.0123', '1.5 × 10⁻⁷', '360')
    """
    if value == 0 or 1e-3 <= abs(value) < 999.5:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def range_text(low, high):
    """Return the range in which a claim holds, in words.

    >>> range_text(None, 1e-3), range_text(1.0, None), range_text(0.5, 2.0)
    ('at most 0.001', 'at least 1', 'from 0.5 to 2')
    """
    if low is None:
        return f"at most {number_text(high)}"
    if high is None:
        return f"at least {number_text(low)}"
    return f"from {number_text(low)} to {number_text(high)}"


def observed_text(record):
    """Return the sentence that compares a record's observed value with its range."""
    claimed = range_text(record["low"], record["high"])
    return f"Observed {number_text(record['value'])}, claimed {claimed}."


def text_with_math(text):
    """Return docutils nodes for a text whose formulas stand between dollar signs."""
    parts = enumerate(text.split("$"))
    return [nodes.math("", part) if i % 2 else nodes.Text(part) for i, part in parts if part]


def claim_box(record, anchor):
    """Return the box that shows one checked claim; one that fails has stopped the build."""
    kind = "Law" if record["id"].startswith("L") else "Claim"
    heading = nodes.strong("", f"{kind} {record['id']} holds")
    statement = nodes.paragraph("", "", heading, nodes.Text(": "))
    statement += text_with_math(f"{record['statement']}.")
    observed = nodes.paragraph("", observed_text(record), classes=["claim-observed"])
    return nodes.container("", statement, observed, ids=[anchor], classes=["claim"])


class ClaimOutput:
    """Renderer of claims for MyST-NB."""

    # Before text/plain, which the same output carries for every other reader of notebooks.
    mime_priority_overrides = (("html", CLAIM_MIME, 5),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != CLAIM_MIME:
            return None
        env = renderer.renderer.sphinx_env
        box = claim_box(data.content, note_claim(env, env.docname, data.content))
        renderer.renderer.document.note_explicit_target(box)
        return [box]


def note_claim(env, docname, record):
    """Keep a record with its page, and return the anchor of its box.

    Sphinx stores a page's metadata and clears it when it reads the page again. (The executed
    notebook would not do: MyST-NB writes it without outputs when a stored run was used.)
    """
    records = env.metadata[docname].setdefault("claims", [])
    earlier = sum(other["id"] == record["id"] for other in records)
    anchor = claim_anchor(record["id"], earlier + 1)
    records.append({**record, "docname": docname, "anchor": anchor})
    return anchor


def setup(app):
    # MyST-NB finds renderers through entry points of installed packages; the book is not one.
    if ClaimOutput not in load_mime_renders():
        load_mime_renders().append(ClaimOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
