"""Touches and spend on people and accounts with an open opportunity: now, and as it was at each touch."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

__all__ = ["touches"]

TOUCHES = """
with member as (
    select opportunity_id, person_id from core.opportunity_person
    union
    select opportunity_id, person_id from core.contact_role
),
account as (
    select person_id, account_id from core.person where account_id is not null
),
touch as (
    select
        t.touch_id, t.person_id, t.campaign_id, t.channel, t.touched_at, t.touched_precision,
        cast(t.touched_at + to_seconds(coalesce(z.offset_seconds, 0)) as date) as touched_on
    from core.touch t
    left join run.zone_offset z on t.touched_at >= z.starts_at and t.touched_at < z.ends_at
),
chosen as (
    select *
    from touch
    where coalesce(touched_on >= cast($start_on as date), $start_on is null)
        and coalesce(touched_on < cast($end_on as date), $end_on is null)
),
near as (
    select t.touch_id, m.opportunity_id, 1 as reach
    from chosen t
    join member m on m.person_id = t.person_id
    union all
    select t.touch_id, o.opportunity_id, 2
    from chosen t
    join account a on a.person_id = t.person_id
    join marts.opportunity o on o.account_id = a.account_id
),
hit as (
    select n.touch_id, n.opportunity_id, min(n.reach) as reach
    from near n
    join chosen t on t.touch_id = n.touch_id
    join marts.opportunity o on o.opportunity_id = n.opportunity_id
    where (o.outcome = 'open' or $at = 'then')
        and case when 'day' in (t.touched_precision, o.created_precision) then t.touched_on > o.created_on
            else t.touched_at > o.created_at end
        and (o.outcome = 'open'
            or case when 'day' in (t.touched_precision, o.closed_precision) then t.touched_on < o.closed_on
                else t.touched_at < o.closed_at end)
    group by n.touch_id, n.opportunity_id
),
item as (
    select
        s.spend_id, s.campaign_id, s.spent_on,
        greatest(coalesce(s.ends_on, s.spent_on), s.spent_on) + 1 as until_on, s.amount
    from marts.spend s
    cross join run.context c
    where s.campaign_id is not null and coalesce(s.currency, c.currency) = c.currency
),
seen as (
    select cast(c.as_of + to_seconds(coalesce(z.offset_seconds, 0) - 1) as date) + 1 as until_on
    from run.context c
    left join run.zone_offset z on c.as_of >= z.starts_at and c.as_of < z.ends_at
),
cut as (
    select
        i.*,
        greatest(i.spent_on, coalesce(cast($start_on as date), i.spent_on)) as from_on,
        least(i.until_on, coalesce(cast($end_on as date), i.until_on), s.until_on) as to_on
    from item i
    cross join seen s
),
due as (
    select
        spend_id, campaign_id, from_on, to_on,
        cast(amount * (to_on - from_on) / (until_on - spent_on) as decimal(18, 4)) as amount
    from cut
    where to_on > from_on
),
spread as (
    select d.spend_id, d.amount, count(t.touch_id) as n_touches
    from due d
    left join chosen t
        on t.campaign_id = d.campaign_id and t.touched_on >= d.from_on and t.touched_on < d.to_on
    group by d.spend_id, d.amount
),
share as (
    select t.touch_id, sum(cast(d.amount / p.n_touches as decimal(28, 8))) as amount
    from chosen t
    join due d on d.campaign_id = t.campaign_id and t.touched_on >= d.from_on and t.touched_on < d.to_on
    join spread p on p.spend_id = d.spend_id
    group by t.touch_id
),
touched as (
    select
        t.touch_id, t.person_id, case $by when 'campaign' then t.campaign_id else t.channel end as label,
        h.reach, s.amount
    from chosen t
    left join (select touch_id, min(reach) as reach from hit group by touch_id) h on h.touch_id = t.touch_id
    left join share s on s.touch_id = t.touch_id
),
deal as (
    select distinct
        case $by when 'campaign' then t.campaign_id else t.channel end as label, h.opportunity_id
    from hit h
    join chosen t on t.touch_id = h.touch_id
),
priced as (
    select
        o.opportunity_id,
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount
    from marts.opportunity o
    cross join run.context c
),
reached as (
    select d.label, false as is_total, count(*) as n_opportunities, sum(o.amount) as amount
    from deal d
    join priced o on o.opportunity_id = d.opportunity_id
    group by d.label
    union all
    select null, true, count(*), sum(amount)
    from priced
    where opportunity_id in (select opportunity_id from deal)
),
tally as (
    select
        label, grouping(label) = 1 as is_total,
        count(*) as n,
        count(reach) as n_touches,
        count(*) filter (where reach = 1) as n_person_touches,
        count(*) filter (where reach = 2) as n_account_touches,
        count(distinct person_id) filter (where reach is not null) as n_persons,
        cast(sum(case when reach is not null or amount is null then amount else 0 end) as decimal(18, 2))
            as spend_amount,
        cast(sum(amount) as decimal(18, 2)) as all_spend_amount
    from touched
    group by grouping sets ((label), ())
)
select
    coalesce(g.name, t.label) as value, t.label as campaign_id, t.is_total, t.n, t.n_touches,
    t.n_person_touches, t.n_account_touches, t.n_persons, r.n_opportunities, r.amount as opportunity_amount,
    t.spend_amount, t.all_spend_amount,
    case when t.is_total then (select coalesce(sum(amount), 0) from spread where n_touches = 0) end
        as unspread_amount,
    (select currency from run.context) as currency
from tally t
left join reached r on r.is_total = t.is_total and r.label is not distinct from t.label
left join core.campaign g on $by = 'campaign' and g.campaign_id = t.label
order by t.is_total, t.n_touches desc, t.n desc, t.label nulls last
"""

TIMED = """
select count(*)
from marts.opportunity
where created_at is not null and (outcome = 'open' or closed_at is not null)
"""

BY, AT = ("channel", "campaign"), ("now", "then")
WHEN = {
    "now": "an opportunity that is open at the report, after it was created",
    "then": "an opportunity that was open at that moment",
}
RULE = (
    "Campaign responses of persons on {when}, or of others of its account; where a moment is known only to "
    "the day, strictly between the days. Spend: each item of a campaign, by its days as far as they lie in "
    "the span, in equal parts on the responses to that campaign on those days. A touch of an open "
    "opportunity is no waste as such: what such opportunities did stands beside it."
)


def touches(
    con: DuckDBPyConnection,
    *,
    by: str,
    at: str = "then",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per channel or campaign (`by`), most overlap first, and the total last.

    `at`: 'then' (the opportunity was open when the person was touched) or 'now' (it is open at the report);
    touches of the local days [start_on, end_on). Columns: value, campaign_id (null by channel), is_total, n
    (all touches), n_touches (with an open opportunity), of which n_person_touches (of a person on it) and
    n_account_touches (of another person of its account), n_persons, n_opportunities, opportunity_amount (of
    those, each once), rate (n_touches of n), low, high (Wilson), spend_amount (on n_touches) and
    all_spend_amount (on n; both null where nothing was spent on the days of any of n), unspread_amount (in
    the total: items of campaigns without any response on their days), currency, state, rule. Without
    touches, opportunities or spend in the source what needs them is null, and state 'undefined' says that no
    opportunity is known to have been open at any time. UsageError for another `by` or `at`.
    """
    for word, known in ((by, BY), (at, AT)):
        if word not in known:
            raise UsageError(
                f"Overlap is not told by '{word}'.{did_you_mean(word, known)} Known: {', '.join(known)}."
            )
    frame = read(con, TOUCHES, by=by, at=at, start_on=start_on, end_on=end_on)
    frame = stats.with_rate(frame, "n_touches", "n")
    if by == "channel":
        frame = frame.assign(campaign_id=None)
    absent = missing(con, "touch", "opportunity") is not None
    state = ABSENT if absent else "ok" if con.execute(TIMED).fetchall()[0][0] else "undefined"
    if state != "ok":
        gone = [name for name in frame if str(name).startswith("n") or str(name) in ("rate", "low", "high")]
        frame = frame.assign(**dict.fromkeys(map(str, gone), np.nan), opportunity_amount=np.nan)
    if state != "ok" or missing(con, "spend"):
        frame = frame.assign(spend_amount=np.nan, all_spend_amount=np.nan, unspread_amount=np.nan)
    counts = ["n", "n_touches", "n_person_touches", "n_account_touches", "n_persons", "n_opportunities"]
    money = ["spend_amount", "all_spend_amount", "unspread_amount", "currency"]
    rates = ["opportunity_amount", "rate", "low", "high"]
    columns = ["value", "campaign_id", "is_total", *counts, *rates, *money]
    return frame[columns].assign(state=state, rule=RULE.format(when=WHEN[at]))
