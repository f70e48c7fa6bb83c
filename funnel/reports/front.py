"""The front page: what a leader reads in two minutes, each part from the table of one metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.charts import theme
from funnel.metrics import conversion, kpi
from funnel.metrics import finding as findings
from funnel.project import Project
from funnel.reports import front_disputes, front_funnel, front_lines, front_score
from funnel.reports.facts import Facts

SENTENCES = "select sentence from contract.sentence where version = ? order by number"


@dataclass(frozen=True)
class Front:
    """The view of the front page, the tables behind it by name, its findings in words, its open disputes.

    `findings` holds sentences by what they are: findings (new), standing, ended.
    """

    view: dict[str, Any]
    tables: list[tuple[str, pd.DataFrame]]
    findings: dict[str, list[str]]
    disputes: list[dict[str, Any]]


def view(con: DuckDBPyConnection, project: Project, facts: Facts) -> Front:
    """Return what the front page shows of a warehouse and its disputes, and the tables behind it."""
    score, weeks = kpi.scorecard(con), kpi.weekly(con)
    now, compared = conversion.funnel(con), conversion.funnel_compared(con)
    found = findings.findings(con, scores=score, weeks=weeks)
    disputed = front_disputes.open_disputes(project, facts)
    scored = front_score.score(score, weeks, facts.currency)
    changed = front_score.changes(weeks, facts.currency)
    shown = {
        **front_lines.told(found),
        **scored,
        "sides": front_score.sides(con, score, facts.currency),
        "funnel": front_funnel.funnel(now, compared),
        **changed,
        "disputes": front_disputes.lines(project, facts, disputed),
        "lines": front_lines.lines(con),
        "sentences": [row[0] for row in con.execute(SENTENCES, [facts.contract]).fetchall()],
        "health": front_lines.health(facts.checks),
        "notes": [*front_lines.loads(facts.health), *front_lines.missing(con)],
        "rules": front_lines.rules(score, now, {each["title"] for each in _named(scored, changed)}),
    }
    tables = [
        ("front-findings", found),
        ("front-disputes", disputed),
        ("front-scorecard", score),
        ("front-weeks", weeks),
        ("front-funnel", now),
        ("front-funnel-compared", compared),
        ("front-health", facts.health),
    ]
    return Front(shown, tables, front_lines.said(found), theme.records(disputed))


def _named(scored: dict[str, Any], changed: dict[str, Any]) -> list[dict[str, Any]]:
    return [*scored["scorecard"], *changed["changes"]]
