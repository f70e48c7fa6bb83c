"""The planted dispute has the cause that was asked for, and no other."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from demo_on_disk import Written

from funnel.demo.clock import AS_OF, CHANGE, DAY
from funnel.demo.dispute import CAMPAIGN, dispute
from funnel.demo.truth import lead_truth
from funnel.demo.world import World, make


@cache
def company(cause: str) -> World:
    return make(12_000, 11, dispute(cause))


def compared(cause: str) -> pd.DataFrame:
    """Return the means of the batch and of the other hand-offs under the definition in force then."""
    truth = lead_truth(company(cause))
    handed = truth[(truth["number"] > 0) & (truth["mql_at"] > CHANGE) & (truth["mql_at"] < AS_OF)]
    handed = handed.assign(sql=handed["sql_at"] > 0, n=1)
    means = handed.groupby("is_batch")[["expected", "quality", "worked", "met", "sql"]].mean()
    return means.assign(n=handed.groupby("is_batch")["n"].sum())


def ratio(cause: str, column: str) -> float:
    found = compared(cause)[column]
    return float(found[True] / found[False])


@pytest.mark.parametrize("cause", ["none", "follow-up", "quality", "mix", "definition", "immaturity"])
def test_the_batch_holds_about_one_and_a_half_hand_offs_per_hundred_leads(cause: str) -> None:
    assert 120 <= compared(cause)["n"][True] <= 240


def test_an_ordinary_batch_is_ordinary_in_all() -> None:
    assert 0.85 < ratio("none", "quality") < 1.15
    assert 0.9 < ratio("none", "worked") < 1.1
    assert ratio("none", "met") > 0.95


def test_bad_follow_up_leaves_quality_as_it_was() -> None:
    assert ratio("follow-up", "worked") < 0.5
    assert 0.85 < ratio("follow-up", "quality") < 1.15
    assert ratio("follow-up", "sql") < 0.6


def test_bad_quality_shows_in_nothing_that_is_on_record() -> None:
    expected = compared("quality")["expected"]
    assert ratio("quality", "quality") < 0.65
    assert 0.9 < ratio("quality", "worked") < 1.1
    assert abs(expected[True] - expected[False]) < 0.25


def test_a_poorer_mix_shows_on_record() -> None:
    expected = compared("mix")["expected"]
    assert expected[False] - expected[True] > 0.4
    assert ratio("mix", "quality") < 0.85
    assert 0.85 < ratio("mix", "worked") < 1.1


def test_a_batch_handed_over_against_the_definition() -> None:
    found = compared("definition")
    assert found["met"][True] < 0.65
    assert found["met"][False] > 0.9
    assert 0.9 < ratio("definition", "worked") < 1.1


def test_an_immature_batch_has_had_less_than_ninety_days() -> None:
    truth = lead_truth(company("immaturity"))
    batch = truth[truth["is_batch"] & (truth["number"] > 0)]
    assert (batch["mql_at"] > AS_OF - 90 * DAY).all()
    assert 0.85 < ratio("immaturity", "quality") < 1.15


def test_every_other_batch_is_mature_at_the_end() -> None:
    for cause in ("none", "follow-up", "quality", "mix", "definition"):
        truth = lead_truth(company(cause))
        batch = truth[truth["is_batch"] & (truth["number"] == 1) & (truth["again_of"] == -1)]
        assert batch["mql_at"].max() <= AS_OF - 90 * DAY, cause


def test_a_pair_of_causes_plants_both() -> None:
    assert dispute("mix+follow-up").causes == {"mix", "follow-up"}
    assert ratio("mix+follow-up", "worked") < 0.5
    assert ratio("mix+follow-up", "quality") < 0.85


def test_no_cause_and_none_are_the_same() -> None:
    assert dispute(None) == dispute("none")
    assert dispute(None).causes == frozenset()


def test_the_cause_changes_nothing_about_who_came_and_when() -> None:
    columns = ["person", "channel", "campaign", "created_at", "company", "score", "mql_at", "intent"]
    assert (
        company("none").lead[columns].iloc[:11_800].equals(company("follow-up").lead[columns].iloc[:11_800])
    )


def test_the_batch_is_one_campaign_and_sales_rejects_it_unseen(demo: Written) -> None:
    assert demo.rows(
        f"""select distinct c.Name, t.is_batch from load3.lead as l inner join truth as t on t.lead_id = l.Id
        inner join load3.campaign as c on c.Id = l.Campaign__c where c.Name = '{CAMPAIGN}' or t.is_batch"""
    ) == [(CAMPAIGN, True)]
    unseen = "select avg((exit = 'rejected' and first_touch_at = -1)::int) from truth where number > 0 and {}"
    assert demo.number(unseen.format("is_batch")) > 0.12
    assert demo.number(unseen.format("not is_batch")) < 0.04
