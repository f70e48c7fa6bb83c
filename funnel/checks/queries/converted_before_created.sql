-- title: No lead is converted before it was created
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: staging.person
-- needs: person
-- why: a time known to the day may be any time of that day, so only an earlier day counts against it
select
    source || ':' || record_id as row_key,
    'converted ' || cast(converted_at as varchar) || ', created ' || cast(created_at as varchar) as detail
from staging.person
where
    case
        when converted_precision = 'day' and created_precision <> 'day' then converted_at + interval 1 day <= created_at
        else converted_at < created_at
    end
