"""What curves share: rows of spells by label, counted, with those left out and why.

A frame of spells has the columns label, left_out (null: in the curve), seconds, n_units_watched and n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from funnel import number, stats

if TYPE_CHECKING:
    from funnel.stats import Floats

LEAST = stats.FEW
WORDS = {
    "imputed": "with an entry known only from a later stage",
    "undated": "without a known time",
    "impossible": "in an impossible order",
    "new": "of a last day that is not over",
    "no calendar": "without a calendar",
}


def kept(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are in the curve."""
    return spells[spells["left_out"].isna()]


def by_value(spells: pd.DataFrame) -> list[tuple[object, pd.DataFrame]]:
    """Return the rows of each label, the one with the most in the curve first, null last among equals."""
    sizes = kept(spells).groupby("label", dropna=False)["n"].sum()
    order = sizes.sort_values(ascending=False, kind="stable").index
    same = (spells["label"].isna() if pd.isna(label) else spells["label"] == label for label in order)
    return [
        (None if pd.isna(label) else label, spells[rows]) for label, rows in zip(order, same, strict=True)
    ]


def ages(rows: pd.DataFrame, most: int | None = None) -> tuple[Floats, Floats]:
    """Return the ages of a curve in whole units, and how many were watched for at least each.

    From 0 to the last age that at least ten were watched for (all, where there are fewer), and to `most`.
    """
    sizes = kept(rows).groupby("n_units_watched")["n"].sum().sort_index(ascending=False).cumsum()
    enough = sizes[sizes >= min(LEAST, kept(rows)["n"].sum())]
    last = -1 if enough.empty else int(enough.index[0])
    units = np.arange(1.0 + (last if most is None else min(last, most)))
    rising = sizes.sort_index()
    place = np.searchsorted(rising.index.to_numpy(dtype="float64"), units, side="left")
    return units, rising.to_numpy(dtype="float64")[place]


def left_out(spells: pd.DataFrame) -> str:
    """Return in words how many stay out of a curve, by why; empty if none does."""
    sizes = spells.groupby("left_out")["n"].sum()
    said = [f"{number.count(sizes[why])} {text}" for why, text in WORDS.items() if why in sizes]
    return f" Left out: {', '.join(said)}." if said else ""
