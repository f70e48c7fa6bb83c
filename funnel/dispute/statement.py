"""An audit as one record for machines: every figure, sentence and small table; no name of a person."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from funnel.dispute.record import Audit

WHOLE = ("bridge", "steps", "both_ways", "recycled", "obligations", "comparisons")
DIGESTED = ("leads", "trail", "clauses", "contradictions", "left_out", "population")


def statement(audit: Audit) -> dict[str, Any]:
    """Return what an audit states, ready for JSON.

    asked, answer, sentences, assumptions, parts, facts, bridge, steps, both_ways, recycled, obligations,
    comparisons and selection as the audit has them, rows as mappings; tables: n_rows and sha256 of each table
    that has a row per lead, as CSV. Instants are UTC with a Z; null is unknown or undefined.
    """
    batch = audit.asked.batch
    definition = {"title": batch.title, "where": list(batch.pairs), "n_ids": len(batch.ids)}
    told: dict[str, Any] = {
        "asked": {**_fields(audit.asked), "batch": definition},
        "answer": audit.answer,
        "sentences": audit.sentences,
        "assumptions": audit.assumptions,
        "parts": audit.parts,
        "facts": audit.facts,
        "selection": audit.selection,
    }
    told |= {name: getattr(audit, name) for name in WHOLE}
    told["tables"] = {name: _digest(getattr(audit, name)) for name in DIGESTED}
    return {name: plain(value) for name, value in told.items()}


def to_json(told: Any) -> bytes:
    """Return a record as JSON: UTF-8, keys in their order, one line each; equal records give equal bytes."""
    return (json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; tables become lists of rows, what is missing becomes null."""
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(_fields(value))
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool) else str(value)


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def _digest(table: pd.DataFrame) -> dict[str, Any]:
    content = table.to_csv(index=False, lineterminator="\n").encode()
    return {"n_rows": len(table), "sha256": hashlib.sha256(content).hexdigest()}
