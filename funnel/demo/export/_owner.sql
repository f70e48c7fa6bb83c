-- One row per user and per queue: the ids under which they own records.
-- key: owner
-- time: none
select
    code as owner,
    word as name,
    case when code < 0 then id15('00G', -code) else id15('005', code) end as id15,
    case when code < 0 then id18('00G', -code) else id18('005', code) end as id18
from word
where list = 'Owner'
