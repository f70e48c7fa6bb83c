"""Acceptance, reasons, completeness and the definition, over hand-offs that each test states."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import quality

COUNTS = ["value", "n", "n_decided", "n_accepted", "n_rejected", "n_recycled", "n_lost", "n_open", "n_young"]


def test_acceptance_is_of_the_decided_and_counts_the_rest_beside(house, rows) -> None:
    here = house("2026-02-01 00:00:00")
    here.handoff("a", "2026-01-02", "accepted", channel="ads")
    here.handoff("b", "2026-01-02", "rejected", channel="ads")
    here.handoff("c", "2026-01-02", "recycled", channel="ads")
    here.handoff("d", "2026-01-02", "lost", channel="ads")
    here.handoff("e", "2026-01-02", "open", channel="ads")
    here.handoff("f", "2026-01-02", "open", channel=None)
    table = quality.acceptance(here.open(), dimension="channel")
    assert rows(table, *COUNTS) == [("ads", 5, 4, 1, 1, 1, 1, 1, 0), (None, 1, 0, 0, 0, 0, 0, 1, 0)]
    assert rows(table, "rate", "low", "high") == [(0.25, 0.0456, 0.6994), (None, None, None)]


def test_a_hand_off_is_judged_when_it_is_exactly_as_old_as_the_landmark(house, rows) -> None:
    """Landmark: 14 days."""
    here = house("2026-01-15 00:00:00")
    here.handoff("on the stroke", "2026-01-01 00:00:00", "accepted", channel="ads")
    here.handoff("a second young", "2026-01-01 00:00:01", "rejected", channel="ads")
    table = quality.acceptance(here.open(), dimension="channel")
    assert rows(table, "n", "n_accepted", "n_rejected", "n_young", "rate") == [(1, 1, 0, 1, 1.0)]


def test_meeting_the_definition_is_of_those_whose_values_were_known(house, rows) -> None:
    here = house()
    for name, met in (("a", True), ("b", False), ("c", None)):
        here.handoff(name, "2026-01-02", "accepted", channel="ads", met_definition=met)
    table = quality.acceptance(here.open(), dimension="channel")
    assert rows(table, "n", "n_judged", "n_met_definition", "met_rate", "met_low") == [(3, 2, 1, 0.5, 0.0945)]


def test_a_channel_far_from_the_rest_is_outside_its_limits(house, rows) -> None:
    here = house()
    for channel in "abcdefgh":
        for i in range(30):
            outcome = "accepted" if (i < 15 if channel != "h" else i < 1) else "rejected"
            here.handoff(f"{channel}{i}", "2026-01-02", outcome, channel=channel)
    table = quality.acceptance(here.open(), dimension="channel")
    assert dict(rows(table, "value", "is_outside")) == dict.fromkeys("abcdefg", False) | {"h": True}
    assert not table["is_small"].any()


@pytest.mark.parametrize(
    "dimension",
    [
        "channel",
        "campaign",
        "content",
        "region",
        "country",
        "industry",
        "company_size",
        "persona",
        "lead_type",
    ],
)
def test_every_dimension_reads_its_own_column(house, rows, dimension: str) -> None:
    here = house()
    here.handoff("a", "2026-01-02", "accepted", **{dimension: f"of {dimension}"})
    assert rows(quality.acceptance(here.open(), dimension=dimension), "value", "n") == [
        (f"of {dimension}", 1)
    ]


def test_an_unknown_dimension_names_the_nearest(house) -> None:
    with pytest.raises(
        UsageError, match=r"no dimension 'regon'. Did you mean 'region'\? Choose one of: channel,"
    ):
        quality.acceptance(house().open(), dimension="regon")


def test_reasons_are_counted_with_those_not_given_and_those_not_agreed(house, rows) -> None:
    here = house()
    here.add("contract.reason", version="v1", reason="No budget", exit="recycled")
    here.handoff("a", "2026-01-02", "recycled", outcome_reason="no budget ")
    here.handoff("b", "2026-01-02", "recycled", outcome_reason="no budget ")
    here.handoff("c", "2026-01-02", "rejected", outcome_reason="No budget")
    here.handoff("d", "2026-01-02", "rejected")
    here.handoff("e", "2026-01-02", "accepted", outcome_reason="ignored")
    table = quality.rejection_reasons(here.open())
    assert rows(table, "exit", "reason", "n", "n_refused", "is_agreed", "share") == [
        ("recycled", "no budget ", 2, 4, True, 0.5),
        ("rejected", "No budget", 1, 4, False, 0.25),
        ("rejected", None, 1, 4, None, 0.25),
    ]


def test_completeness_is_worst_first_with_all_fields_last(house, rows) -> None:
    here = house()
    known = (
        ("a", True, True),
        ("b", True, False),
        ("c", False, False),
        ("d", None, True),
        ("e", None, False),
    )
    for name, email, country in known:
        here.handoff(name, "2026-01-02")
        here.add("marts.handoff_field", handoff_id=name, field="email", is_present=email)
        here.add("marts.handoff_field", handoff_id=name, field="country", is_present=country)
    table = quality.completeness(here.open())
    assert rows(table, "field", "n", "n_present", "n_unknown", "is_total", "rate") == [
        ("country", 5, 2, 0, False, 0.4),
        ("email", 3, 2, 2, False, 0.6667),
        ("all fields", 4, 1, 1, True, 0.25),
    ]


def test_the_definition_shows_the_most_failed_clause_first_and_what_was_unknown(house, rows) -> None:
    here = house()
    for clause_id, words in (("c1", "score at least 60"), ("c2", "a valid email")):
        here.add(
            "contract.clause", version="v1", clause_id=clause_id, part="must_meet", name="mql", words=words
        )
    for name, score, email in (("a", False, True), ("b", False, None), ("c", True, None)):
        here.add("marts.handoff_clause", handoff_id=name, clause_id="c1", field="score", passed=score,
                 evidence="history")  # fmt: skip
        here.add("marts.handoff_clause", handoff_id=name, clause_id="c2", field="email", passed=email,
                 known_from=None if email else "9999-12-31" if name == "b" else "2026-03-01 10:00:00")  # fmt: skip
    table = quality.definition(here.open())
    columns = ["words", "field", "n", "n_passed", "n_failed", "n_unknown", "fail_rate"]
    assert rows(table, *columns) == [
        ("score at least 60", "score", 3, 1, 2, 0, 0.6667),
        ("a valid email", "email", 3, 1, 0, 2, 0.0),
    ]
    assert [str(day)[:10] for day in table["known_from_on"]] == ["NaT", "2026-03-01"]


def test_without_hand_offs_every_table_is_empty_and_has_its_columns(house) -> None:
    con = house().open()
    tables = [
        quality.acceptance(con, dimension="channel"),
        quality.rejection_reasons(con),
        quality.completeness(con),
        quality.definition(con),
    ]
    assert [len(table) for table in tables] == [0, 0, 0, 0]
    assert all("rule" in table for table in tables)
