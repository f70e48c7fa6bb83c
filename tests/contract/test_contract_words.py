"""Every clause, calendar and duty has words, and none of them takes a side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from funnel.contract import Calendar, Clause, Sla, Target, describe, diff, kpi_title, load_contract
from funnel.contract.durations import say_duration
from funnel.contract.words import say_clause, say_entry, say_holidays, say_hours, say_sla, say_target

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (Clause("field", "at_least", "score", low=60), "a score of at least 60"),
        (Clause("field", "at_most", "score", high=99.5), "a score of at most 99.5"),
        (Clause("field", "between", "score", low=10, high=20), "a score between 10 and 20"),
        (Clause("field", "at_least", "employees", low=5000), "at least 5,000 employees"),
        (Clause("field", "present", "employees"), "a known number of employees"),
        (Clause("field", "present", "email"), "a known e-mail address"),
        (Clause("field", "valid_email", "email"), "a valid e-mail address"),
        (Clause("field", "in", "industry", ("software",)), "the industry software"),
        (Clause("field", "not_in", "owner", ("Queue", "Robot")), "an owner other than Queue or Robot"),
        (Clause("event", "in", values=("Demo", "Trial")), "a recorded event Demo or Trial"),
        (Clause("created", "present"), "a created record"),
        (Clause("opportunity", "in", values=("won",)), "a won opportunity"),
        (Clause("opportunity_stage", "in", values=("Proposal",)), "an opportunity in the stage Proposal"),
    ],
)
def test_a_clause_reads_as_a_thing_that_a_lead_has(clause: Clause, words: str) -> None:
    assert say_clause(clause) == words


def test_alternatives_read_as_one_sentence() -> None:
    entry = [
        [Clause("event", "in", values=("Demo",))],
        [Clause("opportunity_stage", "in", values=("Proposal", "Offer"))],
        [Clause("field", "not_in", "status", ("Junk",))],
        [Clause("field", "at_least", "score", low=60), Clause("field", "valid_email", "email")],
    ]
    assert say_entry(entry) == (
        "when the event Demo is recorded, or when its opportunity reaches the stage Proposal or Offer, "
        "or when it "
        "has a status other than Junk, or when it has a score of at least 60 and a valid e-mail address"
    )


@pytest.mark.parametrize(
    ("seconds", "clock", "words"),
    [
        (864_000, "elapsed", "10 days"),
        (86_400, "elapsed", "1 day"),
        (90_000, "elapsed", "25 hours"),
        (86_400, "business", "24 business hours"),
        (3_600, "business", "1 business hour"),
        (1_800, "business", "30 business minutes"),
        (90, "elapsed", "90 seconds"),
    ],
)
def test_a_duration_is_said_in_the_largest_unit_that_divides_it(seconds: int, clock: str, words: str) -> None:
    assert say_duration(seconds, clock) == words


def test_hours_group_equal_neighbours_and_name_breaks() -> None:
    day, short = ((32_400, 43_200), (46_800, 61_200)), ((32_400, 54_000),)
    calendar = Calendar("default", "UTC", (day, day, day, day, short, (), short))
    assert say_hours(calendar) == (
        "Monday to Thursday 09:00-12:00 and 13:00-17:00; Friday 09:00-15:00; Sunday 09:00-15:00"
    )


def test_holidays_are_a_country_days_or_none() -> None:
    none = Calendar("default", "UTC", ((),) * 7)
    assert [
        say_holidays(none),
        say_holidays(replace(none, free_on=(date(2026, 1, 1), date(2026, 5, 4)))),
        say_holidays(replace(none, country="DE-BE")),
    ] == ["no holidays are free", "free on 2026-01-01 and 2026-05-04", "public holidays of DE-BE are free"]


def test_an_sla_at_one_stage_says_so(write: Write) -> None:
    contract = load_contract(write())
    assert say_sla(contract, Sla("disposition", "elapsed", 864_000, attainment=0.955, stage="mql")) == (
        "Disposition (hand-off at MQL): the receiving team accepts, rejects or recycles the lead within "
        "10 days "
        "of its assignment, for 95.5 % of hand-offs."
    )


def test_targets_and_kpis_have_titles(write: Write) -> None:
    contract = load_contract(write())
    kpis = ("leads", "mql", "mql_to_sal", "cadence_attainment", "unheard_of")
    assert [kpi_title(contract, kpi) for kpi in kpis] == [
        "Leads",
        "MQL entries",
        "MQL to SAL",
        "Cadence within the SLA",
        "unheard_of",
    ]
    assert say_target(contract, Target("leads", "count", ("sales",), 190, per="week", weight=2)) == (
        "Target: Leads: 190 a week (owner: sales, weight 2)."
    )


@pytest.mark.parametrize(
    ("kpi", "kind", "aim", "words"),
    [
        ("speed_to_lead", "hours", 4, "Speed to lead: 4 hours"),
        ("days_to_close", "days", 60, "Days to close: 60 days"),
        ("payback_months", "months", 12, "Payback of CAC: 12 months"),
        ("mean_deal", "mean", 25000, "Mean won deal: 25,000 EUR"),
        ("ltv_cac", "ratio", 3, "LTV : CAC: 3"),
        ("opportunities", "count", 80, "Opportunities created: 80"),
        ("retention_rate", "rate", 0.9, "Won accounts that won again: 90 %"),
    ],
)
def test_a_target_is_said_in_its_unit_and_a_weight_of_nothing_is_said(kpi, kind, aim, words, write) -> None:
    contract = load_contract(write())
    said = say_target(contract, Target(kpi, kind, ("sales",), aim, weight=0))
    assert said == f"Target: {words} (owner: sales, weight 0)."


def test_days_with_hours_of_their_own_are_described(write: Write) -> None:
    own = ("holidays: DE", "holidays: DE, holiday_hours: {2026-12-24: ['09:00-12:00'], 2026-12-31: []}")
    assert describe(load_contract(write(own)))[-3] == (
        "Business hours (Europe/Berlin): Monday to Friday 09:00-17:00; public holidays of DE are free; "
        "2026-12-24 09:00-12:00; 2026-12-31 closed."
    )


def test_swapping_the_teams_swaps_their_names_and_nothing_else(write: Write) -> None:
    """The wording is neutral: with the two names exchanged everywhere, only the names move."""
    plain = load_contract(write())
    swapped_file = write()
    text = swapped_file.read_text(encoding="utf-8")
    swap = {"marketing": "sales", "sales": "marketing", "Marketing": "Sales", "Sales": "Marketing"}

    def exchange(said: str) -> str:
        for old, mark in (("marketing", "\0"), ("Marketing", "\1")):
            said = said.replace(old, mark).replace(swap[old], old).replace(mark, swap[old])
        return said

    swapped_file.write_text(exchange(text), encoding="utf-8")
    assert describe(load_contract(swapped_file)) == [exchange(said) for said in describe(plain)]


def test_diff_says_added_removed_and_changed(write: Write) -> None:
    old = load_contract(write())
    new = load_contract(
        write(
            ("icp:", "company: Kestrel\nicp:"),
            ("VP Sales}", "CRO}"),
            ("    hands_to: sales\n", ""),
            ("name: sal, owner", "name: sal, title: Accepted lead, hands_to: sales, owner"),
            ("{field: email, is: valid}, ", ""),
            ("attainment: 0.9", "attainment: 0.95"),
            ("attempts: 6", "attempts: 8"),
            ("[email, company]", "[email, country]"),
            ("target: 0.25", "target: 0.3, within: 60 days"),
        )
    )
    assert [(c.path, c.kind, c.was, c.now) for c in diff(old, new)] == [
        ("company", "changed", "not named", "Kestrel"),
        ("approved_by.sales", "changed", "VP Sales", "CRO"),
        ("stages.sal.title", "changed", "SAL", "Accepted lead"),
        ("stages.sal.hands_to", "added", None, "sales"),
        ("required_at_handoff.country", "added", None, "required"),
        ("sla.first_touch.attainment", "changed", "0.9", "0.95"),
        ("sla.cadence.attempts", "changed", "6", "8"),
        ("targets.mql_to_sal.target", "changed", "0.25", "0.3"),
        ("targets.mql_to_sal.within", "changed", "90 days", "60 days"),
        ("stages.mql.must_meet.email", "removed", "a valid e-mail address", None),
        ("stages.mql.hands_to", "removed", "sales", None),
        ("required_at_handoff.company", "removed", "required", None),
    ]
    assert [change.sentence for change in diff(old, new)][
        -1
    ] == "required_at_handoff.company: removed: required."


def test_a_contract_does_not_differ_from_itself(write: Write) -> None:
    contract = load_contract(write())
    assert diff(contract, contract) == []
