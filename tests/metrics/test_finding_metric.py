"""What to know: only what is clear of target or variation, by money at stake, in neutral words."""

from __future__ import annotations

import pytest

from funnel.metrics import finding, sentence, stake

DASH = "\N{EN DASH}"
GAP = "\N{NO-BREAK SPACE}"
MONDAYS = [f"2026-{day}" for day in ("04-06", "04-13", "04-20", "04-27", "05-04", "05-11", "05-18", "05-25")]


def won_before(here, n: int = 10, wins: int = 5, amount: int = 1000) -> None:
    """Let old leads have been won: half of the MQLs, 1,000 each, so an MQL has brought 500."""
    for i in range(n):
        won = {"won": "2025-06-01"} if i < wins else {}
        here.cycle(f"old-{i}", mql="2025-05-01", **won)
        if i < wins:
            here.opportunity("2025-05-01", amount, "2025-06-01", "won")


def answered(here, met: int, missed: int, untouched: int = 0, day: str = "2026-06-08") -> None:
    if not len(here.con.table("contract.sla")):
        here.add("contract.sla", version="v1", sla="first_touch", clock="business", within_seconds=4 * 3600,
                 attainment=0.9, words="4 business hours")  # fmt: skip
    for i in range(met + missed):
        touch = None if met <= i < met + untouched else f"{day} 18:00:00"
        outcome = "met" if i < met else "missed"
        here.handoff(f"{day} {i}", f"{day} 09:00:00", stage="mql", first_touch_at=touch,
                     sla={"first_touch": (f"{day} 13:00:00", outcome)})  # fmt: skip


def test_an_obligation_below_what_was_agreed_is_told_with_who_was_never_touched(house, rows) -> None:
    here = house("2026-06-15 00:00:00", hands_to={"mql": "sales"})
    won_before(here)
    answered(here, met=62, missed=38, untouched=20)
    table = finding.findings(here.open())
    assert rows(table, "rank", "kpi", "kind", "n", "value", "owner") == [
        (1, "first_touch_attainment", "target", 100.0, 0.62, "Sales")
    ]
    assert table["sentence"][0] == (
        f"Sales answered 62{GAP}% (52{DASH}71) of 100 hand-offs in the week of 8{DASH}14 June 2026 "
        f"within 4 business hours; agreed: 90{GAP}%. 20 were never touched."
    )
    assert rows(table, "number", "agreed", "link") == [
        (f"62{GAP}% (52{DASH}71)", f"agreed: 90{GAP}%", "handoff.html#sla-weekly")
    ]


def test_money_at_stake_is_the_shortfall_in_cases_times_what_such_cases_brought(house, rows) -> None:
    """28 hand-offs short of 90 %, each MQL has brought 500: 14,000 a week."""
    here = house("2026-06-15 00:00:00", hands_to={"mql": "sales"})
    won_before(here)
    answered(here, met=62, missed=38)
    table = finding.findings(here.open())
    assert rows(table, "amount_at_stake", "currency", "how") == [(14000.0, "EUR", stake.HOW)]


def test_a_shortfall_that_chance_explains_is_no_finding(house) -> None:
    here = house("2026-06-15 00:00:00")
    answered(here, met=8, missed=2)
    assert finding.findings(here.open()).empty


def test_a_target_met_or_bettered_is_no_finding(house) -> None:
    here = house("2026-06-15 00:00:00")
    answered(here, met=100, missed=0)
    assert finding.findings(here.open()).empty


def test_an_empty_warehouse_has_no_finding_and_a_sentence_for_that(house) -> None:
    assert finding.findings(house().open()).empty
    assert finding.NONE == "Nothing this week lies outside ordinary variation."


def test_findings_are_ranked_by_money_and_those_without_an_amount_come_last(house, rows) -> None:
    """A month's amount is put on a week: 30,437.5 short in June is 7,000 a week."""
    here = house("2026-07-01 00:00:00", hands_to={"mql": "sales"})
    won_before(here)
    answered(here, met=80, missed=20, day="2026-06-22")
    here.target("won_amount", 30437.5, "month")
    here.target("days_to_close", 10, "quarter")
    for day in range(10):
        here.opportunity("2026-01-02", None, f"2026-05-{day + 10}", "won")
    table = finding.findings(here.open())
    assert rows(table, "rank", "kpi", "amount_at_stake", "owner", digits=2) == [
        (1, "won_amount", 7000.0, "Marketing and sales"),
        (2, "first_touch_attainment", 5000.0, "Sales"),
        (3, "days_to_close", None, "Marketing and sales"),
    ]
    assert table["how"][2] == "No amount can be put on it."


def test_at_most_five_are_ranked_and_the_others_are_not_lost(house, rows) -> None:
    here = house("2026-06-15 00:00:00", hands_to={"mql": "sales"})
    answered(here, met=10, missed=90)
    for name in ("leads", "hand_offs", "mql", "sal", "sql", "won"):
        here.target(name, 10_000, "week")
    here.cycle("b", mql="2026-06-08", sal="2026-06-08", sql="2026-06-08", won="2026-06-08")
    table = finding.findings(here.open())
    assert rows(table, "rank", "state") == [(place, "new") for place in (1, 2, 3, 4, 5, None, None)]


def test_a_week_outside_its_band_is_told_in_either_direction(house, rows) -> None:
    here = house("2026-06-08 00:00:00")
    for i, monday in enumerate(MONDAYS):
        for j in range(19 if i % 2 else 21):
            here.cycle(f"{i}-{j}", mql=monday, exit=("rejected", "2026-06-01"))
    for j in range(60):
        here.cycle(f"last-{j}", mql="2026-06-01")
    table = finding.findings(here.open())
    leads = table[table["kpi"] == "leads"]
    assert rows(leads, "kind", "value", "agreed", "owner") == [
        ("variation", 60.0, f"usual: 18{DASH}22", "Marketing")
    ]
    assert leads["sentence"].iloc[0] == (
        f"60 (46{DASH}77) leads arrived in the week of 1{DASH}7 June 2026; usual: 18{DASH}22."
    )


def test_what_misses_its_target_is_not_told_again_as_variation(house) -> None:
    here = house("2026-06-08 00:00:00")
    here.target("leads", 30, "week")
    for i, monday in enumerate(MONDAYS):
        for j in range(39 if i % 2 else 41):
            here.cycle(f"{i}-{j}", mql=monday)
    here.cycle("last", mql="2026-06-01")
    table = finding.findings(here.open())
    assert table[table["kpi"] == "leads"]["kind"].tolist() == ["target"]


ROW = {
    "kind": "target", "unit": "rate", "value": 0.24, "low": 0.19, "high": 0.30, "n": 200, "should": 0.3,
    "owners": "marketing, sales", "period": "month", "period_on": "2026-05-01", "title": "MQL to SQL",
    "from_title": "MQL", "to_title": "SQL", "family": "conversion", "sla": "", "within_seconds": 60 * 86400,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "24 % (19–30) of 200 MQL entries in May 2026 reached SQL within 60 days; agreed: 30 %."),
        (
            {"family": "acceptance"},
            "24 % (19–30) of 200 decided hand-offs made in May 2026 were accepted; agreed: 30 %.",
        ),
        (
            {"family": "win_rate"},
            "24 % (19–30) of 200 opportunities closed in May 2026 were won; agreed: 30 %.",
        ),
        (
            {"family": "win_rate_amount"},
            "24 % (19–30) of the value of 200 opportunities closed in May 2026 was won; agreed: 30 %.",
        ),
        (
            {"family": "pipeline", "unit": "money", "value": 1.5e5, "low": 1e5, "high": 2e5, "should": 4e5},
            "€150 k (€100 k–€200 k) of new pipeline in May 2026; agreed: €400 k.",
        ),
        (
            {"family": "won", "unit": "money", "value": 1.5e5, "low": None, "high": None, "should": 4e5},
            "€150 k was won in May 2026; agreed: €400 k.",
        ),
        (
            {"family": "cac", "unit": "money", "value": 900, "low": 800, "high": 1000, "should": 700, "n": 12,
             "period": "quarter", "period_on": "2026-04-01"},
            "€900 (€800–€1.00 k) was spent per new customer in Q2 2026 (12 customers); agreed: €700.",
        ),
        (
            {"family": "days", "unit": "days", "value": 57, "low": 50, "high": 60, "should": 40},
            "57 d (50 d–60 d) from creation to close for half of 200 opportunities won in May 2026; "
            "agreed: 40 d.",
        ),
        (
            {"family": "hand_offs", "unit": "count", "value": 30, "low": 20, "high": 43, "should": 60},
            "30 (20–43) hand-offs were made in May 2026; agreed: 60.",
        ),
        (
            {"family": "entries", "unit": "count", "value": 30, "low": 20, "high": 43, "should": 60,
             "title": "MQL entries"},
            "30 (20–43) MQL entries in May 2026; agreed: 60.",
        ),
        (
            {"family": "obligation", "sla": "disposition", "owners": "sales", "within_seconds": 14 * 86400},
            "Sales decided 24 % (19–30) of 200 hand-offs in May 2026 within 14 days; agreed: 30 %.",
        ),
        (
            {"family": "obligation", "sla": "cadence", "owners": "sales", "within_seconds": 10 * 86400,
             "n_untouched": 1},
            "Sales made the agreed attempts on 24 % (19–30) of 200 hand-offs in May 2026 within 10 days; "
            "agreed: 30 %. 1 was never touched.",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_kpi_has_its_sentence(changed, expected: str) -> None:
    said = sentence.say(ROW | changed, "EUR").replace(GAP, " ")
    assert said == expected


def test_swapping_the_teams_swaps_only_their_names() -> None:
    row = ROW | {"family": "obligation", "sla": "first_touch", "clock": "elapsed", "within_seconds": 4 * 3600}
    first = sentence.say(row | {"owners": "sales"}, "EUR")
    second = sentence.say(row | {"owners": "marketing"}, "EUR")
    assert first.replace("Sales", "Marketing") == second
    assert "within 4 hours" in first


def test_owners_are_written_as_words() -> None:
    assert sentence.owner("sales") == "Sales"
    assert sentence.owner("marketing, sdr, sales") == "Marketing, sdr and sales"
