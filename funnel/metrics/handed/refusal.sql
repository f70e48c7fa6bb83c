-- One row per refused hand-off into $stage: what it was said to be, and what is on record about that.
select *,
    case claim
        when 'duplicate' then case when is_duplicate then 'supports' when not coalesce(has_twin, true)
            or not is_duplicate then 'contradicts' end
        when 'fit' then case when fits then 'contradicts' when not fits then 'supports' end
        when 'contact data' then case when has_replied then 'contradicts'
            when not is_valid or is_wrong then 'supports' when is_untouched and is_valid then 'contradicts' end
        when 'reachability' then case when has_replied then 'contradicts' when not $is_followed then null
            when n_attempts < agreed then 'contradicts' when n_attempts > 0 then 'supports' end
        when 'budget or time' then case when is_untouched then 'contradicts' end
    end as by_claim,
    exit = 'rejected' and is_untouched as is_rejected_untouched,
    exit = 'rejected' and is_later as is_rejected_later
from on_record
order by handoff_id
