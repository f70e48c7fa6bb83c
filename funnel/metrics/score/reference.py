"""A reference score beside the CRM's own: learned from earlier hand-offs, judged on the same later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import span
from funnel.metrics.once import once
from funnel.metrics.score import learn, odds, order, rank, rows

CRM, REFERENCE = "CRM score", "reference score"
COLUMNS = [
    *("score", "n", "n_converted", "n_train", "n_train_converted", "auc", "auc_low", "auc_high"),
    *("auc_within", "within_low", "within_high", "difference", "difference_low", "difference_high"),
    *("brier", "brier_low", "brier_high", "skill", "skill_low", "skill_high"),
    *("slope", "slope_low", "slope_high", "intercept", "intercept_low", "intercept_high"),
    *("lift", "lift_low", "lift_high"),
]
INPUTS = ["variable", "drop", "drop_low", "drop_high", "n", "n_missing", "auc"]
LEADS = [
    *("handoff_id", "record_key", "handed_on", "part", "score", "score_evidence", "follow_up", "is_mature"),
    *("converted", "reference", "note"),
]
RULE = (
    "{} The reference score is learned by logistic regression from hand-offs whose window was over before "
    "the first of these was made, from what was known at the hand-off, without the CRM's score."
)
DROP_RULE = (
    "{} Drop: by how much the AUC within follow-up class falls when the values of one input are shuffled "
    "(mean, least and most of ten shuffles); inputs that tell the same stand in for each other."
)


@dataclass(frozen=True)
class Learned:
    """A reference score: what it was learned from and judged on, and its probabilities there."""

    asked: rows.Judged
    train: pd.DataFrame
    test: pd.DataFrame
    model: Any
    p: Any


def compared(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return two rows, the CRM's score and a reference score, judged on the same hand-offs.

    Columns: score, n, n_converted, n_train, n_train_converted (hand-offs learned from), auc with auc_low and
    auc_high, auc_within (follow-up class) with within_low and within_high, difference (reference - CRM of
    auc_within; DeLong, paired) with difference_low and difference_high, brier, skill, slope, intercept with
    their ends (see `accuracy`; the CRM's score refitted on the same earlier hand-offs unless it is a
    probability), lift (of the highest tenth) with lift_low and lift_high, state, note, rule.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    found = _learned(con, asked)
    if isinstance(found, pd.DataFrame):
        return found
    told = odds.said(found.asked)
    frame = pd.DataFrame(
        [_judged(found, CRM, told.p, told.base), _judged(found, REFERENCE, found.p, told.base)]
    )
    classed, p = _classed(found)
    if len(classed):
        both = rank.within(classed["y"], classed["follow_up"], classed["score"], p)
        frame.loc[1, ["difference", "difference_low", "difference_high"]] = both.difference()
    frame = frame.assign(
        note=pd.Series([told.note, None], dtype="object"), state=rows.OK, rule=RULE.format(found.asked.who)
    )
    return frame.reindex(columns=[*COLUMNS, "state", "note", "rule"])


def inputs(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per input of the reference score, the one that carries most first.

    Columns: variable, drop (in AUC within class, overall where no follow-up is recorded) with drop_low and
    drop_high (least and most of ten shuffles), n, n_missing (not known at the hand-off), auc (of all
    inputs), state, note, rule.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    found = _learned(con, asked, INPUTS, DROP_RULE)
    if isinstance(found, pd.DataFrame):
        return found
    test = found.test
    y, classes = test["y"].to_numpy(dtype=float), test["follow_up"].to_numpy(dtype=object)
    kept = classes != rows.UNKNOWN

    def worth(odds: Any) -> float:
        if kept.any():
            return float(rank.within(y[kept], classes[kept], odds[kept]).value[0])
        return float(rank.area(y, odds).value[0])

    frame = learn.importance(found.model, test, worth)
    missing = [int(test[name].isna().sum()) for name in frame["variable"]]
    frame = frame.assign(n=len(test), n_missing=missing, auc=worth(found.p), state=rows.OK, note=None)
    frame = frame.sort_values(["drop", "variable"], ascending=[False, True], ignore_index=True)
    return frame.assign(rule=DROP_RULE.format(found.asked.who))[[*INPUTS, "state", "note", "rule"]]


def scored(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per hand-off of known time, by time, for analysts: never for pages of leadership.

    Columns: handoff_id, record_key, handed_on, part ("learned from", "judged", "later", or "left out": its
    window was not over before the judged span, or nothing is known of it), score (as of the hand-off),
    score_evidence, follow_up, is_mature, converted (in the window; null while not known), reference
    (probability; null before the judged span), note (why there is none).
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str):
        return pd.DataFrame(columns=LEADS)
    found = _learned(con, asked)
    frame = asked.rows.assign(part="left out", reference=np.nan, note=None, converted=asked.rows["y"] == 1)
    frame["converted"] = frame["converted"].astype("boolean").where(frame["y"].notna())
    if isinstance(found, pd.DataFrame):
        return frame.assign(note=found["note"].iloc[0])[LEADS]
    is_later = frame["handed_at"] >= asked.test["handed_at"].min()
    frame.loc[frame["handoff_id"].isin(found.train["handoff_id"]), "part"] = "learned from"
    frame.loc[is_later & ~frame["is_test"], "part"] = "later"
    frame.loc[frame["is_test"], "part"] = "judged"
    known = rows.with_inputs(con, asked, frame[is_later])
    frame.loc[is_later, "reference"] = learn.probability(found.model, known)
    return frame[LEADS]


def _learned(
    con: DuckDBPyConnection,
    asked: rows.Judged | str,
    columns: list[str] = COLUMNS,
    words: str = RULE,
) -> Learned | pd.DataFrame:
    """Return the reference score, or the refusal: too few earlier hand-offs, or no score to judge at all."""
    if isinstance(asked, str) or asked.note:
        return order.refusal(asked, columns, words)
    few = rows.too_few(asked.train["y"], "hand-offs whose window was over before the judged span")
    if few:
        return rows.refused(columns, rows.REFUSED, few, words.format(asked.who))
    key = ("reference", asked.start, asked.end, asked.within_days, asked.start_on, asked.end_on)
    return once(con, key, lambda: _fitted(con, asked))


def _fitted(con: DuckDBPyConnection, asked: rows.Judged) -> Learned:
    told = rows.with_inputs(con, asked, asked.rows)
    first = told[told["handoff_id"].isin(asked.train["handoff_id"])].reset_index(drop=True)
    test = told[told["is_test"]].reset_index(drop=True)
    model = learn.learn(first, first["y"])
    return Learned(asked, first, test, model, learn.probability(model, test))


def _classed(found: Learned) -> tuple[pd.DataFrame, Any]:
    is_classed = (found.test["follow_up"] != rows.UNKNOWN).to_numpy()
    return found.test[is_classed], found.p[is_classed]


def _judged(found: Learned, name: str, p: Any, base: float) -> dict[str, Any]:
    """Return the figures of one score: order by the score itself, accuracy by its probabilities."""
    test = found.test
    value = test["score"].to_numpy(dtype=float) if name == CRM else found.p
    is_classed = (test["follow_up"] != rows.UNKNOWN).to_numpy()
    whole = rank.area(test["y"], value)
    same = rank.within(test["y"][is_classed], test["follow_up"][is_classed], value[is_classed])
    top = order.lifts(value, test["y"]).iloc[0]
    row: dict[str, Any] = {"score": name, "n_train": len(found.train)}
    row |= {"n_train_converted": int(found.train["y"].sum()), "auc": float(whole.value[0])}
    row |= dict(zip(("auc_low", "auc_high"), whole.interval(), strict=True))
    row |= {"auc_within": float(same.value[0])}
    row |= dict(zip(("within_low", "within_high"), same.interval(), strict=True))
    row |= {each: float(top[each]) for each in ("lift", "lift_low", "lift_high")}
    if np.isnan(p).any():
        return row | {"n": len(test), "n_converted": int(test["y"].sum())}
    return row | odds.summary(p, test["y"], base)
