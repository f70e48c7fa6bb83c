-- One row per candidate where nothing is excluded.
create temp table judged as
select *, false as is_out from candidate
