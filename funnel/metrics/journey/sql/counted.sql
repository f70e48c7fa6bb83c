-- One row per person counted: value is the attribute of the step that was asked for.
create temp table counted as
with touched as (
    select
        subject_id,
        arg_min(value, pos) filter (where value is not null and served > 0) as first_value,
        arg_max(value, pos) filter (where value is not null and served > 0) as last_value
    from event
    where $value_of in ('first_touch', 'last_touch')
    group by subject_id
)
select
    b.subject_id, b.level, b.start_t, b.t, b.path, b.times, b.is_over, b.is_by_day,
    case $value_of
        when 'first_touch' then o.first_value
        when 'last_touch' then o.last_value
        else e.value
    end as value
from best b
left join event e on e.subject_id = b.subject_id
    and e.pos = b.path[case $value_of when 'step' then cast($value_step as integer) when 'last' then b.level else 1 end]
left join touched o on o.subject_id = b.subject_id
where not b.is_excluded and ($value_of <> 'step' or b.level >= cast($value_step as integer))
