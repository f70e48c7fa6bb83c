"""How good the hand-offs are: accepted, rejected and why, complete, and whether they met the definition."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import term
from funnel.metrics.frame import read, splitting
from funnel.metrics.quality_delivery import at_handoff as at_handoff
from funnel.metrics.quality_delivery import fit_intent as fit_intent
from funnel.metrics.quality_evidence import evidence as evidence
from funnel.metrics.quality_group import funnels as funnels
from funnel.metrics.quality_group import groups as groups
from funnel.metrics.quality_group import limits as limits
from funnel.metrics.quality_heard import heard as heard
from funnel.metrics.quality_profile import profile as profile
from funnel.metrics.quality_profile import targets as targets
from funnel.metrics.source import ABSENT

ACCEPTANCE = splitting("""
with aged as (
    select
        h.outcome,
        h.met_definition,
        h.handed_at + to_seconds(v.landmark_seconds) <= c.as_of as is_mature,
        split_by($dimension, h) as value
    from marts.handoff h
    cross join run.context c
    join contract.version v on v.version = c.contract
)
select
    value,
    count(*) filter (where is_mature) as n,
    count(*) filter (where is_mature and outcome <> 'open') as n_decided,
    count(*) filter (where is_mature and outcome = 'accepted') as n_accepted,
    count(*) filter (where is_mature and outcome = 'rejected') as n_rejected,
    count(*) filter (where is_mature and outcome = 'recycled') as n_recycled,
    count(*) filter (where is_mature and outcome = 'lost') as n_lost,
    count(*) filter (where is_mature and outcome = 'open') as n_open,
    count(*) filter (where is_mature is distinct from true) as n_young,
    count(*) filter (where outcome in ('rejected', 'recycled', 'lost')) as n_refused,
    count(*) filter (where is_mature and met_definition is not null) as n_judged,
    count(*) filter (where is_mature and met_definition) as n_met_definition
from aged
group by value
order by n desc, value nulls last
""")

REASONS = """
with refused as (
    select outcome as exit, outcome_reason as reason, count(*) as n
    from marts.handoff
    where outcome in ('rejected', 'recycled', 'lost')
    group by outcome, outcome_reason
)
select
    r.exit,
    r.reason,
    r.n,
    cast(sum(r.n) over () as bigint) as n_refused,
    case when r.reason is not null then exists (
        select 1
        from contract.reason a
        join run.context c on c.contract = a.version
        where lower(trim(a.reason)) = lower(trim(r.reason)) and a.exit = r.exit
    ) end as is_agreed
from refused r
order by r.n desc, r.exit desc, r.reason nulls last
"""

COMPLETENESS = """
with counted as (
    select
        field, count(is_present) as n, count(*) filter (where is_present) as n_present,
        count(*) filter (where is_present is null) as n_unknown
    from marts.handoff_field
    group by field
),
whole as (
    select
        handoff_id,
        case when bool_or(not is_present) then false when count(*) = count(is_present) then true end
            as is_present
    from marts.handoff_field
    group by handoff_id
)
select f.field, f.n, f.n_present, f.n_unknown, false as is_total
from counted f
union all
select
    'all fields', count(is_present), count(*) filter (where is_present),
    count(*) filter (where is_present is null), true
from whole
having count(*) > 0
order by is_total, n_present / n, field
"""

DEFINITION = """
select
    k.clause_id,
    max(k.version) as version,
    max(k.name) as stage,
    max(k.words) as words,
    max(h.field) as field,
    count(*) as n,
    count(*) filter (where h.passed) as n_passed,
    count(*) filter (where not h.passed) as n_failed,
    count(*) filter (where h.passed is null) as n_unknown,
    cast(max(h.known_from) filter (where h.known_from < timestamp '9999-01-01') as date) as known_from_on
from marts.handoff_clause h
join contract.clause k on k.clause_id = h.clause_id
group by k.clause_id
order by n_failed desc, k.clause_id
"""


def acceptance(con: DuckDBPyConnection, *, dimension: str) -> pd.DataFrame:
    """Return one row per value of a dimension, largest first: what became of the hand-offs.

    Only hand-offs at least as old as the contract's landmark; younger ones are counted as n_young. A null
    value stays null and apart from 'unknown'. Columns: value, n, n_decided, n_accepted, n_rejected,
    n_recycled, n_lost, n_open (silence), n_young, rate (accepted of decided) with low and high, limit_low,
    limit_high (99.8 %, widened for over-dispersion), is_outside, is_small, n_judged, n_met_definition,
    met_rate (of judged) with met_low and met_high, state, rule. Where no refusal is recorded at all, a
    share accepted cannot be told: it is null, and state says 'not in this source'. UsageError for an
    unknown dimension.
    """
    frame = read(con, ACCEPTANCE, dimension=term.dimension(dimension))
    is_told = bool(frame.pop("n_refused").any())
    decided = frame["n_decided"] if is_told else frame["n_decided"] * float("nan")
    frame = stats.with_rate(frame.assign(known=decided), "n_accepted", "known")
    frame = stats.with_limits(frame, "n_accepted", "known").drop(columns="known")
    frame = stats.with_rate(frame, "n_met_definition", "n_judged", names=("met_rate", "met_low", "met_high"))
    days = term.context(con).landmark_days
    rule = (
        f"Of the hand-offs that are at least {days:g} days old and were decided, the share accepted; "
        "open ones are counted apart."
    )
    return frame.assign(state="ok" if is_told else ABSENT, rule=rule)


def rejection_reasons(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per exit and reason of refused hand-offs, most frequent first.

    A refusal without a reason has a null reason. Columns: exit, reason, n, n_refused (all), is_agreed (the
    contract lists it for this exit; null without a reason), share (of all refused) with low and high, rule.
    """
    frame = stats.with_rate(read(con, REASONS), "n", "n_refused", names=("share", "low", "high"))
    return frame.assign(
        rule="Of all rejected, recycled or lost hand-offs to date, the share with this reason."
    )


def completeness(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per field that the contract requires at hand-off, worst first, then one for all.

    Columns: field, n (hand-offs at which it is known), n_present, n_unknown (neither history nor a load
    reaches back), is_total, rate (of n) with low and high, rule.
    """
    frame = stats.with_rate(read(con, COMPLETENESS), "n_present", "n")
    return frame.assign(
        rule="Of the hand-offs at which the field was known, the share that had it filled at that moment."
    )


def definition(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per clause of the agreed definition, most failed first.

    How often hand-offs failed it, judged with the value as of the hand-off under the contract in force
    then. Columns: clause_id, version, stage, words, field, n, n_passed, n_failed, n_unknown (not known
    at the hand-off: never judged by today's value), known_from_on (the day from which all of these are
    known; null if never), fail_rate (of passed and failed) with low and high, rule.
    """
    frame = read(con, DEFINITION)
    frame = frame.assign(n_known=frame["n_passed"] + frame["n_failed"])
    frame = stats.with_rate(frame, "n_failed", "n_known", names=("fail_rate", "low", "high"))
    rule = (
        "Of the hand-offs whose value was known at hand-off, the share that failed the clause then in force."
    )
    return frame.drop(columns="n_known").assign(rule=rule)
