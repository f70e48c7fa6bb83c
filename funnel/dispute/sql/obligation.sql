-- One row per obligation of the contract and side: how many of the batch's hand-offs were due, how many kept it.
with agreed as (
    select s.sla, max(s.attainment) as attainment, arg_max(s.words, v.number) as words
    from contract.sla s
    join contract.version v on v.version = s.version
    where s.version in (select version from disputed)
    group by s.sla
),

definition as (
    select string_agg(distinct c.clause, '; ' order by c.clause) as words from clause_told c
),

required as (
    select string_agg(distinct field, ', ' order by field) as words
    from contract.required_field where version in (select version from disputed)
),

owed as (
    select 'marketing' as side, 1 as place, 'definition met' as obligation, 'At the hand-off: ' || (select words from definition) as agreed,
        cast(null as double) as attainment, count(*) as n_all,
        count(met_definition) as n, count(*) filter (where met_definition) as n_kept, 0 as n_open
    from disputed
    union all
    select 'marketing', 2, 'required fields filled', 'Filled at the hand-off: ' || (select words from required),
        null, count(*), count(completeness), count(*) filter (where completeness = 1), 0
    from disputed
    union all
    select 'sales', 3 + row_number() over (order by a.sla), replace(a.sla, '_', ' '), a.words, a.attainment,
        count(s.handoff_id), count(*) filter (where s.outcome in ('met', 'missed')),
        count(*) filter (where s.outcome = 'met'), count(*) filter (where s.outcome = 'open')
    from agreed a
    left join (select s.* from marts.handoff_sla s join disputed d on d.handoff_id = s.handoff_id) s on s.sla = a.sla
    group by a.sla, a.words, a.attainment
)

select * from owed where agreed is not null order by place
