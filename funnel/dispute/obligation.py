"""What each side owed under the contract in this batch, and what it received from the other."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.dispute.query import text

RULE = "Of the batch's hand-offs for which it can be told (met or missed; open and unknown left out)."
COLUMNS = ["side", "obligation", "agreed", "attainment", "n", "n_kept", "n_open", "n_unknown"]


def obligations(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per side and obligation of the contract versions in force for the batch.

    Columns: side, obligation, agreed (in words), attainment (agreed share, null if none), n (decided),
    n_kept, n_open, n_unknown, rate with low and high, received (in words: what this side got from
    the other), rule.
    """
    frame = cursor.execute(text("obligation")).df()
    unknown = frame["n_all"] - frame["n"] - frame["n_open"]
    frame = stats.with_rate(frame.assign(n_unknown=unknown), "n_kept", "n")
    said = {side: _said(frame[frame["side"] == side]) for side in ("marketing", "sales")}
    received = frame["side"].map({"marketing": said["sales"], "sales": said["marketing"]})
    return frame[[*COLUMNS, "rate", "low", "high"]].assign(received=received, rule=RULE)


def _said(rows: pd.DataFrame) -> str:
    """Return what one side gave, as the other receives it."""
    given = zip(rows["obligation"], rows["n_kept"], rows["n"], strict=True)
    told = [f"{obligation}: {_share(kept, n)}" for obligation, kept, n in given]
    return "; ".join(told) or "nothing was agreed"


def _share(kept: int, n: int) -> str:
    return f"{number.count(kept)} of {number.count(n)}" if n else "cannot be told"
