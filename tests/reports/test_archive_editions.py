"""The archive beside editions that were really made: it changes with them, and they do not change with it."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from pypdf import PdfReader
from shelf import edition as shelved
from small_project import AS_OF
from test_report_pdf import has_chromium

from funnel.errors import UsageError
from funnel.reports import pdf, report

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_report(monkeypatch):
    """Render one report instead of all: what lies beside an edition does not depend on how many it has."""
    monkeypatch.setattr("funnel.reports.edition.NOTEBOOKS", ("conversion",))


def digests(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_an_edition_is_the_same_whatever_lies_beside_it_and_the_archive_lists_all(project):
    made = report(project, as_of=AS_OF)
    first = digests(made.folder)
    alone = (project.reports / "index.html").read_text(encoding="utf-8")
    assert alone.count('/index.html">') == 1
    shelved(project, "2026-06-24")
    report(project, as_of=AS_OF)
    assert digests(made.folder) == first
    beside = (project.reports / "index.html").read_text(encoding="utf-8")
    assert [name in beside for name in ("2026-06-24/index.html", "2026-07-01/index.html")] == [True, True]
    assert (project.reports / "compare" / "2026-06-24..2026-07-01.html").is_file()
    assert '<a href="../index.html">All editions</a>' in made.index.read_text(encoding="utf-8")


@pytest.mark.browser
@has_chromium
def test_the_front_page_is_printed_into_the_edition_and_recorded(project):
    bare = report(project, as_of=AS_OF)
    first = digests(bare.folder)
    assert json.loads((bare.folder / "edition.json").read_text())["papers"] == {}
    made = report(project, as_of=AS_OF, with_pdf=True)
    record = json.loads((made.folder / "edition.json").read_text())
    content = (made.folder / pdf.FILE).read_bytes()
    assert record["papers"] == {pdf.FILE: hashlib.sha256(content).hexdigest()}
    others = {pdf.FILE, "edition.json"}
    assert {name: each for name, each in digests(made.folder).items() if name not in others} == {
        name: each for name, each in first.items() if name not in others
    }
    pages = PdfReader(io.BytesIO(content)).pages
    assert [
        part in pages[0].extract_text() for part in ("What to know", "Shared scorecard", "Disputes, recycled")
    ]
    assert "Definitions in force" in pages[1].extract_text()


def test_without_a_browser_nothing_is_made_where_a_pdf_was_asked_for(project, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    with pytest.raises(UsageError, match="without --pdf"):
        report(project, as_of=AS_OF, with_pdf=True)
    assert not project.reports.exists()
