"""`land`: keep what is new in an export, for good."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from funnel.contract import load_contracts
from funnel.errors import UsageError
from funnel.landing.job import Job, Landed, Rejected, Stamp
from funnel.landing.locate import Export, locate
from funnel.landing.manifest import ASIDE, Load, TableLoad, alone, commit, read_loads
from funnel.landing.onetable import land_table
from funnel.landing.rejects import all_known, write_rejects
from funnel.landing.textfile import digest
from funnel.project import Project
from funnel.sources import COMPANY_ZONE, Source, find_source


def land(
    project: Project,
    source: str,
    path: Path | str,
    *,
    observed_at: datetime,
    load_id: str | None = None,
    told: Callable[[str], None] = lambda name: None,
) -> Load:
    """Land an export of a source: append the rows that are new or changed, and tombstones for rows gone.

    `path` is a folder of files, one file, or a DuckDB file; `observed_at` is when it was exported (naive:
    UTC), not before that of the last load. Files that were landed before bring nothing: the load is returned
    with `is_new` False and is not listed. `load_id` names the load (default: its number and instant). `told`
    hears the name of each table as it starts.

    InputError when a file is broken, and nothing is landed; UsageError for an unknown source, a path with
    nothing there, loads out of order, a load_id that is taken, or while another process lands this source.
    """
    found = find_source(project, source)
    export = locate(found, Path(path))
    with alone(project, found.name) as folder:
        loads = read_loads(project, found.name)
        day_zone = _day_zone(project, found)
        inputs = _fingerprint(found, day_zone, export)
        instant = _utc(observed_at)
        seen = _seen(loads, inputs, instant)
        if seen:
            return replace(seen, ignored=export.ignored, is_new=False)
        stamp = _stamp(found, loads, instant, load_id)
        return _land(Work(found, export, loads, stamp, day_zone, inputs, folder), told)


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Work:
    """One load under way: what is landed, after which loads, and where."""

    source: Source
    export: Export
    loads: tuple[Load, ...]
    stamp: Stamp
    day_zone: str
    inputs: str
    folder: Path


def _land(work: Work, told: Callable[[str], None]) -> Load:
    try:
        load = _land_tables(work, told)
        if load.is_new:
            commit(work.folder, (*work.loads, load))
        return load
    finally:
        shutil.rmtree(work.folder / ASIDE, ignore_errors=True)


def _day_zone(project: Project, source: Source) -> str:
    if source.day_zone != COMPANY_ZONE:
        return source.day_zone
    return load_contracts(project.contracts).latest.zone


def _fingerprint(source: Source, day_zone: str, export: Export) -> str:
    """Return a hash of the files, of how they are read, and of nothing else: names and order do not count."""
    digests = {path: digest(path) for path in {each.path for each in export.inputs}}
    parts = sorted(f"{each.table} {digests[each.path]} {each.inner or ''}" for each in export.inputs)
    return hashlib.sha256("\n".join([source.digest, day_zone, *parts]).encode()).hexdigest()


def _seen(loads: Sequence[Load], inputs: str, instant: datetime) -> Load | None:
    """Return the load that brought these files: the last one, or an earlier one of the same instant."""
    same = [load for load in loads if load.inputs == inputs]
    return next((load for load in same if load.observed_at == instant or load is loads[-1]), None)


def _stamp(source: Source, loads: Sequence[Load], instant: datetime, load_id: str | None) -> Stamp:
    if loads and instant < loads[-1].observed_at:
        raise UsageError(
            f"This export of {source.name} was observed at {instant} UTC, before the last load "
            f"({loads[-1].observed_at} UTC). Loads must come in the order in which they were exported. "
            f"To land an older one, move data/landed/{source.name} away and land all of them again in order."
        )
    number = len(loads) + 1
    name = load_id or f"{number:04d}-{instant:%Y%m%dT%H%M%SZ}"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise UsageError(f"'{name}' cannot name a load. Use letters, digits, and . _ - between them.")
    if name in {load.load_id for load in loads}:
        raise UsageError(f"The source {source.name} already has a load '{name}'. Name this one otherwise.")
    return Stamp(name, number, instant)


def _land_tables(work: Work, told: Callable[[str], None]) -> Load:
    landed: list[TableLoad] = []
    rejects: list[Rejected] = []
    aside = work.folder / ASIDE
    aside.mkdir()
    for table in work.source.tables.values():
        inputs = tuple(each for each in work.export.inputs if each.table == table.name)
        if inputs:
            told(table.name)
            before = landed_before(work.folder, work.loads, table.name)
            result, bad = land_table(
                Job(work.source, table, inputs, before, work.stamp, work.day_zone, aside)
            )
            landed.append(result)
            rejects += bad
    return _load(work, tuple(landed), rejects, write_rejects(aside, work.source.name, work.stamp, rejects))


def _load(work: Work, tables: tuple[TableLoad, ...], rejects: list[Rejected], named: str | None) -> Load:
    return Load(
        source=work.source.name,
        load_id=work.stamp.load_id,
        number=work.stamp.load_number,
        observed_at=work.stamp.observed_at,
        day_zone=work.day_zone,
        inputs=work.inputs,
        tables=tables,
        rejects=named,
        ignored=work.export.ignored,
        is_new=any(each.parquet for each in tables) or not all_known(work.folder, work.loads, rejects),
    )


def landed_before(folder: Path, loads: Sequence[Load], table: str) -> Landed:
    """Return the Parquet files of a table in the order of their loads, and the types of all its columns."""
    each = [one for load in loads for one in load.tables if one.table == table]
    columns = {name: kind for one in each for name, kind in one.columns.items()}
    return Landed(tuple(folder / one.parquet for one in each if one.parquet), tuple(columns.items()))
