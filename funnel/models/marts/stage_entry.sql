-- One row per cycle and stage that it reached: its first entry, observed or imputed.
-- key: cycle_id, stage
-- time: entered_at is a UTC instant, entered_on a day of the contract's zone; null when unknown
select
    e.cycle_id, e.subject_id, e.person_id, e.pass, e.record_key, e.stage, e.position, e.entered_at,
    e.entered_precision, e.is_observed, e.evidence, e.is_impossible,
    cast(e.entered_at + z.offset_seconds * interval 1 second as date) as entered_on,
    cast(date_trunc('week', cast(e.entered_at + z.offset_seconds * interval 1 second as date)) as date) as week_on,
    cast(date_trunc('month', cast(e.entered_at + z.offset_seconds * interval 1 second as date)) as date) as month_on,
    cast(date_trunc('quarter',
        cast(e.entered_at + z.offset_seconds * interval 1 second as date)) as date) as quarter_on
from core.stage_entry as e
left join run.zone_day as z
    on cast(e.entered_at as date) = z.day_on and z.starts_at <= e.entered_at and e.entered_at < z.ends_at
