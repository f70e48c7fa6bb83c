"""The audit of a disputed batch as a frozen record: what was asked, the verdict, every table behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from funnel.dispute.batch import Batch
from funnel.dispute.selection import Selection


class Verdict(Protocol):
    """What an audit takes from the judgement of its population."""

    @property
    def parts(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def bridge(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def steps(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def facts(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def answer(self) -> str: ...  # noqa: D102
    @property
    def sentences(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def assumptions(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Asked:
    """What an audit was asked: the batch, what counts as a success, and what it is compared with.

    `batch` has the values as the warehouse spells them. `stage` is the stage whose hand-offs are judged,
    `outcome` the later stage that counts. `baseline` is "earlier", "same-period" or "KEY=VALUE". as_of and
    known_at are UTC instants, horizon and landmark days of the contract in force.
    """

    batch: Batch
    outcome: str
    stage: str
    baseline: str
    horizon_days: float
    landmark_days: float
    as_of: datetime
    known_at: datetime
    contract: str
    seed: int


@dataclass(frozen=True)
class Audit:
    """An audit: every field is a table with a stated grain, so that an analyst can go on from it.

    leads: one row per hand-off of the batch: lead_id (as the CRM says it), name, company, owner, handed_at,
        score, met_definition, failed_clauses, follow_up, first_touch_at, n_touches, sla (met, missed, open,
        unknown), state (converted, rejected, recycled, lost, open), reason, outcome_at, days_to_outcome,
        evidence (field history, stamp, imputed), n_contradictions, record_key, handoff_id
    trail: one row per event of a lead: handoff_id, place, at, precision, kind, what, who, evidence
    clauses: one row per hand-off and clause of the definition in force: handoff_id, clause_id, clause, field,
        value (as of the hand-off), passed, evidence, known_from
    contradictions: one row per hand-off and contradiction: handoff_id, contradiction, title, detail
    both_ways: one row per question: side, question, n, n_of, rate, low, high, baseline_rate,
        baseline_n_of, rule
    recycled: one row per reason of recycling, the total last: reason, is_total, n, n_returned, n_known,
        n_converted, rate, low, high, rule
    obligations: one row per side and obligation: side, obligation, agreed, attainment, n, n_kept, n_open,
        n_unknown, rate, low, high, received, rule
    comparisons: one row per baseline: baseline, title, is_used, n, n_batches, n_known, n_converted, rate,
        low, high, why_not, rule
    left_out: one row per lead that was asked for and is not judged: lead_id, why
    population: one row per hand-off of batch and baseline, as the verdict took it (see `population`)
    selection: how a list of lead ids was picked (state, sentence, rates; its own population is empty), null
        for a batch without one

    All _at are UTC instants, rates 0-1 with 95 % intervals; null is unknown or undefined.
    """

    asked: Asked
    judged: Verdict
    leads: pd.DataFrame
    trail: pd.DataFrame
    clauses: pd.DataFrame
    contradictions: pd.DataFrame
    both_ways: pd.DataFrame
    recycled: pd.DataFrame
    obligations: pd.DataFrame
    comparisons: pd.DataFrame
    left_out: pd.DataFrame
    population: pd.DataFrame
    selection: Selection | None = None

    @property
    def parts(self) -> pd.DataFrame:
        """The six parts of the gap, one row each, with intervals and what is shown."""
        return self.judged.parts

    @property
    def bridge(self) -> pd.DataFrame:
        """The way from the baseline rate over the parts to the observed rate."""
        return self.judged.bridge

    @property
    def steps(self) -> pd.DataFrame:
        """The chain of expected rates, and what each is."""
        return self.judged.steps

    @property
    def facts(self) -> dict[str, Any]:
        """Sizes, rates and the E-value, by name."""
        return self.judged.facts

    @property
    def answer(self) -> str:
        """The answer: 'causes named', 'ordinary variation', 'not enough evidence' or 'not judged'."""
        return self.judged.answer

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict in three sentences."""
        return self.judged.sentences

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the verdict assumes, that of unrecorded reasons first."""
        return self.judged.assumptions
