"""The edition as one file: every link in it works, nothing is fetched, the same edition gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from delivery_edition import NAME, write_edition

from funnel.project import Project
from funnel.reports.delivery.letter import edition_letter
from funnel.reports.delivery.onefile import archive, one_page
from funnel.reports.delivery.standing import standing


def written(root: Path):
    project = Project(root)
    write_edition(project)
    return standing(project, NAME)


def links(text):
    return re.findall(r'href="([^"]*)"', text)


def ids(text):
    return re.findall(r'\sid="([^"]*)"', text)


def test_all_pages_are_in_it_the_front_page_first_and_the_checks_last(tmp_path):
    text = one_page(written(tmp_path)).decode()
    assert re.findall(r'<section class="report" id="([^"]*)"', text) == [
        "page-index",
        "page-handoff",
        "page-checks",
    ]
    nav = text[text.index("<nav") : text.index("</nav>")]
    assert links(nav) == ["#page-index", "#page-handoff", "#page-checks"]
    assert re.findall(r"<h1>(.*?)</h1>", text) == ["Hand-off", "Data checks"]
    assert text.count("<main") == text.count("</main>") == text.count("<nav") == 1


def test_every_link_leads_to_a_place_in_it_or_out_of_it_and_every_place_is_one(tmp_path):
    text = one_page(written(tmp_path)).decode()
    places = ids(text)
    assert len(places) == len(set(places))
    assert {link for link in links(text) if not link.startswith("#")} == {"https://example.com/x"}
    assert {link[1:] for link in links(text) if link.startswith("#")} <= set(places)
    assert '<a href="#sla-weekly">evidence</a>' in text
    assert '<a href="#page-handoff">All of it</a>' in text


def test_names_that_two_pages_share_are_told_apart_with_what_points_at_them(tmp_path):
    text = one_page(written(tmp_path)).decode()
    assert '<h2 id="index--know">What to know</h2>' in text
    assert '<h2 id="handoff--know">Clocks</h2><a href="#handoff--know">here</a>' in text
    assert '<figure id="sla-weekly" aria-labelledby="handoff--know">' in text


def test_scripts_and_what_they_would_draw_are_left_out(tmp_path):
    text = one_page(written(tmp_path)).decode()
    assert "<script" not in text
    assert 'class="plot"' not in text
    assert "<svg></svg>" in text


def test_tables_are_linked_where_editions_can_be_read_and_left_out_otherwise(tmp_path):
    found = written(tmp_path)
    alone, linked = one_page(found).decode(), one_page(found, "https://f.example.com/e").decode()
    assert "CSV" not in alone
    assert '<a href="#page-handoff">All of it</a></p>' in alone
    assert " older" in alone
    assert f'<a href="https://f.example.com/e/{NAME}/tables/front-scorecard.csv">CSV</a>' in linked
    assert f'<a href="https://f.example.com/e/{NAME}/../index.html">older</a>' in linked


def test_its_encoding_is_told_by_itself(tmp_path):
    content = one_page(written(tmp_path))
    assert content.startswith(b"\xef\xbb\xbf<!doctype html>")
    assert "Alle geprüft – 78\N{NO-BREAK SPACE}%." in content.decode("utf-8-sig")


def test_the_same_edition_gives_the_same_bytes(tmp_path):
    one, other = written(tmp_path / "a"), written(tmp_path / "b")
    assert one_page(one) == one_page(other)
    assert archive(one) == archive(other)


def test_the_archive_holds_what_was_recorded_and_nothing_else(tmp_path):
    found = written(tmp_path)
    (found.folder / "notes.txt").write_text("mine")
    with zipfile.ZipFile(io.BytesIO(archive(found))) as made:
        names = made.namelist()
        assert made.read(f"funnel-{NAME}/index.html") == (found.folder / "index.html").read_bytes()
    assert f"funnel-{NAME}/edition.json" in names
    assert len(names) == 9
    assert not any("notes" in name for name in names)


@pytest.mark.slow
def test_a_rendered_edition_becomes_one_page_without_a_dead_link(edition):
    found = standing(Project(edition.parent.parent), edition.name)
    text = one_page(found).decode()
    assert len(text) < 6_000_000
    places = ids(text)
    assert len(places) == len(set(places))
    assert all(link[1:] in places for link in links(text) if link.startswith("#"))
    assert [link for link in links(text) if not link.startswith("#") and link != "data:,"] == []
    assert "<script" not in text
    assert text.count("<svg") > 20
    told = edition_letter(found)
    for name in ("Lovelace", "Hopper"):
        assert name not in text + told.html + told.text + told.short
