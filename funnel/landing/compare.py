"""What is new in an export: duplicates settled, changed rows kept, rows that are gone marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression

from funnel.landing.parse import BAD, RAW
from funnel.landing.rows import LINE
from funnel.landing.versions import HASH, KEY, aligned, key_of
from funnel.sources import SourceTable

FILE, ROW, TEXT, MODIFIED = "_file", "_row", "_text", "_modified"

SETTLE = """
create table duplicate as
select
    _file, _row, _line, _raw, _key,
    row_number() over best as place,
    first_value(_text) over best <> _text as differs
from incoming
where _key in (select _key from incoming group by _key having count(*) > 1)
window best as (partition by _key order by _modified desc nulls last, _text desc, _file, _row)
"""
KEEP = """
create view kept as
select * from incoming as i
where not exists (
    select 1 from duplicate as d where d.place > 1 and d._file = i._file and d._row = i._row
)
"""
KEEP_ALL = "create view kept as select * from incoming"
CHANGE = """
create view changed as
select * from kept as k
where not exists (select 1 from known as c where c._key = k._key and c._hash = k._hash)
"""
CHANGE_ALL = "create view changed as select * from kept"
MISS = """
create table gone as
select c.* from known as c
where not exists (select 1 from present as p where p._key = c._key)
  and not exists (
      select 1 from broken as b
      where len(list_filter(string_split(c._key, chr(31)), lambda part: not contains(b.raw, part))) = 0
  )
"""
DIFFERING = "select _file, _row, _line, _raw, _key from duplicate where differs order by _file, _row"


def gather(
    con: duckdb.DuckDBPyConnection, table: SourceTable, n_files: int, types: Mapping[str, str]
) -> None:
    """Create the views `incoming` (rows that were read) and `present` (keys of all) from `parsed_0`, ..."""
    key = key_of(table.key).alias(KEY)
    parsed = [con.table(f"parsed_{number}") for number in range(n_files)]
    _union([_good(rows, number, types) for number, rows in enumerate(parsed)]).select(
        *map(ColumnExpression, (*types, FILE, ROW, LINE, RAW)), key, *_marks(table, types)
    ).create_view("incoming")
    _union([rows.select(key).filter(f"{KEY} is not null") for rows in parsed]).create_view("present")


def _good(rows: duckdb.DuckDBPyRelation, number: int, types: Mapping[str, str]) -> duckdb.DuckDBPyRelation:
    place = [ConstantExpression(number).alias(FILE), ColumnExpression("rowid").alias(ROW)]
    said = [ColumnExpression(LINE), ColumnExpression(RAW)]
    return aligned(rows.filter(f"{BAD} is null"), types, *place, *said)


def _marks(table: SourceTable, types: Mapping[str, str]) -> list[Expression]:
    """Return what tells rows apart and ranks them: a hash, the whole text, and when it was modified."""
    columns = list(map(ColumnExpression, types))
    newest = table.modified if table.modified in types else None
    modified = ColumnExpression(newest) if newest else ConstantExpression(None)
    return [
        FunctionExpression("hash", *columns).alias(HASH),
        FunctionExpression("json_array", *columns).cast("VARCHAR").alias(TEXT),
        modified.alias(MODIFIED),
    ]


def _union(relations: Sequence[duckdb.DuckDBPyRelation]) -> duckdb.DuckDBPyRelation:
    whole = relations[0]
    for relation in relations[1:]:
        whole = whole.union(relation)
    return whole


def settle_duplicates(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int, int | None, str | None, str]]:
    """Keep one row of each key; return file, position, line, text and key of those that differ from it.

    Kept is the row with the latest `modified`, then the greatest text: a rule that the order of rows and of
    files does not touch. Rows equal to the kept one are dropped without a word.
    """
    con.execute(SETTLE)
    con.execute(KEEP if len(con.table("duplicate")) else KEEP_ALL)
    return con.execute(DIFFERING).fetchall()


def find_changes(
    con: duckdb.DuckDBPyConnection,
    table: SourceTable,
    known: duckdb.DuckDBPyRelation,
    broken: Sequence[str],
) -> int:
    """Create `changed` and `gone` from `kept` and the rows known before; return how many rows were known.

    A row that could not be read now is not gone: its key counts as present, also when all that is left of it
    is a text that holds the key.
    """
    columns = list(map(ColumnExpression, known.columns))
    hashed = FunctionExpression("hash", *columns).alias(HASH)
    known.select(*columns, key_of(table.key).alias(KEY), hashed).create_view("known")
    n_known = len(con.table("known"))
    con.execute(CHANGE if n_known else CHANGE_ALL)
    con.execute("create table broken as select unnest(cast(? as varchar[])) as raw", [list(broken)])
    con.execute(MISS if table.complete and n_known else f"{MISS} and false")
    return n_known
