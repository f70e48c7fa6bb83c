-- One row per reason given when a lead left, and what it claims, by its words; a reason may claim several things.
select said as reason,
    regexp_matches(said, 'unreach|not reach|no response|no reply|no answer|unresponsive|bounce') as is_about_reach,
    regexp_matches(said, '(bad|wrong|invalid|false) .*(contact|data|number|phone|mail|address)|bounce') as is_about_contact,
    regexp_matches(said,
        'ideal customer|\bicp\b|(not|no|bad|poor) (a )?(good )?fit|too (small|large|big)|company size|wrong industry|out(side)? of (target|segment|scope)') as is_about_fit,
    regexp_matches(said, 'duplicate|already in') as is_about_duplicate,
    regexp_matches(said,
        'no (budget|timeline|time|money)|not now|timing|too early|next (year|quarter)') as is_about_timing
from (
    select lower(exit_reason) as said from core.cycle where exit_reason is not null
    union
    select lower(outcome_reason) from marts.handoff where outcome_reason is not null
)
