"""Leads drawn for hand review and for re-work: seeds, strata, sizes, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
import pytest
from dispute_world import before, joined, person
from pandas.testing import assert_frame_equal

import funnel
from funnel.dispute.record import Audit
from funnel.dispute.review import WORDS, Agreement, Sample, agreement, sample
from funnel.dispute.rework import power_of, rework, size, worked
from funnel.dispute.sheet import read_sheet
from funnel.errors import InputError, UsageError

CALLED = "2026-03-09 10:00:00"


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Return the audit of 30 leads: 15 never worked, 9 of them rejected, 6 open; 10 worked and open; 5 converted."""
    from world import world

    people = []
    for i in range(15):
        steps = [("2026-03-20 10:00:00", "Disqualified")] if i < 9 else []
        people.append(person(f"n{i:02d}", "2026-03-06 10:00:00", *steps))
    people += [person(f"w{i:02d}", "2026-03-06 10:00:00", touches=(CALLED,)) for i in range(10)]
    won = ("2026-03-20 10:00:00", "Qualified")
    people += [person(f"c{i:02d}", "2026-03-06 10:00:00", won, touches=(CALLED,)) for i in range(5)]
    con: duckdb.DuckDBPyConnection = world(
        tmp_path_factory.mktemp("w"), **joined(*before(30, converted=12), *people)
    )
    return funnel.audit(con, "campaign=Summer series", baseline="earlier")


def filled(drawn: Sample, *words: str) -> pd.DataFrame:
    told = [words[i % len(words)] for i in range(len(drawn.sheet))]
    return drawn.sheet.assign(verdict=told)


def test_each_stratum_gets_its_share_and_at_least_one(audit: Audit) -> None:
    drawn = sample(audit, n=10, seed=1)
    strata = drawn.strata.set_index(["follow_up", "state"])
    assert strata["n"].sum() == 30
    assert strata.loc[("never touched", "open")].to_dict() == {"n": 6, "n_drawn": 2}
    assert strata.loc[("never touched", "rejected")].to_dict() == {"n": 9, "n_drawn": 3}
    assert strata["n_drawn"].sum() == 10
    assert (strata["n_drawn"] >= 1).all()
    assert drawn.drawn["weight"].sum() == pytest.approx(30)
    assert drawn.drawn["lead_id"].is_unique


def test_a_sample_smaller_than_its_strata_is_drawn_in_proportion(audit: Audit) -> None:
    assert sample(audit, n=1).strata["n_drawn"].sum() == 1
    assert len(sample(audit, n=1000).sheet) == 30
    with pytest.raises(UsageError, match="Ask for 1 or more"):
        sample(audit, n=0)


def test_a_seed_draws_the_same_leads_and_another_seed_others(audit: Audit) -> None:
    one, same, other = sample(audit, n=10, seed=1), sample(audit, n=10, seed=1), sample(audit, n=10, seed=2)
    assert_frame_equal(one.sheet, same.sheet)
    assert set(one.sheet["lead_id"]) != set(other.sheet["lead_id"])
    shuffled = replace(audit, leads=audit.leads.sample(frac=1, random_state=3))
    assert_frame_equal(sample(shuffled, n=10, seed=1).sheet, one.sheet)


def test_a_reviewer_sees_what_was_known_and_not_what_became_of_it(audit: Audit) -> None:
    sheet = sample(audit, n=30).sheet
    row = sheet[sheet["lead_id"] == "n00"].iloc[0].to_dict()
    assert row == {
        "number": row["number"], "lead_id": "n00", "name": "N n00", "company": "Acme", "handed_at": "2026-03-06",
        "known": "a score of at least 60: 70.0; a valid e-mail address: n00@x.co; the industry software: software",
        "verdict": "", "note": "",
    }  # fmt: skip
    assert sorted(sheet["number"]) == list(range(1, 31))


def test_kappa_equals_the_textbook(audit: Audit) -> None:
    """Cohen (1960): 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no give 0.4; the same in halves here."""
    drawn = sample(audit, n=30)
    first = drawn.sheet.assign(verdict=["good"] * 15 + ["bad"] * 15)
    second = drawn.sheet.assign(verdict=["good"] * 12 + ["bad"] * 3 + ["good"] * 6 + ["bad"] * 9)
    found = agreement(drawn, first, second)
    assert found.kappa == pytest.approx(0.4)
    assert (found.n, found.n_agree) == (30, 21)
    assert found.low < 0.4 < found.high
    assert found.sentence.startswith(
        "The reviewers agree on 21 of 30 leads; Cohen's kappa is 0.40 (0.08 to 0.72"
    )
    assert found.table.to_numpy().tolist() == [[12, 3, 0], [6, 9, 0], [0, 0, 0]]


def test_disagreements_are_listed_with_both_notes(audit: Audit) -> None:
    drawn = sample(audit, n=4)
    first = filled(drawn, "good").assign(note="ok")
    second = filled(drawn, "good", "bad").drop(columns="note").sample(frac=1, random_state=1)
    rows = agreement(drawn, first, second).disagreements
    ids = drawn.sheet["lead_id"].tolist()
    assert rows.to_numpy().tolist() == [
        [2, ids[1], "good", "bad", "ok", ""],
        [4, ids[3], "good", "bad", "ok", ""],
    ]


def test_reviewers_who_use_one_word_only_have_no_kappa(audit: Audit) -> None:
    drawn = sample(audit, n=4)
    found = agreement(drawn, filled(drawn, "good"), filled(drawn, "good"))
    assert pd.isna(found.kappa)
    assert found.sentence == (
        "The reviewers agree on 4 of 4 leads; Cohen's kappa cannot be told, as a reviewer used one word only."
    )


def test_good_leads_are_weighted_to_the_batch(audit: Audit) -> None:
    drawn = sample(audit, n=10)
    is_open = drawn.drawn["state"].to_numpy() == "open"
    told = drawn.sheet.assign(verdict=["good" if one else "bad" for one in is_open])
    good = agreement(drawn, told, told).good
    assert good["reviewer"].tolist() == ["first", "second", "both"]
    assert good["rate"].tolist() == pytest.approx([16 / 30] * 3)
    assert (good["low"] < 16 / 30).all()
    assert (good["high"] > 16 / 30).all()


def test_words_may_be_written_with_capitals_and_blanks(audit: Audit) -> None:
    drawn = sample(audit, n=3)
    told = drawn.sheet.assign(verdict=[" Good", "BAD ", "Cannot tell"])
    assert agreement(drawn, told, told).n_agree == 3
    assert WORDS == ("good", "bad", "cannot tell")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s: s.iloc[1:], "lacks leads that were drawn"),
        (lambda s: pd.concat([s, s.iloc[:1]]), "has leads twice"),
        (lambda s: s.assign(lead_id=["other", *s["lead_id"][1:]]), "has leads that were not drawn: other"),
        (lambda s: s.assign(verdict=""), "has no answer that is one of good, bad, cannot tell"),
        (lambda s: s.rename(columns={"verdict": "Verdict"}), "Did you mean 'Verdict'"),
        (lambda s: s.drop(columns="lead_id"), "has no column 'lead_id'"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused(audit: Audit, spoil: Callable[[Any], Any], said: str) -> None:
    drawn = sample(audit, n=4)
    good = filled(drawn, "good", "bad")
    with pytest.raises(InputError, match=f"The sheet of Ada .*{said}|The sheet of Ada {said}"):
        agreement(drawn, spoil(good), good, names=("Ada", "Bob"))


def test_a_sheet_is_read_back_as_it_was_written(audit: Audit, tmp_path: Any) -> None:
    drawn = sample(audit, n=4)
    file = tmp_path / "sheet.csv"
    filled(drawn, "good").to_csv(file, index=False)
    found: Agreement = agreement(drawn, read_sheet(file), filled(drawn, "good", "bad"))
    assert found.n_agree == 2
    with pytest.raises(InputError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv")


def test_sizes_are_those_of_the_exact_test() -> None:
    """METHODS, section 4: at an expected 28 %, 112, 57 and 26 leads show a drop of 36, 50 and 70 %."""
    assert [size(expected=0.28, drop=drop) for drop in (0.36, 0.5, 0.7)] == [112, 57, 26]
    assert power_of(112, expected=0.28, drop=0.36) >= 0.8 > power_of(111, expected=0.28, drop=0.36)
    assert size(expected=0.28, drop=0.5, power=0.9) > 57
    assert size(expected=0.28, drop=0.5, level=0.01) > 57


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"expected": 0.28, "drop": 0.0}, "A drop of 0 cannot"),
        ({"expected": 0.28, "drop": 1.0}, "A drop of 1 cannot"),
        ({"expected": 0.0, "drop": 0.5}, "An expected rate of 0 cannot"),
        ({"expected": 0.001, "drop": 0.05}, "more than 20,000 leads"),
    ],
)
def test_sizes_that_nothing_can_show_are_refused(asked: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        size(**asked)


def test_only_never_worked_leads_are_drawn_for_re_work(audit: Audit) -> None:
    plan = rework(audit, drop=0.7, seed=4)
    assert plan.n_pool == 15
    assert plan.expected == pytest.approx(8 / 20)
    assert plan.needed == size(expected=0.4, drop=0.7)
    assert len(plan.drawn) == min(15, plan.needed)
    assert plan.drawn["lead_id"].str.startswith("n").all()
    assert list(plan.drawn.columns) == [
        "number",
        "lead_id",
        "name",
        "company",
        "owner",
        "handoff_id",
        "converted",
    ]
    assert plan.reached == power_of(len(plan.drawn), expected=0.4, drop=0.7)
    assert_frame_equal(plan.drawn, rework(audit, drop=0.7, seed=4).drawn)
    assert plan.drawn["lead_id"].tolist() != rework(audit, drop=0.7, seed=5).drawn["lead_id"].tolist()


def test_a_pool_that_is_too_small_is_drawn_whole_and_says_what_it_can_show(audit: Audit) -> None:
    plan = rework(audit, drop=0.2)
    assert len(plan.drawn) == 15 < plan.needed
    assert plan.reached < 0.8
    assert f"shown with a probability of {plan.reached * 100:.0f} %" in plan.rule


def test_the_result_is_held_against_what_was_expected(audit: Audit) -> None:
    plan = rework(audit, drop=0.2)

    def told(n: int) -> Any:
        return worked(plan, plan.drawn.assign(converted=["yes"] * n + ["No "] * (15 - n)))

    assert (told(2).answer, told(3).answer) == ("shown", "not shown")
    assert told(2).p_value == pytest.approx(0.0271, abs=1e-4)
    assert told(3).p_value == pytest.approx(0.0905, abs=1e-4)
    assert (told(0).low, told(15).high) == (0.0, 1.0)
    assert told(3).drop_low < 0.5 < told(3).drop_high
    assert told(3).sentence.startswith("3 of 15 re-worked leads converted")


def test_results_of_other_leads_are_refused(audit: Audit) -> None:
    plan = rework(audit)
    with pytest.raises(InputError, match="lacks leads that were drawn"):
        worked(plan, plan.drawn.assign(converted="yes").iloc[1:])
    with pytest.raises(InputError, match="one of yes, no"):
        worked(plan, plan.drawn)


def test_a_batch_that_was_all_worked_has_nothing_to_work_again(audit: Audit) -> None:
    busy = replace(audit, leads=audit.leads.assign(n_touches=1))
    with pytest.raises(UsageError, match="No lead of the batch was left unworked"):
        rework(busy)
    lone = replace(audit, population=audit.population[audit.population["in_batch"]])
    with pytest.raises(UsageError, match="nothing says what to expect"):
        rework(lone)
