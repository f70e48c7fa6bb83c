"""A small company in staging rows, and checks whose results a test states."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

from funnel.project import Project

AS_OF = datetime(2026, 7, 1)
NASTY = "<script>alert(1)</script>"
CHECKS = """
create table result (
    build_id varchar, suite varchar, layer varchar, check_name varchar, title varchar, severity varchar,
    state varchar, n_rows bigint, n_failing bigint, owner varchar, message varchar, number bigint
);
create table failing_row (check_name varchar, row_key varchar, detail varchar, number bigint);
"""
FILLED = ("person", "attribute_event", "opportunity", "activity", "touch", "rep")


def people(n: int) -> dict[str, list[dict[str, object]]]:
    """Return staging rows: one lead every third day, each getting as far as its number says."""
    from world import call, changes, lead

    rows: dict[str, list[dict[str, object]]] = {name: [] for name in FILLED}
    for i in range(n):
        begun = AS_OF - timedelta(days=3 * (n - i))
        steps = [(1, "MQL"), (2, "Accepted"), (4, "Qualified")][: i % 4]
        rows["person"].append(
            lead(
                f"p{i}",
                str(begun),
                name=f"Ada Lovelace {i}",
                email=f"a{i}@b.co",
                company="Co",
                score=50 + i % 30,
                industry="software",
                channel=[NASTY, "Webinar", "=SUM(A1)", None][i % 4],
                status=steps[-1][1] if steps else "New",
                owner_id="r",
            )
        )
        timed = [(str(begun + timedelta(days=day)), status) for day, status in steps]
        rows["attribute_event"] += changes(f"p{i}", "status", *timed, first="New")
        if steps and i % 3:
            rows["activity"].append(call(f"c{i}", f"p{i}", str(begun + timedelta(days=1, hours=2))))
        rows["touch"].append(
            {
                "touch_id": f"t{i}",
                "record_id": f"p{i}",
                "channel": NASTY,
                "touched_at": str(begun),
                "touched_precision": "second",
            }
        )
    rows["rep"].append({"rep_id": "r", "name": "Grace Hopper", "team": "Sales", "is_queue": False})
    return rows


def write_checks(project: Project, *checks: tuple[str, str, str, int]) -> None:
    """State the results of checks for the build that stands: name, severity, state, failing rows."""
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        build_id = con.execute("select build_id from run.context").fetchall()[0][0]
    project.checks.unlink(missing_ok=True)
    with duckdb.connect(str(project.checks)) as con:
        con.execute(CHECKS)
        for number, (name, severity, state, n_failing) in enumerate(checks):
            row = [
                build_id,
                "s",
                "marts",
                name,
                f"Title of {name}",
                severity,
                state,
                10,
                n_failing,
                "sales",
                None,
            ]
            con.execute("insert into result values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*row, number])


PASSED = (("keys", "critical", "pass", 0), ("dates", "warning", "fail", 3), ("idle", "info", "error", 0))
