"""A project with one source, `shop`: tables `lead` (a full export) and `visit` (an incremental one)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from funnel.landing import Load, attach, land
from funnel.project import Project

SOURCE = """
name: shop
zone: UTC
max_reject_share: 0.5
{more}
tables:
  lead:
    files: [lead, leads]
    key: [id]
    complete: true
    types: {{created_at: moment, changed_at: timestamp, paid: decimal, n: integer, score: double, ok: boolean,
      seen_on: date, met: day}}
    optional: [created_at, changed_at, paid, n, score, ok, seen_on, met, status, note]
    modified: changed_at
    tracked: {{status: status, score: score}}
  visit:
    files: [visit]
    key: [lead_id, day]
    complete: false
    types: {{day: date, pages: integer}}
    optional: [pages]
"""


@dataclass
class Shop:
    """A project in a folder of its own, and short words for what a test does with it."""

    project: Project
    exports: Path

    def source(self, more: str = "", *, replaced: tuple[str, str] = ("", "")) -> None:
        """Write source.yaml, with more lines at the top or a piece replaced."""
        folder = self.project.sources / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "source.yaml").write_text(SOURCE.format(more=more).replace(*replaced), encoding="utf-8")

    def file(self, name: str, content: str | bytes) -> Path:
        """Write an exported file and return its path; text is UTF-8 with line ends as given."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def land(self, path: Path | None = None, *, on: str = "2026-01-05", **more: Any) -> Load:
        """Land the folder of exports, or one path, as observed on a day."""
        return land(
            self.project, "shop", path or self.exports, observed_at=datetime.fromisoformat(on), **more
        )

    def rows(self, sql: str, *, known_at: str | None = None) -> list[tuple[Any, ...]]:
        """Attach what was landed by a day, and return the rows of a query."""
        with duckdb.connect() as con:
            attach(con, self.project, known_at=datetime.fromisoformat(known_at) if known_at else None)
            return con.execute(sql).fetchall()

    def leads(self, columns: str = "id, status", known_at: str | None = None) -> list[tuple[Any, ...]]:
        """Return columns of the leads as known, in order of their id."""
        return self.rows(f"select {columns} from shop.lead order by id", known_at=known_at)

    def rejects(self) -> list[tuple[Any, ...]]:
        """Return file, line, reason and text of all rejects, in order of their lines."""
        return self.rows("select file, line, reason, raw from run.reject order by all")

    def landed_files(self) -> list[str]:
        """Return all files below data/landed/shop but the lock, sorted."""
        folder = self.project.landed / "shop"
        found = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        return sorted(name for name in found if name != ".lock")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return an empty project with the source `shop`, and a folder for its exports."""
    (tmp_path / "acme" / "contracts").mkdir(parents=True)
    (tmp_path / "exports").mkdir()
    made = Shop(Project(tmp_path / "acme"), tmp_path / "exports")
    made.source()
    return made
