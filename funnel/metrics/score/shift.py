"""Has the score, or what it is made from, drifted: population stability index against its own threshold.

Under no change PSI is about chi-square of bins - 1 degrees of freedom times 1/n + 1/m (Yurdakul and Naranjo
2020, Journal of Risk Model Validation 14): the usual 0.1 and 0.25 are far too strict or too lax for
most sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from funnel.metrics import span, term
from funnel.metrics.score import rows

NUMBERS = ("score", "employees", "n_engagements", "days_before", "completeness")
CATEGORIES = ("channel", "region", "country", "industry", "persona", "lead_type", "content")
BINS, LEAST_EXPECTED = 10, 5.0
LEVEL = 0.95
MISSING, OTHER = "not stated", "others"
COLUMNS = [
    *("variable", "is_score", "n_reference", "n_latest", "n_bins", "psi", "threshold", "times_threshold"),
    *("p_value", "p_adjusted", "is_shifted", "level", "share_reference", "share_latest"),
    *("reference_on", "reference_end_on", "latest_on", "latest_end_on"),
]
RULE = (
    "PSI between hand-offs at {} {} and those {}, as of the hand-off; threshold: what chance alone exceeds "
    "in 5 %. Shown where it holds for all tested together (Holm). Never below 100 hand-offs on a side."
)


@dataclass(frozen=True)
class Index:
    """A population stability index: value, bins, what chance exceeds in 5 %, p-value, bin that moved most."""

    psi: float
    n_bins: int
    threshold: float
    p_value: float
    most: int


def psi(reference: Any, latest: Any) -> Index:
    """Return the index of two rows of counts of the same bins; with one bin nothing can move.

    A bin that is empty on one side only would make it infinite: then half a case is added to every bin.
    """
    from scipy.stats import chi2

    counts = np.array([reference, latest], dtype=float)
    counts = counts[:, counts.sum(axis=0) > 0]
    scale = float((1 / counts.sum(axis=1)).sum())
    if counts.shape[1] < 2:
        return Index(0.0, counts.shape[1], np.nan, np.nan, 0)
    counts = counts + 0.5 if (counts == 0).any() else counts
    p, q = counts / counts.sum(axis=1, keepdims=True)
    parts = (q - p) * np.log(q / p)
    degrees, value = counts.shape[1] - 1, float(parts.sum())
    threshold = float(chi2.ppf(LEVEL, degrees) * scale)
    return Index(value, degrees + 1, threshold, float(chi2.sf(value / scale, degrees)), int(parts.argmax()))


def drift(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    reference: tuple[span.Day, span.Day] | None = None,
    latest: tuple[span.Day, span.Day] | None = None,
) -> pd.DataFrame:
    """Return one row for the score and each of its likely inputs: how far the latest hand-offs have moved.

    By default the reference is the span that the score is judged on (the latest mature three months), the
    latest all hand-offs since; spans are half-open. Columns: variable, is_score, n_reference, n_latest
    (known values; a missing category is a level of its own), n_bins (tenths of the reference, or levels;
    rare ones together), psi, threshold (chi-square, 5 %), times_threshold (psi / threshold), p_value,
    p_adjusted (Holm over the rows), is_shifted (p_adjusted < .05), level (that moved most) with
    share_reference and share_latest, reference_on, reference_end_on, latest_on, latest_end_on, state
    ("refused": fewer than 100 on a side), note, rule.
    """
    asked = rows.judged(con, stage=stage)
    if isinstance(asked, str):
        return rows.refused(COLUMNS, rows.REFUSED, asked, "")
    sides = _sides(con, asked, reference, latest)
    if sides is None:
        return rows.refused(
            COLUMNS, asked.state, str(asked.note), RULE.format(asked.start.title, "", "").strip()
        )
    frame = rows.with_inputs(con, asked, asked.rows[["handoff_id", "handed_on", "score"]])
    old, new = (frame[(frame["handed_on"] >= a) & (frame["handed_on"] < b)] for a, b in sides)
    found = pd.DataFrame([_row(name, old, new) for name in (*NUMBERS, *CATEGORIES)])
    found["p_adjusted"] = _holm(found["p_value"].to_numpy(dtype=float))
    known = found["p_adjusted"].notna()
    found["is_shifted"] = (found["p_adjusted"] < 1 - LEVEL).astype("boolean").where(known)
    names = ("reference_on", "reference_end_on", "latest_on", "latest_end_on")
    days = dict(zip(names, (day for side in sides for day in side), strict=True))
    rule = RULE.format(asked.start.title, *(span.words(*side) for side in sides))
    return found.assign(**days, rule=rule).reindex(columns=[*COLUMNS, "state", "note", "rule"])


def _sides(
    con: DuckDBPyConnection, asked: rows.Judged, reference: Any, latest: Any
) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...] | None:
    """Return both spans; None where there is no mature span to start from and none was asked for."""
    if reference is None and asked.end_on <= pd.Timestamp(span.NEVER):
        return None
    until = pd.Timestamp(term.context(con).today) + pd.Timedelta(days=1)
    old = _ends(reference or (asked.start_on, asked.end_on), until)
    return old, _ends(latest or (old[1], None), until)


def _ends(asked: tuple[span.Day, span.Day], until: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    first, last = (span.parsed(day) for day in asked)
    return pd.Timestamp(span.NEVER) if first is None else first, until if last is None else last


def _row(name: str, old: pd.DataFrame, new: pd.DataFrame) -> dict[str, Any]:
    """Return the index of one variable, or why it has none."""
    is_number = name in NUMBERS
    sides = [side[name].dropna() if is_number else side[name] for side in (old, new)]
    sizes = [int(side.notna().sum()) if not is_number else len(side) for side in sides]
    row: dict[str, Any] = {"variable": name, "is_score": name == "score"}
    row |= {"n_reference": sizes[0], "n_latest": sizes[1], "p_value": np.nan}
    if max(sizes) == 0:
        return row | {"state": "not in this source", "note": "no value is known at any hand-off"}
    if min(sizes) < rows.FEWEST:
        note = f"{min(sizes)} hand-offs of a side have a known value; at least {rows.FEWEST} are needed"
        return row | {"state": rows.REFUSED, "note": note}
    counts, labels = _bins(*sides) if is_number else _levels(*sides)
    found = psi(*counts)
    row |= {"n_bins": found.n_bins, "psi": found.psi, "threshold": found.threshold, "p_value": found.p_value}
    row |= {"times_threshold": found.psi / found.threshold, "state": rows.OK, "note": None}
    if found.n_bins < 2:
        return row | {"state": "undefined", "note": "it has the same value at every hand-off"}
    shares = counts[:, found.most] / counts.sum(axis=1)
    return row | {"level": labels[found.most], "share_reference": shares[0], "share_latest": shares[1]}


def _bins(old: Any, new: Any) -> tuple[NDArray[np.float64], list[str]]:
    """Count numbers in tenths of the reference; equal values are never parted."""
    old, new = (np.asarray(side, dtype=float) for side in (old, new))
    edges = np.unique(np.quantile(old, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    places = [np.searchsorted(edges, side, side="left") for side in (old, new)]
    counts = np.array([np.bincount(place, minlength=len(edges) + 1) for place in places], dtype=float)
    ends = [f"{edge:g}" for edge in edges]
    names = [f"up to {ends[0]}", *(f"over {a} to {b}" for a, b in pairwise(ends))]
    names, held = [*names, f"over {ends[-1]}"], counts.sum(axis=0) > 0
    return counts[:, held], [name for name, one in zip(names, held, strict=True) if one]


def _levels(old: pd.Series, new: pd.Series) -> tuple[NDArray[np.float64], list[str]]:
    """Count levels; those that the smaller side would expect fewer than five of are counted together."""
    texts = [side.astype("object").where(side.notna(), MISSING).astype(str) for side in (old, new)]
    table = pd.concat([side.value_counts() for side in texts], axis=1).fillna(0.0).sort_index()
    sizes = table.sum(axis=0)
    rare = table.sum(axis=1) / sizes.sum() * sizes.min() < LEAST_EXPECTED
    kept = table[~rare]
    if rare.any():
        kept = pd.concat([kept, table[rare].sum().to_frame(OTHER).T])
    return kept.to_numpy(dtype=float).T, [str(name) for name in kept.index]


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    from statsmodels.stats.multitest import multipletests

    known = ~np.isnan(p)
    adjusted = np.full(len(p), np.nan)
    if known.any():
        adjusted[known] = multipletests(p[known], method="holm")[1]
    return adjusted
