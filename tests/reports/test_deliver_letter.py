"""The message: the edition's own words, harmless whatever a CRM holds, and readable in every client."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from delivery_edition import BARE, DISPUTE, FINDING, KPI, NAME, STANDING, write_edition

from funnel.errors import InputError
from funnel.project import Project
from funnel.reports.delivery.harmless import chat, plain, subject
from funnel.reports.delivery.letter import edition_letter, notice_letter
from funnel.reports.delivery.standing import standing

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\r\nBcc: all@example.com\x00 \u202eevil"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def letter(project, *, prefix="", link="", attached="html", **given):
    write_edition(project, **given)
    return edition_letter(standing(project, NAME), prefix=prefix, link=link, attached=attached)


def spaced(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_plain_text_is_the_whole_message(project):
    told = letter(project, prefix="[Funnel]", link="https://f.example.com/e")
    assert told.subject == "[Funnel] Kestrel Software: week of 9–15 November 2026, 1 finding"
    assert spaced(told.text).split("\n") == [
        "Kestrel Software: week of 9–15 November 2026",
        "As of 16 November 2026, contract 2025-11, data: usable, with remarks",
        "https://f.example.com/e/2026-11-16/index.html",
        "",
        "WHAT TO KNOW",
        "",
        "1. Sales answered 62 % (55–68) of 214 hand-offs within 4 business hours; agreed: 90 %.",
        "   Sales, about €14.3 k a week at stake",
        "   https://f.example.com/e/2026-11-16/handoff.html#sla-weekly",
        "",
        "Still open: Win rate since 5 October 2026: 20 % (12–31), agreed: 35 % (Sales).",
        "",
        "SHARED SCORECARD",
        "",
        "Leads: 219, agreed 200, reached 110 %",
        "   marketing; 9–15 Nov",
        "First touch within the SLA: 62 %, agreed 90 %, reached 69 %",
        "   sales; 9–15 Nov; (55–68) of 214",
        "1 more without a target are in the edition.",
        "",
        "OPEN DISPUTES",
        "",
        "Sales dispute campaign Spring (120 hand-offs, opened 12 November 2026): cannot tell yet. No cause is "
        "shown. Signed by marketing.",
        "",
        "The whole edition is attached as one page: every figure, its evidence and its rule.",
        f"– means undefined. Edition 2026-11-16, content {told.sha256[:12]}.",
        "",
    ]


def test_the_html_says_the_same_with_tables_inlined_styles_and_nothing_from_outside(project):
    told = letter(project, link="https://f.example.com/e")
    tags = Tags(told.html).found
    names = {tag for tag, _ in tags}
    assert not names & {"script", "style", "link", "img", "svg", "form", "iframe", "object", "video"}
    assert not any(
        name.startswith("on") or name in ("src", "background") for _, attrs in tags for name in attrs
    )
    assert {attrs["href"] for tag, attrs in tags if tag == "a"} == {
        "https://f.example.com/e/2026-11-16/index.html",
        "https://f.example.com/e/2026-11-16/handoff.html#sla-weekly",
    }
    styles = " ".join(attrs.get("style", "") for _, attrs in tags)
    assert "max-width: 640px" in styles
    assert not re.search(r"url\(|@import|position|float|var\(", styles)
    text = spaced(unescape(re.sub(r"<[^>]*>", "", told.html)))
    for words in (
        "of 214 hand-offs within 4 business hours",
        "110 %",
        "69 %",
        "campaign Spring",
        "Still open:",
    ):
        assert words in text


def test_the_first_table_of_numbers_has_headers_that_a_screen_reader_reads(project):
    tags = Tags(letter(project).html).found
    assert [attrs["scope"] for tag, attrs in tags if tag == "th"] == ["col"] * 4
    layout = [attrs for tag, attrs in tags if tag == "table" and attrs.get("role") != "presentation"]
    assert len(layout) == 1


def test_without_a_link_no_evidence_is_linked_and_the_chat_says_where_the_edition_lies(project):
    told = letter(project, attached="none")
    assert "<a " not in told.html
    assert told.short.endswith("The edition 2026-11-16 lies where editions are kept.")
    assert "The whole edition lies where editions are kept." in told.text


@pytest.mark.parametrize(
    ("findings", "said", "n"),
    [
        ((), "Nothing this week lies outside ordinary variation.", "nothing new"),
        ((STANDING,), "Nothing new this week lies outside ordinary variation.", "nothing new"),
        ((FINDING, FINDING | {"rank": 2}), "2. Sales answered", "2 findings"),
    ],
)
def test_nothing_found_is_said(project, findings, said, n):
    told = letter(project, findings=findings, disputes=())
    assert said in told.text
    assert said.partition("2. ")[2] or said in told.short
    assert told.subject.endswith(f", {n}")
    assert "No open dispute." in told.text


def test_without_any_target_every_kpi_is_shown_with_its_value_alone(project):
    told = letter(
        project, scorecard=(BARE, BARE | {"title": "Cost", "value": None, "state": "not in this source"})
    )
    assert "Days to close: 219 d\n" in spaced(told.text)
    assert "Cost: not in this source\n" in told.text
    assert "Agreed" not in told.html


def test_the_same_edition_gives_the_same_message_to_the_byte(project, tmp_path):
    assert letter(project) == letter(Project(tmp_path / "other"))


def test_what_a_crm_holds_is_text_and_begins_no_header(project):
    nasty = [
        FINDING | {"sentence": f"{NASTY} 62 % of it", "number": "62 %", "owner": NASTY, "link": "x.html"},
    ]
    told = letter(
        project,
        findings=nasty,
        scorecard=[KPI | {"title": NASTY, "owners": NASTY}],
        disputes=[DISPUTE | {"batch": NASTY, "verdict": NASTY}],
        company=NASTY,
        health=NASTY,
        contract=NASTY,
        link="https://f.example.com",
    )
    assert not {tag for tag, _ in Tags(told.html).found} & {"script", "img"}
    assert "&lt;script&gt;" in told.html
    for text in (told.subject, told.html, told.text, told.short):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)
    assert "\n" not in told.subject
    assert not re.search(r"^Bcc:", told.text, re.M)
    assert "<" not in told.short


def test_ten_thousand_letters_are_cut_in_every_field(project):
    long = "x" * 10_000
    told = letter(
        project,
        findings=[FINDING | {"sentence": long, "number": "62 %", "owner": long}] * 5,
        scorecard=[KPI | {"title": long}],
        company=long,
    )
    assert len(told.subject) <= 160
    assert max(len(line) for line in told.text.split("\n")) < 800
    assert len(told.short) < 10_000


def test_right_to_left_names_and_emoji_stay(project):
    told = letter(project, company="شركة 👩‍👩‍👧")
    assert "شركة 👩‍👩‍👧" in told.html
    assert told.subject.startswith("شركة 👩‍👩‍👧: week")


def test_an_edition_of_another_version_is_refused_in_words(project):
    folder = write_edition(project)
    found = standing(project, NAME)
    (folder / "tables" / "front-findings.parquet").unlink()
    with pytest.raises(InputError, match="another version of funnel"):
        edition_letter(found)


def test_a_notice_says_why_and_what_stays_and_holds_no_figure():
    told = notice_letter(
        NAME, ("There is no edition.", "The data were built, but not checked."), prefix="[F]"
    )
    assert told.subject == "[F] No edition 2026-11-16 this week"
    assert told.text.split("\n\n")[1:3] == ["There is no edition.", "The data were built, but not checked."]
    assert "No figure of this week should be quoted" in told.text
    assert told.short.startswith("- There is no edition.\n- The data were built, but not checked.\n")
    assert told.kind == "notice"


def test_notices_of_other_reasons_are_other_messages():
    one, two = notice_letter(NAME, ("One.",)), notice_letter(NAME, ("Two.",))
    assert (one.sha256 == notice_letter(NAME, ("One.",)).sha256, one.sha256 == two.sha256) == (True, False)


def test_plain_text_keeps_its_length_and_a_cut_is_shown():
    assert plain("a" * 700) == "a" * 700
    assert plain("a" * 701) == "a" * 699 + "…"
    assert subject("a\r\nBcc: b") == "a Bcc: b"
    assert chat("<!channel> [a](b)") == "‹!channel› [a] (b)"


def test_an_instant_that_is_no_midnight_is_said_with_its_time(project):
    write_edition(project, as_of="2026-11-16T08:30:00Z")
    assert standing(project, NAME).as_of == "16 November 2026, 09:30"
