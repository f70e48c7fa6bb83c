"""The archive lists every edition that can be read, compares neighbours, and says what it left out."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from shelf import CHECK, FINDING, SCORE, edition
from test_report_edition import Reader

from funnel.project import Project
from funnel.reports import archive, swap

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def listed(project):
    path = archive.write(project)
    assert path == project.reports / "index.html"
    return Reader(path.read_text(encoding="utf-8"))


def words(reader):
    return " ".join(word.strip() for word in reader.words if word.strip())


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_archive_without_an_edition_says_so(project):
    assert "There is none yet." in words(listed(project))


def test_an_edition_is_listed_with_its_day_findings_contract_and_health(project):
    edition(project, "2026-11-09", disputes=[{"by": "sales"}])
    text = words(listed(project))
    assert (
        "9 November 2026 week before 2026-11-09 Sales answered 60 % of 100 hand-offs. 0 0 1 2026-01 usable"
        in text
    )


def test_the_latest_stands_first_and_each_but_the_oldest_is_compared_with_the_one_before(project):
    for name in ("2026-11-09", "2026-11-16", "2026-11-02"):
        edition(project, name)
    links = [link for link in listed(project).all("href") if link.endswith(".html") and "checks" not in link]
    assert links == [
        "2026-11-16/index.html",
        "compare/2026-11-09..2026-11-16.html",
        "2026-11-09/index.html",
        "compare/2026-11-02..2026-11-09.html",
        "2026-11-02/index.html",
    ]
    assert all((project.reports / link).is_file() for link in links)


def test_what_is_not_new_is_counted_and_nothing_new_is_said(project):
    rows = [FINDING | {"state": "standing"}, FINDING | {"state": "ended", "kind": "variation"}]
    edition(project, "2026-11-09", findings=rows)
    assert "nothing new 1 1 0" in words(listed(project))


def test_another_contract_than_that_of_the_edition_before_is_told(project):
    edition(project, "2026-11-09")
    edition(project, "2026-11-16", contract="2026-02")
    assert "2026-02 was 2026-01 usable" in words(listed(project))


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"as_of": 5}', b"[" * 100_000, b'{"as_of": "2026-11-09", "zone": "No/Zone"}'],
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_left_out_and_that_is_said(project, content):
    edition(project, "2026-11-02")
    folder = edition(project, "2026-11-09")
    (folder / "edition.json").write_bytes(content)
    edition(project, "2026-11-16")
    reader = listed(project)
    assert "Not listed: 2026-11-09. Its edition.json cannot be read" in words(reader)
    assert "compare/2026-11-02..2026-11-16.html" in reader.all("href")
    assert "2026-11-09/index.html" not in reader.all("href")


def test_an_edition_without_its_tables_is_listed_and_not_compared(project):
    edition(project, "2026-11-02")
    folder = edition(project, "2026-11-09")
    (folder / "tables" / "front-weeks.parquet").write_bytes(b"no table")
    reader = listed(project)
    assert "cannot be compared" in words(reader)
    assert "2026-11-09/index.html" in reader.all("href")
    assert not list((project.reports / "compare").glob("*"))


def test_an_edition_of_an_older_form_is_listed_and_compared(project):
    """Records once had no week, health, currency or standing findings, and checks no title."""
    old = edition(project, "2026-11-02")
    record = json.loads((old / "edition.json").read_text())
    for name in ("week", "health", "currency", "standing", "ended", "disputes"):
        del record[name]
    record["checks"] = [{key: value for key, value in CHECK.items() if key != "title"}]
    (old / "edition.json").write_text(json.dumps(record))
    edition(project, "2026-11-09")
    reader = listed(project)
    assert "compare/2026-11-02..2026-11-09.html" in reader.all("href")
    assert "2 November 2026" in words(reader)


def test_hostile_text_stays_text_on_the_archive_and_the_comparison(project):
    hostile = {"company": NASTY, "health": NASTY, "week": '" onload="x', "contract": f"{NASTY}=cmd"}
    score = SCORE | {"title": NASTY, "owners": NASTY, "state": "ok"}
    edition(project, "2026-11-02", scores=[score], findings=[FINDING | {"sentence": NASTY}], **hostile)
    edition(project, "2026-11-09<img src=x>", scores=[score], findings=[], **hostile | {"contract": '"><b>'})
    archive.write(project)
    pages = [project.reports / "index.html", *(project.reports / "compare").glob("*.html")]
    assert len(pages) == 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        reader = Reader(text)
        assert NASTY not in text
        assert {"script", "img", "b"} & {tag for tag, _ in reader.tags} == set()
        assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]
        assert any(NASTY in word for word in reader.words)


def test_links_lead_to_files_that_are_there_whatever_an_edition_is_called(project):
    for name in ("2026-11-02", "2026-11-09 #1?x=%20"):
        edition(project, name)
    from urllib.parse import unquote

    for page in (archive.write(project), *(project.reports / "compare").glob("*.html")):
        for link in Reader(page.read_text(encoding="utf-8")).all("href"):
            if not link.startswith(("#", "data:")):
                assert (page.parent / unquote(link.partition("#")[0])).is_file(), link


def test_the_same_editions_give_the_same_bytes_and_editions_are_not_touched(project):
    for name in ("2026-11-02", "2026-11-09", "2026-11-16"):
        edition(project, name)
    before = {name: digests(project.reports / name) for name in ("2026-11-02", "2026-11-09", "2026-11-16")}
    archive.write(project)
    first = digests(project.reports)
    for path in [project.reports / "index.html", *(project.reports / "compare").iterdir()]:
        path.unlink()
    archive.write(project)
    assert digests(project.reports) == first
    assert {name: digests(project.reports / name) for name in before} == before


def test_a_comparison_is_made_again_only_where_an_edition_is_another(project):
    for name in ("2026-11-02", "2026-11-09", "2026-11-16"):
        edition(project, name)
    archive.write(project)
    folder = project.reports / "compare"
    stamps = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.html")}
    edition(project, "2026-11-16", health="not usable")
    archive.write(project)
    again = {path.name for path in folder.glob("*.html") if path.stat().st_mtime_ns != stamps[path.name]}
    assert again == {"2026-11-09..2026-11-16.html"}


def test_comparisons_of_editions_that_are_gone_and_leftovers_are_removed(project):
    import shutil

    for name in ("2026-11-02", "2026-11-09", "2026-11-16"):
        edition(project, name)
    archive.write(project)
    shutil.rmtree(project.reports / "2026-11-09")
    (project.reports / "compare" / ".new-2026-11-02..2026-11-16.html").write_text("half")
    archive.write(project)
    names = sorted(path.name for path in (project.reports / "compare").iterdir())
    assert names == ["2026-11-02..2026-11-16.csv", "2026-11-02..2026-11-16.html"]


def test_the_archive_is_made_while_no_other_run_may_begin_and_after_the_edition_is_in_its_place(tmp_path):
    seen = []

    def after():
        seen.append((tmp_path / "2026-11-16" / "page").read_text())
        with pytest.raises(swap.UsageError), swap.alone(tmp_path):
            pass

    with swap.aside(tmp_path / "2026-11-16", after=after) as new:
        (new / "page").write_text("one")
    assert seen == ["one"]


def test_a_file_left_half_written_is_removed_by_the_next_run(tmp_path):
    (tmp_path / ".new-index.html").write_text("half")
    with swap.alone(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_no_page_of_the_archive_names_a_host_or_needs_a_script(project):
    for name in ("2026-11-02", "2026-11-09"):
        edition(project, name)
    for page in (archive.write(project), *(project.reports / "compare").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"(?:https?:|ftp:|wss?:)?//[\w.]+|\bwww\.", text) == []
        assert "<script" not in text
        assert "default-src 'none'" in text
        ids = Reader(text).all("id")
        assert len(ids) == len(set(ids))
