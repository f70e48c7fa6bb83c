"""A written demo, and a database in which its files can be recounted without the code that made them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from funnel.demo import DemoReport

LOADS = ("2026-10-05", "2026-11-02", "2026-11-16")


@dataclass(frozen=True)
class Written:
    """A demo on disk and a database with one schema per load, holding its files as text."""

    report: DemoReport
    con: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.con.execute(sql).fetchall()

    def frame(self, sql: str) -> pd.DataFrame:
        return self.con.execute(sql).df()

    def number(self, sql: str) -> float:
        return float(str(self.rows(sql)[0][0]))


def read(report: DemoReport) -> Written:
    con = duckdb.connect()
    for number, day in enumerate(LOADS, start=1):
        con.execute(f"create schema load{number}")
        for path in sorted((report.folder / day).glob("*.csv")):
            con.execute(
                f"create table load{number}.{path.stem.lower()} as select * from "
                f"read_csv('{path}', all_varchar = true, ignore_errors = true, header = true, delim = ',')"
            )
    for table in ("lead", "leadhistory"):
        for number in (1, 2, 3):
            con.execute(f"delete from load{number}.{table} where Id like '_________zz%'")
    for name in ("truth", "problem"):
        con.execute(f"create table {name} as from '{report.truth / name}.parquet'")
    return Written(report, con)
