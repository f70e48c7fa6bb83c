"""Open disputes on the front page: as they stood on the last day of the edition, and without names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import dispute_frames
import pytest
import yaml
from audit_facts import FACTS

from funnel.dispute import ledger
from funnel.dispute.statement import statement, to_json
from funnel.project import Project
from funnel.reports import front_disputes

AS_OF = datetime(2026, 11, 15, 23)  # midnight in Berlin
FIRST = replace(FACTS, as_of=AS_OF)


@pytest.fixture(scope="module")
def verdict():
    return to_json(statement(dispute_frames.audit(60, 400)))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def dispute(
    project, verdict, name="one", *, on=date(2026, 11, 15), batch=("campaign=Webinar",), n_ids=0, later=()
):
    folder = project.root / "disputes" / name
    folder.mkdir(parents=True)
    about = {"claim": "Grace Hopper's leads were garbage", "by": "sales", "opened_on": on.isoformat()}
    about |= {"teams": ["marketing", "sales"], "batch": list(batch), "n_ids": n_ids, "contracts": {}}
    about |= {"as_of": "2026-11-15T23:00:00Z", "known_at": "2026-11-15T23:00:00Z"}
    (folder / "dispute.yaml").write_text(yaml.safe_dump(about))
    (folder / "verdict.json").write_bytes(verdict)
    if n_ids:
        (folder / "ids.csv").write_text("lead_id\n00Q1\n00Q2\n")
    acts, files = [], ledger.hashes(folder)
    for act, day, by in (("open", on, "sales"), *later):
        acts.append(ledger.following(acts, act, on=day, by=by, text="said", files=files))
    ledger.write(folder, acts)


def told(project, facts=FIRST):
    table = front_disputes.open_disputes(project, facts)
    return [line["text"] for line in front_disputes.lines(project, facts, table)]


def test_without_a_dispute_there_is_none_and_no_link(project):
    table = front_disputes.open_disputes(project, FIRST)
    assert table.empty
    assert front_disputes.lines(project, FIRST, table) == [
        {"text": "No open dispute.", "href": "", "link": ""}
    ]


def test_a_dispute_is_a_line_with_its_batch_count_answer_and_what_is_shown(project, verdict):
    dispute(project, verdict)
    (line,) = told(project)
    assert line.startswith(
        "Sales dispute campaign Webinar (60 hand-offs, opened 15 November 2026): causes named. "
        "Shown to have lowered it: follow-up ("
    )


def test_the_claim_is_not_repeated_for_it_may_name_somebody(project, verdict):
    dispute(project, verdict)
    table = front_disputes.open_disputes(project, FIRST)
    assert "Hopper" not in table.to_csv() + str(told(project))


@pytest.mark.parametrize(
    ("batch", "n_ids", "said"),
    [
        (["owner=Grace Hopper"], 0, "1 owner ("),
        (["owner=Grace Hopper", "owner=Mary Jackson", "region=Europe"], 0, "2 owners, region Europe ("),
        ([], 2, "a list of 2 leads ("),
    ],
)
def test_owners_and_listed_leads_are_counted_and_not_named(project, verdict, batch, n_ids, said):
    dispute(project, verdict, batch=batch, n_ids=n_ids)
    (line,) = told(project)
    assert line.startswith(f"Sales dispute {said}")
    assert all(name not in line for name in ("Grace", "Mary", "00Q"))


@pytest.mark.parametrize(("on", "n"), [(date(2026, 11, 15), 1), (date(2026, 11, 16), 0)])
def test_a_dispute_counts_from_the_edition_of_the_day_on_which_it_was_opened(project, verdict, on, n):
    dispute(project, verdict, on=on)
    assert len(front_disputes.open_disputes(project, FIRST)) == n


def test_what_happened_after_the_edition_does_not_change_it(project, verdict):
    later = (("sign", date(2026, 11, 15), "marketing"), ("close", date(2026, 11, 16), None))
    dispute(project, verdict, later=later)
    table = front_disputes.open_disputes(project, FIRST)
    assert table["signed"].tolist() == ["marketing"]
    assert told(project)[0].endswith("Signed by marketing.")
    assert front_disputes.open_disputes(project, replace(FACTS, as_of=datetime(2026, 11, 16, 23))).empty


def test_a_reopened_dispute_is_open_again_and_unsigned(project, verdict):
    day = date(2026, 11, 10)
    acts = (
        ("sign", day, "sales"),
        ("sign", day, "marketing"),
        ("close", day, None),
        ("reopen", day, "sales"),
    )
    dispute(project, verdict, on=day, later=acts)
    assert front_disputes.open_disputes(project, FIRST)["signed"].tolist() == [""]


def test_of_several_disputes_it_is_said_how_many_causes_are_to_be_expected_wrong(project, verdict):
    dispute(project, verdict, "b", on=date(2026, 11, 1))
    dispute(project, verdict, "a", on=date(2026, 11, 2))
    lines = told(project)
    assert len(lines) == 3
    assert "opened 1 November" in lines[0]
    assert lines[2].startswith(
        "All open disputes together: 2 causes are named in 2 of 2 batches; expected to be wrong:"
    )


@pytest.mark.parametrize(
    ("n", "said"), [(5, []), (6, ["1 more open dispute."]), (7, ["2 more open disputes."])]
)
def test_more_than_five_disputes_are_counted_so_that_the_front_page_stays_one_sheet(
    project, verdict, n, said
):
    for at in range(n):
        dispute(project, verdict, f"d{at}")
    assert told(project)[5:-1] == said
