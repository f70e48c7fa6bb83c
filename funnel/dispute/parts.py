"""The parts of a verdict and their states, and the facts about batch and baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel import stats
from funnel.dispute.chain import Chain
from funnel.dispute.evalue import e_value, e_value_of_limit
from funnel.dispute.sample import Sample
from funnel.dispute.uncertainty import Drawn

TITLES = {
    "definition": "definition",
    "mix": "mix",
    "follow_up": "follow-up",
    "immaturity": "immaturity",
    "quality": "quality",
    "chance": "chance",
}
GIVER, RECEIVER = 0, 1
SIDES = {"definition": GIVER, "mix": GIVER, "follow_up": RECEIVER, "quality": GIVER}
UNTOLD, HANDLED = "quality or follow-up", "quality or handling"
OF_ONE = (
    "The batch is what one owner was given: what is left may lie in the leads or in how they were handled."
)
MATTERS = 0.05
SHOWN, EXCLUDED = 0.95, 0.05
WIDE_SHOWN = 0.5
LEVEL = 0.9
DETECTED_Z = 1.6448536269514722 + 0.8416212335729143  # 5 % one-sided, 80 % power


@dataclass(frozen=True)
class Weighed:
    """What the estimator found, or why it could not."""

    chain: Chain | None = None
    drawn: Drawn | None = None
    quality: float = 0.0
    wide: float = 0.0
    unshrunk: float = np.nan
    tau: float = np.nan
    deviation: float = np.nan
    why_not: str | None = None


def table(
    weighed: Weighed, baseline: Sample, batch: Sample, *, teams: tuple[str, str], of_one_owner: bool
) -> pd.DataFrame:
    """Return the six parts; see `Judged`.

    What is left is quality, and the giving team's, only where the other team's work is in the parts before:
    not where follow-up is not judged, nor where the batch is one owner's.
    """
    notes = _not_judged(weighed, baseline, batch)
    estimates = _estimates(weighed, notes)
    rows = []
    for part, title in TITLES.items():
        row = {"part": part, "title": title, "side": teams[SIDES[part]] if part in SIDES else None}
        row |= _weighed(part, weighed, estimates[part]) if part not in notes else _unknown(notes[part])
        rows.append(row)
    frame = pd.DataFrame(rows)
    left = frame["part"] == "quality"
    if "quality" not in notes and (of_one_owner or "follow_up" in notes):
        title = UNTOLD if "follow_up" in notes else HANDLED
        frame.loc[left, ["title", "side", "note"]] = [title, None, OF_ONE if of_one_owner else None]
    return frame.assign(note=frame["note"].astype(object).where(frame["note"].notna(), None))


def state(p_harm: float, *, wide: float = 1.0) -> str:
    """Return what a probability of harm allows to say: named, excluded or neither."""
    if p_harm >= SHOWN and wide >= WIDE_SHOWN:
        return "named"
    return "excluded" if p_harm < EXCLUDED else "neither"


def figures(weighed: Weighed, baseline: Sample, batch: Sample) -> dict[str, Any]:
    """Return the facts of a verdict by name; a rate that is not known is null."""
    n, converted = len(batch), int(batch.y.sum())
    values = weighed.chain.values if weighed.chain else {}
    low, high = stats.wilson([converted], [n], level=LEVEL)
    base_low, base_high = stats.wilson([baseline.y.sum()], [len(baseline)], level=LEVEL)
    base = values.get("e0", float(baseline.y.mean()) if len(baseline) else np.nan)
    observed = converted / n if n else np.nan
    return {
        "n": n + batch.n_unknown,
        "n_known": n,
        "n_converted": converted,
        "n_unknown_outcome": batch.n_unknown,
        "n_immature": int(batch.is_young.sum()),
        "n_not_yet": weighed.chain.n_not_yet if weighed.chain else 0,
        "observed_rate": observed,
        "observed_low": float(low[0]),
        "observed_high": float(high[0]),
        "baseline_rate": base,
        "baseline_low": float(base_low[0]),
        "baseline_high": float(base_high[0]),
        "expected_rate": values.get("e4", np.nan),
        "gap": observed - base,
        "n_baseline": len(baseline),
        "n_batches": baseline.n_groups,
        "n_baseline_unknown": baseline.n_unknown,
        "own_cause": weighed.wide,
        "tau": weighed.tau,
        "ordinary_deviation": weighed.deviation,
        "smallest_detectable": DETECTED_Z * weighed.deviation,
        **_e_values(weighed),
    }


def _e_values(weighed: Weighed) -> dict[str, float]:
    """Return the E-values of follow-up, and of quality: an unrecorded reason may hide behind either."""
    names = ("e_value", "e_value_low", "e_value_quality", "e_value_quality_low")
    if weighed.chain is None or weighed.drawn is None:
        return dict.fromkeys(names, np.nan)
    values, parts = weighed.chain.values, weighed.drawn.parts
    estimates = (values["e3"] - values["e2"], weighed.quality)
    found = []
    for base, name, estimate in zip(
        (values["e2"], values["e4"]), ("follow_up", "quality"), estimates, strict=True
    ):
        low, high = _interval(parts[name])
        ratios = [max(1 + one / base, 0.0) if base else np.nan for one in (estimate, low, high)]
        found += [e_value(ratios[0]), e_value_of_limit(ratios[1], ratios[2])]
    return dict(zip(names, found, strict=True))


def _not_judged(weighed: Weighed, baseline: Sample, batch: Sample) -> dict[str, str]:
    if weighed.why_not is not None:
        return dict.fromkeys(TITLES, f"Not judged: {weighed.why_not}.")
    found = {
        "definition": _no_definition(baseline, batch),
        "follow_up": _no_follow_up(weighed, baseline, batch),
    }
    if baseline.n_groups < 2:
        found["quality"] = (
            "The baseline is one batch, so how far batches differ anyway is not known; chance holds the rest."
        )
    return {part: note for part, note in found.items() if note}


def _no_definition(baseline: Sample, batch: Sample) -> str | None:
    if not (batch.is_defined.any() and baseline.is_defined.any()):
        return "Whether leads met the definition is not known; what it would hold is in the mix."
    if batch.is_invalid.any() and not baseline.is_invalid.any():
        return (
            "No lead of the baseline failed the definition, so what such leads convert at is not known; "
            "what it would hold is in quality and chance."
        )
    return None


def _no_follow_up(weighed: Weighed, baseline: Sample, batch: Sample) -> str | None:
    rest = "what it would hold is in quality and chance."
    if not batch.is_followed.any():
        return f"The batch's source records no follow-up; {rest}"
    if weighed.chain is None or weighed.chain.follow_up is None:
        return f"The baseline's source records no follow-up; {rest}"
    if weighed.chain.n_not_yet == len(batch):
        return f"No lead of the batch is old enough to say how it was worked; {rest}"
    return None


def _estimates(weighed: Weighed, notes: dict[str, str]) -> dict[str, float]:
    """Return the estimates; what a part that is not judged would hold goes where its note says."""
    if weighed.chain is None:
        return dict.fromkeys(TITLES, np.nan)
    v = weighed.chain.values
    has = "definition" not in notes
    definition = (v["w_batch"] - v["w_base"]) * (v["mu_invalid"] - v["mu_valid"]) if has else 0.0
    found = {
        "definition": float(np.nan_to_num(definition)),
        "mix": v["e2"] - v["e0"] - float(np.nan_to_num(definition)),
        "follow_up": v["e3"] - v["e2"],
        "immaturity": v["e4"] - v["e3"],
        "quality": weighed.quality,
    }
    return found | {"chance": v["observed"] - v["e4"] - weighed.quality}


def _weighed(part: str, weighed: Weighed, estimate: float) -> dict[str, Any]:
    if weighed.drawn is None or weighed.chain is None:
        raise ValueError("nothing was drawn")
    draws = weighed.drawn.parts[part]
    weighty = weighed.drawn.matured if part == "quality" else draws
    line = MATTERS * weighed.chain.values["e0"]
    low, high = _interval(draws)
    harm = float((weighty < -line).mean())
    found = state(harm, wide=weighed.wide if part == "quality" else 1.0)
    return {
        "estimate": estimate,
        "low": min(low, estimate),
        "high": max(high, estimate),
        "p_harm": harm,
        "p_help": float((weighty > line).mean()),
        "state": "neither" if part == "chance" and found == "named" else found,
        "unshrunk": weighed.unshrunk if part == "quality" else np.nan,
        "note": None,
    }


def _unknown(note: str) -> dict[str, Any]:
    columns = ("estimate", "low", "high", "p_harm", "p_help", "unshrunk")
    return {**dict.fromkeys(columns, np.nan), "state": "not judged", "note": note}


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
