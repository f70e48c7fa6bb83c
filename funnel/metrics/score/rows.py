"""The hand-offs that a score is judged on: the score as of the hand-off, follow-up class, and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.errors import UsageError
from funnel.metrics import agreed, follow_up, handed, span, term, truncation
from funnel.metrics.once import once
from funnel.metrics.source import ABSENT

FEWEST, FEWEST_EACH = 100, 10
REFUSED, OK = "refused", "ok"
UNKNOWN = "not yet known"
KNOWN = ("handed", "recorded", "delivered")

TARGET = """
select t.target
from contract.target t
join run.context c on c.contract = t.version
where t.kpi = $stage || '_to_' || $outcome
"""


@dataclass(frozen=True)
class Judged:
    """All hand-offs of known time into a stage, and what is asked of them.

    `rows`: one per hand-off, ordered by time: those of `scored.sql`, `follow_up` (class), `is_mature` (had
    the whole window before as_of), `is_judged` (mature, its outcome and its score known), `y` (1.0: converted
    in the window; null where not judged), `is_test` (judged, handed over in the judged span).
    `state`, `note`: "ok", or why no score can be judged.
    """

    rows: pd.DataFrame
    start: term.Stage
    end: term.Stage
    within_days: float
    start_on: pd.Timestamp
    end_on: pd.Timestamp
    state: str
    note: str | None

    @property
    def test(self) -> pd.DataFrame:
        """The hand-offs of the judged span."""
        return pd.DataFrame(self.rows[self.rows["is_test"]]).reset_index(drop=True)

    @property
    def train(self) -> pd.DataFrame:
        """The judged hand-offs whose window was over before the first one of the judged span was made."""
        window, first = pd.Timedelta(seconds=term.seconds(self.within_days)), self.test["handed_at"].min()
        is_over = self.rows["made_by"] + window <= first
        return pd.DataFrame(self.rows[self.rows["is_judged"] & is_over]).reset_index(drop=True)

    @property
    def who(self) -> str:
        """Which hand-offs are judged, and by what, in words."""
        return (
            f"Hand-offs at {self.start.title} {span.words(self.start_on, self.end_on)}, with the score that "
            f"held at the hand-off; converted: {self.end.title} within {self.within_days:g} days."
        )


def judged(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> Judged | str:
    """Return the hand-offs to judge a score on; a reason in words where nothing is handed over at all.

    By default the agreed conversion (see `metrics.agreed`) and the latest mature three months. UsageError
    for an unknown stage or a window that holds nothing.
    """
    asked = (stage, outcome, within_days, start_on, end_on)
    return once(con, ("score", *asked), lambda: _judged(con, *asked))


def _judged(
    con: DuckDBPyConnection,
    stage: str | None,
    outcome: str | None,
    within_days: float | None,
    start_on: span.Day,
    end_on: span.Day,
) -> Judged | str:
    asked = _asked(con, stage, outcome, within_days)
    if isinstance(asked, str):
        return asked
    start, end, days = asked
    context = term.context(con)
    if start_on is None and end_on is None:
        start_on, end_on = span.mature(con, start.name, term.seconds(days))
    given = {"stage": start.name, "outcome": end.name, "landmark_seconds": context.landmark_seconds}
    rows = _told(handed.read(con, "scored", handed.COURSE, given), context, days)
    rows = _marked(rows, con, start, end)
    first, last = _span(rows, start_on, end_on)
    rows["is_test"] = rows["is_judged"] & (rows["handed_on"] >= first) & (rows["handed_on"] < last)
    state, note = _why(rows, str(start_on) == span.NEVER, start.title)
    return Judged(rows, start, end, days, first, last, state, note)


def with_inputs(con: DuckDBPyConnection, asked: Judged, frame: pd.DataFrame) -> pd.DataFrame:
    """Return hand-offs with what a score could know of them at that moment (`inputs.sql`)."""
    seconds = term.context(con).landmark_seconds
    given = {"stage": asked.start.name, "outcome": asked.end.name, "landmark_seconds": seconds}
    key = ("inputs", asked.start.name)
    told = once(con, key, lambda: handed.read(con, "inputs", KNOWN, given))
    return frame.merge(told, on="handoff_id", how="left", validate="one_to_one")


def target(con: DuckDBPyConnection, asked: Judged) -> float | None:
    """Return the agreed target of the conversion; None where the contract in force names none."""
    found = con.execute(TARGET, {"stage": asked.start.name, "outcome": asked.end.name}).fetchall()
    return float(found[0][0]) if found and found[0][0] is not None else None


def a_rate(value: float) -> float:
    """Return a target that is a rate; UsageError for one that no rate can be held against."""
    if not 0 < value < 1:
        raise UsageError(f"A target of {value:g} is no rate. Give a share between 0 and 1, such as 0.25.")
    return float(value)


def too_few(y: Any, what: str = "hand-offs") -> str | None:
    """Return why outcomes are too few to be judged by, in words; None where they suffice."""
    n, converted = len(y), int(np.nansum(y))
    if n < FEWEST:
        return f"{n} {what} can be judged; at least {FEWEST} are needed"
    if min(converted, n - converted) < FEWEST_EACH:
        return f"{converted} of {n} {what} converted; at least {FEWEST_EACH} of each kind are needed"
    return None


def refused(columns: list[str], state: str, note: str, rule: str) -> pd.DataFrame:
    """Return the one row of a refusal: every column null but state, note and rule."""
    row = dict.fromkeys(columns, np.nan) | {"state": state, "note": note, "rule": rule}
    return pd.DataFrame([row], columns=[*columns, "state", "note", "rule"])


def _asked(
    con: DuckDBPyConnection, stage: str | None, outcome: str | None, within_days: float | None
) -> tuple[term.Stage, term.Stage, float] | str:
    ladder = term.stages(con)
    handing = [one for one in ladder if one.hands_to]
    agreement = agreed.conversion(con)
    if stage is not None:
        start = term.stage(con, stage)
    elif not handing:
        return "the contract hands no lead over, so no hand-off can have a score"
    else:
        start = next((one for one in handing if one.name == agreement["from_stage"]), handing[0])
    goal = term.stage(con, agreement["to_stage"])
    last = goal if goal.position > start.position else ladder[-1]
    start, end = term.stage_pair(con, start.name, last.name if outcome is None else outcome)
    is_agreed = (start.name, end.name) == (agreement["from_stage"], agreement["to_stage"])
    days = agreement["within_days"] if is_agreed else term.context(con).horizon_days
    days = days if within_days is None else within_days
    return start, end, term.seconds(days) / term.DAY_SECONDS


def _span(rows: pd.DataFrame, start_on: span.Day, end_on: span.Day) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the judged span; an open side ends with the first or the last hand-off."""
    never = pd.Timestamp(span.NEVER)
    made = rows["handed_on"] if len(rows) else pd.Series([never])
    first, last = span.parsed(start_on), span.parsed(end_on)
    return (
        made.min() if first is None else first,
        made.max() + pd.Timedelta(days=1) if last is None else last,
    )


def _told(rows: pd.DataFrame, context: term.Context, days: float) -> pd.DataFrame:
    """Add what is known of each: mature, its outcome in the window, its class of follow-up."""
    window = pd.Timedelta(seconds=term.seconds(days))
    converted = rows["converted"].astype("boolean")
    took = rows["days_to_outcome"].astype("float64")
    is_known = (~converted | took.notna()).fillna(False) & ~rows["is_outcome_before"]
    rows = rows.assign(
        is_mature=rows["made_by"] + window <= context.seen_until,
        y=((converted.fillna(False)) & (took <= days)).astype("float64").where(is_known),
        score=rows["score"].astype("float64"),
    )
    return rows.assign(follow_up=_classes(rows, context, days))


def _classes(rows: pd.DataFrame, context: term.Context, days: float) -> Any:
    took, hours, touches, left = (
        np.asarray(rows[name], dtype=np.float64)
        for name in ("days_to_outcome", "touch_hours", "n_touches", "exit_days")
    )
    took, left = np.where(took <= days, took, np.nan), np.where(rows["exit"] == "rejected", left, np.nan)
    age = np.asarray((context.as_of - rows["handed_at"]).dt.total_seconds(), dtype=float) / term.DAY_SECONDS
    cut = np.minimum(follow_up.owed_until(took, left, context.landmark_days), age)
    is_followed = rows["is_followed"].to_numpy(dtype=bool)
    usable = is_followed & ~np.isnan(hours) & rows["is_mature"].to_numpy(dtype=bool)
    if not usable.any():
        return np.full(len(rows), UNKNOWN, dtype=object)
    pace = follow_up.usual(hours[usable], touches[usable], cut[usable])
    codes = pace.classes(hours, touches, cut, age < context.landmark_days, is_followed)
    return np.array(follow_up.CLASSES, dtype=object)[codes]


def _marked(rows: pd.DataFrame, con: DuckDBPyConnection, start: term.Stage, end: term.Stage) -> pd.DataFrame:
    """Say which are judged: none that was handed over before the outcome was recorded at all."""
    given = {"from_stage": start.name, "to_stage": end.name}
    first_on, expected = con.execute(truncation.RECORDED, given).fetchall()[0]
    is_judged = rows["is_mature"] & rows["y"].notna() & rows["score"].notna()
    if expected is not None and expected >= truncation.EXPECTED:
        is_judged &= rows["handed_on"] >= pd.Timestamp(first_on)
    return rows.assign(is_judged=is_judged, y=rows["y"].where(is_judged))


def _why(rows: pd.DataFrame, is_young: bool, title: str) -> tuple[str, str | None]:
    """Return the state and, unless it is ok, why no score can be judged."""
    if rows.empty:
        return REFUSED, f"no hand-off at {title} at a known time is recorded"
    if not rows["is_scored"].any():
        return ABSENT, "no source gives a score of its leads"
    if rows["score"].isna().all():
        note = "no score is known as of a hand-off: neither field history nor an earlier load reaches back"
        return REFUSED, note
    if is_young:
        return REFUSED, f"no month of hand-offs at {title} is mature: the window of all of them must be over"
    test = rows[rows["is_test"]]
    if few := too_few(test["y"]):
        unknown = int((rows["is_mature"] & rows["score"].isna()).sum())
        more = f" ({number.count(unknown)} had no known score)" if unknown else ""
        return REFUSED, few + more
    if test["score"].nunique() < 2:
        return (
            REFUSED,
            f"the score is {test['score'].iloc[0]:g} for all {len(test)} hand-offs: it tells none apart",
        )
    return OK, None
