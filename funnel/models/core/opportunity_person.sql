-- One row per opportunity and person whose passage it belongs to: those who were converted to it, else its own record, else its contact roles' first.
-- key: opportunity_id, person_id
-- time: none; is_primary marks the one person who carries the amount
with linked as (
    select p.source || ':' || p.opportunity_id as opportunity_id, r.person_id, r.person_no, 1 as strength,
        min(r.created_at) as linked_at
    from staging.person as p
    inner join core.record as r on r.record_key = p.source || ':' || p.record_id
    where p.opportunity_id is not null
    group by p.source || ':' || p.opportunity_id, r.person_id, r.person_no
    union all
    select o.source || ':' || o.opportunity_id as opportunity_id, r.person_id, r.person_no, 2 as strength,
        r.created_at as linked_at
    from staging.opportunity as o
    inner join core.record as r on r.record_key = o.source || ':' || o.record_id
    union all
    select c.source || ':' || c.opportunity_id as opportunity_id, r.person_id, r.person_no,
        case when c.is_primary then 3 else 4 end as strength, min(c.created_at) as linked_at
    from staging.contact_role as c
    inner join core.record as r on r.record_key = c.source || ':' || c.record_id
    group by c.source || ':' || c.opportunity_id, r.person_id, r.person_no, case when c.is_primary then 3 else 4 end
),

ranked as (
    select l.*,
        min(l.strength) over (partition by l.opportunity_id) as best_strength,
        row_number() over (partition by l.opportunity_id order by l.strength, l.linked_at, l.person_id) as place
    from linked as l
)

select opportunity_id, person_id, min(strength) as strength, min(place) = 1 as is_primary, person_no
from ranked
where strength = best_strength and (strength <= 2 or place = 1)
group by opportunity_id, person_id, person_no
