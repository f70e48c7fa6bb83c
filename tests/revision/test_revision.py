"""Why a number changed: a company of seven leads, two loads, two contracts, and two editions of it."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from world import CONTRACT

from funnel import revision
from funnel.charts.table import to_parquet
from funnel.cli import app
from funnel.errors import InputError, UsageError
from funnel.landing import keep_only_new_keys, land
from funnel.metrics import conversion, kpi, quality
from funnel.project import Project
from funnel.revision.aside import Setting, built_aside
from funnel.warehouse import build, connect

FIRST, SECOND = datetime(2026, 5, 4), datetime(2026, 6, 1)
LATER = (
    CONTRACT.replace('"2026-01"', '"2026-05"')
    .replace("2026-01-01", "2026-05-15")
    .replace("[MQL]", "[MQL, Hot]")
)
PERSON = "record_id,kind,created_at,status,is_deleted\n"
CHANGE = "event_id,record_id,field,old_value,new_value,changed_at\n"
EARLY_PERSON = """a,lead,2026-04-28T09:00:00Z,MQL,
b,lead,2026-04-28T09:00:00Z,MQL,
c,lead,2026-04-29T09:00:00Z,New,
"""
EARLY_CHANGE = """a1,a,status,New,MQL,2026-04-28T10:00:00Z
b1,b,status,New,MQL,2026-05-01T15:00:00Z
"""
CALLS = "activity_id,record_id,kind,direction,is_done,done_at\nk,a,call,outbound,true,2026-04-28T11:00:00Z\n"
# d is of the first week and came late; c was deleted; e, f, g are new; f is hot, which counts from 15 May on
LATE_PERSON = """a,lead,2026-04-28T09:00:00Z,MQL,
b,lead,2026-04-28T09:00:00Z,MQL,
c,lead,2026-04-29T09:00:00Z,New,true
d,lead,2026-04-30T09:00:00Z,New,
e,lead,2026-05-25T09:00:00Z,MQL,
f,lead,2026-05-26T09:00:00Z,Hot,
g,lead,2026-05-27T09:00:00Z,New,
h,lead,2026-05-28T09:00:00Z,New,
"""
LATE_CHANGE = (
    EARLY_CHANGE
    + """e1,e,status,New,MQL,2026-05-26T10:00:00Z
f1,f,status,New,Hot,2026-05-26T10:00:00Z
"""
)


def edition(
    project: Project, name: str, as_of: datetime, known_at: datetime, contracts: tuple[str, ...]
) -> None:
    """Write what a report of that warehouse writes and a revision reads."""
    folder = project.reports / name / "tables"
    folder.mkdir(parents=True)
    with built_aside(project, Setting(as_of, known_at, contracts)) as con:
        tables = {
            "scorecard": kpi.scorecard(con),
            "kpi-weekly": kpi.weekly(con),
            "front-funnel": conversion.funnel(con),
            "acceptance-by-channel": quality.acceptance(con, dimension="channel"),
        }
    for table, frame in tables.items():
        (folder / f"{table}.parquet").write_bytes(to_parquet(frame))
    record = {"as_of": f"{as_of.isoformat()}Z", "known_at": f"{known_at.isoformat()}Z"}
    record |= {"contract": contracts[-1], "contracts": list(contracts)}
    (folder.parent / "edition.json").write_text(json.dumps(record))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("revision"))
    project.contracts.mkdir()
    (project.contracts / "1.yaml").write_text(CONTRACT)
    (project.contracts / "2.yaml").write_text(LATER)
    for number, (people, changes, at) in enumerate(
        [(EARLY_PERSON, EARLY_CHANGE, FIRST), (LATE_PERSON, LATE_CHANGE, SECOND)]
    ):
        folder = project.root / f"in{number}"
        folder.mkdir()
        (folder / "person.csv").write_text(PERSON + people)
        (folder / "attribute_event.csv").write_text(CHANGE + changes)
        (folder / "activity.csv").write_text(CALLS)
        land(project, "canonical", folder, observed_at=at)
    edition(project, "2026-05-04", FIRST, FIRST, ("2026-01",))
    edition(project, "2026-06-01", SECOND, SECOND, ("2026-01", "2026-05"))
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(made.root, tmp_path / "acme")))


def changes(project: Project, name: str) -> dict[str, float]:
    found = revision.explain(project, name, before="2026-05-04", after="2026-06-01")
    told = found.parts[found.parts["change"].notna()]
    assert sum(map(Fraction, told["change"])) == Fraction(found.after.value) - Fraction(found.before.value)
    return dict(zip(told["part"], told["change"], strict=True))


def test_late_leads_deleted_leads_and_a_new_week_are_told_apart_and_add_up(made):
    assert changes(made, "leads") == {
        "late-arriving data": 1.0,
        "corrected data": -1.0,
        "maturing": 0.0,
        "real change": 1.0,
        "definition change": 0.0,
    }


def test_what_only_the_new_contract_counts_is_a_change_of_definition(made):
    assert changes(made, "hand_offs") == {
        "late-arriving data": 0.0,
        "corrected data": 0.0,
        "maturing": 0.0,
        "real change": -1.0,
        "definition change": 1.0,
    }


def test_an_answer_that_fell_due_later_is_maturing(made):
    """At the first edition one hand-off was answered in time and one was not due; both weeks are followed on."""
    found = revision.explain(made, "first_touch_attainment", before="2026-05-04", after="2026-06-01")
    parts = found.parts.set_index("part")
    assert (found.before.value, found.before.n) == (1.0, 1)
    assert parts.loc["maturing", ["change", "value", "n"]].tolist() == [-0.5, 0.5, 2]
    assert parts.loc["reported", "rule"] == "as printed in 2026-05-04"


def test_a_figure_that_this_software_does_not_reproduce_says_so_and_still_adds_up(project):
    table = revision.reported(project, "2026-05-04").table("scorecard")
    table.loc[table["kpi"] == "leads", "value"] = 7.0
    (project.reports / "2026-05-04" / "tables" / "scorecard.parquet").write_bytes(to_parquet(table))
    told = changes(project, "leads")
    assert told["not reproduced"] == -4.0
    assert list(told) == [
        "not reproduced", "late-arriving data", "corrected data", "maturing", "real change", "definition change",
    ]  # fmt: skip


def test_an_edition_against_itself_has_no_change(made):
    found = revision.explain(made, "leads", before="2026-06-01", after="2026-06-01")
    assert found.parts["change"].dropna().tolist() == [0.0] * 5


def test_nothing_of_the_project_changes(made):
    before = {path: path.stat().st_mtime_ns for path in made.root.rglob("*") if path.is_file()}
    revision.restate(made, "2026-05-04")
    assert {path: path.stat().st_mtime_ns for path in made.root.rglob("*") if path.is_file()} == before


def test_only_new_keys_are_kept_after_the_settled_instant_and_on_the_stroke_nothing_is_cut(made, tmp_path):
    def people(settled_at):
        root = tmp_path / f"{settled_at:%d}"
        other = Project(root)
        other.contracts.parent.mkdir()
        shutil.copytree(made.contracts, other.contracts)
        keep_only_new_keys(made, other.landed, settled_at=settled_at)
        build(other, as_of=SECOND)
        with connect(other.warehouse) as con:
            return [row[0] for row in con.execute("select record_id from core.record order by 1").fetchall()]

    assert people(FIRST) == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert people(SECOND) == ["a", "b", "d", "e", "f", "g", "h"]


def test_later_knowledge_restates_a_past_edition_difference_by_difference(made):
    table = revision.restate(made, "2026-05-04")
    rows = table[(table["figure"] == "leads") & (table["table"] == "scorecard")]
    assert rows[["reported", "restated", "difference", "n_reported", "n_restated"]].to_numpy().tolist() == [
        [3.0, 3.0, 0.0, 3, 3]
    ]
    first = revision.restate(made, "2026-05-04", known_at=FIRST)
    assert first["difference"].dropna().eq(0).all()
    assert first["note"].dropna().isin(["undefined both times"]).all()


def test_another_contract_restates_it_by_its_definitions_with_what_was_known(made):
    table = revision.restate(made, "2026-06-01", contract="2026-01")
    mql = table[(table["figure"] == "hand_offs") & (table["table"] == "scorecard")].iloc[0]
    assert (mql["reported"], mql["restated"], mql["difference"]) == (2.0, 1.0, -1.0)
    leads = table[(table["figure"] == "leads") & (table["table"] == "scorecard")].iloc[0]
    assert leads["difference"] == 0.0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda p: revision.restate(p, "2026-05-05"), "no edition '2026-05-05' .* Did you mean '2026-05-04'"),
        (lambda p: revision.restate(p, "2026-05-04", contract="2026-02"), "no contract version '2026-02' .* Versions: 2026-01, 2026-05"),
        (lambda p: revision.explain(p, "lead", before="2026-05-04", after="2026-06-01"), "has no KPI 'lead'. Did you mean 'leads'"),
        (lambda p: revision.explain(p, "leads", before="2026-06-01", after="2026-05-04"), "older than 2026-06-01. Name the older one first: --from 2026-05-04 --to 2026-06-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_with_what_would_do(made, call, told):
    with pytest.raises(UsageError, match=told):
        call(made)


def test_an_edition_whose_record_or_table_is_broken_is_told(project):
    (project.reports / "2026-05-04" / "tables" / "scorecard.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"scorecard\.parquet of the edition 2026-05-04 cannot be read"):
        revision.explain(project, "leads", before="2026-05-04", after="2026-06-01")
    (project.reports / "2026-05-04" / "edition.json").write_text("{}")
    with pytest.raises(InputError, match=r"edition\.json is no record of an edition: KeyError\('as_of'\)"):
        revision.reported(project, "2026-05-04")


def test_the_command_prints_the_parts_in_full(made):
    args = ["explain", "first_touch_attainment", "--from", "2026-05-04", "--to", "2026-06-01"]
    result = CliRunner().invoke(app, [*args, "--project", str(made.root)])
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "reported 100.00 % 1 as printed in 2026-05-04" in lines
    assert "maturing -50.00 pts 50.00 % 2 the same period, seen as of 2026-06-01" in lines


def test_the_command_prints_what_differs_and_how_much_does_not(made):
    args = ["restate", "2026-06-01", "--contract", "2026-01", "--project", str(made.root)]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0].endswith("figures differ from what 2026-06-01 reported")
    assert "Hand-offs 2026-05-25 2 1 -1 2 1" in lines
