-- One row: persons whose furthest attempt is void, and persons whose every attempt is too young.
select
    (select count(*) from best where is_excluded) as n_excluded,
    (
        select count(distinct h.subject_id)
        from hit h
        join event e on e.subject_id = h.subject_id and e.pos = h.pos
        where e.is_in_period
            and (h.step = 1 or $order = 'unordered')
            and h.subject_id not in (select subject_id from best)
    ) as n_young
