"""The page of an audit: one file, in order, harmless, without names where they are hidden, and fails closed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import dispute_frames
import pytest
from audit_facts import FACTS
from dispute_notebook import page_of
from small_project import write_checks

from funnel.errors import ChecksFailed, InputError, UsageError
from funnel.reports.audit_page import audit_page, render_audit, sides

PERSONS = (
    "Lovelace",
    "Hopper",
    "Jackson",
    "Katherine",
    "Company 1",
    "00Q0000",
    "a@b.co",
    "alert(1)",
)


class Reader(HTMLParser):
    """The tags of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.within = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.within = tag

    def handle_data(self, data):
        if self.within not in ("script", "style"):
            self.words.append(data)

    def all(self, attribute):
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]


@pytest.fixture(scope="module")
def audit():
    return dispute_frames.audit(60, 400)


@pytest.fixture(scope="module")
def text(audit):
    return render_audit(page_of(audit), FACTS)


@pytest.fixture(scope="module")
def reader(text):
    return Reader(text)


def test_it_needs_no_other_file_and_names_no_host(text, reader):
    assert reader.all("src") == []
    links = [link for link in reader.all("href") if not link.startswith(("#", "data:"))]
    assert links == ["tables/leads.csv"]
    assert (
        re.findall(r"(?:https?:|ftp:|wss?:)?//[\w.]+\.\w|\bwww\.", re.sub(r"base64,[\w+/=]+", "", text)) == []
    )


def test_the_only_script_is_the_one_whose_hash_the_page_allows(text, reader):
    metas = [attrs for tag, attrs in reader.tags if tag == "meta"]
    policy = next(a["content"] for a in metas if a.get("http-equiv") == "Content-Security-Policy")
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'" in policy
    kinds = [attrs.get("type") for tag, attrs in reader.tags if tag == "script"]
    assert kinds == ["text/plain", "text/plain", None]
    assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]


def test_the_verdict_comes_first_then_what_it_rests_on_then_evidence_and_every_lead_last(text):
    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", text)
    assert heads == [
        *(
            "The verdict",
            "What it rests on",
            "The evidence",
            "Both ways",
            "What would tell more",
            "Every lead",
        ),
    ]
    figures = re.findall(r'<figure id="([^"]+)"', text)
    assert figures == [
        *("bridge", "comparisons", "chain", "first-touch", "clauses", "contradictions", "left-out"),
        *("obligations", "both-ways", "recycled", "review", "rework"),
    ]


def test_the_verdict_is_three_sentences_and_the_e_value_opens_what_it_rests_on(text):
    verdict, assumptions = re.findall(r'<div class="said" id="\w+">\n(.*?)</div>', text, re.DOTALL)
    assert verdict.count("<p>") == 3
    assert "E-value" in assumptions.split("</p>")[0]


def test_ids_are_unique_headings_make_an_outline_and_links_lead_somewhere(reader):
    ids = reader.all("id")
    assert sorted(set(ids)) == sorted(ids)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all(link[1:] in ids for link in reader.all("href") if link.startswith("#"))


def test_what_a_crm_holds_is_text_and_never_markup(text, reader):
    assert "<script>alert" not in text
    assert "<b>2026</b>" not in text
    assert "<b>Sons</b>" not in text
    assert "<i>Jackson" not in text
    assert any("<script>alert(1)</script> 0" in words for words in reader.words)


def test_every_picture_says_its_finding_and_its_marks_their_numbers(text, reader):
    pictures = [attrs for tag, attrs in reader.tags if tag == "svg" and attrs.get("role") == "img"]
    assert all(attrs["aria-label"] for attrs in pictures)
    assert re.search(r"<title>Follow-up\n−[\d.]+\xa0pts \(.*?\), named\nprobability that it cost", text)


def test_the_table_of_each_figure_is_a_csv_that_starts_no_formula(text):
    files = re.findall(r'base64,([\w+/=]+)" download="([\w-]+)\.csv"', text)
    assert [name for _, name in files] == re.findall(r'<figure id="([^"]+)"', text)
    for content, _ in files:
        assert not re.search(r"^[=@]", base64.b64decode(content).decode(), re.MULTILINE)


def packed(text):
    blocks = re.findall(r'<script type="text/plain" id="[\w-]+">([\w+/=]+)</script>', text)
    return [gzip.decompress(base64.b64decode(block)).decode() for block in blocks]


def test_names_are_there_when_they_are_shown(text):
    assert [name for name in PERSONS if not any(name in block for block in [text, *packed(text)])] == []


def test_no_person_can_be_read_anywhere_when_names_are_hidden(audit):
    hidden = render_audit(page_of(audit, names="hidden"), FACTS)
    for block in [hidden, *packed(hidden), *csvs(hidden)]:
        assert [name for name in (*PERSONS, "crm:p") if name in block] == []


def csvs(text):
    return [base64.b64decode(each).decode() for each in re.findall(r"charset=utf-8;base64,([\w+/=]+)", text)]


def test_names_can_only_be_shown_or_hidden(audit):
    with pytest.raises(UsageError, match="Did you mean 'hidden'"):
        page_of(audit, names="hiden")


def test_both_sides_have_the_same_form_in_the_order_of_their_names():
    given = sides(dispute_frames.owed())
    assert [side["title"] for side in given] == ["Marketing", "Sales"]
    assert [[line["text"] for line in side["lines"]] for side in given] == [
        ["Definition met", "Required fields filled"],
        ["Disposition", "First touch"],
    ]
    assert [side["received"] for side in given] == ["first touch: 80 of 190", "definition met: 170 of 200"]
    first = given[1]["lines"][1]
    assert (first["words"], first["is_short"], first["beside"]) == (
        "Within 4 business hours.",
        True,
        "agreed 90\xa0%",
    )


def test_swapping_the_names_of_the_sides_swaps_the_columns_and_nothing_else():
    swapped = dispute_frames.owed().replace({"side": {"marketing": "sales", "sales": "marketing"}})
    one, other = sides(dispute_frames.owed()), sides(swapped)
    assert [side["lines"] for side in one] == [side["lines"] for side in reversed(other)]


def test_an_obligation_that_cannot_be_told_has_no_number_and_no_bar():
    line = sides(dispute_frames.owed())[1]["lines"][0]
    assert (line["value"], line["bullet"], line["is_short"], line["beside"]) == (
        "",
        "",
        False,
        "agreed 80\xa0%",
    )


def test_a_question_stands_beside_its_baseline_where_there_is_one():
    given = sides(dispute_frames.questions())
    assert [side["lines"][0]["beside"] for side in given] == ["baseline 1\xa0%", ""]


EMPTY = {"contradictions": 0, "left_out": 0, "obligations": 0, "both_ways": 0, "recycled": 0, "clauses": 0}
UNKNOWN = {"converted": None, "days_to_outcome": float("nan")}


@pytest.mark.parametrize(
    ("changed", "kept", "said"),
    [
        ({"is_followed": False, "touch_hours": float("nan")}, {}, "Follow-up cannot be judged"),
        ({"met_definition": None}, {"clauses": 0}, "No clause could be judged."),
        (UNKNOWN, {}, "There is no bridge: the batch or its baseline is empty."),
        ({"converted": False, "days_to_outcome": float("nan")}, {}, "No cause can be judged"),
        ({}, {"leads": 1, **EMPTY}, "No lead&#39;s record contradicts itself."),
    ],
)
def test_what_cannot_be_told_is_said_and_the_page_stands(audit, changed, kept, said):
    frame = audit.population.assign(**changed).astype({"converted": "boolean", "met_definition": "boolean"})
    judged = dispute_frames.judge(frame, horizon_days=90.0, landmark_days=14.0, outcome="sql")
    tables = {name: getattr(audit, name).head(n) for name, n in kept.items()}
    text = render_audit(page_of(replace(audit, population=frame, judged=judged, **tables)), FACTS)
    assert said in text
    assert "nan" not in re.sub(r"base64,[\w+/=]+|<(script|style).*?</\1>", "", text, flags=re.DOTALL).lower()


@pytest.mark.parametrize("state", ["fail", "error"])
def test_a_critical_check_that_did_not_pass_leaves_the_page_before_in_place(project, tmp_path, state):
    (tmp_path / "audit.html").write_text("the last one")
    write_checks(project, ("keys", "critical", state, 2))
    with pytest.raises(ChecksFailed, match="1 critical check"):
        audit_page(project, batch=["channel=Webinar"], folder=tmp_path)
    assert (tmp_path / "audit.html").read_text() == "the last one"


def test_a_warehouse_that_was_not_checked_is_refused(project, tmp_path):
    project.checks.unlink()
    with pytest.raises(UsageError, match="Run `funnel check`"):
        audit_page(project, batch=["channel=Webinar"], folder=tmp_path)


@pytest.mark.slow
def test_a_batch_that_cannot_be_meant_is_refused_in_its_own_words_and_nothing_is_written(project, tmp_path):
    with pytest.raises(UsageError, match=r"^A batch cannot be defined by 'status'"):
        audit_page(project, batch=["status=Rejected"], folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_a_notebook_that_fails_leaves_the_page_before_in_place_and_is_kept(project, tmp_path):
    (tmp_path / "audit.html").write_text("the last one")
    (project.root / "notebooks").mkdir()
    source = page_source().replace("exhibit.steps(audit)", "exhibit.steps(1 / 0)")
    (project.root / "notebooks" / "dispute_audit.ipynb").write_text(source)
    with pytest.raises(
        InputError, match=r"No audit was made: dispute_audit\.ipynb failed in .*ZeroDivisionError"
    ):
        audit_page(project, batch=["channel=Webinar"], folder=tmp_path)
    assert (tmp_path / "audit.html").read_text() == "the last one"
    assert (project.reports / "failed" / "dispute_audit.ipynb").is_file()


def page_source():
    from dispute_notebook import FILE

    return FILE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_whole_way_from_a_warehouse_to_the_page_is_the_same_twice(project, tmp_path):
    pages = [
        audit_page(
            project, batch={"channel": "Webinar", "from": "2026-03-01"}, seed=3, folder=tmp_path / name
        )
        for name in "ab"
    ]
    assert [page.name for page in pages] == ["audit.html"] * 2
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert "Audit: channel Webinar" in pages[0].read_text(encoding="utf-8")
