"""A list of leads picked because they failed proves itself: it is found out, and widened or refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dispute_population import population, rows

from funnel.dispute.selection import Selection, selection


def asked(frame: pd.DataFrame) -> Selection:
    return selection(frame, horizon_days=90, landmark_days=14)


def listed(share: float, *, failed_only: bool, seed: int = 3) -> pd.DataFrame:
    """Return three campaigns; of one, a share is on the list, at random or among those that failed."""
    frame = pd.concat([rows(300, name, seed + place) for place, name in enumerate("abc")], ignore_index=True)
    random = np.random.default_rng(seed)
    can = (frame["batch_key"] == "a") & ~(failed_only & frame["converted"])
    chosen = random.choice(np.flatnonzero(can), int(300 * share), replace=False)
    return frame.assign(in_batch=frame.index.isin(chosen))


def test_a_list_of_failures_is_widened_to_the_campaign_it_was_taken_from() -> None:
    found = asked(listed(0.4, failed_only=True))
    assert found.state == "corrected"
    assert found.p < 1e-6
    assert (found.n_picked, found.n_left_out, found.rate_picked) == (120, 180, 0.0)
    assert set(found.population.loc[found.population["in_batch"], "batch_key"]) == {"a"}
    assert int(found.population["in_batch"].sum()) == 300
    assert found.sentence.startswith(
        "The list was picked by outcome: 0\N{NO-BREAK SPACE}% of its 120 hand-offs"
    )


def test_a_few_failures_of_a_large_campaign_are_refused() -> None:
    frame = listed(0.12, failed_only=True)
    found = asked(frame)
    assert found.state == "refused"
    assert found.population is frame
    assert found.sentence.endswith("name the batch by what was known at the hand-off.")


@pytest.mark.parametrize("seed", range(5))
def test_a_list_drawn_at_random_is_clean(seed: int) -> None:
    found = asked(listed(0.4, failed_only=False, seed=10 + seed))
    assert found.state == "clean"


def test_a_list_chosen_by_an_attribute_known_at_the_hand_off_is_clean_though_it_converts_less() -> None:
    frame = pd.concat([rows(400, name, place) for place, name in enumerate("ab")], ignore_index=True)
    found = asked(frame.assign(in_batch=(frame["channel"] == "Content") & (frame["batch_key"] == "a")))
    assert found.rate_picked < found.rate_left_out - 0.1
    assert found.state == "clean"


def test_a_whole_campaign_leaves_nobody_out_so_it_cannot_be_told() -> None:
    found = asked(population(100, batches=3))
    assert found.state == "cannot tell"
    assert np.isnan(found.p)


@pytest.mark.parametrize(("left_out", "state"), [(4, "cannot tell"), (5, "clean")])
def test_five_left_out_are_the_fewest_that_can_tell(left_out: int, state: str) -> None:
    frame = rows(100, "a", 5).assign(in_batch=True)
    frame.loc[: left_out - 1, "in_batch"] = False
    assert asked(frame).state == state
