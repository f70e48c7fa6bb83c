-- title: Each lead has a channel
-- layer: alignment
-- severity: info
-- owner: marketing
-- table: marts.cycle
-- needs: person
select cycle_id as row_key, 'the channel is ' || coalesce('''' || channel || '''', 'empty') as detail
from marts.cycle
where person_id is not null and (channel is null or lower(trim(channel)) in ('', 'unknown', 'none'))
