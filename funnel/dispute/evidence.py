"""What is on record of every lead of a batch: its clauses, its trail, and what contradicts itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.dispute import follow_up
from funnel.dispute.population import Population
from funnel.dispute.query import text
from funnel.dispute.sample import samples
from funnel.metrics.term import Context

LEADS = (
    *("lead_id", "name", "company", "owner", "handed_at", "score", "met_definition", "failed_clauses"),
    *("follow_up", "first_touch_at", "n_touches", "sla", "state", "reason", "outcome_at", "days_to_outcome"),
    *("evidence", "n_contradictions", "record_key", "handoff_id"),
)
UNSEEN = "not recorded"


def clauses(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per hand-off and clause: handoff_id, clause_id, clause, field, value, passed, evidence.

    `value` as of the hand-off; evidence 'field history', 'load', 'as recorded' (the source keeps no history
    of the field) or 'unknown' (none reaches back: passed is null; known_from: since when it is known).
    """
    frame = cursor.execute("from clause_told order by handoff_id, clause_id").df()
    return frame.assign(passed=frame["passed"].astype("boolean"))


def trail(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per event of a lead, from its hand-off to the person's next one, in order.

    Columns: handoff_id, place, at, precision, kind (hand-off, assignment, touch, automated mail, reply,
    clock, status, stage, exit), what, who, evidence (field history, load, stamp, imputed).
    """
    return cursor.execute(text("trail")).df().rename(columns={"at_instant": "at"})


def contradictions(cursor: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per hand-off and contradiction: handoff_id, contradiction, title, detail."""
    return cursor.execute(text("contradiction")).df()


def leads(
    cursor: DuckDBPyConnection, found: Population, context: Context, contradicted: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per hand-off of the batch, as `Audit.leads` says."""
    batch = found.every[found.every["in_batch"]]
    told = cursor.execute(text("lead"), {"outcome": found.outcome.name}).df()
    frame = batch.merge(told, on="handoff_id", how="left", validate="one_to_one")
    counted = contradicted["handoff_id"].value_counts()
    frame = frame.assign(
        reason=frame["exit_reason"],
        state=_states(frame),
        follow_up=frame["handoff_id"].map(_classes(found, context)),
        sla=frame["sla"].astype("object"),
        n_touches=frame["n_touches_all"],
        n_contradictions=frame["handoff_id"].map(counted).fillna(0).astype("int64"),
    )
    return frame[list(LEADS)].reset_index(drop=True)


def _states(frame: pd.DataFrame) -> pd.Series:
    left = frame["exit"].astype("object").where(frame["exit"].isin(["rejected", "recycled", "lost"]), "open")
    return left.mask(frame["converted"].fillna(True).astype(bool), "converted")


def _classes(found: Population, context: Context) -> pd.Series:
    """Return the follow-up class of each hand-off of the batch, by what is usual in the baseline."""
    batch = found.frame[found.frame["in_batch"]]
    touched = np.where(batch["touch_hours"].isna(), follow_up.CLASSES[follow_up.NEVER], "touched")
    classes = pd.Series(touched, index=batch["handoff_id"], dtype="object")
    baseline, own = samples(
        found.frame, horizon_days=context.horizon_days, landmark_days=context.landmark_days
    )
    usual = follow_up.usual(baseline)
    if usual is not None and len(own):
        words = np.array(follow_up.CLASSES, dtype=object)[usual.classes(own)]
        classes.update(pd.Series(words, index=own.rows["handoff_id"], dtype="object"))
    return classes.mask(~batch["is_followed"].to_numpy(dtype=bool), UNSEEN)
