"""What a user reads when the input is wrong: one message, which place, what was found, what would do; nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from funnel.cli import app

ROOT = Path(__file__).parents[1]
LAND = ("land", "canonical", "{in}", "--observed-at", "2026-06-01")
PERSON = "record_id,kind,created_at,created_precision,status\na,lead,2026-03-02T09:00:00Z,second,New\n"


def put(name, text, encoding="utf-8"):
    """Return a step that writes a file below the project (`in/` holds the exports)."""

    def write(project: Path) -> None:
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))

    return write


def change(name, old, new):
    """Return a step that changes a file of the project."""

    def write(project: Path) -> None:
        file = project / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return write


def run(*args):
    """Return a step that runs a command, which must succeed."""

    def command(project: Path) -> None:
        result = funnel(project, *args)
        assert result.exit_code == 0, result.output

    return command


def funnel(project, *args):
    words = [a.replace("{in}", str(project / "in")) for a in args]
    own = [] if args[0] == "init" or args[-1] == "--bare" else ["--project", str(project)]
    return CliRunner().invoke(app, [w for w in words if w != "--bare"] + own)


LANDED = [put("in/person.csv", PERSON), run(*LAND)]
BUILT = [*LANDED, run("build", "--as-of", "2026-06-01")]

WRONG = {
    "a command that does not exist": ([], ("lnad", "--bare"), 2),
    "an option that does not exist": ([], ("build", "--asof", "2026-06-01"), 2),
    "no source and no path": ([], ("land",), 2),
    "no moment of observation": ([], ("land", "canonical", "{in}"), 2),
    "a folder that is no project": ([shutil.rmtree], ("build", "--as-of", "2026-06-01"), 2),
    "a source that does not exist": ([], ("land", "salseforce", "{in}", "--observed-at", "2026-06-01"), 2),
    "a path that does not exist": ([], LAND, 2),
    "a moment that is none": ([], ("land", "canonical", "{in}", "--observed-at", "yesterday"), 2),
    "a moment without an offset": ([], ("land", "canonical", "{in}", "--observed-at", "2026-06-01T08:00"), 2),
    "a day that does not exist": ([], ("build", "--as-of", "2026-02-30"), 2),
    "a folder without any known file": ([put("in/persons_of_interest.csv", PERSON)], LAND, 3),
    "an empty file": ([put("in/person.csv", "")], LAND, 3),
    "a file without its key column": (
        [put("in/person.csv", PERSON.replace("record_id", "recordid"))],
        LAND,
        3,
    ),
    "a file in another encoding": ([put("in/person.csv", PERSON.replace("New", "Größe"), "cp1252")], LAND, 3),
    "a column that staging does not have": (
        [put("in/person.csv", PERSON.replace("status", "statsu"))],
        LAND,
        3,
    ),
    "dates that cannot be read": (
        [put("in/person.csv", PERSON.replace("2026-03-02T", "02.03.2026 "))],
        LAND,
        3,
    ),
    "a load older than the last": (
        [*LANDED, put("in/person.csv", PERSON.replace("New", "MQL"))],
        (*LAND[:-1], "2026-05-01"),
        2,
    ),
    "a build before any landing": ([], ("build", "--as-of", "2026-06-01"), 2),
    "knowledge before the first load": (
        LANDED,
        ("build", "--as-of", "2026-06-01", "--known-at", "2026-01-01"),
        2,
    ),
    "a check before any build": ([], ("check",), 2),
    "a report before any build": ([], ("report", "--as-of", "2026-06-01"), 2),
    "a report of another day than was built": (BUILT, ("report", "--as-of", "2026-06-08"), 2),
    "a report before the checks": (BUILT, ("report", "--as-of", "2026-06-01"), 2),
    "a warehouse that is no database": ([put("data/warehouse.duckdb", "no")], ("check",), 3),
    "a contract that is no YAML": ([put("contracts/contract.yaml", "stages: [")], ("contract", "check"), 3),
    "a contract with an unknown key": (
        [change("contracts/contract.yaml", "stages:", "stagse:")],
        ("contract", "check"),
        3,
    ),
    "no contract at all": ([lambda p: (p / "contracts/contract.yaml").unlink()], ("contract", "check"), 3),
    "a version that does not exist": ([], ("contract", "describe", "2077"), 2),
    "a mapping that misnames a column": (
        [*LANDED, change("sources/canonical/person.sql", "select", "select 1 as emial,")],
        ("build", "--as-of", "2026-06-01"),
        3,
    ),
    "a mapping that is no SQL": (
        [*LANDED, change("sources/canonical/person.sql", "select", "selekt")],
        ("build", "--as-of", "2026-06-01"),
        3,
    ),
    "a source.yaml with an unknown key": (
        [change("sources/canonical/source.yaml", "tables:", "tabels:")],
        LAND,
        3,
    ),
    "a project into a folder that holds something": ([put("in/x", "")], ("init", "{in}"), 2),
    "a project from a source that does not exist": ([], ("init", "{in}", "--source", "hubspott"), 2),
    "a demo of too few leads": ([], ("demo", "--leads", "3"), 2),
}


@pytest.fixture
def project(tmp_path):
    done = CliRunner().invoke(app, ["init", str(tmp_path / "acme"), "--source", "canonical"])
    assert done.exit_code == 0, done.output
    return tmp_path / "acme"


def messages():
    """Return what each of them reads, by name, from wrong_inputs.txt."""
    text = (Path(__file__).parent / "wrong_inputs.txt").read_text()
    return dict(part.split("\n", 1) for part in text.removeprefix("## ").split("\n## "))


def test_there_is_a_message_for_each_of_at_least_25():
    assert len(WRONG) >= 25
    assert list(messages()) == list(WRONG)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_input_is_told_in_one_message_and_loses_nothing(project, name):
    steps, args, code = WRONG[name]
    for step in steps:
        step(project)
    before = {f: f.read_bytes() for f in project.rglob("*") if f.is_file()} if project.exists() else {}
    result = funnel(project, *args)
    said = result.output.replace(str(project), "PROJECT")
    assert (said.strip(), result.exit_code) == (messages()[name].strip(), code)
    assert {f: f.read_bytes() for f in before if f.exists()} == before
