"""The rule by which a part is named or excluded, on the stroke; and additivity whatever the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dispute_population import population
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.dispute import words
from funnel.dispute.parts import state
from funnel.dispute.verdict import judge


@pytest.mark.parametrize(
    ("p_harm", "told"),
    [
        (1.0, "named"),
        (0.95, "named"),
        (0.9499, "neither"),
        (0.05, "neither"),
        (0.0499, "excluded"),
        (0.0, "excluded"),
    ],
)
def test_a_cause_is_named_from_95_percent_and_excluded_below_5(p_harm: float, told: str) -> None:
    assert state(p_harm) == told


def test_quality_needs_a_cause_of_its_own_to_be_likelier_than_ordinary_variation() -> None:
    assert state(0.99, wide=0.5) == "named"
    assert state(0.99, wide=0.4999) == "neither"
    assert state(0.01, wide=0.9) == "excluded"


@pytest.mark.parametrize(("gap", "told"), [(-0.0328, "ordinary variation"), (-0.0329, "not enough evidence")])
def test_a_gap_is_ordinary_up_to_what_nine_of_ten_batches_show(gap: float, told: str) -> None:
    parts = pd.DataFrame({"part": ["quality"], "state": ["excluded"]})
    facts = {"gap": gap, "ordinary_deviation": 0.02, "smallest_detectable": 0.05, "baseline_rate": 0.2}
    assert words.answer(parts, facts) == told


@pytest.mark.parametrize(("smallest", "told"), [(0.1, "ordinary variation"), (0.1001, "not enough evidence")])
def test_a_batch_that_could_not_show_a_halving_is_not_called_ordinary(smallest: float, told: str) -> None:
    parts = pd.DataFrame({"part": ["quality"], "state": ["neither"]})
    facts = {"gap": 0.0, "ordinary_deviation": 0.02, "smallest_detectable": smallest, "baseline_rate": 0.2}
    assert words.answer(parts, facts) == told


shares = st.floats(0.0, 1.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    n=st.integers(1, 60),
    invalid=shares,
    low=shares,
    untouched=shares,
    shift=st.floats(-3, 3),
    age=st.floats(0, 200),
    lacks=st.sets(
        st.sampled_from(["score", "channel", "met_definition", "touch_hours", "exit_days", "n_touches"])
    ),
    seed=st.integers(1, 9),
)
def test_the_parts_add_to_the_gap_whatever_the_batch_is_and_whatever_it_lacks(
    n: int, lacks: set[str], seed: int, **effect: float
) -> None:
    frame = population(n, seed=seed, batches=6, size=40, **effect).drop(columns=sorted(lacks))
    judged = judge(frame, horizon_days=90, landmark_days=14, outcome="won")
    total = judged.facts["baseline_rate"] + judged.parts["estimate"].sum()
    assert abs(total - judged.facts["observed_rate"]) < 1e-12
    told = judged.parts[judged.parts["state"] != "not judged"]
    assert np.isfinite(told[["estimate", "low", "high", "p_harm", "p_help"]].to_numpy(dtype=float)).all()
    assert len(judged.sentences) == 3


def test_an_age_at_the_horizon_is_mature_and_a_day_less_is_not() -> None:
    at = judge(population(50, age=90.0), horizon_days=90, landmark_days=14, outcome="sql")
    before = judge(population(50, age=89.0), horizon_days=90, landmark_days=14, outcome="sql")
    assert (at.facts["n_immature"], before.facts["n_immature"]) == (0, 50)
    assert at.parts.set_index("part").loc["immaturity", "estimate"] == 0.0
    assert before.parts.set_index("part").loc["immaturity", "estimate"] < 0.0


def test_an_outcome_at_the_horizon_counts_and_one_after_it_does_not() -> None:
    frame = population(40).assign(age_days=200.0)
    own = np.flatnonzero(frame["in_batch"])
    frame.loc[own, ["converted", "days_to_outcome"]] = [False, np.nan]
    for days, expected in ((90.0, 1), (90.001, 0)):
        one = frame.copy()
        one.loc[own[0], ["converted", "days_to_outcome"]] = [True, days]
        judged = judge(one, horizon_days=90, landmark_days=14, outcome="sql")
        assert judged.facts["n_converted"] == expected


def test_a_young_batch_does_not_clear_its_quality() -> None:
    judged = judge(population(300, age=17.0), horizon_days=90, landmark_days=14, outcome="sql")
    assert judged.parts.set_index("part").loc["quality", "state"] == "neither"


def test_leads_younger_than_the_landmark_and_untouched_are_not_called_neglected() -> None:
    frame = population(300, age=3.0, untouched=1.0)
    judged = judge(frame, horizon_days=90, landmark_days=14, outcome="sql")
    row = judged.parts.set_index("part").loc["follow_up"]
    assert row["state"] == "not judged"
    assert row["note"].startswith("No lead of the batch is old enough to say how it was worked")


def test_a_channel_that_the_baseline_never_had_is_judged_with_more_room() -> None:
    frame = population(400, shift=-0.8)
    known = judge(frame, horizon_days=90, landmark_days=14, outcome="sql").parts.set_index("part")
    unseen = frame.assign(channel=frame["channel"].where(~frame["in_batch"], "Podcast"))
    new = judge(unseen, horizon_days=90, landmark_days=14, outcome="sql").parts.set_index("part")
    assert new.loc["quality", "p_harm"] > 0.5
    assert known.loc["quality", "high"] - known.loc["quality", "low"] > 0


def test_the_assumption_about_unrecorded_reasons_is_always_first_with_its_e_value() -> None:
    told = judge(population(200, untouched=0.7), horizon_days=90, landmark_days=14, outcome="sql").assumptions
    assert told[0].startswith("No reason that nobody recorded lies behind both what was sent or done")
    assert "E-value" in told[0]
