"""Load against capacity: weeks recounted one by one, quarters and slope by another route."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from handed_house import widened
from scipy.stats import t as student

from funnel import stats
from funnel.metrics import capacity, capacity_level

AS_OF = "2026-03-30 00:00:00"  # a Monday
WEEK = timedelta(days=7)


@pytest.fixture
def desk(house):
    """Return a house with two teams of two reps each, a queue, and one rep of the giving team."""

    def make(as_of=AS_OF, agreed=10.0, attainment=0.9):
        here = widened(house(as_of))
        for rep, team, region in (
            ("a1", "SDR", "A"),
            ("a2", "SDR", "A"),
            ("b1", "SDR", "B"),
            ("b2", "SDR", "B"),
        ):
            here.add("core.rep", rep_id=rep, name=f"Name {rep}", team=team, region=region, is_queue=False)
        here.add("core.rep", rep_id="q", team="SDR", region="A", is_queue=True)
        here.add("core.rep", rep_id="m", team="Marketing", region="A", is_queue=False)
        here.add("contract.sla", version="v1", sla="first_touch", attainment=attainment)
        if agreed is not None:
            here.add("contract.term", version="v1", name="leads_per_rep_per_week", value=agreed)
        return here

    return make


def handed(
    here, name, at, rep="a1", *, touched=None, by=None, outcome="open", ended=None, met=None, due=AS_OF
):
    """Add a hand-off owned by a rep, touched by `by` (the owner) and ended at given instants."""
    state = met or ("met" if touched else "missed")
    here.handoff(
        name,
        at,
        outcome,
        sla={"first_touch": (due, state)},
        owner_id=rep,
        first_touch_at=touched,
        outcome_at=ended,
        calendar="default",
    )
    if touched:
        worked(here, name, touched, by or rep)


def worked(here, name, at, rep):
    number = here.con.execute("select count(*) from core.activity").fetchall()[0][0]
    here.add("core.activity", activity_id=str(number), rep_id=rep)
    here.add("core.handoff_touch", handoff_id=name, activity_id=str(number), touched_at=at)


COUNTS = ("n_arrived", "n_worked", "n_queue", "n_reps", "load")


def test_a_week_tells_what_arrived_was_worked_and_lies_at_its_end(desk, rows):
    """Week of 9 March: three arrive, one of them and one of the week before are first touched, by one rep."""
    here = desk()
    handed(here, "old", "2026-03-03 10:00:00", touched="2026-03-09 00:00:00")
    handed(here, "now", "2026-03-09 10:00:00", touched="2026-03-15 23:59:59")
    handed(here, "late", "2026-03-10 10:00:00", touched="2026-03-16 00:00:00", by="a2")
    handed(here, "ended", "2026-03-11 10:00:00", outcome="rejected", ended="2026-03-12 10:00:00")
    table = capacity.weeks(here.open())
    assert rows(table[table["is_total"]], "week_on", *COUNTS) == [
        ("2026-03-02", 1, 0, 1, 0, None),
        ("2026-03-09", 3, 2, 1, 1, 0.3),
        ("2026-03-16", 0, 1, 0, 1, 0.0),
        ("2026-03-23", 0, 0, 0, 0, None),
    ]


def test_who_worked_is_a_rep_of_the_receiving_side_with_an_open_hand_off(desk, rows):
    """Neither a queue nor the giving team nor whoever calls after the outcome is at work on hand-offs."""
    here = desk()
    handed(here, "a", "2026-03-09 10:00:00", touched="2026-03-09 11:00:00", outcome="accepted",
           ended="2026-03-10 10:00:00")  # fmt: skip
    worked(here, "a", "2026-03-10 10:00:00", "a2")  # at the stroke of the outcome
    worked(here, "a", "2026-03-10 10:00:01", "b1")
    worked(here, "a", "2026-03-09 12:00:00", "q")
    worked(here, "a", "2026-03-09 12:00:00", "m")
    table = capacity.weeks(here.open())
    assert rows(table[table["is_total"]].head(1), "n_reps", "load") == [(2, 0.05)]


def test_teams_are_counted_apart_and_who_has_no_owner_is_in_the_total_alone(desk, rows):
    here = desk()
    handed(here, "a", "2026-03-23 10:00:00", "a1", touched="2026-03-23 11:00:00")
    handed(here, "b", "2026-03-23 10:00:00", "b1", touched="2026-03-23 11:00:00")
    handed(here, "q", "2026-03-23 10:00:00", "q")
    table = capacity.weeks(here.open())
    assert rows(table, "team", "is_total", *COUNTS, "n", "n_met", "rate", "is_mature") == [
        ("SDR, A", False, 1, 1, 0, 1, 0.1, 1, 1, 1.0, True),
        ("SDR, B", False, 1, 1, 0, 1, 0.1, 1, 1, 1.0, True),
        (None, True, 3, 2, 1, 2, 0.15, 3, 2, 0.6667, True),
    ]


@pytest.mark.parametrize(("due", "n", "is_mature"), [(AS_OF, 1, True), ("2026-03-30 00:00:01", 0, False)])
def test_a_week_is_mature_when_its_last_deadline_has_passed_on_the_stroke(desk, rows, due, n, is_mature):
    here = desk()
    handed(here, "a", "2026-03-23 10:00:00", touched="2026-03-23 11:00:00", due=due)
    assert rows(capacity.weeks(here.open()).tail(1), "n", "is_mature") == [(n, is_mature)]


def test_a_running_week_is_not_mature_and_its_queue_is_that_of_the_report(desk, rows):
    here = desk("2026-03-25 12:00:00")
    handed(here, "a", "2026-03-24 10:00:00", due="2026-03-25 00:00:00")
    handed(here, "b", "2026-03-25 11:59:59", due="2026-03-25 11:59:59")
    assert rows(capacity.weeks(here.open()).tail(1), "n_arrived", "n_queue", "is_mature") == [(2, 2, False)]


@pytest.fixture
def busy(desk):
    """Return half a year of random hand-offs, their leads as plain tuples, and the house."""
    draw = random.Random(3)
    here, known = desk("2026-06-29 00:00:00"), []
    for number in range(160):
        at = datetime(2026, 1, 5) + timedelta(seconds=draw.randrange(174 * 86400))
        touched = at + timedelta(hours=draw.randrange(1, 400)) if draw.random() < 0.8 else None
        ended = at + timedelta(hours=draw.randrange(1, 400)) if draw.random() < 0.5 else None
        touched, ended = (None if x is None or x >= datetime(2026, 6, 29) else x for x in (touched, ended))
        rep = draw.choice(["a1", "a2", "b1", "b2"])
        met = draw.choice(["met", "missed"])
        handed(here, f"h{number}", str(at), rep, touched=touched and str(touched), met=met,
               outcome="accepted" if ended else "open", ended=ended and str(ended))  # fmt: skip
        known.append((at, touched, ended, rep, met))
    return here, known


def test_every_week_and_team_counts_as_one_by_one(busy):
    here, known = busy
    for row in capacity.weeks(here.open()).to_dict("records"):
        start = row["week_on"].to_pydatetime()
        end = start + WEEK
        mine = (
            known if row["is_total"] else [one for one in known if f"SDR, {one[3][0].upper()}" == row["team"]]
        )
        arrived = [one for one in mine if start <= one[0] < end]
        queue = [x for x in mine if x[0] < end and all(left is None or left >= end for left in x[1:3])]
        touching = [x for x in known if x[1] and start <= x[1] < end]
        reps = {x[3] for x in touching if x[2] is None or x[1] <= x[2]}
        reps = {rep for rep in reps if row["is_total"] or f"SDR, {rep[0].upper()}" == row["team"]}
        assert row["n_arrived"] == len(arrived)
        assert row["n_worked"] == sum(one[1] is not None and start <= one[1] < end for one in mine)
        assert row["n_queue"] == len(queue)
        assert row["n_reps"] == len(reps)
        assert (row["n"], row["n_met"]) == (len(arrived), sum(one[4] == "met" for one in arrived))
        if reps:
            assert row["load"] == pytest.approx(len(arrived) / (len(reps) * 10))
        else:
            assert np.isnan(row["load"])


def test_the_agreed_capacity_is_the_measure_and_says_so(busy):
    table = capacity.weeks(busy[0].open())
    assert set(table["capacity"]) == {10.0}
    assert set(table["capacity_source"]) == {"agreed"}
    assert "x 10 per rep and week, agreed" in table["rule"].iloc[0]


def test_without_an_agreed_capacity_it_is_what_reps_took_when_answers_were_in_time(desk, rows):
    """Leads per rep 1, 2, 3, 4 in weeks that met 90 %, 9 in one that did not: the 90 % quantile below is 3."""
    here = desk(agreed=None)
    for week, (n, met) in enumerate(((1, "met"), (2, "met"), (3, "met"), (4, "met"), (9, "missed"))):
        at = datetime(2026, 2, 2, 10) + week * WEEK
        for number in range(n):
            handed(here, f"{week} {number}", str(at), touched=str(at + timedelta(hours=1)), met=met)
    table = capacity.weeks(here.open())
    assert rows(table.head(1), "capacity", "capacity_source", "load") == [(3.0, "observed", 0.3333)]


def test_without_enough_weeks_in_time_there_is_no_capacity_and_no_load(desk, rows):
    here = desk(agreed=None)
    handed(here, "a", "2026-03-23 10:00:00", touched="2026-03-23 11:00:00")
    con = here.open()
    assert rows(capacity.weeks(con).tail(1), "capacity", "capacity_source", "load", "n_reps") == [
        (None, "the contract names no capacity", None, 1)
    ]
    assert rows(capacity.levels(con), "n", "rate", "state") == [(0, None, "undefined")] * 4
    assert rows(capacity.reps(con), "owner_id", "n_above", "above_rate", "capacity") == [
        ("a1", None, None, None)
    ]


def test_without_activities_nobody_is_known_to_be_at_work(desk, rows):
    here = desk()
    handed(here, "a", "2026-03-23 10:00:00")
    here.sources("person", "rep")
    con = here.open()
    columns = ("n_arrived", "n_worked", "n_queue", "n_reps", "load", "state")
    assert rows(capacity.weeks(con).tail(1), *columns) == [(1, None, None, None, None, "not in this source")]
    assert set(capacity.levels(con)["state"]) == {"not in this source"}
    assert rows(capacity.trend(con), "change", "state") == [(None, "not in this source")]


def test_quarters_are_of_each_team_and_their_interval_is_wider_by_the_spread(busy):
    con = busy[0].open()
    table, weeks = capacity.levels(con), capacity.weeks(con)
    weeks = weeks[~weeks["is_total"] & weeks["is_mature"] & weeks["load"].notna() & (weeks["n"] > 0)]
    parts = []
    for _, rows in weeks.groupby("team"):
        ordered = rows.sort_values("load", kind="stable").reset_index(drop=True)
        parts.append(ordered.assign(quarter=[-(-4 * (k + 1) // len(ordered)) for k in range(len(ordered))]))
    mine = pd.concat(parts)
    sums = mine.groupby("quarter")[["n", "n_met"]].sum()
    assert table["n"].tolist() == sums["n"].tolist()
    assert table["n_met"].tolist() == sums["n_met"].tolist()
    assert table["n_weeks"].tolist() == mine.groupby("quarter").size().tolist()
    mean = (mine["load"] * mine["n"]).groupby(mine["quarter"]).sum() / sums["n"]
    assert table["mean_load"].tolist() == pytest.approx(mean.tolist())
    p = (sums["n_met"] / sums["n"]).loc[mine["quarter"]].to_numpy()
    chi = ((mine["n_met"] - mine["n"] * p) ** 2 / (mine["n"] * p * (1 - p))).sum()
    spread = max(chi / (len(mine) - 4), 1.0)
    assert table["dispersion"].tolist() == pytest.approx([spread] * 4)
    low, high = stats.wilson(sums["n_met"] / spread, sums["n"] / spread)
    assert table["low"].tolist() + table["high"].tolist() == pytest.approx([*low, *high])


def test_the_slope_is_the_weighted_one_within_teams_with_an_hc3_interval(busy):
    con = busy[0].open()
    (found,) = capacity.trend(con).to_dict("records")
    weeks = capacity.weeks(con)
    weeks = weeks[~weeks["is_total"] & weeks["is_mature"] & weeks["load"].notna() & (weeks["n"] > 0)]
    x = np.column_stack([10 * weeks["load"], weeks["team"] == "SDR, A", weeks["team"] == "SDR, B"]).astype(
        float
    )
    root = np.sqrt(weeks["n"].to_numpy(dtype=float))[:, None]
    x, y = x * root, weeks["rate"].to_numpy() * root[:, 0]
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    errors = (y - x @ beta) / (1 - np.einsum("ij,jk,ik->i", x, bread, x))
    error = np.sqrt((bread @ (x.T * errors**2) @ x @ bread)[0, 0])
    reach = student.ppf(0.975, len(y) - 3) * error
    assert (found["n_weeks"], found["n"]) == (len(y), weeks["n"].sum())
    assert [found["change"], found["low"], found["high"]] == pytest.approx(
        [beta[0], beta[0] - reach, beta[0] + reach]
    )


@pytest.mark.parametrize(
    ("low", "change", "high", "said"),
    [
        (-0.07, -0.05, -0.03, "Attainment was lower where load was higher; that is no proof of a cause."),
        (0.03, 0.05, 0.07, "Attainment was higher where load was higher; that is no proof of a cause."),
        (-0.07, -0.03, 0.0, "No relation is shown: the interval holds zero."),
        (0.0, 0.05, 0.07, "No relation is shown: the interval holds zero."),
    ],
)
def test_the_words_claim_an_association_only_where_zero_is_out(low, change, high, said):
    sentence = capacity_level._sentence({"low": low, "change": change, "high": high})
    assert sentence.endswith(said)


@pytest.mark.parametrize(("n_weeks", "state"), [(9, "undefined"), (10, "ok")])
def test_a_team_is_compared_from_ten_weeks_on(desk, n_weeks, state):
    here = desk("2026-03-30 00:00:00")
    for week in range(n_weeks):
        at = datetime(2026, 1, 12, 10) + week * WEEK
        for number in range(1 + week % 3):
            handed(here, f"{week} {number}", str(at), touched=str(at + timedelta(hours=1)), met="met")
    assert capacity.trend(here.open())["state"].tolist() == [state]


def test_weeks_of_one_load_tell_nothing_of_load(desk, rows):
    here = desk()
    for week in range(10):
        at = datetime(2026, 1, 12, 10) + week * WEEK
        handed(here, str(week), str(at), touched=str(at + timedelta(hours=1)))
    table = capacity.trend(here.open())
    assert rows(table, "change", "n_weeks", "state") == [(None, 10, "undefined")]
    assert table["sentence"].tolist() == ["Load and attainment cannot be compared: 10 weeks with both."]


def test_reps_are_listed_for_analysts_by_what_they_were_given(desk, rows):
    """a1: 3 and 1 in two weeks; b1: 2 in one; capacity 2: three is above, two is not; the running week is out."""
    here = desk("2026-03-25 00:00:00", agreed=2.0)
    for week, n in ((9, 3), (16, 1), (23, 5)):
        for number in range(n):
            handed(here, f"a{week} {number}", f"2026-03-{week:02} 10:00:00", "a1", due="2026-03-24 00:00:00")
    for number in range(2):
        handed(here, f"b {number}", "2026-03-09 10:00:00", "b1")
    handed(here, "q", "2026-03-09 10:00:00", "q")
    table = capacity.reps(here.open())
    columns = (
        "owner_id",
        "name",
        "team",
        "n_weeks",
        "n_leads",
        "mean_leads",
        "n_most",
        "n_above",
        "above_rate",
    )
    assert rows(table, *columns) == [
        ("a1", "Name a1", "SDR, A", 2, 4, 2.0, 3, 1, 0.5),
        ("b1", "Name b1", "SDR, B", 1, 2, 2.0, 2, 0, 0.0),
    ]


def test_no_hand_off_gives_no_week(desk):
    con = desk().open()
    assert [len(frame) for frame in (capacity.weeks(con), capacity.reps(con))] == [0, 0]
    assert capacity.trend(con)["state"].tolist() == ["undefined"]
