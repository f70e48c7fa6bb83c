"""The population of a disputed batch: its own hand-offs and those it is compared with, one row each."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.dispute import baseline
from funnel.dispute.batch import Batch
from funnel.dispute.member import batch_keys, listed, members, resolve
from funnel.dispute.selection import Selection, selection
from funnel.errors import UsageError
from funnel.metrics import term, truncation
from funnel.metrics.handed import handoffs

COLUMNS = (
    *("handoff_id", "cycle_id", "person_id", "record_key", "in_batch", "batch_key"),
    *("handed_at", "handed_precision", "handed_on", "version", "age_days", "converted", "days_to_outcome"),
    *("is_imputed_outcome", "met_definition", "n_clauses_unknown", "definition_evidence"),
    *("score", "completeness", "is_duplicate", "employees", *term.DIMENSIONS),
    *("is_followed", "touch_hours", "n_touches", "n_touch_days", "exit", "exit_reason", "exit_days"),
    *("owner_id", "n_touches_all"),
)


@dataclass(frozen=True)
class Population:
    """What the verdict is reached on.

    `frame`: one row per hand-off of the batch (in_batch) and of the baseline, COLUMNS. `every`: the same for
    all hand-offs into the stage, whether compared or not. `comparisons`: one row per baseline that could be
    chosen. `left_out`: lead_id and why, of leads that were asked for and cannot be judged. `selection`: how a
    list of ids was picked (null without one); one picked by outcome was widened to the batches it comes from.
    """

    batch: Batch
    stage: term.Stage
    outcome: term.Stage
    baseline: str
    frame: pd.DataFrame
    every: pd.DataFrame
    comparisons: pd.DataFrame
    left_out: pd.DataFrame
    selection: Selection | None


def population(
    con: DuckDBPyConnection,
    batch: Batch,
    *,
    outcome: str,
    stage: str | None = None,
    baseline_asked: str | None = None,
) -> Population:
    """Return the population of a batch: attributes as of the hand-off, follow-up, outcome, baseline.

    Attributes are those that held at the hand-off by field history or loads, else the oldest known value,
    else the recorded one. `converted`: reached `outcome` at or after the hand-off, by as_of; null where it
    was reached at an unknown or impossible time. Follow-up counts human touches before the landmark and
    before outcome and exit (a day counts to its end). UsageError for what cannot be meant.
    """
    start = _handing(con, stage)
    goal = term.stage_pair(con, start.name, outcome)[1]
    context = term.context(con)
    given = {"stage": start.name, "outcome": goal.name, "landmark_seconds": context.landmark_seconds}
    whole = _typed(handoffs(con, given))
    found = resolve(con, batch, whole)
    ids = listed(con, found.ids)
    whole = whole.assign(in_batch=members(found, whole, ids), batch_key=batch_keys(found, whole))
    whole = whole.assign(why=_unjudged(con, whole, start, goal))
    every = whole[whole["why"].isna()].drop(columns="why").reset_index(drop=True)
    picked = _picked(found, every, context)
    if picked is not None:
        every = every.assign(in_batch=picked.population["in_batch"])
    choice = baseline.choose(con, found, every, baseline_asked, context.horizon_days)
    frame = every.loc[every["in_batch"] | choice.rows, list(COLUMNS)].reset_index(drop=True)
    left_out = _left_out(whole, ids)
    return Population(found, start, goal, choice.name, frame, every, choice.comparisons, left_out, picked)


def _handing(con: DuckDBPyConnection, asked: str | None) -> term.Stage:
    """Return the stage whose hand-offs are judged: the asked one, else the first that hands leads over."""
    handing = [one for one in term.stages(con) if one.hands_to]
    if asked is None and handing:
        return handing[0]
    names = ", ".join(one.name for one in handing)
    if not handing:
        raise UsageError(
            "The contract hands no lead over: no stage says hands_to, so there is no hand-off to dispute."
        )
    found = term.stage(con, str(asked))
    if found.name not in {one.name for one in handing}:
        raise UsageError(
            f"No lead is handed over at '{asked}', so nothing can be disputed there. "
            f"Stages with a hand-off: {names}."
        )
    return found


def _picked(batch: Batch, every: pd.DataFrame, context: term.Context) -> Selection | None:
    """Return how a list of leads was picked; UsageError if by outcome, and no batch can be restored."""
    if not batch.ids or not every["in_batch"].any():
        return None
    found = selection(
        every[list(COLUMNS)], horizon_days=context.horizon_days, landmark_days=context.landmark_days
    )
    if found.state == "refused":
        raise UsageError(found.sentence)
    return found


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    flags = ("converted", "met_definition", "is_duplicate")
    frame = frame.assign(**{name: frame[name].astype("boolean") for name in flags})
    numbers = ("days_to_outcome", "score", "completeness", "employees", "touch_hours", "exit_days")
    return frame.assign(**{name: frame[name].astype("float64") for name in numbers})


def _unjudged(con: DuckDBPyConnection, whole: pd.DataFrame, start: term.Stage, goal: term.Stage) -> pd.Series:
    """Return why a hand-off cannot be judged, null where it can: nothing is known of its outcome.

    Left truncation as the conversions find it: before some day no outcome was recorded, and chance alone can
    hardly explain it.
    """
    why = pd.Series(None, index=whole.index, dtype="object")
    given = {"from_stage": start.name, "to_stage": goal.name}
    first_on, expected = con.execute(truncation.RECORDED, given).fetchall()[0]
    if expected is not None and expected >= truncation.EXPECTED:
        words = f"handed over before {goal.title} was recorded at all ({number.day(first_on)})"
        why = why.mask(whole["handed_on"] < pd.Timestamp(first_on), words)
    return why.mask(whole["is_outcome_before"], "reached the outcome before it was handed over")


def _left_out(whole: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """Say which leads were asked for and are not judged."""
    unjudged = whole[whole["in_batch"] & whole["why"].notna()]
    lead_id = unjudged["record_key"].fillna(unjudged["cycle_id"]).str.replace("^[^:]*:", "", regex=True)
    first = pd.DataFrame({"lead_id": lead_id, "why": unjudged["why"]})
    frame = pd.concat([first, _unhanded(whole, ids)], ignore_index=True)
    return frame.sort_values(["why", "lead_id"], ignore_index=True)


def _unhanded(whole: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    known = ids["person_id"].isin(whole["person_id"])
    inside = ids["person_id"].isin(whole.loc[whole["in_batch"], "person_id"])
    why = pd.Series("no hand-off at a known time is recorded", index=ids.index, dtype="object")
    why = why.mask(known, "handed over, but not within the other limits of the batch")
    why = why.mask(ids["person_id"].isna(), "no lead of this id is known")
    return pd.DataFrame({"lead_id": ids["lead_id"], "why": why})[~inside]
