"""By whom and when a hand-off is received: team, tier, local weekday and hour, beside the dimensions."""

from __future__ import annotations

import re

from funnel.metrics.frame import splitting

ARRIVALS = ("team", "tier", "weekday", "hour")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ARRIVED_BY = re.compile(r"arrived_by\((\$\w+|'\w+')\)")

ARRIVED = splitting("""(
    select
        l.*,
        case $by
            when 'team' then l.team
            when 'tier' then l.tier
            when 'weekday' then case l.local_weekday
                when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday'
                when 5 then 'Friday' when 6 then 'Saturday' when 7 then 'Sunday' end
            when 'hour' then lpad(cast(l.local_hour as text), 2, '0') || ':00'
            when 'week' then cast(l.week_on as text)
            when 'month' then cast(l.month_on as text)
            when 'quarter' then cast(l.quarter_on as text)
            else split_by($by, l)
        end as label,
        case $by when 'weekday' then l.local_weekday when 'hour' then l.local_hour end as position
    from (
        select
            h.*, s.tier,
            nullif(concat_ws(', ', r.team, r.region), '') as team,
            case when h.handed_precision = 'second'
                then isodow(timezone(k.zone, timezone('UTC', h.handed_at)))
                else isodow(h.handed_on) end as local_weekday,
            case when h.handed_precision = 'second'
                then hour(timezone(k.zone, timezone('UTC', h.handed_at))) end as local_hour
        from marts.handoff h
        left join contract.calendar k on k.version = h.version and k.calendar = h.calendar
        left join marts.handoff_sla s on s.handoff_id = h.handoff_id and s.sla = 'first_touch'
        left join core.rep r on r.rep_id = h.owner_id and not r.is_queue
    ) l
)""")


def arriving(query: str) -> str:
    """Return the query with `arrived_by($by)` written out: marts.handoff with who received it, and when.

    Columns more: tier (of the first-touch SLA), team (of the first owner, with its region; null without),
    local_weekday (ISO) and local_hour of the calendar that the contract has for the lead (hour null where the
    hand-off is known to the day), label (the value of the bound split, as text) and position (its order).
    """
    return ARRIVED_BY.sub(lambda found: ARRIVED.replace("$by", found[1]), query)
