"""A past edition under another contract, or with later knowledge, beside what it reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd

from funnel.landing import landed_sources, read_loads
from funnel.metrics import conversion, kpi, quality
from funnel.project import Project
from funnel.revision.aside import Setting, built_aside
from funnel.revision.editions import Reported, reported

KEYS = ["table", "figure", "period_on"]
COLUMNS = [*KEYS, "title", "unit", "reported", "restated", "difference", "n_reported", "n_restated", "note"]


def restate(
    project: Project,
    edition: str,
    *,
    contract: str | None = None,
    known_at: datetime | None = None,
    told: Callable[[str], None] = lambda name: None,
) -> pd.DataFrame:
    """Return one row per figure of a past edition: what it reported beside what would stand.

    `contract`: under this version for all time, with what the edition knew, unless `known_at` says
    otherwise; without one: under the edition's own versions, with all that is landed by `known_at` (naive
    UTC; None: all). The edition's as_of stays, and so does the edition. Figures: the KPIs of the scorecard
    for their period, the share of judged hand-offs that met the definition, the stages of the funnel, and
    the KPIs of the weeks.

    Columns: table ('scorecard', 'definition', 'funnel', 'weeks'), figure (KPI or stage), period_on, title,
    unit, reported, restated, difference (restated - reported; null unless both are defined), n_reported,
    n_restated, note (null, or why there is no difference to tell). UsageError for an unknown edition or
    contract version.
    """
    past = reported(project, edition)
    known = known_at or (past.known_at if contract else _last_load(project))
    setting = Setting(past.as_of, known, (contract,) if contract else past.contracts)
    with built_aside(project, setting, told=told) as con:
        met = quality.acceptance(con, dimension="channel")
        now = _long(kpi.scorecard(con), kpi.weekly(con), conversion.funnel(con), met)
    return _beside(_as_reported(past), now)


def _last_load(project: Project) -> datetime:
    loads = [load for name in landed_sources(project) for load in read_loads(project, name)]
    return max(load.observed_at for load in loads)


def _as_reported(past: Reported) -> pd.DataFrame:
    names = ("scorecard", "kpi-weekly", "front-funnel", "acceptance-by-channel")
    return _long(*map(past.table, names))


def _long(
    scorecard: pd.DataFrame, weeks: pd.DataFrame, funnel: pd.DataFrame, accepted: pd.DataFrame
) -> pd.DataFrame:
    """Return figure, period and value of the tables in one."""
    stages = funnel.assign(value=funnel["n"].astype("float64"), unit="count", period_on=funnel["start_on"])
    parts = {
        "scorecard": scorecard.rename(columns={"kpi": "figure"}),
        "weeks": weeks.rename(columns={"kpi": "figure", "week_on": "period_on"}),
        "funnel": stages.rename(columns={"stage": "figure"}),
        "definition": _definition(accepted),
    }
    kept = ["figure", "period_on", "title", "unit", "value", "n"]
    frames = [
        part[kept].assign(table=name, period_on=pd.to_datetime(part["period_on"]))
        for name, part in parts.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _definition(accepted: pd.DataFrame) -> pd.DataFrame:
    n, met = accepted["n_judged"].sum(), accepted["n_met_definition"].sum()
    row = {"figure": "met_definition", "title": "Hand-offs that met the definition", "unit": "rate"}
    return pd.DataFrame([row | {"period_on": pd.NaT, "value": met / n if n else None, "n": n}])


def _beside(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Join weeks by figure and period, the others by figure alone: their period may have moved."""
    weeks = then["table"] == "weeks"
    pieces = [
        then[~weeks].merge(now[now["table"] != "weeks"], on=KEYS[:2], how="outer", suffixes=("", "_now")),
        then[weeks].merge(now[now["table"] == "weeks"], on=KEYS, how="outer", suffixes=("", "_now")),
    ]
    pieces[0]["moved"] = pieces[0]["period_on"] != pieces[0]["period_on_now"]
    both = pd.concat(pieces, ignore_index=True)
    for name in ("title", "unit", "period_on"):
        both[name] = both[name].fillna(both[f"{name}_now"])
    both = both.rename(
        columns={"value": "reported", "value_now": "restated", "n": "n_reported", "n_now": "n_restated"}
    )
    return _noted(both)


def _noted(both: pd.DataFrame) -> pd.DataFrame:
    moved = both["moved"].eq(True) & both["period_on"].notna() & both["period_on_now"].notna()
    difference = (both["restated"] - both["reported"]).mask(moved)
    note = pd.Series(None, index=both.index, dtype=object)
    note = note.mask(both["reported"].isna() & both["restated"].isna(), "undefined both times")
    note = note.mask(both["reported"].notna() & both["restated"].isna(), "undefined now")
    note = note.mask(both["reported"].isna() & both["restated"].notna(), "undefined then")
    note = note.mask(moved, "another period: " + both["period_on_now"].dt.strftime("%Y-%m-%d"))
    rank = both["table"].map({"scorecard": 0, "definition": 1, "funnel": 2, "weeks": 3})
    frame = both.assign(difference=difference, note=note, rank=rank)
    counts = {name: frame[name].astype("Int64") for name in ("n_reported", "n_restated")}
    frame = frame.assign(**counts).sort_values(
        ["rank", "figure", "period_on"], kind="stable", ignore_index=True
    )
    return frame[COLUMNS]
