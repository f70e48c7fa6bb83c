"""Conversion: windows, maturity, precision, imputation, exits; each test states its own rows."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import conversion

ASKED = {"from_stage": "mql", "to_stage": "won"}


def test_the_end_of_the_window_is_inside_and_one_second_after_it_is_out(house, rows) -> None:
    here = house()
    here.cycle("on the stroke", mql="2026-01-05 10:00:00", won="2026-02-04 10:00:00")
    here.cycle("a second late", mql="2026-01-05 10:00:00", won="2026-02-04 10:00:01")
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(1), "n", "n_converted", "rate") == [(2, 1, 0.5)]


def test_equal_instants_count_in_funnel_order(house, rows) -> None:
    here = house()
    here.cycle("at once", mql="2026-01-05 10:00:00", sal="2026-01-05 10:00:00")
    table = conversion.cohorts(here.open(), from_stage="mql", to_stage="sal", within_days=1)
    assert rows(table.head(1), "n", "n_converted") == [(1, 1)]


@pytest.mark.parametrize(
    ("as_of", "is_mature", "share"),
    [
        ("2026-03-02 00:00:00", True, 1.0),
        ("2026-03-01 23:59:59", False, 1.0),
        ("2026-02-15 00:00:00", False, 0.5),
    ],
)
def test_a_cohort_is_mature_when_its_last_entry_is_exactly_one_window_old(
    house, rows, as_of: str, is_mature: bool, share: float
) -> None:
    here = house(as_of)
    here.cycle("last", mql="2026-01-31 00:00:00")
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(1), "is_mature", "observed_share", digits=3) == [(is_mature, share)]


def test_a_period_that_is_not_over_is_not_mature_however_old_its_entries_are(house, rows) -> None:
    here = house("2026-01-31 23:59:59")
    here.cycle("early", mql="2026-01-01 00:00:00")
    assert rows(conversion.cohorts(here.open(), **ASKED, within_days=1), "is_mature") == [(False,)]


def test_days_are_compared_where_an_event_is_known_only_to_the_day(house, rows) -> None:
    """Won is stored at the midnight that starts its day, before the entry of the same day."""
    here = house()
    here.cycle("same day", mql="2026-01-05 10:00:00", won="2026-01-05", day=["won"])
    here.cycle("day thirty", mql="2026-01-05 10:00:00", won="2026-02-04", day=["won"])
    here.cycle("day thirty-one", mql="2026-01-05 00:00:01", won="2026-02-05", day=["won"])
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(1), "n", "n_converted") == [(3, 2)]


def test_a_window_of_less_than_a_day_from_a_day_is_that_day(house, rows) -> None:
    here = house()
    here.cycle("that day", mql="2026-01-05", sal="2026-01-05 23:00:00", day=["mql"])
    here.cycle("the next", mql="2026-01-05", sal="2026-01-06 00:00:00", day=["mql"])
    table = conversion.cohorts(here.open(), from_stage="mql", to_stage="sal", within_days=0.5)
    assert rows(table.head(1), "n", "n_converted") == [(2, 1)]


@pytest.mark.parametrize(
    ("as_of", "is_mature"), [("2026-03-03 00:00:00", True), ("2026-03-02 23:59:59", False)]
)
def test_an_entry_known_to_the_day_is_mature_when_the_last_day_of_its_window_is_over(
    house, rows, as_of: str, is_mature: bool
) -> None:
    here = house(as_of)
    here.cycle("last", mql="2026-01-31", day=["mql"])
    assert rows(conversion.cohorts(here.open(), **ASKED, within_days=30).head(1), "is_mature") == [
        (is_mature,)
    ]


def test_the_day_of_the_report_is_the_local_day_of_the_contract(house, rows) -> None:
    """At UTC+2 the second of March is over at 22:00 UTC."""
    here = house("2026-03-02 22:00:00", offset_hours=2)
    here.cycle("last", mql="2026-01-30 22:00:00", day=["mql"])
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(1), "period_on", "is_mature") == [("2026-01-01", True)]


def test_a_skipped_stage_counts_as_reached_and_is_told_apart(house, rows) -> None:
    here = house()
    here.cycle("observed", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07")
    here.cycle("skipped sal", mql="2026-01-05", sql="2026-01-07")
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-02-01", within=90)
    assert rows(table, "stage", "n", "n_observed", "n_imputed") == [
        ("mql", 2, 2, 0),
        ("sal", 2, 1, 1),
        ("sql", 2, 2, 0),
        ("won", 0, 0, 0),
    ]


def test_a_stage_recorded_after_a_later_one_was_reached_with_the_later_one(house, rows) -> None:
    """SQL on day 10, SAL recorded on day 100: within 90 days this lead reached both, SAL by implication."""
    here = house()
    here.cycle("back-dated", mql="2026-01-05", sal="2026-04-15", sql="2026-01-15")
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-02-01", within=90)
    assert rows(table, "stage", "n", "n_observed", "n_imputed", "next_rate") == [
        ("mql", 1, 1, 0, 1.0),
        ("sal", 1, 0, 1, 1.0),
        ("sql", 1, 1, 0, 0.0),
        ("won", 0, 0, 0, None),
    ]


def test_an_entry_without_a_time_belongs_to_no_cohort(house, rows) -> None:
    here = house()
    here.cycle("timeless", mql=None)
    here.cycle("dated", mql="2026-01-05")
    assert rows(conversion.cohorts(here.open(), **ASKED, within_days=30).head(1), "n") == [(1,)]


def test_a_conversion_without_a_time_is_not_counted_within_a_window(house, rows) -> None:
    here = house()
    here.cycle("sometime", mql="2026-01-05", won=None)
    assert rows(conversion.cohorts(here.open(), **ASKED, within_days=30).head(1), "n", "n_converted") == [
        (1, 0)
    ]


def test_a_conversion_before_its_entry_counts_and_is_listed_as_impossible(house, rows) -> None:
    here = house()
    here.cycle("won first", mql="2026-01-05", won="2026-01-03", impossible=["won"])
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(1), "n", "n_converted", "n_impossible") == [(1, 1, 1)]


def test_a_period_without_entries_has_a_null_rate(house, rows) -> None:
    here = house("2026-04-01 00:00:00")
    here.cycle("january", mql="2026-01-05", won="2026-01-06")
    here.cycle("march", mql="2026-03-01")
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table, "period_on", "n", "n_converted", "rate", "low", "is_mature") == [
        ("2026-01-01", 1, 1, 1.0, 0.2065, True),
        ("2026-02-01", 0, 0, None, None, False),
        ("2026-03-01", 1, 0, 0.0, 0.0, True),
    ]


def test_cohorts_run_by_week_and_quarter_too(house, rows) -> None:
    here = house("2026-04-01 00:00:00")
    here.cycle("sunday", mql="2026-03-22 23:59:59")
    here.cycle("monday", mql="2026-03-23 00:00:00")
    con = here.open()
    weekly = conversion.cohorts(con, **ASKED, within_days=1, period="week")
    assert rows(weekly, "period_on", "n") == [("2026-03-16", 1), ("2026-03-23", 1), ("2026-03-30", 0)]
    quarterly = conversion.cohorts(con, **ASKED, within_days=1, period="quarter")
    assert rows(quarterly, "period_on", "n", "is_mature") == [("2026-01-01", 2, True)]


def test_the_funnel_of_a_cohort_adds_up_at_every_step(house, rows) -> None:
    """Five of January: one each rejected, recycled, lost, won, and one silent at SAL."""
    here = house()
    here.cycle("a", mql="2026-01-05", exit=("rejected", "2026-01-06"))
    here.cycle("b", mql="2026-01-05", exit=("recycled", "2026-01-06"))
    here.cycle("c", mql="2026-01-05", sal="2026-01-08", exit=("lost", "2026-01-20"))
    here.cycle("d", mql="2026-01-05", sal="2026-01-08", is_stale=True)
    here.cycle("e", mql="2026-01-05", sal="2026-01-08", sql="2026-01-09", won="2026-02-05")
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-02-01", within=90)
    columns = ["stage", "n", "n_rejected", "n_recycled", "n_lost", "n_open", "n_stale", "next_rate", "rate"]
    assert rows(table, *columns) == [
        ("mql", 5, 1, 1, 0, 0, 0, 0.6, 1.0),
        ("sal", 3, 0, 0, 1, 1, 1, 0.3333, 0.6),
        ("sql", 1, 0, 0, 0, 0, 0, 1.0, 0.2),
        ("won", 1, 0, 0, 0, 0, 0, None, 0.2),
    ]
    after = table["n"].shift(-1, fill_value=0)
    gone = table[["n_rejected", "n_recycled", "n_lost", "n_open"]].sum(axis=1)
    assert (table["n"] - after - gone).tolist() == [0, 0, 0, 1]


def test_an_exit_after_the_window_was_open_at_its_end(house, rows) -> None:
    here = house()
    here.cycle("on the stroke", mql="2026-01-05 00:00:00", exit=("rejected", "2026-01-15 00:00:00"))
    here.cycle("a second late", mql="2026-01-05 00:00:00", exit=("rejected", "2026-01-15 00:00:01"))
    here.cycle("some day", mql="2026-01-05 00:00:00", exit="lost")
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-02-01", within=10)
    assert rows(table.head(1), "n_rejected", "n_lost", "n_open") == [(1, 1, 1)]


def test_a_lead_lost_some_day_after_a_stage_beyond_the_window_was_open_at_its_end(house, rows) -> None:
    here = house()
    here.cycle("late", mql="2026-01-05", sal="2026-03-05", exit="lost")
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-02-01", within=10)
    assert rows(table.head(2), "stage", "n", "n_lost", "n_open") == [("mql", 1, 0, 1), ("sal", 0, 0, 0)]


def test_the_default_funnel_is_of_the_three_months_to_the_latest_mature_one(house, rows) -> None:
    here = house("2026-07-01 00:00:00", horizon_days=60)
    for month in ("01", "02", "03", "04", "05", "06"):
        here.cycle(month, mql=f"2026-{month}-02 00:00:00")
    table = conversion.funnel(here.open())
    columns = ["stage", "n", "start_on", "end_on", "within_days", "is_mature"]
    assert rows(table.head(1), *columns) == [("mql", 3, "2026-03-01", "2026-06-01", 60.0, True)]
    span = "1 March \N{EN DASH} 31 May 2026"
    assert table["rule"][0].startswith(f"Cohort conversion: MQL entries of {span}, and what each reached")


def test_without_a_mature_month_the_default_funnel_is_to_date_and_says_so(house, rows) -> None:
    here = house("2026-02-10 00:00:00")
    here.cycle("a", mql="2026-02-01 00:00:00")
    table = conversion.funnel(here.open())
    assert rows(table.head(1), "n", "start_on", "end_on", "is_mature", "observed_share") == [
        (1, "2026-02-01", "2026-02-02", False, 0.1)
    ]


def test_a_cohort_of_nobody_has_all_stages_and_null_rates(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05")
    table = conversion.funnel(here.open(), from_stage="sal", start_on="2025-03-01", end_on="2025-04-01")
    assert rows(table, "stage", "n", "rate", "low", "next_rate", "n_open", "is_mature") == [
        ("sal", 0, None, None, None, 0, False),
        ("sql", 0, None, None, None, 0, False),
        ("won", 0, None, None, None, 0, False),
    ]


def test_an_empty_warehouse_gives_an_empty_funnel_without_an_error(house, rows) -> None:
    con = house().open()
    assert rows(conversion.funnel(con), "stage", "n", "rate")[0] == ("mql", 0, None)
    assert len(conversion.funnel_compared(con)) == 4
    assert conversion.cohorts(con, **ASKED, within_days=30).empty
    assert conversion.by_dimension(con, **ASKED, within_days=30, dimension="channel").empty
    assert rows(conversion.reached(con), "stage", "n_start", "win_rate_decided")[0] == ("mql", 0, None)


def test_the_funnel_is_compared_with_the_three_months_before_by_newcombe(house, rows) -> None:
    here = house("2026-07-01 00:00:00", horizon_days=60)
    here.cycle("now", mql="2026-04-02 00:00:00", sal="2026-04-03")
    here.cycle("before", mql="2026-01-02 00:00:00")
    table = conversion.funnel_compared(here.open())
    columns = [
        "stage",
        "n",
        "n_before",
        "rate",
        "rate_before",
        "change",
        "change_low",
        "change_high",
        "before_on",
    ]
    assert rows(table.head(2), *columns) == [
        ("mql", 1, 1, 1.0, 1.0, 0.0, -0.7935, 0.7935, "2025-11-01"),
        ("sal", 1, 0, 1.0, 0.0, 1.0, -0.1221, 1.0, "2025-11-01"),
    ]
    assert rows(table.head(1), "next_change") == [(1.0,)]


def test_null_and_unknown_are_two_values_of_a_dimension(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", won="2026-01-06", channel="ads")
    here.cycle("b", mql="2026-01-05", channel="ads")
    here.cycle("c", mql="2026-01-05", channel="unknown")
    here.cycle("d", mql="2026-01-05", channel=None)
    here.cycle("too young", mql="2026-06-30", channel="ads")
    table = conversion.by_dimension(here.open(), **ASKED, within_days=30, dimension="channel")
    assert rows(table, "value", "n", "n_converted", "rate", "low", "high", "is_small") == [
        ("ads", 2, 1, 0.5, 0.0945, 0.9055, True),
        ("unknown", 1, 0, 0.0, 0.0, 0.7935, True),
        (None, 1, 0, 0.0, 0.0, 0.7935, True),
    ]


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
    here.cycle("a", mql="2026-01-05", **{dimension: f"of {dimension}"})
    table = conversion.by_dimension(here.open(), **ASKED, within_days=30, dimension=dimension)
    assert rows(table, "value", "n") == [(f"of {dimension}", 1)]


def test_a_returned_person_is_two_cycles_and_one_person(house, rows) -> None:
    here = house()
    here.cycle("p#1", mql="2026-01-05", person_id="p", exit=("recycled", "2026-01-10"))
    here.cycle("p#2", mql="2026-02-05", person_id="p", **{"pass": 2})
    table = conversion.funnel(here.open(), start_on="2026-01-01", end_on="2026-03-01", within=30)
    assert rows(table.head(1), "n", "n_persons") == [(2, 1)]


def test_reached_shows_open_as_lost_and_decided_side_by_side(house, rows) -> None:
    """Ten leads: 4 rejected at MQL, 1 open there; of 5 at SAL 1 is open, 1 lost, 3 won."""
    here = house()
    for i in range(4):
        here.cycle(f"r{i}", mql="2026-01-05", exit="rejected")
    here.cycle("o", mql="2026-01-05")
    here.cycle("s", mql="2026-01-05", sal="2026-01-06")
    here.cycle("l", mql="2026-01-05", sal="2026-01-06", exit="lost")
    for i in range(3):
        here.cycle(f"w{i}", mql="2026-01-05", sal="2026-01-06", won="2026-01-20")
    table = conversion.reached(here.open())
    counts = ["stage", "n_start", "n_reached", "n_imputed", "n_won", "n_lost_after", "n_open_after"]
    assert rows(table, *counts) == [
        ("mql", 10, 10, 0, 3, 5, 2),
        ("sal", 10, 5, 0, 3, 1, 1),
        ("sql", 10, 3, 3, 3, 0, 0),
        ("won", 10, 3, 0, 3, 0, 0),
    ]
    here_ends = ["n_rejected", "n_lost", "n_lost_before_next", "n_open", "n_lost_before", "n_open_before"]
    assert rows(table.head(2), *here_ends) == [(4, 0, 4, 1, 0, 0), (0, 1, 1, 1, 4, 1)]
    shares = [
        "lost_share_open_as_lost",
        "lost_share_decided",
        "win_rate_open_as_lost",
        "win_rate_decided",
        "win_rate_decided_low",
    ]
    assert rows(table[1:2], *shares) == [(0.5, 0.4444, 0.6, 0.75, 0.3006)]


def test_cohorts_before_conversions_were_recorded_are_marked(house, rows) -> None:
    """Forty a month; from February half of them win in two days; of January nobody is recorded as won."""
    here = house("2026-04-10 00:00:00")
    for month in ("01", "02", "03"):
        for i in range(40):
            won = {"won": f"2026-{month}-04 12:00:00"} if month != "01" and i % 2 else {}
            here.cycle(f"{month}-{i}", mql=f"2026-{month}-02 12:00:00", **won)
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    notes = dict(rows(table, "period_on", "note"))
    assert notes["2026-01-01"] == "left truncated: WON is recorded only from 4 February 2026"
    assert (notes["2026-02-01"], notes["2026-03-01"]) == (notes["2026-01-01"], None)


def test_a_late_first_conversion_that_chance_explains_is_not_marked(house, rows) -> None:
    here = house("2026-03-05 00:00:00")
    for month in ("01", "02", "03"):
        here.cycle(month, mql=f"2026-{month}-02", **({"won": "2026-02-04"} if month == "02" else {}))
    table = conversion.cohorts(here.open(), **ASKED, within_days=30)
    assert rows(table.head(2), "note") == [(None,), (None,)]


@pytest.mark.parametrize(
    ("as_of", "is_mature", "note"),
    [
        ("2026-03-24 00:00:01", False, "cut: nothing is recorded after 10 March 2026"),
        ("2026-03-24 00:00:00", True, None),
    ],
)
def test_a_window_beyond_the_last_record_is_cut_after_two_weeks_of_silence(
    house, rows, as_of: str, is_mature: bool, note: str | None
) -> None:
    here = house(as_of, is_alive=False)
    here.cycle("a", mql="2026-02-27", exit=("lost", "2026-03-10 00:00:00"))
    here.cycle("b", mql="2026-01-02")
    table = conversion.cohorts(here.open(), **ASKED, within_days=14)
    columns = ["period_on", "is_mature", "note"]
    assert rows(table.head(2), *columns) == [("2026-01-01", True, None), ("2026-02-01", is_mature, note)]


def test_the_day_of_the_last_record_is_seen_whole_where_only_the_day_is_known(house, rows) -> None:
    """SAL on 10 March, then silence: a window that ends on the 10th is seen, one of a day more is not."""
    here = house("2026-05-01 00:00:00", is_alive=False)
    here.cycle("a", mql="2026-02-28", sal="2026-03-10", day=["mql", "sal"])
    con = here.open()
    for days, is_mature in ((10, True), (11, False)):
        table = conversion.cohorts(con, **ASKED, within_days=days)
        assert rows(table.head(1), "is_mature") == [(is_mature,)]


def test_the_default_funnel_does_not_reach_into_the_silence(house, rows) -> None:
    here = house("2026-12-01 00:00:00", horizon_days=28, is_alive=False)
    for month in ("01", "02", "03"):
        here.cycle(month, mql=f"2026-{month}-02 00:00:00")
    assert rows(conversion.funnel(here.open()).head(1), "n", "end_on") == [(2, "2026-03-01")]


def test_values_to_date_count_all_ages_open_as_lost_and_decided(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", won="2026-01-06", channel="ads")
    here.cycle("b", mql="2026-06-30", channel="ads")
    here.cycle("c", mql="2026-01-05", channel="ads", exit="lost")
    here.cycle("d", mql="2026-01-05", channel=None)
    table = conversion.to_date(here.open(), dimension="channel")
    columns = ["value", "n", "n_converted", "n_left", "n_open", "rate", "rate_decided"]
    assert rows(table, *columns) == [("ads", 3, 1, 1, 1, 0.3333, 0.5), (None, 1, 0, 0, 1, 0.0, None)]
    to_sal = conversion.to_date(here.con, dimension="channel", to_stage="sal")
    assert to_sal["rule"][0].endswith("how many reached SAL so far.")


def test_where_no_exit_is_recorded_nothing_is_known_of_the_decided(house, rows) -> None:
    """A source that records only wins would show 100 % by construction."""
    here = house()
    here.cycle("a", mql="2026-01-05", won="2026-01-06", channel="ads")
    here.cycle("b", mql="2026-01-05", channel="ads")
    con = here.open()
    shares = ["win_rate_open_as_lost", "win_rate_decided", "win_rate_decided_low", "lost_share_decided"]
    assert rows(conversion.reached(con).head(1), *shares) == [(0.5, None, None, None)]
    assert rows(conversion.to_date(con, dimension="channel"), "rate", "rate_decided") == [(0.5, None)]


def test_wrong_words_name_the_right_ones(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match=r"no stage 'mqll'. Did you mean 'mql'\? .* mql, sal, sql, won"):
        conversion.cohorts(con, from_stage="mqll", to_stage="won", within_days=30)
    with pytest.raises(UsageError, match="'mql' does not come after 'sal'"):
        conversion.cohorts(con, from_stage="sal", to_stage="mql", within_days=30)
    with pytest.raises(UsageError, match=r"no period 'fortnight'.* week, month, quarter"):
        conversion.cohorts(con, **ASKED, within_days=30, period="fortnight")
    with pytest.raises(UsageError, match=r"no dimension 'chanel'. Did you mean 'channel'\?"):
        conversion.by_dimension(con, **ASKED, within_days=30, dimension="chanel")
    with pytest.raises(UsageError, match="window of 0 days holds nothing"):
        conversion.funnel(con, within=0)


def test_every_row_says_its_rule(house) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05")
    con = here.open()
    expected = "Cohort conversion: MQL entries of the month that reached WON within 30 days; younger ones"
    assert conversion.cohorts(con, **ASKED, within_days=30)["rule"].str.startswith(expected).all()
    assert "open" in conversion.reached(con)["rule_open_as_lost"][0].lower()
