"""What the sources give: which staging tables are filled, and words for what is missing."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

ABSENT = "not in this source"

TABLES = """
select source, staging_table, state, n_rows
from run.source_table
order by source, staging_table
"""

STATES = """
select
    staging_table,
    case
        when bool_or(state = 'filled') then 'filled'
        when bool_or(state = 'not landed') then 'not landed'
        else 'not in this source'
    end as state
from run.source_table
group by staging_table
order by staging_table
"""


def sources(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per source and staging table: source, staging_table, state, n_rows.

    State is 'filled', 'not landed' (the mapping exists, the files were not given) or 'not in this source'.
    """
    return con.execute(TABLES).df()


def missing(con: DuckDBPyConnection, *tables: str) -> str | None:
    """Return which of the staging tables no source fills, in words; None if all are filled."""
    if not tables:
        return None
    states = dict(con.execute(STATES).fetchall())
    absent = [(table, states.get(table, ABSENT)) for table in tables if states.get(table) != "filled"]
    return "; ".join(f"{table}: {state}" for table, state in absent) or None
