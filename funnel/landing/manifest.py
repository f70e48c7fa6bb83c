"""The list of loads of a source: written last, so that what it does not name was never landed."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from funnel.errors import InputError, UsageError
from funnel.project import Project

FORMAT = 1
REJECTS = "_reject"
ASIDE = ".aside"


@dataclass(frozen=True)
class TableLoad:
    """What one load brought for one table. `parquet` is None when no row changed.

    `columns` maps a landed column to its DuckDB type. n_rows counts the rows of the files, rejects included.
    """

    table: str
    files: tuple[str, ...]
    n_rows: int
    n_changed: int
    n_tombstones: int
    n_rejects: int
    parquet: str | None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """One load of a source. `is_new` False: the files brought nothing, and no load was listed.

    `observed_at` is naive UTC; `ignored` names data files that belong to no table of the source.
    """

    source: str
    load_id: str
    number: int
    observed_at: datetime
    day_zone: str
    inputs: str
    tables: tuple[TableLoad, ...]
    rejects: str | None = None
    ignored: tuple[str, ...] = ()
    is_new: bool = True

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Return one row per table: its files, and the rows read, changed, gone and rejected."""
        return [
            {
                "table": each.table,
                "file": ", ".join(each.files),
                "rows": each.n_rows,
                "changed": each.n_changed,
                "gone": each.n_tombstones,
                "rejected": each.n_rejects,
            }
            for each in self.tables
        ]


def folder_of(project: Project, source: str) -> Path:
    """Return the folder that holds all that was landed of a source."""
    return project.landed / source


def read_loads(project: Project, source: str) -> tuple[Load, ...]:
    """Return the loads of a source, oldest first; none if it was never landed."""
    path = folder_of(project, source) / "manifest.json"
    if not path.is_file():
        return ()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise InputError(f"{path} has format {document['format']}; this version reads format {FORMAT}.")
        return tuple(_load(entry) for entry in document["loads"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a manifest that can be read: {error!r}.") from error


def _load(entry: dict[str, Any]) -> Load:
    tables = tuple(TableLoad(**{**each, "files": tuple(each["files"])}) for each in entry["tables"])
    observed_at = datetime.fromisoformat(entry["observed_at"])
    return Load(**{**entry, "tables": tables, "observed_at": observed_at, "ignored": tuple(entry["ignored"])})


def _entry(load: Load) -> dict[str, Any]:
    entry = {**asdict(load), "observed_at": load.observed_at.isoformat()}
    del entry["is_new"]
    return entry


@contextmanager
def alone(project: Project, source: str) -> Iterator[Path]:
    """Hold the lock of a source and yield its folder, cleaned of what a killed load left behind.

    UsageError if another process is landing this source. The lock ends with the process, however it ends.
    """
    folder = folder_of(project, source)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"Another process is landing the source {source} in {project.root}. Wait until it is done."
            ) from None
        _clean(folder, read_loads(project, source))
        yield folder


def _clean(folder: Path, loads: tuple[Load, ...]) -> None:
    """Remove what no manifest names: a killed load may have left it."""
    shutil.rmtree(folder / ASIDE, ignore_errors=True)
    (folder / "manifest.json.new").unlink(missing_ok=True)
    listed = {name for load in loads for name in _files(load)}
    for path in folder.glob("*/*.parquet"):
        if path.relative_to(folder).as_posix() not in listed:
            path.unlink()


def _files(load: Load) -> list[str]:
    return [name for name in (load.rejects, *(each.parquet for each in load.tables)) if name]


def commit(folder: Path, loads: tuple[Load, ...]) -> None:
    """Move the files of the newest load from `.aside` into place, then list it: the manifest comes last.

    Every file and folder is synced before the manifest names it: a power cut leaves no load half there.
    """
    newest = loads[-1]
    for name in _files(newest):
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        _sync(folder / ASIDE / name)
        (folder / ASIDE / name).replace(target)
        _sync(target.parent)
    aside = folder / "manifest.json.new"
    document = {"format": FORMAT, "source": newest.source, "loads": [_entry(load) for load in loads]}
    aside.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _sync(aside)
    _sync(folder)
    aside.replace(folder / "manifest.json")
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
