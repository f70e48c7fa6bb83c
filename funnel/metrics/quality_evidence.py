"""Whether what is on record bears out the reason for which a hand-off was refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import handed, term
from funnel.metrics.frame import whole
from funnel.metrics.source import missing

STEPS = ("handed", "recorded", "delivered", "reason", "refused", "heard", "on_record")
OTHER, NONE = "not tested", "no reason given"
TESTS = {
    "duplicate": "another record of the person existed at the hand-off: borne out; none: contradicted",
    "fit": "failed a clause of the definition other than the score, as known at the hand-off: borne out; met "
    "all of them: contradicted",
    "contact data": "e-mail not valid at the hand-off, or a call that found a wrong number: borne out; a "
    "reply, or a valid e-mail that nobody used: contradicted",
    "reachability": "as many attempts as agreed and no reply: borne out; a reply, or fewer: contradicted",
    "budget or time": "nobody touched the lead, so that nobody can have asked: contradicted",
    OTHER: "no record tells; only what holds for every reason counts",
}
EVERY = (
    "Whatever the reason, unless its own test bears it out, a refusal is contradicted where the contract "
    "lists the reason for another exit, where a lead was rejected without a human touch on record, or where "
    "a rejected person later went further than the hand-off."
)
COUNTS = {
    "n_supported": "supports",
    "n_contradicted": "contradicts",
    "n_untold": "cannot tell",
}
FLAGS = {
    "n_untouched": "is_rejected_untouched",
    "n_other_exit": "is_other_exit",
    "n_later": "is_rejected_later",
}
COLUMNS = ["exit", "reason", "claim", "is_total", "n", *COUNTS, "rate", "low", "high", *FLAGS, "test", "rule"]


def evidence(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per exit and reason of refused hand-offs, most frequent first, and one for all.

    What a reason claims is read from its words (fit, contact data, reachability, duplicate, budget or time;
    'not tested' for others, 'no reason given' for none), and held against the record; see docs/quality.md.
    Columns: exit, reason (null: none), claim, is_total, n, n_supported, n_contradicted, n_untold (add to n),
    rate (contradicted of all, at the
    least) with low and high, n_untouched (rejected without a human touch; null
    where the source has no activities), n_other_exit (the contract lists the reason for another exit),
    n_later (rejected, and the person went further later), test (in words), rule. Empty where nothing was
    refused.
    """
    rows = refusals(con)
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    keys = ["exit", "reason", "claim"]
    counted = rows.groupby(keys, dropna=False, sort=False)[["n", *COUNTS, *FLAGS]].sum().reset_index()
    counted = counted.sort_values(["n", "exit", "reason"], ascending=[False, True, True], kind="stable")
    total = rows[["n", *COUNTS, *FLAGS]].sum().to_frame().T.assign(exit=None, reason=None, claim="all")
    parts = [counted.assign(is_total=False), total.assign(is_total=True)]
    frame = whole(pd.concat([part.astype({"reason": "object"}) for part in parts], ignore_index=True))
    frame = stats.with_rate(frame, "n_contradicted", "n")
    if missing(con, "activity"):
        frame = frame.assign(n_untouched=pd.array([pd.NA] * len(frame), dtype="Int64"))
    return frame.assign(test=frame["claim"].map(TESTS), rule=EVERY)[COLUMNS]


def refusals(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per refused hand-off with its verdict, as counts of one; internal to `evidence`."""
    followed = missing(con, "activity") is None
    stages = [one.name for one in term.stages(con) if one.hands_to]
    frames = [_stage(con, {"stage": name, "is_followed": followed}) for name in stages]
    if not frames:
        return pd.DataFrame()
    rows = pd.concat(frames, ignore_index=True)
    rows = rows.assign(claim=rows["claim"].fillna(rows["reason"].isna().map({True: NONE, False: OTHER})))
    general = rows[[*FLAGS.values()]].any(axis=1).map({True: "contradicts", False: "cannot tell"})
    verdict = rows["by_claim"].astype("object").where(rows["by_claim"].notna(), general)
    told = {name: (verdict == word).astype("int64") for name, word in COUNTS.items()}
    flags = {name: rows[column].astype("int64") for name, column in FLAGS.items()}
    return rows.assign(n=1, verdict=verdict, **told, **flags)


def _stage(con: DuckDBPyConnection, given: dict[str, Any]) -> pd.DataFrame:
    return handed.read(con, "refusal", STEPS, given)
