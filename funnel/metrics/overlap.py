"""Where both teams talk to one person at once: campaigns that hit people in open negotiations."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.frame import read
from funnel.metrics.overlap_outcome import outcomes as outcomes
from funnel.metrics.overlap_touch import touches as touches
from funnel.metrics.source import ABSENT, missing

OPEN = """
with member as (
    select opportunity_id, person_id from core.opportunity_person
    union
    select opportunity_id, person_id from core.contact_role
),
week as (
    select starts_at, ends_at
    from run.period
    where period = 'week' and is_complete
    order by starts_on desc
    limit 1
),
touch as (
    select t.*, cast(t.touched_at + to_seconds(coalesce(z.offset_seconds, 0)) as date) as touched_on
    from core.touch t
    left join run.zone_offset z on t.touched_at >= z.starts_at and t.touched_at < z.ends_at
),
hit as (
    select
        t.channel, t.touch_id, t.person_id, o.opportunity_id,
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount,
        t.touched_at >= (select starts_at from week) and t.touched_at < (select ends_at from week) as is_week,
        row_number() over (
            partition by t.channel, o.opportunity_id order by t.touch_id, t.person_id
        ) as place,
        row_number() over (partition by o.opportunity_id order by t.touch_id, t.person_id) as place_in_all
    from touch t
    join member m on m.person_id = t.person_id
    join marts.opportunity o on o.opportunity_id = m.opportunity_id and o.outcome = 'open'
    cross join run.context c
    where case
        when 'day' in (t.touched_precision, o.created_precision) then t.touched_on > o.created_on
        else t.touched_at > o.created_at
    end
)
select
    channel,
    grouping(channel) = 1 as is_total,
    count(distinct touch_id) as n_touches,
    count(distinct touch_id) filter (where is_week) as n_touches_week,
    count(distinct person_id) as n_persons,
    count(distinct opportunity_id) as n_opportunities,
    case
        when grouping(channel) = 1 then sum(amount) filter (where place_in_all = 1)
        else sum(amount) filter (where place = 1)
    end as amount,
    (select currency from run.context) as currency
from hit
group by grouping sets ((channel), ())
order by is_total, n_touches desc, channel nulls last
"""

RULE = (
    "Campaign responses of persons on an opportunity that is open at the report, after it was created; where "
    "either is known only to the day, from the day after."
)


def open_opportunity(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per channel, most touches first, and the total last (always there).

    Columns: channel, is_total, n_touches, n_touches_week (in the last complete week), n_persons,
    n_opportunities, amount (of those opportunities, each once) in currency, state, rule. Without touches or
    opportunities in the source the counts are null and state says so.
    """
    frame = read(con, OPEN)
    absent = missing(con, "touch", "opportunity")
    if absent:
        counts = ["n_touches", "n_touches_week", "n_persons", "n_opportunities", "amount"]
        frame = frame.assign(**dict.fromkeys(counts, float("nan")))
    return frame.assign(state=ABSENT if absent else "ok", rule=RULE)
