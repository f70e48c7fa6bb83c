-- Text to values. Each macro returns null for a text that it cannot read; the caller tells that from an empty one.

-- Trimming costs five times the test whether there is anything to trim.
create macro padded(v) as
    v < '!' or right(v, 1) < '!' or left(v, 1) = chr(160) or right(v, 1) = chr(160);
create macro landed_text(v) as
    case when padded(v) then nullif(trim(v, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '') else v end;

-- Patterns, not `in (...)`: DuckDB makes a join of a long list, and a join loses the order of the rows.
create macro landed_word(v, nulls) as case when not regexp_full_match(v, nulls) then v end;
create macro landed_boolean(v) as
    case when regexp_full_match(v, '(?i)true|t|yes|y|1|1\.0') then true
    when regexp_full_match(v, '(?i)false|f|no|n|0|0\.0') then false end;

create macro landed_id18(v) as case when strlen(v) = 18 then left(v, 15) else v end;

-- shape: the pattern of a number with the source's marks; thousands and decimal: those marks.
create macro number_text(v, shape, thousands, mark) as
    case when regexp_full_match(v, shape) then replace(replace(v, thousands, ''), mark, '.') end;

create macro landed_double(v, shape, thousands, mark) as
    try_cast(number_text(v, shape, thousands, mark) as double);

create macro landed_decimal(v, shape, thousands, mark) as
    try_cast(number_text(v, shape, thousands, mark) as decimal(18, 4));

-- 50.0 is a whole number, 50.5 is none.
create macro whole(n) as case when n = floor(n) then try_cast(n as bigint) end;
create macro landed_integer(v, shape, thousands, mark) as
    whole(try_cast(number_text(v, shape, thousands, mark) as decimal(28, 6)));

-- DuckDB also reads words such as 'infinity' as dates: a date starts with a digit.
create macro dated(v) as case when left(v, 1) between '0' and '9' then v end;
create macro to_utc(local, zone) as timezone('UTC', timezone(zone, local));

create macro landed_date(v) as try_cast(dated(v) as date);
create macro landed_date_by(v, formats) as cast(try_strptime(v, formats) as date);
create macro landed_day(v, zone) as to_utc(cast(landed_date(v) as timestamp), zone);
create macro landed_day_by(v, formats, zone) as to_utc(cast(landed_date_by(v, formats) as timestamp), zone);

-- A text without offset is in the zone of the session, which landing sets to the source's.
create macro landed_moment(v) as timezone('UTC', try_cast(dated(v) as timestamptz));
create macro landed_moment_by(v, formats, zone) as to_utc(try_strptime(v, formats), zone);
create macro landed_timestamp(v) as landed_moment(case when length(v) > 10 then v end);

create macro precision_of(v) as case when length(v) <= 10 then 'day' when v is not null then 'second' end;
create macro precision_by(v, day_formats) as
    case when v is null then null when try_strptime(v, day_formats) is not null then 'day' else 'second' end;

create macro unread(v, value, name, what) as
    case when v is not null and value is null then name || ' ''' || left(v, 80) || ''' is not ' || what end;
