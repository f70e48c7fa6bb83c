-- Ids as Salesforce makes them: 15 characters, case-sensitive; the 18-character form adds a checksum of the case.
create macro digit(n, place) as
    substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 1 + n // place % 62, 1);

create macro id15(prefix, n) as
    case when n >= 0 then
        prefix || '5J00000' || digit(n + 20000000, 14776336) || digit(n + 20000000, 238328)
        || digit(n + 20000000, 3844) || digit(n + 20000000, 62) || digit(n + 20000000, 1)
    end;

-- 1 for an upper-case letter: digits 10 to 35.
create macro upper_bit(n, place) as cast(n // place % 62 between 10 and 35 as integer);

create macro checksum(n) as
    substr(
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
        1 + upper_bit(n, 14776336) + 2 * upper_bit(n, 238328) + 4 * upper_bit(n, 3844)
          + 8 * upper_bit(n, 62) + 16 * upper_bit(n, 1),
        1
    );

-- The first of the three checks covers the prefix and "5J", the second the zeros.
create macro id18(prefix, n) as
    id15(prefix, n) || case when substr(prefix, 3, 1) between 'A' and 'Z' then 'U' else 'Q' end
    || 'A' || checksum(n + 20000000);

-- Instants are seconds since 1970 in UTC, days are days since 1970; -1 is "never" and is written as nothing.
create macro stamp(n) as
    case when n <> -1 then strftime(make_timestamp(n * 1000000), '%Y-%m-%dT%H:%M:%S.000Z') end;

create macro day(n) as case when n <> -1 then strftime(date '1970-01-01' + cast(n as integer), '%Y-%m-%d') end;

create macro money(n) as cast(cast(n as decimal(18, 1)) as varchar);
