"""How long cycles stay in a stage, those still in it included: medians that may be "not reached"."""

from __future__ import annotations

import math

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import survival
from funnel.metrics import term
from funnel.metrics.frame import read, splitting, whole
from funnel.metrics.spell import by_value, kept, left_out

__all__ = ["in_stage"]

STAYS = splitting("""
with clock as (
    select cast($until as timestamp) as until_at, cast($today as date) as today
),
goal as (
    select s.stage, s.position, max(s.position) over () as last_position
    from contract.stage s
    join run.context c on c.contract = s.version
),
visit as (
    select
        cycle_id, stage, position, entered_at, entered_on, entered_precision, is_observed, is_impossible,
        count(*) filter (where is_observed) over onward as n_onward,
        count(*) filter (where is_observed and is_impossible and entered_at is not null)
            over onward as n_flagged,
        min(entered_at) filter (where is_observed and not is_impossible) over onward as next_at,
        min(entered_on) filter (where is_observed and not is_impossible) over onward as next_on,
        arg_min(entered_precision, {'entered_at': entered_at, 'position': position})
            filter (where entered_at is not null and is_observed and not is_impossible)
            over onward as next_precision
    from marts.stage_entry
    window onward as (
        partition by cycle_id order by position rows between 1 following and unbounded following
    )
),
stay as (
    select
        v.*,
        v.n_onward > 0 or c.exit is not null as is_left,
        case when v.n_onward > 0 then v.next_at else c.exit_at end as left_at,
        case when v.n_onward > 0 then v.next_on else c.exit_on end as left_on,
        case when v.n_onward > 0 then v.next_precision else c.exit_precision end as left_precision,
        split_by($by, c) as label
    from visit v
    join marts.cycle c on c.cycle_id = v.cycle_id
    join goal g on g.stage = v.stage and g.position < g.last_position
),
measured as (
    select
        s.*,
        case when s.entered_precision = 'day' then (k.today - s.entered_on - 1) * 86400
            else date_diff('second', s.entered_at, k.until_at) end as watched_seconds,
        case when not s.is_left then null
            when 'day' in (s.entered_precision, s.left_precision) then (s.left_on - s.entered_on) * 86400
            else date_diff('second', s.entered_at, s.left_at) end as stay_seconds
    from stay s
    cross join clock k
),
judged as (
    select
        *,
        case
            when not is_observed then 'imputed'
            when entered_at is not null
                and (is_impossible or stay_seconds < 0 or (left_at is null and n_flagged > 0))
                then 'impossible'
            when entered_at is null or (is_left and left_at is null) then 'undated'
            when watched_seconds < 0 then 'new'
        end as left_out,
        entered_precision = 'day' and stay_seconds > watched_seconds as is_later
    from measured
)
select
    position,
    label,
    left_out,
    left_out is null and is_left and not coalesce(is_later, false) as is_left,
    case when left_out is null then least(stay_seconds, watched_seconds) end as seconds,
    case when left_out is null then
        case when 'day' in (entered_precision, left_precision) then 'day' else 'second' end
    end as precision,
    count(*) as n
from judged
group by all
order by all
""")

LEAST = 10
KEPT_OUT = ("imputed", "impossible", "undated", "new")
COLUMNS = ["position", "stage", "title", "value", "median_days", "median_low", "median_high", "p25", "p75"]
COLUMNS += [
    "is_reached",
    "n",
    "n_left",
    "n_open",
    "watched_days",
    *(f"n_{why}" for why in KEPT_OUT),
    "precision",
]


def in_stage(con: DuckDBPyConnection, *, by: str | None = None) -> pd.DataFrame:
    """Return one row per stage but the last (and value of `by`): how long cycles stay in it.

    From the first entry of a cycle into the stage to its first entry into any later stage or its exit,
    observed entries only; those still in it count for as long as they were watched (Kaplan-Meier), so this
    is no mean of those who left. Columns: position, stage, title, value (null without `by`), median_days
    with median_low and median_high (95 %), p25, p75 (days by which a quarter and three quarters have left):
    null where that is not reached while ten are still at risk (where ten never are, at any age); is_reached
    (the median is), n, n_left, n_open, watched_days (the longest
    anyone was watched in it), kept out: n_imputed, n_impossible, n_undated, n_new (entered on a last day
    that is not over); precision ('second', 'day', 'mixed'), rule. UsageError for an unknown dimension.
    """
    clock = term.context(con)
    asked = None if by is None else term.dimension(by)
    stays = read(con, STAYS, until=clock.seen_until, today=clock.seen_on, by=asked)
    rows = [
        {"position": one.position, "stage": one.name, "title": one.title, "value": value, **_stay(part)}
        for one in term.stages(con)[:-1]
        for value, part in by_value(stays[stays["position"] == one.position]) or [(None, stays[:0])]
    ]
    frame = whole(pd.DataFrame(rows, columns=COLUMNS))
    rule = (
        "Days from entry into a stage to the next observed stage or exit; those still in it count as long "
        f"as they were watched (Kaplan-Meier). Not reached: less than half have left.{left_out(stays)}"
    )
    return frame.assign(value=frame["value"].astype("object"), rule=rule)


def _stay(rows: pd.DataFrame) -> dict[str, object]:
    used = kept(rows)
    curve = survival.kaplan_meier(used["seconds"] / term.DAY_SECONDS, used["is_left"], used["n"])
    half, *quarters = (_within(curve, survival.quantile(curve, share)) for share in (0.5, 0.25, 0.75))
    precisions = sorted(set(used["precision"]))
    out = rows.groupby("left_out")["n"].sum()
    return {
        "median_days": half.value,
        "median_low": half.low,
        "median_high": half.high,
        "p25": quarters[0].value,
        "p75": quarters[1].value,
        "is_reached": not math.isnan(half.value),
        "n": used["n"].sum(),
        "n_left": used.loc[used["is_left"], "n"].sum(),
        "n_open": used.loc[~used["is_left"], "n"].sum(),
        "watched_days": used["seconds"].max() / term.DAY_SECONDS,
        **{f"n_{why}": out.get(why, 0) for why in KEPT_OUT},
        "precision": "mixed" if len(precisions) > 1 else next(iter(precisions), None),
    }


def _within(curve: survival.Curve, found: survival.Quantile) -> survival.Quantile:
    """Return the quantile where it lies before the last age that ten were still at risk for, else null."""
    steady = curve.time[curve.n_risk >= LEAST]
    last = steady.max() if len(steady) else math.inf
    return survival.Quantile(*(x if x <= last else math.nan for x in (found.value, found.low, found.high)))
