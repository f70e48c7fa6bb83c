"""What a CRM holds is text: in every field at once it runs nothing, starts no formula and breaks no page."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hostile
import openpyxl
import pytest
from browsing import needed, visit

ROOT = Path(__file__).parents[1]
FUNNEL = str(Path(sys.executable).with_name("funnel"))
AS_OF = "2026-11-16"
pytestmark = pytest.mark.slow
FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
NUMBER = re.compile(r"^-?\d+(\.\d+)?(e[+-]?\d+)?$")


def funnel(project, *args):
    done = subprocess.run(
        [FUNNEL, *args, "--project", str(project)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project of 400 leads whose exports were spoilt, taken to its edition and an audit."""
    root = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "contracts", root / "contracts")
    funnel(root, "demo", "--leads", "400", "--only-exports")
    plan = json.loads((root / "data/demo/loads.json").read_text())
    for load in plan["loads"]:
        spoilt = hostile.spoil(root / "data/demo" / load["folder"])
        assert len(spoilt) > 90
        funnel(
            root,
            "land",
            "salesforce",
            str(root / "data/demo" / load["folder"]),
            "--observed-at",
            load["folder"],
        )
    for command in (["build", "--as-of", AS_OF], ["check"], ["report", "--as-of", AS_OF]):
        funnel(root, *command)
    channel = hostile.hostile("Region__c", "EMEA")
    funnel(root, "audit", "--batch", f"region={channel}", "--out", str(root / "audit"))
    return root


def pages(project):
    found = [*sorted((project / "reports" / AS_OF).glob("*.html")), project / "audit/audit.html"]
    assert len(found) >= 7
    return found


def test_no_page_holds_markup_from_the_data_and_each_is_whole(project):
    for page in pages(project):
        text = page.read_text(encoding="utf-8")
        assert text.rstrip().endswith("</html>"), page.name
        assert text.count("<main") == text.count("</main>") == 1, page.name
        for tag in (
            "<iframe",
            "<img src=x",
            "<svg onload",
            f"<script>window.{hostile.MARK}",
            f"<script>top.{hostile.MARK}",
        ):
            assert tag not in text, (page.name, tag)
        assert 'href="javascript:' not in text, page.name


def test_the_hostile_text_is_there_to_be_read(project):
    """Whatever is shown of a text is shown as it came: nothing was made harmless by being dropped."""
    text = "".join(page.read_text(encoding="utf-8") for page in pages(project))
    assert "&lt;script&gt;" in text
    assert "cmd|" in text
    assert "👩" in text
    assert "شركة" in text


@needed
def test_nothing_runs_in_the_browser_and_no_page_is_wider_than_a_phone(project, browser):
    drawn = ""
    for page in pages(project):
        for width in (1280, 360):
            opened, said = visit(browser, page.parent, page.name, viewport={"width": width, "height": 800})
            opened.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
            opened.mouse.wheel(0, 20_000)
            opened.wait_for_timeout(300)
            assert opened.evaluate(f"window.{hostile.MARK}") is None, page.name
            assert opened.locator("iframe, img[src=x], svg[onload]").count() == 0, page.name
            assert said == [], (page.name, said)
            drawn += "".join(opened.locator(".plot").all_text_contents())
            wide = opened.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (page.name, width)
    assert "<script>" in drawn, "no figure shows a name as the text it is"


def test_no_cell_of_a_csv_starts_a_formula(project):
    files = [*(project / "reports" / AS_OF).rglob("*.csv"), *(project / "audit").rglob("*.csv")]
    assert len(files) > 30
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.reader(opened):
                bad = [cell for cell in row if FORMULA.match(cell) and not NUMBER.match(cell)]
                assert bad == [], (file.name, bad)


def test_no_cell_of_a_workbook_is_a_formula(project):
    files = list((project / "audit").rglob("*.xlsx"))
    assert files
    for file in files:
        book = openpyxl.load_workbook(file)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} & {"f"} == set(), file.name
        assert cells, file.name


def test_rows_that_could_not_be_read_are_kept_aside_and_counted(project):
    front = (project / "reports" / AS_OF / "index.html").read_text(encoding="utf-8")
    assert re.search(r"salesforce: [\d,]+ rows read, \d+ rejected", re.sub(r"<[^>]+>", "", front)), front[
        :500
    ]
