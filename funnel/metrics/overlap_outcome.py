"""What became of opportunities that marketing touched while they were open, and of those it did not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import term
from funnel.metrics.frame import read, whole
from funnel.metrics.source import ABSENT, missing

__all__ = ["outcomes"]

OUTCOMES = """
with member as (
    select opportunity_id, person_id from core.opportunity_person
    union
    select opportunity_id, person_id from core.contact_role
),
touch as (
    select
        t.person_id, t.touched_at, t.touched_precision,
        cast(t.touched_at + to_seconds(coalesce(z.offset_seconds, 0)) as date) as touched_on
    from core.touch t
    left join run.zone_offset z on t.touched_at >= z.starts_at and t.touched_at < z.ends_at
),
watched as (
    select
        o.opportunity_id, o.account_id, o.outcome, o.amount, o.currency, o.created_at, o.created_on,
        o.created_precision, o.created_at + to_seconds(v.landmark_seconds) as landmark_at,
        cast(o.created_on + cast(v.landmark_seconds // 86400 as integer) as date) as landmark_on,
        case when o.created_at + to_seconds(v.landmark_seconds) > c.as_of then 'young'
            when o.outcome <> 'open' and case when 'day' in (o.created_precision, o.closed_precision)
                then o.closed_on <= o.created_on + cast(v.landmark_seconds // 86400 as integer)
                else o.closed_at <= o.created_at + to_seconds(v.landmark_seconds) end then 'closed'
        end as left_out
    from marts.opportunity o
    cross join run.context c
    join contract.version v on v.version = c.contract
    where o.created_at is not null and (o.outcome = 'open' or o.closed_at is not null)
),
near as (
    select m.opportunity_id, m.person_id, 1 as reach from member m
    union all
    select o.opportunity_id, p.person_id, 2
    from marts.opportunity o
    join core.person p on p.account_id = o.account_id
),
hit as (
    select w.opportunity_id, min(n.reach) as reach
    from watched w
    join near n on n.opportunity_id = w.opportunity_id
    join touch t on t.person_id = n.person_id
    where case when 'day' in (t.touched_precision, w.created_precision)
        then t.touched_on > w.created_on and t.touched_on <= w.landmark_on
        else t.touched_at > w.created_at and t.touched_at <= w.landmark_at end
    group by w.opportunity_id
)
select
    case when h.reach = 1 then 1 when h.reach = 2 then 2 else 3 end as position,
    w.left_out,
    count(*) as n,
    count(*) filter (where w.outcome = 'won') as n_won,
    count(*) filter (where w.outcome = 'lost') as n_lost,
    count(*) filter (where w.outcome = 'open') as n_open,
    sum(w.amount) filter (where w.outcome = 'won' and coalesce(w.currency, c.currency) = c.currency)
        as won_amount
from watched w
cross join run.context c
left join hit h on h.opportunity_id = w.opportunity_id
group by 1, 2
order by 1, 2
"""

GROUPS = (
    "a person on it was touched",
    "only others of the account were touched",
    "nobody was touched",
)
RULE = (
    "Opportunities still open {days} after they were created, by whether marketing reached somebody in those "
    "{days}; won of those decided since. {n_closed} decided earlier and {n_young} younger ones are left out, "
    "so that nobody counts as touched because his opportunity stayed open longer. Who is touched is not "
    "drawn by lot: a difference is an association, not an effect of the touch."
)


def outcomes(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return three rows: opportunities touched in their first days, touched at the account only, and not.

    The first days are the contract's landmark. Columns: position, title, n (opportunities still open at the
    landmark), n_won, n_lost, n_open, rate (won of won and lost), low, high (Wilson), change against the last
    row, change_low, change_high (Newcombe), won_amount in currency, landmark_days, sentence, state, rule.
    Without touches or opportunities in the source, or without any lost one, the rates are null.
    """
    context = term.context(con)
    found = read(con, OUTCOMES)
    kept = found[found["left_out"].isna()].drop(columns="left_out")
    frame = pd.DataFrame({"position": range(1, len(GROUPS) + 1), "title": GROUPS})
    frame = whole(frame.merge(kept, on="position", how="left"))
    frame = stats.with_rate(frame.assign(n_decided=frame["n_won"] + frame["n_lost"]), "n_won", "n_decided")
    last = frame.iloc[[-1] * len(frame)]
    change, low, high = stats.newcombe(frame["n_won"], frame["n_decided"], last["n_won"], last["n_decided"])
    change[-1] = low[-1] = high[-1] = np.nan
    frame = frame.assign(change=change, change_low=low, change_high=high)
    absent = missing(con, "touch", "opportunity") is not None
    unheard = not frame["n_lost"].sum()
    if absent or unheard:
        rates = ["rate", "low", "high", "change", "change_low", "change_high"]
        frame = frame.assign(**dict.fromkeys(rates, np.nan))
    state = ABSENT if absent else "undefined" if unheard else "ok"
    counts = found.groupby("left_out")["n"].sum()
    rule = RULE.format(
        days=number.days(context.landmark_days),
        n_closed=number.count(counts.get("closed", 0)),
        n_young=number.count(counts.get("young", 0)),
    )
    frame = frame.assign(landmark_days=context.landmark_days, currency=context.currency)
    frame = frame.assign(sentence=_sentence(frame, state), state=state, rule=rule)
    first = ["position", "title", "n", "n_won", "n_lost", "n_open", "rate", "low", "high"]
    last_columns = ["change", "change_low", "change_high", "won_amount", "currency", "landmark_days"]
    return frame[[*first, *last_columns, "sentence", "state", "rule"]]


def _sentence(frame: pd.DataFrame, state: str) -> str:
    if state == ABSENT:
        return f"What touched opportunities did cannot be judged: {ABSENT}."
    if state != "ok" or np.isnan(frame["change"].iloc[0]):
        return "What touched opportunities did cannot be judged: too few decided, or no lost one recorded."
    row = frame.iloc[0]
    said = number.points_with_interval(row["change"], row["change_low"], row["change_high"])
    shown = (
        "no difference is shown"
        if row["change_low"] <= 0 <= row["change_high"]
        else "an association, not shown to be an effect"
    )
    return f"Touched while open against not touched: {said} of win rate, {shown}."
