-- One row per path and person on it: converted to the opportunity, or in a contact role on it; else the person of the passage.
-- key: path_id, person_id
-- time: none
select p.path_id, m.person_id
from path as p
inner join (
    select opportunity_id, person_id from core.opportunity_person
    union
    select opportunity_id, person_id from core.contact_role
) as m on p.opportunity_id = m.opportunity_id
where m.person_id is not null
union
select p.path_id, y.person_id
from path as p
inner join marts.cycle as y on p.path_id = y.cycle_id
where p.opportunity_id is null
