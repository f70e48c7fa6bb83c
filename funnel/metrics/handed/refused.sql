-- One row per refused hand-off into $stage: what it was said to be, and the attempts that were agreed.
select h.*, r.* exclude (reason), a.exit as exit_of_reason, n.attempts as agreed
from marts.handoff h
left join reason r on r.reason = lower(h.outcome_reason)
left join contract.reason a on a.version = h.version and lower(trim(a.reason)) = lower(trim(h.outcome_reason))
left join (select version, max(attempts) as attempts from contract.sla where sla = 'cadence' group by version) n
    on n.version = h.version
where h.stage = $stage and h.outcome in ('rejected', 'recycled', 'lost')
