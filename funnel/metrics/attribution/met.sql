-- One row per touched path: which definitions of sourced and influenced its touches meet.
-- key: path_id
-- time: none; look-back in seconds before creation
select
    t.path_id,
    bool_or(t.is_member and t.is_response and t.age_seconds >= 0 and (w.worked_at is null
        or case when t.is_day then t.touched_on <= w.worked_on else t.touched_at <= w.worked_at end)) as is_before_work,
    bool_or(t.is_member and t.is_response and t.age_seconds >= 0
        and t.age_seconds <= $look_back_seconds) as is_before_creation,
    bool_or(t.is_member and t.is_by_close and t.age_seconds <= $look_back_seconds) as is_membership,
    bool_or(t.is_member and t.is_response and t.is_by_close
        and t.age_seconds <= $look_back_seconds) as is_response,
    bool_or(t.is_response and t.is_by_close and t.age_seconds <= $look_back_seconds) as is_account
from touched as t
left join worked as w on t.path_id = w.path_id
group by t.path_id
