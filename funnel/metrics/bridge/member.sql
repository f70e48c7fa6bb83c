-- One row per set of the chain and what it holds: steps 0 to 8, each set differing from the one before in one rule.
select step, unit_id, subject_id, null as cycle_id, entered_at, null as met_definition from record
union all
select 3, unit_id, subject_id, null, entered_at, null from person
union all
select 4, unit_id, subject_id, cycle_id, entered_at, met_definition from passage where is_observed and place = 1
union all
select 5, unit_id, subject_id, cycle_id, entered_at, met_definition from passage where is_observed
union all
select 6, unit_id, subject_id, cycle_id, entered_at, met_definition from passage where is_observed and is_defined
union all
select 7, unit_id, subject_id, cycle_id, entered_at, met_definition from passage where is_observed and is_taken
union all
select 8, unit_id, subject_id, cycle_id, entered_at, met_definition from passage where not is_observed or is_taken
