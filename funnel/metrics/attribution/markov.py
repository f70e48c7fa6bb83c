"""Attribution by a first-order Markov chain over values: what conversions are lost when one is taken out.

Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer journey, Int. J. of Research in
Marketing 33(3). Removing a value sends all that come to it to the end without conversion, so the share lost
is the chance to visit it times the chance to convert from it, over the chance to convert at all.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from funnel.metrics import span, steps
from funnel.metrics.attribution import asked as words
from funnel.metrics.attribution.query import FOLDER, walked
from funnel.metrics.source import ABSENT, missing

Floats = NDArray[np.float64]
ENDED = {
    "won": "Paths: opportunities won (conversion) and lost (none); open ones are left out.",
    "pipeline": "Paths: opportunities created (conversion) and passages that ended without one; open ones "
    "are left out.",
}
COLUMNS = ["value", "n_paths", "conversion_rate", "removal_rate", "credit_share"]


def removal(
    con: DuckDBPyConnection,
    *,
    by: str,
    amount: str = "won",
    look_back_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per value of `by`, largest effect first: the removal effect in a first-order chain.

    The paths are the eligible touches, in order of time, of opportunities won and lost (of 'pipeline': of
    those created, and of passages that ended without one); open ones are left out. Columns: value, n_paths
    (with such a touch), conversion_rate (of the whole chain), removal_rate (share of the conversions that
    is lost without the value), credit_share (removal_rate / their sum), state, rule. Nothing converted:
    null.
    """
    by = words.one_of("split", by, words.BY)
    asked = words.question(
        con, amount=amount, look_back_days=look_back_days, start_on=start_on, end_on=end_on
    )
    with walked(con, asked) as cursor:
        frame = effects(cursor, by)[COLUMNS]
    absent = missing(con, "touch", "opportunity")
    state = ABSENT if absent else np.where(frame["removal_rate"].isna(), "undefined", "ok")
    frame = frame.sort_values(
        ["removal_rate", "value"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return frame.assign(state=state, rule=f"{asked.rule} {ENDED[amount]}")


def effects(cursor: DuckDBPyConnection, by: str) -> pd.DataFrame:
    """Return the removal effect of each value of the chain over the eligible touches, in order of value.

    Beside the shares of conversions, `amount_share`: the same of the amount that the conversions brought.
    """
    moves = steps.read(cursor, FOLDER, "chain", {"by": by})
    paths = steps.read(cursor, FOLDER, "visit", {"by": by})
    values = [None if pd.isna(value) else value for value in paths["value"]]
    begun, moved, won, brought = _counted(moves, {value: at for at, value in enumerate(values)})
    chance, lost = chain(begun, moved, won)
    _, lost_amount = chain(begun, moved, won, brought)
    columns: dict[str, Any] = {"conversion_rate": chance, "removal_rate": lost, "credit_share": _shared(lost)}
    return paths.assign(**columns, amount_share=_shared(lost_amount))


def chain(begun: Floats, moved: Floats, won: Floats, brought: Floats | None = None) -> tuple[float, Floats]:
    """Return what a path brings (by default the chance to convert), and the share lost without each value.

    `begun`: paths that begin at each value; `moved`: steps from each value (row) to each, then in the last
    column to the end without conversion; `won`: steps from each value to the conversion; `brought`: what
    these brought, as a sum. Null without any conversion.
    """
    n = len(begun)
    gain = won if brought is None else brought
    if not n or not begun.sum() or not gain.sum():
        return (0.0 if n and begun.sum() else np.nan), np.full(n, np.nan)
    out = moved.sum(axis=1) + won
    start = begun / begun.sum()
    visits = np.linalg.inv(np.eye(n) - moved[:, :n] / out[:, None])
    brings = visits @ (gain / out)
    whole = float(start @ brings)
    return whole, (start @ visits) / np.diag(visits) * brings / whole


def credited(cursor: DuckDBPyConnection, split: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the lines of the Markov rule: the amount with a touch, shared by what is lost, in whole cents.

    Rounded once, by largest remainder over the values, since the chain has no share of its own per
    opportunity. A value that only lost opportunities show may have a share too: others went on from it.
    """
    base = split[split["rule"] == "linear"].assign(rule="markov")
    is_value = base["line"] == 1
    values, found = base[is_value], effects(cursor, by)
    counts = values.set_index(_keys(values["value"]))[["n_opportunities", "n_unknown"]]
    counts = counts.reindex(_keys(found["value"])).fillna(0).reset_index(drop=True)
    share = found["credit_share"].to_numpy(dtype="float64")
    lines = {
        "rule": "markov",
        "line": 1,
        "value": found["value"],
        "cents": _largest_remainder(
            values["cents"].sum(min_count=1), found["amount_share"].to_numpy("float64")
        ),
        "n_credit": math.fsum(values["n_credit"]) * share,
    }
    mine = pd.DataFrame({**lines, **counts}).loc[(share > 0) | counts["n_opportunities"].gt(0).to_numpy()]
    return pd.concat([mine, base[~is_value]])


def _counted(moves: pd.DataFrame, at: dict[Any, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the chain as arrays: begun, moved (last column: ended without), won, and what these brought."""
    n = len(at)
    begun, moved, won, brought = np.zeros(n), np.zeros((n, n + 1)), np.zeros(n), np.zeros(n)
    for row in moves.to_dict("records"):
        start = at.get(None if pd.isna(row["from_value"]) else row["from_value"], 0)
        goal = n if row["is_end"] else at[None if pd.isna(row["to_value"]) else row["to_value"]]
        if row["is_start"]:
            begun[goal] += row["n"]
        elif row["is_won"]:
            won[start] += row["n"]
            brought[start] += row["cents"]
        else:
            moved[start, goal] += row["n"]
    return begun, moved, won, brought


def _shared(lost: Floats) -> Floats:
    whole = lost.sum()
    return lost / whole if whole > 0 else np.full(len(lost), np.nan)


def _keys(values: pd.Series[Any]) -> pd.Index[Any]:
    """Return values as keys in which a missing one is a key of its own, apart from any text."""
    keys = [(False, "") if pd.isna(value) else (True, str(value)) for value in values]
    return pd.Index(keys, tupleize_cols=False, dtype="object")


def _largest_remainder(cents: Any, shares: Floats) -> Floats:
    """Return whole cents in these shares, the largest remainders rounded up: they add to the whole."""
    if pd.isna(cents) or np.isnan(shares).any():
        return np.full(len(shares), np.nan)
    parts = float(cents) * shares
    floors: Floats = np.floor(parts)
    order = np.argsort(-np.round(parts - floors, 6), kind="stable")
    floors[order[: round(float(cents) - floors.sum())]] += 1
    return floors
