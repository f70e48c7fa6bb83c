"""Judge checks and write down what was found: checks.threshold, checks.failing_row, checks.result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from funnel.checks.check import Check
from funnel.checks.judge import Verdict, judge, suite_name
from funnel.checks.thresholds import Threshold
from funnel.errors import InputError

TABLES = Path(__file__).parent / "tables.sql"


@dataclass(frozen=True)
class _Outcome:
    state: str
    n_failing: int | None
    message: str | None = None


def fill(
    con: duckdb.DuckDBPyConnection, checks: Sequence[Check], thresholds: Sequence[Threshold]
) -> tuple[str, pd.DataFrame]:
    """Judge `checks` over catalog `warehouse` and write catalog `checks`; both are attached to `con`.

    Return the build's identity and checks.result. InputError if the warehouse lacks schema `run`.
    """
    con.execute(TABLES.read_text(encoding="utf-8"))
    for limit in thresholds:
        con.execute(
            "insert into checks.threshold values (?, ?, ?, ?)",
            [limit.name, limit.value, limit.unit, limit.meaning],
        )
    build_id, missing = _known(con)
    absent = {check.name: _absent(check, missing) for check in checks}
    judged = judge(con, "warehouse", [check for check in checks if not absent[check.name]])
    outcomes = {
        name: _Outcome("not applicable", None, message) for name, message in absent.items() if message
    }
    outcomes |= _found(con, judged)
    _write(con, build_id, checks, outcomes)
    return build_id, con.execute("select * from checks.result order by number").df()


def _known(con: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
    """Return the build's identity, and for each staging table that no source fills what is said of it."""
    try:
        build_id = con.execute("select build_id from run.context").fetchall()
        told = con.execute(
            "select staging_table, min(state) from run.source_table group by staging_table "
            "having count(*) filter (where state = 'filled') = 0"
        ).fetchall()
    except duckdb.Error as error:
        message = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"The warehouse cannot be checked: {message} Run `funnel build` again.") from error
    return (build_id[0][0] if build_id else ""), dict(told)


def _absent(check: Check, missing: Mapping[str, str]) -> str | None:
    lacking = sorted({(missing[name], name) for name in check.needs if name in missing})
    return "; ".join(f"{state}: {name}" for state, name in lacking) or None


def _found(con: duckdb.DuckDBPyConnection, verdicts: Iterable[Verdict]) -> dict[str, _Outcome]:
    """Keep the failing rows of each rule that does not hold, and return the outcome of each check."""
    by_check: dict[str, list[_Outcome]] = {}
    for verdict in verdicts:
        by_check.setdefault(verdict.check.name, []).append(_outcome(con, verdict))
    return {name: _together(outcomes) for name, outcomes in by_check.items()}


def _outcome(con: duckdb.DuckDBPyConnection, verdict: Verdict) -> _Outcome:
    if verdict.error is not None:
        return _Outcome("error", None, verdict.error)
    if verdict.holds:
        return _Outcome("pass", 0)
    try:
        n_failing = _keep(con, verdict)
    except duckdb.Error as error:
        return _Outcome("error", None, f"its failing rows cannot be listed: {error}")
    if n_failing == 0:
        return _Outcome("error", None, "judged as failing, but its query finds no failing row")
    return _Outcome("fail", n_failing)


def _keep(con: duckdb.DuckDBPyConnection, verdict: Verdict) -> int:
    con.execute("create or replace temp view failing as\n" + verdict.rule.failing)
    name = verdict.check.name
    added = con.execute("insert into found select ?, row_key, detail from failing", [name]).fetchall()
    return int(added[0][0])


def _together(outcomes: Sequence[_Outcome]) -> _Outcome:
    errors = [outcome for outcome in outcomes if outcome.state == "error"]
    if errors:
        return errors[0]
    n_failing = sum(outcome.n_failing or 0 for outcome in outcomes)
    return _Outcome("fail" if n_failing else "pass", n_failing)


def _write(
    con: duckdb.DuckDBPyConnection, build_id: str, checks: Sequence[Check], outcomes: Mapping[str, _Outcome]
) -> None:
    n_rows = {table: _count(con, table) for table in sorted({check.table for check in checks})}
    rows = [
        _row(build_id, check, outcomes[check.name], n_rows[check.table], number)
        for number, check in enumerate(checks, start=1)
    ]
    con.register("result_to_write", pd.DataFrame(rows, dtype=object))
    con.execute("insert into checks.result select * from result_to_write")
    con.unregister("result_to_write")
    con.execute(
        "insert into checks.failing_row "
        "select f.check_name, f.row_key, f.detail, "
        "row_number() over (partition by f.check_name order by f.row_key, f.detail) as number "
        "from found as f inner join checks.result as r using (check_name) order by r.number, number"
    )


def _row(build_id: str, check: Check, outcome: _Outcome, n_rows: int | None, number: int) -> list[object]:
    told = [build_id, suite_name(check), check.layer, check.name, check.title, check.severity, outcome.state]
    return [*told, n_rows, outcome.n_failing, check.owner, outcome.message, number]


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int | None:
    try:
        return len(con.table(table))
    except duckdb.Error:
        return None
