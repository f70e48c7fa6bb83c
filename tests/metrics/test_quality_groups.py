"""Groups of hand-offs and entries: who is judged, what counts, and what a touch adds; limits as curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import conversion, pooling, quality

COUNTS = ["value", "n", "n_good", "n_open", "n_young"]


def campaigns(here, **names: str) -> None:
    here.con.execute("create table core.campaign (campaign_id text, name text)")
    for campaign_id, name in names.items():
        here.add("core.campaign", campaign_id=campaign_id, name=name)


def lead(here, name: str, at: str, outcome: str, channel: str | None) -> None:
    here.cycle(name, mql=at, channel=channel)
    here.handoff(name, at, outcome, channel=channel)


def test_acceptance_is_of_the_decided_that_are_as_old_as_the_landmark(house, rows) -> None:
    """Landmark 14 days before 2026-02-01: 18 January, on the stroke."""
    here = house("2026-02-01 00:00:00")
    campaigns(here)
    lead(here, "a", "2026-01-18 00:00:00", "accepted", "ads")
    lead(here, "b", "2026-01-18 00:00:01", "rejected", "ads")
    lead(here, "c", "2026-01-02", "rejected", "ads")
    lead(here, "d", "2026-01-02", "open", "ads")
    lead(here, "e", "2026-01-02", "lost", None)
    table = quality.groups(here.open(), dimension="channel")
    assert rows(table, *COUNTS) == [("ads", 2, 1, 1, 1), (None, 1, 0, 0, 0)]
    assert rows(table, "rate", "overall_rate", "state") == [(0.5, 0.3333, "ok"), (0.0, 0.3333, "ok")]
    assert table["is_small"].all()


def test_conversion_counts_what_was_observed_within_the_horizon_its_end_included(house, rows) -> None:
    here = house("2026-07-01 00:00:00", hands_to={"mql": "sales"}, horizon_days=30)
    campaigns(here)
    here.cycle("on the stroke", mql="2026-01-01", won="2026-01-31", channel="ads")
    here.cycle("a second late", mql="2026-01-01", won="2026-01-31 00:00:01", channel="ads")
    here.cycle("not", mql="2026-01-01", sql="2026-01-02", channel="ads")
    here.cycle("old enough", mql="2026-06-01", won="2026-06-02", channel="mail")
    here.cycle("a second young", mql="2026-06-01 00:00:01", won="2026-06-02", channel="mail")
    here.cycle("never an MQL", sql="2026-01-01", won="2026-01-02", channel="mail")
    table = quality.groups(here.open(), dimension="channel", outcome="won")
    assert rows(table, *COUNTS) == [("ads", 3, 1, 0, 0), ("mail", 1, 1, 0, 1)]
    assert table["rule"][0].startswith(
        "Of the hand-offs at MQL at least 30 days old, the share that reached WON within 30 days."
    )


def test_without_a_stage_that_hands_over_the_first_is_the_base(house) -> None:
    here = house(horizon_days=30)
    campaigns(here)
    here.cycle("a", mql="2026-01-01", sql="2026-01-02", channel="ads")
    table = quality.groups(here.open(), dimension="channel", outcome="sql")
    assert (table["n"][0], table["n_good"][0]) == (1, 1)
    assert table["rule"][0].startswith("Of the entries into MQL")


def test_a_touch_counts_for_each_value_once_and_only_up_to_the_hand_off(house, rows) -> None:
    here = house()
    campaigns(here, k="Spring", s="Summer")
    for name in ("a", "b", "none"):
        lead(here, name, "2026-01-10 12:00:00", "accepted" if name == "a" else "rejected", "ads")
    touches = [
        ("a", "k", "response", "2026-01-10 12:00:00"),
        ("a", "k", "response", "2026-01-01 12:00:00"),
        ("a", "s", "response", "2026-01-10 12:00:01"),
        ("b", "k", "response", "2026-01-01 12:00:00"),
        ("b", "s", None, "2026-01-01 12:00:00"),
        ("none", "s", "sent", "2026-01-01 12:00:00"),
    ]
    for at, (person, campaign, kind, touched) in enumerate(touches):
        here.add("core.touch", touch_id=str(at), person_id=person, campaign_id=campaign, kind=kind,
                 touched_at=touched, channel=f"of {campaign}", content=f"page {campaign}")  # fmt: skip
    con = here.open()
    expected = {
        "touched_campaign": ("Spring", "Summer"),
        "touched_channel": ("of k", "of s"),
        "touched_content": ("page k", "page s"),
    }
    for name, (one, other) in expected.items():
        table = quality.groups(con, dimension=name)
        assert rows(table, *COUNTS) == [(one, 2, 1, 0, 0), (other, 1, 0, 0, 0), (None, 1, 0, 0, 0)]
        assert "the groups overlap" in table["rule"][0]


def test_where_no_refusal_is_recorded_acceptance_cannot_be_told(house, rows) -> None:
    here = house()
    campaigns(here)
    lead(here, "a", "2026-01-02", "accepted", "ads")
    lead(here, "b", "2026-01-02", "open", "ads")
    table = quality.groups(here.open(), dimension="channel")
    assert rows(table, "n", "rate", "pooled_rate", "is_outside") == [(0, None, None, False)]
    assert table["state"][0] == "not in this source: no refusal of a hand-off is recorded"


def test_a_dimension_that_the_source_leaves_empty_says_so(house) -> None:
    here = house()
    campaigns(here)
    lead(here, "a", "2026-01-02", "accepted", None)
    lead(here, "b", "2026-01-02", "rejected", None)
    con = here.open()
    table = quality.groups(con, dimension="persona")
    assert table["state"].tolist() == ["not in this source: persona is empty"]
    assert quality.funnels(con)["dimension"].unique().tolist() == ["channel"]


def test_limits_and_pooled_rates_are_those_of_the_libraries(house) -> None:
    here = house()
    campaigns(here)
    good = {"a": 20, "b": 15, "c": 29, "d": 2}
    for channel, count in good.items():
        for index in range(30):
            lead(
                here, f"{channel}{index}", "2026-01-02", "accepted" if index < count else "rejected", channel
            )
    con = here.open()
    table = quality.groups(con, dimension="channel").sort_values("value")
    x, n = list(good.values()), [30] * 4
    found, shrunk = stats.funnel_limits(x, n), pooling.pooled(x, n)
    np.testing.assert_allclose(table[["limit_low", "limit_high"]].to_numpy().T, (found.low, found.high))
    np.testing.assert_allclose(table["pooled_rate"], shrunk.rate)
    np.testing.assert_allclose(table[["pooled_low", "pooled_high"]].to_numpy().T, (shrunk.low, shrunk.high))
    assert (table["tau2"] == found.tau2).all()
    curve = quality.limits(con, dimension="channel")
    assert (curve["n"].iloc[0], curve["n"].iloc[-1]) == (1, 30)
    assert curve["n"].is_unique
    last = curve.iloc[-1]
    np.testing.assert_allclose((last["low_998"], last["high_998"]), (found.low[0], found.high[0]))
    assert last["low_998"] < last["low_95"] < last["overall_rate"] < last["high_95"] < last["high_998"]


def test_nobody_has_no_groups_and_no_limits(house) -> None:
    here = house()
    campaigns(here)
    con = here.open()
    assert len(quality.groups(con, dimension="channel")) == 0
    assert len(quality.limits(con, dimension="channel")) == 0
    assert len(quality.funnels(con)) == 0
    assert {"value", "pooled_rate", "state", "rule"} <= set(quality.funnels(con))


def test_a_wrong_word_names_the_nearest(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match=r"no outcome 'acceptd'. Did you mean 'accepted'\? Choose one of"):
        quality.groups(con, dimension="channel", outcome="acceptd")
    with pytest.raises(UsageError, match=r"no dimension 'touched_campain'. Did you mean 'touched_campaign'"):
        quality.groups(con, dimension="touched_campain")
    with pytest.raises(UsageError, match="does not come after"):
        quality.groups(con, dimension="channel", outcome="mql")


@pytest.mark.parametrize("goal", ["sql", "won"])
def test_conversion_equals_that_of_the_cohort_engine(house, goal: str) -> None:
    """Another route to the same counts: `conversion.rate`, cohort, in order, skips allowed; days and seconds."""
    here = house(hands_to={"mql": "sales"}, horizon_days=30)
    campaigns(here)
    rng = np.random.default_rng(3)
    for at in range(120):
        begun = pd.Timestamp("2026-03-01") + pd.Timedelta(hours=int(rng.integers(0, 2600)))
        ends = [begun + pd.Timedelta(hours=int(hours)) for hours in rng.integers(-30, 900, 2)]
        reached = dict(zip(("sql", "won"), map(str, ends), strict=True)) if at % 3 else {}
        vague = [name for name in ("mql", "won") if rng.random() < 0.3]
        given = {"mql": str(begun), **reached}
        given |= {name: given[name][:10] for name in vague if name in given}
        here.cycle(f"c{at}", day=vague, channel="abc"[at % 3 - 1], **given)
    con = here.open()
    mine = quality.groups(con, dimension="channel", outcome=goal)
    other = conversion.rate(con, convention="cohort", from_stage="mql", to_stage=goal, by="channel",
                            within_days=30)  # fmt: skip
    pair = mine.merge(other, left_on="value", right_on="channel", suffixes=("", "_other"))
    assert len(mine) == len(other) == len(pair) == 3
    assert pair["n"].tolist() == pair["n_other"].tolist()
    assert pair["n_good"].tolist() == pair["n_converted"].tolist()
    assert pair["n_young"].tolist() == pair["n_young_other"].tolist()
    assert 0 < mine["n_good"].sum() < mine["n"].sum()
