"""The loop between the teams, week by week: what marketing hands over, and how sales works and answers it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import precedence as tests
from funnel.metrics import term
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

WEEKS = """
with agreed as (
    select s.clock, s.within_seconds / 3600.0 as limit_hours
    from contract.sla s
    join run.context c on c.contract = s.version
    where s.sla = 'first_touch'
),
handed as (
    select
        h.handoff_id, h.week_on, h.met_definition, h.n_in_cadence,
        h.handed_at + to_seconds($landmark_seconds) as judged_at,
        h.outcome = 'accepted' and h.outcome_at <= h.handed_at + to_seconds($landmark_seconds) as is_accepted,
        case when f.most_hours <= a.limit_hours then 1
            when f.least_hours > a.limit_hours or f.most_hours is null then 0 end as in_time,
        f.outcome is null or f.outcome = 'open' as is_pending,
        n.due_at as cadence_at
    from marts.handoff h
    left join agreed a on true
    left join marts.handoff_sla f on f.handoff_id = h.handoff_id and f.sla = 'first_touch'
        and f.clock = a.clock and f.outcome <> 'unknown'
    left join marts.handoff_sla n on n.handoff_id = h.handoff_id and n.sla = 'cadence'
    where h.stage = $stage and h.week_on is not null
),
counted as (
    select
        week_on,
        count(*) as n_hand_offs,
        count(met_definition) as n_judged,
        count(*) filter (where met_definition) as n_met_definition,
        count(in_time) filter (where not is_pending) as n_clocked,
        sum(in_time) filter (where not is_pending) as n_in_time,
        count(n_in_cadence) as n_worked,
        sum(n_in_cadence) as n_attempts,
        sum(n_in_cadence * n_in_cadence) as squares,
        count(*) filter (where is_accepted) as n_accepted,
        max(greatest(judged_at, coalesce(cadence_at, judged_at))) as judged_at,
        bool_or(is_pending and limit_hours is not null) as is_pending
    from handed
    left join agreed on true
    group by week_on
)
select
    p.starts_on as week_on, p.is_complete, c.* exclude (week_on, judged_at, is_pending),
    coalesce(c.judged_at <= $until, true) as is_answered
from run.period p
left join counted c on c.week_on = p.starts_on
where p.period = 'week' and p.starts_on > (select min(week_on) from counted)
    and p.starts_at < (select as_of from run.context)
order by p.starts_on
"""

STAGES = """
select h.stage
from marts.handoff h
left join contract.stage s on s.stage = h.stage
left join run.context c on c.contract = s.version
group by h.stage
order by min(s.position) nulls last, h.stage
"""

SIDES = """
select from_team, to_team
from marts.handoff
where stage = $stage
group by from_team, to_team
order by count(*) desc, from_team, to_team
limit 1
"""
SERIES = {
    "volume": ("Hand-offs", "count", "from"),
    "quality": ("Met the agreed definition", "rate", "from"),
    "in_time": ("First touch in time", "rate", "to"),
    "attempts": ("Attempts per lead", "number", "to"),
    "acceptance": ("Accepted", "rate", "to"),
}
BAND_WEEKS, BAND_LEAST = 26, 8
WAYS = (("volume", ""), ("", "volume"), ("quality", ""), ("volume", "quality"))
NAMES = {
    "volume": "hand-off volume",
    "quality": "met definition",
    "in_time": "timely follow-up",
    "attempts": "attempts per lead",
}
UNITS = {"volume": "log", "quality": "rate", "in_time": "rate", "attempts": "number"}
EFFORTS = ("in_time", "attempts")
COLUMNS = ["series", "title", "team", "unit", "week_on", "value", "n", "low", "high", "band_low", "band_high"]
COLUMNS += ["is_mature", "state", "rule"]


def weekly(con: DuckDBPyConnection, *, stage: str | None = None) -> pd.DataFrame:
    """Return one row per series and week, the loop between the teams as one picture.

    From the week after the first with a hand-off on, since records may begin within that one.

    Series: volume (hand-offs) and quality (share that met the definition in force) of the giving team;
    in_time (share first touched within the limit in force now, one yardstick for all weeks), attempts (per
    hand-off, within the agreed cadence) and acceptance (share accepted within the contract's landmark) of the
    receiving one. `stage`: whose hand-offs; by default the first that hands over. Columns: series, title,
    team, unit (count, rate, number), week_on, value, n, low, high (95 %), band_low, band_high (mean -+ 2 sd
    of up to 26 mature weeks before; null below 8), is_mature (the week is over and, of what the receiver
    owes, all of it had the landmark and the cadence), state, rule. Immature weeks have no value.
    """
    one = _stage(con, stage)
    weeks = _weeks(con, one)
    teams = _teams(con, one)
    frames = [_series(weeks, name).assign(team=teams[SERIES[name][2]]) for name in SERIES]
    frame = pd.concat(frames, ignore_index=True)
    absent = {"in_time", "attempts"} if missing(con, "activity") else set()
    frame.loc[frame["series"].isin(absent), ["value", "low", "high", "band_low", "band_high"]] = np.nan
    frame["state"] = np.select(
        [frame["series"].isin(absent), ~frame["is_mature"], frame["value"].isna()],
        [ABSENT, "not yet", "undefined"],
        "ok",
    )
    days = term.context(con).landmark_days
    rule = (
        "Hand-offs by week. In time: first touched within the limit in force now. Attempts: within the "
        f"agreed cadence. Accepted: within {number.days(days)} of the hand-off. Not yet: weeks in which "
        "these are not over."
    )
    return frame.assign(rule=rule)[COLUMNS]


def precedence(con: DuckDBPyConnection, *, effort: str = "in_time", stage: str | None = None) -> pd.DataFrame:
    """Return one row per question: whether one series of the loop precedes another.

    The questions: volume to follow-up, follow-up to volume, quality to follow-up, volume to quality; all in
    one vector autoregression of weekly volume (logarithm), quality and follow-up (`effort`: 'in_time' or
    'attempts'), block F tests, Holm over the four (METHODS section 5). Fewer than 104 consecutive mature
    weeks: state 'not yet' and the reason. Columns: question, cause, effect, n_weeks, lag, statistic, p_value,
    p_holm, is_shown (p_holm below 0.05), response (of the effect, mean of the four weeks after a week in
    which the cause is one standard deviation above what was to be expected) with low and high (95 %) in unit
    (rate, log: relative, number), sentence, reason, state, rule. It says what precedes, never what causes.
    """
    if effort not in EFFORTS:
        raise UsageError(
            f"The loop has no measure of follow-up '{effort}'.{did_you_mean(effort, EFFORTS)} Choose one of: "
            f"{', '.join(EFFORTS)}."
        )
    series, why = _together(con, effort, stage)
    ways = tuple((NAMES[cause or effort], NAMES[effect or effort]) for cause, effect in WAYS)
    units = {name: UNITS[key] for key, name in NAMES.items()}
    return tests.precedence(series.rename(columns=NAMES), ways, units=units, absent=why)


def _together(con: DuckDBPyConnection, effort: str, stage: str | None) -> tuple[pd.DataFrame, str | None]:
    """Return the latest run of weeks in which all three series have a value, one column each."""
    table = weekly(con, stage=stage)
    used = table[table["series"].isin(("volume", "quality", effort))]
    absent = used.loc[used["state"] == ABSENT, "title"].unique()
    wide = used.pivot(index="week_on", columns="series", values="value").reindex(
        columns=["volume", "quality", effort]
    )
    known = wide.notna().all(axis=1)
    last = known[known].index.max()
    gap = known[~known & (known.index < last)].index.max() if known.any() else None
    run = wide.loc[known] if pd.isna(gap) else wide.loc[known & (known.index > gap)]
    why = f"{', '.join(absent)}: {ABSENT}." if len(absent) else None
    return run.assign(volume=np.log(run["volume"])), why


def _stage(con: DuckDBPyConnection, stage: str | None) -> str:
    if stage is not None:
        return term.stage(con, stage).name
    found = con.execute(STAGES).fetchall()
    return str(found[0][0]) if found else term.stages(con)[0].name


def _teams(con: DuckDBPyConnection, stage: str) -> dict[str, str | None]:
    found = con.execute(SIDES, {"stage": stage}).fetchall() or [(None, None)]
    return {"from": found[0][0], "to": found[0][1]}


def _weeks(con: DuckDBPyConnection, stage: str) -> pd.DataFrame:
    context = term.context(con)
    return read(con, WEEKS, stage=stage, landmark_seconds=context.landmark_seconds, until=context.seen_until)


def _series(weeks: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return one series over the weeks: value, n and interval of mature weeks, and the band before each."""
    title, unit, side = SERIES[name]
    n, low, high, value = _values(weeks, name)
    mature = weeks["is_complete"].astype(bool)
    if side == "to":
        mature &= weeks["is_answered"].astype(bool)
    frame = pd.DataFrame({"week_on": weeks["week_on"], "n": n, "is_mature": mature})
    parts: dict[str, Any] = {"value": value, "low": low, "high": high}
    frame = frame.assign(
        **{key: pd.Series(part, index=weeks.index).where(mature) for key, part in parts.items()}
    )
    before = frame["value"].shift(1).rolling(BAND_WEEKS, min_periods=BAND_LEAST)
    mean, spread = before.mean(), before.std()
    top = (mean + 2 * spread).clip(upper=1.0) if unit == "rate" else mean + 2 * spread
    band = {"band_low": (mean - 2 * spread).clip(lower=0), "band_high": top}
    return frame.assign(series=name, title=title, unit=unit, **band)


def _values(weeks: pd.DataFrame, name: str) -> tuple[Any, Any, Any, Any]:
    """Return n, low, high and value of a series in each week."""
    n_all = weeks["n_hand_offs"]
    if name == "volume":
        low, high = stats.poisson(n_all)
        return n_all, low, high, n_all.astype("float64")
    if name == "attempts":
        n = weeks["n_worked"]
        mean = weeks["n_attempts"] / n.where(n > 0)
        error = np.sqrt((weeks["squares"] / n.where(n > 0) - mean**2).clip(lower=0) / n.where(n > 1))
        return n, (mean - 1.96 * error).clip(lower=0), mean + 1.96 * error, mean
    hits, of = {
        "quality": ("n_met_definition", "n_judged"),
        "in_time": ("n_in_time", "n_clocked"),
        "acceptance": ("n_accepted", "n_hand_offs"),
    }[name]
    low, high = stats.wilson(weeks[hits], weeks[of])
    return weeks[of], low, high, stats.rate(weeks[hits], weeks[of])
