"""One table of one load: what is to be landed, and what its files hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import ColumnExpression

from funnel.errors import InputError
from funnel.landing.formats import read_rows
from funnel.landing.locate import Input
from funnel.landing.parse import Reader, column_types
from funnel.landing.rows import Reject, Rows
from funnel.landing.versions import KEY, key_of
from funnel.sources import Csv, Source, SourceTable

EXAMPLES = 3


@dataclass(frozen=True)
class Stamp:
    """What every landed row says of its load."""

    load_id: str
    load_number: int
    observed_at: datetime


@dataclass(frozen=True)
class Landed:
    """What earlier loads left of a table: its Parquet files in order, and the types of its columns."""

    files: tuple[Path, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Job:
    """One table to land, from these inputs, after what was landed before; files go to `folder` first."""

    source: Source
    table: SourceTable
    inputs: tuple[Input, ...]
    before: Landed
    stamp: Stamp
    day_zone: str
    folder: Path


@dataclass(frozen=True)
class Rejected:
    """A row that was not landed, with the file and table it came from."""

    file: str
    table: str
    reject: Reject


@dataclass(frozen=True)
class Reading:
    """One input after it was read: its rows are in the table `parsed`, `broken` could not be split."""

    given: Input
    parsed: str
    rows: Rows
    n_rows: int
    broken: tuple[Reject, ...]

    @property
    def n_lines(self) -> int:
        """Rows that were read, and lines of those that could not be: an open quote swallows many."""
        return self.n_rows + sum((each.raw or "").count("\n") + 1 for each in self.broken)


def read_input(con: duckdb.DuckDBPyConnection, job: Job, number: int) -> Reading:
    """Read an input of the job into the table `parsed_<number>` of `con`."""
    given = job.inputs[number]
    rows = read_rows(con, job.source, given, number, job.folder)
    # Decimal marks are a matter of text files: other formats hold numbers.
    csv = job.table.csv if given.kind == "csv" else Csv()
    parsed = f"parsed_{number}"
    try:
        Reader(job.source, job.table, csv, job.day_zone).parse(rows).create(parsed)
    except duckdb.Error as error:
        raise InputError(f"{given.label} cannot be read: {str(error).splitlines()[0]}") from error
    n_rows = len(con.table(parsed))
    return Reading(given, parsed, rows, n_rows, tuple(rows.broken(n_rows)))


def all_columns(job: Job, readings: Sequence[Reading]) -> dict[str, str]:
    """Return all columns of these inputs and of earlier loads, with their types: the declared ones first.

    InputError if a column was landed with another type: it could not be compared.
    """
    found: dict[str, str] = {}
    for each in readings:
        found |= column_types(job.source, job.table, each.rows.columns)
    for name, kind in job.before.columns:
        if found.setdefault(name, kind) != kind:
            raise InputError(
                f"The column '{name}' of {job.source.name}.{job.table.name} was landed as {kind}, and "
                f"source.yaml now makes it {found[name]}. Keep the type, or give the new one to a column of "
                "another name."
            )
    order = [name for name in job.table.declared if name in found]
    return {name: found[name] for name in (*order, *sorted(found.keys() - set(order)))}


def unreadable(
    con: duckdb.DuckDBPyConnection, job: Job, reading: Reading, limit: int | None = None
) -> list[Rejected]:
    """Return the rows of an input that could not be split or typed, at most `limit` of each sort."""
    bad = con.table(reading.parsed).filter("_bad is not null")
    columns = [ColumnExpression(name) for name in ("rowid", "_line", "_bad", "_raw")]
    rows = bad.select(*columns, key_of(job.table.key).alias(KEY)).order("rowid")
    untyped = (rows.limit(limit) if limit else rows).fetchall()
    places = find_places(reading, [(row, line, raw, key) for row, line, _, raw, key in untyped])
    rejects = [Reject(line, why, raw) for (line, raw), (_, _, why, _, _) in zip(places, untyped, strict=True)]
    return [
        Rejected(reading.given.label, job.table.name, each) for each in (*reading.broken[:limit], *rejects)
    ]


Place = tuple[int | None, str | None]


def find_places(
    reading: Reading, rows: Sequence[tuple[int, int | None, str | None, str | None]]
) -> list[Place]:
    """Return line and text of rows given by position, line, text and key.

    Where a file is searched for them, each text must hold its key: a wrong line is worse than none.
    """
    if reading.rows.find is None or not rows:
        return [(line, raw) for _, line, raw, _ in rows]
    places = reading.rows.find([row for row, _, _, _ in rows], reading.n_rows)
    right = all(_holds(raw, key) for (_, raw), (_, _, _, key) in zip(places, rows, strict=True))
    return places if right else [(None, None) for _ in rows]


def _holds(raw: str | None, key: str | None) -> bool:
    return raw is not None and all(part in raw.replace('""', '"') for part in (key or "").split("\x1f"))


def refuse_too_many(job: Job, n_rejects: int, n_lines: int, examples: Sequence[Rejected]) -> None:
    """Stop the load if more rows than `max_reject_share` cannot be landed; the message shows the first."""
    share = job.source.max_reject_share
    if n_rejects <= share * n_lines:
        return
    first = sorted(examples, key=lambda each: (each.file, each.reject.line or 0))[:EXAMPLES]
    told = "; ".join(
        f"{each.file}, line {each.reject.line or 'unknown'}: {each.reject.reason}" for each in first
    )
    raise InputError(
        f"{n_rejects:,} of {n_lines:,} rows ({n_rejects / n_lines:.1%}) of table {job.table.name} "
        f"cannot be landed; the source {job.source.name} allows {share:.1%} (max_reject_share). "
        f"First: {told}. Nothing was landed."
    )
