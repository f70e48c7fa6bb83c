"""What lies untouched: open hand-offs that nobody has called, by age, with what such cases have brought."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError, did_you_mean
from funnel.metrics import stake, term
from funnel.metrics.frame import read
from funnel.metrics.handed_to import arriving
from funnel.metrics.source import ABSENT, missing

__all__ = ["ageing", "waiting"]

AGEING = arriving("""
with lying as (
    select
        h.label, h.stage, h.age_days, coalesce(s.due_at <= c.as_of, false) as is_late,
        case
            when h.age_days <= 1 then 1
            when h.age_days <= 7 then 2
            when h.age_days <= 14 then 3
            when h.age_days <= 30 then 4
            when h.age_days <= 90 then 5
            else 6
        end as band,
        h.age_days * 86400 < v.horizon_seconds as is_young
    from arrived_by($by) h
    cross join run.context c
    join contract.version v on v.version = c.contract
    left join marts.handoff_sla s on s.handoff_id = h.handoff_id and s.sla = 'first_touch'
    where h.outcome = 'open' and h.first_touch_at is null and h.age_days is not null
)
select
    label, band, grouping(label) = 1 as is_all, grouping(band) = 1 as is_total, stage, count(*) as n,
    count(*) filter (where is_late) as n_late, count(*) filter (where is_young) as n_young,
    max(age_days) as oldest_days
from lying
group by grouping sets ((label, band, stage), (label, stage), (band, stage), (stage))
order by all
""")

WAITING = arriving("""
select
    h.handoff_id, h.record_key, h.stage, h.handed_on, h.age_days, s.due_at,
    coalesce(s.due_at <= c.as_of, false) as is_late, h.tier, h.team, h.owner_id, h.channel, h.region
from arrived_by('team') h
cross join run.context c
left join marts.handoff_sla s on s.handoff_id = h.handoff_id and s.sla = 'first_touch'
where h.outcome = 'open' and h.first_touch_at is null and h.age_days is not null
order by h.age_days desc nulls last, h.handoff_id
""")

BANDS = (
    "up to 1 day",
    "over 1 to 7 days",
    "over 7 to 14 days",
    "over 14 to 30 days",
    "over 30 to 90 days",
    "over 90 days",
)
SPLITS = ("team", "tier", *term.DIMENSIONS)
RULE = (
    "Hand-offs of known time that are open and without a human touch at the report. Amount: of those younger "
    "than the contract's horizon, what hand-offs of the stage have usually brought (the won share of those "
    "one horizon old, times the mean won amount). It says what such cases brought, not what a call today "
    "would bring; what older ones are worth is not known."
)


def ageing(con: DuckDBPyConnection, *, by: str | None = None) -> pd.DataFrame:
    """Return one row per age of open, untouched hand-offs, and one for all ages, per value of `by`.

    `by`: team, tier, or a dimension; UsageError for anything else. Columns: value (null: none is known, or no
    `by`), position, age, is_total, n, n_late (first-touch deadline passed), oldest_days, n_young (younger
    than the contract's horizon), amount_at_stake (of those; null where there are none or nothing of the kind
    was won yet) in currency, state, rule. Values with the most come first.
    Without activities in the source nobody can be said to be untouched: no rows but the total, counts null.
    """
    if by is not None and by not in SPLITS:
        raise UsageError(
            f"Untouched hand-offs cannot be split by '{by}'.{did_you_mean(by, SPLITS)} "
            f"Known: {', '.join(SPLITS)}."
        )
    frame = read(con, AGEING, by=by)
    frame = frame[frame["is_all"] == (by is None)] if len(frame) else frame
    if missing(con, "activity"):
        return _absent(con)
    worth = stake.worth(con).stage
    each = frame["stage"].map(worth).astype("float64")
    frame = frame.assign(
        value=frame["label"].astype("object"), amount=(each * frame["n_young"]).where(frame["n_young"] > 0)
    )
    keys = ["value", "band", "is_total"]
    grouped = frame.groupby(keys, dropna=False, sort=False)
    table = grouped[["n", "n_late", "n_young"]].sum().assign(oldest_days=grouped["oldest_days"].max())
    amount = grouped["amount"].sum(min_count=1)
    table = table.assign(amount_at_stake=amount).reset_index()
    return _ordered(table, by).assign(currency=term.context(con).currency, state="ok", rule=RULE)


def waiting(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per open, untouched hand-off, oldest first, for analysts: it names leads and owners.

    Columns: handoff_id, record_key, stage, handed_on, age_days, due_at (UTC, of the first touch), is_late,
    tier, team, owner_id, channel, region. Without activities in the source no rows: nobody can be said to be
    untouched.
    """
    frame = con.execute(WAITING).df()
    return frame.iloc[:0] if missing(con, "activity") else frame


def _ordered(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Return values with the most first, each with its ages youngest first and its whole last."""
    if table.empty and by is None:
        row = {"value": None, "band": np.nan, "is_total": True, "n": 0, "n_late": 0, "n_young": 0}
        table = pd.DataFrame([row | {"oldest_days": np.nan, "amount_at_stake": np.nan}])
    totals = table[table["is_total"].astype(bool)].sort_values(
        ["n", "value"], ascending=[False, True], kind="stable"
    )
    rank = {None if pd.isna(value) else value: place for place, value in enumerate(totals["value"])}
    places = [rank[None if pd.isna(value) else value] for value in table["value"]]
    position = table["band"].fillna(len(BANDS) + 1).astype("int64")
    ages = ["all" if at > len(BANDS) else BANDS[at - 1] for at in position]
    table = table.assign(place=places, position=position, age=ages)
    table = table.sort_values(["place", "position"], kind="stable", ignore_index=True)
    columns = ["value", "position", "age", "is_total", "n", "n_late", "oldest_days", "n_young"]
    return table[[*columns, "amount_at_stake"]]


def _absent(con: DuckDBPyConnection) -> pd.DataFrame:
    known = {"value": None, "position": len(BANDS) + 1, "age": "all", "is_total": True}
    gone = dict.fromkeys(["n", "n_late", "oldest_days", "n_young", "amount_at_stake"], np.nan)
    return pd.DataFrame(
        [known | gone | {"currency": term.context(con).currency, "state": ABSENT, "rule": RULE}]
    )
