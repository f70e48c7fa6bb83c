-- One row per qualified lead: its first contact, by origin and landing page.
-- key: touch_id
-- time: touched_at is the midnight in Sao Paulo that begins the day
select
    mql_id as touch_id,
    mql_id as record_id,
    origin as channel,
    landing_page_id as content,
    'response' as kind,
    first_contact_date as touched_at,
    'day' as touched_precision
from olist.lead
