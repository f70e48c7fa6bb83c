"""Attributes and follow-up as columns of a regression: curves for numbers, pooled levels for categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.dispute.logistic import FIXED
from funnel.dispute.sample import CATEGORIES, NUMBERS, numbers, texts

Floats = NDArray[np.float64]

KNOTS = (0.1, 0.25, 0.5, 0.75, 0.9)
MOST_LEVELS = 60
LOGGED = ("employees",)
ALONE = ("met_definition", "is_duplicate", "completeness")
MOST_CROSSED = 100


@dataclass(frozen=True)
class Columns:
    """How to turn rows into columns, learned from the baseline alone."""

    curves: dict[str, tuple[float, float, Floats]] = field(repr=False)
    levels: dict[str, list[str]] = field(repr=False)
    pairs: tuple[tuple[str, str], ...]
    block: NDArray[np.int64] = field(repr=False)
    pooled: tuple[str, ...] = ()

    def variance(self, by_block: Floats) -> dict[str, float]:
        """Return the variance of the levels of each pooled attribute, from that of each block."""
        return dict(zip(self.pooled, map(float, by_block), strict=False))

    def of(self, rows: pd.DataFrame) -> Floats:
        """Return one row of columns per row; a level unseen in the baseline is all zeros, the mean level."""
        curves = {name: _curve(_scaled(rows, name), *curve) for name, curve in self.curves.items()}
        levels = {name: _dummies(texts(rows, name), found) for name, found in self.levels.items()}
        simple = {name: curve[:, 1:2] for name, curve in curves.items()} | levels
        crossed = [_products(simple[one], simple[other]) for one, other in self.pairs]
        return np.hstack([np.ones((len(rows), 1)), *curves.values(), *levels.values(), *crossed])

    def unseen(self, rows: pd.DataFrame) -> dict[str, float]:
        """Return the share of rows whose level of an attribute the baseline does not have, by attribute."""
        shares = {name: _unseen(texts(rows, name), levels) for name, levels in self.levels.items()}
        return {name: share for name, share in shares.items() if share > 0}


def learn(rows: pd.DataFrame, categories: tuple[str, ...] = CATEGORIES) -> Columns:
    """Return the columns that a baseline can support: numbers that vary, categories of two levels or more."""
    curves = {name: curve for name in NUMBERS if (curve := _knots(_scaled(rows, name))) is not None}
    levels = {name: found for name in categories if len(found := _levels(texts(rows, name))) > 1}
    block, names, number = [FIXED], [], 0
    for name, (_, _, knots) in curves.items():
        block += [FIXED, FIXED] + [number] * len(knots)
        names.append(name)
        number += 1
    for name, found in levels.items():
        own = FIXED if name == "met_definition" else number
        block += [own] * len(found)
        if own != FIXED:
            names.append(name)
            number += 1
    pairs, width = _pairs(dict.fromkeys(curves, 1) | {name: len(found) for name, found in levels.items()})
    block += [number] * width
    return Columns(curves, levels, pairs, np.array(block, dtype=np.int64), tuple(names))


def _pairs(width: dict[str, int]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Return the pairs of attributes whose effects may depend on each other, and how many columns they have.

    Narrowest first. All share one block: they are pooled towards no interplay as far as the data say.
    """
    alone = {name: size for name, size in width.items() if name not in ALONE}
    chosen: list[tuple[str, str]] = []
    total = 0
    for one, other in sorted(combinations(alone, 2), key=lambda pair: alone[pair[0]] * alone[pair[1]]):
        total += alone[one] * alone[other]
        if total > MOST_CROSSED:
            return tuple(chosen), total - alone[one] * alone[other]
        chosen.append((one, other))
    return tuple(chosen), total


def _products(one: Floats, other: Floats) -> Floats:
    return np.asarray((one[:, :, None] * other[:, None, :]).reshape(len(one), -1))


def bends(value: Floats, knots: Floats) -> Floats:
    """Return a line and its bends: the value, and what it exceeds each knot by."""
    return np.column_stack([value, *(np.maximum(value - knot, 0.0) for knot in knots)])


def _scaled(rows: pd.DataFrame, name: str) -> Floats:
    value = numbers(rows, name)
    return np.log1p(np.maximum(value, 0.0)) if name in LOGGED else value


def _knots(value: Floats) -> tuple[float, float, Floats] | None:
    known = value[~np.isnan(value)]
    if len(known) < 2 or np.ptp(known) == 0:
        return None
    centre, scale = float(known.mean()), float(known.std())
    knots = np.unique(np.quantile((known - centre) / scale, KNOTS))
    return (
        centre,
        scale,
        knots[(knots > (known.min() - centre) / scale) & (knots < (known.max() - centre) / scale)],
    )


def _curve(value: Floats, centre: float, scale: float, knots: Floats) -> Floats:
    """Return whether the value is missing, the value in standard deviations (within 4), and its bends."""
    missing = np.isnan(value)
    placed = np.clip(np.where(missing, 0.0, (np.where(missing, centre, value) - centre) / scale), -4.0, 4.0)
    curve = bends(placed, knots)
    curve[missing] = 0.0
    return np.column_stack([missing.astype(float), curve])


def _levels(value: NDArray[np.object_]) -> list[str]:
    counted = pd.Series(value, dtype=object).value_counts()
    order = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
    return sorted(str(name) for name, _ in order[:MOST_LEVELS])


def _dummies(value: NDArray[np.object_], levels: list[str]) -> Floats:
    place = pd.Index(levels).get_indexer(pd.Index(value, dtype=object))
    filled = np.zeros((len(value), len(levels)))
    known = place >= 0
    filled[np.flatnonzero(known), place[known]] = 1.0
    return filled


def _unseen(value: NDArray[np.object_], levels: list[str]) -> float:
    if len(levels) >= MOST_LEVELS:
        return 0.0
    return (
        float(np.mean(pd.Index(levels).get_indexer(pd.Index(value, dtype=object)) < 0)) if len(value) else 0.0
    )
