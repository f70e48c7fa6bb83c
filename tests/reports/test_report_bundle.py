"""The evidence bundle: no cell is a formula, equal audits give equal bytes, and a changed file is found."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from small_project import AS_OF, people
from world import CONTRACT, world

import funnel
from funnel.charts.table import from_parquet
from funnel.dispute.record import Audit
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.reports import bundle, workbook
from funnel.reports.workbook import to_xlsx

FORMULAS = [
    "Ann\r=1",
    "Bob\r\n=1",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
]


def cells(content: bytes, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("bundle")
    (root / "contracts").mkdir()
    (root / "contracts" / "2026-01.yaml").write_text(CONTRACT)
    return Project(root)


@pytest.fixture(scope="module")
def audited(project: Project) -> Audit:
    """Return an audit of a company in which names, companies and channels are formulas."""
    rows = people(160)
    for i, row in enumerate(rows["person"]):
        row |= {"name": FORMULAS[i % len(FORMULAS)], "company": "=1+1"}
    rows["rep"][0]["name"] = "@Grace"
    con = world(project.contracts, contracts={"2026-01.yaml": CONTRACT}, as_of=AS_OF, **rows)
    return funnel.audit(con, ["from=2026-01-01", "to=2026-05-01"])


def write(project: Project, audit: Audit, folder: Path) -> Path:
    """Write a bundle without its page, which needs a kernel."""
    for name, content in bundle.contents(project, audit, names="shown").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / bundle.MANIFEST).write_bytes(bundle._manifest(project, audit, folder, "shown"))
    return folder


def test_a_bundle_holds_tables_sheets_sql_contract_verdict_and_nothing_more(project, audited):
    names = set(bundle.contents(project, audited, names="shown"))
    tables = (
        "leads",
        "trail",
        "clauses",
        "contradictions",
        "parts",
        "both_ways",
        "recycled",
        "obligations",
        "comparisons",
        "left_out",
    )
    assert {name for name in names if not name.startswith("sql/")} == {
        *(f"tables/{table}.{kind}" for table in tables for kind in ("csv", "parquet")),
        *("evidence.xlsx", "contract.md", "verdict.json"),
        *(
            "review/first.csv",
            "review/first.xlsx",
            "review/second.csv",
            "review/second.xlsx",
            "review/README.md",
        ),
        *("rework/sample.csv", "rework/sample.xlsx", "rework/README.md"),
    }
    assert {"sql/audit/handoff.sql", "sql/audit/delivered.sql", "sql/audit/reason.sql"} <= names
    assert {"sql/models/marts/handoff.sql", "sql/models/core/record.sql"} <= names
    assert not any("spend" in name for name in names)


def test_the_same_audit_gives_the_same_bytes(project, audited):
    assert bundle.contents(project, audited, names="shown") == bundle.contents(
        project, audited, names="shown"
    )


def test_parquet_csv_and_workbook_hold_the_same_rows(project, audited):
    made = bundle.contents(project, audited, names="shown")
    for name in ("leads", "trail", "clauses", "contradictions"):
        table = getattr(audited, name)
        parquet = from_parquet(made[f"tables/{name}.parquet"])
        assert list(parquet.columns) == list(table.columns)
        assert len(parquet) == len(table) == len(cells(made["evidence.xlsx"], name)) - 1
        assert len(pd.read_csv(io.BytesIO(made[f"tables/{name}.csv"]))) == len(table)
    ids = [row[0] for row in cells(made["evidence.xlsx"], "leads")[1:]]
    assert (
        ids == list(audited.leads["lead_id"]) == list(from_parquet(made["tables/leads.parquet"])["lead_id"])
    )


def test_no_cell_of_a_csv_or_a_workbook_can_start_a_formula(project, audited):
    made = bundle.contents(project, audited, names="shown")
    seen = 0
    for name in made:
        if name.endswith(".csv"):
            table = pd.read_csv(io.BytesIO(made[name]), dtype=str, keep_default_na=False)
            texts = [text for column in table.columns for text in table[column] if not _is_number(text)]
        elif name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(made[name]))
            found = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            assert {cell.data_type for cell in found} <= {"s", "n", "d", "b", "inlineStr"}
            texts = [cell.value for cell in found if isinstance(cell.value, str)]
        else:
            continue
        assert [
            text for text in texts if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        ] == []
        seen += sum(text.startswith(("'=", "'@", "'+")) for text in texts)
    assert seen > 100


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_parquet_keeps_the_texts_as_they_are(project, audited):
    leads = from_parquet(bundle.contents(project, audited, names="shown")["tables/leads.parquet"])
    assert set(leads["company"]) == {"=1+1"}


def test_the_contract_is_told_in_the_sentences_of_the_report(project, audited):
    from funnel.contract import describe, load_contracts

    text = bundle.contents(project, audited, names="shown")["contract.md"].decode()
    assert text.startswith("# Contract 2026-01, in force from 2026-01-01\n\n")
    assert all(sentence in text for sentence in describe(load_contracts(project.contracts).latest))


def test_an_untouched_bundle_has_no_fault(project, audited, tmp_path):
    assert bundle.faults(write(project, audited, tmp_path)) == []


def test_every_file_that_is_changed_or_removed_is_found_and_so_is_one_that_was_added(
    project, audited, tmp_path
):
    write(project, audited, tmp_path)
    names = sorted(json.loads((tmp_path / bundle.MANIFEST).read_text())["files"])
    assert len(names) > 50
    for name in names:
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content + b" ")
        assert [(fault.file, fault.field) for fault in bundle.faults(tmp_path)] == [(name, "sha256")]
        (tmp_path / name).unlink()
        assert [(fault.file, fault.now) for fault in bundle.faults(tmp_path)] == [(name, "not there")]
        (tmp_path / name).write_bytes(content)
    (tmp_path / "tables" / "more.csv").write_text("")
    assert [(fault.file, fault.was) for fault in bundle.faults(tmp_path)] == [
        ("tables/more.csv", "not there")
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [], "asked": {}}', '{"files": {}}'])
def test_a_manifest_that_is_none_is_an_error_that_names_it(tmp_path, text):
    (tmp_path / bundle.MANIFEST).write_text(text)
    with pytest.raises(InputError, match=r"manifest\.json is no manifest"):
        bundle.faults(tmp_path)


def test_a_folder_that_holds_something_else_is_left_alone(project, audited, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds something else than a bundle"):
        bundle.write_bundle(project, audited, tmp_path, names="shown")
    with pytest.raises(UsageError, match="holds something else than a bundle"):
        bundle.write_bundle(project, audited, tmp_path / "letter.txt", names="shown")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_bundle_is_written_whole_or_not_at_all_and_an_older_one_stays(
    project, audited, tmp_path, monkeypatch
):
    folder = tmp_path / "bundle"
    monkeypatch.setattr(
        bundle, "audit_page", lambda *given, folder, **more: (folder / "audit.html").write_text("page")
    )
    bundle.write_bundle(project, audited, folder, names="shown")
    assert bundle.faults(folder) == []
    assert "audit.html" in bundle.manifest(folder)["files"]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def failing(*given: object, **more: object) -> None:
        raise InputError("no kernel")

    monkeypatch.setattr(bundle, "audit_page", failing)
    with pytest.raises(InputError, match="no kernel"):
        bundle.write_bundle(project, audited, folder, names="shown")
    with pytest.raises(InputError, match="no kernel"):
        bundle.write_bundle(project, audited, tmp_path / "other", names="shown")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_workbook_keeps_numbers_flags_instants_and_leaves_what_is_missing_empty():
    table = pd.DataFrame(
        {
            "n": pd.Series([1, None], dtype="Int64"),
            "rate": [0.25, float("nan")],
            "flag": pd.Series([True, None], dtype="boolean"),
            "at": pd.to_datetime(["2026-03-02 09:30:00", None]),
            "text": ["=a", None],
        }
    )
    assert cells(to_xlsx({"t": table}), "t") == [
        ["n", "rate", "flag", "at", "text"],
        [1.0, 0.25, True, datetime(2026, 3, 2, 9, 30), "'=a"],
    ]


def test_a_workbook_says_nothing_of_when_it_was_made():
    made = to_xlsx({"t": pd.DataFrame({"a": [1]})})
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


@pytest.mark.parametrize(
    ("rows", "told"), [(3, ["a", 0, 1, 2]), (4, ["note", "4 rows are more than a sheet holds: see t.csv"])]
)
def test_a_table_as_long_as_a_sheet_fits_and_a_longer_one_says_where_it_is(monkeypatch, rows, told):
    monkeypatch.setattr(workbook, "MOST", 3)
    assert [row[0] for row in cells(to_xlsx({"t": pd.DataFrame({"a": range(rows)})}), "t")] == told
