"""Hand-offs by whom they reach and when they arrive: clocks, median wait and persistence, side by side."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import response, term
from funnel.metrics.frame import read, whole
from funnel.metrics.handed_to import ARRIVALS, WEEKDAYS, arriving
from funnel.metrics.source import ABSENT, missing

__all__ = ["arrivals", "by"]

JUDGED = arriving("""
with arrived as (
    select * from arrived_by($by)
    where coalesce(handed_on >= cast($start_on as date), $start_on is null)
        and coalesce(handed_on < cast($end_on as date), $end_on is null)
),
agreed as (
    select
        max(s.attainment) filter (where s.sla = 'first_touch') as agreed,
        max(s.attainment) filter (where s.sla = 'cadence') as kept_agreed
    from contract.sla s
    join run.context c on c.contract = s.version
),
judged as (
    select
        a.label, a.position, s.sla, s.outcome, a.gave_up_early,
        coalesce(s.due_at <= c.as_of, true) as is_due
    from arrived a
    cross join run.context c
    left join marts.handoff_sla s on s.handoff_id = a.handoff_id and s.sla in ('first_touch', 'cadence')
),
sized as (
    select label, count(*) as n_hand_offs from arrived group by label
),
tally as (
    select
        label, max(position) as position,
        count(*) filter (where sla = 'first_touch' and is_due and outcome in ('met', 'missed')) as n,
        count(*) filter (where sla = 'first_touch' and is_due and outcome = 'met') as n_met,
        count(*) filter (where sla = 'first_touch' and outcome = 'unknown') as n_unknown,
        count(*) filter (where sla = 'cadence' and is_due and outcome in ('met', 'missed')) as n_cadence,
        count(*) filter (where sla = 'cadence' and is_due and outcome = 'met') as n_kept,
        count(*) filter (where sla = 'cadence' and is_due and outcome = 'missed' and gave_up_early)
            as n_gave_up
    from judged
    group by label
)
select t.*, z.n_hand_offs, g.agreed, g.kept_agreed
from tally t
join sized z on z.label is not distinct from t.label
cross join agreed g
order by t.position nulls last, z.n_hand_offs desc, t.label nulls last
""")

GRID = arriving("""
with arrived as (
    select * from arrived_by('weekday')
    where local_hour is not null
        and coalesce(handed_on >= cast($start_on as date), $start_on is null)
        and coalesce(handed_on < cast($end_on as date), $end_on is null)
)
select
    a.position as weekday,
    cast(a.local_hour // $hours * $hours as integer) as hour,
    count(*) as n_hand_offs,
    count(*) filter (where s.is_due and s.outcome in ('met', 'missed')) as n,
    count(*) filter (where s.is_due and s.outcome = 'met') as n_met
from arrived a
left join (
    select s.handoff_id, s.outcome, coalesce(s.due_at <= c.as_of, true) as is_due
    from marts.handoff_sla s
    cross join run.context c
    where s.sla = 'first_touch'
) s on s.handoff_id = a.handoff_id
group by 1, 2
order by 1, 2
""")

UNTIMED = """
select count(*)
from marts.handoff
where coalesce(handed_precision, 'unknown') <> 'second'
    and coalesce(handed_on >= cast($start_on as date), $start_on is null)
    and coalesce(handed_on < cast($end_on as date), $end_on is null)
"""

BY_RULE = (
    "First touch and cadence: of the hand-offs whose deadline has passed and whose outcome is known, the "
    "share met. Median: business hours from assignment to the first human touch of all, those never touched "
    "counted as long as they were watched (Kaplan-Meier)."
)
LIMITS = ("limit_low", "limit_high", "is_outside", "is_small")


def by(
    con: DuckDBPyConnection,
    *,
    dimension: str,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per value of `dimension`: clock, wait, persistence of hand-offs of [start_on, end_on).

    `dimension`: team (of the first owner on the receiving side, with its region), tier (of the first touch),
    weekday or hour of arrival (local time of the calendar that the contract has for the lead), or channel,
    region and the other dimensions; UsageError for anything else. Columns: dimension, value (null: none is
    known), n_hand_offs; first touch: n (deadline passed, outcome known), n_met, n_unknown, rate, low, high
    (Wilson), limit_low, limit_high, is_outside, is_small (over-dispersed 99.8 % limits), agreed; wait:
    n_watched, n_untouched (of them, to date), median_hours, median_low, median_high (business hours; null:
    not reached); persistence: n_cadence (cadence run out), n_kept, n_gave_up (touched, but neither the agreed
    attempts nor an outcome), kept_rate, kept_low, kept_high, kept_limit_low, kept_limit_high,
    kept_is_outside, kept_agreed; state, rule. Weekdays and hours stand in their order, others largest first.
    """
    known = (*ARRIVALS, *term.DIMENSIONS)
    if dimension not in known:
        raise UsageError(
            f"Hand-offs cannot be split by '{dimension}'.{did_you_mean(dimension, known)} "
            f"Known: {', '.join(known)}."
        )
    frame = read(con, JUDGED, by=dimension, start_on=start_on, end_on=end_on)
    frame = stats.with_limits(stats.with_rate(frame, "n_met", "n"), "n_met", "n")
    names = ("kept_rate", "kept_low", "kept_high")
    frame = _kept_limits(stats.with_rate(frame, "n_kept", "n_cadence", names=names))
    waits = response.waits(con, by=dimension, clock="business", start_on=start_on, end_on=end_on)
    hours = ["median_hours", "median_low", "median_high"]
    waits = waits.rename(columns={"value": "label", "n": "n_watched"})
    frame = whole(frame.merge(waits[["label", "n_watched", "n_untouched", *hours]], on="label", how="left"))
    if missing(con, "activity"):
        frame = frame.assign(**dict.fromkeys([*hours, "n_untouched"], np.nan), state=ABSENT)
    else:
        frame = frame.assign(state=np.where(frame["n"] == 0, "undefined", "ok"))
    frame = frame.assign(dimension=dimension, value=frame["label"].astype("object"), rule=BY_RULE)
    first = ["dimension", "value", "n_hand_offs", "n", "n_met", "n_unknown", "rate", "low", "high", *LIMITS]
    wait = ["agreed", "n_watched", "n_untouched", *hours]
    kept = ["n_cadence", "n_kept", "n_gave_up", *names, "kept_limit_low", "kept_limit_high"]
    return frame[[*first, *wait, *kept, "kept_is_outside", "kept_agreed", "state", "rule"]]


def arrivals(
    con: DuckDBPyConnection,
    *,
    hours: int = 1,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per weekday and band of `hours` of arrival, empty ones too: how many came, how many met.

    Local time of the calendar that the contract has for the lead; hand-offs known only to the day are left
    out and counted. Columns: weekday (ISO, 1 Monday), weekday_name, hour (the band begins), until_hour,
    n_hand_offs, n (first-touch deadline passed, outcome known), n_met, rate, low, high (Wilson), limit_low,
    limit_high, is_outside, is_small (over-dispersed 99.8 % limits), n_untimed (left out), state,
    rule. UsageError unless `hours` divides a day.
    """
    if hours < 1 or 24 % hours:
        raise UsageError(f"Bands of {hours} hours do not divide a day. Choose 1, 2, 3, 4, 6, 8, 12 or 24.")
    given = {"start_on": start_on, "end_on": end_on}
    grid = pd.MultiIndex.from_product([range(1, 8), range(0, 24, hours)], names=["weekday", "hour"])
    found = read(con, GRID, hours=hours, **given).set_index(["weekday", "hour"])
    frame = whole(found.reindex(grid).reset_index())
    frame.insert(1, "weekday_name", [WEEKDAYS[day - 1] for day in frame["weekday"]])
    frame.insert(3, "until_hour", frame["hour"] + hours)
    n_untimed = int(con.execute(UNTIMED, given).fetchall()[0][0])
    absent = missing(con, "activity") is not None
    state = np.where(absent, ABSENT, np.where(frame["n"] == 0, "undefined", "ok"))
    rule = (
        "Hand-offs by local weekday and hour of arrival, and the share of those whose deadline has passed "
        f"that met the first touch. {n_untimed:,} hand-offs of unknown hour are left out."
    )
    frame = stats.with_limits(stats.with_rate(frame, "n_met", "n"), "n_met", "n")
    return frame.assign(n_untimed=n_untimed, state=state, rule=rule)


def _kept_limits(frame: pd.DataFrame) -> pd.DataFrame:
    limits = stats.with_limits(frame, "n_kept", "n_cadence")
    named = {f"kept_{name}": limits[name] for name in LIMITS[:3]}
    return frame.assign(**named)
