"""The lines of the front page: findings, what is due, data health, and how each figure is counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.charts import theme
from funnel.metrics import finding as findings
from funnel.metrics import overlap, recycle, source
from funnel.reports.facts import BAD

MOST = 4
MOST_LINES = 5
LINES = (("new", "Also new"), ("standing", "Still open"), ("ended", "Ended"))
SEVERITIES = ("critical", "warning", "info")
INTERVALS = (
    "Rates: Wilson, 95 %. Differences: Newcombe. Counts: Poisson. Limits of groups: 99.8 %, widened where "
    "groups differ more than chance alone makes them."
)
BASIS = (
    "The cycle is what is counted: one passage of one person through the funnel. A person who comes back "
    "after an exit begins a new one. A stage that was skipped is imputed from a later one, and the two are "
    "counted apart."
)
OBSERVED = "Only what happened before the instant of the report, and only what had been loaded by then."


def finding(row: dict[str, Any]) -> dict[str, str]:
    """Return a finding as a sentence with its owner, the money at stake and the place of its evidence."""
    amount = row["amount_at_stake"]
    stake = "" if number.is_null(amount) else f"about {number.money(amount, row['currency'])} a week at stake"
    before, said, after = str(row["sentence"]).partition(str(row["number"]))
    return {
        "before": before,
        "number": said,
        "after": after,
        "owner": str(row["owner"]),
        "stake": stake,
        "how": str(row["how"]),
        "href": str(row["link"]),
        "link": "evidence",
    }


def told(found: pd.DataFrame) -> dict[str, Any]:
    """Return what to know: the new findings, and in a line each what still stands and what has ended.

    `quiet` is what is said where nothing is new; a line shows at most five, most money at stake first.
    """
    rows = theme.records(found)
    new = [finding(row) for row in rows if not number.is_null(row["rank"])]
    rest = [row for row in rows if number.is_null(row["rank"])]
    lines = [(title, [row for row in rest if row["state"] == state]) for state, title in LINES]
    stands = any(row["state"] == "standing" for row in rows)
    return {
        "findings": new,
        "quiet": findings.NONE_NEW if stands else findings.NONE,
        "told": [_told(title, named) for title, named in lines if named],
    }


def said(found: pd.DataFrame) -> dict[str, list[str]]:
    """Return the sentences of the findings by what they are: findings (new), standing, ended."""
    names = {"findings": "new", "standing": "standing", "ended": "ended"}
    return {name: found[found["state"] == state]["sentence"].tolist() for name, state in names.items()}


def lines(con: DuckDBPyConnection) -> list[dict[str, str]]:
    """Return a line each on recycled leads that are due and campaigns in open negotiations."""
    return [_recycled(recycle.due(con)), _overlapping(overlap.open_opportunity(con))]


def health(checks: pd.DataFrame) -> list[dict[str, Any]]:
    """Return per severity how many checks passed, and which did not with their failing rows."""
    return [
        {
            "severity": severity,
            "passed": int((group["state"] == "pass").sum()),
            "failed": int(group["state"].isin(BAD).sum()),
            "checks": [
                {"title": row["title"], "n": _failing(row)}
                for row in theme.records(_worst(group[group["state"].isin(BAD)]).head(MOST))
            ],
            "more": max(int(group["state"].isin(BAD).sum()) - MOST, 0),
        }
        for severity in SEVERITIES
        if len(group := checks[checks["severity"] == severity])
    ]


def loads(table: pd.DataFrame) -> list[str]:
    """Return per source the rows read and rejected, and how fresh they are (table: health.health)."""
    rows = theme.records(table[table["item"].isin(["rows", "freshness"])])
    sources = dict.fromkeys(row["source"] for row in rows)
    return [
        f"{name}: {'; '.join(row['words'] for row in rows if row['source'] == name)}." for name in sources
    ]


def missing(con: DuckDBPyConnection) -> list[str]:
    """Return what no source fills, in a sentence; empty if all is there."""
    table = source.sources(con)
    filled = set(table[table["state"] == "filled"]["staging_table"])
    absent = sorted(set(table["staging_table"]) - filled)
    if not absent:
        return []
    names = ", ".join(name.replace("_", " ") for name in absent)
    return [f"Not in this source: {names}. What depends on them says so and is never shown as 0."]


def rules(score: pd.DataFrame, funnel: pd.DataFrame, shown: set[str]) -> list[dict[str, str]]:
    """Return how each figure of the page is counted, in words; of the KPIs those `shown`, by title."""
    kpis = [
        {"title": str(row["title"]), "text": str(row["rule"])}
        for row in theme.records(score)
        if row["title"] in shown
    ]
    return [
        {"title": "Cycles", "text": BASIS},
        {"title": "As of", "text": OBSERVED},
        {"title": "Intervals", "text": INTERVALS},
        {"title": "The funnel", "text": theme.rule(funnel)},
        *kpis,
    ]


def _told(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    items = [
        {
            "title": str(row["title"]),
            "href": str(row["link"]),
            "text": f"{_when(row)}: {row['number']}, {row['agreed']} ({row['owner']})",
            "how": str(row["sentence"]),
        }
        for row in rows[:MOST_LINES]
    ]
    return {"title": title, "items": items, "more": max(len(rows) - MOST_LINES, 0)}


def _when(row: dict[str, Any]) -> str:
    """Return since when a finding stands; one that is new says nothing of it."""
    first = row["since_on"]
    if row["period"] == "quarter":
        since = f"Q{first.quarter} {first.year}"
    else:
        since = number.day(first) if row["period"] == "week" else f"{first:%B %Y}"
    word = {"new": "", "standing": f" since {since}", "ended": f", open since {since}, now"}
    return word[row["state"]]


def _recycled(table: pd.DataFrame) -> dict[str, str]:
    total = theme.records(table)[-1]
    days = number.days(total["after_days"])
    text = (
        "Recycled leads: the contract names no such exit."
        if total["state"] != "ok"
        else f"Recycled leads due: {number.count(total['n_due'])} wait for {days} or longer, of "
        f"{number.count(total['n_recycled'])} ever recycled; {number.count(total['n_returned'])} came back."
    )
    return {"text": text, "href": "handoff.html#recycled", "link": "by reason"}


def _overlapping(table: pd.DataFrame) -> dict[str, str]:
    total = theme.records(table)[-1]
    text = (
        f"Campaigns in open negotiations: {total['state']}."
        if total["state"] != "ok"
        else f"Campaigns in open negotiations: {number.count(total['n_touches_week'])} responses last week, "
        f"{number.count(total['n_touches'])} to date, on {number.count(total['n_opportunities'])} open "
        "opportunities."
    )
    return {"text": text, "href": "handoff.html#overlap", "link": "by channel"}


def _worst(checks: pd.DataFrame) -> pd.DataFrame:
    """Return checks that could not run first, then by the share of rows that failed."""
    share = checks["n_failing"] / checks["n_rows"].where(checks["n_rows"] > 0)
    return checks.assign(share=share.astype(float)).sort_values(
        "share", ascending=False, na_position="first", kind="stable"
    )


def _failing(check: dict[str, Any]) -> str:
    return "could not run" if check["state"] == "error" else f"{number.count(check['n_failing'])} rows"
