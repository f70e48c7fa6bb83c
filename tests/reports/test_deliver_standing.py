"""An edition goes only if it is there, whole, for its day, and every critical check passed; else it is said why not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from delivery_edition import CHECK, NAME, write_channels, write_edition
from small_project import AS_OF, PASSED, write_checks

from funnel.errors import UsageError
from funnel.project import Project
from funnel.reports.delivery import deliver
from funnel.reports.delivery.standing import recorded, standing
from funnel.reports.facts import facts

DAY = "2026-07-01"
FAILED = [("rejects_over_share", "critical", "fail", 7), *PASSED]


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    return Project(tmp_path)


def reasons(project, name=NAME):
    return list(standing(project, name).reasons)


def test_a_whole_edition_may_go(bare):
    write_edition(bare)
    found = standing(bare, NAME)
    assert (found.reasons, found.as_of, len(found.sha256)) == ((), "16 November 2026", 64)
    assert list(recorded(found.record)) == [
        "checks.html",
        "edition.js",
        "handoff.html",
        "index.html",
        "tables/front-findings.csv",
        "tables/front-findings.parquet",
        "tables/front-scorecard.csv",
        "tables/front-scorecard.parquet",
    ]


@pytest.mark.parametrize(
    "file", ["index.html", "edition.js", "tables/front-scorecard.csv", "tables/front-findings.parquet"]
)
def test_a_changed_file_stops_it(bare, file):
    folder = write_edition(bare)
    (folder / file).write_bytes((folder / file).read_bytes() + b" ")
    assert reasons(bare) == [f"Its files are not those that were written: {file}."]


def test_a_file_that_is_gone_stops_it_and_many_are_counted(bare):
    folder = write_edition(bare)
    for file in (folder / "tables").iterdir():
        file.unlink()
    (folder / "index.html").unlink()
    assert reasons(bare) == [
        "Its files are not those that were written: index.html, tables/front-findings.csv, "
        "tables/front-findings.parquet and 2 more."
    ]


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (
            [CHECK, CHECK | {"state": "fail"}],
            "Its own record says that 1 of its critical checks did not pass.",
        ),
        ([CHECK | {"state": "error"}], "Its own record says that 1 of its critical checks did not pass."),
        ([], "Its own record says that none of its critical checks was run."),
        ([CHECK | {"severity": "warning", "state": "fail"}], None),
    ],
)
def test_a_record_of_failed_checks_stops_it(bare, checks, said):
    write_edition(bare, checks=checks)
    assert reasons(bare) == ([said] if said else [])


def test_an_edition_in_the_place_of_another_stops_it(bare):
    write_edition(bare, "2026-11-23")
    assert reasons(bare, "2026-11-23") == ["The edition in the place of 2026-11-23 was made for 2026-11-16."]


@pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"as_of": 1}'])
def test_a_record_that_cannot_be_read_stops_it(bare, text):
    (write_edition(bare) / "edition.json").write_text(text)
    assert reasons(bare) == ["The record of the edition 2026-11-16 cannot be read."]


@pytest.mark.parametrize("name", ["../2026-11-16", "latest", "2026-11-16/..", "", "2026-11-16T"])
def test_a_name_that_is_no_edition_is_wrong_use(bare, name):
    with pytest.raises(UsageError, match="is no edition"):
        standing(bare, name)


def test_without_any_data_that_is_the_reason(bare):
    assert reasons(bare) == ["There is no edition 2026-11-16. No data have been built."]


def test_data_of_another_day_are_the_reason(project):
    assert reasons(project) == [
        "There is no edition 2026-11-16. The data were last built for 2026-07-01: the exports for 2026-11-16 "
        "were not landed or not built."
    ]


def test_the_day_of_a_build_is_named_as_the_report_names_its_folder(project):
    from funnel import warehouse

    con = warehouse.connect(project.warehouse)
    assert facts(con, as_of=AS_OF).folder == DAY
    con.close()
    assert reasons(project, DAY)[0].startswith(f"There is no edition {DAY}. The data were built and passed")


def test_unchecked_data_are_the_reason(project):
    project.checks.unlink()
    assert reasons(project, DAY) == [f"There is no edition {DAY}. The data were built, but not checked."]


def test_failed_checks_are_the_reason_and_are_named_with_their_counts(project):
    write_checks(project, *FAILED)
    [said] = reasons(project, DAY)
    assert said.startswith(f"There is no edition {DAY}. No edition is made: 1 critical check(s) not passed: ")
    assert said.endswith("(7 rows).")


def test_a_report_that_was_not_finished_is_the_reason(project):
    assert reasons(project, DAY) == [
        f"There is no edition {DAY}. The data were built and passed the checks, but the report was not finished."
    ]


def build_id(project):
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        return con.execute("select build_id from run.context").fetchall()[0][0]


def dated(project, **said):
    write_edition(project, DAY, as_of="2026-07-01T00:00:00Z", zone="UTC", **said)


def test_an_edition_of_the_build_that_stands_may_go(project):
    dated(project, build_id=build_id(project))
    assert reasons(project, DAY) == []


def test_a_later_build_of_the_same_day_that_failed_its_checks_stops_the_edition_before_it(project):
    dated(project, build_id="before")
    write_checks(project, *FAILED)
    [said] = reasons(project, DAY)
    assert said.startswith(
        f"The data for {DAY} were built again since this edition was made. No edition is made: 1"
    )


def test_an_edition_of_an_earlier_week_may_go_whatever_was_built_since(project):
    write_edition(project)
    assert reasons(project) == []


def test_what_may_not_go_sends_a_notice_once_and_the_edition_once_it_is_mended(project):
    write_channels(project, "  shelf:\n    kind: folder\n    path: outbox\n")
    write_checks(project, *FAILED)
    first, second = (deliver(project, DAY) for _ in range(2))
    assert [(each.kind, each.is_delivered, each.rows[0].state) for each in (first, second)] == [
        ("notice", False, "sent"),
        ("notice", False, "sent before"),
    ]
    notice = (project.root / "outbox" / f"{DAY}-notice" / "message.txt").read_text()
    assert "1 critical check(s) not passed" in notice
    assert "No figure of this week should be quoted" in notice
    assert sorted(each.name for each in (project.root / "outbox").iterdir()) == [f"{DAY}-notice"]
    write_checks(project, *PASSED)
    dated(project, build_id=build_id(project))
    mended = deliver(project, DAY)
    assert (mended.kind, mended.is_delivered) == ("edition", True)
    assert (project.root / "outbox" / DAY / f"funnel-{DAY}.html").is_file()


def test_a_tampered_edition_is_not_sent_but_said(bare):
    folder = write_edition(bare)
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n")
    (folder / "index.html").write_text('<main id="main">all is well</main>')
    outcome = deliver(bare, NAME)
    assert (outcome.kind, outcome.is_delivered) == ("notice", False)
    assert outcome.reasons == ("Its files are not those that were written: index.html.",)
    assert not (bare.root / "outbox" / NAME).exists()


def test_a_step_that_failed_sends_the_notice_although_an_older_edition_of_the_day_is_there(bare):
    write_edition(bare)
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n")
    outcome = deliver(bare, NAME, failed="land")
    assert outcome.reasons == ("The step 'land' did not finish.",)
    assert not (bare.root / "outbox" / NAME).exists()


def test_channels_get_only_what_they_are_for(bare):
    write_edition(bare)
    write_channels(
        bare,
        "  all:\n    kind: folder\n    path: a\n    gets: edition\n"
        "  ops:\n    kind: folder\n    path: b\n    gets: notice\n",
    )
    assert [row.channel for row in deliver(bare, NAME).rows] == ["all"]
    assert [row.channel for row in deliver(bare, "2026-11-23").rows] == ["ops"]


def test_the_reasons_hold_no_path_and_no_row(project):
    write_checks(project, *FAILED)
    said = " ".join(reasons(project, DAY) + reasons(project))
    assert str(project.root) not in said
    assert "Lovelace" not in said


def test_the_ledger_survives_half_a_line_and_loses_nothing(bare):
    write_edition(bare)
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n")
    deliver(bare, NAME)
    file = bare.root / "data" / "delivery.jsonl"
    with file.open("a") as out:
        out.write('{"edition": "2026-11-23", "ki')
    assert deliver(bare, NAME).rows[0].state == "sent before"
    deliver(bare, "2026-11-23")
    lines = file.read_text().split("\n")
    assert [json.loads(line)["state"] for line in lines if line.endswith("}")] == ["sending", "sent"] * 2
    assert deliver(bare, "2026-11-23").rows[0].state == "sent before"


def test_two_deliveries_at_once_are_refused(bare, monkeypatch):
    write_edition(bare)
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n")
    seen = []

    def second(*_):
        with pytest.raises(UsageError, match="Another delivery is at work"):
            deliver(bare, NAME)
        seen.append(True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("funnel.reports.delivery.folder._write", second)
    outcome = deliver(bare, NAME)
    assert seen == [True]
    assert [(row.state, row.detail) for row in outcome.rows] == [
        ("not sent", "the folder cannot be written: No space left on device")
    ]
    monkeypatch.undo()
    assert deliver(bare, NAME).is_delivered


def test_a_copy_into_a_folder_that_was_cut_short_is_made_again(bare, monkeypatch):
    write_edition(bare)
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n    attach: zip\n")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("funnel.reports.delivery.folder.put_in_place", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(bare, NAME)
    assert list((bare.root / "outbox").iterdir()) == []
    assert deliver(bare, NAME).is_delivered
    assert sorted(each.name for each in (bare.root / "outbox" / NAME).iterdir()) == [
        f"funnel-{NAME}.zip",
        "message.html",
        "message.txt",
    ]


def test_a_mail_too_large_for_mail_servers_is_refused_before_it_is_sent(bare, monkeypatch):
    write_edition(bare)
    write_channels(bare, "  m:\n    kind: mail\n    url: mailto://localhost:1\n    to: a@b.co\n")
    monkeypatch.setattr("funnel.reports.delivery.run.LARGEST", 10)
    [row] = deliver(bare, NAME).rows
    assert (row.state, row.detail) == ("not sent", "its attachment of 0 MB is too large: set attach: none")
    assert not (bare.root / "data" / "delivery.jsonl").exists()


def test_the_printed_front_page_is_attached_if_it_was_printed_and_is_missed_otherwise(bare):
    write_channels(bare, "  shelf:\n    kind: folder\n    path: outbox\n    attach: pdf\n")
    folder = write_edition(bare)
    [row] = deliver(bare, NAME).rows
    assert (row.state, row.detail) == (
        "not sent",
        "the edition holds no PDF: make it with `funnel report --pdf`",
    )
    (folder / "front-page.pdf").write_bytes(b"%PDF-1.7")
    write_edition(bare, papers={"front-page.pdf": hashlib.sha256(b"%PDF-1.7").hexdigest()})
    assert deliver(bare, NAME).is_delivered
    assert (bare.root / "outbox" / NAME / f"funnel-{NAME}.pdf").read_bytes() == b"%PDF-1.7"
    assert (
        "The front page is attached, for paper." in (bare.root / "outbox" / NAME / "message.txt").read_text()
    )
    (folder / "front-page.pdf").write_bytes(b"other")
    assert reasons(bare) == ["Its files are not those that were written: front-page.pdf."]
