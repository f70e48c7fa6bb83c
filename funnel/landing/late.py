"""Landed files if, after an instant, only new rows had come and no known one had changed."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, StarExpression

from funnel.landing.attach import landed_sources
from funnel.landing.manifest import Load, folder_of, read_loads
from funnel.landing.versions import KEY, key_of
from funnel.project import Project
from funnel.sources import Source, find_source


def keep_only_new_keys(project: Project, landed: Path, *, settled_at: datetime) -> None:
    """Write to `landed` what `project` holds, its loads after `settled_at` (naive UTC) cut to new keys.

    A row whose key an earlier load had shown stays as it was at `settled_at`: its later versions and its
    tombstone are left out. So what a build of it counts beyond one known at `settled_at` had arrived late,
    and what a build of all that is landed counts otherwise had been corrected. Nothing of `project` changes.
    """
    for name in landed_sources(project):
        folder, target = folder_of(project, name), landed / name
        target.mkdir(parents=True)
        shutil.copy2(folder / "manifest.json", target / "manifest.json")
        loads = read_loads(project, name)
        for load in loads:
            for file in [load.rejects, *(each.parquet for each in load.tables)]:
                if file:
                    (target / file).parent.mkdir(exist_ok=True)
                    (target / file).symlink_to(folder / file)
        settled = [load for load in loads if load.observed_at <= settled_at]
        for load in loads[len(settled) :]:
            _cut(find_source(project, name), settled, load, folder, target)


def _cut(source: Source, settled: list[Load], load: Load, folder: Path, target: Path) -> None:
    con = duckdb.connect()
    for each in load.tables:
        before = [one.parquet for old in settled for one in old.tables if one.table == each.table]
        files = [str(folder / file) for file in before if file]
        if not each.parquet or not files:
            continue
        key = key_of(source.tables[each.table].key).alias(KEY)
        rows = con.read_parquet(str(folder / each.parquet))
        keyed = rows.select(StarExpression(), key)
        seen = con.read_parquet(files, union_by_name=True).select(key).distinct()
        fresh = keyed.join(seen, KEY, how="anti").select(*map(ColumnExpression, rows.columns))
        (target / each.parquet).unlink()
        fresh.write_parquet(str(target / each.parquet))
    con.close()
