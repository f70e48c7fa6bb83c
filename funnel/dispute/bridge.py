"""From the baseline to the batch: the bars of the bridge, and the chain of expected rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from funnel.dispute.parts import Weighed


def bridge(parts: pd.DataFrame, facts: dict[str, Any]) -> pd.DataFrame:
    """Return the bars from the baseline over the judged parts to the observed rate."""
    judged = parts[parts["estimate"].notna()]
    base, seen = facts["baseline_rate"], facts["observed_rate"]
    rows = [_bar("baseline", "baseline", "total", base, facts["baseline_low"], facts["baseline_high"], 0.0)]
    end = base
    for row in judged.to_dict("records"):
        rows.append(_bar(row["part"], row["title"], "part", row["estimate"], row["low"], row["high"], end))
        end = end + row["estimate"]
    rows.append(
        _bar("observed", "observed", "total", seen, facts["observed_low"], facts["observed_high"], 0.0)
    )
    return pd.DataFrame([{"position": place, **row} for place, row in enumerate(rows)])


def steps(weighed: Weighed, facts: dict[str, Any]) -> pd.DataFrame:
    """Return the chain: name, value, and what it is."""
    values = weighed.chain.values if weighed.chain else {}
    what = {
        "e0": "rate of the baseline",
        "e2": "expected of leads like the batch's, worked as such leads usually are",
        "e3": "expected of them, worked as they were",
        "e4": "expected of them by now, at their age",
    }
    rows = [
        {"step": name.upper(), "value": values.get(name, np.nan), "what": text} for name, text in what.items()
    ]
    rows.append({"step": "observed", "value": facts["observed_rate"], "what": "rate of the batch"})
    return pd.DataFrame(rows)


def _bar(
    name: str, title: str, kind: str, value: float, low: float, high: float, start: float
) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "kind": kind,
        "value": value,
        "low": low,
        "high": high,
        "start": start,
        "end": start + value,
    }
