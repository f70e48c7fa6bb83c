-- title: No user changes the status of many leads within a minute
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: core.attribute_event
-- needs: attribute_event
-- why: nobody judges a lead in a second; each edit of a burst is listed (threshold bulk_edit_leads)
with threshold as (
    select t.value as n_leads from checks.threshold as t where t.name = 'bulk_edit_leads'
),

edit as (
    select distinct person_id, user_id, changed_at
    from core.attribute_event
    where field = 'status' and evidence = 'history' and changed_precision = 'second' and user_id is not null
),

-- counting leads once each is slow, so only edits with enough others around them are looked at
near as (
    select
        *,
        count(*) over (
            partition by user_id order by changed_at range between interval 1 minute preceding and interval 1 minute following
        ) as n_near
    from edit
),

following as (
    select
        n.person_id, n.user_id, n.changed_at,
        count(distinct n.person_id) over (
            partition by n.user_id order by n.changed_at range between current row and interval 1 minute following
        ) as n_leads
    from near as n
    inner join threshold as t on n.n_near >= t.n_leads
),

burst as (
    select
        *,
        max(n_leads) over (
            partition by user_id order by changed_at range between interval 1 minute preceding and current row
        ) as n_within
    from following
)

select
    b.person_id || ' ' || cast(b.changed_at as varchar) as row_key,
    'one of ' || cast(b.n_within as varchar) || ' leads changed by ' || b.user_id || ' within a minute' as detail
from burst as b
inner join threshold as t on b.n_within >= t.n_leads
