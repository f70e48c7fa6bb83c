"""A whole run: four states, every failing row, the file swapped in, the gate, and nothing sent."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from world import changes, lead

from funnel.checks import CheckReport, rules, run_checks
from funnel.checks.catalogue import all_checks
from funnel.checks.check import LAYERS, OWNERS, SEVERITIES, STATES, Check, Rule
from funnel.checks.query_file import FOLDER, read_query
from funnel.checks.run import run_these
from funnel.checks.thresholds import thresholds_of
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.sources import list_sources
from funnel.warehouse.connect import connect

MakeProject = Callable[..., Project]
ANNA = lead("1", "2026-03-01 10:00:00", email="anna@example.com", channel="Events")
NOT_NULL = rules.not_null("core.person", ["person_id"], "person_id")


def check(name: str, *holds: Rule, **columns: Any) -> Check:
    """State a check of core.person that is a warning of operations unless said otherwise."""
    stated = {"title": f"Title of {name}", "layer": "core", "severity": "warning", "owner": "operations"}
    return Check(**({"name": name, "table": "core.person", "rules": holds} | stated | columns))


def rows(report: CheckReport, *columns: str) -> list[tuple[Any, ...]]:
    """Return the columns of the results, null as None."""
    found = report.results[list(columns)].astype(object)
    return [tuple(row) for row in found.where(found.notna(), None).itertuples(index=False)]


def breach(n: int) -> Rule:
    """State a rule that n rows break."""
    return rules.query(f"select 'row ' || i as row_key, 'no. ' || i as detail from range({n}) as t(i)")


def test_pass_fail_error_and_not_applicable_are_told_apart(make_project: MakeProject) -> None:
    report = run_these(
        make_project(person=[ANNA]),
        [
            check("holds", NOT_NULL),
            check("breaks", breach(3)),
            check("raises", rules.query("select nothing as row_key, '' as detail from core.person")),
            check("absent", breach(3), needs=("activity", "person", "touch")),
            check("no table", NOT_NULL, table="core.nothing"),
        ],
    )
    found = rows(report, "check_name", "state", "n_rows", "n_failing", "message", "number")
    assert found[:2] + found[3:] == [
        ("holds", "pass", 1, 0, None, 1),
        ("breaks", "fail", 1, 3, None, 2),
        ("absent", "not applicable", 1, None, "not in this source: activity; not in this source: touch", 4),
        ("no table", "error", None, None, "the table is not in the warehouse", 5),
    ]
    name, state, _, n_failing, message, _ = found[2]
    assert (name, state, n_failing) == ("raises", "error", None)
    assert "nothing" in message
    assert {row[1] for row in found} == set(STATES)


def test_a_check_of_several_rules_fails_with_the_rows_of_all_and_errs_if_one_errs(
    make_project: MakeProject,
) -> None:
    broken = rules.query("select nothing as row_key, '' as detail from core.person")
    report = run_these(
        make_project(person=[ANNA]),
        [check("two", breach(2), NOT_NULL, breach(1)), check("err", breach(2), broken)],
    )
    assert rows(report, "check_name", "state", "n_failing") == [("two", "fail", 3), ("err", "error", None)]


def test_every_failing_row_is_kept_beyond_the_200_of_great_expectations(make_project: MakeProject) -> None:
    project = make_project(person=[ANNA])
    run_these(project, [check("many", breach(1234)), check("few", breach(2))])
    with duckdb.connect(str(project.checks), read_only=True) as con:
        found = con.execute("select * from failing_row order by check_name, number").fetchall()
    assert found[:3] == [
        ("few", "row 0", "no. 0", 1),
        ("few", "row 1", "no. 1", 2),
        ("many", "row 0", "no. 0", 1),
    ]
    assert found[3] == ("many", "row 1", "no. 1", 2)
    assert found[4] == ("many", "row 10", "no. 10", 3)
    assert len(found) == 1236
    assert {row[1] for row in found if row[0] == "many"} == {f"row {i}" for i in range(1234)}


@pytest.mark.parametrize(
    ("severity", "holds", "n_critical"),
    [
        ("critical", breach(1), 1),
        ("critical", rules.query("select nothing"), 1),
        ("critical", NOT_NULL, 0),
        ("warning", breach(1), 0),
        ("warning", rules.query("select nothing"), 0),
        ("info", breach(1), 0),
    ],
)
def test_only_a_critical_failure_or_error_stops_the_edition(
    make_project: MakeProject, severity: str, holds: Rule, n_critical: int
) -> None:
    report = run_these(make_project(person=[ANNA]), [check("one", holds, severity=severity)])
    assert report.n_critical_failed == n_critical
    assert report.ok == (n_critical == 0)


def test_the_summary_shows_what_is_wrong_the_severest_first_and_counts_the_rest(
    make_project: MakeProject,
) -> None:
    report = run_these(
        make_project(person=[ANNA]),
        [
            check("a", breach(1), severity="info", owner="sales"),
            check("b", NOT_NULL),
            check("c", breach(1200), severity="critical"),
            check("d", NOT_NULL, table="core.nothing", owner="marketing"),
            check("e", NOT_NULL, needs=("spend",)),
        ],
    )
    assert report.summary == [
        {
            "severity": "critical",
            "state": "fail",
            "rows": "1,200",
            "owner": "operations",
            "check": "Title of c [c]",
        },
        {
            "severity": "warning",
            "state": "error",
            "rows": "",
            "owner": "marketing",
            "check": "Title of d (the table is not in the warehouse) [d]",
        },
        {"severity": "info", "state": "fail", "rows": "1", "owner": "sales", "check": "Title of a [a]"},
        {"severity": "", "state": "pass", "rows": "", "owner": "", "check": "1 checks"},
        {"severity": "", "state": "not applicable", "rows": "", "owner": "", "check": "1 checks"},
    ]


def test_the_warehouse_opens_with_its_checks_beside_it(make_project: MakeProject) -> None:
    project = make_project(person=[ANNA])
    report = run_these(project, [check("breaks", breach(1))])
    with connect(project.root) as con:
        told = con.execute(
            "select r.build_id = c.build_id, r.suite from checks.result as r, run.context as c"
        )
        assert told.fetchall() == [(True, "core: core.person")]
        assert con.execute("select count(*) from checks.threshold").fetchall() == [(11,)]
    assert report.build_id == report.results["build_id"][0]


class TestAllChecks:
    def test_real_models_pass_every_critical_check_and_bad_data_is_only_warned_of(
        self, make_project: MakeProject
    ) -> None:
        status = [("2026-06-25 10:00:00", "MQL"), ("2026-06-26 10:00:00", "Disqualified")]
        bob = lead("2", "2026-06-25 12:00:00", owner_id="gone", status="Disqualified", reason="Bad vibes")
        project = make_project(
            person=[ANNA, bob], attribute_event=changes("2", "status", *status), rep=[{"rep_id": "r"}]
        )
        report = run_checks(project)
        assert report.ok
        assert "error" not in set(report.results["state"])
        failed = report.results[report.results["state"] == "fail"]
        assert dict(zip(failed["check_name"], failed["n_failing"], strict=True)) == {
            "staging_person_owner_id_found": 1,
            "event_before_creation": 1,
            "exit_reason_not_in_contract": 1,
            "impossible_order": 1,
            "definition_cannot_be_judged": 3,
            "lead_without_channel": 1,
            "silent_lead": 1,
        }

    def test_an_empty_warehouse_is_critical(self, make_project: MakeProject) -> None:
        report = run_checks(make_project(person=[]))
        critical = report.results[
            (report.results["severity"] == "critical") & (report.results["state"] == "fail")
        ]
        assert list(critical["check_name"]) == ["core_cycle_rows"]
        assert not report.ok

    def test_a_key_or_a_reference_that_breaks_is_critical(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        with duckdb.connect(str(project.warehouse)) as con:
            con.execute("insert into core.person select * from core.person")
            con.execute("update core.cycle set person_id = 'crm:nobody'")
        report = run_checks(project)
        failed = report.results[
            (report.results["severity"] == "critical") & (report.results["state"] == "fail")
        ]
        assert dict(zip(failed["check_name"], failed["n_failing"], strict=True)) == {
            "core_person_key": 1,
            "core_cycle_person_id_in_core_person": 1,
        }

    def test_names_are_unique_and_all_words_are_of_closed_lists(self) -> None:
        checks = all_checks()
        assert len({c.name for c in checks}) == len(checks)
        assert {c.layer for c in checks} == set(LAYERS)
        assert {c.severity for c in checks} == set(SEVERITIES)
        assert {c.owner for c in checks} == set(OWNERS)
        assert [c.layer for c in checks] == sorted((c.layer for c in checks), key=LAYERS.index)

    def test_no_oddity_of_a_crm_can_stop_an_edition(self) -> None:
        critical = {
            c.name for c in all_checks() if c.severity == "critical" and c.layer in ("alignment", "landed")
        }
        assert critical == {
            "landed_rejects_over_share",
            "landed_data_stale",
            "run_context_rows",
            "run_load_rows",
        }


class TestSwap:
    def test_the_same_warehouse_gives_the_same_tables(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        checks = [check("breaks", breach(50)), check("holds", NOT_NULL)]
        contents = []
        for _ in range(2):
            run_these(project, checks)
            with duckdb.connect(str(project.checks), read_only=True) as con:
                tables = ("result", "failing_row", "threshold")
                contents.append([con.execute(f"select * from {table}").fetchall() for table in tables])
        assert contents[0] == contents[1]

    def test_nothing_is_left_beside_the_file(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        (project.checks.parent / ".checks-new.duckdb").write_text("left by a killed run")
        (project.checks.parent / ".checks-new.duckdb.wal").write_text("left by a killed run")
        run_these(project, [check("breaks", breach(1))])
        names = sorted(file.name for file in project.checks.parent.iterdir())
        assert names == [".checks.lock", "checks.duckdb", "warehouse.duckdb"]

    def test_a_reader_of_the_old_file_goes_on_and_the_warehouse_is_not_touched(
        self, make_project: MakeProject
    ) -> None:
        project = make_project(person=[ANNA])
        run_these(project, [check("breaks", breach(1))])
        before = project.warehouse.read_bytes()
        with connect(project.root) as con:
            run_these(project, [check("breaks", breach(2))])
            assert con.execute("select n_failing from checks.result").fetchall() == [(1,)]
        assert project.warehouse.read_bytes() == before

    def test_a_run_that_fails_leaves_the_old_file(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        run_these(project, [check("breaks", breach(1))])
        before = project.checks.read_bytes()
        with duckdb.connect(str(project.warehouse)) as con:
            con.execute("drop table run.source_table")
        with pytest.raises(
            InputError, match=r"The warehouse cannot be checked: Catalog Error: .*source_table"
        ):
            run_these(project, [check("breaks", breach(2))])
        assert project.checks.read_bytes() == before
        assert not list(project.checks.parent.glob(".checks-new*"))

    def test_two_runs_at_once_are_refused(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        with (project.checks.parent / ".checks.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(UsageError, match="already running"):
                run_these(project, [check("breaks", breach(1))])

    @pytest.mark.slow
    def test_a_killed_run_leaves_the_old_file_whole_and_the_next_one_succeeds(
        self, make_project: MakeProject
    ) -> None:
        project = make_project(person=[ANNA])
        run_these(project, [check("breaks", breach(1))])
        script = (
            "import sys; from pathlib import Path; from funnel.checks import run_checks; "
            "from funnel.project import Project; project = Project(Path(sys.argv[1]))\n"
            "print('ready', flush=True)\n"
            "while True: run_checks(project)"
        )
        for delay in (0.0, 0.2, 6.0, 7.5):
            run = subprocess.Popen([sys.executable, "-c", script, str(project.root)], stdout=subprocess.PIPE)
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(delay)
            run.send_signal(signal.SIGKILL)
            run.communicate()
            with duckdb.connect(str(project.checks), read_only=True) as con:
                assert con.execute("select count(*) from result").fetchall()[0][0] in (1, len(all_checks()))
        report = run_these(project, [check("breaks", breach(1))])
        assert rows(report, "state", "n_failing") == [("fail", 1)]


class TestWrongInput:
    def test_no_warehouse(self, tmp_path: Path) -> None:
        with pytest.raises(
            UsageError, match=r"There is no warehouse at .* Run `funnel build --as-of DATE` first"
        ):
            run_these(Project(tmp_path), [])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "stale_day: 60",
                r"checks.yaml:1, stale_day: 'stale_day' is not a key .* Did you mean 'stale_days'\?",
            ),
            ("stale_days: soon", r"checks.yaml:1, stale_days: expected a number of at least 0, found 'soon'"),
            ("stale_days: -1", r"checks.yaml:1, stale_days: expected a number of at least 0, found '-1'"),
            ("- stale_days", "checks.yaml:1, top level: expected the limits of the checks"),
        ],
    )
    def test_a_wrong_limit_is_named_with_file_and_line(
        self, make_project: MakeProject, text: str, message: str
    ) -> None:
        project = make_project(person=[ANNA])
        (project.root / "checks.yaml").write_text(text)
        with pytest.raises(InputError, match=message):
            run_these(project, [])

    def test_a_projects_own_limit_is_the_one_that_judges_and_the_rest_stays(
        self, make_project: MakeProject
    ) -> None:
        project = make_project(person=[ANNA])
        ageing = read_query(FOLDER / "landed_data_ageing.sql")
        assert rows(run_these(project, [ageing]), "state") == [("pass",)]
        (project.root / "checks.yaml").write_text("ageing_days: 0.25\n")
        assert rows(run_these(project, [ageing]), "state") == [("fail",)]
        with duckdb.connect(str(project.checks), read_only=True) as con:
            told = (
                "select name, value from threshold where name in ('ageing_days', 'stale_days') order by name"
            )
            assert con.execute(told).fetchall() == [("ageing_days", 0.25), ("stale_days", 35.0)]

    def test_the_share_of_rejects_is_that_of_the_source(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        with duckdb.connect(str(project.warehouse)) as con:
            con.execute("update run.load set source = 'olist', n_rows = 10, n_rejects = 1")
        over = read_query(FOLDER / "landed_rejects_over_share.sql")
        assert rows(run_these(project, [over]), "state", "n_failing") == [("fail", 1)]
        (project.landed / "olist").mkdir(parents=True)
        (project.landed / "olist" / "manifest.json").write_text("{}")
        shipped = list_sources()[[source.name for source in list_sources()].index("olist")].folder
        shutil.copytree(shipped, project.sources / "olist")
        stated = project.sources / "olist" / "source.yaml"
        stated.write_text(stated.read_text().replace("max_reject_share: 0.01", "max_reject_share: 0.1"))
        assert rows(run_these(project, [over]), "state", "n_failing") == [("pass", 0)]

    def test_a_source_whose_folder_is_gone_falls_back_to_the_limit(self, make_project: MakeProject) -> None:
        project = make_project(person=[ANNA])
        (project.landed / "gone").mkdir(parents=True)
        (project.landed / "gone" / "manifest.json").write_text("{}")
        assert "reject_share gone" not in {limit.name for limit in thresholds_of(project)}

    @pytest.mark.parametrize(
        ("header", "message"),
        [
            ("-- layer: core", "lacks the header line '-- title: ...'"),
            ("-- title: A\n-- layer: cores", r"'cores' is not known in layer. Did you mean 'core'\?"),
            ("-- titel: A", r"'titel' is not known in the header. Did you mean 'title'\?"),
            (
                "-- title: A\n-- layer: core\n-- severity: bad",
                "'bad' is not known in severity. Known: critical",
            ),
            ("-- title: A\n-- needs: persons", r"'persons' is not known in needs. Did you mean 'person'\?"),
        ],
    )
    def test_a_query_file_with_a_wrong_header_says_so(
        self, tmp_path: Path, header: str, message: str
    ) -> None:
        stated = {"title": "A", "layer": "core", "severity": "info", "owner": "sales", "table": "core.person"}
        given = {line.removeprefix("-- ").partition(":")[0] for line in header.splitlines()}
        rest = "\n".join(f"-- {k}: {v}" for k, v in stated.items() if k not in given and k != "title")
        (tmp_path / "odd.sql").write_text(f"{header}\n{rest}\nselect 1")
        with pytest.raises(InputError, match=message):
            read_query(tmp_path / "odd.sql")


def test_nothing_is_sent_and_nothing_printed(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"a connection was asked for: {arguments}")

    project = make_project(person=[ANNA])
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    run_these(project, [check("holds", NOT_NULL), check("breaks", breach(3))])
    assert capsys.readouterr() == ("", "")
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_importing_the_package_does_not_import_great_expectations() -> None:
    script = (
        "import sys, funnel.checks; print('great_expectations' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "False False\n"


@pytest.mark.slow
def test_a_run_in_a_process_that_turns_warnings_into_errors_raises_none(make_project: MakeProject) -> None:
    project = make_project(person=[ANNA])
    script = (
        "import sys; from pathlib import Path; from funnel.checks import run_checks; "
        "from funnel.project import Project; print(run_checks(Project(Path(sys.argv[1]))).ok)"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(project.root)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("True\n", "")
