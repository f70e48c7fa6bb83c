"""How a lead was worked: classes on the stroke, and no lead is worked more because it lived longer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from funnel.dispute.follow_up import CLASSES, FollowUp, usual
from funnel.dispute.sample import Sample, samples

NAN = float("nan")


def hand_offs(*given: tuple[float, int, float, float, str | None], age: float = 200.0) -> pd.DataFrame:
    """Return hand-offs: hours to first touch, touches, days to the outcome, days to the exit, exit."""
    return pd.DataFrame(
        [
            {
                "handoff_id": f"h{place}",
                "in_batch": False,
                "batch_key": "k",
                "age_days": age,
                "converted": not np.isnan(days),
                "days_to_outcome": days,
                "touch_hours": hours,
                "n_touches": touches,
                "is_followed": True,
                "exit_days": left,
                "exit": leave,
            }
            for place, (hours, touches, days, left, leave) in enumerate(given)
        ]
    )


def sampled(frame: pd.DataFrame) -> Sample:
    chosen = frame.assign(in_batch=True)
    return samples(chosen, horizon_days=90, landmark_days=14)[1]


def classes(frame: pd.DataFrame, working: FollowUp) -> list[str]:
    return [CLASSES[code] for code in working.classes(sampled(frame))]


WORKING = FollowUp(late_hours=4.0, knots=np.array([1.0]), centre=1.0, scale=1.0, power=0.5)


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        ((NAN, 0, NAN, NAN, None), "never touched"),
        ((4.0, 5, NAN, NAN, None), "prompt"),
        ((4.01, 5, NAN, NAN, None), "late"),
        ((1.0, 4, NAN, NAN, None), "prompt, few touches"),  # usual by day 14: 1 + sqrt(14) = 4.74
        ((1.0, 3, 4.0, NAN, None), "prompt"),  # usual by day 4: 3
        ((1.0, 2, 4.0, NAN, None), "prompt, few touches"),
        ((1.0, 3, NAN, 4.0, "rejected"), "prompt"),  # a rejected lead is owed no more touches
        ((1.0, 3, NAN, 4.0, "recycled"), "prompt, few touches"),  # one given up still was
        ((1.0, 3, NAN, 4.0, "stale"), "prompt, few touches"),
    ],
)
def test_the_class_of_a_lead(lead: tuple[float, int, float, float, str | None], told: str) -> None:
    assert classes(hand_offs(lead), WORKING) == [told]


def test_an_untouched_lead_younger_than_the_landmark_is_not_yet_known() -> None:
    lead = (NAN, 0, NAN, NAN, None)
    assert classes(hand_offs(lead, age=13.9), WORKING) == ["not yet known"]
    assert classes(hand_offs(lead, age=14.0), WORKING) == ["never touched"]


def test_an_untouched_young_lead_that_was_rejected_is_known() -> None:
    assert classes(hand_offs((NAN, 0, NAN, 2.0, "rejected"), age=5.0), WORKING) == ["never touched"]


def test_a_source_without_follow_up_has_no_class() -> None:
    frame = hand_offs((1.0, 3, NAN, NAN, None)).assign(is_followed=False)
    assert classes(frame, WORKING) == ["not yet known"]
    assert usual(sampled(frame)) is None


def test_what_is_usual_is_found_though_half_the_leads_end_early() -> None:
    random = np.random.default_rng(1)
    end = np.where(random.random(4000) < 0.5, random.uniform(0.5, 14, 4000), 14.0)
    touches = 1 + random.poisson(0.8 * end**0.7)
    frame = hand_offs(
        *[(2.0, int(n), NAN, float(day), "rejected") for n, day in zip(touches, end, strict=True)]
    )
    found = usual(sampled(frame))
    assert found is not None
    assert found.scale == pytest.approx(0.8, abs=0.05)
    assert found.power == pytest.approx(0.7, abs=0.05)
    assert found.late_hours == 2.0
