"""The audit of a disputed batch, from its definition to the record of all tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from duckdb import DuckDBPyConnection

from funnel.dispute.batch import Batch, parse_batch
from funnel.dispute.record import Audit


def audit(
    con: DuckDBPyConnection,
    batch: Batch | str | Iterable[str] | Mapping[str, Any],
    *,
    outcome: str = "sql",
    stage: str | None = None,
    baseline: str = "earlier",
    seed: int = 0,
) -> Audit:
    """Return the audit of a batch, compared with a baseline, by one outcome.

    `batch` as `parse_batch` takes it. `stage`: the one whose hand-offs are judged (default: the first by
    which the contract hands leads over). `outcome`: any later stage. `baseline`: "earlier" (matured hand-offs
    before the batch), "same-period" (other batches of the same span) or "KEY=VALUE" (a named reference).
    UsageError for what cannot be meant, with the nearest.
    """
    parse_batch(batch)
    raise NotImplementedError
