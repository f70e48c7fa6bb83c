-- One row per qualified lead; what only won deals tell (segment, representative) is left to the deal, so that no split knows the outcome.
-- key: record_id
-- time: created_at is the midnight in Sao Paulo that begins the day of the first contact; channel null and 'unknown' are two values
select
    l.mql_id as record_id,
    'lead' as kind,
    l.first_contact_date as created_at,
    'day' as created_precision,
    l.origin as channel,
    l.landing_page_id as content,
    d.mql_id as opportunity_id,
    l.first_observed_at as seen_at
from olist.lead as l
left join olist.deal as d on l.mql_id = d.mql_id
