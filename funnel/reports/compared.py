"""Two editions side by side: then, now, and what the newer one says of the period that the older showed."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from funnel.charts import theme
from funnel.errors import InputError
from funnel.reports.record import Record

TABLES = ("front-scorecard", "front-weeks", "front-findings")
SCORE = ["kpi", "title", "unit", "owners", "period", "period_on", "state"]
FIGURE = ["value", "low", "high", "n", "target"]
SNAPSHOTS = ("coverage",)
"""KPIs that hold for the instant of the edition, whatever period they are set against."""

COLUMNS = [
    *("kpi", "title", "unit", "owners", "period", "state_then", "state_now"),
    *("period_then", "value_then", "low_then", "high_then", "n_then", "target_then"),
    *("period_now", "value_now", "low_now", "high_now", "n_now", "target_now"),
    *("change", "change_low", "change_high", "restated", "restated_change"),
]


def read_tables(edition: Record) -> dict[str, pd.DataFrame]:
    """Return the tables of an edition's front page; InputError if one is not there or cannot be read."""
    found: dict[str, pd.DataFrame] = {}
    with duckdb.connect() as con:
        for name in TABLES:
            path = edition.folder / "tables" / f"{name}.parquet"
            try:
                found[name] = con.read_parquet(str(path)).df()
            except duckdb.Error as error:
                raise InputError(
                    f"The table {name} of the edition {edition.name} cannot be read. Make that edition again."
                ) from error
    return found


def figures(then: dict[str, pd.DataFrame], now: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per KPI of either scorecard, in the newer one's order, those that are gone last.

    Columns: kpi, title, unit, owners, period; state, period (its first day), value, low, high, n, target,
    each `_then` and `_now`; change (now - then, null for the same period or where one is undefined) with
    change_low and change_high (square-and-add from the two intervals, Zou and Donner 2008; null without
    both); restated (what the newer edition says of the older's period; null where it has no such figure) and
    restated_change (restated - value_then). InputError if the tables are not those of an edition.
    """
    try:
        return _figures(then["front-scorecard"], now["front-scorecard"], now["front-weeks"])
    except KeyError as error:
        raise InputError(f"One of the editions has no column {error}. Make that edition again.") from error


def _figures(old: pd.DataFrame, new: pd.DataFrame, weeks: pd.DataFrame) -> pd.DataFrame:
    sides = [_side(old, "then"), _side(new, "now")]
    order = [*new["kpi"], *(kpi for kpi in old["kpi"] if kpi not in set(new["kpi"]))]
    both = sides[0].merge(sides[1], on="kpi", how="outer").set_index("kpi").loc[order].reset_index()
    for name in ("title", "unit", "owners", "period"):
        both[name] = both[f"{name}_now"].where(both[f"{name}_now"].notna(), both[f"{name}_then"])
    is_same = (both["period_on_then"] == both["period_on_now"]) & (both["period_then"] == both["period_now"])
    is_same = is_same & ~both["kpi"].isin(SNAPSHOTS)
    both = _changed(both, is_same)
    restated = [_restated(row, new, weeks) for row in theme.records(both)]
    both["restated"] = pd.Series(restated, index=both.index, dtype="float64")
    both["restated_change"] = both["restated"] - both["value_then"]
    both["period_then"], both["period_now"] = both["period_on_then"], both["period_on_now"]
    return both.reindex(columns=COLUMNS)


def _side(table: pd.DataFrame, name: str) -> pd.DataFrame:
    kept = table[[*SCORE, *FIGURE]]
    numbers = dict.fromkeys(FIGURE, "float64")
    kept = kept.astype(numbers).assign(period_on=pd.to_datetime(kept["period_on"]))
    return kept.drop_duplicates("kpi").rename(
        columns=lambda column: column if column == "kpi" else f"{column}_{name}"
    )


def _changed(both: pd.DataFrame, is_same: pd.Series[bool]) -> pd.DataFrame:
    now, then = both["value_now"], both["value_then"]
    change = (now - then).mask(is_same)
    fall = np.hypot(now - both["low_now"], both["high_then"] - then)
    rise = np.hypot(both["high_now"] - now, then - both["low_then"])
    return both.assign(change=change, change_low=change - fall, change_high=change + rise)


def _restated(row: dict[str, Any], new: pd.DataFrame, weeks: pd.DataFrame) -> float | None:
    """Return what the newer edition says of the older one's period: its scorecard, or its course of weeks."""
    day = row["period_on_then"]
    if pd.isna(day) or row["period_then"] != row["period_now"] or row["kpi"] in SNAPSHOTS:
        return None
    if row["period_on_now"] == day:
        return None if pd.isna(row["value_now"]) else float(row["value_now"])
    score = new[new["kpi"] == row["kpi"]].iloc[0]
    if pd.to_datetime(score["before_on"]) == day:
        return None if pd.isna(score["before"]) else float(score["before"])
    if row["period_then"] != "week":
        return None
    found = weeks[(weeks["kpi"] == row["kpi"]) & (pd.to_datetime(weeks["week_on"]) == day)]
    return None if found.empty or pd.isna(found["value"].iloc[0]) else float(found["value"].iloc[0])


def findings(then: pd.DataFrame, now: pd.DataFrame) -> dict[str, list[str]]:
    """Return the sentences of what started between two editions, what is open in both, and what ended.

    From the tables front-findings; one of an older form, without a state, told only what was open.
    """
    was, is_ = (_open(table) for table in (then, now))
    told = {(row["kpi"], row["kind"]): row["sentence"] for row in now.to_dict("records") if _is_over(row)}
    return {
        "started": [sentence for key, sentence in is_.items() if key not in was],
        "open": [sentence for key, sentence in is_.items() if key in was],
        "ended": [told.get(key, sentence) for key, sentence in was.items() if key not in is_],
    }


def _open(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    rows = [row for row in table.to_dict("records") if not _is_over(row)]
    return {(row["kpi"], row["kind"]): str(row["sentence"]) for row in rows}


def _is_over(row: dict[Any, Any]) -> bool:
    return bool(row.get("state") == "ended")
