"""The words of a comparison of two editions: figures, the agreement, and the state of the data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from funnel import number
from funnel.charts import kpi as chart
from funnel.charts import theme
from funnel.contract import Contract, diff, load_contract
from funnel.errors import InputError
from funnel.project import Project
from funnel.reports.facts import BAD
from funnel.reports.page import STATES
from funnel.reports.record import Record

SEVERITIES = ("critical", "warning", "info")
SHOWN, NOT_SHOWN = "shown", "not shown"
NO_CHECK = "no such check"


def rows(table: pd.DataFrame, old: Record, new: Record) -> list[dict[str, Any]]:
    """Return the rows of the scorecard as the page shows them (table: compared.figures)."""
    return [_row(row, old.currency, new.currency) for row in theme.records(table)]


def _row(row: dict[str, Any], was: str, currency: str) -> dict[str, Any]:
    unit = str(row["unit"])
    return {
        "title": str(row["title"]),
        "owners": str(row["owners"]).replace("_", " "),
        "then": _figure(row, "then", unit, was),
        "now": _figure(row, "now", unit, currency),
        "change": _change(row, unit, currency, is_same_money=was == currency),
        "restated": _restated(row, unit, currency, is_same_money=was == currency),
    }


def _figure(row: dict[str, Any], side: str, unit: str, currency: str) -> dict[str, str]:
    """Return value, its period and interval, and what was agreed; the state where there is no value."""
    value, n = row[f"value_{side}"], row[f"n_{side}"]
    state = row[f"state_{side}"]
    if number.is_null(state):
        return {"value": number.DASH, "note": "no such KPI", "agreed": ""}
    if number.is_null(value):
        return {"value": str(state), "note": _period(row, side), "agreed": ""}
    target = row[f"target_{side}"]
    parts = [_period(row, side), _interval(row, side, unit, currency)]
    return {
        "value": chart.said(value, unit, n, currency),
        "note": ", ".join(part for part in parts if part),
        "agreed": "" if number.is_null(target) else f"agreed {chart.said(target, unit, None, currency)}",
    }


def _interval(row: dict[str, Any], side: str, unit: str, currency: str) -> str:
    low, high, n = (row[f"{name}_{side}"] for name in ("low", "high", "n"))
    if unit == "rate":
        return f"{number.interval(low, high, n)} of {number.count(n)}".strip()
    if number.is_null(low) or number.is_null(high):
        return ""
    return f"({chart.said(low, unit, None, currency)}{number.DASH}{chart.said(high, unit, None, currency)})"


def _period(row: dict[str, Any], side: str) -> str:
    first, per = row[f"period_{side}"], row["period"]
    if number.is_null(first):
        return ""
    if per == "week":
        return number.short_span(first, first + pd.Timedelta(days=7))
    return number.month(first) if per == "month" else f"Q{first.quarter} {first.year}"


def _change(row: dict[str, Any], unit: str, currency: str, *, is_same_money: bool) -> dict[str, str]:
    if unit == "money" and not is_same_money:
        return {"text": number.DASH, "note": "another currency"}
    if number.is_null(row["change"]):
        is_same = not number.is_null(row["period_then"]) and row["period_then"] == row["period_now"]
        return {"text": number.DASH, "note": "the same period" if is_same else ""}
    low, high = row["change_low"], row["change_high"]
    note = "" if number.is_null(low) else SHOWN if low > 0 or high < 0 else NOT_SHOWN
    return {"text": _signed(row["change"], unit, currency), "note": note}


def _restated(row: dict[str, Any], unit: str, currency: str, *, is_same_money: bool) -> dict[str, str]:
    if number.is_null(row["restated"]) or (unit == "money" and not is_same_money):
        return {"text": number.DASH, "note": ""}
    if number.is_null(row["restated_change"]):
        return {"text": chart.said(row["restated"], unit, None, currency), "note": "then undefined"}
    if abs(row["restated_change"]) <= 1e-9 * max(1.0, abs(row["value_then"])):
        return {"text": "as reported", "note": ""}
    said = chart.said(row["restated"], unit, None, currency)
    if said == chart.said(row["value_then"], unit, None, currency):
        return {"text": "as reported", "note": "but for less than is printed"}
    return {"text": said, "note": _signed(row["restated_change"], unit, currency)}


def _signed(change: Any, unit: str, currency: str) -> str:
    if unit == "rate":
        return number.fine_points(change)
    said = chart.said(abs(change), unit, None, currency)
    return f"{'+' if change > 0 else number.MINUS if change < 0 else ''}{said}"


def contracts(project: Project, old: Record, new: Record) -> dict[str, Any]:
    """Return what changed in the agreement, in sentences; or why that cannot be said."""
    if old.contract == new.contract:
        return {"changes": [], "note": f"Both were made under contract {new.contract}."}
    held = _held(project)
    gone = [name for name in (old.contract, new.contract) if name not in held]
    if gone:
        return {
            "changes": [],
            "note": f"What changed cannot be said: contracts/ does not hold {', '.join(gone)}.",
        }
    changes = [change.sentence for change in diff(held[old.contract], held[new.contract])]
    note = f"Contract {new.contract} followed {old.contract}." if changes else "Nothing in it is different."
    return {"changes": changes, "note": note}


def _held(project: Project) -> dict[str, Contract]:
    held: dict[str, Contract] = {}
    for path in sorted(project.contracts.glob("*.y*ml")):
        try:
            contract = load_contract(path)
        except InputError:
            continue
        held[contract.version] = contract
    return held


def health(old: Record, new: Record) -> dict[str, Any]:
    """Return per severity how many checks did not pass, then and now, and each whose state is another."""
    rows = [
        {"severity": severity, "then": _failed(old, severity), "now": _failed(new, severity)}
        for severity in SEVERITIES
    ]
    was = {each["name"]: each for each in old.checks}
    changed = [
        {"title": each["title"], "then": _state(was.get(each["name"])), "now": _state(each)}
        for each in new.checks
        if _word(was.get(each["name"])) != each["state"]
    ]
    gone = set(was) - {each["name"] for each in new.checks}
    changed += [
        {"title": each["title"], "then": _state(each), "now": NO_CHECK}
        for each in old.checks
        if each["name"] in gone
    ]
    return {"health": rows, "checks": changed}


def _failed(edition: Record, severity: str) -> str:
    states = [each["state"] for each in edition.checks if each["severity"] == severity]
    return f"{sum(state in BAD for state in states)} of {len(states)}"


def _word(check: dict[str, Any] | None) -> str:
    return "" if check is None else str(check["state"])


def _state(check: dict[str, Any] | None) -> str:
    if check is None:
        return NO_CHECK
    word = STATES.get(check["state"], check["state"])
    rows = check["n_failing"]
    return f"{word} ({number.count(rows)} rows)" if check["state"] == "fail" else word
