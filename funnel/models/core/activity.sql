-- One row per sales activity known before as_of; is_human_touch only if it was done, by a human, at a known time, towards the person.
-- key: activity_id
-- time: happened_at is a UTC instant, null while not done; due_on is a day and never a touch
with kept as (
    select a.*, case when a.is_done and a.done_at < c.as_of then a.done_at end as happened_at, c.as_of
    from staging.activity as a
    cross join run.context as c
)

select
    k.source || ':' || k.activity_id as activity_id,
    r.person_id,
    k.source || ':' || k.opportunity_id as opportunity_id,
    k.source || ':' || k.account_id as account_id,
    k.source || ':' || k.rep_id as rep_id,
    k.kind,
    k.direction,
    k.outcome,
    coalesce(k.is_automated, false) as is_automated,
    k.happened_at is not null as is_done,
    k.happened_at is not null and not coalesce(k.is_automated, false)
        and coalesce(k.direction, 'outbound') <> 'inbound' as is_human_touch,
    k.due_on,
    k.happened_at,
    case when k.happened_at is not null then k.done_precision end as happened_precision,
    k.created_at,
    r.person_no
from kept as k
left join core.record as r on k.source = r.source and k.record_id = r.record_id
where k.created_at is null or k.created_at < k.as_of
