"""The scorecard and the course over the weeks: which period, which state, which interval, which band."""

from __future__ import annotations

import pytest

from funnel.errors import InputError
from funnel.metrics import kpi, quality
from funnel.metrics.indicator import indicators

MONDAYS = [f"2026-{day}" for day in ("04-06", "04-13", "04-20", "04-27", "05-04", "05-11", "05-18", "05-25")]


def one(rows, table, name: str, *columns: str):
    found = rows(table[table["kpi"] == name], *columns)
    assert len(found) == 1
    return found[0]


def test_targets_come_first_in_the_contracts_order_then_the_usual_ones(house) -> None:
    here = house(hands_to={"mql": "sales"})
    here.target("won_amount", 1000, "month")
    here.target("mql_to_sql", 0.25)
    names = [found.kpi for found in indicators(here.open())]
    assert names == [
        *("won_amount", "mql_to_sql"),
        *("leads", "mql", "sal", "sql", "won", "hand_offs", "acceptance_rate", "speed_to_lead"),
        *("time_to_disposition", "mql_to_sal", "mql_to_won", "requalified_rate"),
        *("opportunities", "pipeline_amount", "win_rate", "win_rate_amount", "mean_deal", "days_to_close"),
        *("sales_velocity", "coverage", "cac", "cac_paid", "payback_months", "ltv_cac", "retention_rate"),
    ]


def test_a_target_for_no_kpi_names_the_nearest(house) -> None:
    here = house()
    here.target("mql_to_sqll", 0.25)
    with pytest.raises(InputError, match=r"'mql_to_sqll', which is no KPI\. Did you mean 'mql_to_sql'\?"):
        kpi.scorecard(here.open())


def test_a_count_is_of_the_last_complete_week_with_the_one_before_beside(house, rows) -> None:
    """Report on Monday 00:00: the week that ends there is complete."""
    here = house("2026-06-15 00:00:00")
    here.target("leads", 4, "week", owners="marketing")
    here.cycle("before", mql="2026-06-01 00:00:00")
    here.cycle("first", mql="2026-06-08 00:00:00")
    here.cycle("last", mql="2026-06-14 23:59:59")
    table = kpi.scorecard(here.open())
    columns = ["value", "n", "low", "high", "target", "attainment", "period", "period_on", "state", "owners"]
    assert one(rows, table, "leads", *columns) == (
        2.0, 2, 0.2422, 7.2247, 4.0, 0.5, "week", "2026-06-08", "ok", "marketing",
    )  # fmt: skip
    assert one(rows, table, "leads", "before", "before_n", "before_on") == (1.0, 1, "2026-06-01")


def test_a_week_is_complete_only_when_its_last_second_is_over(house, rows) -> None:
    here = house("2026-06-14 23:59:59")
    here.cycle("a", mql="2026-06-08 00:00:00")
    here.cycle("b", mql="2026-06-01 00:00:00")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "leads", "period_on", "value") == ("2026-06-01", 1.0)


def test_leads_are_cycles_of_known_persons(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.cycle("known", mql="2026-06-08")
    here.cycle("deal only", mql="2026-06-08", person_id=None)
    assert one(rows, kpi.scorecard(here.open()), "leads", "value") == (1.0,)


def test_a_week_without_a_lead_is_nought_with_an_interval(house, rows) -> None:
    here = house("2026-06-22 00:00:00")
    here.cycle("a", mql="2026-06-08")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "leads", "value", "low", "high", "period_on") == (0.0, 0.0, 3.6889, "2026-06-15")


def test_a_conversion_is_of_the_latest_mature_month_within_the_targets_window(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("mql_to_sql", 0.25, within_seconds=30 * 86400)
    here.cycle("a", mql="2026-04-10", sql="2026-04-20")
    here.cycle("b", mql="2026-04-10", sql="2026-06-01")
    here.cycle("c", mql="2026-05-20", sql="2026-05-21")
    table = kpi.scorecard(here.open())
    columns = ["value", "n", "period", "period_on", "attainment", "state", "title"]
    assert one(rows, table, "mql_to_sql", *columns) == (
        0.5,
        2,
        "month",
        "2026-04-01",
        2.0,
        "ok",
        "MQL to SQL",
    )
    assert "within 30 days" in one(rows, table, "mql_to_sql", "rule")[0]


def test_a_young_conversion_is_not_yet_and_has_no_value(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("mql_to_sql", 0.25, within_seconds=30 * 86400)
    here.cycle("c", mql="2026-05-20", sql="2026-05-21")
    con = here.open()
    columns = ["value", "n", "state", "missing"]
    assert one(rows, kpi.scorecard(con), "mql_to_sql", *columns) == (
        None,
        0,
        "not yet",
        "no period is mature yet",
    )
    asked = kpi.scorecard(con, period_on="2026-05-31")
    expected = (None, 1, "not yet", "only 87 % of it can be seen yet".replace(" %", "\N{NO-BREAK SPACE}%"))
    assert one(rows, asked, "mql_to_sql", *columns) == expected


def test_a_period_can_be_asked_for_and_one_that_is_not_over_is_not_yet(house, rows) -> None:
    here = house("2026-06-17 00:00:00")
    here.cycle("a", mql="2026-06-01")
    here.cycle("b", mql="2026-06-15")
    con = here.open()
    past = kpi.scorecard(con, period_on="2026-06-07")
    assert one(rows, past, "leads", "value", "period_on") == (1.0, "2026-06-01")
    running = kpi.scorecard(con, period_on="2026-06-16")
    assert one(rows, running, "leads", "value", "state", "missing") == (
        None,
        "not yet",
        "the period is not over",
    )
    early = kpi.scorecard(con, period_on="2020-01-01")
    assert one(rows, early, "leads", "value", "state") == (None, "undefined")


def test_acceptance_is_of_the_latest_month_whose_hand_offs_all_had_the_landmark(house, rows) -> None:
    """Landmark 14 days: May is mature on 14 June at 24:00, not a day before."""
    for as_of, month in (("2026-06-14 00:00:00", "2026-04-01"), ("2026-06-15 00:00:00", "2026-05-01")):
        here = house(as_of)
        for name, at, outcome in (
            ("a", "2026-04-02", "accepted"),
            ("b", "2026-05-02", "accepted"),
            ("c", "2026-05-03", "rejected"),
            ("d", "2026-05-31", "open"),
        ):
            here.handoff(name, at, outcome)
        table = kpi.scorecard(here.open())
        assert one(rows, table, "acceptance_rate", "period_on") == (month,)
    assert one(rows, table, "acceptance_rate", "value", "n", "n_open", "missing") == (
        0.5,
        2,
        1,
        "1 still open",
    )


def test_an_obligation_is_of_the_last_week_whose_deadlines_have_mostly_passed(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.add("contract.sla", version="v1", sla="first_touch", clock="business", within_seconds=14400,
             attainment=0.9, words="4 business hours")  # fmt: skip
    here.handoff("a", "2026-06-08 09:00:00", sla={"first_touch": ("2026-06-08 13:00:00", "met")})
    here.handoff("b", "2026-06-12 20:00:00", sla={"first_touch": ("2026-06-15 13:00:00", "open")})
    table = kpi.scorecard(here.open())
    columns = ["title", "value", "n", "n_open", "target", "period_on", "state", "missing"]
    assert one(rows, table, "first_touch_attainment", *columns) == (
        "First touch within the SLA", 1.0, 1, 1, 0.9, "2026-06-08", "ok", "1 still open",
    )  # fmt: skip


def test_what_a_source_lacks_is_said_and_never_nought(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.sources("person")
    here.add("contract.sla", version="v1", sla="first_touch", within_seconds=1, words="soon")
    here.cycle("a", mql="2026-06-08")
    table = kpi.scorecard(here.open())
    absent = table[table["state"] == "not in this source"]
    deal, spend = (
        "opportunity: not in this source",
        "spend: not in this source; opportunity: not in this source",
    )
    results = ("opportunities", "pipeline_amount", "win_rate", "win_rate_amount", "won_amount", "mean_deal")
    results += ("days_to_close", "sales_velocity", "coverage")
    assert rows(absent, "kpi", "value", "missing") == [
        ("speed_to_lead", None, "activity: not in this source"),
        ("first_touch_attainment", None, "activity: not in this source"),
        ("requalified_rate", None, "no recycled lead is recorded"),
        *((name, None, deal) for name in results),
        *((name, None, spend) for name in ("cac", "cac_paid", "payback_months", "ltv_cac")),
        ("retention_rate", None, deal),
    ]
    assert one(rows, table, "leads", "state") == ("ok",)


def test_files_that_were_not_given_are_told_from_what_a_source_never_has(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.con.execute("update run.source_table set state = 'not landed' where staging_table = 'spend'")
    assert one(rows, kpi.scorecard(here.open()), "cac", "state", "missing") == (
        "not in this source",
        "spend: not landed",
    )


def test_win_rate_is_won_of_won_and_lost_by_number_and_by_value(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-04-01", 300, "2026-05-01 00:00:00", "won")
    here.opportunity("2026-04-01", 100, "2026-05-31 23:59:59", "lost")
    here.opportunity("2026-04-01", 100, "2026-05-15", "lost")
    here.opportunity("2026-04-01", 900, "2026-06-01 00:00:00", "won")
    here.opportunity("2026-04-01", 900)
    table = kpi.scorecard(here.open())
    columns = ["value", "n", "period_on"]
    assert one(rows, table, "win_rate", *columns, "low") == (0.3333, 3, "2026-05-01", 0.0615)
    assert one(rows, table, "win_rate_amount", *columns) == (0.6, 3, "2026-05-01")
    assert one(rows, table, "won_amount", "value", "n", "low", "high") == (300.0, 1, 0.0, 887.9892)


def test_a_win_rate_by_value_needs_amounts_of_lost_ones(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-04-01", 300, "2026-05-01", "won")
    here.opportunity("2026-04-01", 0, "2026-05-02", "lost")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "win_rate_amount", "value", "state", "missing") == (
        None, "not in this source", "no lost opportunity has an amount",
    )  # fmt: skip
    assert one(rows, table, "win_rate", "value") == (0.5,)


@pytest.mark.parametrize(
    ("lost", "words"), [(False, "no lost opportunity is recorded"), (True, "no lost opportunity has a date")]
)
def test_a_win_rate_needs_lost_opportunities_with_a_date(house, rows, lost: bool, words: str) -> None:
    """Else it would be 100 % by construction; the weeks do not show it either."""
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-04-01", 300, "2026-05-01", "won")
    if lost:
        here.opportunity("2026-04-01", 300, None, "lost")
    con = here.open()
    columns = ["value", "state", "missing"]
    assert one(rows, kpi.scorecard(con), "win_rate", *columns) == (None, "not in this source", words)
    assert "win_rate" not in set(kpi.weekly(con)["kpi"])


def test_an_acceptance_rate_needs_a_refusal(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.handoff("a", "2026-04-02", "accepted")
    here.handoff("b", "2026-04-02", "open")
    con = here.open()
    columns = ["value", "state", "missing"]
    assert one(rows, kpi.scorecard(con), "acceptance_rate", *columns) == (
        None, "not in this source", "no refusal is recorded",
    )  # fmt: skip
    table = quality.acceptance(con, dimension="channel")
    assert rows(table, "n", "n_accepted", "rate", "limit_low", "state") == [
        (2, 1, None, None, "not in this source")
    ]


def test_amounts_in_another_currency_are_not_added_and_are_counted(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-05-01", 300)
    here.opportunity("2026-05-01", 500, currency=None)
    here.opportunity("2026-05-01", 999, currency="USD")
    here.opportunity("2026-05-01", None)
    table = kpi.scorecard(here.open())
    assert one(rows, table, "pipeline_amount", "value", "n", "n_unknown", "missing") == (
        800.0, 2, 2, "2 cannot be counted",
    )  # fmt: skip


def test_opportunities_without_any_amount_are_not_in_this_source(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-05-01", None, "2026-05-03", "won")
    table = kpi.scorecard(here.open())
    for name in ("pipeline_amount", "won_amount", "win_rate_amount"):
        assert one(rows, table, name, "value", "state", "missing") == (
            None, "not in this source", "no opportunity has an amount",
        )  # fmt: skip


def test_cost_per_new_customer_spreads_spend_and_counts_a_customer_once(house, rows) -> None:
    """Q2: 1,000 of its own, and 2 of the 3 days of an item of 300 from 31 March on: 1,200 / 2 customers."""
    here = house("2026-07-01 00:00:00")
    here.add("marts.spend", spend_id="a", spent_on="2026-04-10", amount=1000, currency="EUR")
    here.add(
        "marts.spend", spend_id="b", spent_on="2026-03-31", ends_on="2026-04-02", amount=300, currency="EUR"
    )
    here.add("marts.spend", spend_id="c", spent_on="2026-04-10", amount=5000, currency="USD")
    here.opportunity("2026-01-01", 1, "2026-03-31", "won", account_id="old")
    here.opportunity("2026-01-01", 1, "2026-04-30", "won", account_id="old")
    here.opportunity("2026-01-01", 1, "2026-04-30", "won", account_id="new")
    here.opportunity("2026-01-01", 1, "2026-05-30", "won", account_id="new")
    here.opportunity("2026-01-01", 1, "2026-05-30", "won", account_id=None)
    here.target("cac", 500, "quarter")
    table = kpi.scorecard(here.open())
    columns = ["value", "n", "low", "high", "attainment", "period_on", "direction"]
    assert one(
        rows,
        table,
        "cac",
        *columns,
    ) == (600.0, 2, 166.0971, 4954.3932, 0.8333, "2026-04-01", "down")


def test_no_new_customer_has_no_cost(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    here.add("marts.spend", spend_id="a", spent_on="2026-04-10", amount=1000, currency="EUR")
    assert one(rows, kpi.scorecard(here.open()), "cac", "value", "state") == (None, "undefined")


def test_coverage_is_open_pipeline_over_what_is_left_of_the_running_target(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("won_amount", 1000, "quarter")
    here.opportunity("2026-01-01", 999, "2026-03-31 23:59:59", "won")
    here.opportunity("2026-01-01", 400, "2026-04-01 00:00:00", "won")
    here.opportunity("2026-05-01", 1500)
    here.opportunity("2026-05-01", 300)
    here.opportunity("2026-05-01", 999, currency="USD")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "coverage", "value", "n", "unit", "period_on", "state") == (
        3.0, 2, "ratio", "2026-04-01", "ok",
    )  # fmt: skip


def test_coverage_is_undefined_once_the_target_is_reached_or_without_one(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-01-01", 1000, "2026-04-01", "won")
    con = here.open()
    assert one(rows, kpi.scorecard(con), "coverage", "value", "missing") == (
        None,
        "the contract has no target for won_amount",
    )
    here.target("won_amount", 1000, "quarter")
    assert one(rows, kpi.scorecard(con), "coverage", "value", "state", "missing") == (
        None, "undefined", "the target of the running period is reached",
    )  # fmt: skip


def test_days_to_close_are_a_median_and_down_is_good(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    for day in ("02", "03", "06"):
        here.opportunity("2026-05-01", 1, f"2026-05-{day}", "won")
    table = kpi.scorecard(here.open())
    assert one(rows, table, "days_to_close", "value", "n", "unit", "direction", "period_on") == (
        2.0, 3, "days", "down", "2026-04-01",
    )  # fmt: skip


def test_weekly_goes_from_the_first_case_to_the_running_week_at_most_26(house, rows) -> None:
    here = house("2026-06-17 00:00:00")
    here.target("leads", 10, "week")
    here.cycle("a", mql="2026-06-01")
    here.cycle("b", mql="2026-06-15")
    table = kpi.weekly(here.open())
    leads = table[table["kpi"] == "leads"]
    columns = ["week_on", "value", "is_mature", "state", "target", "band_low", "is_outside"]
    assert rows(leads, *columns) == [
        ("2026-06-01", 1.0, True, "ok", 10.0, None, False),
        ("2026-06-08", 0.0, True, "ok", 10.0, None, False),
        ("2026-06-15", 1.0, False, "not yet", 10.0, None, False),
    ]
    here.cycle("old", mql="2025-01-06")
    weeks = kpi.weekly(here.open())
    assert (weeks["kpi"] == "leads").sum() == 26


def test_the_band_is_of_mature_weeks_before_and_none_below_eight(house, rows) -> None:
    """Eight weeks of 2 and 4 in turn: mean 3, sd 1.069; the ninth has 20 leads, and is outside 0.86-5.14."""
    here = house("2026-06-08 00:00:00")
    for i, monday in enumerate(MONDAYS):
        for j in range(2 if i % 2 else 4):
            here.cycle(f"{i}-{j}", mql=monday)
    for j in range(20):
        here.cycle(f"last-{j}", mql="2026-06-01")
    table = kpi.weekly(here.open())
    leads = table[table["kpi"] == "leads"]
    assert rows(leads.tail(2), "value", "band_low", "band_high", "is_outside", digits=2) == [
        (2.0, None, None, False),
        (20.0, 0.86, 5.14, True),
    ]


def test_weeks_of_a_rate_with_fewer_than_ten_cases_make_no_band(house, rows) -> None:
    """Eight weeks of 9 closed deals make none; with 10 each they do."""
    for n, band in ((9, (None, None)), (10, (0.5, 0.5))):
        here = house("2026-06-08 00:00:00")
        for monday in [*MONDAYS, "2026-06-01"]:
            for j in range(n + 1 if monday == "2026-06-01" else n):
                here.opportunity("2026-01-01", 1, f"{monday} 12:00:00", "won" if j % 2 else "lost")
        table = kpi.weekly(here.open())
        found = rows(table[table["kpi"] == "win_rate"].tail(1), "band_low", "band_high")
        assert found == [band]


def test_the_target_of_a_month_is_shown_as_its_part_of_a_week(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.target("won_amount", 30437.5, "month")
    here.target("win_rate", 0.25, "month")
    here.opportunity("2026-06-09", 300, "2026-06-10", "won")
    here.opportunity("2026-06-09", 300, "2026-06-10", "lost")
    table = kpi.weekly(here.open())
    assert one(rows, table, "won_amount", "value", "target") == (300.0, 7000.0)
    assert one(rows, table, "win_rate", "target") == (0.25,)


def test_weekly_leaves_out_what_has_no_weekly_course(house) -> None:
    here = house("2026-06-15 00:00:00")
    here.cycle("a", mql="2026-06-08")
    here.opportunity("2026-04-01", 300, "2026-06-10", "won")
    here.opportunity("2026-04-01", 300, "2026-06-10", "lost")
    here.add("marts.spend", spend_id="a", spent_on="2026-06-10", amount=1000, currency="EUR")
    table = kpi.weekly(here.open())
    assert set(table["kpi"]) == {
        "leads",
        "mql_to_won",
        "opportunities",
        "pipeline_amount",
        "won_amount",
        "win_rate",
        "win_rate_amount",
    }


def test_an_empty_warehouse_gives_a_scorecard_of_undefined_and_no_weeks(house) -> None:
    con = house().open()
    assert set(kpi.scorecard(con)["state"]) == {"undefined"}
    assert kpi.scorecard(con)["value"].isna().all()
    assert kpi.weekly(con).empty


def test_cost_is_by_channel_with_the_total_last_and_null_apart(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", won="2026-02-05", channel="ads")
    here.cycle("b", mql="2026-01-05", channel="ads")
    here.cycle("c", mql="2026-01-05", channel=None)
    here.cycle("d", mql="2026-01-05", channel="organic")
    here.opportunity("2026-01-06", 500, "2026-02-05", "won", channel="ads")
    here.add("marts.spend", spend_id="s", spent_on="2026-01-01", channel="ads", amount=100, currency="EUR")
    table = kpi.cost(here.open())
    columns = [
        "channel",
        "is_total",
        "spend_amount",
        "n_leads",
        "cost_per_lead",
        "n_won",
        "cost_per_won",
        "won_amount",
    ]
    assert rows(table, *columns, "state") == [
        ("ads", False, 100.0, 2, 50.0, 1, 100.0, 500.0, "ok"),
        ("organic", False, None, 1, None, 0, None, None, "undefined"),
        (None, False, None, 1, None, 0, None, None, "undefined"),
        (None, True, 100.0, 4, 25.0, 1, 100.0, 500.0, "ok"),
    ]
    assert rows(table.head(1), "cost_per_won_low", "cost_per_won_high", "currency") == [
        (17.948, 3949.789, "EUR")
    ]


def test_what_is_spent_without_a_channel_is_in_the_total_and_against_no_channels_leads(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", channel="ads")
    here.cycle("b", mql="2026-01-05", channel=None)
    here.add("marts.spend", spend_id="s", spent_on="2026-01-01", channel="ads", amount=100, currency="EUR")
    here.add("marts.spend", spend_id="t", spent_on="2026-01-01", kind="people", amount=900, currency="EUR")
    table = kpi.cost(here.open())
    assert rows(table, "channel", "is_total", "spend_amount", "n_leads", "cost_per_lead") == [
        (None, False, 900.0, 1, None),
        ("ads", False, 100.0, 1, 100.0),
        (None, True, 1000.0, 2, 500.0),
    ]


def test_cost_can_be_of_a_span_with_its_end_excluded(house, rows) -> None:
    here = house()
    here.cycle("in", mql="2026-01-01", won="2026-01-31", channel="ads")
    here.cycle("out", mql="2026-02-01", channel="ads")
    here.add("marts.spend", spend_id="s", spent_on="2026-01-01", channel="ads", amount=100, currency="EUR")
    here.add("marts.spend", spend_id="t", spent_on="2026-02-01", channel="ads", amount=900, currency="EUR")
    table = kpi.cost(here.open(), start_on="2026-01-01", end_on="2026-02-01")
    assert rows(table.tail(1), "spend_amount", "n_leads", "n_won") == [(100.0, 1, 1)]


def test_cost_without_spend_is_not_in_this_source(house, rows) -> None:
    here = house()
    here.sources("person")
    here.cycle("a", mql="2026-01-05", channel="ads")
    assert rows(kpi.cost(here.open()), "channel", "n_leads", "cost_per_lead", "state") == [
        ("ads", 1, None, "not in this source"),
        (None, 1, None, "not in this source"),
    ]


def test_sources_lists_every_staging_table_and_its_state(house, rows) -> None:
    here = house()
    here.sources("person")
    table = kpi.sources(here.open())
    assert rows(table.head(2), "source", "staging_table", "state") == [
        ("demo", "account", "not in this source"),
        ("demo", "activity", "not in this source"),
    ]
    assert len(table) == 13
