"""Figures in full, so that a reader can add the differences up himself."""

from __future__ import annotations

from typing import Any

import pandas as pd

from funnel import number
from funnel.revision.explain import Explained

FORMS = {"count": ",.0f", "money": ",.2f", "days": ",.2f", "ratio": ",.3f"}


def value(amount: Any, unit: str) -> str:
    """Return a figure in full: "1,234", "27.13 %", "743,900.00"; an en dash where it is undefined."""
    if number.is_null(amount):
        return number.DASH
    return f"{100 * amount:.2f} %" if unit == "rate" else f"{amount:{FORMS[unit]}}"


def change(amount: Any, unit: str) -> str:
    """Return a signed difference in full: "+15", "-1.03 pts", "0"; an en dash where there is none to tell."""
    if number.is_null(amount):
        return number.DASH
    if amount == 0:
        return "0"
    return f"{100 * amount:+.2f} pts" if unit == "rate" else f"{amount:+{FORMS[unit]}}"


def rows_of(explained: Explained) -> list[dict[str, str]]:
    """Return the parts of an explanation for print: part, change, value, n, what it is."""
    unit = explained.asked.unit
    return [
        {
            "part": row["part"],
            "change": "" if row["part"] == "reported" else change(row["change"], unit),
            "value": value(row["value"], unit),
            "n": number.count(row["n"]),
            "what it is": row["rule"],
        }
        for row in explained.parts.to_dict("records")
    ]


def differences(restated: pd.DataFrame) -> list[dict[str, str]]:
    """Return the figures that differ, and those that cannot be compared, for print."""
    told = restated["note"].notna() & (restated["note"] != "undefined both times")
    differs = restated[(restated["difference"].fillna(0) != 0) | told]
    return [
        {
            "figure": row["title"],
            "period": "" if number.is_null(row["period_on"]) else f"{row['period_on']:%Y-%m-%d}",
            "reported": value(row["reported"], row["unit"]),
            "restated": value(row["restated"], row["unit"]),
            "difference": change(row["difference"], row["unit"]),
            "n": number.count(row["n_reported"]),
            "n now": number.count(row["n_restated"]),
            "note": "" if number.is_null(row["note"]) else row["note"],
        }
        for row in differs.to_dict("records")
    ]
