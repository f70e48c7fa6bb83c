-- title: Each channel that money is spent on also brings leads
-- layer: alignment
-- severity: warning
-- owner: marketing
-- table: marts.spend
-- needs: spend
-- why: a channel that is spelled differently in both places has no cost per lead
with channel as (
    select channel, sum(amount) as amount, count(*) as n_items
    from marts.spend
    where channel is not null
    group by channel
)

select s.channel as row_key, cast(s.amount as varchar) || ' spent in ' || cast(s.n_items as varchar) || ' items, no lead of this channel' as detail
from channel as s
where not exists (select 1 from marts.cycle as c where c.channel = s.channel)
