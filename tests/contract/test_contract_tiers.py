"""Tiers of an SLA and pauses of its clocks: read, refused with place and advice, said in words, laid down as rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from funnel.contract import Clause, Sla, contract_tables, describe, diff, load_contract, load_contracts
from funnel.errors import InputError

Write = Callable[..., Path]

PLAIN = "  - {name: first_touch, clock: business, within: 4 h, attainment: 0.9}\n"
HOT = "  - {name: first_touch, tier: hot, when: {field: score, at_least: 80}, clock: business, within: 1 h}\n"
DEMO = "  - {name: first_touch, tier: demo, when: {field: lead_type, is: Demo}, clock: elapsed, within: 15 min}\n"
SCORE_80 = Clause("field", "at_least", "score", low=80.0)


def test_the_first_tiers_stand_before_the_one_without_a_condition(write: Write) -> None:
    contract = load_contract(write((PLAIN, DEMO + HOT + PLAIN)))
    assert contract.slas[:3] == (
        Sla(
            "first_touch",
            "elapsed",
            900,
            attainment=0.9,
            tier="demo",
            when=(Clause("field", "in", "lead_type", ("Demo",)),),
        ),
        Sla("first_touch", "business", 3_600, attainment=0.9, tier="hot", when=(SCORE_80,)),
        Sla("first_touch", "business", 14_400, attainment=0.9, tier="other"),
    )
    assert contract.slas[3].tier == "all"


def test_the_last_tier_may_have_a_name_of_its_own(write: Write) -> None:
    named = PLAIN.replace("first_touch,", "first_touch, tier: usual,")
    assert [sla.tier for sla in load_contract(write((PLAIN, HOT + named))).slas] == ["hot", "usual", "all"]


def test_conditions_of_a_tier_hold_together_and_may_name_the_profile(write: Write) -> None:
    both = HOT.replace(
        "{field: score, at_least: 80}", "{all: [{field: score, at_least: 80}, {fit: icp}, {status: [MQL]}]}"
    )
    contract = load_contract(write((PLAIN, both + PLAIN)))
    assert contract.slas[0].when == (SCORE_80, *contract.icp, Clause("field", "in", "status", ("MQL",)))


def wrong(write: Write, tiers: str) -> str:
    with pytest.raises(InputError) as caught:
        load_contract(write((PLAIN, tiers)))
    return str(caught.value).removeprefix("contracts/2026-07.yaml:")


def given(when: str, tier: str = "hot") -> str:
    return HOT.replace("{field: score, at_least: 80}", when).replace("tier: hot", f"tier: {tier}")


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        (
            given("{field: scor, at_least: 80}") + PLAIN,
            "19, sla[0].when.field: 'scor' is not a field of a lead. Did you mean 'score'? Fields: email, phone, "
            "title, company, country, region, industry, employees, persona, lead_type, channel, score, status, "
            "reason, owner.",
        ),
        (
            given("{field: lead_type, at_least: 3}") + PLAIN,
            "19, sla[0].when.at_least: 'lead_type' is a text and cannot be compared by 'at_least'. Use one of "
            "is, in, not_in.",
        ),
        (
            given("{event: [Demo]}") + PLAIN,
            "19, sla[0].when: 'event' is something that happened; a tier compares the values of a lead at its "
            "hand-off. Write conditions on fields.",
        ),
        (
            given("{any: [{field: score, at_least: 80}]}") + PLAIN,
            "19, sla[0].when: `any` cannot stand in a tier. Write one tier for each alternative.",
        ),
        (
            HOT.replace("tier: hot, ", "") + PLAIN,
            "19, sla[0]: an SLA with a condition is a tier and needs a name. Write `tier: hot`.",
        ),
        (
            HOT.replace("tier: hot", "tier: Hot") + PLAIN,
            "19, sla[0].tier: expected a tier's name in small letters such as hot, found 'Hot'.",
        ),
        (
            HOT.replace("tier: hot", "tier: all") + PLAIN,
            "19, sla[0].tier: 'all' means all tiers together in reports. Choose another name.",
        ),
        (
            HOT,
            "19, sla[0]: leads that meet no tier of 'first_touch' would have no deadline. End with an entry "
            "without `when`.",
        ),
        (
            PLAIN + HOT,
            "20, sla[1]: this tier is never reached: every lead in it is in the tier 'all' before it, and the "
            "first that applies holds. Put the narrower tier first.",
        ),
        (
            HOT + given("{field: score, at_least: 90}", "hotter") + PLAIN,
            "20, sla[1]: this tier is never reached: every lead in it is in the tier 'hot' before it, and the "
            "first that applies holds. Put the narrower tier first.",
        ),
        (
            HOT + given("{field: score, at_least: 90}") + PLAIN,
            "20, sla[1]: the tier 'hot' of 'first_touch' is given twice. Rename one.",
        ),
        (
            HOT + PLAIN + PLAIN,
            "21, sla[2]: the SLA 'first_touch' is given twice. Keep one.",
        ),
        (
            HOT.replace("within: 1 h", "within: 1 h, attainment: 0.8") + PLAIN,
            "20, sla[1]: the tiers of 'first_touch' name 2 attainments, but one share is agreed for all tiers "
            "together. Give it once.",
        ),
        (
            HOT.replace("within: 1 h", "within: 1 h, applies_to: mql") + PLAIN,
            "20, sla[1]: the tiers of 'first_touch' apply to different stages. One SLA applies to one stage or "
            "to all: give each tier the same `applies_to`.",
        ),
        (
            PLAIN.replace("within: 4 h", "within: 2081 h"),
            "19, sla[0].within: 2081 business hours are more than a year of a calendar that works 40 hours a "
            "week. Shorten it, or use `clock: elapsed`.",
        ),
    ],
    ids=[
        "an unknown field",
        "a text by size",
        "an event",
        "alternatives",
        "no name",
        "a name in capitals",
        "the name of all",
        "no tier for the others",
        "a tier after the last",
        "a narrower tier after a wider",
        "one name twice",
        "two without a condition",
        "two attainments",
        "two stages",
        "more than a year",
    ],
)
def test_a_wrong_tier_is_refused_with_its_place_and_what_would_do(
    write: Write, tiers: str, message: str
) -> None:
    assert wrong(write, tiers) == message


@pytest.mark.parametrize(
    ("first", "second", "is_reached"),
    [
        ("{field: score, at_least: 80}", "{field: score, at_least: 80}", False),
        ("{field: score, at_least: 80}", "{field: score, at_least: 79}", True),
        ("{field: score, at_least: 80}", "{field: score, between: [80, 90]}", False),
        ("{field: score, between: [80, 90]}", "{field: score, at_least: 80}", True),
        ("{field: score, at_most: 80}", "{field: score, between: [1, 80]}", False),
        ("{field: lead_type, in: [Demo, Trial]}", "{field: lead_type, is: demo}", False),
        ("{field: lead_type, is: Demo}", "{field: lead_type, in: [Demo, Trial]}", True),
        ("{field: lead_type, not_in: [Demo]}", "{field: lead_type, is: Trial}", False),
        ("{field: lead_type, not_in: [Demo]}", "{field: lead_type, is: Demo}", True),
        ("{field: lead_type, not_in: [Demo]}", "{field: lead_type, not_in: [Demo, Trial]}", False),
        ("{field: lead_type, not_in: [Demo, Trial]}", "{field: lead_type, not_in: [Demo]}", True),
        ("{field: email, is: present}", "{field: email, is: valid}", False),
        ("{field: email, is: valid}", "{field: email, is: present}", True),
        ("{field: score, at_least: 80}", "{field: employees, at_least: 80}", True),
        (
            "{field: score, at_least: 80}",
            "{all: [{field: score, at_least: 90}, {field: employees, at_least: 50}]}",
            False,
        ),
        (
            "{all: [{field: score, at_least: 90}, {field: employees, at_least: 50}]}",
            "{field: score, at_least: 90}",
            True,
        ),
    ],
)
def test_a_tier_inside_an_earlier_one_is_never_reached(
    write: Write, first: str, second: str, is_reached: bool
) -> None:
    tiers = given(first, "one") + given(second, "two") + PLAIN
    if is_reached:
        assert [sla.tier for sla in load_contract(write((PLAIN, tiers))).slas][:2] == ["one", "two"]
    else:
        assert "never reached" in wrong(write, tiers)


def test_an_sla_of_just_a_year_of_hours_is_accepted(write: Write) -> None:
    path = write((PLAIN, PLAIN.replace("within: 4 h", "within: 2080 h")))
    assert load_contract(path).slas[0].within_seconds == 2080 * 3600


def test_tiers_are_said_in_words_and_compared_one_by_one(write: Write) -> None:
    plain = load_contract(write())
    tiered = load_contract(write((PLAIN, HOT + PLAIN)))
    assert [said for said in describe(tiered) if said.startswith("First touch")] == [
        "First touch, tier hot (leads with a score of at least 80): the receiving team makes a first human "
        "touch within 1 business hour of its assignment, for 90 % of hand-offs.",
        "First touch, tier other (all other leads): the receiving team makes a first human touch within 4 "
        "business hours of its assignment, for 90 % of hand-offs.",
    ]
    stricter = replace(tiered.slas[0], when=(replace(SCORE_80, low=90.0),))
    changed = replace(tiered, slas=(stricter, *tiered.slas[1:]))
    assert [change.sentence for change in diff(tiered, changed)] == [
        "sla.first_touch.hot.when: was a score of at least 80, is now a score of at least 90."
    ]
    assert "sla.first_touch.hot.within" in {change.path for change in diff(plain, tiered)}


def test_tiers_are_rows_and_the_sla_stays_one_row(write: Write) -> None:
    folder = write((PLAIN, DEMO + HOT + PLAIN)).parent
    tables = contract_tables(load_contracts(folder), date(2026, 7, 1), date(2026, 7, 2))
    tiers = tables["sla_tier"].drop(columns=["version", "words"])
    assert tiers.astype(object).where(tiers.notna(), None).values.tolist() == [
        ["first_touch", "demo", 1, 1, "elapsed", 900, None, None],
        ["first_touch", "hot", 2, 1, "business", 3_600, None, None],
        ["first_touch", "other", 3, 0, "business", 14_400, None, None],
        ["cadence", "all", 4, 0, "elapsed", 864_000, 6, None],
    ]
    slas = tables["sla"]
    assert slas[["sla", "clock", "within_seconds", "attainment"]].values.tolist()[0] == [
        "first_touch",
        "business",
        14_400,
        0.9,
    ]
    assert len(slas) == 2
    clauses = tables["clause"][tables["clause"].part == "sla"]
    assert clauses[["name", "field", "op", "low"]].astype(object).values.tolist()[1] == [
        "first_touch/hot",
        "score",
        "at_least",
        80.0,
    ]


PAUSES = ("verdict:", "pauses: {status: [Waiting on customer, On hold]}\nverdict:")


def test_pauses_are_a_status_said_compared_and_laid_down(write: Write) -> None:
    plain, path = load_contract(write()), write(PAUSES)
    contract = load_contract(path)
    assert contract.pause == Clause("field", "in", "status", ("Waiting on customer", "On hold"))
    assert (
        "While the status of a lead is Waiting on customer or On hold, its clocks stand still."
        in describe(contract)
    )
    assert [change.sentence for change in diff(plain, contract)] == [
        "pauses: added: the status Waiting on customer or On hold."
    ]
    clause = contract_tables(load_contracts(path.parent), date(2026, 7, 1), date(2026, 7, 2))["clause"]
    assert clause[clause.part == "pause"][["clause_id", "field", "op"]].values.tolist() == [
        ["2026-07/pause/pause/1/1", "status", "in"]
    ]


@pytest.mark.parametrize(
    ("pauses", "message"),
    [
        (
            "pauses: {status: [on hold, mql]}",
            "21, pauses: the status 'mql' moves a lead to a stage or out of the funnel, and cannot also stop its "
            "clocks. Name a status of its own.",
        ),
        (
            "pauses: {status: [Nurture]}",
            "21, pauses: the status 'Nurture' moves a lead to a stage or out of the funnel, and cannot also stop "
            "its clocks. Name a status of its own.",
        ),
        (
            "pauses: {score: 3}",
            "21, pauses.score: 'score' is not a key of the pauses. Keys here: status.",
        ),
        (
            "pauses: {status: []}",
            "21, pauses.status: expected a list of texts, found an empty list.",
        ),
    ],
    ids=["a status that enters a stage", "a status that leaves", "another field", "no status"],
)
def test_wrong_pauses_are_refused_with_their_place(write: Write, pauses: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_contract(write(("verdict:", pauses + "\nverdict:")))
    assert str(caught.value) == f"contracts/2026-07.yaml:{message}"
