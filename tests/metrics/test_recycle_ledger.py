"""The ledger of recycled leads, what they yield, and what was closed as bad: on the stroke and recounted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pandas as pd
import pytest
from handed_house import widened

from funnel.metrics import recycle

AS_OF = "2026-06-30 00:00:00"
DAY = timedelta(days=1)


@pytest.fixture
def here(house):
    """Return a house where mql hands leads over, with 60 days agreed to re-qualification; horizon 90 days."""
    made = widened(house(AS_OF, hands_to={"mql": "sales"}))
    made.add("contract.term", version="v1", name="requalify_seconds", value=60 * 86400)
    return made


def once(here, name, exit_at, number=1, kind="recycled", reason="No budget", **stages):
    stages = stages or {"mql": "2025-09-01"}
    here.cycle(
        f"{name}#{number}",
        **stages,
        subject_id=name,
        person_id=name,
        exit=(kind, exit_at),
        exit_reason=reason,
        record_key=f"crm:{name}",
        **{"pass": number},
    )


def again(here, name, number=2, **row):
    here.cycle(f"{name}#{number}", subject_id=name, person_id=name, **{"pass": number}, **row)


def test_the_ledger_lists_who_waits_and_since_when_he_is_due(here, rows):
    """Sixty days agreed: recycled on 1 May at midnight, due on 30 June at midnight, which is the report."""
    once(here, "due", "2026-05-01 00:00:00")
    once(here, "not yet", "2026-05-01 00:00:01", reason="No timeline")
    once(here, "long", "2026-01-01 12:00:00", reason=None)
    once(here, "some day", None)
    once(here, "back", "2026-01-01 00:00:00")
    again(here, "back", mql="2026-02-01")
    once(here, "rejected", "2026-01-01 00:00:00", kind="rejected")
    table = recycle.ledger(here.open())
    columns = ("cycle_id", "record_key", "reason", "recycled_on", "due_on", "is_due", "overdue_days", "pass")
    assert rows(table, *columns) == [
        ("long#1", "crm:long", None, "2026-01-01", "2026-03-02", True, 119.5, 1),
        ("due#1", "crm:due", "No budget", "2026-05-01", "2026-06-30", True, 0.0, 1),
        ("not yet#1", "crm:not yet", "No timeline", "2026-05-01", "2026-06-30", False, -0.0, 1),
        ("some day#1", "crm:some day", "No budget", None, None, False, None, 1),
    ]
    assert set(table["after_days"]) == {60.0}
    assert table["rule"].iloc[0].endswith("due 60 days after they were recycled, as agreed.")


def test_the_ledger_and_the_count_of_the_due_agree(here):
    draw = random.Random(1)
    for number in range(60):
        once(here, f"p{number}", str(datetime(2026, 3, 1) + draw.randrange(4 * 120) * DAY / 4))
    con = here.open()
    for days in (None, 30, 75.25):
        ledger, due = recycle.ledger(con, after_days=days), recycle.due(con, after_days=days).tail(1)
        assert (len(ledger), ledger["is_due"].sum()) == (due["n_waiting"].item(), due["n_due"].item())
        assert set(ledger["after_days"]) == set(due["after_days"])


def test_without_an_agreed_time_the_horizon_stands_in_and_says_so(house):
    con = widened(house(AS_OF)).open()
    table = recycle.due(con)
    assert table["after_days"].tolist() == [90.0]
    assert (
        table["rule"]
        .iloc[0]
        .endswith("90 days after they were recycled: the horizon, as no time to re-qualification is agreed.")
    )
    assert recycle.returns(con)["within_days"].tolist() == [180.0]


YIELD = ("reason", "n_recycled", "n_undated", "n_young", "n", "n_back", "n_handed", "n_won", "n_passes")


def test_what_comes_back_counts_within_the_window_and_old_enough_on_the_stroke(here, rows):
    """Window 60 + 90 = 150 days; recycled on 31 January at midnight is exactly 150 days old at the report."""
    once(here, "a", "2026-01-31 00:00:00")
    again(here, "a", mql="2026-06-30 00:00:00")  # the last instant that counts (as of, so none in a build)
    once(here, "young", "2026-01-31 00:00:01")
    once(here, "late", "2026-01-01 00:00:00")
    again(here, "late", mql="2026-05-31 00:00:01")  # a second after its window
    once(here, "won", "2026-01-01 00:00:00")
    again(here, "won", mql="2026-02-01", won="2026-05-31 00:00:00")  # on the stroke
    once(here, "won late", "2026-01-01 00:00:00")
    again(here, "won late", mql="2026-02-01", won="2026-05-31 00:00:01")
    once(here, "some day", None)
    table = recycle.returns(here.open())
    assert rows(table, *YIELD) == [
        ("No budget", 6, 1, 1, 4, 3, 3, 1, 4),
        (None, 6, 1, 1, 4, 3, 3, 1, 4),
    ]
    assert rows(table.tail(1), "is_total", "back_rate", "back_low", "won_rate", "within_days", "state") == [
        (True, 0.75, 0.3006, 0.25, 150.0, "ok")
    ]


def test_coming_back_is_less_than_being_handed_over_again(house, rows):
    """Stages inquiry, mql (hands over), sal: the second pass began with an inquiry and went no further."""
    stages = (("inquiry", "marketing"), ("mql", "marketing"), ("sal", "sales"))
    here = widened(house(AS_OF, stages=stages, hands_to={"mql": "sales"}))
    once(here, "a", "2025-10-01", inquiry="2025-09-01")
    again(here, "a", inquiry="2025-11-01")
    once(here, "b", "2025-10-01", inquiry="2025-09-01")
    again(here, "b", inquiry="2025-11-01", exit=("recycled", "2025-11-05"))
    again(here, "b", 3, inquiry="2025-12-01", mql="2025-12-02")
    table = recycle.returns(here.open()).tail(1)
    assert rows(table, "n_recycled", "n_young", "n", "n_back", "n_handed", "n_passes") == [(3, 0, 3, 3, 2, 4)]


def test_where_no_lead_is_handed_over_none_can_be_again(house, rows):
    here = widened(house(AS_OF))
    once(here, "a", "2025-10-01")
    con = here.open()
    assert rows(recycle.returns(con).tail(1), "n", "n_back", "n_handed", "handed_rate") == [
        (1, 0, None, None)
    ]
    assert len(recycle.passes(con)) == 0


def test_too_young_is_not_yet_and_nothing_recycled_is_undefined(here, rows):
    con = here.open()
    assert rows(recycle.returns(con), "n_recycled", "back_rate", "state") == [(0, None, "undefined")]
    once(here, "a", "2026-06-01")
    assert rows(recycle.returns(here.open()), "n", "back_rate", "state") == [(0, None, "not yet")] * 2


def test_a_later_pass_stands_beside_the_first(here, rows):
    """Horizon 90 days: handed over on 1 April, exactly 90 days ago; accepted after 90 days counts."""
    here.cycle("a#1", mql="2026-04-01 00:00:00", sal="2026-06-30 00:00:00", subject_id="a")
    here.cycle("b#1", mql="2026-04-01 00:00:01", sal="2026-04-02", subject_id="b")  # too young
    here.cycle("c#1", mql="2026-01-01 00:00:00", sal="2026-04-01 00:00:01", subject_id="c")  # too late
    for number in (2, 3, 4, 5):
        again(here, "d", number, mql="2026-01-01", won="2026-02-01")
    table = recycle.passes(here.open())
    columns = (
        "pass",
        "is_more",
        "n_handed",
        "n",
        "n_accepted",
        "n_won",
        "accepted_rate",
        "won_rate",
        "state",
    )
    assert rows(table, *columns) == [
        (1, False, 3, 2, 1, 0, 0.5, 0.0, "ok"),
        (2, False, 1, 1, 1, 1, 1.0, 1.0, "ok"),
        (3, False, 1, 1, 1, 1, 1.0, 1.0, "ok"),
        (4, True, 2, 2, 2, 2, 1.0, 1.0, "ok"),
    ]


@pytest.fixture
def listed(here):
    here.add("contract.reason", version="v1", reason="No budget", exit="recycled")
    here.add("contract.reason", version="v1", reason="Wrong person", exit="rejected")
    return here


def test_a_rejection_is_wrong_if_the_reason_says_later_or_the_person_was_accepted_later(listed, rows):
    bad = {"kind": "rejected"}
    once(listed, "listed", "2026-01-01", **bad, reason=" no BUDGET")
    once(listed, "came", "2026-01-01", **bad, reason="Wrong person")
    again(listed, "came", mql="2026-02-01")  # came back, but was not accepted: not shown to be wrong
    once(listed, "accepted", "2026-01-02", **bad, reason="Wrong person")
    again(listed, "accepted", mql="2026-02-01", sal="2026-02-03")
    once(listed, "won", "2026-01-01", **bad, reason=None)
    again(listed, "won", mql="2026-02-01", won="2026-03-03")
    once(listed, "both", "2026-01-03", **bad, reason="No budget")
    again(listed, "both", mql="2026-02-01", sal="2026-02-03")
    once(listed, "recycled", "2026-01-01")
    con = listed.open()
    columns = ("reason", "is_total", "n", "n_listed", "n_back", "n_accepted", "n_won", "n_wrong", "rate")
    assert rows(recycle.closed(con), *columns) == [
        ("Wrong person", False, 2, 0, 2, 1, 0, 1, 0.5),
        (" no BUDGET", False, 1, 1, 0, 0, 0, 1, 1.0),
        ("No budget", False, 1, 1, 1, 1, 0, 1, 1.0),
        (None, False, 1, 0, 1, 1, 1, 1, 1.0),
        (None, True, 5, 2, 4, 3, 1, 4, 0.8),
    ]
    columns = ("cycle_id", "record_key", "rejected_on", "is_listed", "back_on", "is_accepted", "is_won")
    assert rows(recycle.closed_leads(con), *columns) == [
        ("listed#1", "crm:listed", "2026-01-01", True, None, False, False),
        ("won#1", "crm:won", "2026-01-01", False, "2026-02-01", True, True),
        ("accepted#1", "crm:accepted", "2026-01-02", False, "2026-02-01", True, False),
        ("both#1", "crm:both", "2026-01-03", True, "2026-02-01", True, False),
    ]


@pytest.mark.parametrize(("exit_at", "n_listed"), [("2026-02-28 23:59:59", 0), ("2026-03-01 00:00:00", 1)])
def test_the_list_of_reasons_is_that_in_force_at_the_rejection_on_the_stroke(listed, rows, exit_at, n_listed):
    listed.con.execute("update contract.version set effective_to = timestamp '2026-03-01'")
    later = {"version": "v2", "effective_from": "2026-03-01", "effective_to": "9999-12-31"}
    listed.add("contract.version", **later, horizon_seconds=1, landmark_seconds=1)
    listed.add("contract.reason", version="v2", reason="Not now", exit="recycled")
    once(listed, "a", exit_at, kind="rejected", reason="Not now")
    assert rows(recycle.closed(listed.open()).tail(1), "n", "n_listed") == [(1, n_listed)]


def test_no_rejection_is_undefined(listed, rows):
    con = listed.open()
    assert rows(recycle.closed(con), "is_total", "n", "rate", "state") == [(True, 0, None, "undefined")]
    assert len(recycle.closed_leads(con)) == 0


def test_yield_counts_as_one_by_one(here):
    draw, known = random.Random(4), []
    as_of = datetime.fromisoformat(AS_OF)
    for number in range(120):
        out = datetime(2025, 10, 1) + draw.randrange(270) * DAY
        reason = draw.choice(["No budget", "No timeline", None])
        once(here, f"p{number}", str(out), reason=reason)
        back = out + draw.randrange(1, 200) * DAY if draw.random() < 0.6 else None
        won = back + draw.randrange(1, 90) * DAY if back and draw.random() < 0.4 else None
        if back:
            again(here, f"p{number}", mql=str(back), **({"won": str(won)} if won else {}))
        known.append((reason, out, back, won))
    window = 150 * DAY
    for row in recycle.returns(here.open()).to_dict("records"):
        reason = None if pd.isna(row["reason"]) else row["reason"]
        mine = [one for one in known if row["is_total"] or one[0] == reason]
        old = [x for x in mine if x[1] + window <= as_of]
        assert (row["n_recycled"], row["n"]) == (len(mine), len(old))
        assert (
            row["n_back"] == row["n_handed"] == sum(x[2] is not None and x[2] <= x[1] + window for x in old)
        )
        assert row["n_won"] == sum(x[3] is not None and x[3] <= x[1] + window for x in old)
