"""The scorecard of the front page, what each team owed the other, and what changed over the weeks."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection
from markupsafe import Markup

from funnel import number
from funnel.charts import kpi as chart
from funnel.charts import mark, static, theme
from funnel.metrics import handoff, quality, term

SPARK_WEEKS = 13
MOST_ROWS = 14
PANELS, PANEL_WIDTH = 3, 328
DOUBLES = frozenset({"win_rate_amount"})  # the same deals as win_rate
BOTH = 2
RECENT = pd.Timedelta(days=35)
CHANGE_RULE = (
    "Band: the mean of up to 26 mature weeks before, plus and minus two standard deviations. Dotted: agreed. "
    "Hatched weeks are too young to be judged."
)


def score(table: pd.DataFrame, weeks: pd.DataFrame, currency: str) -> dict[str, Any]:
    """Return the rows of the scorecard (see `shown`): value, agreed value, bullet bar, course of 13 weeks."""
    table = shown(table)
    courses = {str(name): rows for name, rows in weeks.groupby("kpi", sort=False)}
    rows = [_row(row, courses.get(str(row["kpi"])), currency) for row in theme.records(table)]
    has_targets = any(row["target"] != number.DASH for row in rows)
    return {"scorecard": rows, "has_targets": has_targets, "spark_title": f"{SPARK_WEEKS} weeks"}


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the KPIs of the front page: those with a target, and as many others as leave it readable."""
    return table[(table["target"].notna()) | (table["target"].isna().cumsum() <= _room(table))]


def sides(con: DuckDBPyConnection, table: pd.DataFrame, currency: str) -> list[dict[str, Any]]:
    """Return per team what it owed: the KPIs that it alone answers for, and its hand-offs or answers.

    Of two teams both have their column, also where one owed nothing alone.
    """
    teams = list(dict.fromkeys(stage.owner for stage in term.stages(con) if stage.owner))
    rows = [row for row in theme.records(table) if not number.is_null(row["target"])]
    lines = {team: [_line(row, currency) for row in rows if row["owners"] == team] for team in teams}
    if len(teams) > 1:
        lines[teams[0]] += _delivered(con)
        lines[teams[1]] += _answered(con)
    names = [team.replace("_", " ").capitalize() for team in teams]
    return [
        {"title": _owed(name, [other for other in names if other != name]), "lines": lines[team]}
        for name, team in zip(names, teams, strict=True)
        if lines[team] or (len(teams) == BOTH and any(lines.values()))
    ]


def changes(weeks: pd.DataFrame, currency: str) -> dict[str, Any]:
    """Return up to three KPIs whose latest mature week is farthest from ordinary, each as a small picture."""
    groups = [rows for kpi, rows in weeks.groupby("kpi", sort=False) if kpi not in DOUBLES]
    distances = [(_distance(theme.records(rows)), place, rows) for place, rows in enumerate(groups)]
    far = sorted(
        (each for each in distances if each[0] is not None), key=lambda each: (-(each[0] or 0), each[1])
    )
    chosen = sorted(far[:PANELS], key=lambda each: each[1])
    return {"changes": [_change(rows, currency) for _, _, rows in chosen], "change_rule": CHANGE_RULE}


def _room(table: pd.DataFrame) -> int:
    """Return how many KPIs without a target find room beside those with one."""
    return max(MOST_ROWS - int(table["target"].notna().sum()), 0)


def _row(row: dict[str, Any], course: pd.DataFrame | None, currency: str) -> dict[str, Any]:
    value = chart.said(row["value"], row["unit"], row["n"], currency)
    target = chart.said(row["target"], row["unit"], None, currency)
    attained = number.rate(row["attainment"])
    has_bullet = not number.is_null(row["attainment"])
    return {
        "title": row["title"],
        "period": _period(row),
        "owners": str(row["owners"]).replace("_", " "),
        "state": "" if row["state"] == "ok" else row["state"],
        "value": value,
        "note": _note(row),
        "target": target,
        "is_short": chart.is_short(row),
        "bullet": _svg(
            mark.bullet(row["attainment"], is_short=chart.is_short(row), says=f"{attained} of agreed")
        )
        if has_bullet
        else "",
        "spark": _spark(row, course, currency),
    }


def _period(row: dict[str, Any]) -> str:
    if number.is_null(row["period_on"]):
        return str(row["missing"]) if row["state"] != "ok" and not number.is_null(row["missing"]) else ""
    start = pd.Timestamp(row["period_on"])
    if row["period"] == "week":
        return number.short_span(start, start + pd.Timedelta(days=7))
    return number.month(start) if row["period"] == "month" else f"Q{start.quarter} {start.year}"


def _note(row: dict[str, Any]) -> str:
    """Return interval and n of a rate, and what is still open."""
    parts = []
    if row["unit"] == "rate" and row["state"] == "ok":
        parts.append(f"{number.interval(row['low'], row['high'], row['n'])} of {number.count(row['n'])}")
    if row["state"] == "ok" and not number.is_null(row["missing"]):
        parts.append(str(row["missing"]))
    return ", ".join(parts)


def _spark(row: dict[str, Any], course: pd.DataFrame | None, currency: str) -> Markup | str:
    if course is None or not len(course):
        return number.DASH
    rows = theme.records(course.tail(SPARK_WEEKS))
    values = [each["value"] if each["is_mature"] else None for each in rows]
    known = [value for value in values if not number.is_null(value)]
    if not known:
        return "not yet"
    last = chart.said(known[-1], row["unit"], None, currency)
    says = f"{row['title']} over {len(rows)} weeks, last {last}"
    return _svg(mark.sparkline(values, target=rows[-1]["target"], says=says))


def _line(row: dict[str, Any], currency: str) -> dict[str, str]:
    return {
        "text": str(row["title"]),
        "value": chart.said(row["value"], row["unit"], row["n"], currency),
        "agreed": chart.said(row["target"], row["unit"], None, currency),
        "state": "" if row["state"] == "ok" else str(row["state"]),
    }


def _delivered(con: DuckDBPyConnection) -> list[dict[str, str]]:
    met = quality.acceptance(con, dimension="channel")
    judged, good = int(met["n_judged"].sum()), int(met["n_met_definition"].sum())
    share = good / judged if judged else None
    lines = [_share("Hand-offs that met the definition, to date", share, judged)] if judged else []
    whole = quality.completeness(con)
    total = theme.records(whole[whole["is_total"].astype(bool)])
    if total and total[0]["n"]:
        lines.append(_share("Hand-offs with every required field, to date", total[0]["rate"], total[0]["n"]))
    return lines


def _answered(con: DuckDBPyConnection) -> list[dict[str, str]]:
    rows = theme.records(handoff.untouched(con))
    if not rows:
        return []
    total = rows[-1]
    state = "" if total["state"] == "ok" else str(total["state"])
    return [_share("Hand-offs never touched, to date", total["share"], total["n"], state)]


def _share(text: str, rate: Any, n: Any, state: str = "") -> dict[str, str]:
    said = number.rate(rate, n)
    return {"text": text, "value": f"{said} of {number.count(n)}", "agreed": "", "state": state}


def _owed(name: str, others: list[str]) -> str:
    return f"{name} owed, {others[0].lower()} received" if len(others) == 1 else f"{name} owed"


def _distance(rows: list[dict[str, Any]]) -> float | None:
    """Return how far the latest mature week is from the middle of its band, in half widths of the band."""
    mature = [row for row in rows if row["is_mature"] and not number.is_null(row["value"])]
    if not mature or number.is_null(mature[-1]["band_high"]):
        return None
    if rows[-1]["week_on"] - mature[-1]["week_on"] > RECENT:
        return None
    last = mature[-1]
    low, high = float(last["band_low"]), float(last["band_high"])
    half = (high - low) / 2
    away = abs(float(last["value"]) - (low + high) / 2) / half if half > 0 else 0.0
    return away + (1_000 if last["is_outside"] else 0)


def _change(rows: pd.DataFrame, currency: str) -> dict[str, Any]:
    figure = chart.one_weekly(rows, currency=currency)
    picture = _svg(static.svg(figure, width=PANEL_WIDTH))
    return {"title": rows["title"].iloc[0], "finding": figure.layout.meta["finding"], "picture": picture}


def _svg(text: str) -> Markup:
    return Markup(text)  # noqa: S704 -- made and escaped in funnel.charts.ink
