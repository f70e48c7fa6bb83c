-- One row per contact, with its ids.
-- key: contact
-- time: UTC seconds; -1 when it has not happened
select *, id15('003', contact) as id15, id18('003', contact) as id18
from contact_frame
