"""Which groups of leads are better than the rest, beyond chance: funnel plots and partial pooling."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import pooling
from funnel.metrics import quality_member as member
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT

OK = "ok"
STEPS = 41

COUNTED = """
select
    value,
    count(*) filter (where is_mature and is_told) as n,
    count(*) filter (where is_mature and is_told and is_good) as n_good,
    count(*) filter (where is_mature and not is_told) as n_open,
    count(*) filter (where is_mature is distinct from true) as n_young
from valued
group by value
order by n desc, value nulls last
"""
GROUPS = "".join((member.MEMBER, member.VALUED, COUNTED))

LIMITS = ["limit_low", "limit_high", "is_outside", "is_small"]
COMMON = ["overall_rate", "phi", "tau2"]
COLUMNS = ["dimension", "value", "n", "n_good", "n_open", "n_young", "rate", "low", "high"]
COLUMNS += ["pooled_rate", "pooled_low", "pooled_high", *LIMITS, *COMMON, "outcome", "state", "rule"]

POOLED = (
    "Limits: 99.8 %, widened for the usual spread between groups (Spiegelhalter 2005). Pooled: each rate "
    "drawn towards the others by how little it rests on (beta-binomial hierarchy)."
)
TOUCH = "A lead counts under each value touched before that, so that the groups overlap."


def groups(con: DuckDBPyConnection, *, dimension: str, outcome: str = member.ACCEPTED) -> pd.DataFrame:
    """Return one row per value of a dimension, largest first: a rate, its limits, and the pooled rate.

    `outcome` 'accepted': of the hand-offs as old as the landmark and decided; a stage: of the observed
    entries into the stage that hands over (else the first with a dated entry) that are as old as the horizon,
    the share that was observed there within it. `dimension`: those of segments, and 'touched_channel',
    'touched_campaign', 'touched_content' (responses of the person up to the hand-off; a lead counts under
    each, null: none).
    Columns: dimension, value (null: the source has none), n, n_good, n_open (mature, undecided), n_young,
    rate with low and high (Wilson), pooled_rate with pooled_low and pooled_high (see `pooling`), limit_low,
    limit_high (99.8 %, over-dispersed), is_outside, is_small (n < 10), overall_rate (the target of the
    limits), phi and tau2 (over-dispersion), outcome, state ('ok' or what is missing), rule. UsageError for an
    unknown word.
    """
    return _groups(con, member.dimension(dimension), member.asked(con, outcome))


def _groups(con: DuckDBPyConnection, name: str, question: member.Judged) -> pd.DataFrame:
    frame = read(con, GROUPS, dimension=name, **member.given(con, question))
    frame = _judged(frame if question.absent is None else frame.assign(n=0, n_good=0))
    state = question.absent or (OK if frame["value"].notna().any() else f"{ABSENT}: {name} is empty")
    rule = " ".join([question.rule, TOUCH if name in member.TOUCHED else "", POOLED]).replace("  ", " ")
    return frame.assign(dimension=name, outcome=question.outcome, state=state, rule=rule)[COLUMNS]


def funnels(con: DuckDBPyConnection, *, outcome: str = member.ACCEPTED) -> pd.DataFrame:
    """Return the groups of every dimension that the source fills with at least two values, one after another.

    Columns: those of `groups`. Without any such dimension, one row per value of 'channel' says what is
    missing (state).
    """
    question = member.asked(con, outcome)
    tables = [_groups(con, name, question) for name in member.DIMENSIONS]
    filled = [table for table in tables if table["value"].nunique() > 1]
    return pd.concat(filled or tables[:1], ignore_index=True)


def limits(con: DuckDBPyConnection, *, dimension: str, outcome: str = member.ACCEPTED) -> pd.DataFrame:
    """Return the limits of a dimension's funnel plot as curves: one row per size from 1 to its largest group.

    Columns: n, overall_rate, low_95, high_95, low_998, high_998, phi, tau2, rule. Empty where no group has
    anyone. UsageError for an unknown word.
    """
    table = groups(con, dimension=dimension, outcome=outcome)
    most = int(table["n"].max()) if len(table) else 0
    sizes = np.unique(np.rint(np.geomspace(1, max(most, 1), STEPS)).astype("int64"))[: STEPS * bool(most)]
    common = table[COMMON].iloc[0] if most else pd.Series(np.nan, index=COMMON)
    frame = pd.DataFrame({"n": sizes}).assign(**{str(name): value for name, value in common.items()})
    for name, z in (("95", stats.WARNING_Z), ("998", stats.LIMIT_Z)):
        low, high = stats.limits_at(common["overall_rate"], common["tau2"], sizes, z=z)
        frame = frame.assign(**{f"low_{name}": low, f"high_{name}": high})
    columns = ["n", "overall_rate", "low_95", "high_95", "low_998", "high_998", "phi", "tau2"]
    return frame[columns].assign(rule=POOLED)


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    frame = stats.with_rate(frame, "n_good", "n")
    frame = pooling.with_pooled(frame, "n_good", "n")
    frame = stats.with_limits(frame, "n_good", "n")
    common = stats.funnel_limits(frame["n_good"], frame["n"])
    return frame.assign(overall_rate=common.target, phi=common.phi, tau2=common.tau2)
