"""Open hand-offs that nobody touched: ages on the stroke, what they stand for, and who may be named."""

from __future__ import annotations

import pytest
from handed_house import widened

from funnel.errors import UsageError
from funnel.metrics import handoff, stake

AS_OF = "2026-04-01 00:00:00"


@pytest.fixture
def here(house):
    return widened(house(AS_OF, hands_to={"sal": "sales"}))


def lie(here, name, at, due="2026-03-31 00:00:00", **row):
    here.handoff(name, at, sla={"first_touch": (due, "missed")}, calendar="default", **row)


def test_each_age_holds_its_end_and_older_than_the_horizon_has_no_amount(here, rows):
    """Horizon 90 days: the hand-off of exactly 90 days is in the last band but one, and already too old to value."""
    for number, at in enumerate(
        (
            *("2026-03-31 00:00:00", "2026-03-30 23:59:59"),  # one day, and a second more
            *("2026-03-25 00:00:00", "2026-03-24 23:59:59"),  # seven
            *("2026-03-18 00:00:00", "2026-03-17 23:59:59"),  # fourteen
            *("2026-03-02 00:00:00", "2026-03-01 23:59:59"),  # thirty
            *("2026-01-01 00:00:01", "2026-01-01 00:00:00"),  # a second less than ninety, ninety
            "2025-12-31 23:59:59",
        )
    ):
        lie(here, f"h{number}", at)
    here.cycle("won", mql="2025-06-01", sal="2025-06-02", won="2025-07-01")
    here.cycle("not", mql="2025-06-01", sal="2025-06-02")
    here.opportunity("2025-06-03", 1000, "2025-07-01", "won")
    con = here.open()
    assert stake.worth(con).stage["sal"] == 500.0
    columns = ("position", "age", "n", "n_young", "oldest_days", "amount_at_stake", "currency", "state")
    day = 1 / 86400
    assert rows(handoff.ageing(con), *columns, digits=4) == [
        (1, "up to 1 day", 1, 1, 1.0, 500.0, "EUR", "ok"),
        (2, "over 1 to 7 days", 2, 2, 7.0, 1000.0, "EUR", "ok"),
        (3, "over 7 to 14 days", 2, 2, 14.0, 1000.0, "EUR", "ok"),
        (4, "over 14 to 30 days", 2, 2, 30.0, 1000.0, "EUR", "ok"),
        (5, "over 30 to 90 days", 3, 2, 90.0, 1000.0, "EUR", "ok"),
        (6, "over 90 days", 1, 0, round(90 + day, 4), None, "EUR", "ok"),
        (7, "all", 11, 9, round(90 + day, 4), 4500.0, "EUR", "ok"),
    ]


@pytest.mark.parametrize(("due", "n_late"), [(AS_OF, 1), ("2026-04-01 00:00:01", 0)])
def test_it_is_late_when_the_deadline_has_passed_on_the_stroke(here, rows, due, n_late):
    lie(here, "a", "2026-03-31 12:00:00", due=due)
    assert rows(handoff.ageing(here.open()).tail(1), "n", "n_late") == [(1, n_late)]


def test_the_touched_the_ended_and_those_of_unknown_time_do_not_lie(here, rows):
    lie(here, "lies", "2026-03-30 12:00:00")
    lie(here, "touched", "2026-03-30 12:00:00", first_touch_at="2026-03-31")
    lie(here, "ended", "2026-03-30 12:00:00", outcome="recycled")
    lie(here, "undated", None)
    con = here.open()
    assert rows(handoff.ageing(con), "age", "n") == [("over 1 to 7 days", 1), ("all", 1)]
    assert handoff.waiting(con)["handoff_id"].tolist() == ["lies"]


def test_values_with_the_most_come_first_and_add_to_the_whole(here, rows):
    for name, region in (("a", "EMEA"), ("b", "APAC"), ("c", "APAC"), ("d", None)):
        lie(here, name, "2026-03-31 12:00:00" if name == "b" else "2026-03-01 12:00:00", region=region)
    con = here.open()
    table = handoff.ageing(con, by="region")
    assert rows(table, "value", "age", "is_total", "n") == [
        ("APAC", "up to 1 day", False, 1),
        ("APAC", "over 30 to 90 days", False, 1),
        ("APAC", "all", True, 2),
        ("EMEA", "over 30 to 90 days", False, 1),
        ("EMEA", "all", True, 1),
        (None, "over 30 to 90 days", False, 1),
        (None, "all", True, 1),
    ]
    whole = handoff.ageing(con).tail(1)
    assert table.loc[table["is_total"], "n"].sum() == whole["n"].item()


def test_an_amount_that_nothing_won_stands_for_is_unknown_not_0(here, rows):
    lie(here, "a", "2026-03-31 12:00:00")
    assert rows(handoff.ageing(here.open()), "n", "amount_at_stake") == [(1, None), (1, None)]


def test_nothing_lying_is_told_as_a_whole_of_0(here, rows):
    con = here.open()
    assert rows(handoff.ageing(con), "age", "n", "oldest_days", "state") == [("all", 0, None, "ok")]
    assert len(handoff.ageing(con, by="tier")) == 0


def test_without_activities_nobody_is_said_to_be_untouched(here, rows):
    lie(here, "a", "2026-03-31 12:00:00")
    here.sources("person")
    con = here.open()
    for by in (None, "region"):
        assert rows(handoff.ageing(con, by=by), "age", "n", "state") == [("all", None, "not in this source")]
    assert len(handoff.waiting(con)) == 0


def test_the_list_for_analysts_begins_with_the_oldest(here, rows):
    here.add("core.rep", rep_id="r", team="SDR", region="EMEA", is_queue=False)
    lie(here, "young", "2026-03-31 12:00:00", due=AS_OF, record_key="crm:1", owner_id="r")
    lie(here, "old", "2026-03-01 12:00:00", due="2026-04-01 00:00:01", record_key="crm:2")
    columns = ("handoff_id", "record_key", "handed_on", "age_days", "is_late", "team", "owner_id")
    assert rows(handoff.waiting(here.open()), *columns) == [
        ("old", "crm:2", "2026-03-01", 30.5, False, None, None),
        ("young", "crm:1", "2026-03-31", 0.5, True, "SDR, EMEA", "r"),
    ]


def test_an_unknown_split_is_refused_with_the_nearest(here):
    with pytest.raises(UsageError, match=r"cannot be split by 'teem'\. Did you mean 'team'\?"):
        handoff.ageing(here.open(), by="teem")
