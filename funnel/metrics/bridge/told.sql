-- One row per such opportunity with changes: what was on record of its amount and expected close at both ends.
select
    l.opportunity_id,
    arg_max(struct_pack(v := c.amount), c.place) filter (where c.day_on < l.in_on) as amount_in,
    arg_min(struct_pack(v := c.amount), c.place) as amount_first,
    arg_max(struct_pack(v := c.amount), c.place) filter (where c.day_on < l.until_on) as amount_out,
    arg_max(struct_pack(v := c.close_on), c.place) filter (where c.day_on < l.in_on) as close_in,
    arg_min(struct_pack(v := c.close_on), c.place) as close_first,
    arg_max(struct_pack(v := c.close_on), c.place) filter (where c.day_on < l.until_on) as close_out,
    bool_or(c.has_amounts) as has_amounts
from moved l
join change c on c.opportunity_id = l.opportunity_id
group by l.opportunity_id
