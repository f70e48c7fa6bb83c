"""What was known of a record at an instant: by field history and by loads, never by what came later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError, did_you_mean
from funnel.metrics.term import context

__all__ = ["as_of"]

VALUES = """
select
    a.record_key, a.person_id, a.field,
    case when a.evidence <> 'assumed' then a.value end as value,
    case when a.evidence <> 'assumed' then a.evidence else 'unknown' end as evidence,
    case when a.evidence = 'assumed' and a.valid_to < timestamp '9999-01-01' then a.valid_to end as known_from
from core.attribute a
where a.field in (select unnest(cast($fields as text[])))
    and a.valid_from <= cast($instant as timestamp) and cast($instant as timestamp) < a.valid_to
order by a.record_key, a.field
"""


def as_of(con: DuckDBPyConnection, *, fields: Sequence[str], at: datetime) -> pd.DataFrame:
    """Return one row per record that existed at `at` (naive: UTC) and field: its value at that instant.

    Columns: record_key, person_id, field, value, evidence ('history': the source wrote it down; 'load': a
    load had shown it; 'unknown': neither reaches back, so value is null), known_from (UTC; where unknown,
    the first instant at which it is known; null if never), note (null, or "not known before DATE").
    UsageError for a field that the warehouse does not keep, or an instant after its as_of.
    """
    known = [
        name for (name,) in con.execute("select distinct field from core.attribute order by 1").fetchall()
    ]
    for field in fields:
        if field not in known:
            raise UsageError(
                f"The warehouse keeps no values of a field '{field}' over time."
                f"{did_you_mean(field, known)} It keeps: {', '.join(known)}."
            )
    instant, ends = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None), context(con).as_of
    if instant >= ends:
        raise UsageError(
            f"The warehouse ends at {ends} UTC and cannot tell what held at {instant}. "
            "Choose an earlier instant, or build as of a later one."
        )
    frame = con.execute(VALUES, {"fields": list(fields), "instant": instant}).df()
    day = frame["known_from"].dt.strftime("%Y-%m-%d")
    note = ("not known before " + day).where(day.notna(), "not known")
    return frame.assign(note=note.where(frame["evidence"] == "unknown"))
