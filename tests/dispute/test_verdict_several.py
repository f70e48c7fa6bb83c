"""Several verdicts at once, and the E-value: figures worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from dispute_population import population

from funnel.dispute.evalue import e_value, e_value_of_limit
from funnel.dispute.several import discovery_sentence, several
from funnel.dispute.verdict import Judged, judge


@pytest.fixture(scope="module")
def one() -> Judged:
    return judge(population(100, batches=8, size=60), horizon_days=90, landmark_days=14, outcome="sql")


def stated(one: Judged, harm: dict[str, float], named: set[str]) -> Judged:
    part = one.parts["part"]
    parts = one.parts.assign(
        p_harm=part.map(harm).fillna(0.0),
        state=["named" if name in named else "excluded" for name in part],
    )
    return replace(one, parts=parts)


def test_the_probabilities_are_adjusted_over_all_causes_of_all_batches(one: Judged) -> None:
    first = stated(one, {"quality": 0.992, "mix": 0.5}, {"quality"})
    second = stated(one, {"follow_up": 0.96}, {"follow_up"})
    table = several([first, second], ["June", "July"])
    assert len(table) == 10
    chosen = table[table["state"] == "named"].set_index("batch")
    # Benjamini-Hochberg by hand: .008 * 10 / 1 and .04 * 10 / 2
    assert chosen["q"].tolist() == pytest.approx([0.08, 0.2])
    assert chosen["stands"].tolist() == [True, False]
    assert discovery_sentence(table) == (
        "2 causes are named in 2 of 2 batches; expected to be wrong: fewer than 0.1; still shown when all "
        "batches are looked at together: 1."
    )


def test_nothing_named_is_said_so(one: Judged) -> None:
    table = several([stated(one, {}, set())])
    assert discovery_sentence(table) == "No cause is named in 1 batch."
    assert set(table["batch"]) == {"batch 1"}


def test_no_batch_gives_an_empty_table() -> None:
    assert several([]).empty


def test_what_is_not_judged_is_not_counted(one: Judged) -> None:
    parts = one.parts.assign(state=["not judged", *one.parts["state"][1:]])
    assert "definition" not in set(several([replace(one, parts=parts)])["part"])


@pytest.mark.parametrize(
    ("ratio", "value"),
    [
        (3.9, 7.26),  # VanderWeele and Ding 2017: maternal breastfeeding, relative risk 3.9
        (0.8, 1.81),  # ... of a protective relative risk .80
        (1.0, 1.0),
        (math.inf, math.inf),
        (0.0, math.inf),
    ],
)
def test_the_e_value_is_that_of_its_paper(ratio: float, value: float) -> None:
    assert e_value(ratio) == pytest.approx(value, abs=0.005)


def test_the_e_value_of_a_limit_is_one_where_the_interval_holds_one() -> None:
    assert e_value_of_limit(0.9, 1.0) == 1.0
    assert e_value_of_limit(1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert e_value_of_limit(0.4, 0.8) == pytest.approx(1.81, abs=0.005)
    assert math.isnan(e_value_of_limit(math.nan, 1.0))
    assert math.isnan(e_value(math.nan))


def test_the_table_says_its_rule(one: Judged) -> None:
    table = several([one])
    assert isinstance(table, pd.DataFrame)
    assert table["rule"].str.contains("Benjamini and Hochberg").all()
