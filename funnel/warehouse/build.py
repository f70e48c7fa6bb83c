"""Build the warehouse beside the one that stands, and swap it in by rename."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from funnel import landing, sources
from funnel.contract import Contracts, contract_tables, load_contracts, zone_offsets
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.warehouse.connect import SETTINGS
from funnel.warehouse.model import FOLDER, LAYERS, read_models, run_models
from funnel.warehouse.run_tables import days, periods, zone_days

AHEAD = timedelta(days=400)
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class BuildReport:
    """What a build made: the instants it answers for (UTC), its identity, and the rows of each table."""

    warehouse: Path
    as_of: datetime
    known_at: datetime
    build_id: str
    n_rows: dict[str, int]


def build(
    project: Project,
    *,
    as_of: datetime,
    known_at: datetime | None = None,
    told: Callable[[str], None] = lambda name: None,
) -> BuildReport:
    """Build `data/warehouse.duckdb` as of `as_of` (naive: UTC; exclusive), known at `known_at`.

    `known_at` None means all that is landed. The file is made beside the old one and swapped in by rename:
    a reader of the old one goes on undisturbed, and a crash leaves it whole. `told` hears the name of each
    model as it starts.
    InputError names the file, line and SQL of a model that failed; UsageError if another build is running.
    """
    contracts = load_contracts(project.contracts)
    as_of = as_of if as_of.tzinfo is None else as_of.astimezone(UTC).replace(tzinfo=None)
    project.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with _alone(project), _aside(project) as file:
        con = duckdb.connect(
            str(file),
            config={**SETTINGS, "temp_directory": str(file) + ".spill", "preserve_insertion_order": "false"},
        )
        try:
            report = _fill(con, project, contracts, as_of, known_at, told)
            con.execute("checkpoint")
        finally:
            con.close()
        file.replace(project.warehouse)
    return report


def _fill(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    contracts: Contracts,
    as_of: datetime,
    known_at: datetime | None,
    told: Callable[[str], None],
) -> BuildReport:
    con.execute("create schema if not exists run")
    told("landed")
    known = landing.attach(con, project, known_at=known_at)
    told("staging")
    sources.create_staging(con, project)
    build_id = derive(con, contracts, as_of=as_of, known_at=known, told=told)
    _drop_landed(con)
    return BuildReport(project.warehouse, as_of, known, build_id, count_rows(con))


def derive(
    con: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    *,
    as_of: datetime,
    known_at: datetime,
    told: Callable[[str], None] = lambda name: None,
) -> str:
    """Build schemas contract, run, core and marts from staging in `con`; return the build's identity.

    `run.load` must say what was landed. Same staging, contracts, as_of and known_at: same tables.
    """
    told("contract")
    con.execute("create schema if not exists contract")
    build_id = _identity(con, contracts, as_of, known_at)
    _write_contract(con, contracts, as_of)
    _write_context(con, contracts, as_of, known_at, build_id)
    run_models(con, read_models(), told)
    return build_id


def _write_contract(con: duckdb.DuckDBPyConnection, contracts: Contracts, as_of: datetime) -> None:
    first, last = _first_on(con, as_of), (as_of + AHEAD).date()
    for name, frame in contract_tables(contracts, first, last).items():
        _write(con, f"contract.{name}", frame)
    offsets = zone_offsets(contracts.latest.zone, FIRST_DAY, last)
    _write(con, "run.zone_offset", offsets)
    _write(con, "run.zone_day", zone_days(offsets))
    _write(con, "run.day", days(first, last))
    _write(con, "run.period", periods(contracts.latest.zone, first, as_of.date(), as_of))


def _first_on(con: duckdb.DuckDBPyConnection, as_of: datetime) -> date:
    sql = """
        select min(first_at) from (
            select min(created_at) as first_at from staging.person union all
            select min(created_at) from staging.opportunity union all
            select min(changed_at) from staging.opportunity_event union all
            select min(entered_at) from staging.stage_event union all
            select min(touched_at) from staging.touch union all
            select min(cast(spent_on as timestamp)) from staging.spend
        ) as firsts where first_at >= timestamp '1990-01-01'"""
    found = con.execute(sql).fetchall()[0][0]
    return min(found or as_of, as_of).date() - timedelta(days=7)


def _write_context(
    con: duckdb.DuckDBPyConnection, contracts: Contracts, as_of: datetime, known_at: datetime, build_id: str
) -> None:
    con.execute(
        """
        create table run.context as
        select cast(? as timestamp) as as_of, cast(? as timestamp) as known_at,
            v.zone, v.company, v.currency, v.version as contract, cast(? as varchar) as build_id,
            (select count(distinct load_id) from run.load) as n_loads
        from contract.version as v
        where v.effective_from <= ? and ? < v.effective_to""",
        [as_of, known_at, build_id, as_of, as_of],
    )


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    con.register("frame_to_write", frame)
    con.execute(f"create table {name} as select * from frame_to_write")  # noqa: S608 -- names from our own lists
    con.unregister("frame_to_write")


def _identity(
    con: duckdb.DuckDBPyConnection, contracts: Contracts, as_of: datetime, known_at: datetime
) -> str:
    digest = hashlib.sha256(f"{as_of.isoformat()} {known_at.isoformat()} {contracts!r}".encode())
    for row in con.execute("select * from run.load order by all").fetchall():
        digest.update(repr(row).encode())
    for layer in LAYERS:
        for file in sorted((FOLDER / layer).glob("*.sql")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _drop_landed(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the views on landed files: the warehouse stands alone, and holds no path."""
    views = con.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
    for schema, view in views:
        con.execute(f'drop view if exists "{schema}"."{view}"')


def count_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of each table, by schema.table, in order of name."""
    names = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() order by all"
    ).fetchall()
    return {name: len(con.table(name)) for (name,) in names}


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    with (project.warehouse.parent / ".build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"Another build is running in {project.root}. Wait until it is done.") from error
        yield


@contextmanager
def _aside(project: Project) -> Iterator[Path]:
    """Yield a path for the new file; what a killed or failed build left is removed."""
    for left in sorted(project.warehouse.parent.glob(".warehouse-*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    file = project.warehouse.with_name(".warehouse-new.duckdb")
    try:
        yield file
    except duckdb.Error as error:
        raise InputError(f"The warehouse could not be built: {error}") from error
    finally:
        for left in (file, file.with_name(file.name + ".wal"), file.with_name(file.name + ".spill")):
            if left.is_dir():
                shutil.rmtree(left)
            left.unlink(missing_ok=True)
