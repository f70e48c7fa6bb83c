"""What marketing sourced and what it influenced, each by three definitions that the field uses, side by side.

The definitions overlap, so their figures are never added; `combinations` parts the same opportunities into
groups that are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import span, steps, term
from funnel.metrics.attribution import asked as words
from funnel.metrics.attribution.query import FOLDER, walked
from funnel.metrics.frame import whole
from funnel.metrics.source import ABSENT, missing

CLAIMS = ("sourced", "influenced")
DEFINITIONS = {
    ("sourced", 1): (
        "First contact",
        "the first recorded contact with a person on it was a response and not a sales touch; no look-back",
        ("touch", "activity", "opportunity"),
    ),
    ("sourced", 2): (
        "Campaign on record",
        "the CRM names a campaign on the opportunity (primary campaign source) or on a person on it",
        ("campaign", "opportunity"),
    ),
    ("sourced", 3): (
        "Response before creation",
        "a person on it responded within the look-back before its creation",
        ("touch", "opportunity"),
    ),
    ("influenced", 1): (
        "Campaign membership",
        "a person on it was in a campaign, whatever the status, from the look-back before creation to the "
        "close (as CRM campaign influence counts)",
        ("touch", "opportunity"),
    ),
    ("influenced", 2): (
        "Response of a person on it",
        "a person on it responded from the look-back before its creation to its close",
        ("touch", "opportunity"),
    ),
    ("influenced", 3): (
        "Response at the account",
        "anyone at its account responded from the look-back before its creation to its close",
        ("touch", "account", "opportunity"),
    ),
}
FLAGS = ("is_first", "is_second", "is_third")
STEPS = ("path", "member", "dated", "worked", "touched", "met")
UNDATED = "select count(*) from path where is_asked and created_at is null"
COLUMNS = [
    "claim",
    "definition",
    "words",
    "n",
    "n_of",
    "rate",
    "low",
    "high",
    "amount",
    "amount_of",
    "amount_share",
]
PARTS = ["claim", "definitions", "n_met", "n", "rate", "low", "high", "amount", "amount_share", "n_unknown"]
PARTS += ["currency", "state", "rule"]
COLUMNS += [
    "n_unknown",
    "n_only",
    "n_every",
    "n_any",
    "n_undated",
    "currency",
    "look_back_days",
    "state",
    "rule",
]


def origins(
    con: DuckDBPyConnection,
    *,
    amount: str = "pipeline",
    look_back_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per claim (sourced, influenced) and definition: how much of the whole meets it.

    Of opportunities created ('pipeline') or won, to date or of [start_on, end_on). The definitions overlap
    and are never added. Columns: claim, definition, words, n (opportunities that meet it) of n_of, rate with
    low and high (Wilson), amount of amount_of in currency, amount_share, n_unknown (of n, amount unknown or
    in another currency), n_only (met by no other definition of the claim), n_every (by all three), n_any (by
    at least one), n_undated (creation unknown: left out), look_back_days, state, rule. Counts are null
    where the source lacks what a definition needs; n_only, n_every and n_any where it lacks what any of the
    three needs.
    """
    asked, groups, n_undated = _groups(con, amount, look_back_days, start_on, end_on)
    rows = [_row(groups[groups["claim"] == claim], claim, place) for claim, place in DEFINITIONS]
    frame = stats.with_rate(pd.DataFrame(rows), "n", "n_of")
    absent = [missing(con, *needs) is not None for _, _, needs in DEFINITIONS.values()]
    frame = frame.assign(is_absent=absent)
    some = frame.groupby("claim")["is_absent"].transform("any")
    own = ["n", "rate", "low", "high", "amount", "amount_share", "n_unknown"]
    frame[own] = frame[own].mask(frame["is_absent"])
    shared = ["n_only", "n_every", "n_any"]
    frame[shared] = frame[shared].mask(some)
    counts = dict.fromkeys(("n", "n_of", "n_unknown", *shared), "Int64")
    state = np.where(frame["is_absent"], ABSENT, np.where(frame["n_of"] == 0, "undefined", "ok"))
    return frame.astype(counts).assign(
        n_undated=n_undated,
        currency=term.context(con).currency,
        look_back_days=asked.look_back_days,
        state=state,
        rule=_rule(asked),
    )[COLUMNS]


def combinations(
    con: DuckDBPyConnection,
    *,
    amount: str = "pipeline",
    look_back_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per claim and combination of its three definitions: groups that do add to the whole.

    Columns: claim, definitions (those met, parted by ' + '; 'none'), n_met (how many), n, rate (of all), low
    and high (Wilson), amount in currency, amount_share, n_unknown, state, rule. Empty combinations and
    opportunities without a known creation are left out.
    """
    asked, groups, _ = _groups(con, amount, look_back_days, start_on, end_on)
    names = {claim: [DEFINITIONS[claim, place][0] for place in (1, 2, 3)] for claim in CLAIMS}
    met = [
        [
            name
            for name, is_met in zip(names[row["claim"]], (row[flag] for flag in FLAGS), strict=True)
            if is_met
        ]
        for row in groups.to_dict("records")
    ]
    total = groups.groupby("claim")[["n", "cents"]].transform("sum")
    frame = stats.with_rate(groups.assign(n_all=total["n"]), "n", "n_all")
    absent = missing(con, "touch", "activity", "account", "campaign", "opportunity") is not None
    return frame.assign(
        definitions=[" + ".join(each) or "none" for each in met],
        n_met=[len(each) for each in met],
        amount=frame["cents"] / 100,
        amount_share=frame["cents"] / total["cents"].replace(0, np.nan),
        currency=term.context(con).currency,
        state=ABSENT if absent else "ok",
        rule=_rule(asked),
    )[PARTS]


def _groups(
    con: DuckDBPyConnection, amount: str, look_back_days: float | None, start_on: span.Day, end_on: span.Day
) -> tuple[words.Asked, pd.DataFrame, int]:
    asked = words.question(
        con, amount=amount, look_back_days=look_back_days, start_on=start_on, end_on=end_on
    )
    with walked(con, asked, STEPS) as cursor:
        frame = steps.read(cursor, FOLDER, "origin", {})
        undated = cursor.execute(UNDATED).fetchall()[0][0]
    return asked, whole(frame), int(undated)


def _row(groups: pd.DataFrame, claim: str, place: int) -> dict[str, object]:
    """Return the figures of one definition from the combinations in which it is met."""
    mine = groups[groups[FLAGS[place - 1]].astype(bool)]
    n_met = groups[list(FLAGS)].astype(int).sum(axis=1)
    title, said, _ = DEFINITIONS[claim, place]
    amount_of = groups["cents"].sum(min_count=1) / 100
    amount = mine["cents"].sum(min_count=min(len(mine), 1)) / 100 if pd.notna(amount_of) else np.nan
    return {
        "claim": claim,
        "definition": title,
        "words": said,
        "n": mine["n"].sum(),
        "n_of": groups["n"].sum(),
        "amount": amount,
        "amount_of": amount_of,
        "amount_share": amount / amount_of if amount_of else np.nan,
        "n_unknown": mine["n_unknown"].sum(),
        "n_only": mine.loc[n_met[mine.index] == 1, "n"].sum(),
        "n_every": groups.loc[n_met == 3, "n"].sum(),
        "n_any": groups.loc[n_met > 0, "n"].sum(),
    }


def _rule(asked: words.Asked) -> str:
    whole_ = "Opportunities won" if asked.amount == "won" else "Opportunities created"
    return (
        f"{whole_} {span.words(asked.start_on, asked.end_on)}; look-back {asked.look_back}. The definitions "
        "overlap and are never added. What is known only to a day counts as before what happened that day."
    )
