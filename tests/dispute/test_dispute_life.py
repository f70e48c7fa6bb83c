"""A dispute of a demo company from its claim to its close, and what verify finds in it; the bundle without names."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

import funnel
from funnel.cli import app
from funnel.cli.moment import instant
from funnel.demo import write_demo
from funnel.dispute import ledger, verify
from funnel.dispute.dossier import disputes, read
from funnel.dispute.record import Audit
from funnel.dispute.statement import statement
from funnel.landing import land
from funnel.project import Project
from funnel.reports import bundle
from funnel.reports.verify import verify_bundle
from funnel.warehouse import build

ROOT = Path(__file__).parents[2]
BATCH = ("--batch", "channel=Webinar", "--batch", "from=2026-05-01")
OPEN = ("open", *BATCH, "--claim", "The webinar leads were garbage.", "--by", "sales", "--id", "webinars")
FILES = ("dispute.yaml", "population.csv", "verdict.json")


def run(project: Project, *words: str) -> Result:
    return CliRunner().invoke(app, ["dispute", *words, "--project", str(project.root)])


def done(project: Project, *words: str) -> str:
    result = run(project, *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(project: Project, *words: str, code: int = 2) -> str:
    result = run(project, *words)
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("Error: ") or code == 1
    return result.stderr


def land_one(project: Project, load: dict[str, str]) -> None:
    at = instant(load["observed_at"], project, "observed_at")
    land(project, "salesforce", project.root / "data" / "demo" / load["folder"], observed_at=at)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a demo company of 600 leads, landed twice, with an open dispute; a third load is still to come."""
    root = tmp_path_factory.mktemp("company")
    shutil.copytree(ROOT / "contracts", root / "contracts")
    project = Project(root)
    write_demo(root / "data" / "demo", root / "data" / "truth", n_leads=600, seed=7)
    loads = json.loads((root / "data" / "demo" / "loads.json").read_text())["loads"]
    for load in loads[:2]:
        land_one(project, load)
    build(project, as_of=instant(loads[1]["observed_at"], project, "as_of"))
    done(project, *OPEN)
    return project


@pytest.fixture
def project(company: Project, tmp_path: Path) -> Project:
    """Return the same company with disputes of this test's own."""
    (tmp_path / "contracts").symlink_to(company.contracts)
    (tmp_path / "data").symlink_to(company.root / "data")
    shutil.copytree(company.root / "disputes", tmp_path / "disputes")
    return Project(tmp_path)


@pytest.fixture(scope="module")
def audited(company: Project) -> Audit:
    con = funnel.connect(company.warehouse)
    try:
        return funnel.audit(con, [word for word in BATCH if "=" in word])
    finally:
        con.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, audited: Audit) -> None:
    """Take the audit from the warehouse that stands, which was built from the same files."""
    monkeypatch.setattr(verify, "audited_then", lambda *given: audited)


def test_a_dispute_lives_from_its_claim_over_both_signatures_to_its_close_and_may_be_reopened(project):
    assert "there is none" not in done(project, "list")
    assert "sales has not signed" not in done(project, "show", "webinars")
    assert "marketing and sales have not signed" in refused(
        project, "close", "webinars", "--agreed", "x", "--on", "2026-11-03"
    )
    done(project, "sign", "webinars", "--as", "marketing", "--on", "2026-11-03")
    assert "signed this verdict of 'webinars' already" in refused(
        project, "sign", "webinars", "--as", "marketing", "--on", "2026-11-03"
    )
    assert "sales has not signed" in refused(
        project, "close", "webinars", "--agreed", "x", "--on", "2026-11-03"
    )
    assert "is not closed" in refused(project, "reopen", "webinars", "--because", "x", "--on", "2026-11-03")
    done(project, "sign", "webinars", "--as", "sales", "--on", "2026-11-03")
    assert "Say what was agreed" in refused(
        project, "close", "webinars", "--agreed", " ", "--on", "2026-11-04"
    )
    assert "webinars is closed; signed by marketing, sales. Seal: " in done(
        project, "close", "webinars", "--agreed", "Call within 4 h.", "--on", "2026-11-04"
    )
    assert read(project, "webinars").agreed == "Call within 4 h."
    assert "was closed on 2026-11-04" in refused(
        project, "sign", "webinars", "--as", "sales", "--on", "2026-11-05"
    )
    assert "was closed on 2026-11-04" in refused(
        project, "close", "webinars", "--agreed", "x", "--on", "2026-11-05"
    )
    assert "closed" in done(project, "list")
    assert "Call within 4 h." in done(project, "show", "webinars")
    assert "is before the last act of 'webinars' (2026-11-04)" in refused(
        project, "reopen", "webinars", "--because", "x", "--on", "2026-11-03"
    )
    done(project, "reopen", "webinars", "--because", "Calls were missing.", "--on", "2026-11-04")
    again = read(project, "webinars")
    assert (again.state, again.signed, again.agreed) == ("open", (), None)
    assert "marketing and sales have not signed" in refused(
        project, "close", "webinars", "--agreed", "x", "--on", "2026-11-05"
    )
    done(project, "sign", "webinars", "--as", "sales", "--on", "2026-11-05")
    assert [act.act for act in read(project, "webinars").acts] == [
        "open",
        "sign",
        "sign",
        "close",
        "reopen",
        "sign",
    ]
    assert ledger.faults(project.root / "disputes" / "webinars") == []


def test_the_files_of_a_dispute_are_what_was_asked_and_found(project, audited):
    folder = project.root / "disputes" / "webinars"
    assert sorted(path.name for path in folder.iterdir()) == [FILES[0], ledger.FILE, *FILES[1:]]
    about = yaml.safe_load((folder / "dispute.yaml").read_text())
    kept = (
        "claim",
        "by",
        "opened_on",
        "teams",
        "batch",
        "n_ids",
        "outcome",
        "stage",
        "baseline",
        "seed",
        "as_of",
        "known_at",
    )
    assert {name: about[name] for name in kept} == {
        "claim": "The webinar leads were garbage.",
        "by": "sales",
        "opened_on": "2026-11-01",
        "teams": ["marketing", "sales"],
        "batch": ["channel=Webinar", "from=2026-05-01"],
        "n_ids": 0,
        "outcome": "sql",
        "stage": "mql",
        "baseline": audited.asked.baseline,
        "seed": 0,
        "as_of": "2026-11-01T23:00:00Z",
        "known_at": "2026-11-01T23:00:00Z",
    }
    assert json.loads((folder / "verdict.json").read_text()) == statement(audited)
    rows = (folder / "population.csv").read_text().splitlines()
    assert rows[0] == "handoff_id,record_key,in_batch"
    assert len(rows) == 1 + len(audited.population)
    assert sum(row.endswith(",True") for row in rows) == len(audited.leads)
    assert [each.name for each in disputes(project)] == ["webinars"]


def test_no_name_of_a_person_or_company_is_in_a_dispute(project):
    text = "\n".join(path.read_text() for path in (project.root / "disputes" / "webinars").iterdir())
    assert [name for name in names_of(project) if name in text] == []


TAMPERED: dict[str, tuple[str, str, str]] = {
    "the claim": ("dispute.yaml", "garbage", "fine"),
    "the batch": ("dispute.yaml", "Webinar", "Event"),
    "the seed": ("dispute.yaml", "seed: 0", "seed: 1"),
    "a member": ("population.csv", ",True", ",False"),
    "the answer": ("verdict.json", '"answer": "', '"answer": "no '),
    "an estimate": ("verdict.json", '"estimate": ', '"estimate": 1'),
    "a sentence": ("verdict.json", "hand-offs", "leads"),
    "an act": (ledger.FILE, "garbage", "fine"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_verify_finds_a_dispute_in_which_was_changed(project, quick, what):
    file, old, new = TAMPERED[what]
    path = project.root / "disputes" / "webinars" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    told = run(project, "verify", "webinars")
    assert told.exit_code == 1
    assert file in told.stdout
    assert "not as they were recorded" in told.stderr
    assert "was changed after the fact" in refused(
        project, "sign", "webinars", "--as", "sales", "--on", "2026-11-03", code=3
    )


@pytest.mark.parametrize("name", [*FILES, ledger.FILE])
def test_verify_finds_a_dispute_from_which_was_removed(project, quick, name):
    (project.root / "disputes" / "webinars" / name).unlink()
    told = run(project, "verify", "webinars")
    assert told.exit_code == 1
    assert name in told.stdout


def resealed(project: Project) -> Path:
    """Make the log fit the files again, as a forger would."""
    folder = project.root / "disputes" / "webinars"
    acts: list[ledger.Act] = []
    for act in ledger.read(folder):
        acts.append(
            ledger.following(acts, act.act, on=act.on, by=act.by, text=act.text, files=ledger.hashes(folder))
        )
    ledger.write(folder, acts)
    return folder


def test_a_forger_who_makes_the_hashes_fit_is_found_by_the_figures_and_other_software_is_told(
    project, quick, monkeypatch
):
    path = project.root / "disputes" / "webinars" / "verdict.json"
    told = json.loads(path.read_text())
    was = told["facts"]["n_converted"]
    told["facts"]["n_converted"] = was + 1
    path.write_text(json.dumps(told))
    resealed(project)
    monkeypatch.setattr(
        verify, "software", lambda: {**read(project, "webinars").about["software"], "numpy": "0"}
    )
    assert verify.verify(project, "webinars") == [
        ledger.Fault("verdict.json", "facts.n_converted", str(was + 1), str(was)),
        ledger.Fault("software", "numpy", read(project, "webinars").about["software"]["numpy"], "0"),
    ]


def test_a_forger_who_moves_a_lead_out_of_the_batch_is_found_by_the_population(project, quick):
    path = project.root / "disputes" / "webinars" / "population.csv"
    row = next(row for row in path.read_text().splitlines() if row.endswith(",True"))
    path.write_text(path.read_text().replace(row, row.replace(",True", ",False")))
    resealed(project)
    faults = verify.verify(project, "webinars")
    assert faults == [ledger.Fault("population.csv", row.split(",")[0], "in the baseline", "in the batch")]


def test_a_forger_who_rewrites_the_claim_is_found_by_the_seal_that_was_kept(project, quick):
    kept = read(project, "webinars").seal
    path = project.root / "disputes" / "webinars" / "dispute.yaml"
    path.write_text(path.read_text().replace("garbage", "fine"))
    resealed(project)
    assert verify.verify(project, "webinars") == []
    assert [fault.field for fault in verify.verify(project, "webinars", sealed=kept[:12])] == [
        "seal kept elsewhere"
    ]
    assert "8 digits" in refused(project, "verify", "webinars", "--seal", kept[:7])


def test_a_seal_holds_when_later_acts_followed(project, quick):
    kept = read(project, "webinars").seal
    done(project, "sign", "webinars", "--as", "sales", "--on", "2026-11-03")
    assert verify.verify(project, "webinars", sealed=kept) == []


def test_a_forger_who_closes_without_signatures_is_found_by_the_order_of_acts(project, quick):
    folder = project.root / "disputes" / "webinars"
    acts = ledger.read(folder)
    more = ledger.following(acts, "close", on=acts[0].on, by=None, text="x", files=ledger.hashes(folder))
    ledger.write(folder, [*acts, more])
    assert [(fault.file, fault.field) for fault in verify.verify(project, "webinars")] == [
        (ledger.FILE, "line 2")
    ]


def test_a_killed_open_leaves_nothing_and_the_next_one_works(project, monkeypatch):
    words = [*OPEN[:-1], "second"]
    with monkeypatch.context() as patch:
        patch.setattr(
            ledger, "write", lambda *given: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        assert "No space left" in refused(project, *words, code=3)
    assert sorted(path.name for path in (project.root / "disputes").iterdir()) == [
        ".gitattributes",
        "webinars",
    ]
    (project.root / "disputes" / ".new-second").mkdir()
    done(project, *words)
    assert sorted(path.name for path in (project.root / "disputes").iterdir()) == [
        ".gitattributes",
        "second",
        "webinars",
    ]


def test_leads_given_as_a_list_are_frozen_beside_the_claim(project, audited, tmp_path):
    ids = list(audited.leads["lead_id"].drop_duplicates())[:20]
    (tmp_path / "ids.csv").write_text("\n".join(["lead_id", *ids, ""]))
    done(
        project,
        "open",
        "--batch",
        f"ids={tmp_path / 'ids.csv'}",
        "--claim",
        "x",
        "--by",
        "marketing",
        "--id",
        "listed",
    )
    (tmp_path / "ids.csv").unlink()
    found = read(project, "listed")
    assert found.batch.ids == tuple(ids)
    assert found.about["n_ids"] == 20
    assert "ids.csv" in found.acts[0].files


WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "an id that does not exist": (
        ("show", "webinar"),
        2,
        "There is no dispute 'webinar'. Did you mean 'webinars'? Disputes: webinars.",
    ),
    "a path for an id": (("show", "../webinars"), 2, "There is no dispute '../webinars'."),
    "an id that is taken": (
        OPEN,
        2,
        "There is a dispute 'webinars' already. Give this one another id with --id.",
    ),
    "an id with a slash": ((*OPEN[:-1], "a/b"), 2, "'a/b' is no id"),
    "another team": (
        ("sign", "webinars", "--as", "sale", "--on", "2026-11-03"),
        2,
        "'sale' cannot sign: the hand-off is between marketing and sales. Did you mean 'sales'?",
    ),
    "a claim of another team": (
        (*OPEN[:-4], "--by", "finance", "--id", "x"),
        2,
        "'finance' cannot open a dispute",
    ),
    "no claim": (("open", *BATCH, "--claim", " ", "--by", "sales"), 2, "A dispute needs a claim."),
    "no day": (("sign", "webinars", "--as", "sales"), 2, "Missing option '--on'"),
    "a day that is none": (
        ("sign", "webinars", "--as", "sales", "--on", "today"),
        2,
        "--on 'today' is no day. Write 2026-11-16.",
    ),
    "a day before it was opened": (
        ("sign", "webinars", "--as", "sales", "--on", "2026-10-31"),
        2,
        "2026-10-31 is before the last act of 'webinars' (2026-11-01).",
    ),
    "a batch that does not exist": (
        ("open", "--batch", "channel=Webinr", "--claim", "x", "--by", "sales"),
        2,
        "Did you mean 'Webinar'?",
    ),
    "a batch by its outcome": (
        ("open", "--batch", "status=Rejected", "--claim", "x", "--by", "sales"),
        2,
        "proves itself",
    ),
    "an outcome that does not exist": (
        ("open", *BATCH, "--outcome", "sqll", "--claim", "x", "--by", "sales"),
        2,
        "Did you mean 'sql'?",
    ),
    "a command that does not exist": (
        ("shw", "webinars"),
        2,
        "There is no command 'shw'. Did you mean 'show'?",
    ),
    "to verify what does not exist": (("verify", "x"), 2, "There is no dispute 'x'."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_input_is_told_in_one_message_and_changes_nothing(project, name):
    words, code, message = WRONG[name]
    before = {path: path.read_bytes() for path in (project.root / "disputes").rglob("*") if path.is_file()}
    result = run(project, *words)
    assert (result.exit_code, message in result.stderr) == (code, True), result.output
    assert "Traceback" not in result.output
    assert {
        path: path.read_bytes() for path in (project.root / "disputes").rglob("*") if path.is_file()
    } == before


def test_without_a_warehouse_or_a_folder_to_write_to_the_error_says_so(project, tmp_path_factory):
    bare = Project(tmp_path_factory.mktemp("bare"))
    shutil.copytree(ROOT / "contracts", bare.contracts)
    assert "There is no warehouse" in refused(bare, *OPEN)
    assert "There is no dispute 'x'. There is none yet" in refused(bare, "show", "x")
    shutil.rmtree(project.root / "disputes")
    (project.root / "disputes").write_text("")
    assert "disputes cannot be made" in refused(project, *OPEN, code=3)


def test_an_edited_contract_is_told_by_its_file(project, quick, tmp_path_factory):
    other = tmp_path_factory.mktemp("contracts")
    for path in project.contracts.iterdir():
        (other / path.name).write_text(
            path.read_text() + ("# edited\n" if path.name == "2025-11.yaml" else "")
        )
    project.contracts.unlink()
    project.contracts.symlink_to(other)
    assert [(fault.file, fault.field) for fault in verify.verify(project, "webinars")] == [
        ("contracts/ (2025-11)", "sha256")
    ]


def audit_json(project: Project, *more: str) -> dict[str, Any]:
    words = ["audit", *BATCH, "--json", *more, "--project", str(project.root)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_json_is_the_whole_statement_and_nothing_else(project, audited):
    told = audit_json(project)
    assert told == statement(audited)
    assert [row["part"] for row in told["parts"]] == [
        "definition",
        "mix",
        "follow_up",
        "immaturity",
        "quality",
        "chance",
    ]
    assert {"estimate", "low", "high", "p_harm", "p_help", "state"} <= told["parts"][0].keys()
    assert len(told["sentences"]) == 3
    rest = sum(row["estimate"] or 0 for row in told["parts"])
    assert told["facts"]["baseline_rate"] + rest == pytest.approx(told["facts"]["observed_rate"], abs=1e-12)


def test_another_seed_is_asked_and_told(project):
    assert audit_json(project, "--seed", "3")["asked"]["seed"] == 3


def test_an_audit_prints_three_sentences_a_row_per_part_and_the_assumption(project, audited):
    result = CliRunner().invoke(app, ["audit", *BATCH, "--project", str(project.root)])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert tuple(lines[:3]) == audited.sentences
    assert f"Assumed: {audited.assumptions[0]}" in lines
    titles = list(audited.parts["title"])
    assert [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in titles] == titles


def names_of(project: Project) -> list[str]:
    """Return the names, addresses and companies of all people and reps of the company, and its lead ids."""
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        sql = """
            select name from staging.person union select email from staging.person
            union select company from staging.person union select name from staging.account
            union select name from staging.rep union select phone from staging.person"""
        return sorted(name for (name,) in con.execute(sql).fetchall() if name and len(name) > 3)


def readable(name: str, content: bytes) -> str:
    """Return all that can be read in a file, also inside a workbook or Parquet."""
    text = content.decode("utf-8", "ignore")
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            text += "".join(parts.read(part).decode("utf-8", "ignore") for part in parts.namelist())
    if name.endswith(".parquet"):
        from funnel.charts.table import from_parquet

        text += from_parquet(content).to_csv()
    return text


def test_with_names_hidden_no_person_company_or_rep_can_be_read_in_the_bundle(project, audited):
    made = bundle.contents(project, audited, names="hidden")
    told = {name: readable(name, content) for name, content in made.items()}
    hits = {
        (name, who)
        for who in [*names_of(project), *audited.leads["lead_id"]]
        for name, text in told.items()
        if who in text
    }
    assert hits == set()


def test_with_names_shown_they_are_there(project, audited):
    made = bundle.contents(project, audited, names="shown")
    name = audited.leads["name"].dropna().iloc[0]
    assert {file for file in made if name in readable(file, made[file])} >= {
        "tables/leads.csv",
        "tables/leads.parquet",
        "evidence.xlsx",
    }


def test_the_commands_of_the_page_on_disputes_work_in_their_order(project, quick, monkeypatch):
    page = (ROOT / "docs" / "dispute.md").read_text()
    part = page[page.index("## Open, sign, close") : page.index("--seal 93f1c0de5a")]
    words = [shlex.split(line)[2:] for line in part.splitlines() if line.startswith("funnel dispute ")]
    assert [each[0] for each in words] == [
        "open",
        "list",
        "show",
        "sign",
        "sign",
        "close",
        "reopen",
        "verify",
        "verify",
    ]
    for each in words[:-2]:
        done(project, *each)
    dispute = read(project, "summer-webinar")
    con = funnel.connect(project.warehouse)
    again = funnel.audit(con, dispute.batch)
    con.close()
    monkeypatch.setattr(verify, "audited_then", lambda *given: again)
    assert "as they were recorded" in done(project, *words[-2])


@pytest.mark.slow
def test_the_written_bundle_holds_no_name_and_verify_finds_what_was_changed_in_it(company, tmp_path):
    assert CliRunner().invoke(app, ["check", "--project", str(company.root)]).exit_code == 0
    folder = tmp_path / "out" / "bundle"
    audit_json(company, "--names", "hidden", "--out", str(folder))
    told = {path: readable(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    assert folder / "audit.html" in told
    assert {
        (path.name, who) for who in names_of(company) for path, text in told.items() if who in text
    } == set()
    assert "as they were recorded" in done(company, "verify", str(folder))
    (folder / "audit.html").write_text("nothing")
    result = run(company, "verify", str(folder))
    assert result.exit_code == 1
    assert "audit.html" in result.stdout


AUDIT_WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "no batch": ((), "Missing option '--batch'"),
    "a batch without a value": (("--batch", "channel"), "'channel' does not say which leads are meant."),
    "a key that does not exist": (("--batch", "chanel=Webinar"), "Did you mean 'channel'?"),
    "a batch without leads": (
        (*BATCH, "--batch", "to=2026-05-02", "--batch", "region=x"),
        "No hand-off has the region 'x'.",
    ),
    "an outcome before the hand-off": ((*BATCH, "--outcome", "inquiry"), "inquiry"),
    "a stage without a hand-off": ((*BATCH, "--stage", "won"), "No lead is handed over at 'won'"),
    "names that are neither": ((*BATCH, "--names", "some"), "'some' is not one of 'shown', 'hidden'"),
    "a seed that is no number": ((*BATCH, "--seed", "x"), "'x' is not a valid integer"),
    "a list that is not there": (("--batch", "ids=no.csv"), "The lead ids cannot be read from no.csv"),
}


@pytest.mark.parametrize("name", AUDIT_WRONG)
def test_a_wrong_audit_is_told_in_one_message_and_prints_nothing_else(project, name):
    words, message = AUDIT_WRONG[name]
    result = CliRunner().invoke(app, ["audit", *words, "--json", "--project", str(project.root)])
    assert result.exit_code in (2, 3)
    assert (message in result.stderr, result.stdout) == (True, ""), result.output


def test_a_bundle_is_not_written_over_something_else(project, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    words = ["audit", *BATCH, "--out", str(tmp_path / "mine"), "--project", str(project.root)]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, "holds something else than a bundle" in result.stderr) == (2, True)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_verify_makes_every_figure_again_after_later_loads_changed_the_landed_files(company, tmp_path):
    """Runs last: it lands the third load into the company that the other tests share."""
    con = funnel.connect(company.warehouse)
    audited = funnel.audit(con, [word for word in BATCH if "=" in word])
    con.close()
    folder = tmp_path / "bundle"
    (folder / "tables").mkdir(parents=True)
    for name, content in bundle.contents(company, audited, names="hidden").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / bundle.MANIFEST).write_bytes(bundle._manifest(company, audited, folder, "hidden"))
    load = json.loads((company.root / "data" / "demo" / "loads.json").read_text())["loads"][2]
    land_one(company, load)
    build(company, as_of=instant(load["observed_at"], company, "as_of"))
    con = funnel.connect(company.warehouse)
    assert statement(funnel.audit(con, [word for word in BATCH if "=" in word])) != statement(audited)
    con.close()
    assert "every figure are as they were recorded" in done(company, "verify", "webinars")
    assert verify_bundle(company, folder) == []
    (folder / "verdict.json").write_text(
        (folder / "verdict.json").read_text().replace('"n_converted": ', '"n_converted": 1')
    )
    (folder / bundle.MANIFEST).write_bytes(bundle._manifest(company, audited, folder, "hidden"))
    assert {(fault.file, fault.field) for fault in verify_bundle(company, folder)} >= {
        ("verdict.json", "facts.n_converted")
    }
    landed = next((company.landed / "salesforce").rglob("*.parquet"))
    landed.write_bytes(b"PAR1")
    assert "data/landed" in {fault.file for fault in verify.verify(company, "webinars")}
