"""Where the parts of a project folder are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from funnel.errors import UsageError


@dataclass(frozen=True)
class Project:
    """A folder with `contracts/`, `sources/`, `data/` and `reports/`; all paths are derived from `root`."""

    root: Path

    @property
    def contracts(self) -> Path:
        """The agreement: one YAML file per version."""
        return self.root / "contracts"

    @property
    def sources(self) -> Path:
        """The user's own source folders; those of the package need none."""
        return self.root / "sources"

    @property
    def landed(self) -> Path:
        """Append-only Parquet, one folder per source: the truth from which all else is built."""
        return self.root / "data" / "landed"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that `build` makes anew and swaps in."""
        return self.root / "data" / "warehouse.duckdb"

    @property
    def checks(self) -> Path:
        """The DuckDB file that `check` makes anew and swaps in."""
        return self.root / "data" / "checks.duckdb"

    @property
    def reports(self) -> Path:
        """One folder per edition."""
        return self.root / "reports"


def open_project(path: Path | str = ".") -> Project:
    """Return the project at `path`; UsageError if that folder has no `contracts/`."""
    root = Path(path).resolve()
    if not (root / "contracts").is_dir():
        raise UsageError(
            f"{root} is not a funnel project: it has no folder contracts/. "
            "Run `funnel init DIR` to make one, or name one with --project DIR."
        )
    return Project(root)
