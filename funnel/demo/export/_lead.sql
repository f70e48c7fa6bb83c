-- One row per lead record that ever was, with its ids and the part of its mail address before the @.
-- key: lead
-- time: UTC seconds; -1 when it has not happened
select
    *,
    id15('00Q', lead) as id15,
    id18('00Q', lead) as id18,
    mail_first || '.' || mail_last || case when namesake > 0 then cast(namesake + 1 as varchar) else '' end as mail_name
from lead_frame
