"""From view to HTML: the templates, the escaping, and the files that all pages of an edition share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from funnel import number
from funnel.charts import mark, theme
from funnel.charts.cells import grid
from funnel.charts.show import plotly_script
from funnel.reports.facts import BAD, Facts
from funnel.reports.notebook import Exhibit, Page

TEMPLATES = Path(__file__).parent / "template"
STATES = {
    "pass": "passed",
    "fail": "not passed",
    "error": "could not run",
    "not applicable": "not applicable",
}
SEVERITIES = {
    "critical": "Critical: stops the edition",
    "warning": "Warning: shown with the edition",
    "info": "Info: counted",
}
FRONT, CHECKS = "index.html", "checks.html"


def data_block(value: Any) -> Markup:
    """Return JSON for a script element that is data: no character in it can end the element."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 -- escaped above


def css_text(value: str) -> Markup:
    """Return text for a CSS string: only letters, digits, blanks and harmless marks are left of it."""
    return Markup("".join(c for c in value if c.isalnum() or c in " ,.%()-"))  # noqa: S704 -- nothing else is left


def environment() -> jinja2.Environment:
    """Return the templates' environment: everything escaped, everything missing an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["data_block"] = data_block
    made.filters["css_text"] = css_text
    made.globals["number_dash"] = number.DASH
    made.globals["swatches"] = {name: Markup(mark.swatch(name)) for name in theme.OUTCOMES}  # noqa: S704
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    made.globals["style"] = Markup(style)  # noqa: S704 -- our own file
    return made


def render(
    template: str, *, here: str, title: str, facts: Facts, pages: list[tuple[str, str]], **view: Any
) -> str:
    """Return one page of an edition."""
    edition = {
        "company": facts.company,
        "week": facts.week_words,
        "as_of": facts.as_of_words,
        "known_at": facts.known_at_words,
        "contract": facts.contract,
        "health": facts.health_words,
        "sources": "source: " + ", ".join(facts.sources),
    }
    kind = "front" if here == FRONT else "inner"
    page = environment().get_template(template)
    given = {"scripts": False} | view
    return page.render(edition=edition, here=here, title=title, pages=pages, kind=kind, **given)


def render_notebook(page: Page, *, facts: Facts, pages: list[tuple[str, str]]) -> str:
    """Return the page of an executed notebook."""
    blocks = [
        {"exhibit": _drawn(block), "grid": grid(block.table, currency=facts.currency)}
        if isinstance(block, Exhibit)
        else {"exhibit": None, "html": block.html}
        for block in page.blocks
    ]
    here = f"{page.name}.html"
    return render(
        "notebook.html.j2", here=here, title=page.title, facts=facts, pages=pages, blocks=blocks, scripts=True
    )


def render_front(view: dict[str, Any], *, facts: Facts, pages: list[tuple[str, str]]) -> str:
    """Return the front page."""
    return render("index.html.j2", here=FRONT, title="Front page", facts=facts, pages=pages, **view)


def render_checks(*, facts: Facts, pages: list[tuple[str, str]]) -> str:
    """Return the page of all checks, worst first within each severity; it holds counts, no rows."""
    groups = [
        {"severity": severity, "title": title, "parts": _parts(theme.records(group))}
        for severity, title in SEVERITIES.items()
        if len(group := facts.checks[facts.checks["severity"] == severity])
    ]
    return render("checks.html.j2", here=CHECKS, title="Data checks", facts=facts, pages=pages, groups=groups)


def shared_files() -> dict[str, bytes]:
    """Return the scripts that the pages load from beside them, by file name."""
    return {"plotly.min.js": plotly_script(), "edition.js": (TEMPLATES / "edition.js").read_bytes()}


def _drawn(exhibit: Exhibit) -> dict[str, Any]:
    figure = None if exhibit.figure is None else {**exhibit.figure, "config": theme.CONFIG}
    return {"text": exhibit.text, "wide": exhibit.wide, "narrow": exhibit.narrow, "figure": figure}


def _parts(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks that did not pass, open, and the others folded up under their number."""
    bad = [_check(row) for row in checks if row["state"] in BAD]
    parts = [{"title": "", "checks": bad}] if bad else []
    for state in ("pass", "not applicable"):
        rest = [_check(row) for row in checks if row["state"] == state]
        parts += [{"title": f"{len(rest)} {STATES[state]}", "checks": rest}] if rest else []
    return parts


def _check(row: dict[str, Any]) -> dict[str, str]:
    return {
        "title": str(row["title"]),
        "message": "" if number.is_null(row["message"]) or row["state"] == "pass" else str(row["message"]),
        "state": str(row["state"]),
        "word": STATES[str(row["state"])],
        "n_failing": number.count(row["n_failing"]),
        "n_rows": number.count(row["n_rows"]),
        "layer": str(row["layer"]),
        "owner": str(row["owner"]),
    }
