"""What a batch is compared with: earlier hand-offs, others of the same period, or a named reference."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.dispute.batch import Batch, parse_batch
from funnel.dispute.member import members, resolve
from funnel.errors import UsageError, did_you_mean

EARLIER, SAME = "earlier", "same-period"
FEWEST, FEWEST_HITS = 100, 10
RULE = (
    "Hand-offs at least one horizon ({days:g} days) old and not of the batch's people, with the share that "
    "reached the outcome within it; unknown outcomes left out. 95 % Wilson interval."
)


@dataclass(frozen=True)
class Choice:
    """The baseline that was chosen: its name, which hand-offs it holds, and all that could be chosen."""

    name: str
    rows: pd.Series
    comparisons: pd.DataFrame


def choose(
    con: DuckDBPyConnection, batch: Batch, every: pd.DataFrame, asked: str | None, horizon_days: float
) -> Choice:
    """Return the baseline of a batch: a lead of the batch, or another passage of its person, is never in it.

    None asks for the earlier hand-offs if there are at least 100 of them and 10 that converted, else those
    of the same period if there are more. UsageError for a baseline that is none of "earlier",
    "same-period", "KEY=VALUE".
    """
    old = _others(every) & (every["age_days"] >= horizon_days)
    first, end = _span(batch, every)
    day = every["handed_on"]
    known = {
        EARLIER: (f"handed over before {first.date()}", old & (day < first)),
        SAME: (
            f"other batches handed over from {first.date()} to before {end.date()}",
            old & (day >= first) & (day < end),
        ),
    }
    if asked not in (None, EARLIER, SAME):
        title, rows = _named(con, str(asked), every)
        known[str(asked)] = (title, old & rows)
    told = [_told(every, each, *given, horizon_days) for each, given in known.items()]
    lacks = told[0]["why_not"] is not None and int(str(told[1]["n"])) > int(str(told[0]["n"]))
    name = asked or (SAME if lacks else EARLIER)
    told = [row | {"is_used": row["baseline"] == name} for row in told]
    frame = stats.with_rate(pd.DataFrame(told), "n_converted", "n_known")
    return Choice(name, known[name][1], _ordered(frame, horizon_days))


def _others(every: pd.DataFrame) -> pd.Series:
    batch = every[every["in_batch"]]
    same = every["person_id"].isin(batch["person_id"].dropna()) | every["cycle_id"].isin(batch["cycle_id"])
    return ~same & ~every["in_batch"]


def _span(batch: Batch, every: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first day of the batch and the first day after it; of an empty one, those it was given."""
    day = every.loc[every["in_batch"], "handed_on"]
    day = day if len(day) else every["handed_on"]
    if not len(day):
        day = pd.Series([pd.Timestamp("1970-01-01")])
    first = pd.Timestamp(batch.from_on) if batch.from_on else day.min()
    return first, pd.Timestamp(batch.to_on) if batch.to_on else day.max() + pd.Timedelta(days=1)


def _named(con: DuckDBPyConnection, asked: str, every: pd.DataFrame) -> tuple[str, pd.Series]:
    if "=" not in asked:
        raise UsageError(
            f"There is no baseline '{asked}'.{did_you_mean(asked, (EARLIER, SAME))} "
            f"Choose {EARLIER}, {SAME}, or name a reference as KEY=VALUE, such as channel=Webinar."
        )
    reference = resolve(con, parse_batch([asked]), every)
    return reference.title, members(reference, every)


def _told(
    every: pd.DataFrame, name: str, title: str, rows: pd.Series, horizon_days: float
) -> dict[str, object]:
    chosen = every[rows]
    known = chosen[chosen["converted"].notna()]
    within = known["converted"].eq(True) & (known["days_to_outcome"] <= horizon_days)
    n = len(chosen)
    hits = int(within.sum())
    why_not = "" if hits >= FEWEST_HITS else f"only {hits} of {n:,} converted, fewer than {FEWEST_HITS}"
    why_not = why_not if n >= FEWEST else f"only {n} hand-offs, fewer than {FEWEST}"
    if not n:
        why_not = f"no hand-off of it is {horizon_days:g} days old"
    return {
        "baseline": name,
        "title": title,
        "n": n,
        "n_batches": chosen["batch_key"].nunique(),
        "n_known": len(known),
        "n_converted": hits,
        "why_not": why_not or None,
    }


def _ordered(frame: pd.DataFrame, horizon_days: float) -> pd.DataFrame:
    names = [
        "baseline",
        "title",
        "is_used",
        "n",
        "n_batches",
        "n_known",
        "n_converted",
        "rate",
        "low",
        "high",
    ]
    return frame[[*names, "why_not"]].assign(rule=RULE.format(days=horizon_days))
