-- One row per opportunity that was closed and reopened: as what it was closed at the start and at the end.
with turn as (
    select opportunity_id, state, day_on as closed_on,
        lead(day_on) over (partition by opportunity_id order by place) as reopened_on
    from change
    where (state = 'open') <> (coalesce(old_state, 'open') = 'open')
)

select
    d.opportunity_id,
    max(t.state) filter (where t.closed_on < d.start_on and t.reopened_on >= d.start_on) as state_in,
    max(t.reopened_on) filter (where t.closed_on < d.start_on and t.reopened_on >= d.start_on) as back_on,
    max(t.state) filter (where t.closed_on < d.until_on and t.reopened_on >= d.until_on) as state_out
from deal d
join turn t on t.opportunity_id = d.opportunity_id and t.state <> 'open' and t.reopened_on is not null
group by d.opportunity_id
