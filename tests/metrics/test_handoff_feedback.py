"""How long until marketing hears: curves by hand, on every stroke, with days as days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import numpy as np
import pytest
from handed_house import widened

from funnel.errors import UsageError
from funnel.metrics import handoff

AS_OF = "2026-04-01 00:00:00"
START = "2026-03-02 00:00:00"


@pytest.fixture
def here(house):
    return widened(house(AS_OF))


def handed(here, name, at=START, outcome="open", ended=None, *, status=None, again=None, **row):
    precision = row.pop("ended_precision", "second")
    here.handoff(name, at, outcome, outcome_at=ended, outcome_precision=precision, record_key=name,
                 calendar="default", **row)  # fmt: skip
    here.add("core.handoff_window", handoff_id=name, next_handed_at=again)
    if status:
        here.add("core.attribute_event", record_key=name, field="status", changed_at=status,
                 changed_precision="second")  # fmt: skip


WORDS = ("outcome", "n", "n_heard", "n_open", "share", "median_days", "p90_days", "is_reached")


def test_half_of_all_have_heard_when_the_open_ones_stay_in(here, rows):
    """Accepted after 1 and 2 days, rejected after 20, one open for 30: half after 2 to 20 days, the middle 11."""
    handed(here, "a", outcome="accepted", ended="2026-03-03 00:00:00")
    handed(here, "b", outcome="accepted", ended="2026-03-04 00:00:00")
    handed(here, "c", outcome="rejected", ended="2026-03-22 00:00:00")
    handed(here, "d")
    table = handoff.feedback(here.open())
    assert rows(table, *WORDS) == [
        ("any change of status", 4, 3, 1, 0.5, 11.0, None, True),
        ("any outcome", 4, 3, 1, 0.5, 11.0, None, True),
        ("accepted", 4, 2, 1, 0.5, 1.0, 2.0, True),
        ("rejected", 4, 1, 1, 0.0, 20.0, 20.0, True),
    ]
    assert set(table["by_days"]) == {14.0}


def test_a_change_of_status_is_a_word_before_the_outcome(here, rows):
    handed(here, "a", outcome="recycled", ended="2026-03-12 00:00:00", status="2026-03-04 00:00:00")
    assert rows(handoff.feedback(here.open()), "outcome", "median_days") == [
        ("any change of status", 2.0),
        ("any outcome", 10.0),
        ("recycled", 10.0),
    ]


@pytest.mark.parametrize(
    ("status", "again", "n_heard"),
    [
        (START, None, 0),  # the change that handed it off is no answer to it
        ("2026-03-02 00:00:01", None, 1),
        ("2026-03-09 00:00:00", "2026-03-09 00:00:00", 0),  # handed off again: no word on the first time
        ("2026-03-08 23:59:59", "2026-03-09 00:00:00", 1),
    ],
)
def test_a_word_comes_after_the_hand_off_and_before_the_next(here, rows, status, again, n_heard):
    handed(here, "a", status=status, again=again)
    assert rows(handoff.feedback(here.open()).head(1), "n_heard") == [(n_heard,)]


def test_changes_of_other_fields_are_no_word(here, rows):
    handed(here, "a")
    here.add("core.attribute_event", record_key="a", field="score", changed_at="2026-03-04")
    assert rows(handoff.feedback(here.open()), "outcome", "n_heard", "n_open") == [
        ("any change of status", 0, 1),
        ("any outcome", 0, 1),
    ]


@pytest.mark.parametrize(("ended", "share"), [("2026-03-16 00:00:00", 1.0), ("2026-03-16 00:00:01", 0.0)])
def test_the_share_is_that_within_the_landmark_on_the_stroke(here, rows, ended, share):
    handed(here, "a", outcome="accepted", ended=ended)
    table = handoff.feedback(here.open())
    assert rows(table, "share") == [(share,)] * 3
    low, high = (0.2065, 1.0) if share else (0.0, 0.7935)
    assert rows(table.head(2), "low", "high") == [(low, high)] * 2


def test_what_is_known_to_the_day_is_counted_in_days(here, rows):
    handed(here, "a", "2026-03-02 15:00:00", outcome="accepted", ended="2026-03-04", ended_precision="day")
    assert rows(handoff.feedback(here.open()).tail(1), "outcome", "median_days") == [("accepted", 2.0)]


def test_hand_offs_and_outcomes_of_unknown_time_are_left_out_and_counted(here, rows):
    handed(here, "a")
    handed(here, "b", None)
    handed(here, "c", outcome="rejected", ended=None, ended_precision="unknown")
    table = handoff.feedback(here.open())
    assert rows(table.head(1), "n", "n_left_out") == [(1, 2)]
    assert table["rule"].iloc[0].endswith("Left out: 2 without a known time.")


def test_values_are_told_apart_and_the_largest_first(here, rows):
    handed(here, "a", region="EMEA")
    handed(here, "b", region="EMEA", outcome="accepted", ended="2026-03-03 00:00:00")
    handed(here, "c", region="APAC")
    con = here.open()
    table = handoff.feedback(con, by="region")
    assert rows(table, "value", "outcome", "n", "n_heard") == [
        ("EMEA", "any change of status", 2, 1),
        ("EMEA", "any outcome", 2, 1),
        ("EMEA", "accepted", 2, 1),
        ("APAC", "any change of status", 1, 0),
        ("APAC", "any outcome", 1, 0),
    ]
    assert rows(handoff.feedback(con, by="weekday").head(1), "value", "n") == [("Monday", 3)]
    assert len(handoff.feedback(con, by="region", start_on="2026-03-03")) == 2
    assert handoff.feedback(con, start_on="2026-03-03")["n"].tolist() == [0, 0]


def test_the_curve_equals_that_of_single_cases(here):
    """80 hand-offs watched to the report or to their outcome: Kaplan-Meier and Aalen-Johansen case by case."""
    draw, cases = random.Random(8), []
    as_of = datetime.fromisoformat(AS_OF)
    for number in range(80):
        at = as_of - timedelta(hours=draw.randrange(1, 24 * 60))
        ended = at + timedelta(hours=draw.randrange(1, 24 * 40))
        outcome = draw.choice(["accepted", "rejected"]) if ended < as_of else "open"
        handed(here, f"h{number}", str(at), outcome, None if outcome == "open" else str(ended))
        cases.append((((as_of if outcome == "open" else ended) - at).total_seconds(), outcome))
    table = handoff.feedback(here.open()).set_index("outcome")
    staying, shares = 1.0, {"accepted": 0.0, "rejected": 0.0}
    half = nine = None
    steps = {"accepted": [], "rejected": []}
    by_landmark = {}
    for at in sorted({time for time, _ in cases}):
        if at > 14 * 86400 and not by_landmark:
            by_landmark = {"any outcome": 1 - staying, **shares}
        n_risk = sum(time >= at for time, _ in cases)
        before = staying
        for outcome in shares:
            events = sum(time == at and kind == outcome for time, kind in cases)
            shares[outcome] += before * events / n_risk
            staying -= before * events / n_risk
            steps[outcome].append((at, shares[outcome]))
        half = at if half is None and staying <= 0.5 else half
        nine = at if nine is None and staying <= 0.1 else nine
    assert table.loc["any outcome", "median_days"] == pytest.approx(half / 86400)
    expected = np.nan if nine is None else nine / 86400
    np.testing.assert_allclose(table.loc["any outcome", "p90_days"], expected)
    for outcome, share in by_landmark.items():
        assert table.loc[outcome, "share"] == pytest.approx(share)
    for outcome, height in shares.items():
        median, most = (next(at for at, y in steps[outcome] if y >= q * height - 1e-9) for q in (0.5, 0.9))
        found = table.loc[outcome, ["median_days", "p90_days"]].tolist()
        assert found == pytest.approx([median / 86400, most / 86400])


def test_an_unknown_split_is_refused_with_the_nearest(here):
    with pytest.raises(UsageError, match=r"cannot be split by 'tire'\. Did you mean 'tier'\?"):
        handoff.feedback(here.open(), by="tire")
