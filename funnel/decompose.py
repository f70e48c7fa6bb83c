"""Why a number changed: its change split over the factors it is made of, exactly.

The share of a factor is its Shapley value: its effect averaged over all orders in which the factors may have
changed (Shapley 1953). For two populations that is the standardisation of Das Gupta (1993, Standardization
and Decomposition of Rates: A User's Manual, US Census Bureau P23-186); for two factors, Kitagawa (1955).
Factors may stand in groups, which change as one against the others (Owen 1977): so a structure by two
variables is split between them after it was told from the rates, as Das Gupta's chapter 5 does. For several
populations his chapter 6 makes the pairs agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Factors = Mapping[str, Any]
Made = Callable[[dict[str, Any]], Any]
Groups = Sequence[Sequence[str]]


def standardised(made: Made, before: Factors, now: Factors, *, groups: Groups | None = None) -> pd.DataFrame:
    """Return one row per factor: what the number would be if only that factor differed between the two.

    `made` makes the number (or an array of one number per cell, which is summed) from the factors by name.
    Columns: factor, before, now (the number standardised for all other factors), effect (now - before). The
    effects add to the change of the number: the last factor closes the sum.
    """
    rows = []
    for name in before:
        low, high = (
            float(np.sum(_standard(made, before, now, name, side, groups))) for side in (before, now)
        )
        rows.append({"factor": name, "before": low, "now": high, "effect": high - low})
    frame = pd.DataFrame(rows, columns=["factor", "before", "now", "effect"])
    if len(frame):
        change = float(np.sum(made(dict(now)))) - float(np.sum(made(dict(before))))
        frame.loc[len(frame) - 1, "effect"] = change - float(frame["effect"].iloc[:-1].sum())
    return frame


def effects(made: Made, before: Factors, now: Factors, *, groups: Groups | None = None) -> dict[str, Floats]:
    """Return by factor its effect in each cell, where `made` gives one number per cell."""
    return {
        name: np.asarray(
            _standard(made, before, now, name, now, groups)
            - _standard(made, before, now, name, before, groups),
            dtype="float64",
        )
        for name in before
    }


def populations(
    made: Made, factors: Sequence[Factors], *, groups: Groups | None = None
) -> dict[str, list[float]]:
    """Return by factor the standardised number of each of several populations, in order.

    Das Gupta (1993, chapter 6): differences between any two agree with those by way of a third.
    """
    n, found = len(factors), {}
    for name in factors[0]:
        pairs = np.zeros((n, n))
        for i, j in combinations(range(n), 2):
            for one, other, side in ((i, j, factors[i]), (j, i, factors[j])):
                pairs[one, other] = np.sum(_standard(made, factors[i], factors[j], name, side, groups))
        found[name] = [_agreed(pairs, one) for one in range(n)]
    return found


def structure(sizes: Any) -> list[Floats]:
    """Return one array per axis of a table of sizes, whose product is each cell's share of the whole.

    Each axis stands for one variable; its factor is the geometric mean, over all orders, of what it adds to
    the shares (Das Gupta 1993, chapter 5; of two variables the square roots of his formula).
    """
    table = np.asarray(sizes, dtype="float64")
    axes = range(table.ndim)
    factors = []
    for axis in axes:
        factor = np.ones_like(table)
        for others in _subsets([one for one in axes if one != axis]):
            ratio = _margin(table, {*others, axis}) / np.where(
                _margin(table, set(others)) > 0, _margin(table, set(others)), 1.0
            )
            factor = factor * ratio ** _weight(len(others), table.ndim)
        factors.append(factor)
    return factors


def _standard(
    made: Made, before: Factors, now: Factors, name: str, side: Factors, groups: Groups | None
) -> Any:
    """Return the mean of the number with one factor as in `side`, over all that may change before it."""
    every = [tuple(group) for group in groups] if groups else [(one,) for one in before]
    own = next(group for group in every if name in group)
    found: Any = 0.0
    for outer in _subsets([group for group in every if group != own]):
        for inner in _subsets([one for one in own if one != name]):
            changed = {*chain.from_iterable(outer), *inner}
            mixed = {one: now[one] if one in changed else before[one] for one in before}
            weight = _weight(len(outer), len(every)) * _weight(len(inner), len(own))
            found = found + weight * np.asarray(made(mixed | {name: side[name]}), dtype="float64")
    return found


def _agreed(pairs: Floats, one: int) -> float:
    """Return the standardised number of one population among all, from those of each pair (row: its own)."""
    n = len(pairs)
    others = [each for each in range(n) if each != one]
    own = sum(pairs[one, other] for other in others) / (n - 1)
    shift = sum(
        sum(pairs[other, third] for third in others if third != other) - (n - 2) * pairs[other, one]
        for other in others
    )
    return float(own + shift / (n * (n - 1)))


def _weight(n_before: int, n: int) -> float:
    """Return the share of the orders of n in which a given set of n_before comes before a given other."""
    return factorial(n_before) * factorial(n - 1 - n_before) / factorial(n)


def _subsets(items: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def _margin(table: Floats, kept: set[int]) -> Floats:
    """Return the table summed over all axes but those kept, in its own shape."""
    gone = tuple(axis for axis in range(table.ndim) if axis not in kept)
    return np.broadcast_to(table.sum(axis=gone, keepdims=True), table.shape)
