"""A right contract becomes records that say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from funnel.contract import (
    Calendar,
    Clause,
    Contract,
    Exit,
    Handoff,
    Sla,
    Stage,
    Target,
    load_contract,
)
from funnel.errors import UsageError

Write = Callable[..., Path]

NINE_TO_FIVE = ((32_400, 61_200),)
ICP = (
    Clause("field", "between", "employees", low=50.0, high=5000.0),
    Clause("field", "in", "industry", ("software", "logistics")),
)
ENTRY = "{status: [MQL]}"


def test_the_whole_agreement_is_read(write: Write) -> None:
    contract = load_contract(write())
    assert contract == Contract(
        version="2026-07",
        effective_on=date(2026, 7, 1),
        approved_by=(("marketing", "VP Marketing"), ("sales", "VP Sales")),
        calendars=(Calendar("default", "Europe/Berlin", (NINE_TO_FIVE,) * 5 + ((), ()), country="DE"),),
        stages=(
            Stage("inquiry", "Inquiry", 1, "marketing", ((Clause("created", "present"),),)),
            Stage(
                "mql",
                "MQL",
                2,
                "marketing",
                ((Clause("field", "in", "status", ("MQL",)),),),
                must_meet=(
                    Clause("field", "at_least", "score", low=60.0),
                    Clause("field", "valid_email", "email"),
                    *ICP,
                ),
                hands_to="sales",
            ),
            Stage("sal", "SAL", 3, "sales", ((Clause("field", "in", "status", ("Accepted",)),),)),
            Stage("won", "Won", 4, "sales", ((Clause("opportunity", "in", values=("won",)),),)),
        ),
        horizon_seconds=90 * 86_400,
        landmark_seconds=14 * 86_400,
        company=None,
        currency="EUR",
        icp=ICP,
        exits=(
            Exit("rejected", Clause("field", "in", "status", ("Disqualified",))),
            Exit("recycled", Clause("field", "in", "status", ("Nurture",))),
        ),
        reasons=(("Competitor", "rejected"), ("No budget", "recycled")),
        required_at_handoff=("email", "company"),
        slas=(
            Sla("first_touch", "business", 14_400, attainment=0.9),
            Sla("cadence", "elapsed", 864_000, attempts=6),
        ),
        targets=(
            Target("mql_to_sal", "conversion", ("marketing", "sales"), 0.25, within_seconds=90 * 86_400),
        ),
    )
    assert contract.zone == "Europe/Berlin"
    assert contract.teams == ("marketing", "sales")


@pytest.mark.parametrize(
    ("entry", "alternatives"),
    [
        ("{event: [Demo held, Trial]}", ((Clause("event", "in", values=("Demo held", "Trial")),),)),
        ("{created: true}", ((Clause("created", "present"),),)),
        ("{opportunity: created}", ((Clause("opportunity", "in", values=("created",)),),)),
        ("{opportunity_stage: [Proposal]}", ((Clause("opportunity_stage", "in", values=("Proposal",)),),)),
        ("{status: MQL}", ((Clause("field", "in", "status", ("MQL",)),),)),
        ("{field: persona, is: Buyer}", ((Clause("field", "in", "persona", ("Buyer",)),),)),
        ("{field: phone, is: present}", ((Clause("field", "present", "phone"),),)),
        ("{field: country, not_in: [NO, RU]}", ((Clause("field", "not_in", "country", ("NO", "RU")),),)),
        ("{field: score, at_most: 99.5}", ((Clause("field", "at_most", "score", high=99.5),),)),
        ("{field: employees, is: present}", ((Clause("field", "present", "employees"),),)),
        ("{fit: icp}", (ICP,)),
        (
            "{all: [{field: score, at_least: 60}, {fit: icp}]}",
            ((Clause("field", "at_least", "score", low=60.0), *ICP),),
        ),
        (
            "{any: [{event: [Demo]}, {status: [MQL]}, {all: [{field: score, at_least: 90}]}]}",
            (
                (Clause("event", "in", values=("Demo",)),),
                (Clause("field", "in", "status", ("MQL",)),),
                (Clause("field", "at_least", "score", low=90.0),),
            ),
        ),
    ],
)
def test_each_way_to_enter_a_stage_is_read(
    write: Write, entry: str, alternatives: tuple[tuple[Clause, ...], ...]
) -> None:
    creation = ("{created: true}", "{status: [New]}")
    won = ("{opportunity: won}", "{opportunity_stage: [Closed]}")
    contract = load_contract(write((ENTRY, entry), creation, won))
    assert contract.stage("mql").entered_when == alternatives


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-07", "2026-07"),
        ("2026", "2026"),
        ("2026.10", "2026.10"),
        ("2026-07-01", "2026-07-01"),
        ("v2", "v2"),
    ],
)
def test_a_version_keeps_the_text_that_was_written_quoted_or_not(
    write: Write, written: str, read: str
) -> None:
    assert load_contract(write(('"2026-07"', written))).version == read


def test_words_that_yaml_takes_for_something_else_stay_words(write: Write) -> None:
    country = (ENTRY, "{field: country, in: [NO, on, 007, 1e3]}")
    contract = load_contract(write(country, ("rejected: [Competitor]", "rejected: [no, 12:30]")))
    assert contract.stage("mql").entered_when[0][0].values == ("NO", "on", "007", "1e3")
    assert contract.reasons == (("no", "rejected"), ("12:30", "rejected"), ("No budget", "recycled"))


def test_a_calendar_has_regions_breaks_ranges_and_days_of_its_own(write: Write) -> None:
    contract = load_contract(
        write(
            (
                'calendar: {zone: Europe/Berlin, holidays: DE, hours: {mon-fri: ["09:00-17:00"]}}',
                "calendar:\n"
                "  zone: Europe/Berlin\n"
                "  holidays: DE-BE\n"
                '  hours: {mon-thu: ["09:00-12:00", "13:00-17:00"], fri: "09:00-15:00"}\n'
                '  holiday_hours: {2026-12-31: [], 2026-12-24: ["09:00-12:00"]}\n'
                "  regions:\n"
                "    APAC: {zone: Asia/Tokyo, holidays: [2026-05-04, 2026-01-01], hours: {sat-mon: "
                "'22:00-24:00'}}\n",
            )
        )
    )
    day, late = ((32_400, 43_200), (46_800, 61_200)), ((79_200, 86_400),)
    assert contract.calendars == (
        Calendar(
            "default",
            "Europe/Berlin",
            (day, day, day, day, ((32_400, 54_000),), (), ()),
            country="DE-BE",
            holiday_hours=((date(2026, 12, 24), ((32_400, 43_200),)), (date(2026, 12, 31), ())),
        ),
        Calendar(
            "APAC",
            "Asia/Tokyo",
            (late, (), (), (), (), late, late),
            free_on=(date(2026, 1, 1), date(2026, 5, 4)),
        ),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30 min", 1_800), ("1.5 h", 5_400), ("4h", 14_400), ("1 hour", 3_600)],
)
def test_a_business_clock_takes_hours_and_minutes(write: Write, written: str, seconds: int) -> None:
    contract = load_contract(write(("within: 4 h", f"within: {written}")))
    assert contract.slas[0] == Sla("first_touch", "business", seconds, attainment=0.9)


def test_days_and_weeks_without_a_clock_are_elapsed_time(write: Write) -> None:
    contract = load_contract(write(("within: 10 days", "within: 2 weeks")))
    assert contract.slas[1] == Sla("cadence", "elapsed", 14 * 86_400, attempts=6)


def test_an_sla_may_belong_to_one_hand_off(write: Write) -> None:
    contract = load_contract(write(("clock: business", "clock: business, applies_to: mql")))
    assert contract.slas[0].stage == "mql"


def test_targets_have_periods_windows_and_weights(write: Write) -> None:
    more = (
        "targets:\n"
        "  - {kpi: leads, owners: marketing, target: 190, per: week}\n"
        "  - {kpi: won_amount, owners: [sales], target: 120000, per: quarter, weight: 2}\n"
        "  - {kpi: first_touch_attainment, owners: [sales], target: 0.9}\n"
        "  - {kpi: inquiry_to_won, owners: [sales], target: 0, within: 60 days}\n"
        "  - {kpi: mql, owners: [marketing], target: 60, per: month}\n"
        "  - {kpi: coverage, owners: [sales], target: 3}\n"
        "  - {kpi: ltv_cac, owners: [sales], target: 3, weight: 0}\n"
        "  - {kpi: speed_to_lead, owners: [sales], target: 4, weight: 0.5}\n"
    )
    assert load_contract(write(("targets:\n", more))).targets[:-1] == (
        Target("leads", "count", ("marketing",), 190.0, per="week"),
        Target("won_amount", "amount", ("sales",), 120000.0, per="quarter", weight=2.0),
        Target("first_touch_attainment", "rate", ("sales",), 0.9),
        Target("inquiry_to_won", "conversion", ("sales",), 0.0, within_seconds=60 * 86_400),
        Target("mql", "count", ("marketing",), 60.0, per="month"),
        Target("coverage", "ratio", ("sales",), 3.0),
        Target("ltv_cac", "ratio", ("sales",), 3.0, weight=0.0),
        Target("speed_to_lead", "hours", ("sales",), 4.0, weight=0.5),
    )


def test_a_stage_that_says_hands_to_hands_over_from_its_owner(write: Write) -> None:
    assert load_contract(write()).handoffs == (Handoff("mql", "marketing", "sales"),)


def test_a_stage_that_hands_to_its_own_owner_takes_over_from_the_owner_before(write: Write) -> None:
    moved = write(
        ("    hands_to: sales\n", ""), ("name: sal, owner: sales", "name: sal, hands_to: sales, owner: sales")
    )
    assert load_contract(moved).handoffs == (Handoff("sal", "marketing", "sales"),)


def test_without_any_hands_to_a_hand_off_is_a_change_of_owner(write: Write) -> None:
    assert load_contract(write(("    hands_to: sales\n", ""))).handoffs == (
        Handoff("sal", "marketing", "sales"),
    )


def test_one_team_alone_has_no_hand_off(tmp_path: Path) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(
        "version: v1\n"
        "effective_from: 2017-01-01\n"
        "approved_by: {sales: Head of Sales}\n"
        "calendar: {zone: UTC, hours: {mon-fri: '09:00-17:00'}}\n"
        "stages: [{name: opportunity, owner: sales, entered_when: {opportunity: created}}]\n"
        "verdict: {horizon: 90 days, landmark: 14 days}\n",
        encoding="utf-8",
    )
    contract = load_contract(path)
    assert contract.handoffs == ()
    assert contract.stages == (
        Stage(
            "opportunity", "Opportunity", 1, "sales", ((Clause("opportunity", "in", values=("created",)),),)
        ),
    )


def test_an_unknown_stage_is_refused_with_the_nearest_and_the_list(write: Write) -> None:
    with pytest.raises(UsageError) as caught:
        load_contract(write()).stage("mqll")
    assert str(caught.value) == (
        "Contract 2026-07 has no stage 'mqll'. Did you mean 'mql'? "
        "Its stages, in funnel order: inquiry, mql, sal, won."
    )
