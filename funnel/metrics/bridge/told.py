"""What the bridges say: their lines, their rules, and why a line cannot be told."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics.source import missing

SCOPES = ("open", "due")
LINES = {
    "start": "Pipeline at the start",
    "new": "New",
    "moved_in": "Moved in",
    "reopened": "Reopened",
    "raised": "Raised",
    "lowered": "Lowered",
    "valued": "Amount became known",
    "slipped": "Slipped out",
    "lost": "Lost",
    "undated": "Closed on an unknown day",
    "won": "Won",
    "end": "Pipeline at the end",
}
ONLY_DUE = ("moved_in", "slipped")

DEALS = """
select
    count(*) as n,
    count(created_on) as n_created,
    count(amount) as n_amounts,
    count(*) filter (where outcome = 'lost') as n_lost,
    count(*) filter (where outcome = 'lost' and closed_on is not null) as n_lost_dated
from marts.opportunity
"""
HISTORY = """
select
    count(*) filter (where changed_on is not null) as n_dated,
    count(amount) filter (where state = 'open') as n_amounts,
    count(close_on) as n_closes
from marts.opportunity_change
"""

RULES = {
    "open": (
        "All pipeline that was open: what was open as the span began, what came in, what changed, what went "
        "out, what is open as it ends."
    ),
    "due": (
        "Pipeline expected to close within the span: moved in and slipped by the expected close as recorded "
        "then; a deal that closed within the span was due in it, whatever was expected."
    ),
}
HELD = (
    "Each opportunity is looked at as the span begins or as it comes in, and as it ends or as it goes out: "
    "what lies between counts net. Days of the contract's zone. One that closed on a day nobody wrote down "
    "goes out as it comes in. Amounts in another currency are unknown. Bookkeeping: no interval."
)


def pipeline_lines(scope: str) -> list[tuple[str, str]]:
    """Return name and title of the lines of a scope, in order."""
    return [(name, title) for name, title in LINES.items() if scope == "due" or name not in ONLY_DUE]


def pipeline_rule(scope: str, start_on: pd.Timestamp, end_on: pd.Timestamp) -> str:
    """Return the convention of the bridge in words."""
    return f"{RULES[scope]} {number.span(start_on, end_on)}. {HELD}"


def pipeline_absences(con: DuckDBPyConnection, scope: str) -> dict[str, str]:
    """Return by line, in words, what the source lacks: 'all' for the bridge, 'amount' for every amount."""
    gone, known = missing(con, "opportunity"), deal_absences(con)
    if gone or "new" in known:
        return {"all": gone or known["new"]}
    n_dated, n_valued, n_closes = con.execute(HISTORY).fetchall()[0]
    if scope == "due" and not n_closes:
        return {"all": "no history of the expected close is kept"}
    reasons = (
        (not n_valued, ("raised", "lowered", "valued"), "no history of amounts is kept"),
        (not n_dated, ("reopened",), "no history of stages is kept"),
    )
    return known | {line: words for holds, lines, words in reasons if holds for line in lines}


def deal_absences(con: DuckDBPyConnection) -> dict[str, str]:
    """Return by line, in words, what the opportunities of the source do not tell."""
    n, n_created, n_amounts, n_lost, n_lost_dated = con.execute(DEALS).fetchall()[0]
    reasons = (
        (n and not n_created, "new", "no opportunity has a day on which it was opened"),
        (n and not n_amounts, "amount", "no opportunity has an amount"),
        (n_lost and not n_lost_dated, "lost", "no lost opportunity has a day"),
        (n and not n_lost, "lost", "no lost opportunity is recorded"),
    )
    return {line: words for holds, line, words in reasons if holds}
