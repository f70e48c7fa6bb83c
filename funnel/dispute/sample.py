"""The hand-offs of a dispute as the estimator reads them: outcome by the horizon, age, and what was known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.errors import InputError, UsageError
from funnel.metrics.follow_up import owed_until

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REQUIRED = ("handoff_id", "in_batch", "batch_key", "age_days", "converted", "days_to_outcome")
NUMBERS = ("score", "completeness", "employees")
CATEGORIES = (
    "met_definition",
    "is_duplicate",
    "channel",
    "region",
    "country",
    "industry",
    "company_size",
    "persona",
    "lead_type",
)


@dataclass(frozen=True)
class Sample:
    """Hand-offs of one side (batch or baseline) whose outcome is known, ordered by hand-off.

    `is_waiting`: younger than the landmark with neither outcome nor exit, so that a touch may yet come.
    `is_young`: not watched until the horizon; `is_defined`: known whether it met the definition.
    `y` converted by the horizon and by as_of; `age` in days, cut at the horizon; `days` to the outcome (null
    where not converted); `cut` the day on which touches ceased to be owed; `group` the historical batch.
    """

    rows: pd.DataFrame
    y: Floats
    age: Floats
    days: Floats
    cut: Floats
    is_young: Flags
    is_waiting: Flags
    is_defined: Flags
    is_followed: Flags
    is_invalid: Flags
    group: NDArray[np.int64]
    n_groups: int
    n_unknown: int

    def __len__(self) -> int:
        return len(self.y)


def samples(population: pd.DataFrame, *, horizon_days: float, landmark_days: float) -> tuple[Sample, Sample]:
    """Return the baseline and the batch of a population.

    InputError when a column that must be there is missing, or a hand-off is there twice; UsageError when no
    hand-off is in the batch.
    """
    _check(population)
    ordered = population.sort_values("handoff_id", kind="stable", ignore_index=True)
    chosen = ordered["in_batch"].to_numpy(dtype=bool)
    if not chosen.any():
        raise UsageError(
            "No hand-off is in the batch, so there is nothing to judge. Widen its dates or check its values."
        )
    limits = (horizon_days, landmark_days)
    return _sample(ordered[~chosen], *limits), _sample(ordered[chosen], *limits)


def numbers(rows: pd.DataFrame, name: str) -> Floats:
    """Return a column as floats; all null when there is none."""
    if name not in rows:
        return np.full(len(rows), np.nan)
    return np.asarray(pd.to_numeric(rows[name], errors="coerce").astype("float64"))


def texts(rows: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a column as texts, a missing value as an empty one; all empty when there is no such column."""
    if name not in rows:
        return np.full(len(rows), "", dtype=object)
    column = rows[name]
    return np.where(column.isna(), "", column.astype(object).astype(str)).astype(object)


def _check(population: pd.DataFrame) -> None:
    missing = [name for name in REQUIRED if name not in population]
    if missing:
        raise InputError(f"The population has no column {', '.join(missing)}; a verdict needs it.")
    twice = population["handoff_id"].duplicated()
    if twice.any():
        first = population.loc[twice, "handoff_id"].iloc[0]
        raise InputError(f"Hand-off '{first}' is in the population twice; each may be there once.")


def _sample(rows: pd.DataFrame, horizon: float, landmark: float) -> Sample:
    age, days = numbers(rows, "age_days"), np.maximum(numbers(rows, "days_to_outcome"), 0.0)
    converted = numbers(rows, "converted")
    known = ~np.isnan(age) & ((converted == 0) | ((converted == 1) & ~np.isnan(days)))
    kept, age, days = rows[known], age[known], days[known]
    is_converted = (converted[known] == 1) & (days <= horizon)
    group, names = pd.factorize(texts(kept, "batch_key"), sort=True)
    cut = _cut(kept, np.where(is_converted, days, np.nan), landmark)
    return Sample(
        rows=kept.reset_index(drop=True),
        y=is_converted.astype(float),
        age=np.clip(age, 0.0, horizon),
        days=np.where(is_converted, days, np.nan),
        cut=np.maximum(np.minimum(cut, age), 0.0),
        is_young=age < horizon,
        is_waiting=age < cut,
        is_defined=~np.isnan(numbers(kept, "met_definition")),
        is_followed=_flag(kept, "is_followed", True),
        is_invalid=_flag(kept, "met_definition", True, negate=True),
        group=group.astype(np.int64),
        n_groups=len(names),
        n_unknown=int((~known).sum()),
    )


def _cut(rows: pd.DataFrame, days: Floats, landmark: float) -> Floats:
    """Return when touches cease to be owed: the landmark, the outcome or a rejection, whichever is first.

    A lead given up otherwise still was owed touches until the landmark.
    """
    exits = numbers(rows, "exit_days")
    decided = texts(rows, "exit") == "rejected" if "exit" in rows else True
    return owed_until(days, np.where(decided, exits, np.nan), landmark)


def _flag(rows: pd.DataFrame, name: str, missing: bool, *, negate: bool = False) -> Flags:
    value = numbers(rows, name)
    flag = np.where(np.isnan(value), missing, value == 1)
    return np.asarray(~flag if negate else flag, dtype=bool)
