-- One row per opportunity, deleted ones marked.
-- key: opportunity_id
-- time: created_at is a UTC instant; closed_at the local midnight that begins CloseDate, null while open (it is a forecast then); amount in currency
with told as (
    select
        o.*,
        coalesce(o.is_won, o.stage_name = 'Closed Won', false) as won,
        coalesce(o.is_closed, o.stage_name in ('Closed Won', 'Closed Lost'), false) as closed
    from salesforce.opportunity as o
)

select
    id as opportunity_id,
    account_id,
    contact_id as record_id,
    campaign_id,
    name,
    lead_source as channel,
    stage_name as stage,
    amount,
    currency_iso_code as currency,
    created_date as created_at,
    case when created_date is null then 'unknown' else 'second' end as created_precision,
    case when closed then close_date end as closed_at,
    case when closed and close_date is not null then 'day' else 'unknown' end as closed_precision,
    closed as is_closed,
    won as is_won,
    case when closed and not won then loss_reason_c end as loss_reason,
    owner_id,
    coalesce(is_deleted, false) as is_deleted
from told
