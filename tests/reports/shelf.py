"""Editions on a shelf, written by hand: a record and the tables of a front page, as `funnel report` leaves them."""

from __future__ import annotations

import json

import pandas as pd

from funnel.charts.table import to_parquet

SCORE = {
    "kpi": "first_touch_attainment", "title": "First touch within the SLA", "unit": "rate", "owners": "sales",
    "period": "week", "period_on": "2026-11-02", "state": "ok", "value": 0.6, "low": 0.5, "high": 0.7, "n": 100,
    "target": 0.9, "before": None, "before_on": None, "direction": "up",
}  # fmt: skip
NOW = SCORE | {"period_on": "2026-11-09", "value": 0.8, "low": 0.7, "high": 0.87}
WEEK = {"kpi": "first_touch_attainment", "week_on": "2026-11-02", "value": 0.6}
FINDING = {
    "kpi": "first_touch_attainment",
    "kind": "target",
    "sentence": "Sales answered 60 % of 100 hand-offs.",
    "state": "new",
}
CHECK = {"check_name": "dates", "title": "Dates are in order", "layer": "marts", "severity": "warning",
         "state": "pass", "n_rows": 10, "n_failing": 0}  # fmt: skip
DAYS = ("period_on", "before_on", "week_on")


def frame(rows, columns):
    table = pd.DataFrame(rows, columns=list(columns))
    days = {name: pd.to_datetime(table[name]) for name in DAYS if name in table}
    return table.assign(**days)


def edition(project, name, *, scores=(SCORE,), weeks=(WEEK,), findings=(FINDING,), checks=(CHECK,), **said):
    """Write an edition of a day into the project; return its folder."""
    folder = project.reports / name
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    tables = {
        "front-scorecard": frame(scores, SCORE),
        "front-weeks": frame(weeks, WEEK),
        "front-findings": frame(findings, FINDING),
    }
    for table, content in tables.items():
        (folder / "tables" / f"{table}.parquet").write_bytes(to_parquet(content))
    by_state = {"findings": "new", "standing": "standing", "ended": "ended"}
    record = {
        "as_of": f"{name[:10]}T00:00:00Z", "zone": "UTC", "company": "Acme", "currency": "EUR",
        "week": f"week before {name}", "contract": "2026-01", "contracts": ["2026-01"], "health": "usable",
        "known_at": f"{name[:10]}T00:00:00Z",
        "disputes": [], "checks": list(checks),
        **{key: [row["sentence"] for row in findings if row["state"] == state] for key, state in by_state.items()},
    }  # fmt: skip
    (folder / "edition.json").write_text(json.dumps(record | said, sort_keys=True))
    for page in ("index.html", "checks.html"):
        (folder / page).write_text("<h1>A page</h1>")
    return folder
