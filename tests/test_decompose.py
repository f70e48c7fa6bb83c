"""A change split over its factors, held against all of Das Gupta's worked examples and against brute force.

Oracle: ../shared/oracles/das_gupta_1993.json (Das Gupta 1993, P23-186, as printed by DasGuptR).
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from funnel import decompose
from funnel.metrics import mix

ORACLE = Path(__file__).parents[2] / "shared" / "oracles" / "das_gupta_1993.json"


def product(factors: dict[str, Any]) -> Any:
    return np.prod(list(factors.values()), axis=0)


def shared_out(f: dict[str, Any]) -> Any:
    legitimate, other = np.sum(f["A"] * f["B"] * f["C"]), np.sum(f["A"] * (1 - f["B"]) * f["D"])
    return legitimate / (legitimate + other)


def composed(f: dict[str, Any]) -> Any:
    return f["size"] / np.sum(f["size"]) * f["rate"]


MADE = {
    "DG3.1": lambda f: f["crude_birth"] - f["crude_death"],
    "DG4.3": lambda f: f["bm"] * f["mw"] * f["wp"],
    "DG4.4": shared_out,
    "DG5.1_kitagawa": composed,
    "DG5.3_collapsed": composed,
    "DG6.5_five_populations": lambda f: 1000 * shared_out(f),
}


def oracle() -> list[dict[str, Any]]:
    return json.loads(ORACLE.read_text()) if ORACLE.is_file() else []


def arrays(case: dict[str, Any], place: int) -> dict[str, Any]:
    return {name: np.asarray(values[place], dtype="float64") for name, values in case["factors"].items()}


def crossed(case: dict[str, Any], place: int) -> dict[str, Any]:
    cells = pd.DataFrame(case["cells"] | {"size": case["size"][place], "rate": case["rate"][place]})
    table = cells.pivot(index="age", columns="race", values="size").to_numpy()
    age, race = decompose.structure(table)
    assert np.allclose(age * race, table / table.sum(), rtol=1e-12)
    rate = cells.pivot(index="age", columns="race", values="rate").to_numpy()
    return {"age_struct": age, "race_struct": race, "rate": rate}


def close(found: float, printed: float) -> bool:
    """Say whether a number equals what was printed, in the digits that were printed (seven or so)."""
    return found == pytest.approx(printed, rel=3e-6, abs=6e-7)


if not oracle():
    TWO: list[dict[str, Any]] = []
else:
    TWO = [case for case in oracle() if "expected" in case]

needs_oracle = pytest.mark.skipif(not oracle(), reason="the oracles (../shared) are not beside this checkout")


@needs_oracle
def test_there_are_twelve_worked_examples() -> None:
    assert len(oracle()) == 12
    assert len(TWO) == 11


@needs_oracle
@pytest.mark.parametrize("case", TWO, ids=lambda case: case["id"])
def test_an_example_of_two_populations_comes_out_as_printed(case: dict[str, Any]) -> None:
    groups = None
    if case["id"] == "DG5.3_crossclassified":
        before, now = crossed(case, 0), crossed(case, 1)
        groups = [("age_struct", "race_struct"), ("rate",)]
    else:
        before, now = arrays(case, 0), arrays(case, 1)
    found = decompose.standardised(MADE.get(case["id"], product), before, now, groups=groups)
    crude = case["expected"]["crude"]
    assert close(found["effect"].sum(), crude["diff"])
    for row in found.to_dict("records"):
        printed = case["expected"][row["factor"]]
        assert close(row["before"], printed["pop1"])
        assert close(row["now"], printed["pop2"])
        assert close(row["effect"], printed["diff"])
        assert round(100 * row["effect"] / found["effect"].sum(), 2) == pytest.approx(
            printed["pct"], abs=0.011
        )


@needs_oracle
def test_five_populations_come_out_as_printed_and_agree_with_each_other() -> None:
    case = next(case for case in oracle() if case["id"] == "DG6.5_five_populations")
    years = [arrays(case, place) for place in range(5)]
    made = MADE[case["id"]]
    found = decompose.populations(made, years)
    for name, printed in case["expected_standardised"].items():
        values = [made(year) for year in years] if name == "crude" else found[name]
        assert all(close(float(a), b) for a, b in zip(values, printed, strict=True))
    for i, j in ((0, 1), (0, 4), (2, 3)):
        total = sum(values[j] - values[i] for values in found.values())
        assert total == pytest.approx(made(years[j]) - made(years[i]), rel=1e-12)


@needs_oracle
def test_pairs_of_the_five_populations_come_out_as_printed() -> None:
    case = next(case for case in oracle() if case["id"] == "DG6.5_five_populations")
    for pair, printed in case["expected_pairwise"].items():
        i, j = (case["populations"].index(year) for year in pair.split("v"))
        found = decompose.standardised(MADE[case["id"]], arrays(case, i), arrays(case, j))
        for row in found.to_dict("records"):
            assert close(row["effect"], printed[row["factor"]])
        assert close(found["effect"].sum(), printed["crude"])


def by_orders(made, before, now, allowed=lambda order: True):
    """Average the effect of each factor over all orders in which they may change, one after another."""
    found = dict.fromkeys(before, 0.0)
    orders = [order for order in permutations(before) if allowed(order)]
    for order in orders:
        state = dict(before)
        for name in order:
            value = np.sum(made(state))
            state = state | {name: now[name]}
            found[name] += (np.sum(made(state)) - value) / len(orders)
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_effects_are_the_average_over_all_orders_of_change(n: int) -> None:
    random = np.random.default_rng(n)
    before, now = ({f"f{i}": random.uniform(0.1, 2, 3) for i in range(n)} for _ in range(2))

    def made(f):
        return np.prod(list(f.values()), axis=0) / (1 + f["f0"])

    found = decompose.standardised(made, before, now).set_index("factor")["effect"].to_dict()
    assert found == pytest.approx(by_orders(made, before, now), rel=1e-9)
    change = np.sum(made(now)) - np.sum(made(before))
    assert sum(found.values()) == pytest.approx(change, rel=1e-12)
    cells = decompose.effects(made, before, now)
    assert {name: cell.sum() for name, cell in cells.items()} == pytest.approx(found, rel=1e-9)
    assert np.allclose(sum(cells.values()), made(now) - made(before), rtol=1e-9)


def test_a_group_changes_as_one_so_only_orders_with_its_factors_together_count() -> None:
    random = np.random.default_rng(7)
    before, now = ({name: random.uniform(0.1, 2) for name in "abc"} for _ in range(2))
    found = decompose.standardised(product, before, now, groups=[("a", "b"), ("c",)])
    expected = by_orders(product, before, now, lambda order: order.index("c") != 1)
    assert found.set_index("factor")["effect"].to_dict() == pytest.approx(expected, rel=1e-12)


def test_two_factors_are_kitagawas_as_the_conversion_mix_has_them() -> None:
    counts = pd.DataFrame(
        {
            "segment": ["a", "b", "c"],
            "n_before": [100, 50, 30],
            "n_converted_before": [20, 25, 3],
            "n": [80, 90, 40],
            "n_converted": [24, 36, 8],
        }
    )
    table = mix.parted(counts)
    total = table.iloc[-1]

    def side(suffix):
        size = counts[f"n{suffix}"].to_numpy(dtype="float64")
        return {"size": size, "rate": counts[f"n_converted{suffix}"].to_numpy() / size}

    found = decompose.standardised(composed, side("_before"), side("")).set_index("factor")["effect"]
    assert found["size"] == pytest.approx(total["mix"], rel=1e-12)
    assert found["rate"] == pytest.approx(total["rate_effect"], rel=1e-12)
    cells = decompose.effects(composed, side("_before"), side(""))["rate"]
    by_segment = table.set_index("segment")["rate_effect"]
    assert list(cells) == pytest.approx([by_segment[name] for name in "abc"], rel=1e-12)


def test_nothing_changed_has_no_effect_and_a_factor_that_stays_has_none() -> None:
    same = {"a": 2.0, "b": 3.0}
    assert list(decompose.standardised(product, same, same)["effect"]) == [0.0, 0.0]
    found = decompose.standardised(product, same, {"a": 5.0, "b": 3.0})
    assert list(found["effect"]) == [9.0, 0.0]


def test_the_last_factor_closes_the_sum_to_the_last_bit() -> None:
    before, now = {"a": 0.1, "b": 0.2, "c": 0.3}, {"a": 0.7, "b": 1.1, "c": 1.3}
    found = decompose.standardised(product, before, now)["effect"]
    change = float(product(now)) - float(product(before))
    assert found.iloc[-1] == change - found.iloc[:-1].sum()


def test_an_empty_cell_has_no_share_by_any_variable_and_three_variables_multiply_to_the_shares() -> None:
    two = np.array([[0.0, 3.0], [2.0, 5.0]])
    age, race = decompose.structure(two)
    assert (age * race)[0, 0] == 0.0
    assert np.allclose(age * race, two / 10)
    three = np.random.default_rng(3).uniform(1, 9, (2, 3, 4))
    assert np.allclose(np.prod(decompose.structure(three), axis=0), three / three.sum())
    whole_row_empty = np.array([[0.0, 0.0], [2.0, 5.0]])
    assert np.allclose(np.prod(decompose.structure(whole_row_empty), axis=0), whole_row_empty / 7)
