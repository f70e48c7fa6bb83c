"""The hand review: a stratified random sample, a sheet for each of two reviewers, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from funnel import number, stats
from funnel.dispute.record import Audit
from funnel.dispute.sheet import answers
from funnel.errors import UsageError

WORDS = ("good", "bad", "cannot tell")
FIELDS = ("number", "lead_id", "name", "company", "handed_at", "known", "verdict", "note")
HOW = (
    "Judge each lead by what was known at the hand-off: good (it should have been handed over), bad, or "
    "cannot tell. The sheet does not say how it was followed up or what became of it; do not look it up."
)


@dataclass(frozen=True)
class Sample:
    """A sample for two reviewers who do not see each other's answers.

    `sheet`: one row per lead, in random order, what a reviewer gets: number, lead_id, name, company,
    handed_at, known (the definition's clauses with the values as of the hand-off), verdict and note
    (empty). `drawn`: one row per lead with what the sheet leaves out: number, lead_id, handoff_id,
    follow_up, state, stratum, n_stratum, n_drawn, weight (leads of the batch that it stands for). `strata`:
    one row per stratum: follow_up, state, n, n_drawn.
    """

    sheet: pd.DataFrame
    drawn: pd.DataFrame
    strata: pd.DataFrame
    seed: int
    rule: str


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree: Cohen's kappa with its 95 % interval, null where it cannot be told.

    `table`: one row per word of the first reviewer, one column per word of the second. `disagreements`: one
    row per lead on which they differ: number, lead_id, first, second, first_note, second_note. `good`: one
    row per reviewer and for both: reviewer, n (leads that could be judged), n_good, rate (weighted to the
    batch), low, high.
    """

    kappa: float
    low: float
    high: float
    n: int
    n_agree: int
    table: pd.DataFrame
    disagreements: pd.DataFrame
    good: pd.DataFrame
    sentence: str


def sample(audit: Audit, *, n: int = 50, seed: int = 0) -> Sample:
    """Return a random sample of the batch's leads, stratified by follow-up class and what became of them.

    Each stratum gets its share, and at least one lead if `n` allows it. The same audit and seed draw the same
    leads. UsageError unless n is positive; a batch with fewer leads is reviewed whole.
    """
    if n < 1:
        raise UsageError(f"A sample of {n} leads cannot be reviewed. Ask for 1 or more; 50 is usual.")
    leads = audit.leads.sort_values("handoff_id").drop_duplicates("lead_id", keep="first")
    stratum = leads["follow_up"].astype("str") + " | " + leads["state"].astype("str")
    sizes = stratum.value_counts().sort_index()
    quota = _allocated(sizes, min(n, len(leads)))
    random = np.random.default_rng(seed)
    rows = [
        random.permutation(np.flatnonzero((stratum == name).to_numpy()))[: quota[name]]
        for name in sizes.index
    ]
    chosen = random.permutation(np.concatenate(rows))
    drawn = leads.iloc[chosen].reset_index(drop=True)
    picked = stratum.iloc[chosen].reset_index(drop=True)
    drawn = drawn.assign(
        number=np.arange(1, len(drawn) + 1),
        stratum=picked,
        n_stratum=picked.map(sizes),
        n_drawn=picked.map(quota),
        weight=picked.map(sizes) / picked.map(quota),
    )
    key = [
        "number",
        "lead_id",
        "handoff_id",
        "follow_up",
        "state",
        "stratum",
        "n_stratum",
        "n_drawn",
        "weight",
    ]
    return Sample(_sheet(audit, drawn), drawn[key], _strata(sizes, quota), seed, _rule(drawn, audit, seed))


def agreement(
    drawn: Sample, first: pd.DataFrame, second: pd.DataFrame, *, names: tuple[str, str] = ("first", "second")
) -> Agreement:
    """Return how far two filled-in sheets agree (Cohen's kappa, statsmodels).

    InputError for a sheet with other ids than were drawn, an id twice or missing, or a word that is none of
    good, bad, cannot tell.
    """
    told = [
        answers(drawn.sheet, sheet, column="verdict", words=WORDS, who=name)
        for sheet, name in zip((first, second), names, strict=True)
    ]
    one, two = (pd.Categorical(each, categories=WORDS) for each in told)
    table = pd.crosstab(one, two, dropna=False).reindex(index=WORDS, columns=WORDS, fill_value=0)
    kappa, low, high = _kappa(table.to_numpy())
    n, n_agree = len(told[0]), int(np.trace(table.to_numpy()))
    said = "cannot be told, as a reviewer used one word only"
    if not np.isnan(kappa):
        said = f"is {kappa:.2f} ({low:.2f} to {high:.2f}, 95 %)"
    sentence = (
        f"The reviewers agree on {number.count(n_agree)} of {number.count(n)} leads; Cohen's kappa {said}."
    )
    both = told[0].where(told[0] == told[1], "cannot tell")
    good = pd.DataFrame(
        [_good(drawn.drawn, each, name) for each, name in zip((*told, both), (*names, "both"), strict=True)]
    )
    differ = _disagreements(drawn, told, (first, second))
    return Agreement(
        kappa,
        low,
        high,
        n,
        n_agree,
        table.rename_axis(index=names[0], columns=names[1]),
        differ,
        good,
        sentence,
    )


def _allocated(sizes: pd.Series, n: int) -> pd.Series:
    """Return how many to draw of each stratum: one each if n allows, the rest in proportion (Hamilton)."""
    least = (sizes > 0).astype(int) if n >= len(sizes) else sizes * 0
    left = sizes - least
    share = left * (n - int(least.sum())) / max(int(left.sum()), 1)
    quota = least + np.floor(share).astype(int)
    rest = (share - np.floor(share)).sort_values(ascending=False, kind="stable")
    quota.loc[rest.index[: n - int(quota.sum())]] += 1
    return pd.Series(quota.astype(int))


def _sheet(audit: Audit, drawn: pd.DataFrame) -> pd.DataFrame:
    value = audit.clauses["value"].astype("object").where(audit.clauses["value"].notna(), "empty or unknown")
    said = (
        (audit.clauses["clause"] + ": " + value.astype("str"))
        .groupby(audit.clauses["handoff_id"])
        .agg("; ".join)
    )
    known = drawn["handoff_id"].map(said)
    sheet = drawn.assign(
        known=known, verdict="", note="", handed_at=drawn["handed_at"].dt.strftime("%Y-%m-%d")
    )
    return sheet[list(FIELDS)].astype("object").where(sheet[list(FIELDS)].notna(), "")


def _strata(sizes: pd.Series, quota: pd.Series) -> pd.DataFrame:
    names = sizes.index.to_series().str.split(" | ", regex=False)
    columns = {"follow_up": names.str[0], "state": names.str[1], "n": sizes, "n_drawn": quota}
    return pd.DataFrame(columns).reset_index(drop=True)


def _rule(drawn: pd.DataFrame, audit: Audit, seed: int) -> str:
    return (
        f"{number.count(len(drawn))} of {number.count(len(audit.leads))} hand-offs, drawn at random within "
        f"follow-up class and ending, in proportion and at least one each (seed {seed}). {HOW}"
    )


def _kappa(table: np.ndarray) -> tuple[float, float, float]:
    from statsmodels.stats.inter_rater import cohens_kappa

    used = (table.sum(axis=0) > 0) | (table.sum(axis=1) > 0)
    if min((table.sum(axis=0) > 0).sum(), (table.sum(axis=1) > 0).sum()) < 2:
        return (float("nan"),) * 3
    found = cohens_kappa(table[np.ix_(used, used)])
    return float(found.kappa), max(float(found.kappa_low), -1.0), min(float(found.kappa_upp), 1.0)


def _good(drawn: pd.DataFrame, told: pd.Series, name: str) -> dict[str, object]:
    """Return one reviewer's weighted share of good leads; Wilson's interval at Kish's effective size."""
    judged = told.to_numpy() != "cannot tell"
    weight, good = drawn["weight"].to_numpy()[judged], told.to_numpy()[judged] == "good"
    n = len(weight)
    rate = float(weight[good].sum() / weight.sum()) if n else float("nan")
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if n else float("nan")
    low, high = stats.wilson([rate * effective], [effective])
    limits = {"low": float(low[0]), "high": float(high[0])}
    return {"reviewer": name, "n": n, "n_good": int(good.sum()), "rate": rate, **limits}


def _disagreements(drawn: Sample, told: list[pd.Series], sheets: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    sheet = drawn.sheet[["number", "lead_id"]]
    notes = []
    for each in sheets:
        ids = each["lead_id"].astype("str").str.strip().str.removeprefix("'")
        note = each["note"] if "note" in each else pd.Series("", index=each.index)
        notes.append(sheet["lead_id"].map(note.set_axis(ids)).fillna(""))
    frame = sheet.assign(
        first=told[0].to_numpy(), second=told[1].to_numpy(), first_note=notes[0], second_note=notes[1]
    )
    return frame[frame["first"] != frame["second"]].reset_index(drop=True)
