"""The edition: whole, offline, harmless, the same twice, and never made from what was not checked."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from small_project import AS_OF, NASTY, PASSED, write_checks

from funnel.errors import ChecksFailed, InputError, UsageError
from funnel.reports import report

PAGES = [
    "attribution.html",
    "checks.html",
    "conversion.html",
    "handoff.html",
    "index.html",
    "lead_quality.html",
    "shared_kpi.html",
]
REPORTS = ["conversion.html", "lead_quality.html", "handoff.html", "attribution.html", "shared_kpi.html"]
pytestmark = pytest.mark.slow


class Reader(HTMLParser):
    """What a page holds: tags with their attributes in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, attribute):
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]


def read(edition, page):
    return Reader((edition / page).read_text(encoding="utf-8"))


def test_the_edition_has_its_pages_the_tables_and_what_they_are(edition):
    assert sorted(path.name for path in edition.glob("*.html")) == PAGES
    others = {path.name for path in edition.iterdir()} - set(PAGES)
    assert others == {"edition.json", "edition.js", "plotly.min.js", "tables"}
    record = json.loads((edition / "edition.json").read_text())
    assert (record["as_of"], record["known_at"], record["contract"]) == (
        "2026-07-01T00:00:00Z",
        "2026-07-01T00:00:00Z",
        "2026-01",
    )
    assert record["n_rows"]["staging.person"] == 120
    assert [(check["check_name"], check["state"]) for check in record["checks"]] == [
        (name, state) for name, _, state, _ in PASSED
    ]


def test_every_file_has_the_hash_that_the_record_states(edition):
    record = json.loads((edition / "edition.json").read_text())
    assert sorted(record["pages"]) == PAGES
    for name, digest in record["pages"].items():
        assert hashlib.sha256((edition / name).read_bytes()).hexdigest() == digest
    files = {path.name for path in (edition / "tables").iterdir()}
    assert files == {f"{name}.{kind}" for name in record["tables"] for kind in ("csv", "parquet")}
    for name, table in record["tables"].items():
        for kind in ("csv", "parquet"):
            content = (edition / "tables" / f"{name}.{kind}").read_bytes()
            assert hashlib.sha256(content).hexdigest() == table[f"{kind}_sha256"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_host(edition, page):
    text = (edition / page).read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:|ftp:|wss?:)?//[\w.]+|\bwww\.", text) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_of_the_edition_and_a_place_in_it(edition, page):
    for link in read(edition, page).all("href"):
        name, _, place = link.partition("#")
        if link == "data:,":
            continue
        assert (edition / (name or page)).is_file(), link
        if place:
            assert place in read(edition, name or page).all("id"), link


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique_and_headings_make_an_outline(edition, page):
    reader = read(edition, page)
    ids = reader.all("id")
    assert sorted(set(ids)) == sorted(ids)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("page", PAGES)
def test_each_page_forbids_what_it_does_not_need(edition, page):
    metas = [attrs for tag, attrs in read(edition, page).tags if tag == "meta"]
    policy = next(a["content"] for a in metas if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'unsafe-inline'" not in policy
    assert ("script-src" in policy) == (page in REPORTS)


@pytest.mark.parametrize("page", PAGES)
def test_scripts_are_files_or_data_and_nothing_is_handled_inline(edition, page):
    reader = read(edition, page)
    for tag, attrs in reader.tags:
        if tag == "script":
            assert attrs.get("src") == "edition.js" or attrs["type"] == "application/json"
        assert not [name for name in attrs if name.startswith("on")]


@pytest.mark.parametrize("page", PAGES)
def test_no_name_of_a_lead_or_a_rep_is_on_a_page(edition, page):
    text = (edition / page).read_text(encoding="utf-8")
    for name in ("Lovelace", "Hopper", "@b.co", "crm:p1"):
        assert name not in text


@pytest.mark.parametrize("page", PAGES)
def test_markup_in_the_data_stays_text(edition, page):
    assert NASTY not in (edition / page).read_text(encoding="utf-8")


def test_markup_in_the_data_is_shown_as_the_text_it_is(edition):
    assert any(NASTY[:17] in words for words in read(edition, "shared_kpi.html").words)


def test_no_cell_of_a_table_file_starts_a_formula(edition):
    for path in (edition / "tables").glob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not line.startswith(("=", "@")), path.name
    assert "'=SUM(A1)" in (edition / "tables" / "funnels-accepted.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", REPORTS)
def test_each_figure_has_a_fixed_place_its_data_and_two_static_pictures(edition, page):
    reader = read(edition, page)
    blocks = [attrs["data-figure"] for _, attrs in reader.tags if "data-figure" in attrs]
    plots = [attrs["id"] for _, attrs in reader.tags if attrs.get("class") == "plot"]
    assert blocks
    assert plots == [f"{name}-plot" for name in blocks]
    pictures = [attrs for tag, attrs in reader.tags if tag == "svg" and attrs.get("role") == "img"]
    assert len(pictures) == 2 * len(blocks)
    assert all(attrs["aria-label"] for attrs in pictures)


@pytest.mark.parametrize("page", REPORTS)
def test_plotly_is_told_to_send_nothing_anywhere(edition, page):
    text = (edition / page).read_text(encoding="utf-8")
    blocks = re.findall(
        r'<script type="application/json" data-figure="[^"]+">(.*?)</script>', text, re.DOTALL
    )
    for block in blocks:
        config = json.loads(block)["config"]
        assert (config["showSendToCloud"], config["plotlyServerURL"]) == (False, "")


def test_the_front_page_is_light_and_needs_no_script(edition):
    assert (edition / "index.html").stat().st_size < 300_000
    assert "script" not in [tag for tag, _ in read(edition, "index.html").tags]


def test_the_front_page_keeps_its_order(edition):
    text = (edition / "index.html").read_text(encoding="utf-8")
    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", text)
    assert [head.partition(":")[0] for head in heads] == [
        "What to know",
        "Shared scorecard",
        "The funnel",
        "What changed",
        "Disputes, recycled and overlapping",
        "Definitions in force",
        "Data health",
        "How each figure is counted",
    ]


def test_what_the_source_lacks_is_said_and_not_shown_as_nothing(edition):
    words = " ".join(read(edition, "index.html").words)
    assert "Not in this source: account, assignment, campaign" in words
    words = " ".join(read(edition, "shared_kpi.html").words)
    assert "Spend: not in this source." in words
    assert re.search(r"Cost per new customer \(CAC\)[^A-Z]*not in this source", words)


def test_the_checks_page_has_counts_and_states_in_words(edition):
    words = " ".join(word.strip() for word in read(edition, "checks.html").words if word.strip())
    assert "Title of dates not passed 3 10 marts sales" in words
    assert "Title of idle could not run" in words


def test_another_as_of_than_that_of_the_warehouse_is_refused(project):
    with pytest.raises(UsageError, match=r"built as of 2026-07-01 .* Run `funnel build --as-of DATE`"):
        report(project, as_of=AS_OF + timedelta(days=7))


def test_a_warehouse_that_was_not_checked_is_refused(project):
    project.checks.unlink()
    with pytest.raises(UsageError, match="Run `funnel check`"):
        report(project, as_of=AS_OF)
    assert not list(project.reports.glob("2*"))


@pytest.mark.parametrize("state", ["fail", "error"])
def test_a_critical_check_that_did_not_pass_leaves_the_last_edition_in_place(project, state):
    folder = project.reports / "2026-07-01"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("the last one")
    write_checks(project, ("keys", "critical", state, 2))
    with pytest.raises(ChecksFailed, match="1 critical check"):
        report(project, as_of=AS_OF)
    assert (folder / "index.html").read_text() == "the last one"


def test_a_notebook_that_fails_leaves_the_last_edition_in_place_and_is_kept(project):
    folder = project.reports / "2026-07-01"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("the last one")
    (project.root / "notebooks").mkdir()
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "outputs": []}
    cells = [
        {**cell, "metadata": {"tags": ["parameters"]}, "source": "warehouse = ''"},
        {**cell, "id": "b", "metadata": {}, "source": "1 / 0"},
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    text = json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})
    (project.root / "notebooks" / "conversion.ipynb").write_text(text)
    with pytest.raises(InputError, match=r"conversion\.ipynb failed in cell 3: ZeroDivisionError"):
        report(project, as_of=AS_OF)
    assert (folder / "index.html").read_text() == "the last one"
    assert sorted(path.name for path in project.reports.iterdir()) == [".lock", "2026-07-01", "failed"]
