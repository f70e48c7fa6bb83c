-- One row: persons whose furthest attempt is void, and persons whose every attempt is too young.
with young as (
    select distinct e.subject_id
    from event e
    anti join best b on b.subject_id = e.subject_id
    where e.is_in_period and not e.can_start
        and ((e.served & 1) <> 0 or ($order = 'unordered' and e.served > 0))
)
select
    (select count(*) from best where is_excluded) as n_excluded,
    (select count(*) from young) as n_young
