"""What the bridge of counts says: its lines, its rule, and why a line cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics import term
from funnel.metrics.source import missing

STEPS = (
    ("start", "records"),
    ("cohort", "records"),
    ("zone", "records"),
    ("duplicates", "persons"),
    ("returns", "persons"),
    ("passes", "passages"),
    ("definition", "passages"),
    ("owner", "passages"),
    ("skipped", "passages"),
    ("end", "passages"),
)
"""Lines in order, and what is counted after each."""

RECORDED = """
with sign as (
    select s.entered_at, s.precision, coalesce(r.created_at, o.created_at) as created_at,
        count(*) over (partition by coalesce(s.record_no, -1), s.opportunity_id) as n_signs
    from core.signal s
    left join core.record r on r.record_no = s.record_no
    left join core.opportunity o on s.record_no is null and o.opportunity_id = s.opportunity_id
    where s.part = 'entered_when' and s.name = $stage
),
told as (
    select
        count(*) as n,
        count(entered_at) as n_dated,
        count(created_at) as n_created,
        count(*) filter (where entered_at is not null and precision = 'second') as n_timed,
        max(n_signs) as most
    from sign
),
linked as (
    select count(email) + count(contact_id) + count(merged_into_id) as n_links from staging.person
),
handed as (
    select count(*) as n_handed, count(owner_id) as n_owned, sum(n_clauses) as n_clauses
    from marts.handoff
    where stage = $stage
)
select t.n, t.n_dated, t.n_created, t.n_timed, t.most, l.n_links, h.n_handed, h.n_owned, h.n_clauses
from told t
cross join linked l
cross join handed h
"""


@dataclass(frozen=True)
class Asked:
    """What a bridge of counts was asked for: the stage, the kind of period, and what its SQL is given."""

    stage: term.Stage
    per: str
    given: dict[str, Any]


def is_owned(con: DuckDBPyConnection, stage: term.Stage) -> bool:
    """Say whether the source tells owners at a hand-over: else the line of the owner takes nobody out."""
    return bool(_recorded(con, stage)[7])


def titles(stage: term.Stage) -> dict[str, str]:
    """Return what each line is called."""
    taker = stage.hands_to or stage.owner or "the receiving team"
    giver = stage.owner or "the giving team"
    return {
        "start": f"{stage.title} as a dashboard of {giver} counts",
        "cohort": "By the day of entry",
        "zone": "Days of the contract's zone",
        "duplicates": "Persons, not records",
        "returns": "First entries, not returns",
        "passes": "Passages, not persons",
        "definition": "Only what meets the contract",
        "owner": f"Only what {taker} owns",
        "skipped": "And those who skipped the stage",
        "end": f"{stage.title} as {taker} counts",
    }


def rule(stage: term.Stage, start_on: pd.Timestamp, end_on: pd.Timestamp) -> str:
    """Return the convention of the bridge in words."""
    return (
        f"{stage.title}, {number.span(start_on, end_on)}. Start: records created in the period (UTC) that "
        "took the label by the report, each once. Each line changes one rule and lists whom that brings in "
        "and takes out. End: passages that entered in the period, met the contract or could not be judged, "
        "and came to a rep who is neither a queue nor of the giving team; and those whose later stage proves "
        "that they passed. Counts of record: no interval."
    )


def absences(con: DuckDBPyConnection, stage: term.Stage) -> dict[str, str]:
    """Return by line, in words, what the source or the contract lacks for it; 'all' if there is no bridge."""
    n, n_dated, n_created, n_timed, most, n_links, _, n_owned, n_clauses = _recorded(con, stage)
    if not n_dated:
        why = "has a day" if n else "is recorded"
        return {"all": missing(con, "person") or f"no entry into {stage.title} {why}"}
    is_single = most == 1 and missing(con, "attribute_event") is not None
    bare = None if stage.hands_to else f"nothing is handed over at {stage.title}"
    reasons = (
        ("cohort", not n_created, "no record has a day of creation"),
        ("zone", not n_timed, "the source gives days, not times"),
        ("duplicates", not n_links, "nothing tells that two records are one person"),
        ("returns", is_single, "the source keeps one entry per stage"),
        ("passes", is_single, "the source keeps one entry per stage"),
        ("definition", bare or not n_clauses, bare or f"the contract states no definition of {stage.title}"),
        ("owner", bare or not n_owned, bare or "no lead has an owner"),
    )
    return {line: str(words) for line, holds, words in reasons if holds}


def _recorded(con: DuckDBPyConnection, stage: term.Stage) -> tuple[Any, ...]:
    return tuple(con.execute(RECORDED, {"stage": stage.name}).fetchall()[0])
