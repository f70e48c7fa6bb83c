"""The forecast of young cohorts: the mature ones as observed, the young ones by chain ladder, or a reason."""

from __future__ import annotations

import pytest

from funnel import ladder
from funnel.errors import UsageError
from funnel.metrics import conversion, forecast

ASKED = {"from_stage": "mql", "to_stage": "sql", "within_days": 30}


def month(here, name, start, n, delays, **row):
    """Add n MQLs of the first of a month; the first ones convert after the given days."""
    for number in range(n):
        reached = {}
        if number < len(delays):
            reached["sql"] = here.con.execute(
                "select cast(? as timestamp) + to_seconds(cast(round(? * 86400) as bigint))",
                [start, delays[number]],
            ).fetchall()[0][0]
        here.cycle(f"{name} {number}", mql=start, **reached, **row)


@pytest.fixture
def history(house):
    """Return a house with two mature months of 20, of which 10 convert: half after 5 days, half after 20."""

    def make(as_of="2026-03-11 12:00:00"):
        here = house(as_of)
        for name, start in (("jan", "2026-01-01 12:00:00"), ("feb", "2026-02-01 12:00:00")):
            month(here, name, start, 20, [5] * 5 + [20] * 5)
        return here

    return make


def test_a_mature_cohort_has_its_observed_rate_and_a_young_one_what_it_has_shown_over_its_share(
    history, rows
) -> None:
    """March, ten days old: 3 of 20, and half of all conversions come within ten days: 6 of 20."""
    here = history()
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 3)
    table = forecast.cohorts(here.open(), **ASKED)
    columns = [
        "period_on",
        "n",
        "n_converted",
        "rate",
        "expected",
        "observed_share",
        "is_mature",
        "level",
        "note",
    ]
    assert rows(table, *columns, digits=2) == [
        ("2026-01-01", 20, 10, 0.5, 10.0, 1.0, True, 0.9, None),
        ("2026-02-01", 20, 10, 0.5, 10.0, 1.0, True, 0.9, None),
        ("2026-03-01", 20, 3, 0.3, 6.0, 0.5, False, 0.9, None),
    ]
    assert table["rule"][0] == (
        "Forecast by chain ladder: MQL entries of the month that reach SQL within 30 days; young ones: so far / "
        "the share to be expected by their age. Interval: 90 %."
    )


def test_the_interval_of_a_mature_cohort_is_wilsons_and_that_of_a_young_one_wider(history, rows) -> None:
    """Wilson 90 %, 10 of 20: .3274 to .6726."""
    here = history()
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 5)
    table = forecast.cohorts(here.open(), **ASKED)
    assert rows(table.head(1), "low", "high", "expected_low", "expected_high") == [
        (0.3274, 0.6726, 10.0, 10.0)
    ]
    young = table.iloc[2]
    assert young["low"] < 0.3274 < 0.5 < 0.6726 < young["high"]
    assert 5 <= young["expected_low"] < 10 < young["expected_high"] <= 20


def test_it_counts_what_the_cohort_table_counts(history) -> None:
    """Skipped stages, an entry known to the day, a conversion on the stroke of the window and one a second later."""
    here = history("2026-04-20 00:00:00")
    month(here, "mar", "2026-03-01 12:00:00", 5, [30, 30 + 1 / 86400])
    here.cycle("skipped", mql="2026-03-02", won="2026-03-04")
    here.cycle("day", mql="2026-03-02", sql="2026-04-01", day=["mql", "sql"])
    here.cycle("too late by a day", mql="2026-03-02", sql="2026-04-02", day=["mql", "sql"])
    here.cycle("flagged", mql="2026-03-02", sql="2026-03-01", impossible=["sql"])
    month(here, "apr", "2026-04-01 12:00:00", 5, [1, 2])
    con = here.open()
    for period in ("week", "month", "quarter"):
        ours = forecast.cohorts(con, **ASKED, period=period)
        theirs = conversion.cohorts(con, **ASKED, period=period)
        columns = ["period_on", "n", "n_converted", "is_mature"]
        theirs = theirs.assign(is_mature=theirs["is_mature"].eq(True).fillna(False).astype(bool))
        assert ours[columns].equals(theirs[columns])
        mature = ours["is_mature"]
        assert list(ours.loc[mature, "rate"]) == pytest.approx(list(theirs.loc[mature, "rate"]), nan_ok=True)


def test_entries_known_only_from_a_later_stage_count_and_teach_nothing_about_time(history, rows) -> None:
    """March, ten days old: 3 of 20 and two more whose MQL was skipped; 6 of 20 are to be expected, and the two."""
    here = history()
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 3)
    for name in ("skipped", "too"):
        here.cycle(name, sql="2026-03-02 12:00:00")
    table = forecast.cohorts(here.open(), **(ASKED | {"from_stage": "mql"}))
    columns = ["n", "n_converted", "n_imputed", "rate", "expected", "observed_share"]
    assert rows(table, *columns, digits=2)[2] == (22, 5, 2, round(8 / 22, 2), 8.0, 0.5)


def test_a_cohort_of_such_entries_alone_is_not_all_converted_but_not_recorded(history, rows) -> None:
    here = history("2026-05-20 12:00:00")
    for name in ("mar", "may"):
        here.cycle(name, sql=f"2026-0{3 if name == 'mar' else 5}-02 12:00:00")
    table = forecast.cohorts(here.open(), **ASKED)
    why = "not recorded: every entry is known only from a later stage"
    assert [row for row in rows(table, "n", "rate", "expected", "high", "note") if row[0] == 1] == [
        (1, None, None, None, why),
        (1, None, None, None, why),
    ]


def test_without_a_mature_history_there_is_a_reason_and_no_number(house, rows) -> None:
    """Nine mature conversions are too few; the tenth makes a forecast."""
    for n, note in ((9, True), (10, False)):
        here = house("2026-03-11 12:00:00")
        month(here, "jan", "2026-01-01 12:00:00", 20, [5] * n)
        month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 4)
        table = forecast.cohorts(here.open(), **ASKED)
        why = "no mature history: 9 conversions of entries that had the whole window; a forecast needs 10"
        assert rows(table, "n", "rate", "note")[0] == (20, n / 20, None)
        assert rows(table, "n", "rate", "note")[2] == ((20, None, why) if note else (20, 0.2, None))


def test_a_cohort_too_young_has_an_interval_and_no_rate(history, rows) -> None:
    """A day old, when no conversion of the months before had come yet."""
    here = history("2026-03-02 12:00:00")
    month(here, "mar", "2026-03-01 12:00:00", 20, [])
    table = forecast.cohorts(here.open(), **ASKED)
    why = "too young: less than 10\N{NO-BREAK SPACE}% of its conversions can be seen yet"
    assert rows(table, "rate", "expected", "note")[2] == (None, None, why)
    assert (table["low"][2], table["expected_low"][2]) == (0, 0)
    assert table["high"][2] > 0.8


def test_an_empty_period_is_undefined_and_keeps_its_place(history, rows) -> None:
    table = forecast.cohorts(history("2026-04-20 00:00:00").open(), **ASKED)
    assert rows(table, "period_on", "n", "rate", "low", "observed_share", "is_mature")[2:] == [
        ("2026-03-01", 0, None, None, None, False),
        ("2026-04-01", 0, None, None, None, False),
    ]


def test_a_later_month_does_not_change_what_a_mature_cohort_says(history) -> None:
    early = forecast.cohorts(history().open(), **ASKED)
    here = history("2026-06-01 00:00:00")
    month(here, "apr", "2026-04-01 12:00:00", 20, [1] * 20)
    late = forecast.cohorts(here.open(), **ASKED)
    assert late.head(2).equals(early.head(2))


def test_the_same_warehouse_gives_the_same_intervals(history) -> None:
    here = history()
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 3)
    con = here.open()
    assert forecast.cohorts(con, **ASKED).equals(forecast.cohorts(con, **ASKED))


def test_cohorts_from_before_conversions_were_recorded_teach_nothing(house) -> None:
    """Left truncated months would say that conversions come late: they are noted and stay out of G."""
    here = house("2026-06-11 12:00:00")
    for name, number in (("jan", 1), ("feb", 2)):
        month(here, name, f"2026-0{number}-01 12:00:00", 200, [])
    month(here, "mar", "2026-03-01 12:00:00", 200, [25] * 60)
    month(here, "apr", "2026-04-01 12:00:00", 200, [5] * 60 + [20] * 60)
    month(here, "jun", "2026-06-01 12:00:00", 20, [5] * 3)
    table = forecast.cohorts(here.open(), **ASKED)
    assert list(table["note"].str.startswith("left truncated").fillna(False)) == [True] * 3 + [False] * 3
    assert table["rate"][5] == pytest.approx(0.3)


def test_no_entries_give_no_rows(house) -> None:
    table = forecast.cohorts(house().open(), **ASKED)
    assert (len(table), list(table)[:3]) == (0, ["period_on", "n", "n_converted"])


def test_what_cannot_be_meant_is_refused(house) -> None:
    with pytest.raises(UsageError, match="There is no period 'day'"):
        forecast.cohorts(house().open(), **ASKED, period="day")
    with pytest.raises(UsageError, match="holds nothing"):
        forecast.cohorts(house().open(), **(ASKED | {"within_days": 0}))


@pytest.mark.parametrize(
    ("as_of", "within_days", "is_mature"),
    [
        ("2026-02-01 12:00:00", 31, True),
        ("2026-02-01 11:59:59", 31, False),
        ("2026-01-20 12:00:00", 10, False),
        ("2026-02-01 00:00:00", 10, True),
    ],
)
def test_a_cohort_is_mature_when_its_period_is_over_and_all_had_the_window(
    house, rows, as_of, within_days, is_mature
) -> None:
    here = house(as_of)
    here.cycle("a", mql="2026-01-01 12:00:00")
    table = forecast.cohorts(here.open(), **(ASKED | {"within_days": within_days}))
    assert rows(table.head(1), "n", "is_mature") == [(1, is_mature)]


@pytest.mark.parametrize(
    ("as_of", "is_mature"), [("2026-02-01 23:59:59", False), ("2026-02-02 00:00:00", True)]
)
def test_an_entry_known_to_the_day_is_mature_when_the_last_day_of_its_window_is_over(
    house, rows, as_of, is_mature
) -> None:
    here = house(as_of)
    here.cycle("a", mql="2026-01-01", day=["mql"])
    table = forecast.cohorts(here.open(), **(ASKED | {"within_days": 31}))
    assert rows(table.head(1), "n", "is_mature") == [(1, is_mature)]


def test_a_conversion_is_in_the_cell_that_ends_with_it_and_an_entry_is_watched_to_the_cell_that_is_over(
    house,
) -> None:
    """Cells of 2,592 s: conversions after 0, 2,592 and 2,593 s; as of 20 cells after entry, less a second and not."""
    from funnel.metrics import term

    here = house("2026-01-01 14:24:00")
    for name, at in (("a", "00:00:00"), ("b", "00:43:12"), ("c", "00:43:13")):
        here.cycle(name, mql="2026-01-01 00:00:00", sql=f"2026-01-01 {at}")
    here.cycle("d", mql="2026-01-01 00:00:01")
    con = here.open()
    pair = term.stage_pair(con, "mql", "sql")
    found = forecast._entries(con, *pair, 30 * 86_400, "month")
    cells = found[["watched_cell", "after_cell"]].astype("float64").itertuples(index=False, name=None)
    assert [(a, None if b != b else b) for a, b in cells] == [(19, None), (20, 0), (20, 1), (20, 2)]


def test_ages_are_cut_finely_enough() -> None:
    """A window of ninety days is cut into cells of 7,776 s, one of a day into cells of 87 s."""
    assert [forecast._cell(days * 86_400) for days in (90, 1)] == [7_776, 87]
    assert ladder.LEVEL == 0.9


def test_where_mature_cohorts_have_no_common_pace_nothing_is_forecast_and_the_reason_is_told(house, rows):
    """January's fifteen conversions come after a day, February's after 28: no G is that of March."""
    here = house("2026-03-11 12:00:00")
    month(here, "jan", "2026-01-01 12:00:00", 20, [1] * 15)
    month(here, "feb", "2026-02-01 12:00:00", 20, [28] * 15)
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 3)
    table = forecast.cohorts(here.open(), **ASKED)
    assert rows(table, "rate", "expected", "observed_share", digits=2)[2] == (None, None, None)
    assert rows(table, "rate", digits=2)[:2] == [(0.75,), (0.75,)]
    assert table["note"].iloc[2].startswith("no common pace: some mature cohorts convert early")
    assert table["note"].iloc[:2].isna().all()


def test_a_small_difference_of_pace_does_not_forbid_a_forecast(history):
    """Half after 5 days and half after 20 in each month, and one conversion apart: chance."""
    here = history()
    month(here, "mar", "2026-03-01 12:00:00", 20, [5] * 3)
    month(here, "dec", "2025-12-01 12:00:00", 21, [5] * 6 + [20] * 5)
    assert forecast.cohorts(here.open(), **ASKED)["rate"].notna().all()
