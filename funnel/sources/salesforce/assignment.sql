-- One row per owner of a lead: the first from creation (the old value of the first change, else the oldest known), then each change in LeadHistory.
-- key: assignment_id
-- time: assigned_at is a UTC instant
with changed as (
    select
        h.id,
        h.lead_id,
        substr(h.old_value, 1, 15) as old_owner_id,
        substr(h.new_value, 1, 15) as owner_id,
        h.created_date,
        h.created_by_id,
        row_number() over (partition by h.lead_id order by h.created_date, h.id) as place
    from salesforce.lead_history as h
    where
        lower(h.field) = 'owner'
        and not coalesce(h.is_deleted, false)
        and regexp_matches(h.new_value, '^00[5G][0-9A-Za-z]{12}([0-9A-Za-z]{3})?$')
),

oldest as (
    select id, arg_min(owner_id, load_number) as owner_id
    from salesforce.lead_version
    where not is_tombstone and owner_id is not null
    group by id
)

select
    l.id || ' first' as assignment_id,
    l.id as record_id,
    coalesce(c.old_owner_id, o.owner_id) as owner_id,
    l.created_date as assigned_at,
    'second' as assigned_precision,
    cast(null as varchar) as user_id
from salesforce.lead as l
left join changed as c on l.id = c.lead_id and c.place = 1
left join oldest as o on l.id = o.id
where coalesce(c.old_owner_id, o.owner_id) is not null
union all
select c.id, c.lead_id, c.owner_id, c.created_date, 'second', c.created_by_id
from changed as c
inner join salesforce.lead as l on c.lead_id = l.id
