"""What `judge` says of a batch: the parts add exactly, and strong causes are named where they were planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dispute_population import population
from pandas.testing import assert_frame_equal

from funnel.dispute.verdict import Judged, judge
from funnel.errors import InputError, UsageError

PARTS = ["definition", "mix", "follow_up", "immaturity", "quality", "chance"]


def verdict(frame: pd.DataFrame, **given: float) -> Judged:
    return judge(frame, horizon_days=90, landmark_days=14, outcome="sql", **given)


def named(judged: Judged) -> set[str]:
    return set(judged.parts.loc[judged.parts["state"] == "named", "part"])


def gap(judged: Judged) -> float:
    parts = judged.facts["baseline_rate"] + judged.parts["estimate"].sum()
    return abs(parts - judged.facts["observed_rate"])


@pytest.mark.parametrize(
    ("effect", "cause"),
    [
        ({"untouched": 0.7}, "follow_up"),
        ({"shift": -1.3}, "quality"),
        ({"low": 0.95}, "mix"),
        ({"invalid": 0.6}, "definition"),
        ({"age": 30.0}, "immaturity"),
    ],
)
def test_a_strong_cause_is_named_and_no_other(effect: dict[str, float], cause: str) -> None:
    judged = verdict(population(**effect))
    assert named(judged) == {cause}
    assert judged.answer == "causes named"
    assert gap(judged) < 1e-12


@pytest.mark.parametrize("seed", range(1, 6))
def test_where_nothing_is_planted_nobody_is_accused(seed: int) -> None:
    judged = verdict(population(seed=seed))
    assert named(judged) == set()
    assert judged.answer == "ordinary variation"


def test_the_six_parts_stand_in_the_order_of_events_with_their_interval() -> None:
    parts = verdict(population(untouched=0.5)).parts
    assert list(parts["part"]) == PARTS
    assert (parts["low"] <= parts["estimate"]).all()
    assert (parts["estimate"] <= parts["high"]).all()
    assert parts["unshrunk"].notna().tolist() == [False] * 4 + [True, False]


def test_the_bridge_goes_from_the_baseline_to_the_observed_without_a_gap() -> None:
    judged = verdict(population(untouched=0.5))
    bridge = judged.bridge
    assert list(bridge["name"]) == ["baseline", *PARTS, "observed"]
    bars = bridge[bridge["kind"] == "part"]
    np.testing.assert_allclose(bars["start"].to_numpy()[1:], bars["end"].to_numpy()[:-1], atol=1e-12)
    assert bars["end"].iloc[-1] == pytest.approx(judged.facts["observed_rate"], abs=1e-12)


def test_the_order_of_rows_changes_nothing() -> None:
    frame = population(150, untouched=0.5)
    assert_frame_equal(verdict(frame).parts, verdict(frame.sample(frac=1, random_state=3)).parts)


def test_the_same_seed_gives_the_same_verdict_and_another_only_other_draws() -> None:
    frame = population(150, untouched=0.5)
    assert_frame_equal(verdict(frame, seed=4).parts, verdict(frame, seed=4).parts)
    one, other = verdict(frame, seed=4).parts, verdict(frame, seed=5).parts
    assert one["estimate"].tolist() == other["estimate"].tolist()
    assert one["low"].tolist() != other["low"].tolist()


def test_an_empty_batch_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="nothing to judge"):
        verdict(population().assign(in_batch=False))


def test_a_missing_column_and_a_doubled_hand_off_are_refused_by_name() -> None:
    frame = population(20)
    with pytest.raises(InputError, match="no column batch_key"):
        verdict(frame.drop(columns="batch_key"))
    with pytest.raises(InputError, match="'b00-00000' is in the population twice"):
        verdict(pd.concat([frame, frame.iloc[:1]]))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_batch_of_a_few_is_judged_without_an_accusation(n: int) -> None:
    judged = verdict(population(n, shift=-2.0))
    assert named(judged) == set()
    assert judged.answer == "not enough evidence"
    assert gap(judged) < 1e-12


@pytest.mark.parametrize("converted", [True, False])
def test_all_or_none_converted_is_judged(converted: bool) -> None:
    frame = population(200)
    own = frame["in_batch"]
    frame.loc[own, "converted"] = converted
    frame.loc[own, "days_to_outcome"] = 20.0 if converted else np.nan
    judged = verdict(frame)
    assert named(judged) == (set() if converted else {"quality"})
    assert judged.facts["observed_rate"] == float(converted)
    assert gap(judged) < 1e-12


def test_where_no_follow_up_is_recorded_it_is_not_judged_and_the_rest_is() -> None:
    frame = population(low=0.95).assign(is_followed=False, touch_hours=np.nan, n_touches=0)
    judged = verdict(frame)
    row = judged.parts.set_index("part").loc["follow_up"]
    assert row["state"] == "not judged"
    assert row[["estimate", "low", "high", "p_harm"]].isna().all()
    assert row["note"] == (
        "The batch's source records no follow-up; what it would hold is in quality and chance."
    )
    assert named(judged) == {"mix"}
    assert gap(judged) < 1e-12


def test_without_a_baseline_nothing_is_judged_and_the_observed_rate_stands() -> None:
    frame = population(100)
    judged = verdict(frame[frame["in_batch"]])
    assert judged.answer == "not judged"
    assert set(judged.parts["state"]) == {"not judged"}
    assert judged.facts["observed_rate"] > 0
    assert judged.sentences[1] == "No cause can be judged: there is no baseline to compare it with."


def test_a_baseline_of_one_batch_leaves_quality_unjudged() -> None:
    judged = verdict(population(300, batches=1, size=3000, untouched=0.7))
    states = judged.parts.set_index("part")["state"]
    assert states["quality"] == "not judged"
    assert named(judged) == {"follow_up"}
    assert gap(judged) < 1e-12


def test_a_batch_whose_outcomes_are_all_unknown_is_not_judged() -> None:
    frame = population(50)
    frame["converted"] = frame["converted"].astype("boolean")
    frame.loc[frame["in_batch"], "converted"] = pd.NA
    judged = verdict(frame)
    assert judged.answer == "not judged"
    assert judged.facts["n_unknown_outcome"] == 50
    assert judged.sentences[0] == "Of 50 hand-offs none has a known outcome (SQL within 90 days)."


@pytest.mark.parametrize("converted", [True, False])
def test_a_baseline_in_which_all_or_none_converted(converted: bool) -> None:
    frame = population(60)
    own = ~frame["in_batch"]
    frame.loc[own, "converted"] = converted
    frame.loc[own, "days_to_outcome"] = 20.0 if converted else np.nan
    judged = verdict(frame)
    assert judged.answer == ("not enough evidence" if converted else "not judged")
    assert converted is False or gap(judged) < 1e-12


def test_where_follow_up_is_not_judged_what_is_left_is_put_on_neither_team() -> None:
    frame = population(shift=-1.3).assign(is_followed=False, touch_hours=np.nan, n_touches=0)
    judged = verdict(frame)
    row = judged.parts.set_index("part").loc["quality"]
    assert (row["title"], row["state"]) == ("quality or follow-up", "named")
    assert pd.isna(row["side"])
    assert judged.sentences[1].startswith("Shown to have lowered it: quality or follow-up (")
    assert "side" not in judged.sentences[1]
    assert "follow-up 1" not in judged.assumptions[0]
    assert gap(judged) < 1e-12


def test_what_is_left_of_one_owners_batch_may_be_his_handling() -> None:
    judged = verdict(population(shift=-1.3), of_one_owner=True)
    row = judged.parts.set_index("part").loc["quality"]
    assert (row["title"], row["state"]) == ("quality or handling", "named")
    assert pd.isna(row["side"])
    assert any("how they were handled" in one for one in judged.assumptions)


def test_the_sides_are_the_teams_of_the_hand_off_whatever_they_are_called() -> None:
    parts = verdict(population(), teams=("demand", "development")).parts
    assert parts["side"].fillna("nobody").tolist() == [
        *("demand", "demand", "development", "nobody", "demand", "nobody")
    ]


def test_what_cannot_be_judged_is_said_once() -> None:
    young = verdict(population().assign(age_days=5.0, days_to_outcome=np.nan, converted=False))
    assert set(young.parts["state"]) == {"not judged"}
    assert len(young.assumptions) == len(set(young.assumptions))
