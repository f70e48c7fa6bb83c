"""The audit of a disputed batch, from its definition to the record of all tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.dispute import both_ways, evidence
from funnel.dispute.batch import Batch, parse_batch
from funnel.dispute.obligation import obligations
from funnel.dispute.population import Population, population
from funnel.dispute.query import looking
from funnel.dispute.record import Asked, Audit
from funnel.dispute.verdict import judge
from funnel.errors import UsageError
from funnel.metrics import term

NEEDED = (
    *("handoff_id", "cycle_id", "person_id", "record_key", "source", "pass", "in_batch", "handed_at"),
    *("handed_precision", "version", "converted", "outcome_at", "met_definition", "completeness"),
    *("is_duplicate", "exit", "exit_reason", "owner_id", "n_touches_all", "is_followed"),
)
SIDES = ("marketing", "sales")
KNOWN = "select known_at from run.context"


def audit(
    con: DuckDBPyConnection,
    batch: Batch | str | Iterable[str] | Mapping[str, Any],
    *,
    outcome: str = "sql",
    stage: str | None = None,
    baseline: str | None = None,
    seed: int = 0,
) -> Audit:
    """Return the audit of a batch, compared with a baseline, by one outcome.

    `batch` as `parse_batch` takes it. `stage`: the one whose hand-offs are judged (default: the first by
    which the contract hands leads over). `outcome`: any later stage. `baseline`: "earlier" (matured hand-offs
    before the batch), "same-period" (other batches of the same span) or "KEY=VALUE" (a named reference);
    default: the earlier ones if they are at least 100 and 10 converted, else those of the same period if
    there are more.
    `seed` is that of the intervals. UsageError for what cannot be meant, with the nearest, or an empty batch.
    """
    found = population(con, parse_batch(batch), outcome=outcome, stage=stage, baseline_asked=baseline)
    _refuse_empty(found)
    context = term.context(con)
    teams = found.stage.owner or SIDES[0], found.stage.hands_to or SIDES[1]
    judged = judge(
        found.frame,
        horizon_days=context.horizon_days,
        landmark_days=context.landmark_days,
        outcome=found.outcome.name,
        seed=seed,
        teams=teams,
        of_one_owner=any(key == "owner" for key, _ in found.batch.where),
    )
    with looking(con, _compared(found), found.outcome.name) as cursor:
        done = both_ways.conduct(cursor)
        contradicted = evidence.contradictions(cursor)
        return Audit(
            asked=_asked(con, found, context, seed),
            judged=judged,
            leads=evidence.leads(cursor, found, context, contradicted),
            trail=evidence.trail(cursor),
            clauses=evidence.clauses(cursor),
            contradictions=contradicted,
            both_ways=_of(teams, both_ways.both_ways(done)),
            recycled=both_ways.recycled(done),
            obligations=_of(teams, obligations(cursor)),
            comparisons=found.comparisons,
            left_out=found.left_out,
            population=found.frame,
            selection=found.selection and replace(found.selection, population=found.frame.iloc[:0]),
        )


def _of(teams: tuple[str, str], table: pd.DataFrame) -> pd.DataFrame:
    """Name the sides as the contract names the teams of this hand-off."""
    return table.assign(side=table["side"].map(dict(zip(SIDES, teams, strict=True))))


def _compared(found: Population) -> pd.DataFrame:
    kept = found.every["handoff_id"].isin(found.frame["handoff_id"])
    return found.every.loc[kept, list(NEEDED)]


def _asked(con: DuckDBPyConnection, found: Population, context: term.Context, seed: int) -> Asked:
    return Asked(
        batch=found.batch,
        outcome=found.outcome.name,
        stage=found.stage.name,
        baseline=found.baseline,
        horizon_days=context.horizon_days,
        landmark_days=context.landmark_days,
        as_of=context.as_of,
        known_at=con.execute(KNOWN).fetchall()[0][0],
        contract=context.contract,
        seed=seed,
    )


def _refuse_empty(found: Population) -> None:
    if found.frame["in_batch"].any():
        return
    why = "; ".join(f"{len(rows):,}: {why}" for why, rows in found.left_out.groupby("why"))
    raise UsageError(
        f"The batch ({found.batch.title}) holds no hand-off into '{found.stage.name}': nothing to judge."
        + (f" Leads asked for: {why}." if why else " Widen its dates, or leave out one of its conditions.")
    )
