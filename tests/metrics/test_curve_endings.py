"""What becomes of entrants by age: five endings that add to 1, ending where the data end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.errors import UsageError
from funnel.metrics import conversion, curve

PAIR = {"from_stage": "mql", "to_stage": "sql"}
JAN_1 = "2026-01-01 12:00:00"


def at(table, age_days, column="probability"):
    """Return a column by ending at one age."""
    rows = table[table["age_days"] == age_days]
    return dict(zip(rows["ending"], [round(float(value), 6) for value in rows[column]], strict=True))


def test_each_ending_takes_its_share_and_the_rest_is_open(house) -> None:
    """Five MQLs of one instant, all watched for 181 days: one of each ending."""
    here = house()
    here.cycle("a", mql=JAN_1, sql="2026-01-03 12:00:00")
    here.cycle("b", mql=JAN_1, exit=("rejected", "2026-01-04 12:00:00"))
    here.cycle("c", mql=JAN_1, exit=("recycled", "2026-01-05 12:00:00"))
    here.cycle("d", mql=JAN_1, exit=("lost", "2026-01-06 12:00:00"))
    here.cycle("e", mql=JAN_1)
    table = curve.endings(here.open(), **PAIR)
    assert at(table, 0) == {"advanced": 0, "rejected": 0, "recycled": 0, "lost": 0, "open": 1}
    assert at(table, 3) == {"advanced": 0.2, "rejected": 0.2, "recycled": 0, "lost": 0, "open": 0.6}
    assert at(table, 180) == dict.fromkeys(("advanced", "rejected", "recycled", "lost", "open"), 0.2)
    assert at(table, 5, "n_events") == {"advanced": 0, "rejected": 0, "recycled": 0, "lost": 1, "open": 0}
    assert at(table, 5, "n_at_risk")["lost"] == 2
    assert (table["age_days"].max(), set(table["n"]), set(table["n_watched"])) == (180, {5}, {5})


def test_an_ending_at_the_end_of_an_age_counts_at_it_and_a_second_later_does_not(house) -> None:
    here = house()
    here.cycle("at the end", mql=JAN_1, sql="2026-01-03 12:00:00")
    here.cycle("a second later", mql=JAN_1, sql="2026-01-03 12:00:01")
    table = curve.endings(here.open(), **PAIR)
    assert [at(table, age)["advanced"] for age in (1, 2, 3)] == [0, 0.5, 1]


def test_a_rejected_lead_is_not_censored(house) -> None:
    """Two rejected on day 1, one of the other two advances on day 2: a quarter advanced, not a half."""
    here = house()
    for name in "ab":
        here.cycle(name, mql=JAN_1, exit=("rejected", "2026-01-02 12:00:00"))
    here.cycle("c", mql=JAN_1, sql="2026-01-03 12:00:00")
    here.cycle("d", mql=JAN_1)
    assert at(curve.endings(here.open(), **PAIR), 10)["advanced"] == 0.25


def test_the_open_ones_count_as_long_as_they_were_watched(house) -> None:
    """Ten entered 20 days before as_of; two, a day before it. On day 5 one of the ten still watched advances."""
    here = house("2026-01-21 12:00:00")
    here.cycle("first", mql=JAN_1, sql="2026-01-06 12:00:00")
    for name in range(9):
        here.cycle(f"old {name}", mql=JAN_1)
    for name in range(2):
        here.cycle(f"new {name}", mql="2026-01-20 12:00:00")
    table = curve.endings(here.open(), **PAIR)
    assert (at(table, 1, "n_at_risk")["open"], at(table, 2, "n_at_risk")["open"]) == (12, 10)
    assert at(table, 5)["advanced"] == 0.1
    assert (table["age_days"].max(), table["n_watched"].min(), set(table["n"])) == (20, 10, {12})


def test_the_curve_ends_where_fewer_than_ten_were_watched(house) -> None:
    """Entries on days 1..12: nine were watched for eleven days or more, ten for ten."""
    here = house("2026-01-21 12:00:00")
    for day in range(1, 13):
        here.cycle(str(day), mql=f"2026-01-{day:02d} 12:00:00")
    table = curve.endings(here.open(), **PAIR)
    assert (table["age_days"].max(), table["n_watched"].iloc[-1]) == (11, 10)


def test_where_an_ending_took_none_or_all_its_interval_is_wilsons_of_those_watched(house) -> None:
    """0 and 10 of 10: Wilson gives 0 to .2775 and .7225 to 1."""
    here = house()
    for name in range(10):
        here.cycle(str(name), mql=JAN_1, sql="2026-01-02 12:00:00")
    table = curve.endings(here.open(), **PAIR)
    assert (at(table, 9, "low"), at(table, 9, "high")) == (
        {"advanced": 0.722467, "rejected": 0, "recycled": 0, "lost": 0, "open": 0},
        {"advanced": 1, "rejected": 0.277533, "recycled": 0.277533, "lost": 0.277533, "open": 0.277533},
    )


def test_between_none_and_all_the_interval_is_that_of_the_curve(house) -> None:
    """1 of 4 left: R's survfit gives p = .25, se = .2165, log limits .0458 to 1."""
    here = house()
    here.cycle("a", mql=JAN_1, sql="2026-01-02 12:00:00")
    for name in "bcd":
        here.cycle(name, mql=JAN_1)
    table = curve.endings(here.open(), **PAIR)
    assert (at(table, 1)["advanced"], at(table, 1, "high")["advanced"]) == (0.25, 1)
    assert at(table, 1, "low")["advanced"] == pytest.approx(0.0458, abs=1e-4)


def test_a_stage_that_was_skipped_counts_as_reached_when_a_later_one_was_seen(house) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, won="2026-01-11 12:00:00")
    here.cycle("b", mql=JAN_1)
    table = curve.endings(here.open(), **PAIR)
    assert (at(table, 9)["advanced"], at(table, 10)["advanced"], set(table["n_imputed"])) == (0, 0.5, {1})
    assert "1 reached it by the time of a later stage." in table["rule"][0]


def test_the_earliest_of_the_later_stages_counts_whatever_their_order(house) -> None:
    """Won is recorded two days before SQL: the lead had come that far on day 3."""
    here = house()
    here.cycle("a", mql=JAN_1, sql="2026-01-06 12:00:00", won="2026-01-04 12:00:00")
    table = curve.endings(here.open(), **PAIR)
    assert ([at(table, age)["advanced"] for age in (2, 3)], set(table["n_imputed"])) == ([0, 1], {0})


def test_what_has_no_time_of_its_own_is_left_out_and_counted(house, rows) -> None:
    here = house()
    here.cycle("used", mql=JAN_1)
    here.cycle("imputed", sal="2026-01-02")
    here.cycle("no entry time", mql=None)
    here.cycle("no exit time", mql=JAN_1, exit=("rejected", None))
    here.cycle("no advance time", mql=JAN_1, sql=None)
    here.cycle("before", mql="2026-01-03", sql="2026-01-02")
    here.cycle("exit before", mql="2026-01-03", exit=("lost", "2026-01-02"))
    here.cycle("flagged", mql=JAN_1, sql="2026-01-02 12:00:00", impossible=["sql"])
    table = curve.endings(here.open(), **PAIR)
    assert rows(table.head(1), "n", "n_left_out") == [(1, 7)]
    assert table["rule"][0].endswith(
        "Left out: 1 with an entry known only from a later stage, 3 without a known time, 3 in an impossible order."
    )


def test_days_are_compared_where_one_is_known_only_to_the_day(house) -> None:
    """MQL at 15:00 of 1 January, rejected on the 1st and on the 2nd: ages 0 and 1."""
    here = house()
    for day in (1, 2):
        here.cycle(
            str(day), mql="2026-01-01 15:00:00", exit=("rejected", f"2026-01-0{day}"), exit_precision="day"
        )
    table = curve.endings(here.open(), **PAIR)
    assert [at(table, age)["rejected"] for age in (0, 1)] == [0.5, 1]


def test_an_entry_known_to_the_day_is_watched_for_the_days_that_are_over(house) -> None:
    """As of the 21st, noon: an entry on the 1st was watched for 19 whole days, the 20th being the last of them."""
    here = house("2026-01-21 12:00:00")
    here.cycle("open", mql="2026-01-01", day=["mql"])
    here.cycle("today", mql="2026-01-21", day=["mql"])
    here.cycle("not over", mql="2026-01-01", sql="2026-01-21", day=["mql", "sql"])
    table = curve.endings(here.open(), **PAIR)
    assert (table["age_days"].max(), at(table, 19)["open"], table["n"][0]) == (19, 1, 2)
    assert "1 of a last day that is not over" in table["rule"][0]


def test_an_ending_on_the_last_day_that_is_over_is_seen(house) -> None:
    """As of noon of the 21st the 20th is over, day 19 after the 1st."""
    here = house("2026-01-21 12:00:00")
    here.cycle("a", mql="2026-01-01", sql="2026-01-20", day=["mql", "sql"])
    assert at(curve.endings(here.open(), **PAIR), 19)["advanced"] == 1


def test_an_ending_known_to_the_day_is_not_later_than_what_was_watched(house) -> None:
    """Entered at 15:00 of the 1st, rejected on the 3rd, as of noon of the 3rd: by 45 hours, not 48."""
    here = house("2026-01-03 12:00:00")
    here.cycle("a", mql="2026-01-01 15:00:00", exit=("rejected", "2026-01-03"), exit_precision="day")
    table = curve.endings(here.open(), **PAIR, unit="hour")
    assert [at(table, age / 24)["rejected"] for age in (44, 45)] == [0, 1]


def test_an_entry_at_as_of_itself_and_one_of_yesterday_are_in(house) -> None:
    here = house("2026-01-21 12:00:00")
    here.cycle("now", mql="2026-01-21 12:00:00")
    here.cycle("yesterday", mql="2026-01-20", day=["mql"])
    table = curve.endings(here.open(), **PAIR)
    assert (table["age_days"].max(), table["n"][0], table["n_left_out"][0]) == (0, 2, 0)


def test_segments_stand_largest_first_and_null_apart_from_unknown(house, rows) -> None:
    here = house()
    for name, channel in (("a", "Web"), ("b", "Web"), ("c", None), ("d", "unknown")):
        here.cycle(name, mql=JAN_1, channel=channel)
    table = curve.endings(here.open(), **PAIR, by="channel", within_days=0.5)
    assert rows(table[table["ending"] == "open"], "value", "age_days", "n") == [
        ("Web", 0, 2),
        ("unknown", 0, 1),
        (None, 0, 1),
    ]


def test_the_unit_and_the_span_may_be_chosen(house) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sql="2026-01-01 15:00:00")
    here.cycle("b", mql="2026-01-31")
    hours = curve.endings(here.open(), **PAIR, unit="hour", end_on="2026-01-31", within_days=1)
    assert sorted(set(hours["age_days"]))[-1] == 1
    assert [at(hours, age / 24)["advanced"] for age in (2, 3)] == [0, 1]
    weeks = curve.endings(here.con, **PAIR, unit="week", start_on="2026-01-31")
    assert (weeks["age_days"].max(), weeks["n"][0]) == (147, 1)


def test_nobody_gives_an_empty_table_with_its_columns(house) -> None:
    table = curve.endings(house().open(), **PAIR)
    assert (len(table), list(table)[:5]) == (0, ["value", "age_days", "ending", "probability", "low"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"unit": "days"}, "There is no unit 'days'. Did you mean 'day'? Choose one of: hour, day, week."),
        ({"by": "chanel"}, "There is no dimension 'chanel'. Did you mean 'channel'?"),
        ({"to_stage": "mql"}, "'mql' does not come after 'mql'"),
    ],
)
def test_what_cannot_be_meant_is_refused(house, wrong, words) -> None:
    with pytest.raises(UsageError) as raised:
        curve.endings(house().open(), **(PAIR | wrong))
    assert words in str(raised.value)


def test_at_the_window_of_a_mature_cohort_the_curve_is_the_cohort_rate(house) -> None:
    """Twelve MQLs of January, all watched for 90 days: advanced by day 30 is what converted within 30 days."""
    here = house()
    for n in range(12):
        reached = {"sql": f"2026-01-{n + 11:02d} 12:00:00"} if n % 3 == 0 else {}
        here.cycle(str(n), mql=f"2026-01-{n + 1:02d} {n:02d}:00:00", **reached)
    con = here.open()
    cohort = conversion.cohorts(con, **PAIR, within_days=10).set_index("period_on").loc["2026-01-01"]
    assert at(curve.endings(con, **PAIR), 10)["advanced"] == round(float(cohort["rate"]), 6)


ENDS = st.sampled_from(["advanced", "rejected", "recycled", "lost", "open", "imputed"])


@settings(
    derandomize=True,
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 27), st.integers(0, 400), ENDS, st.booleans()), min_size=1, max_size=12)
)
def test_the_five_endings_add_to_one_at_every_age(house, leads) -> None:
    """Entries over four weeks, some known to the day, endings up to 400 hours later, and an as_of in between."""
    here = house("2026-02-05 06:00:00")
    for number, (day, hours, ending, is_day) in enumerate(leads):
        entered = here.con.execute("select timestamp '2026-01-01' + to_days(?)", [day]).fetchall()[0][0]
        ended = here.con.execute("select ? + to_hours(?)", [entered, hours]).fetchall()[0][0]
        stages = {"advanced": {"sql": ended}, "imputed": {"won": ended}}.get(ending, {})
        leaves = (ending, ended) if ending in ("rejected", "recycled", "lost") else None
        here.cycle(str(number), mql=entered, **stages, exit=leaves, day=["mql"] if is_day else [])
    table = curve.endings(here.open(), **PAIR)
    totals = table.groupby("age_days")["probability"].sum()
    assert list(totals) == pytest.approx([1] * len(totals), abs=1e-9)
    assert table["probability"].between(-1e-12, 1 + 1e-12).all()
    assert (table["low"] <= table["probability"] + 1e-9).all()
    assert (table["probability"] <= table["high"] + 1e-9).all()
    assert table.groupby("age_days").size().eq(5).all()
