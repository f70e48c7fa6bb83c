"""The metrics on warehouses that the real models built, so that rows stated elsewhere cannot drift."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pandas as pd
import pytest

from funnel.metrics import (
    conversion,
    finding,
    handoff,
    health,
    kpi,
    overlap,
    quality,
    recycle,
    term,
    velocity,
)

Connection = duckdb.DuckDBPyConnection
PAIR = {"from_stage": "mql", "to_stage": "won"}
CALLS: dict[str, Callable[[Connection], pd.DataFrame]] = {
    "conversion.funnel": conversion.funnel,
    "conversion.funnel_compared": conversion.funnel_compared,
    "conversion.cohorts": lambda con: conversion.cohorts(con, **PAIR, within_days=30),
    "conversion.by_dimension": lambda con: conversion.by_dimension(
        con, **PAIR, within_days=30, dimension="channel"
    ),
    "conversion.reached": conversion.reached,
    "conversion.to_date": lambda con: conversion.to_date(con, dimension="channel"),
    "conversion.rate": lambda con: conversion.rate(con, **PAIR, convention="cohort", within_days=30),
    "conversion.rate by period": lambda con: conversion.rate(
        con, **PAIR, convention="period", period="month", by=["channel", "pass"]
    ),
    "conversion.rate of now": lambda con: conversion.rate(con, **PAIR, convention="snapshot"),
    "conversion.conventions": lambda con: conversion.conventions(con, **PAIR, within_days=30),
    "conversion.orders": lambda con: conversion.orders(con, **PAIR, within_days=30),
    "conversion.paths": lambda con: conversion.paths(con, from_stage="mql", within_days=30, order="in order"),
    "conversion.same_age": lambda con: conversion.same_age(con, **PAIR, within_days=30),
    "conversion.mix": lambda con: conversion.mix(con, **PAIR, within_days=30, by="channel"),
    "conversion.segments": lambda con: conversion.segments(con, **PAIR, within_days=30),
    "conversion.entries": lambda con: conversion.entries(con, stage="mql", period="week"),
    "conversion.standing": conversion.standing,
    "conversion.imputation": conversion.imputation,
    "velocity.between": lambda con: velocity.between(con, **PAIR),
    "velocity.steps": velocity.steps,
    "velocity.impossible": velocity.impossible,
    "velocity.to_close": velocity.to_close,
    "quality.acceptance": lambda con: quality.acceptance(con, dimension="channel"),
    "quality.rejection_reasons": quality.rejection_reasons,
    "quality.completeness": quality.completeness,
    "quality.definition": quality.definition,
    "handoff.sla": handoff.sla,
    "handoff.weekly": handoff.weekly,
    "handoff.untouched": handoff.untouched,
    "kpi.scorecard": kpi.scorecard,
    "kpi.weekly": kpi.weekly,
    "kpi.outlook": kpi.outlook,
    "kpi.replayed": kpi.replayed,
    "kpi.attainment_index": kpi.attainment_index,
    "kpi.sales_velocity": kpi.sales_velocity,
    "kpi.win_rates": kpi.win_rates,
    "kpi.win_rates by all": lambda con: kpi.win_rates(con, by=["month", "manager", "team", "channel"]),
    "kpi.cost": kpi.cost,
    "kpi.sources": kpi.sources,
    "recycle.due": recycle.due,
    "overlap.open_opportunity": overlap.open_opportunity,
    "finding.findings": finding.findings,
    "health.health": health.health,
}


RULELESS = {"velocity.impossible", "kpi.sources", "health.health", "finding.findings"}


@pytest.fixture(scope="module")
def empty_world(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """Return a warehouse that the models built from no rows."""
    from world import world

    return prepared(world(tmp_path_factory.mktemp("empty")))


def test_the_tables_that_tests_state_have_the_columns_that_the_models_build(house, full_world) -> None:
    """Schemas marts and core, and run and contract as far as the small world fills them."""
    sql = """
        select schema_name || '.' || table_name, column_name
        from duckdb_columns()
        where schema_name in ('marts', 'core', 'contract')
    """
    stated = set(house().con.execute(sql).fetchall())
    built = set(full_world.execute(sql).fetchall())
    assert stated - built == set()


@pytest.mark.parametrize("name", CALLS)
def test_every_metric_reads_a_warehouse_that_the_models_built(full_world, name: str) -> None:
    con = prepared(full_world)
    first, second = CALLS[name](con), CALLS[name](con)
    assert len(first.columns) > 0
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("name", CALLS)
def test_every_metric_reads_a_warehouse_without_a_single_row(empty_world, name: str) -> None:
    """Also then it names its columns, says its rule, and has n (or named counts) among them."""
    names = list(map(str, CALLS[name](empty_world).columns))
    assert len(names) == len(set(names)) > 0
    if name not in RULELESS:
        assert any(column.startswith("rule") for column in names)
        assert any(column == "n" or column.startswith("n_") for column in names)


def prepared(con: Connection) -> Connection:
    """Give a small world what landing and building would: a filled source table list and no loads."""
    con.execute("create table if not exists run.source_table "
                "(source text, staging_table text, state text, n_rows bigint)")  # fmt: skip
    con.execute("drop table run.load")
    con.execute("create table run.load (source text, load_id text, observed_at timestamp, table_name text, "
                "file text, n_rows bigint, n_changed bigint, n_tombstones bigint, n_rejects bigint)")  # fmt: skip
    return con


def test_the_small_world_counts_as_its_rows_say(full_world) -> None:
    """Two people reached MQL, one of them won; three leads in all, one of them never went on."""
    con = prepared(full_world)
    assert [one.name for one in term.stages(con)] == ["inquiry", "mql", "sal", "sql", "opportunity", "won"]
    table = conversion.reached(con).set_index("stage")
    assert table.loc["won", "n_reached"] == table.loc["won", "n_won"]
    assert (table["n_reached"].diff().dropna() <= 0).all()
