"""Each kind of rule: Great Expectations and our query for all failing rows must mean the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.checks import rules
from funnel.checks.check import Check, Rule
from funnel.checks.judge import Verdict, judge


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a warehouse of one table, core.item, and its parent core.kind."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as warehouse")
    con.execute("use warehouse")
    con.execute("create schema core")
    con.execute("create table core.kind (kind varchar, name varchar)")
    con.execute("create table core.item (id varchar, part bigint, kind varchar, size double)")
    con.execute("insert into core.kind values ('a', 'it''s {a}'), ('b', ':b')")
    yield con
    con.close()


def judged(con: duckdb.DuckDBPyConnection, rule: Rule, table: str = "core.item") -> Verdict:
    check = Check("name", "A title", "core", "warning", "operations", table, (rule,))
    [verdict] = judge(con, "warehouse", [check])
    return verdict


def failing(con: duckdb.DuckDBPyConnection, rule: Rule) -> list[tuple[str, str]]:
    return sorted(con.execute(rule.failing).fetchall(), key=repr)


ITEMS = [
    ("1", 1, "a", 0.0),
    ("1", 2, "b", -0.5),
    ("2", 1, None, None),
    ("2", 1, "c", 1.0),
    (None, 1, "A", 1.5),
    (None, 1, "a", 1.0),
]
RULES = {
    "not null": (
        rules.not_null("core.item", ["id", "part"], "id"),
        [("(empty) | 1", "id is empty"), ("(empty) | 1", "id is empty")],
    ),
    "unique": (
        rules.unique("core.item", ["kind"]),
        [("a", "shared by 2 rows")],
    ),
    "unique together": (
        rules.unique("core.item", ["id", "part"]),
        [("2 | 1", "shared by 2 rows")],
    ),
    "accepted": (
        rules.accepted("core.item", ["id", "part"], "kind", ["a", "b"]),
        [("(empty) | 1", "kind is A"), ("2 | 1", "kind is c")],
    ),
    "between": (
        rules.between("core.item", ["id", "part"], "size", 0, 1),
        [("(empty) | 1", "size is 1.5"), ("1 | 2", "size is -0.5")],
    ),
    "at least": (rules.between("core.item", ["id", "part"], "size", 0, None), [("1 | 2", "size is -0.5")]),
    "at most": (rules.between("core.item", ["id"], "size", None, 1), [("(empty)", "size is 1.5")]),
    "refers": (
        rules.refers("core.item", ["id", "part"], ["kind"], "core.kind", ["kind"]),
        [("(empty) | 1", "kind A is not in core.kind"), ("2 | 1", "kind c is not in core.kind")],
    ),
    "row count": (rules.row_count("core.item", 7), [("core.item", "rows: 6")]),
    "row count above": (rules.row_count("core.item", 1, 5), [("core.item", "rows: 6")]),
    "query": (
        rules.query(
            "select id as row_key, '{odd}: ' || part as detail from core.item where part = 2 -- the end"
        ),
        [("1", "{odd}: 2")],
    ),
}


@pytest.mark.parametrize("kind", RULES)
def test_a_breach_is_judged_and_every_row_of_it_is_listed(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    rule, expected = RULES[kind]
    con.execute("delete from core.item")
    con.executemany("insert into core.item values (?, ?, ?, ?)", [list(item) for item in ITEMS])
    verdict = judged(con, rule)
    assert (verdict.holds, verdict.error) == (False, None)
    assert failing(con, rule) == expected


@pytest.mark.parametrize("kind", [kind for kind in RULES if kind != "row count"])
def test_an_empty_table_breaks_no_rule_but_that_of_its_size(
    con: duckdb.DuckDBPyConnection, kind: str
) -> None:
    rule, _ = RULES[kind]
    con.execute("delete from core.item")
    holds = kind != "row count above"
    assert judged(con, rule).holds == holds
    assert bool(failing(con, rule)) != holds


ITEM = st.tuples(
    st.sampled_from(["1", "2", "it's", None]),
    st.sampled_from([1, 2, None]),
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from([-0.5, 0.0, 1.0, 1.5, None]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(ITEM, max_size=6))
def test_great_expectations_and_our_query_never_disagree(
    con: duckdb.DuckDBPyConnection, items: list[tuple[object, ...]]
) -> None:
    con.execute("delete from core.item")
    for item in items:
        con.execute("insert into core.item values (?, ?, ?, ?)", list(item))
    columns = ("A title", "core", "warning", "operations", "core.item")
    checks = [Check(kind, *columns, (rule,)) for kind, (rule, _) in RULES.items()]
    told = {verdict.check.name: (verdict.error, verdict.holds) for verdict in judge(con, "warehouse", checks)}
    assert told == {kind: (None, failing(con, rule) == []) for kind, (rule, _) in RULES.items()}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (rules.not_null("core.item", ["id"], "colour"), "colour"),
        (rules.query("select id as row_key, colour as detail from core.item"), "colour"),
        (rules.query("select 1 +"), "syntax error"),
        (rules.accepted("core.item", ["id"], "colour", ["a"]), "colour"),
    ],
)
def test_a_rule_that_breaks_is_an_error_and_not_a_failure(
    con: duckdb.DuckDBPyConnection, rule: Rule, told: str
) -> None:
    verdict = judged(con, rule)
    assert not verdict.holds
    assert told in str(verdict.error)
    assert "\n" not in str(verdict.error)


def test_a_table_that_is_not_there_is_an_error(con: duckdb.DuckDBPyConnection) -> None:
    verdict = judged(con, rules.not_null("core.nothing", ["id"], "id"), "core.nothing")
    assert verdict.error == "the table is not in the warehouse"


def test_colons_and_braces_in_a_query_reach_the_database_as_written(con: duckdb.DuckDBPyConnection) -> None:
    same = rules.query(
        "select kind as row_key, name as detail from core.kind "
        "where name in (':b', 'it''s {a}') and '1'::bigint = 2"
    )
    assert judged(con, same, "core.kind").holds
    differing = rules.query("select kind as row_key, name as detail from core.kind where name = ':b'")
    assert not judged(con, differing, "core.kind").holds
