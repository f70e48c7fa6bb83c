"""The checks of warehouses that were landed and built for real."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from funnel.checks import run_checks
from funnel.demo import write_demo
from funnel.landing import land
from funnel.project import Project
from funnel.sources.scaffold import scaffold
from funnel.warehouse import build, connect

LEADS = """mql_id,first_contact_date,landing_page_id,origin
a,2018-03-01,p1,social
b,2018-03-05,p1,
c,2018-03-10,p2,email
"""
day = datetime.fromisoformat
DEALS = """mql_id,seller_id,sdr_id,sr_id,won_date,business_segment
a,s1,d1,r1,2018-02-27 10:00:00,pet
c,s2,d1,r1,2018-03-12 10:00:00,toys
"""


def made(folder: Path, source: str, files: Path, as_of: datetime) -> Project:
    """Return a project with one load of `source`, built as of the same instant."""
    scaffold(folder, source)
    project = Project(folder)
    land(project, source, files, observed_at=as_of)
    build(project, as_of=as_of)
    return project


def broken(results: pd.DataFrame) -> dict[str, tuple[str, str, int]]:
    """Return severity, state and number of breaches of each check that failed or erred."""
    told = results.loc[results["state"].isin(["fail", "error"])]
    columns = ["check_name", "severity", "state", "n_failing"]
    return {name: (severity, state, n) for name, severity, state, n in told[columns].itertuples(index=False)}


def test_exports_that_were_landed_and_built_are_checked_whole(tmp_path: Path) -> None:
    files = tmp_path / "export"
    files.mkdir()
    (files / "olist_marketing_qualified_leads_dataset.csv").write_text(LEADS)
    (files / "olist_closed_deals_dataset.csv").write_text(DEALS)
    report = run_checks(made(tmp_path / "project", "olist", files, day("2018-03-15")))
    assert report.ok
    assert broken(report.results) == {
        "event_before_creation": ("warning", "fail", 1),
        "impossible_order": ("warning", "fail", 1),
        "lead_without_channel": ("info", "fail", 1),
    }
    told = report.results.set_index("check_name")["message"]
    assert told["spend_without_leads"] == "not in this source: spend"
    assert told["decided_without_activity"] == "not in this source: activity"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "folder", "as_of", "expected"),
    [
        (
            "olist",
            "olist-funnel",
            day("2018-11-15"),
            {
                "newest_lead_is_old": ("warning", "fail", 1),
                "event_before_creation": ("warning", "fail", 1),
                "impossible_order": ("warning", "fail", 1),
                "lead_without_channel": ("info", "fail", 1159),
            },
        ),
        ("realestate", "realestate-funnel", day("2026-07-01"), {}),
        ("maven", "maven-crm", day("2018-01-01"), {}),
    ],
)
def test_an_edition_of_real_files_is_never_stopped(
    tmp_path: Path,
    shared: Path,
    source: str,
    folder: str,
    as_of: datetime,
    expected: dict[str, tuple[str, str, int]],
) -> None:
    report = run_checks(made(tmp_path, source, shared / "data" / folder, as_of))
    assert report.ok
    found = broken(report.results)
    found.pop("silent_lead", None)
    assert found == expected


@pytest.mark.slow
def test_the_problems_that_the_demo_planted_are_found_and_nobody_is_accused_wrongly(tmp_path: Path) -> None:
    exports, truth = tmp_path / "exports", tmp_path / "truth"
    write_demo(exports, truth, n_leads=2000, seed=7)
    project = Project(tmp_path / "project")
    scaffold(project.root, "salesforce")
    for file in sorted(project.contracts.glob("*.yaml")):
        file.unlink()
    shutil.copytree(Path(__file__).parents[2] / "contracts", project.contracts, dirs_exist_ok=True)
    plan = json.loads((exports / "loads.json").read_text())
    for load in plan["loads"]:
        land(project, "salesforce", exports / load["folder"], observed_at=day(load["observed_at"]))
    build(project, as_of=day(plan["as_of"]).astimezone(UTC).replace(tzinfo=None))
    assert run_checks(project).ok
    with connect(project.root) as con:
        con.execute("create temp table problem as from read_parquet(?)", [str(truth / "problem.parquet")])
        planted = {name: found(con, name, problem) for name, problem in PLANTED.items()}
    for name, (missed, wrong, both) in planted.items():
        assert both > 0, name
        assert missed <= 0.2 * (both + missed), name
        assert wrong <= 0.2 * (both + wrong), name


PLANTED = {
    "bulk_status_edits": "closed by mass edit",
    "converted_before_created": "converted before created",
    "definition_not_met": "handed over, definition not met",
    "exit_reason_not_in_contract": "no budget, closed as rejected",
}


def found(con: duckdb.DuckDBPyConnection, check: str, problem: str) -> tuple[int, int, int]:
    """Return how many planted objects a check missed, how many it names that were not, and how many it found.

    Leads are compared as people: a converted one is named by its contact.
    """
    sql = """
        with person as (select record_id, person_id from core.record),
        planted as (
            select distinct coalesce(p.person_id, substr(t.id, 1, 15)) as id
            from problem as t left join person as p on p.record_id = substr(t.id, 1, 15)
            where t.problem = $problem
        ),
        named as (
            select distinct coalesce(p.person_id, r.id) as id
            from (
                select regexp_extract(row_key, 'salesforce:([0-9A-Za-z]{15})', 1) as id
                from checks.failing_row where check_name = $check
            ) as r
            left join person as p on p.record_id = r.id
        )
        select (select count(*) from planted anti join named using (id)),
            (select count(*) from named anti join planted using (id)),
            (select count(*) from planted semi join named using (id))"""
    missed, wrong, both = con.execute(sql, {"check": check, "problem": problem}).fetchall()[0]
    return missed, wrong, both
