"""The verdict in words: three sentences and the assumptions, the same for either team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from funnel import number

ORDINARY_Z = 1.6448536269514722
HALVED = 0.5


def answer(parts: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return causes named, ordinary variation, not enough evidence, or not judged.

    Ordinary variation: nothing is named, the gap is no larger than nine of ten ordinary batches of this size
    show, and a batch of this size would have shown a halving.
    """
    if (parts["state"] == "not judged").all():
        return "not judged"
    if (parts["state"] == "named").any():
        return "causes named"
    usual = abs(facts["gap"]) <= ORDINARY_Z * facts["ordinary_deviation"]
    could_tell = facts["smallest_detectable"] <= HALVED * facts["baseline_rate"]
    return "ordinary variation" if usual and could_tell else "not enough evidence"


def sentences(
    parts: pd.DataFrame, facts: dict[str, Any], given: str, why_not: str | None
) -> tuple[str, str, str]:
    """Return what was found, what is shown, and what is not; one sentence each."""
    if why_not is not None:
        told = f"No cause can be judged: {why_not}."
        return _found(facts), told, "So nothing is said here against either team, nor for one."
    return _found(facts), _shown(parts, facts, given), _not_shown(parts, given)


def assumptions(parts: pd.DataFrame, facts: dict[str, Any]) -> tuple[str, ...]:
    """Return what the verdict rests on: reasons that nobody recorded first, with their E-value."""
    notes = dict.fromkeys(note for note in parts["note"] if note)
    return (_unrecorded(parts, facts), _order(), _unknown(facts), *notes)


def outcome_word(outcome: str) -> str:
    """Return a stage as a sentence says it: SQL, won."""
    return outcome.upper() if len(outcome) <= 3 and outcome != "won" else outcome


def _found(facts: dict[str, Any]) -> str:
    known, base = facts["n_known"], facts["n_baseline"]
    by = f"{outcome_word(facts['outcome'])} within {facts['horizon_days']:g} days"
    seen = number.rate_with_interval(
        facts["observed_rate"], facts["observed_low"], facts["observed_high"], known
    )
    if not known:
        return f"Of {number.count(facts['n'])} hand-offs none has a known outcome ({by})."
    handed = f"{number.count(known)} {'hand-off' if known == 1 else 'hand-offs'}"
    start = f"Of {handed} {number.count(facts['n_converted'])} reached {by}: {seen}"
    if not base:
        return f"{start}."
    rate, gap = number.rate(facts["baseline_rate"], base), _points(facts["gap"])
    return (
        f"{start}, compared with {rate} of the baseline ({number.count(base)} hand-offs in "
        f"{number.count(facts['n_batches'])} {'batch' if facts['n_batches'] == 1 else 'batches'}): {gap}."
    )


def _shown(parts: pd.DataFrame, facts: dict[str, Any], given: str) -> str:
    named = _listed(parts, "named")
    if named:
        return f"Shown to have lowered it: {_joined(named)}."
    if given == "ordinary variation":
        reach = ORDINARY_Z * facts["ordinary_deviation"]
        return (
            "No cause is shown: ordinary variation, for nine of ten batches of this size and kind lie within "
            f"{_points(reach).lstrip('+')} of what is expected of them."
        )
    smallest = _points(-facts["smallest_detectable"])
    return (
        "No cause is shown: there is not enough evidence, for a batch of this size and kind would show a "
        f"shortfall reliably from {smallest} on."
    )


def _not_shown(parts: pd.DataFrame, given: str) -> str:
    causes = parts[parts["part"] != "chance"]
    open_, out, unknown = (_listed(causes, one) for one in ("neither", "excluded", "not judged"))
    told = [
        f"{words} {_joined(found)}"
        for words, found in (
            ("neither shown nor excluded:", open_),
            ("excluded:", out),
            ("cannot be judged here:", unknown),
        )
        if found
    ]
    start = "What is shown clears nothing else" if given == "causes named" else "Cause by cause"
    return f"{start}; {'; '.join(told)}." if told else f"{start}, and nothing else was left to judge."


def _listed(parts: pd.DataFrame, wanted: str) -> list[str]:
    chosen = parts[parts["state"] == wanted].sort_values(["estimate", "part"], kind="stable")
    return [_one(row) for row in chosen.to_dict("records")]


def _one(row: Mapping[Any, Any]) -> str:
    side = "" if number.is_null(row["side"]) else f"{row['side']} side"
    if row["state"] == "not judged":
        return f"{row['title']} ({side})" if side else str(row["title"])
    about = (
        f"{_points(row['estimate'])}, {_points(row['low'], unit=False)} to {_points(row['high'], unit=False)}"
    )
    return f"{row['title']} ({about}{', ' if side else ''}{side})"


def _unrecorded(parts: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return the assumption with its E-values, the stronger part first, whichever team's it is."""
    start = "No reason that nobody recorded lies behind both what was sent or done and whether it converted"
    judged = parts[parts["state"] != "not judged"].set_index("part")["title"].to_dict()
    found = [
        (facts[f"e_value{name}"], facts[f"e_value{name}_low"], judged[part])
        for name, part in (("", "follow_up"), ("_quality", "quality"))
        if part in judged and not number.is_null(facts[f"e_value{name}"])
    ]
    if not found:
        return f"{start}."
    told = [
        f"{title} {value:.1f} ({low:.1f} for its interval)"
        for value, low, title in sorted(found, reverse=True)
    ]
    return (
        f"{start}: to explain a part away, such a reason would have to be tied to it and to conversion by "
        f"factors of at least: {', '.join(told)} (E-value; near 1, little would do)."
    )


def _order() -> str:
    return (
        "The parts are taken in the order of events: delivered, worked, waited for, converted; each is what "
        "it adds to those before it."
    )


def _unknown(facts: dict[str, Any]) -> str:
    if not facts["n_unknown_outcome"]:
        return "Every hand-off of the batch has a known outcome."
    return (
        f"{number.count(facts['n_unknown_outcome'])} of {number.count(facts['n'])} hand-offs are left out, "
        "for it is not known when they converted or how old they are; they are taken to be like the others."
    )


def _points(difference: Any, *, unit: bool = True) -> str:
    """Return a difference in points with the decimal that a small one needs."""
    if number.is_null(difference):
        return number.DASH
    value = 100 * float(difference)
    text = f"{value:+.1f}" if abs(value) < 10 else f"{value:+.0f}"
    text = "0" if float(text) == 0 else text.replace("-", number.MINUS)
    return f"{text}{number.GAP}pts" if unit else text


def _joined(items: Iterable[str]) -> str:
    listed = list(items)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
