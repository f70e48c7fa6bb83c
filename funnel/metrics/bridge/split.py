"""A KPI as factors: what each is made from, its effect on the change, and how far chance reaches.

What was counted on one side is one row per cell: the number of cases and the sum of what they bring (hits,
amounts). Intervals by the delta method: each cell a compound Poisson sum, so that rates have binomial and
shares multinomial variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel import decompose

Z = 1.959963984540054
STEP = 1e-5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """One side: an array of (n, x) per cell, the sums of squares of x, and what is known without error."""

    cells: Floats
    squares: Floats
    known: float = 1.0


@dataclass(frozen=True)
class Form:
    """How a KPI is made: its factors from both sides, the number per cell, and which change as one."""

    factors: Callable[[Counted, Counted], tuple[dict[str, Any], dict[str, Any]]]
    made: Callable[[dict[str, Any]], Any]
    groups: tuple[tuple[str, ...], ...]


def flow(is_even: bool) -> Form:
    """Return the form of a count: days x cases a day, in each cell; without the days where both are even."""

    def factors(before: Counted, now: Counted) -> tuple[dict[str, Any], dict[str, Any]]:
        return _each(before, now, lambda one: _days(one, is_even) | {"number": one.cells[:, 0] / one.known})

    return Form(factors, _product, (*(() if is_even else (("days",),)), ("number",)))


def rate(shape: tuple[int, ...], names: tuple[str, ...]) -> Form:
    """Return the form of a rate: shares of the cells, by one or more variables, x the rate in each."""

    def factors(before: Counted, now: Counted) -> tuple[dict[str, Any], dict[str, Any]]:
        first, last = _each(before, now, lambda one: _shares(one, shape, names))
        rates = _ratios(before, now)
        return first | {"rate": rates[0]}, last | {"rate": rates[1]}

    return Form(factors, _product, (*((names,) if names else ()), ("rate",)))


def money(shape: tuple[int, ...], names: tuple[str, ...], is_even: bool) -> Form:
    """Return the form of an amount: days x cases a day x shares of the cells x the mean amount in each."""

    def factors(before: Counted, now: Counted) -> tuple[dict[str, Any], dict[str, Any]]:
        first, last = _each(
            before,
            now,
            lambda one: (
                _days(one, is_even)
                | {"number": float(one.cells[:, 0].sum()) / one.known}
                | _shares(one, shape, names)
            ),
        )
        values = _ratios(before, now)
        return first | {"value": values[0]}, last | {"value": values[1]}

    shares = (names,) if names else ()
    return Form(factors, _product, (*(() if is_even else (("days",),)), ("number",), *shares, ("value",)))


def pace() -> Form:
    """Return the form of sales velocity a week: open deals x win rate x mean amount / mean days x 7."""

    def factors(before: Counted, now: Counted) -> tuple[dict[str, Any], dict[str, Any]]:
        return _each(before, now, _inputs)

    def made(f: dict[str, Any]) -> Any:
        return 7.0 * f["number"] * f["win_rate"] * f["value"] / f["cycle"]

    return Form(factors, made, (("number",), ("win_rate",), ("value",), ("cycle",)))


def told(form: Form, before: Counted, now: Counted) -> pd.DataFrame:
    """Return one row per factor: factor, effect, low, high; and the change last, as factor 'change'.

    The days of the calendar have no interval.
    """
    effect = partial(_effects, form)
    values = effect(before, now)
    reach = Z * np.sqrt(_variance(effect, before, now))
    names = [*form.factors(before, now)[0], "change"]
    reach = np.where([name == "days" for name in names], np.nan, reach)
    return pd.DataFrame({"factor": names, "effect": values, "low": values - reach, "high": values + reach})


def in_cells(form: Form, before: Counted, now: Counted) -> dict[str, Floats]:
    """Return by factor its effect in each cell; a mix by one variable is set against the mean of the whole.

    That leaves its sum as it is: a cell adds to it by growing where its own number is above the mean.
    """
    first, last = form.factors(before, now)
    found = decompose.effects(form.made, first, last, groups=form.groups)
    last_name = list(first)[-1]
    mixes = next((group for group in form.groups if group and group[0] not in _PLAIN), ())
    if len(mixes) == 1:
        centre = (_whole(before) + _whole(now)) / 2
        flat = {last_name: np.full_like(np.asarray(first[last_name], dtype="float64"), centre)}
        level = decompose.effects(form.made, first | flat, last | flat, groups=form.groups)
        found[mixes[0]] = found[mixes[0]] - level[mixes[0]]
    return found


_PLAIN = ("days", "number", "rate", "value", "win_rate", "cycle")


def _effects(form: Form, before: Counted, now: Counted) -> Floats:
    first, last = form.factors(before, now)
    table = decompose.standardised(form.made, first, last, groups=form.groups)["effect"].to_numpy()
    return np.append(table, table.sum())


def _variance(effect: Callable[[Counted, Counted], Floats], before: Counted, now: Counted) -> Floats:
    """Return the variance of each effect: its slope by each count, times how counts and sums vary."""
    total = np.zeros_like(effect(before, now))
    for side in (0, 1):
        one = (before, now)[side]
        for cell in range(len(one.cells)):
            n, x = one.cells[cell]
            if n > 0:
                slopes = np.array([_slope(effect, before, now, side, cell, column) for column in (0, 1)])
                spread = np.array([[n, x], [x, one.squares[cell]]])
                total = total + np.einsum("if,ij,jf->f", slopes, spread, slopes)
    return np.maximum(total, 0.0)


def _slope(
    effect: Callable[[Counted, Counted], Floats],
    before: Counted,
    now: Counted,
    side: int,
    cell: int,
    column: int,
) -> Floats:
    sides = [before, now]
    size = STEP * max(float(sides[side].cells[cell, column]), 1.0)
    ends = []
    for way in (size, -size):
        cells = sides[side].cells.copy()
        cells[cell, column] += way
        moved = Counted(cells, sides[side].squares, sides[side].known)
        ends.append(effect(*(moved if place == side else sides[place] for place in (0, 1))))
    return (ends[0] - ends[1]) / (2 * size)


def _each(
    before: Counted, now: Counted, of: Callable[[Counted], dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    return of(before), of(now)


def _days(one: Counted, is_even: bool) -> dict[str, Any]:
    return {} if is_even else {"days": one.known}


def _shares(one: Counted, shape: tuple[int, ...], names: tuple[str, ...]) -> dict[str, Any]:
    if not names:
        return {}
    factors = decompose.structure(one.cells[:, 0].reshape(shape))
    return {name: factor.reshape(-1) for name, factor in zip(names, factors, strict=True)}


def _ratios(before: Counted, now: Counted) -> tuple[Floats, Floats]:
    """Return x / n of each cell; where one side has no case, as on the other: it counts as mix alone."""
    found = []
    for one in (before, now):
        n, x = one.cells[:, 0], one.cells[:, 1]
        found.append(np.divide(x, n, out=np.full_like(n, np.nan), where=n > 0))
    first, last = (np.where(np.isnan(a), b, a) for a, b in (tuple(found), tuple(reversed(found))))
    return np.nan_to_num(first), np.nan_to_num(last)


def _inputs(one: Counted) -> dict[str, Any]:
    (n, won), (n_amounts, amount), (n_days, days) = one.cells
    return {
        "number": one.known,
        "win_rate": won / n,
        "value": amount / n_amounts,
        "cycle": days / n_days,
    }


def _whole(one: Counted) -> float:
    n, x = one.cells.sum(axis=0)
    return float(x / n) if n else 0.0


def _product(factors: dict[str, Any]) -> Any:
    found: Any = 1.0
    for factor in factors.values():
        found = found * np.asarray(factor, dtype="float64")
    return found
