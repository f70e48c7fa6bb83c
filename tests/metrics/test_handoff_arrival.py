"""Hand-offs by team, tier, local weekday and hour: counted anew by another route, on every stroke."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from handed_house import widened

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import handoff, response

ZONES = {"default": "Europe/Berlin", "Americas": "America/New_York", "Asia": "Asia/Kolkata"}
AS_OF = "2026-07-01 00:00:00"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@pytest.fixture
def zoned(house):
    """Return a house whose calendars lie in three zones."""
    here = widened(house(AS_OF))
    here.con.execute("delete from contract.calendar")
    for calendar, zone in ZONES.items():
        here.add("contract.calendar", version="v1", calendar=calendar, zone=zone)
    here.add("contract.sla", version="v1", sla="first_touch", attainment=0.9)
    return here


def handed(here, name, at, *, due=AS_OF, state="met", calendar="default", waits=(3600, 36000), **row):
    """Add a hand-off whose first touch came `waits[0]` seconds after it (None: never; watched for waits[1])."""
    answered, watched = waits
    touched = None if answered is None else str(datetime.fromisoformat(at) + timedelta(seconds=answered))
    here.handoff(
        name, at, sla={"first_touch": (due, state)}, calendar=calendar, first_touch_at=touched, **row
    )
    here.add(
        "core.handoff_clock",
        handoff_id=name,
        start_working=0,
        start_elapsed=0,
        is_start_exact=True,
        touch_end_working=answered,
        touch_end_elapsed=answered,
        is_touch_exact=True,
        as_of_working=watched,
        as_of_elapsed=watched,
    )


@pytest.fixture
def hours(zoned):
    """Give each calendar one long working interval, so that working time is elapsed time."""
    for calendar in ZONES:
        zoned.add(
            "contract.business_hour",
            version="v1",
            calendar=calendar,
            starts_at="2020-01-01",
            ends_at="2030-01-01",
            seconds_before=0,
        )
    return zoned


@pytest.mark.parametrize(
    ("at", "calendar", "weekday", "hour"),
    [
        ("2026-03-29 00:59:59", "default", "Sunday", 1),  # the last second of winter time in Berlin
        ("2026-03-29 01:00:00", "default", "Sunday", 3),  # the first of summer time
        ("2026-03-08 06:59:59", "Americas", "Sunday", 1),
        ("2026-03-08 07:00:00", "Americas", "Sunday", 3),
        ("2026-03-02 04:59:59", "Americas", "Sunday", 23),  # Monday in UTC, still Sunday in New York
        ("2026-03-02 05:00:00", "Americas", "Monday", 0),
        ("2026-03-01 18:29:59", "Asia", "Sunday", 23),  # half an hour beside the full ones
        ("2026-03-01 18:30:00", "Asia", "Monday", 0),
    ],
)
def test_a_hand_off_arrives_at_the_local_time_of_the_leads_calendar(zoned, at, calendar, weekday, hour):
    handed(zoned, "a", at, calendar=calendar)
    table = handoff.arrivals(zoned.open())
    (row,) = table[table["n_hand_offs"] > 0].to_dict("records")
    assert (row["weekday_name"], row["hour"], row["until_hour"]) == (weekday, hour, hour + 1)
    assert (len(table), row["n"], row["n_met"], row["rate"]) == (168, 1, 1, 1.0)


@pytest.fixture
def many(hours):
    """Return 120 hand-offs of half a year in three zones, some not due, some unanswered, and what they are."""
    draw = random.Random(5)
    known = []
    for number in range(120):
        at = datetime(2026, 1, 1) + timedelta(seconds=draw.randrange(180 * 86400))
        calendar = draw.choice(list(ZONES))
        state = draw.choice(["met", "missed", "open", "unknown"])
        due = draw.choice([AS_OF, "2026-07-01 00:00:01"])
        handed(hours, f"h{number}", str(at), due=due, state=state, calendar=calendar)
        local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONES[calendar]))
        known.append((local, state in ("met", "missed") and due == AS_OF, state == "met" and due == AS_OF))
    return hours.open(), known


@pytest.mark.parametrize("band", [1, 2, 6, 24])
def test_the_grid_counts_as_counting_one_by_one_does(many, band):
    con, known = many
    table = handoff.arrivals(con, hours=band)
    assert len(table) == 7 * 24 // band
    cells = [(local.isoweekday(), local.hour // band * band) for local, _, _ in known]
    whole, judged, met = (
        Counter(cell for cell, one in zip(cells, known, strict=True) if test(one))
        for test in (lambda one: True, lambda one: one[1], lambda one: one[2])
    )
    for row in table.to_dict("records"):
        cell = (row["weekday"], row["hour"])
        assert (row["n_hand_offs"], row["n"], row["n_met"]) == (whole[cell], judged[cell], met[cell])
    limits = stats.funnel_limits(table["n_met"], table["n"])
    np.testing.assert_array_equal(table["limit_low"], limits.low)


@pytest.mark.parametrize("split", ["weekday", "hour"])
def test_weekdays_and_hours_stand_in_their_order_and_count_as_one_by_one(many, split):
    con, known = many
    table = handoff.by(con, dimension=split)
    said = [DAYS[one.weekday()] if split == "weekday" else f"{one.hour:02}:00" for one, _, _ in known]
    order = list(DAYS) if split == "weekday" else [f"{hour:02}:00" for hour in range(24)]
    assert table["value"].tolist() == [value for value in order if value in said]
    for row in table.to_dict("records"):
        here = [one for one, value in zip(known, said, strict=True) if value == row["value"]]
        counts = (len(here), sum(one[1] for one in here), sum(one[2] for one in here))
        assert (row["n_hand_offs"], row["n"], row["n_met"]) == counts


def test_a_hand_off_known_to_the_day_has_a_weekday_and_no_hour(zoned, rows):
    handed(zoned, "day", "2026-03-02", handed_precision="day", calendar="Americas")
    handed(zoned, "never", None, handed_precision="unknown", state="unknown", waits=(None, None))
    con = zoned.open()
    assert rows(handoff.by(con, dimension="weekday"), "value", "n_hand_offs") == [("Monday", 1), (None, 1)]
    assert rows(handoff.by(con, dimension="hour"), "value", "n_hand_offs", "n", "n_unknown") == [
        (None, 2, 1, 1)
    ]
    grid = handoff.arrivals(con)
    assert (grid["n_hand_offs"].sum(), grid["n_untimed"].iloc[0]) == (0, 2)
    assert "2 hand-offs of unknown hour are left out" in grid["rule"].iloc[0]
    assert handoff.arrivals(con, start_on="2026-03-03")["n_untimed"].iloc[0] == 0


def test_the_team_is_that_of_the_first_owner_with_its_region_and_a_queue_is_none(hours, rows):
    hours.add("core.rep", rep_id="r", team="SDR", region="EMEA", is_queue=False)
    hours.add("core.rep", rep_id="s", team="SDR", is_queue=False)
    hours.add("core.rep", rep_id="q", team="SDR", region="EMEA", is_queue=True)
    for name, owner in (("a", "r"), ("b", "r"), ("c", "s"), ("d", "q"), ("e", None)):
        handed(hours, name, "2026-03-02 09:00:00", owner_id=owner)
    table = handoff.by(hours.open(), dimension="team")
    assert rows(table, "value", "n_hand_offs") == [("SDR, EMEA", 2), (None, 2), ("SDR", 1)]


def test_clock_wait_and_persistence_stand_side_by_side(hours, rows):
    """Three of tier hot: answered after 1 and 3 h, one never; two cadences run out, one kept, one given up."""
    hours.add("contract.sla", version="v1", sla="cadence", attainment=0.8)
    for name, wait, state in (("a", 3600, "met"), ("b", 10800, "missed"), ("c", None, "missed")):
        handed(hours, name, "2026-03-02 09:00:00", state=state, waits=(wait, 36000))
    for name, due, state in (
        ("a", AS_OF, "met"),
        ("b", AS_OF, "missed"),
        ("c", "2026-07-01 00:00:01", "missed"),
    ):
        hours.add("marts.handoff_sla", handoff_id=name, sla="cadence", due_at=due, outcome=state)
    hours.con.execute("update marts.handoff_sla set tier = 'hot' where sla = 'first_touch'")
    hours.con.execute("update marts.handoff set gave_up_early = true where handoff_id in ('b', 'c')")
    table = handoff.by(hours.open(), dimension="tier")
    columns = ("value", "n", "n_met", "agreed", "n_watched", "n_untouched", "median_hours")
    assert rows(table, *columns) == [("hot", 3, 1, 0.9, 3, 1, 3.0)]
    kept = ("n_cadence", "n_kept", "n_gave_up", "kept_rate", "kept_low", "kept_high", "kept_agreed", "state")
    assert rows(table, *kept) == [(2, 1, 1, 0.5, 0.0945, 0.9055, 0.8, "ok")]
    limits = stats.funnel_limits([1], [2])
    assert table["kept_limit_low"].tolist() == limits.low.tolist()


def test_the_median_wait_is_that_of_the_response_curve(many):
    con, _ = many
    table = handoff.by(con, dimension="weekday").set_index("value")
    waits = response.waits(con, by="weekday", clock="business").set_index("value")
    assert set(waits["clock"]) == {"business"}
    assert table["median_hours"].to_dict() == waits.loc[table.index, "median_hours"].to_dict()


def test_only_hand_offs_of_the_span_count(hours, rows):
    for day in (1, 2, 3):
        handed(hours, f"h{day}", f"2026-03-0{day} 12:00:00", region="EMEA")
    con = hours.open()
    span = {"start_on": "2026-03-02", "end_on": "2026-03-03"}
    columns = ("n_hand_offs", "n", "n_watched")
    assert rows(handoff.by(con, dimension="region", **span), *columns) == [(1, 1, 1)]
    assert handoff.arrivals(con, **span)["n_hand_offs"].sum() == 1
    assert len(handoff.by(con, dimension="region", start_on="2026-03-04")) == 0


def test_without_activities_no_wait_is_told(hours, rows):
    handed(hours, "a", "2026-03-02 09:00:00", state="unknown", waits=(None, 36000))
    hours.sources("person", "opportunity")
    con = hours.open()
    columns = ("n", "n_unknown", "rate", "n_untouched", "median_hours", "state")
    assert rows(handoff.by(con, dimension="hour"), *columns) == [
        (0, 1, None, None, None, "not in this source")
    ]
    assert set(handoff.arrivals(con)["state"]) == {"not in this source"}


def test_an_unknown_split_or_band_is_refused(hours):
    con = hours.open()
    with pytest.raises(UsageError, match=r"cannot be split by 'wekday'\. Did you mean 'weekday'\?"):
        handoff.by(con, dimension="wekday")
    for band in (0, 5, 48):
        with pytest.raises(UsageError, match=f"Bands of {band} hours do not divide a day"):
            handoff.arrivals(con, hours=band)
