-- One row per qualified lead: the first contact is what qualifies it, nothing earlier is recorded.
-- key: event_id
-- time: entered_at is the midnight in Sao Paulo that begins the day
select
    mql_id as event_id,
    mql_id as record_id,
    'First contact' as label,
    first_contact_date as entered_at,
    'day' as entered_precision
from olist.lead
