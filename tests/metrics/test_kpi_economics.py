"""Costs, payback, LTV:CAC, sales velocity, win rates, the shared index, who comes back: on the stroke."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from funnel.errors import UsageError
from funnel.metrics import economics, kpi
from funnel.metrics.index import attained


def one(rows, table, name: str, *columns: str):
    found = rows(table[table["kpi"] == name], *columns)
    assert len(found) == 1
    return found[0]


def agree(here, **terms: float) -> None:
    for name, value in terms.items():
        here.add("contract.term", version="v1", name=name, value=value)


def spend(here, spent_on: str, amount: float, **more) -> None:
    here.n += 1
    here.add("marts.spend", spend_id=f"s{here.n}", spent_on=spent_on, amount=amount, currency="EUR", **more)


def test_with_a_lag_the_spend_of_the_period_moved_back_counts_and_not_the_day_after(house, rows) -> None:
    """Q2 moved back by 30 days is 2 March to 31 May: both ends count, the days beside them do not."""
    here = house("2026-07-01 00:00:00")
    agree(here, cac_lag_seconds=30 * 86400)
    for day, amount in (("2026-03-01", 1), ("2026-03-02", 10), ("2026-05-31", 100), ("2026-06-01", 1000)):
        spend(here, day, amount)
    here.opportunity("2026-01-01", 1, "2026-04-01 00:00:00", "won")
    here.opportunity("2026-01-01", 1, "2026-06-30 23:59:59", "won")
    here.opportunity("2026-01-01", 1, "2026-03-31 23:59:59", "won")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "cac", "value", "n", "period_on") == (55.0, 2, "2026-04-01")
    assert "in the period moved back by 30 days /" in one(rows, table, "cac", "rule")[0]


def test_a_lag_that_is_not_whole_days_is_cut_to_them() -> None:
    assert [economics.lag_days({"cac_lag_seconds": s}) for s in (86399.0, 86400.0)] == [0, 1]
    assert economics.lag_days({}) == 0


def test_spend_over_several_days_is_moved_with_all_its_days(house, rows) -> None:
    """30 and 31 March and 1 April at 100 a day, moved by one day: two of them fall into Q2."""
    here = house("2026-07-01 00:00:00")
    agree(here, cac_lag_seconds=86400)
    spend(here, "2026-03-30", 300, ends_on="2026-04-01")
    here.opportunity("2026-01-01", 1, "2026-04-30", "won")
    assert one(rows, kpi.scorecard(here.open()), "cac", "value") == (200.0,)


def test_paid_cost_counts_the_agreed_kinds_only_and_the_full_one_all(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.add("contract.paid_kind", version="v1", kind="media")
    here.add("contract.paid_kind", version="v0", kind="salaries")
    for kind, amount in (("media", 100), ("salaries", 900), (None, 5)):
        spend(here, "2026-04-10", amount, kind=kind)
    here.opportunity("2026-01-01", 1, "2026-04-30", "won")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "cac", "value") == (1005.0,)
    assert one(rows, table, "cac_paid", "value", "n") == (100.0, 1)
    assert "of the kinds media in the period" in one(rows, table, "cac_paid", "rule")[0]


def test_payback_and_lifetime_come_from_the_same_new_customers(house, rows) -> None:
    """Spend 600; two new customers for 900 and 300 at margin .5: 12 x 600 / 600 = 12 months; 600 / .1 / 600 = 10."""
    here = house("2026-07-01 00:00:00")
    agree(here, gross_margin=0.5, annual_churn=0.1)
    spend(here, "2026-04-10", 600)
    here.opportunity("2026-01-01", 5000, "2026-03-31", "won", account_id="old")
    here.opportunity("2026-01-01", 5000, "2026-04-30", "won", account_id="old")
    here.opportunity("2026-01-01", 500, "2026-04-30", "won", account_id="new")
    here.opportunity("2026-01-01", 400, "2026-06-30", "won", account_id="new")
    here.opportunity("2026-01-01", 300, "2026-06-30", "won", account_id="other")
    table = kpi.scorecard(here.open())
    reach = norm.ppf(0.975) * math.sqrt(900**2 + 300**2)
    assert one(rows, table, "payback_months", "value", "low", "high", "n", "unit", "direction") == (
        12.0, round(12 * 600 / ((1200 + reach) * 0.5), 4), None, 2, "months", "down",
    )  # fmt: skip
    assert one(rows, table, "ltv_cac", "value", "low", "high") == (
        10.0,
        None,
        round((1200 + reach) * 5 / 600, 4),
    )
    assert "gross margin 50\N{NO-BREAK SPACE}%, churn 10" in one(rows, table, "ltv_cac", "rule")[0]


def test_a_customer_without_an_amount_is_taken_at_the_mean_of_the_others(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    agree(here, gross_margin=1.0, annual_churn=0.5)
    spend(here, "2026-04-10", 600)
    here.opportunity("2026-01-01", 600, "2026-04-30", "won")
    here.opportunity("2026-01-01", None, "2026-04-30", "won")
    here.opportunity("2026-01-01", 9000, "2026-04-30", "won", currency="USD")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "payback_months", "value", "n", "n_unknown", "missing") == (
        4.0, 3, 2, "2 cannot be counted",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "payback", "lifetime"),
    [
        ({}, "the contract names no gross margin", "the contract names no gross margin and no annual churn"),
        ({"gross_margin": 0.8}, None, "the contract names no annual churn"),
        ({"gross_margin": 0.8, "annual_churn": 0.0}, None, "the contract's annual churn is 0"),
        ({"gross_margin": 0.0, "annual_churn": 0.1}, *["the contract's gross margin is 0"] * 2),
    ],
)
def test_what_the_contract_does_not_name_is_said(house, rows, terms, payback, lifetime) -> None:
    here = house("2026-07-01 00:00:00")
    agree(here, **terms)
    spend(here, "2026-04-10", 600)
    here.opportunity("2026-01-01", 600, "2026-04-30", "won")
    table = kpi.scorecard(here.open())
    for name, words in (("payback_months", payback), ("ltv_cac", lifetime)):
        assert one(rows, table, name, "state", "missing") == ("undefined" if words else "ok", words)
    assert one(rows, table, "cac_paid", "missing") == ("the contract names no paid kinds of spend",)


# sales velocity


def test_velocity_is_open_x_win_rate_x_mean_amount_over_mean_days_with_its_inputs(house, rows) -> None:
    """At the end of June one is open and one closed on the first instant of July counts as open: 2 x 2/3 x 200 / 15."""
    here = house("2026-07-10 00:00:00")
    here.opportunity("2026-04-01", 100, "2026-04-11", "won")
    here.opportunity("2026-04-01", 300, "2026-04-21", "won")
    here.opportunity("2026-04-01", 999, "2026-06-30 23:59:59", "lost")
    here.opportunity("2026-06-30 23:59:59", 1, "2026-07-01 00:00:00", "won")
    here.opportunity("2026-05-01", 1)
    here.opportunity("2026-07-01 00:00:00", 1)
    table = kpi.sales_velocity(here.open())
    columns = ["period_on", "is_complete", "n_open", "n", "n_won", "win_rate", "mean_amount", "days"]
    assert rows(table.head(1), *columns) == [("2026-04-01", True, 2, 3, 2, 0.6667, 200.0, 15.0)]
    assert rows(table.tail(1), "period_on", "is_complete", "n_open", "n") == [("2026-07-01", False, 2, 1)]
    day = 2 * (2 / 3) * 200 / 15
    spread = math.sqrt(
        1 / 6 + (np.std([100, 300], ddof=1) / 200) ** 2 / 2 + (np.std([10, 20], ddof=1) / 15) ** 2 / 2
    )
    reach = math.exp(norm.ppf(0.975) * spread)
    assert rows(table.head(1), "velocity_day", "velocity_week", "low", "high", "state") == [
        (round(day, 4), round(7 * day, 4), round(7 * day / reach, 4), round(7 * day * reach, 4), "ok")
    ]
    half = t.ppf(0.975, 1) * np.std([100, 300], ddof=1) / math.sqrt(2)
    assert rows(table.head(1), "mean_low", "mean_high") == [(max(200 - half, 0), round(200 + half, 4))]


def test_velocity_says_which_input_is_missing(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.opportunity("2026-04-01", 100, "2026-04-11", "lost")
    assert rows(kpi.sales_velocity(here.open()), "velocity_week", "state", "missing") == [
        (None, "undefined", "none was won")
    ]
    bare = house("2026-07-01 00:00:00")
    bare.opportunity("2026-04-01", None, "2026-04-11", "won")
    assert rows(kpi.sales_velocity(bare.open()), "state", "missing") == [
        ("undefined", "no won opportunity has an amount")
    ]


# win rates


def test_win_rates_are_of_the_period_of_closing_by_any_splits_together(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.add("core.rep", rep_id="boss", name="Bea")
    here.add("core.rep", rep_id="r", name="Ann", team="North", region="EMEA", manager_id="boss")
    here.opportunity("2026-01-01", 300, "2026-03-31 23:59:59", "won", owner_id="r")
    here.opportunity("2026-01-01", 100, "2026-04-01 00:00:00", "lost", owner_id="r")
    here.opportunity("2026-01-01", 300, "2026-04-01 00:00:00", "won", owner_id="r")
    here.opportunity("2026-01-01", None, "2026-06-30", "won", owner_id=None)
    here.opportunity("2026-01-01", 300)
    con = here.open()
    columns = [
        "quarter",
        "manager",
        "n",
        "n_won",
        "n_lost",
        "rate",
        "won_amount",
        "lost_amount",
        "rate_amount",
        "n_unknown",
    ]
    assert rows(kpi.win_rates(con, by=["quarter", "manager"]), *columns) == [
        ("2026-01-01", "Bea", 1, 1, 0, 1.0, 300.0, None, 1.0, 0),
        ("2026-04-01", "Bea", 2, 1, 1, 0.5, 300.0, 100.0, 0.75, 0),
        ("2026-04-01", None, 1, 1, 0, 1.0, None, None, None, 1),
    ]
    table = kpi.win_rates(con, by="team_region", start_on="2026-04-01", end_on="2026-06-30")
    assert rows(table, "team_region", "n", "rate") == [("EMEA", 2, 0.5)]
    with pytest.raises(UsageError, match=r"cannot be split by 'managers'\. Did you mean 'manager'"):
        kpi.win_rates(con, by="managers")


def test_win_rates_without_a_lost_one_are_not_in_this_source(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.opportunity("2026-01-01", 300, "2026-04-01", "won")
    assert rows(kpi.win_rates(here.open()), "n", "rate", "rate_amount", "state") == [
        (1, None, None, "not in this source")
    ]


# the shared index


def test_the_index_adds_up_exactly_and_is_cut_at_125_per_cent(house, rows) -> None:
    """Leads 5 of 4 reach the cap on the stroke, win rate 1/3 of .5 at weight 2; the third cannot be judged."""
    here = house("2026-06-15 00:00:00")
    here.target("leads", 4, "week", weight=1.0, owners="marketing")
    here.target("win_rate", 0.5, weight=2.0)
    here.target("cac", 10, "quarter", weight=4.0)
    here.target("hand_offs", 7, "week", weight=0.0)
    for i in range(5):
        here.cycle(str(i), mql="2026-06-08")
    for outcome in ("won", "lost", "lost"):
        here.opportunity("2026-04-01", 1, "2026-05-01", outcome)
    here.sources("person", "opportunity")
    table = kpi.attainment_index(here.open())
    columns = ["kpi", "weight", "share", "attainment", "capped", "contribution", "is_total", "state"]
    assert rows(table, *columns, digits=6) == [
        ("leads", 1.0, 0.333333, 1.25, 1.25, 0.416667, False, "ok"),
        ("win_rate", 2.0, 0.666667, 0.666667, 0.666667, 0.444444, False, "ok"),
        ("cac", 4.0, None, None, None, None, False, "not in this source"),
        ("hand_offs", 0.0, None, None, None, None, False, "undefined"),
        (None, 3.0, 1.0, None, None, 0.861111, True, "ok"),
    ]
    parts = table["contribution"].iloc[:-1].dropna()
    assert round(sum(parts), 6) == table["contribution"].iloc[-1]
    assert "Cost per new customer (CAC) (weight 4; not in this source)" in table["rule"].iloc[0]
    assert "Hand-offs" not in table["rule"].iloc[0]


def test_above_the_cap_nothing_is_gained_and_a_weight_of_nothing_takes_no_part(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("leads", 1, "week", weight=1.0)
    here.target("mql", 100, "week", weight=0.0)
    for i in range(9):
        here.cycle(str(i), mql="2026-06-08")
    table = kpi.attainment_index(here.open())
    assert rows(table.tail(1), "contribution", "weight", "n") == [(1.25, 1.0, 1)]
    assert one(rows, table, "mql", "attainment", "contribution", "state") == (0.09, None, "ok")


def test_nothing_reached_is_nought_of_a_count_and_costs_turn_round(house, rows) -> None:
    here = house("2026-06-22 00:00:00")
    here.target("leads", 4, "week")
    here.cycle("a", mql="2026-06-08")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "leads", "value", "attainment") == (0.0, 0.0)
    assert rows(kpi.attainment_index(here.con).tail(1), "contribution") == [(0.0,)]
    assert [attained(value, 10.0, "down") for value in (0, 8.0, 7.9, 20)] == [1.25, 1.25, 1.25, 0.5]
    assert [attained(value, 10.0, "up") for value in (0, 12.5, 12.6, 5)] == [0.0, 1.25, 1.25, 0.5]


def test_an_index_of_no_target_is_undefined(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("mql_to_sql", 0.0)
    here.cycle("a", mql="2026-01-05", sql="2026-01-06")
    table = kpi.attainment_index(here.open())
    assert rows(table, "kpi", "state", "missing") == [
        ("mql_to_sql", "undefined", "a target of 0 has no share that could be reached"),
        (None, "undefined", "no target of any weight can be judged"),
    ]


# who comes back


def recycled(here, name: str, exit_at: str, back: str | None, *, stage: str = "mql", number: int = 2) -> None:
    here.cycle(f"{name}1", subject_id=name, mql="2026-01-01", exit=("recycled", exit_at))
    if back:
        here.cycle(f"{name}2", subject_id=name, **{"pass": number}, **{stage: back})


def test_requalification_counts_who_reached_the_handing_stage_within_the_horizon_its_end_included(
    house, rows
) -> None:
    """Horizon 90 days: recycled on 1 January 10:00, back by 1 April 10:00; a pass before does not count."""
    here = house("2026-07-01 00:00:00", hands_to={"mql": "sales"})
    recycled(here, "in", "2026-01-01 10:00:00", "2026-04-01 10:00:00")
    recycled(here, "late", "2026-01-01 10:00:00", "2026-04-01 10:00:01")
    recycled(here, "further", "2026-03-31 23:00:00", "2026-04-01", stage="sql")
    recycled(here, "never", "2026-03-31", None)
    recycled(here, "same", "2026-02-01", "2026-02-02", number=1)
    recycled(here, "next quarter", "2026-04-01 00:00:00", "2026-04-02")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "requalified_rate", "value", "n", "period_on", "state") == (
        0.4,
        5,
        "2026-01-01",
        "ok",
    )
    assert "reached MQL or further within 90 days" in one(rows, table, "requalified_rate", "rule")[0]


@pytest.mark.parametrize(
    ("as_of", "state"), [("2026-06-28 23:59:59", "not yet"), ("2026-06-30 00:00:00", "ok")]
)
def test_requalification_is_mature_when_the_whole_quarter_had_the_horizon(house, rows, as_of, state) -> None:
    here = house(as_of, hands_to={"mql": "sales"})
    recycled(here, "in", "2026-01-01 10:00:00", "2026-01-02")
    assert one(rows, kpi.scorecard(here.open()), "requalified_rate", "state") == (state,)


def test_retention_is_won_again_within_a_year_of_those_that_were_decided_again(house, rows) -> None:
    """First wins of Q1 2025 are due in Q1 2026: 365 days on is within, 366 is not; silence is not known."""
    here = house("2026-07-01 00:00:00")
    for name, again, outcome in (
        ("kept", "2026-01-10", "won"),
        ("late", "2026-01-11", "won"),
        ("left", "2025-12-01", "lost"),
    ):
        here.opportunity("2025-01-01", 1, "2025-01-10", "won", account_id=name)
        here.opportunity("2025-06-01", 1, again, outcome, account_id=name)
    found = kpi.scorecard(here.open(), period_on="2026-02-01")
    assert one(rows, found, "retention_rate", "value", "n", "n_unknown", "period_on", "missing") == (
        0.5, 2, 1, "2026-01-01", "1 cannot be counted",
    )  # fmt: skip


def test_retention_is_not_in_a_source_that_records_no_renewals(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    for name in "abc":
        here.opportunity("2025-01-01", 1, "2025-01-10", "won", account_id=name)
    here.opportunity("2025-06-01", 1, "2025-07-01", "won", account_id="a")
    con = here.open()
    assert one(rows, kpi.scorecard(con), "retention_rate", "state", "missing") == (
        "not in this source",
        "renewals: for 2 of 3 accounts won a year ago no further opportunity is recorded, won or lost",
    )


@pytest.mark.parametrize(
    ("account", "closed", "state", "words"),
    [
        (None, "2025-01-10", "not in this source", "no won opportunity has an account"),
        ("a", "2025-07-01", "not yet", "no account has a first win that lies a year back"),
        ("a", "2025-06-30", "not in this source", None),
    ],
)
def test_retention_needs_accounts_and_a_year(house, rows, account, closed, state, words) -> None:
    here = house("2026-07-01 00:00:00")
    here.opportunity("2025-01-01", 1, closed, "won", account_id=account)
    found = one(rows, kpi.scorecard(here.open()), "retention_rate", "state", "missing")
    assert found[0] == state
    assert words is None or found[1] == words


# medians with the open ones in them


def test_time_to_disposition_keeps_the_open_ones_in_the_median(house, rows) -> None:
    """Decided after 1, 2 and 3 days, two open after 30: half of five are decided after 3, not after 2."""
    here = house("2026-06-30 00:00:00")
    for day in (1, 2, 3):
        here.handoff(str(day), "2026-05-31 00:00:00", "accepted" if day < 3 else "rejected",
                     outcome_at=f"2026-06-0{day} 00:00:00", outcome_precision="second")  # fmt: skip
    here.handoff("open", "2026-05-31 00:00:00")
    here.handoff("open too", "2026-05-31 00:00:00")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "time_to_disposition", "value", "n", "n_open", "unit", "direction") == (
        3.0, 5, 2, "days", "down",
    )  # fmt: skip


def test_without_the_day_of_most_outcomes_there_is_no_median(house, rows) -> None:
    here = house("2026-06-30 00:00:00")
    here.handoff("a", "2026-05-31", "accepted", outcome_at="2026-06-01", outcome_precision="second")
    here.handoff("b", "2026-05-31", "rejected")
    here.handoff("c", "2026-05-31", "rejected")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "time_to_disposition", "value", "state", "missing") == (
        None, "undefined", "2 cannot be counted",
    )  # fmt: skip


def test_a_median_that_is_not_reached_is_undefined_and_says_how_many_are_open(house, rows) -> None:
    here = house("2026-06-30 00:00:00")
    here.handoff("a", "2026-05-31", "accepted", outcome_at="2026-06-01", outcome_precision="second")
    here.handoff("b", "2026-05-31")
    here.handoff("c", "2026-05-31")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "time_to_disposition", "state", "missing") == ("undefined", "2 still open")


# mean deal and counts of deals


def test_mean_deal_and_opportunities_are_of_their_period_on_the_stroke(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.opportunity("2026-06-01 00:00:00", 100, "2026-04-01 00:00:00", "won")
    here.opportunity("2026-06-30 23:59:59", 300, "2026-06-30 23:59:59", "won")
    here.opportunity("2026-05-31 23:59:59", 900, "2026-03-31 23:59:59", "won")
    here.opportunity("2026-05-31 23:59:59", None, "2026-05-31", "won")
    table = kpi.scorecard(here.open())
    half = t.ppf(0.975, 1) * math.sqrt(20000) / math.sqrt(2)
    assert one(rows, table, "mean_deal", "value", "low", "high", "n", "n_unknown", "period_on") == (
        200.0, 0.0, round(200 + half, 4), 2, 1, "2026-04-01",
    )  # fmt: skip
    assert one(rows, table, "opportunities", "value", "period_on") == (2.0, "2026-06-01")


def test_both_sides_of_a_kpi_are_named(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.target("leads", 4, "week", owners="marketing")
    here.target("win_rate", 0.5, owners="marketing, sales")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "leads", "owners", "shared_with") == ("marketing", "sales")
    assert one(rows, table, "win_rate", "owners", "shared_with") == ("marketing, sales", None)
