"""What is seen in the pictures of the lead score, as sentences and hover texts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from funnel import number
from funnel.charts import form, theme

VARIABLES = {
    "score": "score",
    "employees": "company size",
    "n_engagements": "engagements before",
    "days_before": "days from first sight",
    "completeness": "completeness",
    "pass": "pass",
    "lead_type": "lead type",
    "is_duplicate": "duplicate",
}


def refusal(rows: list[dict[str, Any]]) -> str:
    """Return why a table is a refusal, as a sentence; "" where it is none."""
    if not rows:
        return "Nothing was handed over."
    row = rows[0]
    if len(rows) > 1 or row["state"] == "ok":
        return ""
    return f"Not judged: {row['note']}." if has(row, "note") else "Not judged."


def has(row: dict[str, Any], name: str) -> bool:
    """Say whether a row has a value of that name."""
    return not number.is_null(row.get(name))


def auc(value: Any, digits: int = 2) -> str:
    """Return an area without its leading zero: ".61"."""
    if number.is_null(value):
        return number.DASH
    sign = number.MINUS if round(float(value), digits) < 0 else ""
    return sign + f"{abs(float(value)):.{digits}f}".removeprefix("0")


def auc_with(value: Any, low: Any, high: Any) -> str:
    """Return an area with its interval: ".61 (.57–.65)"."""
    ends = "" if number.is_null(low) else f" ({auc(low)}{number.DASH}{auc(high)})"
    return auc(value) + ends


def told_apart(rows: list[dict[str, Any]]) -> str:
    """Return what is seen of the discrimination."""
    if refusal(rows):
        return ""
    whole, inside = rows[0], rows[1]
    said = f"Overall {auc_with(whole['auc'], whole['low'], whole['high'])}"
    if not has(inside, "auc"):
        return f"{said}; within follow-up class it cannot be told: {inside['note']}."
    same = auc_with(inside["auc"], inside["low"], inside["high"])
    word = "is shown" if has(inside, "low") and float(inside["low"]) > 0.5 else "is not shown"
    return f"Among leads worked alike the score ranks with AUC {same}: better than chance {word}. {said}."


def compared(rows: list[dict[str, Any]]) -> str:
    """Return what is seen of both scores."""
    if refusal(rows):
        return ""
    crm, other = rows
    if not has(other, "difference"):
        return f"AUC of the CRM score {auc(crm['auc'])}, of the reference {auc(other['auc'])}."
    low, high = float(other["difference_low"]), float(other["difference_high"])
    word = (
        "not shown to differ"
        if low <= 0 <= high
        else "the reference ranks better"
        if low > 0
        else "the CRM score ranks better"
    )
    ends = f"{auc(low)} to {auc(high)}"
    return (
        f"Within follow-up class: CRM score {auc(crm['auc_within'])}, reference {auc(other['auc_within'])}; "
        f"difference {auc(other['difference'])} ({ends}): {word}."
    )


def kept(rows: list[dict[str, Any]]) -> str:
    """Return what is seen of the calibration."""
    if refusal(rows):
        return ""
    n = sum(int(row["n"]) for row in rows)
    rate = sum(int(row["n_converted"]) for row in rows) / n
    if not has(rows[0], "expected"):
        return f"{number.rate(rate, n)} of {number.count(n)} hand-offs converted; {rows[0]['note']}."
    expected = sum(float(row["expected"]) * int(row["n"]) for row in rows) / n
    off = sum(not float(row["low"]) <= float(row["expected"]) <= float(row["high"]) for row in rows)
    return (
        f"Expected {number.rate(expected, n)}, observed {number.rate(rate, n)} of {number.count(n)} "
        f"hand-offs; in {off} of {len(rows)} bands the expected share lies outside the interval."
    )


def gained(rows: list[dict[str, Any]]) -> str:
    """Return what is seen of the cumulative gains."""
    if refusal(rows):
        return ""
    row = min(rows, key=lambda one: abs(float(one["share_above"]) - 0.3))
    n = rows[-1]["n_above"]
    gain = number.rate_with_interval(row["gain"], row["gain_low"], row["gain_high"])
    return (
        f"The {number.rate(row['share_above'])} of {number.count(n)} hand-offs with the highest scores hold "
        f"{gain} of the conversions."
    )


def threshold(rows: list[dict[str, Any]]) -> str:
    """Return which threshold meets the target."""
    if refusal(rows):
        return ""
    if not has(rows[0], "target") or not any(row["is_lowest"] for row in rows):
        said = str(rows[0]["note"])
        return f"{said[:1].upper()}{said[1:]}."
    goal = number.rate(rows[0]["target"])
    row = next(one for one in rows if one["is_lowest"])
    shown = next((one for one in rows if one["is_lowest_shown"]), None)
    first = f"at or above {row['threshold']:g}" if row is not rows[0] else "without any threshold"
    said = f"{goal} is met {first}: {share(row)} of {number.count(row['n'])}"
    if shown is None:
        return f"{said}; at no threshold does the whole interval meet it."
    if shown is row:
        return f"{said}, its whole interval."
    kept = number.rate(shown["kept"])
    return (
        f"{said}; from {shown['threshold']:g} on the whole interval meets it, with {kept} of the conversions "
        "kept."
    )


def moved(table: pd.DataFrame, rows: list[dict[str, Any]]) -> str:
    """Return what has drifted."""
    if not rows:
        notes = [str(note) for note in table["note"].dropna().unique()] if "note" in table else []
        return f"Drift is not judged: {notes[0]}." if notes else "Drift is not judged."
    score = next((row for row in rows if row["is_score"]), None)
    moved = [row for row in rows if row["is_shifted"] == 1 and not row["is_score"]]
    word = "not judged" if score is None else "shown" if score["is_shifted"] == 1 else "not shown"
    own = f"Drift of the score itself is {word}"
    if not moved:
        return f"{own}; none of {len(rows)} variables has moved more than chance explains."
    most = max(moved, key=lambda row: float(row["times_threshold"]))
    shares = f"{number.rate(most['share_reference'])} to {number.rate(most['share_latest'])}"
    names = ", ".join(named(row["variable"]) for row in moved)
    return (
        f"{own}; moved: {names}. Most: {named(most['variable'])}, {form.named(most['level'])} from {shares}."
    )


def carried(rows: list[dict[str, Any]]) -> str:
    """Return which inputs carry the reference score."""
    held = [row for row in rows if float(row["drop_low"]) > 0]
    names = ", ".join(named(row["variable"]) for row in held[:4])
    most = f"Most is carried by {names}" if held else "No single input carries much"
    return f"{most}; AUC with all inputs {auc(rows[0]['auc'])}."


def named(variable: Any) -> str:
    """Return the name of an input in words."""
    return VARIABLES.get(str(variable), str(variable))


def share(row: dict[str, Any]) -> str:
    """Return a rate with its interval."""
    return number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])


def promised(label: str, row: dict[str, Any]) -> str:
    """Return the hover text of a band of scores."""
    expected = f"<br>expected {number.rate(row['expected'], row['n'])}" if has(row, "expected") else ""
    return f"score {theme.safe(label)}<br>observed {share(row)}{expected}<br>n = {number.count(row['n'])}"


def held(row: dict[str, Any]) -> str:
    """Return the hover text of a tenth of the scores."""
    gain = number.rate_with_interval(row["gain"], row["gain_low"], row["gain_high"])
    return (
        f"scores from {row['score_low']:g}: {number.rate(row['share_above'])} of the hand-offs<br>"
        f"{gain} of the conversions<br>lift of this tenth {float(row['lift']):.2f}"
    )


def cut(row: dict[str, Any]) -> str:
    """Return the hover text of a threshold."""
    kept = number.rate_with_interval(row["kept"], row["kept_low"], row["kept_high"])
    return (
        f"from {row['threshold']:g}: {number.count(row['n'])} hand-offs, "
        f"{float(row['per_week']):.0f} a week<br>converted {share(row)}<br>conversions kept {kept}"
    )


def moving(label: str, row: dict[str, Any]) -> str:
    """Return the hover text of a variable that may have moved."""
    shares = f"{number.rate(row['share_reference'])} to {number.rate(row['share_latest'])}"
    return (
        f"{theme.safe(label)}<br>PSI {float(row['psi']):.3f}, threshold {float(row['threshold']):.3f}<br>"
        f"{theme.safe(form.named(row['level']))}: {shares}"
    )
