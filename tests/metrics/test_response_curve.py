"""The response-time curve: those never contacted are in it, in elapsed and in business hours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from funnel.errors import UsageError
from funnel.metrics import curve

MONDAY = "2026-03-02 09:00:00"
HOURS = """
create table if not exists contract.business_hour (version text, calendar text, starts_at timestamp,
    ends_at timestamp, next_starts_at timestamp, seconds_before bigint, number bigint);
create table if not exists core.handoff_clock (handoff_id text, start_elapsed bigint, start_working bigint,
    is_start_exact boolean, touch_end_elapsed bigint, touch_end_working bigint, is_touch_exact boolean,
    as_of_elapsed bigint, as_of_working bigint);
insert into contract.business_hour
select
    'v1', 'default', day_at + interval 9 hour, day_at + interval 17 hour, null,
    28800 * (row_number() over (order by day_at) - 1), 1
from (select cast(unnest(generate_series(date '2026-01-01', date '2026-12-31', interval 1 day)) as timestamp) as day_at)
where extract(isodow from day_at) < 6
"""


def working(instant):
    """Return the working seconds of Monday to Friday, 9 to 17, from the beginning of 2026."""
    days = [
        datetime(2026, 1, 1) + timedelta(days=n) for n in range((instant - datetime(2026, 1, 1)).days + 1)
    ]
    spans = [
        min(max((instant - day).total_seconds() - 9 * 3600, 0), 8 * 3600) for day in days if day.weekday() < 5
    ]
    return round(sum(spans))


def both(at, end=False):
    """Return an instant, or the end of its day, on the elapsed and on the working clock."""
    if at is None:
        return None, None
    instant = datetime.fromisoformat(at) + timedelta(days=1 if end else 0)
    return round((instant - datetime(1970, 1, 1)).total_seconds()), working(instant)


@pytest.fixture
def office(house):
    """Return a house whose working time is Monday to Friday, 9 to 17 UTC."""

    def make(as_of, **options):
        here = house(as_of, **options)
        here.con.execute(HOURS)
        return here

    return make


def handed(here, name, at, touched=None, assigned=None, is_day=False, pause=0, calendar="default", **row):
    """Add a hand-off with its clocks, of which a pause since its beginning takes some seconds."""
    precision = None if touched is None else "day" if is_day else "second"
    given = {"first_touch_at": touched, "first_touch_precision": precision, "calendar": calendar, **row}
    here.handoff(name, at, **given)
    start, touch, until = both(assigned or at), both(touched, is_day), both(here.as_of)
    if at is None:
        return
    clocks = {"start": start, "touch_end": touch, "as_of": until}
    known = {
        f"{point}_{clock}": None if seconds is None else seconds - (pause if point != "start" else 0)
        for point, pair in clocks.items()
        for clock, seconds in zip(("elapsed", "working"), pair, strict=True)
        if calendar == "default" or clock == "elapsed"
    }
    here.add("core.handoff_clock", handoff_id=name, is_start_exact=True, is_touch_exact=not is_day, **known)


def at(table, hour, *columns):
    row = table[table["age_hours"] == hour].iloc[0]
    return tuple(round(float(row[name]), 4) for name in columns)


def test_never_contacted_leads_are_in_the_curve(office, rows) -> None:
    """Two of four touched, after 1 and 3 hours; two never: the curve stays at a half, and the median is 3 h."""
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY, "2026-03-02 10:00:00")
    handed(here, "b", MONDAY, "2026-03-02 12:00:00")
    handed(here, "c", MONDAY)
    handed(here, "d", MONDAY)
    con = here.open()
    table = curve.first_touch(con, clock="business")
    assert [at(table, hour, "rate")[0] for hour in (0, 1, 2, 3, 8)] == [0, 0.25, 0.25, 0.5, 0.5]
    assert rows(table.head(1), "clock", "n", "n_touched", "n_untouched") == [("business", 4, 2, 2)]
    assert rows(curve.waits(con), "clock", "median_hours", "p25", "p75", "is_reached", "n_untouched") == [
        ("business", 3.0, 2.0, None, True, 2),
        ("elapsed", 3.0, 2.0, None, True, 2),
    ]


def test_a_lead_closed_without_a_touch_was_not_answered(office) -> None:
    """One touched after 5 hours, one rejected untouched after 1: half are answered by then, not all."""
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY, "2026-03-02 14:00:00")
    handed(here, "b", MONDAY, outcome="rejected", outcome_at="2026-03-02 10:00:00")
    assert at(curve.first_touch(here.open(), clock="elapsed"), 5, "rate") == (0.5,)


def test_a_wait_that_is_still_on_counts_in_working_time_of_the_calendar(office) -> None:
    """Handed Friday at 16:00, as of Monday at 10:00: 2 business hours, 66 elapsed."""
    here = office("2026-03-09 10:00:00")
    handed(here, "a", "2026-03-06 16:00:00")
    con = here.open()
    assert curve.first_touch(con, clock="business")["age_hours"].max() == 2
    assert curve.first_touch(con, clock="elapsed")["age_hours"].max() == 66


def test_a_wait_begins_with_the_assignment_and_without_one_with_the_hand_off(office) -> None:
    here = office("2026-03-02 13:00:00")
    handed(here, "a", MONDAY, assigned="2026-03-02 11:00:00")
    assert curve.first_touch(here.open(), clock="elapsed")["age_hours"].max() == 2


def test_an_answer_at_the_end_of_an_hour_counts_at_it_and_a_second_later_does_not(office) -> None:
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY, "2026-03-02 13:00:00")
    handed(here, "b", MONDAY, "2026-03-02 13:00:01")
    table = curve.first_touch(here.open(), clock="business")
    assert at(table, 4, "rate", "n_events", "n_at_risk") == (0.5, 1, 2)
    assert at(table, 5, "rate", "n_events", "n_at_risk") == (1, 1, 0)


def test_a_touch_known_to_the_day_counts_at_the_end_of_that_day(office) -> None:
    """Touched some time on the 2nd: by 17:00 of that day in business hours, by midnight in elapsed ones."""
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY, "2026-03-02", is_day=True)
    con = here.open()
    business, elapsed = (curve.first_touch(con, clock=clock) for clock in ("business", "elapsed"))
    assert [at(business, hour, "rate")[0] for hour in (7, 8)] == [0, 1]
    assert [at(elapsed, hour, "rate")[0] for hour in (14, 15)] == [0, 1]
    assert business["n_day"][0] == 1
    assert "1 known to the day count at its end." in business["rule"][0]


def test_a_day_that_is_not_over_ends_with_what_was_seen(office) -> None:
    here = office("2026-03-02 12:00:00")
    handed(here, "a", MONDAY, "2026-03-02", is_day=True)
    assert at(curve.first_touch(here.open(), clock="elapsed"), 3, "rate") == (1,)


def test_a_touch_before_the_assignment_took_no_time_and_a_hand_off_of_this_instant_is_in(office) -> None:
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY, "2026-03-02 10:00:00", assigned="2026-03-02 11:00:00")
    handed(here, "b", "2026-03-30 09:00:00")
    assert at(curve.first_touch(here.open(), clock="elapsed"), 0, "rate", "n", "n_at_risk") == (0.5, 2, 2)


def test_a_pause_is_no_time_waited(office) -> None:
    """Touched six hours after hand-off, of which the clock stood for two; never touched, with an hour's pause."""
    here = office("2026-03-02 17:00:00")
    handed(here, "a", MONDAY, "2026-03-02 15:00:00", pause=7200)
    handed(here, "b", MONDAY, pause=3600)
    table = curve.first_touch(here.open(), clock="business")
    assert [at(table, hour, "rate")[0] for hour in (3, 4)] == [0, 0.5]
    assert curve.first_touch(here.con, clock="business", end_on="2026-03-03")["n_watched"].iloc[-1] == 2
    assert table["age_hours"].max() == 6


def test_time_after_the_last_record_is_not_watched(office) -> None:
    """The last record of any kind is of 2 March, 12:00, as_of three weeks later: three hours were watched."""
    here = office("2026-03-23 12:00:00", is_alive=False)
    here.cycle("last", mql="2026-03-02 12:00:00")
    handed(here, "a", MONDAY)
    con = here.open()
    for clock in ("business", "elapsed"):
        assert curve.first_touch(con, clock=clock)["age_hours"].max() == 3


def test_hand_offs_that_cannot_be_placed_are_left_out_and_counted(office, rows) -> None:
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY)
    handed(here, "no time", None, handed_precision="unknown")
    handed(here, "no calendar", MONDAY, calendar="Mars")
    con = here.open()
    assert rows(curve.first_touch(con, clock="business").head(1), "n", "n_left_out") == [(1, 2)]
    assert curve.waits(con)["rule"][0].endswith("Left out: 1 without a known time, 1 without a calendar.")
    assert rows(curve.first_touch(con, clock="elapsed").head(1), "n", "n_left_out") == [(2, 1)]


def test_segments_spans_and_hours_may_be_chosen(office, rows) -> None:
    here = office("2026-03-30 09:00:00")
    for name, day, channel in (("a", "02", "Web"), ("b", "03", "Web"), ("c", "03", None), ("d", "04", "Web")):
        handed(here, name, f"2026-03-{day} 09:00:00", channel=channel)
    chosen = {"start_on": "2026-03-03", "end_on": "2026-03-04"}
    table = curve.first_touch(here.open(), clock="elapsed", by="channel", within_hours=1.9, **chosen)
    assert rows(table, "value", "age_hours", "n") == [
        ("Web", 0, 1),
        ("Web", 1, 1),
        (None, 0, 1),
        (None, 1, 1),
    ]
    assert rows(curve.waits(here.con, by="channel", **chosen), "value", "clock", "n", "median_hours") == [
        ("Web", "business", 1, None),
        (None, "business", 1, None),
        ("Web", "elapsed", 1, None),
        (None, "elapsed", 1, None),
    ]


def test_no_hand_offs_give_no_curve_and_an_undefined_median(office, rows) -> None:
    con = office("2026-03-30 09:00:00").open()
    assert len(curve.first_touch(con, clock="business")) == 0
    assert rows(curve.waits(con), "clock", "n", "median_hours", "is_reached") == [
        ("business", 0, None, False),
        ("elapsed", 0, None, False),
    ]


def test_a_clock_must_be_one_of_two(office) -> None:
    with pytest.raises(UsageError, match="no clock 'busines'"):
        curve.first_touch(office("2026-03-30 09:00:00").open(), clock="busines")


def test_without_activities_nobody_is_said_to_be_untouched(office, rows) -> None:
    here = office("2026-03-30 09:00:00")
    handed(here, "a", MONDAY)
    here.sources("person")
    con = here.open()
    columns = ("n", "n_untouched", "rate", "state")
    assert set(rows(curve.first_touch(con, clock="elapsed"), *columns)) == {
        (1, None, None, "not in this source")
    }
    columns = ("n", "n_untouched", "median_hours", "p90", "state")
    assert rows(curve.waits(con), *columns) == [(1, None, None, None, "not in this source")] * 2


def test_on_the_real_models_the_curve_says_what_the_hand_offs_say(make_world) -> None:
    """Two MQLs of Monday 10:00, 9-17 UTC: one called at 12:00, one never; as of Tuesday 11:00."""
    from world import call, changes, lead

    con = make_world(
        as_of=datetime(2026, 3, 3, 11),
        person=[lead(name, "2026-03-02 09:00:00", status="MQL") for name in "ab"],
        attribute_event=[
            row
            for name in "ab"
            for row in changes(name, "status", ("2026-03-02 10:00:00", "MQL"), first="New")
        ],
        activity=[call("c", "a", "2026-03-02 12:00:00")],
    )
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    con.execute("insert into run.source_table values ('crm', 'activity', 'filled', 1)")
    business, elapsed = (curve.first_touch(con, clock=clock) for clock in ("business", "elapsed"))
    assert [at(business, hour, "rate")[0] for hour in (1, 2)] == [0, 0.5]
    assert (business["age_hours"].max(), elapsed["age_hours"].max()) == (9, 25)
