"""What the pages of an audit show: small tables read off its record, each with its rule in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from funnel import number, stats
from funnel.dispute.record import Audit

HOURS = 80
"""How many business hours after the hand-off the first touch is followed."""
LEVEL, WIDER = 0.9, " 95 % Wilson interval."
BATCH, BASELINE = "this batch", "baseline"
BRIDGE_RULE = (
    "Parts in the order of events: delivered, worked, waited for, converted. Named: at least 95 % probable "
    "that the part cost more than 5 % of the baseline rate; excluded: less than 5 % probable; neither: these "
    "leads do not tell."
)
TOUCH_RULE = (
    "Hand-offs with a first human touch by so many business hours, of all hand-offs at least as old as the "
    "landmark; touches after the landmark, the outcome or the exit do not count."
)
CLAUSE_RULE = (
    "Clauses of the definition in force at each hand-off, judged by the value as of then; the rate is the "
    "share failed of the hand-offs whose value is known."
)
CONTRADICTION_RULE = (
    "Leads of the batch whose record says two things that do not go together; "
    "a lead may count more than once."
)
COMPARED = [
    *("title", "is_batch", "is_used", "n", "n_batches", "n_converted", "rate", "low_90", "high_90"),
    *("why_not", "rule"),
]


def asked(audit: Audit) -> pd.DataFrame:
    """Return what was asked, one row per item: item, title, value (text)."""
    given, facts = audit.asked, audit.facts
    rows = (
        ("batch", "Batch", given.batch.title),
        ("n", "Hand-offs", number.count(facts["n"])),
        ("stage", "Handed into", given.stage),
        ("outcome", "Outcome", f"{given.outcome} within {given.horizon_days:g} days of the hand-off"),
        ("baseline", "Held against", _baseline(audit)),
        ("landmark", "Follow-up counted for", f"{given.landmark_days:g} days"),
        ("seed", "Seed", str(given.seed)),
        ("answer", "Answer", audit.answer),
        ("left_out", "Left out", number.count(len(audit.left_out))),
    )
    return pd.DataFrame(rows, columns=["item", "title", "value"])


def sentences(audit: Audit) -> pd.DataFrame:
    """Return the verdict, one row per sentence: sentence."""
    return pd.DataFrame({"sentence": list(audit.sentences)})


def assumptions(audit: Audit) -> pd.DataFrame:
    """Return what the verdict rests on, one row per sentence, unrecorded reasons first: sentence.

    Each is said once. Of a list of lead ids the last one says how it was picked.
    """
    picked = [audit.selection.sentence] if audit.selection is not None else []
    return pd.DataFrame({"sentence": list(dict.fromkeys([*audit.assumptions, *picked]))})


def bridge(audit: Audit) -> pd.DataFrame:
    """Return the bars from the baseline over all six parts to the batch, one row each.

    Columns: position, part, title, is_total, n, begin, rate (where the bar ends), end_low and
    end_high (totals, 90 %), points, low_points, high_points (parts, 90 %, shares of 1; null where not
    judged), unshrunk_points (quality), p_harm, state (named, excluded, neither, not judged), note, rule.
    """
    bars = {row["name"]: row for row in _records(audit.bridge)}
    first, last = bars["baseline"], bars["observed"]
    rows, at = [_total(first, "Baseline", audit.facts["n_baseline"])], first["value"]
    for part in _records(audit.parts):
        begin, at = at, at + (0.0 if number.is_null(part["estimate"]) else part["estimate"])
        rows.append(_part(part, begin, at, audit.facts["n_known"]))
    rows.append(_total(last, "This batch", audit.facts["n_known"]))
    placed = pd.DataFrame([{"position": place, **row} for place, row in enumerate(rows)])
    return placed.assign(rule=BRIDGE_RULE)


def steps(audit: Audit) -> pd.DataFrame:
    """Return the chain of expected rates, one row per step: what, step, rate."""
    return audit.steps.rename(columns={"value": "rate"})[["what", "step", "rate"]]


def comparisons(audit: Audit) -> pd.DataFrame:
    """Return the batch and each baseline that it can be held against, one row each.

    Columns: title, is_batch, is_used, n (with a known outcome), n_batches, n_converted, rate, low_90,
    high_90 (Wilson, 90 %, as in the verdict), why_not, rule.
    """
    facts = audit.facts
    own: dict[str, Any] = {"title": "This batch", "is_batch": True, "is_used": False, "n": facts["n_known"]}
    own |= {"n_batches": 1, "n_converted": facts["n_converted"], "why_not": None}
    others = audit.comparisons.assign(is_batch=False, n=audit.comparisons["n_known"])
    rows = pd.DataFrame([own, *_records(others)])
    low, high = stats.wilson(rows["n_converted"], rows["n"], level=LEVEL)
    rate = stats.rate(rows["n_converted"], rows["n"])
    rule = str(others["rule"].iloc[0]).removesuffix(WIDER) if len(others) else ""
    table = rows.assign(
        rate=rate, low_90=low, high_90=high, rule=f"{rule} Line: 90 % Wilson interval.".lstrip()
    )
    return table[COMPARED].where(table[COMPARED].notna(), None)


def first_touch(audit: Audit) -> pd.DataFrame:
    """Return the share first touched by each business hour, one row per group and hour.

    Columns: group (this batch, baseline), age_hours (0 to 80), n (hand-offs watched until the landmark),
    n_touched (by then), n_untouched (at the landmark), rate, low, high, rule. No rows for a group without a
    hand-off that old, or whose source records no touches.
    """
    frame = audit.population
    is_old = frame["age_days"] >= audit.asked.landmark_days
    watched = frame[is_old & frame["is_followed"].fillna(False).astype(bool)]
    is_batch = watched["in_batch"].astype(bool)
    groups = ((BATCH, watched[is_batch]), (BASELINE, watched[~is_batch]))
    found = [_touched(name, rows["touch_hours"]) for name, rows in groups if len(rows)]
    columns = ["group", "age_hours", "n", "n_touched", "n_untouched", "rate", "low", "high"]
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return whole[columns].assign(rule=TOUCH_RULE)


def clauses(audit: Audit) -> pd.DataFrame:
    """Return how often each clause of the definition was failed, most often first, one row per clause.

    The whole definition comes first, for the batch and for the baseline. Columns: title, is_whole, is_batch,
    n (known), n_failed, n_unknown, rate (failed of known), low, high, rule.
    """
    frame = audit.population
    is_batch = frame["in_batch"].astype(bool)
    groups = (("Definition, this batch", True), ("Definition, baseline", False))
    rows = [_failed(title, frame.loc[is_batch == own, "met_definition"]) for title, own in groups]
    groups_of = audit.clauses.groupby(["clause", "clause_id"], sort=True)["passed"]
    each = _with_rate([_failed(str(name[0]), passed) for name, passed in groups_of])
    each = each.sort_values(["rate", "title"], ascending=[False, True], kind="stable")
    table = pd.concat([_with_rate(rows, is_whole=True), each], ignore_index=True)
    return table.assign(is_batch=[own for _, own in groups] + [True] * len(each), rule=CLAUSE_RULE)


def contradictions(audit: Audit) -> pd.DataFrame:
    """Return how many leads of the batch show each contradiction, most first, one row each.

    Columns: title, n (leads), n_of (all leads of the batch), rate, low, high, rule.
    """
    leads = audit.contradictions.drop_duplicates(["handoff_id", "contradiction"])
    counted = leads.groupby("title", sort=True).size().rename("n").reset_index().assign(n_of=len(audit.leads))
    ordered = counted.sort_values(["n", "title"], ascending=[False, True], kind="stable")
    return stats.with_rate(ordered.reset_index(drop=True), "n", "n_of").assign(rule=CONTRADICTION_RULE)


def left_out(audit: Audit) -> pd.DataFrame:
    """Return how many leads that were asked for are not judged, by reason, most first: why, n."""
    counted = audit.left_out.groupby("why", sort=True).size().rename("n").reset_index()
    return counted.sort_values(["n", "why"], ascending=[False, True], kind="stable").reset_index(drop=True)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _baseline(audit: Audit) -> str:
    used = audit.comparisons[audit.comparisons["is_used"].astype(bool)]
    title = str(used["title"].iloc[0]) if len(used) else audit.asked.baseline
    n, groups = audit.facts["n_baseline"], audit.facts["n_batches"]
    unit = "batch" if groups == 1 else "batches"
    return f"{title}: {number.count(n)} hand-offs in {number.count(groups)} {unit}"


def _total(bar: dict[str, Any], title: str, n: int) -> dict[str, Any]:
    about = {"part": bar["name"], "title": title, "is_total": True, "n": n}
    return {**about, "begin": 0.0, "rate": bar["value"], "end_low": bar["low"], "end_high": bar["high"]}


def _part(part: dict[str, Any], begin: float, end: float, n: int) -> dict[str, Any]:
    values = {"points": part["estimate"], "low_points": part["low"], "high_points": part["high"]}
    told = {"unshrunk_points": part["unshrunk"], **{name: part[name] for name in ("p_harm", "state", "note")}}
    title = str(part["title"])
    about = {"part": part["part"], "title": title[:1].upper() + title[1:], "is_total": False, "n": n}
    return {**about, "begin": begin, "rate": end, **values, **told}


def _touched(name: str, hours: Iterable[Any]) -> pd.DataFrame:
    given = pd.to_numeric(pd.Series(hours), errors="coerce")
    known, ages = np.sort(given.dropna().to_numpy(dtype="float64")), np.arange(HOURS + 1)
    rows = {"age_hours": ages.astype(float), "n": len(given), "n_untouched": len(given) - len(known)}
    frame = pd.DataFrame(rows).assign(group=name, n_touched=np.searchsorted(known, ages, side="right"))
    return stats.with_rate(frame, "n_touched", "n")


def _failed(title: str, passed: pd.Series[Any]) -> dict[str, Any]:
    known = passed.dropna().astype(bool)
    failed, unknown = int((~known).sum()), int(passed.isna().sum())
    return {"title": title, "n": len(known), "n_failed": failed, "n_unknown": unknown}


def _with_rate(rows: list[dict[str, Any]], *, is_whole: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["title", "n", "n_failed", "n_unknown"])
    return stats.with_rate(frame.assign(is_whole=is_whole), "n_failed", "n")
