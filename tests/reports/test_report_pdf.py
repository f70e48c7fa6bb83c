"""The front page on paper: one sheet for what is to be decided, the same bytes twice, nothing of this machine."""

from __future__ import annotations

import io
import shutil
import stat
from datetime import datetime

import pytest
from pypdf import PdfReader

from funnel.errors import InputError, UsageError
from funnel.reports import pdf

AS_OF = datetime(2026, 11, 15, 23)
HEAD = "<!doctype html><html><head><title>T</title></head><body>"
BEHIND = '<h2 style="break-before: page">Definitions in force: contract 1</h2></body></html>'
has_chromium = pytest.mark.skipif(
    not any(map(shutil.which, pdf.NAMES)),
    reason="there is no chromium here (Debian: apt-get install chromium)",
)


def paper(html, browser=None):
    return pdf.front_page(html, title="Acme: a week", as_of=AS_OF, browser=browser or pdf.chromium())


def program(folder, text):
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.browser
@has_chromium
def test_it_is_a4_has_its_title_and_the_date_of_the_edition_and_nothing_of_the_browser():
    reader = PdfReader(io.BytesIO(paper(f"{HEAD}<p>First</p>{BEHIND}")))
    assert len(reader.pages) == 2
    width, height = (float(each) / 72 * 25.4 for each in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    assert dict(reader.metadata) == {
        "/Title": "Acme: a week",
        "/Producer": "funnel",
        "/CreationDate": "D:20261115230000Z",
        "/ModDate": "D:20261115230000Z",
    }


@pytest.mark.browser
@has_chromium
def test_the_same_page_gives_the_same_bytes_and_no_path_of_this_machine():
    html = (
        f'{HEAD}<p>First <a href="checks.html">checks</a> <a href="#x">below</a></p><p id="x">x</p>{BEHIND}'
    )
    first = paper(html)
    assert first == paper(html)
    assert b"/URI" not in first
    assert b"file:" not in first
    assert "First checks below" in PdfReader(io.BytesIO(first)).pages[0].extract_text()


@pytest.mark.browser
@has_chromium
def test_what_does_not_fit_on_one_sheet_is_printed_smaller_until_it_does():
    """A4 with margins of 10 mm is 1,046 pixels high: 1,200 need five sixths, so the fifth size of six."""
    page = "<style>@page { margin: 10mm; } body { margin: 0; }</style>"
    tall = f'{HEAD}{page}<div style="height: 1200px">First</div><p>Last of the first</p>{BEHIND}'
    reader = PdfReader(io.BytesIO(paper(tall)))
    assert len(reader.pages) == 2
    assert "Last of the first" in reader.pages[0].extract_text()


@pytest.mark.browser
@has_chromium
def test_what_cannot_fit_is_printed_all_the_same():
    tall = f'{HEAD}<div style="height: 3000px">First</div><p>Last</p>{BEHIND}'
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper(tall))).pages)
    assert "Last" in text
    assert "Definitions in force" in text


def test_without_a_browser_it_is_said_what_would_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    with pytest.raises(
        UsageError, match=r"There is no Chromium here.*apt-get install chromium.*without --pdf"
    ):
        pdf.chromium()


def test_a_browser_that_is_named_is_taken_and_one_that_is_not_there_is_refused(monkeypatch, tmp_path):
    named = program(tmp_path, "exit 0")
    monkeypatch.setenv(pdf.VARIABLE, named)
    assert pdf.chromium() == named
    monkeypatch.setenv(pdf.VARIABLE, "no-such-browser")
    with pytest.raises(UsageError, match="FUNNEL_CHROMIUM names 'no-such-browser', which is no program here"):
        pdf.chromium()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo 'no display' >&2; exit 7", r"could not print \(exit 7\)\. no display"),
        ("exit 0", "printed no PDF"),
    ],
)
def test_a_browser_that_fails_is_said(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        paper(f"{HEAD}{BEHIND}", program(tmp_path, text))


def test_a_browser_that_hangs_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.2)
    with pytest.raises(InputError, match="could not print: TimeoutExpired"):
        paper(f"{HEAD}{BEHIND}", program(tmp_path, "exec sleep 5"))


@pytest.mark.parametrize(("user", "flags"), [(0, ("--no-sandbox",)), (1000, ())])
def test_the_sandbox_is_left_only_as_root_where_it_cannot_be_had(monkeypatch, user, flags):
    monkeypatch.setattr(pdf.os, "geteuid", lambda: user)
    assert pdf._sandbox() == flags
