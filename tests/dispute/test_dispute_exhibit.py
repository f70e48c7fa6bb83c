"""The small tables of an audit's pages: the bridge adds up, shares stand on the stroke, both sides are counted alike."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import dispute_frames
import pandas as pd
import pytest

from funnel.dispute import exhibit


@pytest.fixture(scope="module")
def audit():
    return dispute_frames.audit(60, 400)


def test_the_bridge_has_all_six_parts_between_its_totals_and_adds_up(audit):
    table = exhibit.bridge(audit)
    assert list(table["part"]) == [
        *("baseline", "definition", "mix", "follow_up", "immaturity", "quality", "chance", "observed"),
    ]
    first, last = table["rate"].iloc[[0, -1]]
    assert first + table["points"].sum() == pytest.approx(last, abs=1e-12)
    assert table["begin"].iloc[1:7].tolist() == table["rate"].iloc[:6].tolist()
    assert table["rate"].iloc[6] == pytest.approx(last, abs=1e-12)


def test_a_part_that_is_not_judged_keeps_its_place_and_has_no_points(audit):
    unfollowed = audit.population.assign(is_followed=False, touch_hours=float("nan"))
    judged = dispute_frames.judge(unfollowed, horizon_days=90.0, landmark_days=14.0, outcome="sql")
    table = exhibit.bridge(replace(audit, judged=judged)).set_index("part")
    assert table.loc["follow_up", "state"] == "not judged"
    assert pd.isna(table.loc["follow_up", "points"])
    assert table.loc["follow_up", "rate"] == table.loc["mix", "rate"]


def test_the_batch_stands_first_and_every_baseline_has_the_interval_of_the_verdict(audit):
    table = exhibit.comparisons(audit)
    assert list(table["is_batch"]) == [True, False, False]
    assert list(table["is_used"]) == [False, True, False]
    assert (table["low_90"][0], table["high_90"][0]) == pytest.approx(
        (audit.facts["observed_low"], audit.facts["observed_high"])
    )
    assert table.loc[2, ["rate", "low_90"]].isna().all()


def population(**columns):
    plain = {"in_batch": True, "is_followed": True, "age_days": 14.0, "touch_hours": None}
    return pd.DataFrame({**{name: [value] * 4 for name, value in plain.items()}, **columns})


def touches(audit, **columns):
    return exhibit.first_touch(replace(audit, population=population(**columns)))


def test_a_touch_counts_from_its_hour_on_and_the_untouched_stay_in(audit):
    table = touches(audit, touch_hours=[0.0, 3.0, 3.01, None])
    assert table["n_touched"].iloc[:5].tolist() == [1, 1, 1, 2, 3]
    assert (set(table["n"]), set(table["n_untouched"]), len(table)) == ({4}, {1}, 81)
    assert table["rate"].iloc[-1] == 0.75


def test_a_hand_off_counts_from_the_landmark_on(audit):
    table = touches(audit, age_days=[14.0, 13.999, 90.0, 14.0])
    assert set(table["n"]) == {3}


@pytest.mark.parametrize(
    "gone", [{"is_followed": False}, {"age_days": [1.0] * 4}, {"is_followed": [None] * 4}]
)
def test_without_records_or_age_there_is_no_curve(audit, gone):
    assert touches(audit, **gone).empty


def test_batch_and_baseline_are_counted_apart(audit):
    table = touches(audit, in_batch=[True, False, False, False], touch_hours=[1.0, 2.0, None, None])
    assert table.groupby("group")["n"].first().to_dict() == {"baseline": 3, "this batch": 1}


def test_clauses_are_shares_of_the_known_and_come_by_how_often_they_were_failed(audit):
    passed = pd.array([False, True, None, False, False, True], dtype="boolean")
    clauses = pd.DataFrame({"clause": list("aaabbb"), "clause_id": list("xxxyyy"), "passed": passed})
    frame = pd.DataFrame(
        {
            "in_batch": [True, True, False, False],
            "met_definition": pd.array([True, False, None, True], dtype="boolean"),
        }
    )
    table = exhibit.clauses(replace(audit, clauses=clauses, population=frame))
    columns = ["title", "n", "n_failed", "n_unknown", "is_whole", "is_batch"]
    assert table[columns].values.tolist() == [
        ["Definition, this batch", 2, 1, 0, True, True],
        ["Definition, baseline", 1, 0, 1, True, False],
        ["b", 3, 2, 0, False, True],
        ["a", 2, 1, 1, False, True],
    ]


def test_no_clause_at_all_leaves_the_whole_definition(audit):
    table = exhibit.clauses(replace(audit, clauses=audit.clauses.iloc[:0]))
    assert list(table["is_whole"]) == [True, True]


def test_a_lead_counts_once_for_each_contradiction(audit):
    rows = [("h1", "a", "A"), ("h1", "a", "A"), ("h1", "b", "B"), ("h2", "b", "B")]
    given = pd.DataFrame(rows, columns=["handoff_id", "contradiction", "title"])
    table = exhibit.contradictions(replace(audit, contradictions=given))
    assert table[["title", "n", "n_of"]].values.tolist() == [["B", 2, 60], ["A", 1, 60]]
    assert exhibit.contradictions(replace(audit, contradictions=given.iloc[:0])).empty


def test_what_was_asked_is_said_in_words(audit):
    asked = exhibit.asked(audit).set_index("item")["value"]
    assert asked["baseline"] == "Earlier matured batches: 400 hand-offs in 12 batches"
    assert (asked["n"], asked["outcome"]) == ("60", "sql within 90 days of the hand-off")


def test_what_was_left_out_is_counted_by_reason(audit):
    assert exhibit.left_out(audit).values.tolist() == [["not handed over", 2], ["unknown id", 1]]


def test_the_sentences_and_the_assumptions_are_those_of_the_verdict(audit):
    assert tuple(exhibit.sentences(audit)["sentence"]) == audit.sentences
    assert tuple(exhibit.assumptions(audit)["sentence"]) == audit.assumptions


def test_how_a_list_was_picked_stands_with_what_the_verdict_rests_on(audit):
    picked = replace(audit, selection=SimpleNamespace(sentence="It was picked by its outcome."))
    assert exhibit.assumptions(picked)["sentence"].iloc[-1] == "It was picked by its outcome."


def test_an_assumption_that_several_parts_share_is_said_once(audit):
    alone = audit.population[audit.population["in_batch"]]
    judged = dispute_frames.judge(alone, horizon_days=90.0, landmark_days=14.0, outcome="sql")
    said = list(exhibit.assumptions(replace(audit, judged=judged))["sentence"])
    assert len(said) == len(set(said))
