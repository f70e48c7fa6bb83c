-- One row per event of a frame that the caller gave; its whole content decides between equal instants.
select *, cast(e as varchar) as event_key
from own_event e
