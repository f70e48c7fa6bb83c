-- One row per opportunity, with its ids.
-- key: deal
-- time: UTC seconds; -1 when it has not happened
select *, id15('006', deal) as id15, id18('006', deal) as id18
from deal_frame
