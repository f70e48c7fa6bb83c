"""The same questions to both sides, and what became of the leads that were sent back."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats

QUESTIONS = (
    (
        *("marketing", "Handed over without meeting the definition"),
        *("is_unmet", "is_judged", "Of the hand-offs whose clauses are known."),
    ),
    (
        *("marketing", "Handed over again after a rejection"),
        *("is_handed_again", "is_any", "Of all hand-offs: an earlier passage of the person ended rejected."),
    ),
    (
        *("marketing", "Rejected as bad although worked at the agreed cadence"),
        *("is_rejected", "is_worked", "Of the hand-offs whose cadence was kept."),
    ),
    (
        *("sales", "Accepted, never touched"),
        *(
            "is_untouched",
            "is_accepted",
            "Of the accepted: no human touch from the hand-off to the person's next.",
        ),
    ),
    (
        *("sales", "Rejected as bad, never touched"),
        *("is_untouched", "is_rejected", "Of the rejected: no human touch from the hand-off on."),
    ),
    (
        *("sales", "Rejected as bad, later converted"),
        *(
            "is_later_converted",
            "is_dated",
            "Of those rejected on a known day: the same person, or another of the account, converted later.",
        ),
    ),
)
NEEDS_WORK = ("is_untouched", "is_worked")
COLUMNS = ["side", "question", "n", "n_of", "rate", "low", "high"]
RECYCLED = (
    "Hand-offs that ended recycled, by reason: how many of the people came back, and how many of them, or of "
    "their accounts, reached the outcome later (rate: of those recycled on a known day)."
)


def conduct(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per hand-off of batch and baseline: what either side did with it, as flags."""
    frame = cursor.execute("from conduct order by handoff_id").df()
    flags = {
        name: frame[name].astype("boolean") for name in frame.columns.astype(str) if name.startswith("is_")
    }
    rejected, recycled = frame["exit"].eq("rejected"), frame["exit"].eq("recycled")
    return frame.assign(
        **flags,
        is_any=True,
        is_rejected=rejected.astype("boolean"),
        is_judged=frame["met_definition"].notna(),
        is_unmet=~frame["met_definition"].astype("boolean"),
        is_dated=(rejected & flags["is_later_converted"].notna()).astype("boolean"),
        is_recycled=recycled.astype("boolean"),
    )


def both_ways(done: pd.DataFrame) -> pd.DataFrame:
    """Return one row per question about the batch, three about each side's own conduct: of n_of hand-offs, n.

    Columns: side, question, n, n_of, rate, low, high, baseline_rate, baseline_n_of, rule. Where the source
    records no activities, questions about them have n_of 0 and null rates.
    """
    batch, baseline = done[done["in_batch"]], done[~done["in_batch"]]
    frame = pd.DataFrame([_asked(batch, *question) for question in QUESTIONS])
    usual = pd.DataFrame([_asked(baseline, *question) for question in QUESTIONS])
    frame = stats.with_rate(frame, "n", "n_of")
    usual_rate = stats.rate(usual["n"], usual["n_of"])
    frame = frame.assign(baseline_rate=usual_rate, baseline_n_of=usual["n_of"])
    return frame[[*COLUMNS, "baseline_rate", "baseline_n_of", "rule"]]


def recycled(done: pd.DataFrame) -> pd.DataFrame:
    """Return one row per reason of recycling in the batch, most frequent first, the total last.

    Columns: reason (null: none recorded), is_total, n, n_returned, n_known (recycled on a known day),
    n_converted, rate (of n_known) with low and high, rule.
    """
    batch = done[done["in_batch"] & done["is_recycled"].fillna(False)]
    rows = [_yield(rows, reason) for reason, rows in batch.groupby("exit_reason", dropna=False, sort=True)]
    rows.sort(key=lambda row: (-row["n"], str(row["reason"])))
    frame = pd.DataFrame([*rows, _yield(batch, None) | {"is_total": True}])
    return stats.with_rate(frame, "n_converted", "n_known").assign(rule=RECYCLED)


def _asked(
    rows: pd.DataFrame, side: str, question: str, flag: str, among: str, rule: str
) -> dict[str, object]:
    asked = rows[rows[among].fillna(False).astype(bool)]
    if {flag, among} & set(NEEDS_WORK):
        asked = asked[asked["is_followed"].fillna(False).astype(bool)]
    n = int(asked[flag].fillna(False).sum())
    return {"side": side, "question": question, "n": n, "n_of": len(asked), "rule": rule}


def _yield(rows: pd.DataFrame, reason: Any) -> dict[str, Any]:
    known = rows["is_later_converted"].notna()
    return {
        "reason": None if pd.isna(reason) else reason,
        "is_total": False,
        "n": len(rows),
        "n_returned": int(rows["is_back"].fillna(False).sum()),
        "n_known": int(known.sum()),
        "n_converted": int(rows["is_later_converted"].fillna(False).sum()),
    }
