"""What becomes of those who enter a stage, as time since their entry goes by: competing endings.

Each entrant is watched from the first entry of a cycle into the stage until it ends, or until the records
end. An ending competes with the others, so a rejected lead is never taken as one that might still advance.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats, survival
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import read, splitting, whole
from funnel.metrics.response import first_touch, waits
from funnel.metrics.spell import ages, by_value, kept, left_out

if TYPE_CHECKING:
    from funnel.stats import Floats

__all__ = ["endings", "first_touch", "waits"]

ENDINGS = ("advanced", "rejected", "recycled", "lost", "open")
UNITS = {"hour": 3_600, "day": 86_400, "week": 604_800}
CAUSES = {name: (place + 1) % len(ENDINGS) for place, name in enumerate(ENDINGS)}
COLUMNS = ["value", "age_days", "ending", "probability", "low", "high", "n", "n_at_risk", "n_watched"]
COLUMNS += ["n_events", "n_imputed", "n_left_out"]

SPELLS = splitting("""
with clock as (
    select cast($until as timestamp) as until_at, cast($today as date) as today
),
entrant as (
    select
        e.cycle_id, e.entered_at, e.entered_on, e.entered_precision, e.is_observed, e.is_impossible,
        c.exit, c.exit_at, c.exit_on, c.exit_precision,
        split_by($by, c) as label
    from marts.stage_entry e
    join marts.cycle c on c.cycle_id = e.cycle_id
    where e.stage = $from_stage
        and coalesce(e.entered_on >= cast($start_on as date), $start_on is null)
        and coalesce(e.entered_on < cast($end_on as date), $end_on is null)
),
onward as (
    select
        cycle_id,
        arg_min(
            {'happened_at': entered_at, 'happened_on': entered_on, 'precision': entered_precision},
            {'entered_at': entered_at, 'position': position}
        ) filter (where entered_at is not null and not is_impossible) as seen,
        bool_or(is_impossible and entered_at is not null) as has_impossible,
        not bool_or(position = $to_position and entered_at is not null) as is_imputed
    from marts.stage_entry
    where is_observed and position >= $to_position
    group by cycle_id
),
ending as (
    select
        e.*,
        case when o.cycle_id is not null then 'advanced'
            when e.exit in ('rejected', 'recycled', 'lost') then e.exit else 'open' end as ending,
        case when o.cycle_id is not null then o.seen.happened_at else e.exit_at end as ended_at,
        case when o.cycle_id is not null then o.seen.happened_on else e.exit_on end as ended_on,
        case when o.cycle_id is not null then o.seen.precision else e.exit_precision end as ended_precision,
        coalesce(o.seen is null and o.has_impossible, false) as is_end_impossible,
        o.is_imputed
    from entrant e
    left join onward o on o.cycle_id = e.cycle_id
),
measured as (
    select
        n.*,
        case when n.entered_precision = 'day' then (k.today - n.entered_on - 1) * 86400
            else date_diff('second', n.entered_at, k.until_at) end as watched_seconds,
        case when n.ending = 'open' then null
            when 'day' in (n.entered_precision, n.ended_precision) then (n.ended_on - n.entered_on) * 86400
            else date_diff('second', n.entered_at, n.ended_at) end as ended_seconds
    from ending n
    cross join clock k
),
judged as (
    select
        *,
        case
            when not is_observed then 'imputed'
            when entered_at is not null and (is_impossible or is_end_impossible or ended_seconds < 0)
                then 'impossible'
            when entered_at is null or (ending <> 'open' and ended_at is null) then 'undated'
            when watched_seconds < 0 then 'new'
        end as left_out,
        entered_precision = 'day' and ended_seconds > watched_seconds as is_later
    from measured
)
select
    label,
    left_out,
    case when left_out is null then case when is_later then 'open' else ending end end as ending,
    case when left_out is null then least(ended_seconds, watched_seconds) end as seconds,
    case when left_out is null then watched_seconds // $unit_seconds end as n_units_watched,
    coalesce(left_out is null and not is_later and is_imputed, false) as is_imputed,
    count(*) as n
from judged
group by all
order by all
""")


def endings(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    by: str | None = None,
    unit: str = "day",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
    within_days: float | None = None,
) -> pd.DataFrame:
    """Return one row per value of `by`, age and ending: the share of entrants that had ended so by that age.

    Entrants: first entries of cycles into `from_stage` in [start_on, end_on), observed and dated. Endings:
    advanced (reached `to_stage` or a later stage; where only a later one was recorded, by its time),
    rejected, recycled, lost, and open (still there); they add to 1 at every age (Aalen-Johansen). Ages are
    whole units ('hour', 'day', 'week'), the end included, from 0 to the last that at least ten were watched
    for (all, where there are fewer), or to `within_days`. Columns: value (null without `by`), age_days,
    ending, probability, low, high (95 %), n (entrants), n_at_risk (watched and still there before that age),
    n_watched (watched for at least that age, ended or not), n_events (ended so since the age before; 0 of
    open), n_imputed (of all, known to have advanced from a later stage only), n_left_out, rule. UsageError
    for an unknown stage, dimension or unit.
    """
    start, end = term.stage_pair(con, from_stage, to_stage)
    seconds = _unit(unit)
    spells = _spells(con, start, end, by, seconds, start_on, end_on)
    most = None if within_days is None else term.seconds(within_days) // seconds
    frames = [_curves(value, rows, seconds, most) for value, rows in by_value(spells)]
    frame = pd.concat(frames, ignore_index=True) if frames else _curves(None, spells, seconds, most)
    return frame.assign(rule=_rule(spells, start, end))


def _unit(name: str) -> int:
    if name not in UNITS:
        raise UsageError(
            f"There is no unit '{name}'.{did_you_mean(name, UNITS)} Choose one of: {', '.join(UNITS)}."
        )
    return UNITS[name]


def _spells(
    con: DuckDBPyConnection,
    start: term.Stage,
    end: term.Stage,
    by: str | None,
    unit_seconds: int,
    start_on: date | str | None,
    end_on: date | str | None,
) -> pd.DataFrame:
    clock = term.context(con)
    return read(
        con,
        SPELLS,
        until=clock.seen_until,
        today=clock.seen_on,
        from_stage=start.name,
        to_position=end.position,
        by=None if by is None else term.dimension(by),
        unit_seconds=unit_seconds,
        start_on=start_on,
        end_on=end_on,
    )


def _curves(value: object, rows: pd.DataFrame, unit_seconds: int, most: int | None) -> pd.DataFrame:
    """Return the rows of one value of the segment, by age and ending."""
    used = kept(rows)
    units, watched = ages(rows, most)
    given = (used["seconds"], used["ending"].map(CAUSES), used["n"])
    curves = (*survival.aalen_johansen(*given, causes=len(ENDINGS) - 1), survival.kaplan_meier(*given))
    at = [curve.at(units * unit_seconds) for curve in curves]
    frames = [_ending(name, curve, watched) for name, curve in zip(ENDINGS, at, strict=True)]
    frame = pd.concat(frames).sort_values("age_days", kind="stable", ignore_index=True)
    n, n_imputed = used["n"].sum(), used.loc[used["is_imputed"], "n"].sum()
    about = {"n": n, "n_imputed": n_imputed, "n_left_out": rows["n"].sum() - n}
    frame = whole(frame.assign(**about))
    frame.insert(0, "value", pd.Series([value] * len(frame), dtype="object"))
    return frame[COLUMNS]


def _ending(name: str, curve: survival.Curve, watched: Floats) -> pd.DataFrame:
    """Return one ending at each age; where it has taken none or all, Wilson's interval of those watched."""
    is_edge = (curve.probability <= 0) | (curve.probability >= 1)
    low, high = stats.wilson(np.round(curve.probability) * watched, watched)
    return pd.DataFrame(
        {
            "age_days": curve.time / term.DAY_SECONDS,
            "ending": name,
            "probability": curve.probability,
            "low": np.where(is_edge, low, curve.low),
            "high": np.where(is_edge, high, curve.high),
            "n_at_risk": curve.n_risk,
            "n_watched": watched,
            "n_events": 0.0 if name == "open" else curve.n_event,
        }
    )


def _rule(spells: pd.DataFrame, start: term.Stage, end: term.Stage) -> str:
    used = kept(spells)
    imputed = used.loc[used["is_imputed"], "n"].sum()
    late = f" {number.count(imputed)} reached it by the time of a later stage." if imputed else ""
    return (
        f"Competing endings of {number.count(used['n'].sum())} {start.title} entries by time since entry: "
        f"{end.title} reached, rejected, recycled, lost, or open; they add to 1 at every age. Each counts as "
        f"long as it was watched; interval: 95 %.{late}{left_out(spells)}"
    )
