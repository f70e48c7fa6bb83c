-- One row per person, as known at as_of: of each column the value of the newest record that has one; channel and campaign of the oldest.
-- key: person_id
-- time: created_at is the UTC instant of the first record, null when the source has none
with ordered as (
    select r.person_id, r.person_no, p.*,
        row_number()
            over (partition by r.person_no order by coalesce(p.created_at, timestamp '1900-01-01 00:00:00'),
                r.record_no) as place
    from core.record as r
    inner join staging.person as p on p.source = r.source and p.record_id = r.record_id
)

select
    person_id,
    count(*) as n_records,
    min(created_at) as created_at,
    arg_min(created_precision, place) as created_precision,
    arg_max(name, place) filter (where name is not null) as name,
    arg_max(email, place) filter (where email is not null) as email,
    arg_max(phone, place) filter (where phone is not null) as phone,
    arg_max(title, place) filter (where title is not null) as title,
    arg_max(company, place) filter (where company is not null) as company,
    arg_max(country, place) filter (where country is not null) as country,
    arg_max(region, place) filter (where region is not null) as region,
    arg_max(industry, place) filter (where industry is not null) as industry,
    arg_max(employees, place) filter (where employees is not null) as employees,
    arg_max(persona, place) filter (where persona is not null) as persona,
    arg_min(lead_type, place) filter (where lead_type is not null) as lead_type,
    arg_min(channel, place) filter (where channel is not null) as channel,
    arg_min(source || ':' || campaign_id, place) filter (where campaign_id is not null) as campaign_id,
    arg_min(content, place) filter (where content is not null) as content,
    arg_max(score, place) filter (where score is not null) as score,
    arg_max(status, place) filter (where status is not null) as status,
    arg_max(reason, place) filter (where reason is not null) as reason,
    arg_max(source || ':' || owner_id, place) filter (where owner_id is not null) as owner_id,
    arg_max(source || ':' || account_id, place) filter (where account_id is not null) as account_id,
    person_no
from ordered
group by person_id, person_no
