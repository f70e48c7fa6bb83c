"""Who is judged when quality is asked for: hand-offs by their answer, or entries by how far they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import splitting
from funnel.metrics.source import ABSENT

ACCEPTED = "accepted"
TOUCHED = ("touched_channel", "touched_campaign", "touched_content")
DIMENSIONS = (*term.DIMENSIONS, *TOUCHED)

MEMBER = """
with clock as (
    select
        cast($until as timestamp) as until_at, cast($today as date) as today,
        cast($seconds as bigint) as span_seconds, cast($seconds // 86400 as integer) as span_days
),
base as (
    select e.cycle_id, e.person_id, e.position, e.entered_at, e.entered_on, e.entered_precision,
        e.entered_precision = 'day' as is_day
    from marts.stage_entry e
    where e.stage = $from_stage and e.is_observed and e.entered_at is not null
),
reached as (
    select b.cycle_id
    from base b
    cross join clock k
    join core.stage_event v on v.cycle_id = b.cycle_id and v.stage = $outcome
    left join run.zone_offset z on v.entered_at >= z.starts_at and v.entered_at < z.ends_at
    where case
        when b.is_day or v.entered_precision = 'day' then
            cast(v.entered_at + to_seconds(coalesce(z.offset_seconds, 0)) as date)
                between b.entered_on and b.entered_on + k.span_days
        else v.entered_at between b.entered_at and b.entered_at + to_seconds(k.span_seconds)
    end
    group by b.cycle_id
),
member as (
    select
        h.cycle_id, h.person_id, h.handoff_id, h.handed_at as from_at, h.handed_on as from_on,
        h.handed_at + to_seconds(v.landmark_seconds) <= c.as_of as is_mature,
        h.outcome <> 'open' as is_told,
        h.outcome = 'accepted' as is_good
    from marts.handoff h
    cross join run.context c
    join contract.version v on v.version = c.contract
    where $outcome = 'accepted'
    union all
    select
        b.cycle_id, b.person_id, h.handoff_id, b.entered_at, b.entered_on,
        case when b.is_day then b.entered_on + k.span_days < k.today
            else b.entered_at + to_seconds(k.span_seconds) <= k.until_at end,
        true,
        r.cycle_id is not null
    from base b
    cross join clock k
    left join marts.handoff h on h.cycle_id = b.cycle_id and h.stage = $from_stage
    left join reached r on r.cycle_id = b.cycle_id
    where $outcome <> 'accepted'
),
"""

VALUED = splitting("""
touched as (
    select distinct m.cycle_id, m.handoff_id,
        case $dimension when 'touched_channel' then t.channel when 'touched_campaign' then g.name
            when 'touched_content' then t.content end as value
    from member m
    join core.touch t on t.person_id = m.person_id and t.touched_at <= m.from_at
        and t.kind is distinct from 'sent'
    left join core.campaign g on g.campaign_id = t.campaign_id
    where starts_with($dimension, 'touched_')
),
valued as (
    select m.*,
        case when starts_with($dimension, 'touched_') then t.value else split_by($dimension, c) end as value
    from member m
    join marts.cycle c on c.cycle_id = m.cycle_id
    left join touched t on t.cycle_id = m.cycle_id and t.handoff_id is not distinct from m.handoff_id
        and t.value is not null
)
""")

DATED = "select distinct stage from marts.stage_entry where is_observed and entered_at is not null"
REFUSED = "select 1 from marts.handoff where outcome in ('rejected', 'recycled', 'lost') limit 1"


@dataclass(frozen=True)
class Judged:
    """A question of quality with its words checked: what counts as good, of whom, and within what time.

    `absent` says why nothing can be told, or is None.
    """

    outcome: str
    from_stage: str
    seconds: int
    base: str
    good: str
    absent: str | None = None

    @property
    def rule(self) -> str:
        """What is counted, in one sentence."""
        days = f"{self.seconds / term.DAY_SECONDS:g} days"
        if self.outcome == ACCEPTED:
            return f"Of the {self.base} at least {days} old and decided, the share accepted."
        return f"Of the {self.base} at least {days} old, the share that reached {self.good} within {days}."


def asked(con: DuckDBPyConnection, outcome: str) -> Judged:
    """Return a question: 'accepted' of the hand-offs, or a stage that entries come to within the horizon.

    The base of a stage is the first stage from which the contract hands over, else the first with a dated
    entry.
    UsageError for a word that is neither, or a stage that is not later than the base.
    """
    clock, ladder = term.context(con), term.stages(con)
    handing = next((one for one in ladder if one.hands_to), None)
    dated = {name for (name,) in con.execute(DATED).fetchall()}
    first = next((one for one in ladder if one.name in dated), ladder[0])
    if outcome == ACCEPTED:
        told = bool(con.execute(REFUSED).fetchall())
        absent = None if told else f"{ABSENT}: no refusal of a hand-off is recorded"
        return Judged(outcome, "", clock.landmark_seconds, "hand-offs", ACCEPTED, absent)
    known = [one.name for one in ladder]
    one_of("outcome", outcome, (ACCEPTED, *known))
    base, goal = term.stage_pair(con, (handing or first).name, outcome)
    whom = f"hand-offs at {base.title}" if handing else f"entries into {base.title}"
    return Judged(outcome, base.name, clock.horizon_seconds, whom, goal.title)


def given(con: DuckDBPyConnection, question: Judged) -> dict[str, Any]:
    """Return the values that MEMBER binds."""
    clock = term.context(con)
    return {
        "outcome": question.outcome,
        "from_stage": question.from_stage,
        "seconds": question.seconds,
        "until": clock.seen_until,
        "today": clock.seen_on,
    }


def dimension(name: str) -> str:
    """Return the name of a dimension, also of what was touched; UsageError for any other."""
    return one_of("dimension", name, DIMENSIONS)


def one_of(kind: str, name: str, known: Iterable[str]) -> str:
    """Return a word that is known; UsageError naming the nearest and all of them if it is not."""
    choices = tuple(known)
    if name in choices:
        return name
    raise UsageError(
        f"There is no {kind} '{name}'.{did_you_mean(name, choices)} Choose one of: {', '.join(choices)}."
    )
