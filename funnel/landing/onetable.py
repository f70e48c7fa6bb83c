"""Land the files of one table: read them, judge them, compare with what is known, write what is new aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from funnel.errors import InputError
from funnel.landing import compare
from funnel.landing.header import STAMPS
from funnel.landing.job import (
    EXAMPLES,
    Job,
    Reading,
    Rejected,
    all_columns,
    find_places,
    read_input,
    refuse_too_many,
    unreadable,
)
from funnel.landing.manifest import TableLoad
from funnel.landing.parse import MACROS
from funnel.landing.rows import Reject
from funnel.landing.versions import current_rows


def land_table(job: Job) -> tuple[TableLoad, list[Rejected]]:
    """Return what the load brings for one table, and its rejects; its Parquet file is written aside.

    InputError if the table must not be landed: no rows, too many rejects, or too many rows gone.
    """
    with duckdb.connect(config={"temp_directory": str(job.folder / "spill")}) as con:
        con.execute(MACROS)
        con.execute("set timezone = ?", [job.source.zone])
        readings = [read_input(con, job, number) for number in range(len(job.inputs))]
        types = all_columns(job, readings)
        rejects = _reject(con, job, readings, types)
        return _compare(con, job, readings, types, rejects), rejects


def _reject(
    con: duckdb.DuckDBPyConnection, job: Job, readings: Sequence[Reading], types: Mapping[str, str]
) -> list[Rejected]:
    n_lines = sum(each.n_lines for each in readings)
    _refuse_nothing(job, n_lines)
    n_bad = sum(len(con.table(each.parsed).filter("_bad is not null")) for each in readings)
    n_bad += n_lines - sum(each.n_rows for each in readings)
    if n_bad > job.source.max_reject_share * n_lines:
        examples = [bad for each in readings for bad in unreadable(con, job, each, EXAMPLES)]
        refuse_too_many(job, n_bad, n_lines, examples)
    compare.gather(con, job.table, len(readings), types)
    rejects = [bad for each in readings for bad in unreadable(con, job, each)]
    doubles = _doubles(con, job, readings)
    refuse_too_many(job, n_bad + len(doubles), n_lines, [*doubles, *rejects])
    return rejects + doubles


def _refuse_nothing(job: Job, n_lines: int) -> None:
    if n_lines == 0 and job.table.complete:
        files = ", ".join(each.label for each in job.inputs)
        raise InputError(
            f"{files}: a header and no rows. As a full export that would mean that every {job.table.name} is "
            "gone. Export it again; if there really are none, leave the file out or say complete: false."
        )


def _doubles(con: duckdb.DuckDBPyConnection, job: Job, readings: Sequence[Reading]) -> list[Rejected]:
    lost = compare.settle_duplicates(con)
    found: list[Rejected] = []
    for number, reading in enumerate(readings):
        rows = [row[1:] for row in lost if row[0] == number]
        keys = [key.replace("\x1f", ", ") for _, _, _, key in rows]
        for (line, raw), key in zip(find_places(reading, rows), keys, strict=True):
            why = f"the key {key} comes more than once; another row of it was kept"
            found.append(Rejected(reading.given.label, job.table.name, Reject(line, why, raw)))
    return found


def _compare(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    readings: Sequence[Reading],
    types: Mapping[str, str],
    rejects: Sequence[Rejected],
) -> TableLoad:
    n_changed, n_gone = _changes(con, job, readings, types)
    name = f"{job.table.name}/{job.stamp.load_id}.parquet"
    new = bool(n_changed or n_gone or not job.before.columns)
    if new:
        _write(con, job, types, name)
    return TableLoad(
        table=job.table.name,
        files=tuple(each.label for each in job.inputs),
        n_rows=sum(each.n_lines for each in readings),
        n_changed=n_changed,
        n_tombstones=n_gone,
        n_rejects=len(rejects),
        parquet=name if new else None,
        columns=dict(types),
    )


def _changes(
    con: duckdb.DuckDBPyConnection, job: Job, readings: Sequence[Reading], types: Mapping[str, str]
) -> tuple[int, int]:
    known = current_rows(con, job.before.files, types, job.table.key).select(*map(ColumnExpression, types))
    broken = [each.raw or "" for reading in readings for each in reading.broken]
    n_known = compare.find_changes(con, job.table, known, broken)
    n_gone = len(con.table("gone"))
    _refuse_loss(job, n_gone, n_known)
    return len(con.table("changed")), n_gone


def _refuse_loss(job: Job, n_gone: int, n_known: int) -> None:
    if n_gone > job.source.max_gone_share * n_known:
        raise InputError(
            f"{n_gone:,} of the {n_known:,} rows known of {job.source.name}.{job.table.name} are not in this "
            f"export; the source allows {job.source.max_gone_share:.0%} (max_gone_share). If it is no full "
            "export, say complete: false in source.yaml; if they are really gone, raise max_gone_share. "
            "Nothing was landed."
        )


def _write(con: duckdb.DuckDBPyConnection, job: Job, types: Mapping[str, str], name: str) -> None:
    """Write changed rows and tombstones (key only) in order of the key: equal loads are equal files."""
    path = job.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    changed = con.table("changed").select(*map(ColumnExpression, types), *_stamps(job, is_tombstone=False))
    kept = [
        ColumnExpression(column)
        if column in job.table.key
        else ConstantExpression(None).cast(kind).alias(column)
        for column, kind in types.items()
    ]
    gone = con.table("gone").select(*kept, *_stamps(job, is_tombstone=True))
    whole = changed.union(gone).sort(*map(ColumnExpression, job.table.key))
    whole.write_parquet(str(path), compression="zstd")


def _stamps(job: Job, *, is_tombstone: bool) -> list[duckdb.Expression]:
    stamp = job.stamp
    values = (stamp.load_id, stamp.load_number, stamp.observed_at, is_tombstone)
    return [
        ConstantExpression(value).cast(kind).alias(name)
        for value, (name, kind) in zip(values, STAMPS.items(), strict=True)
    ]
