"""docs/edition.md cannot lie: the files, states, columns and the variable that it names are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from funnel.metrics import finding
from funnel.reports import archive, compare, compared, pdf

TEXT = (Path(__file__).parents[2] / "docs" / "edition.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", TEXT))


def test_every_state_of_a_finding_has_a_row():
    assert re.findall(r"^\| (\w+) \| ", TEXT, re.MULTILINE)[1:] == list(finding.STATES)


def test_what_is_said_where_nothing_is_new_stands_as_it_is():
    assert f'"{finding.NONE_NEW}"' in TEXT


def test_every_column_of_a_comparison_is_named():
    stems = {re.sub(r"_(then|now)$", "", column) for column in compared.COLUMNS}
    assert stems - NAMED == set()
    assert {"_then", "_now"} <= NAMED


def test_files_programs_and_the_variable_are_named():
    assert {f"reports/{archive.INDEX}", pdf.FILE, pdf.VARIABLE} <= NAMED
    assert f"reports/{compare.FOLDER}/<old>..<new>.html" in NAMED
    assert set(pdf.NAMES[:3]) <= NAMED


def test_every_link_leads_to_a_page():
    folder = Path(__file__).parents[2] / "docs"
    for link in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (folder / link).is_file(), link
