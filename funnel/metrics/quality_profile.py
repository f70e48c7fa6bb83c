"""Who converted in the past, as segments that marketing can look for: shown above the whole, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import pooling, term
from funnel.metrics import quality_member as member
from funnel.metrics.frame import read
from funnel.metrics.once import once
from funnel.metrics.source import ABSENT

LOOKED_AT = ("channel", "region", "country", "industry", "company_size", "persona", "lead_type")
LEAST, FALSE = 30, 0.05

SEGMENTS = """
counted as (
    select m.cycle_id, m.handoff_id, m.is_good, c.channel, c.region, c.country, c.industry, c.company_size,
        c.persona, c.lead_type,
        m.from_at >= (select median(from_at) from member where is_mature) as is_late
    from member m
    join marts.cycle c on c.cycle_id = m.cycle_id
    where m.is_mature and m.is_told
),
held as (
    unpivot counted on channel, region, country, industry, company_size, persona, lead_type
    into name dimension value value
),
grouped as (
    select dimension, value, null as other_dimension, null as other_value, is_good, is_late from held
    union all
    select a.dimension, a.value, b.dimension, b.value, a.is_good, a.is_late
    from held a
    join held b on b.cycle_id = a.cycle_id and b.handoff_id is not distinct from a.handoff_id
        and list_position($dimensions, a.dimension) < list_position($dimensions, b.dimension)
    union all
    select null, null, null, null, is_good, is_late from counted
)
select dimension, value, other_dimension, other_value,
    count(*) as n, count(*) filter (where is_good) as n_good,
    count(*) filter (where is_late) as n_late, count(*) filter (where is_late and is_good) as n_late_good
from grouped
group by all
order by n desc, dimension, value, other_dimension, other_value
"""
PROFILE = "".join((member.MEMBER, SEGMENTS))

COLUMNS = ["segment", "dimension", "value", "other_dimension", "other_value", "n", "n_good", "rate", "low"]
COLUMNS += ["high", "pooled_rate", "pooled_low", "pooled_high", "overall_rate", "share", "good_share"]
COLUMNS += ["early_rate", "late_rate", "p_adjusted", "is_shown", "state", "sentence", "rule"]
KEYS = ["dimension", "value", "other_dimension", "other_value"]


def profile(con: DuckDBPyConnection, *, outcome: str | None = None) -> pd.DataFrame:
    """Return one row per segment looked at, those shown first: who converted more often than the whole.

    Segments: values, and pairs of values, of channel, region, country, industry, company_size, persona and
    lead_type, with at least 30 mature leads; the base and the time are those of `groups`. `outcome`: a stage
    (default: the last) or 'accepted'. is_shown: more often than the others by Fisher's exact test, one-sided,
    false discoveries at 5 % over all segments looked at (Benjamini and Hochberg 1995), the pooled interval
    above the rate of the whole and, of a pair, above the pooled rate of either part. Columns: segment (in
    words), dimension, value, other_dimension and other_value (null: a single value), n, n_good, rate with low
    and high, pooled_rate with pooled_low and pooled_high (each dimension and pair apart), overall_rate, share
    (of the leads), good_share (of the conversions), early_rate and late_rate (before and after the median
    entry), p_adjusted, is_shown, state, sentence, rule. Empty where no segment is large enough.
    """
    goal = outcome or term.stages(con)[-1].name
    return once(con, ("profile", goal), lambda: _profile(con, goal)).copy()


def _profile(con: DuckDBPyConnection, goal: str) -> pd.DataFrame:
    question = member.asked(con, goal)
    table = read(con, PROFILE, dimensions=list(LOOKED_AT), **member.given(con, question))
    whole = table[table["dimension"].isna()].iloc[:1]
    parts = table[table["dimension"].notna() & (table["n"] >= LEAST)].reset_index(drop=True)
    if whole.empty or parts.empty or question.absent:
        return pd.DataFrame(columns=COLUMNS)
    n, good = int(whole["n"].iloc[0]), int(whole["n_good"].iloc[0])
    frame = _shown(_tested(_pooled(_rated(parts, n, good)), n, good))
    frame = frame.assign(state="ok", rule=_rule(question, len(frame), n))
    said = [
        _said({str(name): value for name, value in row.items()}, question) for row in frame.to_dict("records")
    ]
    frame = frame.assign(sentence=pd.Series(said, dtype="object"))
    order = ["is_shown", "pooled_low", "n", "segment"]
    return frame.sort_values(order, ascending=[False, False, False, True], ignore_index=True)[COLUMNS]


def targets(con: DuckDBPyConnection, *, outcome: str | None = None, most: int = 6) -> pd.DataFrame:
    """Return one row per segment that is shown to convert more often, at most `most`, as a sentence.

    Columns: segment, n, n_good, pooled_rate, pooled_low, pooled_high, share, good_share, sentence, rule. One
    row without a segment says that none is shown, or why none can be.
    """
    frame = profile(con, outcome=outcome)
    columns = ["segment", "n", "n_good", "pooled_rate", "pooled_low", "pooled_high", "share", "good_share"]
    shown = frame[frame["is_shown"].eq(True)].head(most) if len(frame) else frame
    if len(shown):
        return shown[[*columns, "sentence", "rule"]].reset_index(drop=True)
    nothing: dict[str, Any] = dict.fromkeys(columns)
    few = f"No segment has {LEAST} leads old enough, so that none can be told from the whole."
    said = (
        f"None of {number.count(len(frame))} segments is shown to convert more often than the whole."
        if len(frame)
        else few
    )
    absent = member.asked(con, outcome or term.stages(con)[-1].name).absent
    said = f"{str(absent or ABSENT).capitalize()}." if absent else said
    rule = str(frame["rule"].iloc[0]) if len(frame) else few
    return pd.DataFrame([{**nothing, "sentence": said, "rule": rule}])


def _rated(parts: pd.DataFrame, n: int, good: int) -> pd.DataFrame:
    frame = stats.with_rate(parts, "n_good", "n")
    early_n, early = frame["n"] - frame["n_late"], frame["n_good"] - frame["n_late_good"]
    return frame.assign(
        overall_rate=good / n,
        share=frame["n"] / n,
        good_share=stats.rate(frame["n_good"], [good] * len(frame)),
        early_rate=stats.rate(early, early_n),
        late_rate=stats.rate(frame["n_late_good"], frame["n_late"]),
    )


def _pooled(frame: pd.DataFrame) -> pd.DataFrame:
    """Pool the values of each dimension, and of each pair of dimensions, among themselves."""
    kinds = frame.groupby(["dimension", "other_dimension"], dropna=False, sort=False)
    return pd.concat([pooling.with_pooled(part, "n_good", "n") for _, part in kinds]).sort_index()


def _tested(frame: pd.DataFrame, n: int, good: int) -> pd.DataFrame:
    from scipy.stats import false_discovery_control, hypergeom

    p = hypergeom.sf(frame["n_good"] - 1, n, good, frame["n"])
    return frame.assign(p_adjusted=false_discovery_control(np.clip(p, 0.0, 1.0), method="bh"))


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark what is shown; a pair also has to be above both of its parts."""
    singles = frame[frame["other_dimension"].isna()].set_index(["dimension", "value"])["pooled_rate"]
    bars = [frame["overall_rate"]]
    for dimension, value in (("dimension", "value"), ("other_dimension", "other_value")):
        keys = pd.MultiIndex.from_frame(frame[[dimension, value]])
        part = pd.Series(singles.reindex(keys).to_numpy(), index=frame.index)
        bars.append(part.where(frame["other_dimension"].notna()))
    bar = pd.concat(bars, axis=1).max(axis=1)
    shown = (frame["p_adjusted"] <= FALSE) & (frame["pooled_low"] > bar)
    return frame.assign(is_shown=shown, segment=_named(frame))


def _named(frame: pd.DataFrame) -> pd.Series[str]:
    first = frame["dimension"].str.replace("_", " ") + " " + frame["value"]
    second = frame["other_dimension"].str.replace("_", " ") + " " + frame["other_value"]
    return first.where(second.isna(), first + " and " + second.fillna(""))


def _said(row: dict[str, Any], question: member.Judged) -> str:
    n = row["n"]
    pooled = number.rate_with_interval(row["pooled_rate"], row["pooled_low"], row["pooled_high"], n)
    holds = row["early_rate"] > row["overall_rate"] and row["late_rate"] > row["overall_rate"]
    often = "in both halves of the time" if holds else "in only one half of the time"
    return (
        f"{row['segment'].capitalize()}: {pooled} reached {question.good}, of all "
        f"{number.rate(row['overall_rate'], n)}; {number.count(n)} leads, {number.rate(row['share'])} of the "
        f"leads and {number.rate(row['good_share'])} of the conversions, above the whole {often}."
    )


def _rule(question: member.Judged, tested: int, n: int) -> str:
    return (
        f"{question.rule} {number.count(tested)} segments of at least {LEAST}, of {number.count(n)} leads: "
        "single values and pairs; false discoveries held at 5 %. A description of who converted, not of why."
    )
