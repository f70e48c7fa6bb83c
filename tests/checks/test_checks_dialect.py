"""The dialect shows Great Expectations a live DuckDB connection as it is, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from funnel.checks import dialect


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine on schema core of a warehouse that is attached read-only."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create schema core")
        con.execute("create schema marts")
        con.execute(
            "create table core.item (id varchar, n bigint, total hugeint, amount decimal(18, 2), share double, "
            "is_open boolean, happened_at timestamp, due_on date, tags varchar[])"
        )
        con.execute("insert into core.item (id, n) select 'i' || i, i from range(5000) as t(i)")
        con.execute("create view core.few as select id from core.item where n < 3")
        con.execute("create table marts.other (id varchar)")
    con = duckdb.connect()
    con.execute(f"attach '{file}' as warehouse (read_only)")
    with dialect.lend(con, "warehouse") as name:
        engine = sa.create_engine(dialect.url(name, "core"))
        yield engine
        engine.dispose()
    con.close()


def test_tables_and_columns_of_the_schema_are_seen_with_their_types(engine: sa.Engine) -> None:
    seen = sa.inspect(engine)
    assert (seen.get_schema_names(), seen.get_table_names(), seen.get_view_names()) == (
        ["core"],
        ["item"],
        ["few"],
    )
    assert seen.has_table("item")
    assert seen.has_table("few")
    assert not seen.has_table("other")
    assert seen.has_table("other", schema="marts")
    kinds = {column["name"]: type(column["type"]).__name__ for column in seen.get_columns("item")}
    assert kinds == {
        "id": "String",
        "n": "BigInteger",
        "total": "Numeric",
        "amount": "Numeric",
        "share": "Float",
        "is_open": "Boolean",
        "happened_at": "DateTime",
        "due_on": "Date",
        "tags": "String",
    }


def test_rows_can_be_read_after_the_connection_was_given_back(engine: sa.Engine) -> None:
    with engine.connect() as con:
        first = con.execute(sa.text("select id from item order by n"))
        second = con.execute(sa.text("select count(*) from few"))
    assert first.fetchmany(2) == [("i0",), ("i1",)]
    assert second.scalar() == 3
    assert len(first.fetchall()) == 4998


def test_values_are_bound_and_never_pasted(engine: sa.Engine) -> None:
    with engine.connect() as con:
        asked = sa.text("select count(*) from item where id = :id")
        assert con.scalar(asked, {"id": "i1"}) == 1
        assert con.scalar(asked, {"id": "' or 1 = 1 --"}) == 0


@pytest.mark.parametrize(
    "statement", ["delete from item", "create table core.new (id varchar)", "update item set n = 0"]
)
def test_nothing_can_be_written(engine: sa.Engine, statement: str) -> None:
    with engine.connect() as con, pytest.raises(sa.exc.DBAPIError, match="read-only"):
        con.execute(sa.text(statement))


def test_a_connection_that_was_taken_back_is_gone() -> None:
    con = duckdb.connect()
    with dialect.lend(con, "memory") as name:
        url = dialect.url(name, "main")
    with pytest.raises(KeyError):
        sa.create_engine(url).connect()
    con.close()
