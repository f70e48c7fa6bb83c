"""A small edition written by hand, whole by its own record, and the delivery.yaml that tests send it by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pandas as pd

from funnel.metrics.finding import COLUMNS
from funnel.project import Project
from funnel.reports.tables import write_tables

NAME = "2026-11-16"
FINDING = {
    "rank": 1,
    "kpi": "first_touch_attainment",
    "title": "First touch within the SLA",
    "kind": "target",
    "number": "62 % (55–68)",
    "sentence": "Sales answered 62 % (55–68) of 214 hand-offs within 4 business hours; agreed: 90 %.",
    "owner": "Sales",
    "value": 0.62,
    "n": 214.0,
    "low": 0.55,
    "high": 0.68,
    "agreed": "agreed: 90 %",
    "amount_at_stake": 14_300.0,
    "currency": "EUR",
    "period": "week",
    "period_on": datetime(2026, 11, 9),
    "link": "handoff.html#sla-weekly",
    "how": "By the share won.",
    "state": "new",
    "since_on": datetime(2026, 11, 9),
    "n_periods": 1,
}
STANDING = FINDING | {
    "rank": None,
    "kpi": "win_rate",
    "title": "Win rate",
    "number": "20 % (12–31)",
    "sentence": "Sales won 20 % (12–31) of 80; agreed: 35 %.",
    "agreed": "agreed: 35 %",
    "state": "standing",
    "since_on": datetime(2026, 10, 5),
    "n_periods": 5,
}
KPI = {
    "kpi": "leads",
    "title": "Leads",
    "value": 219.0,
    "low": 191.0,
    "high": 250.0,
    "n": 219.0,
    "unit": "count",
    "target": 200.0,
    "attainment": 1.095,
    "owners": "marketing",
    "period": "week",
    "period_on": datetime(2026, 11, 9),
    "state": "ok",
    "missing": None,
    "direction": "up",
    "rule": "Cycles begun.",
}
RATE = KPI | {
    "kpi": "first_touch_attainment",
    "title": "First touch within the SLA",
    "value": 0.62,
    "low": 0.55,
    "high": 0.68,
    "n": 214.0,
    "unit": "rate",
    "target": 0.9,
    "attainment": 0.689,
    "owners": "sales",
}
BARE = KPI | {"kpi": "cycle", "title": "Days to close", "target": None, "attainment": None, "unit": "days"}
DISPUTE = {
    "opened_on": "2026-11-12",
    "by": "sales",
    "batch": "campaign Spring",
    "n": 120,
    "answer": "cannot tell yet",
    "verdict": "No cause is shown.",
    "signed": "marketing",
}
CHECK = {
    "check_name": "lead_without_id",
    "layer": "core",
    "severity": "critical",
    "state": "pass",
    "n_rows": 9,
    "n_failing": 0,
}
FRONT = """<!doctype html>
<html lang="en"><head><title>Front page · Kestrel</title><style>p { margin: 0 }</style></head>
<body class="front"><header>
<nav aria-label="Pages of this edition"><ul><li><a href="index.html">Front page</a></li></ul></nav>
<dl><dd><a href="#definitions">contract</a> <a href="checks.html">usable</a></dd></dl>
</header>
<main id="main">
<h2 id="know">What to know</h2><a href="handoff.html#sla-weekly">evidence</a>
<p class="rule">A rule. <a href="handoff.html">All of it</a> · <a href="tables/front-scorecard.csv">CSV</a></p>
<ol id="definitions"><li>One</li></ol><a href="https://example.com/x">out</a> <a href="../index.html">older</a>
</main>
<footer><p>Kestrel</p></footer></body></html>
"""
HANDOFF = """<!doctype html>
<html lang="en"><head><title>Hand-off · Kestrel</title><script defer src="edition.js"></script></head>
<body class="inner"><header><nav><ul></ul></nav></header>
<main id="main">
<h2 id="know">Clocks</h2><a href="#know">here</a> <a href="index.html">front</a>
<figure id="sla-weekly" aria-labelledby="know"><svg></svg><div class="plot" id="sla-weekly-plot" role="img"></div>
<script type="application/json" data-figure="x">{"a": 1}</script></figure>
</main>
</body></html>
"""
CHECKS = """<!doctype html>
<html lang="en"><head><title>Data checks · Kestrel</title></head>
<body class="inner"><header><nav><ul></ul></nav></header>
<main id="main"><p>Alle geprüft – 78\N{NO-BREAK SPACE}%.</p></main></body></html>
"""
PAGES = {"index.html": FRONT, "handoff.html": HANDOFF, "checks.html": CHECKS}


def write_edition(
    project: Project,
    name: str = NAME,
    *,
    findings=(FINDING, STANDING),
    scorecard=(KPI, RATE, BARE),
    disputes=(DISPUTE,),
    pages=PAGES,
    **said,
) -> Path:
    """Write an edition as `funnel report` does; `said` replaces parts of its record."""
    folder = project.reports / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (pages | {"edition.js": "1;"}).items():
        (folder / file).write_text(text, encoding="utf-8")
    tables = {
        "front-findings": pd.DataFrame(list(findings)).reindex(columns=COLUMNS),
        "front-scorecard": pd.DataFrame(list(scorecard)),
    }
    written = write_tables(tables, folder / "tables")
    record = {
        "as_of": "2026-11-15T23:00:00Z",
        "known_at": "2026-11-15T23:00:00Z",
        "zone": "Europe/Berlin",
        "company": "Kestrel Software",
        "currency": "EUR",
        "week": "week of 9–15 November 2026",
        "health": "usable, with remarks",
        "contract": "2025-11",
        "build_id": "b1",
        "checks": [CHECK],
        "findings": [row["sentence"] for row in findings],
        "disputes": list(disputes),
        "pages": {file: _sha256(folder / file) for file in pages},
        "scripts": {"edition.js": _sha256(folder / "edition.js")},
        "tables": {each.name: asdict(each) for each in written},
    }
    (folder / "edition.json").write_text(json.dumps(record | said, sort_keys=True), encoding="utf-8")
    return folder


def write_channels(project: Project, text: str) -> None:
    """Write delivery.yaml: `text` is what stands below `channels:`, indented by two."""
    (project.root / "delivery.yaml").write_text(f"channels:\n{text}", encoding="utf-8")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
