"""Several disputed batches at once: how many of the accusations are to be expected wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from funnel import number
from funnel.dispute.verdict import Judged

RATE = 0.1
RULE = (
    "Each named part's probability of not being harmful counts as its p-value; Benjamini and Hochberg (1995) "
    "over all judged causes of all batches, at a false-discovery rate of 10 %."
)


def several(judged: Sequence[Judged], names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return one row per batch and judged cause: batch, part, p_not_harm, state, q, stands, rule.

    `q` is the Benjamini-Hochberg adjusted probability; `stands` says whether a named part also stands when
    all batches are looked at together. Chance is no cause.
    """
    labels = list(names) if names is not None else [f"batch {place}" for place in range(1, len(judged) + 1)]
    frames = [one.parts.assign(batch=label) for one, label in zip(judged, labels, strict=True)]
    columns = ["batch", "part", "title", "p_not_harm", "state", "q", "stands", "rule"]
    if not frames:
        return pd.DataFrame(columns=columns)
    every = pd.concat(frames, ignore_index=True)
    every = every[(every["part"] != "chance") & (every["state"] != "not judged")].reset_index(drop=True)
    every["p_not_harm"] = 1 - every["p_harm"]
    every["q"] = multipletests(every["p_not_harm"], method="fdr_bh")[1] if len(every) else np.nan
    every["stands"] = (every["state"] == "named") & (every["q"] <= RATE)
    return every.assign(rule=RULE)[columns]


def discovery_sentence(table: pd.DataFrame) -> str:
    """Return what several verdicts together are worth, as one sentence."""
    named = table[table["state"] == "named"]
    n = table["batch"].nunique()
    batches = f"{number.count(n)} {'batch' if n == 1 else 'batches'}"
    if not len(named):
        return f"No cause is named in {batches}."
    expected = float(named["p_not_harm"].sum())
    return (
        f"{number.count(len(named))} {'cause is' if len(named) == 1 else 'causes are'} named in "
        f"{number.count(named['batch'].nunique())} of {batches}; expected to be wrong: "
        f"{'fewer than 0.1' if expected < 0.1 else f'{expected:.1f}'}; still shown when all batches are "
        f"looked at together: {number.count(named['stands'].sum())}."
    )
