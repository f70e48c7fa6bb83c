"""The page of one audit: a single file that opens without a network, from the verdict to every lead."""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from funnel import number, warehouse
from funnel.charts import mark, static, theme
from funnel.charts.cells import grid
from funnel.charts.show import NARROW, WIDE
from funnel.metrics import term
from funnel.project import Project
from funnel.reports import notebook
from funnel.reports.facts import Facts, facts
from funnel.reports.lead_table import lead_table
from funnel.reports.page import TEMPLATES, environment
from funnel.reports.tables import to_csv

NOTEBOOK, PAGE = "dispute_audit", "audit.html"
LEADS = ("leads", "trail", "lead-clauses", "lead-contradictions")
SIDES = ("obligations", "both-ways")
HEAD = re.compile(r"<h2>(.*?)</h2>\n?", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading: its anchor, title, and the blocks of the notebook below it."""

    anchor: str
    title: str
    blocks: tuple[dict[str, Any], ...]


def audit_page(
    project: Project,
    *,
    batch: Sequence[str] | Mapping[str, Any],
    outcome: str = "sql",
    stage: str | None = None,
    baseline: str | None = None,
    seed: int = 0,
    names: str = "shown",
    folder: Path,
) -> Path:
    """Write `audit.html` into a folder and return where it is; the page before stays if anything fails.

    The notebook dispute_audit.ipynb is run with these parameters on the warehouse as it stands; `batch` is
    what `parse_batch` takes, in words that JSON knows. UsageError if the warehouse was not checked or the
    batch cannot be meant; ChecksFailed if a critical check did not pass; InputError if the notebook failed
    (it is kept in `reports/failed/`).
    """
    definition = dict(batch) if isinstance(batch, Mapping) else list(batch)
    given = {"batch": definition, "outcome": outcome, "stage": stage, "baseline": baseline, "seed": seed}
    con = warehouse.connect(project.warehouse)
    try:
        known = facts(con, as_of=term.context(con).as_of)
    finally:
        con.close()
    asked = {"warehouse": str(project.warehouse), **given, "names": names}
    with tempfile.TemporaryDirectory() as scratch:
        (page,) = notebook.run_notebooks(project, (NOTEBOOK,), Path(scratch), asked, of="audit")
    return _put(render_audit(page, known), folder / PAGE)


def render_audit(page: notebook.Page, known: Facts) -> str:
    """Return the page of an executed audit notebook as HTML that needs no other file."""
    exhibits = {exhibit.text.name: exhibit for exhibit in page.exhibits}
    asked = exhibits["asked"].table.set_index("item")["value"].astype(str).to_dict()
    leads, trail, clauses, contradictions = (exhibits[name].table for name in LEADS)
    table = lead_table(leads, trail=trail, clauses=clauses, contradictions=contradictions)
    template = environment().get_template("audit.html.j2")
    script = (TEMPLATES / "audit.js").read_text(encoding="utf-8")
    return template.render(
        title=page.title,
        asked=asked,
        items=exhibits["asked"].table.to_dict("records"),
        edition=_edition(known),
        sections=_sections(page, known),
        table=table,
        zone=known.zone,
        script=Markup(script),  # noqa: S704 -- our own file
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        look=Markup((TEMPLATES / "audit.css").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
    )


def _put(text: str, path: Path) -> Path:
    """Write a page beside its place and rename it there: whoever looks sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".new-{path.name}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _edition(known: Facts) -> dict[str, str]:
    return {
        "company": known.company,
        "as_of": known.as_of_words,
        "known_at": known.known_at_words,
        "contract": known.contract,
        "health": known.health_words,
        "sources": "source: " + ", ".join(known.sources),
    }


def _sections(page: notebook.Page, known: Facts) -> list[Section]:
    """Return the blocks of the notebook under its second-level headings."""
    found: list[tuple[str, list[dict[str, Any]]]] = []
    for block in page.blocks:
        if isinstance(block, notebook.Words):
            head = HEAD.match(block.html)
            if head:
                found.append((head[1], []))
            rest = HEAD.sub("", block.html, count=1) if head else block.html
            if found and rest.strip():
                found[-1][1].append({"kind": "words", "html": rest})
        elif found and block.text.name not in LEADS:
            found[-1][1].append(_shown(block, known))
    return [Section(_anchor(title), title, tuple(blocks)) for title, blocks in found]


def _anchor(title: str) -> str:
    return "part-" + re.sub(r"[^a-z]+", "-", title.lower()).strip("-")


def _shown(exhibit: notebook.Exhibit, known: Facts) -> dict[str, Any]:
    table = exhibit.table
    plain = {"text": exhibit.text, "csv": base64.b64encode(to_csv(table)).decode("ascii")}
    if exhibit.text.name in SIDES:
        return {"kind": "sides", **plain, "sides": sides(table)}
    pictures = {"wide": "", "narrow": ""}
    if exhibit.figure is not None:
        sizes = {"wide": WIDE, "narrow": NARROW}
        pictures = {
            name: static.picture(exhibit.figure, width=width, hovers=True) for name, width in sizes.items()
        }
    return {"kind": "exhibit", **plain, **pictures, "grid": grid(table, currency=known.currency)}


def sides(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lines of each side, in the order of their names: what was asked of both, in equal form.

    What a side received from the other stands below what it owed.
    """
    rows = theme.records(table)
    names = sorted({str(row["side"]) for row in rows})
    return [_side(name, [row for row in rows if row["side"] == name]) for name in names]


def _side(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    received = [row["received"] for row in rows if not number.is_null(row.get("received"))]
    lines = [_line(row) for row in rows]
    return {"title": name.capitalize(), "lines": lines, "received": "; ".join(dict.fromkeys(received))}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Return an obligation or a question as a line: rate and interval, and what was agreed or is usual."""
    n: Any = row.get("n_of", row["n"])
    rate: Any = row["rate"]
    aim: Any = row.get("attainment")
    usual: Any = row.get("baseline_rate")
    is_known = not number.is_null(rate)
    has_aim = not number.is_null(aim)
    is_short = is_known and has_aim and float(row["high"]) < float(aim)
    says = f"{number.rate(rate, n)} of the agreed {number.rate(aim)}"
    is_drawn = is_known and has_aim and float(aim) > 0
    bullet = mark.bullet(float(rate) / float(aim), is_short=is_short, says=says) if is_drawn else ""
    beside = f"baseline {number.rate(usual, row['baseline_n_of'])}" if not number.is_null(usual) else ""
    text = _capital(str(row.get("obligation", row.get("question"))))
    words = "" if number.is_null(row.get("agreed")) else str(row["agreed"])
    return {
        "text": text,
        "words": _capital(words.removeprefix(f"{text}: ")),
        "value": number.rate_with_interval(rate, row["low"], row["high"], n) if is_known else "",
        "n": f"of {number.count(n)}" if is_known else "",
        "bullet": Markup(bullet),  # noqa: S704 -- our own drawing
        "beside": f"agreed {number.rate(aim)}" if has_aim else beside,
        "is_short": is_short,
        "rule": "" if number.is_null(row.get("rule")) else str(row["rule"]),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
