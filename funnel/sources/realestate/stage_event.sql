-- One row per lead and stage that it reached, plus the two statuses without a date: Contacted (of leads still there) and Lost.
-- key: event_id
-- time: entered_at is the midnight in Dubai that begins the day; null for Contacted and Lost
with dated as (
    select lead_id, 'Lead' as label, lead_date as entered_at from realestate.lead
    union all
    select lead_id, 'Qualified' as label, qualification_date as entered_at from realestate.lead
    union all
    select lead_id, 'Site Visit' as label, site_visit_date as entered_at from realestate.lead
    union all
    select lead_id, 'Negotiation' as label, negotiation_date as entered_at from realestate.lead
    union all
    select lead_id, 'Booking' as label, booking_date as entered_at from realestate.lead
)

select lead_id || ' ' || label as event_id, lead_id as record_id, label, entered_at, 'day' as entered_precision
from dated
where entered_at is not null
union all
select lead_id || ' ' || lead_status as event_id, lead_id as record_id, lead_status as label, null as entered_at, 'unknown' as entered_precision
from realestate.lead
where lead_status in ('Contacted', 'Lost')
