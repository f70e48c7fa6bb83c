-- title: No user changes the status of many leads within a minute
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: core.attribute_event
-- needs: attribute_event
-- why: nobody judges a lead in a second; each edit of a burst is listed (threshold bulk_edit_leads)
with edit as (
    select distinct person_id, user_id, changed_at
    from core.attribute_event
    where field = 'status' and evidence = 'history' and changed_precision = 'second' and user_id is not null
),

following as (
    select
        *,
        count(distinct person_id) over (
            partition by user_id order by changed_at range between current row and interval 1 minute following
        ) as n_leads
    from edit
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
    person_id || ' ' || cast(changed_at as varchar) as row_key,
    'one of ' || cast(n_within as varchar) || ' leads changed by ' || user_id || ' within a minute' as detail
from burst
where n_within >= (select t.value from checks.threshold as t where t.name = 'bulk_edit_leads')
