"""Find source folders: the project's own first, then those that come with the package."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from funnel.errors import UsageError, did_you_mean
from funnel.project import Project
from funnel.sources.read import read_source
from funnel.sources.schema import SCHEMA
from funnel.sources.source import Source

SHIPPED = Path(__file__).parent


def _folders(project: Project | None) -> dict[str, Path]:
    roots = [SHIPPED, *([project.sources] if project else [])]
    return {path.parent.name: path.parent for root in roots for path in sorted(root.glob("*/source.yaml"))}


def list_sources(project: Project | None = None, names: Collection[str] | None = None) -> tuple[Source, ...]:
    """Return all sources by name, or those of `names` that there are, without reading the others.

    A folder of the project hides one of the package with the same name.
    """
    chosen = {name: folder for name, folder in _folders(project).items() if names is None or name in names}
    return tuple(read_source(folder) for _, folder in sorted(chosen.items()))


def find_source(project: Project | None, name: str) -> Source:
    """Return the source of that name; UsageError names the nearest one and lists them all."""
    folders = _folders(project)
    if name not in folders:
        raise UsageError(
            f"There is no source '{name}'.{did_you_mean(name, folders)} "
            f"Sources: {', '.join(sorted(folders))}. "
            f"A source of your own is a folder sources/{name}/ with a source.yaml in it."
        )
    return read_source(folders[name])


def describe_sources(project: Project | None = None) -> list[dict[str, str]]:
    """Return one row per source: its name, title, where it is, the tables it lands and those it can fill."""
    own = project.sources if project else None
    return [
        {
            "source": source.name,
            "title": source.title,
            "from": "project" if source.folder.parent == own else "package",
            "lands": ", ".join(source.tables),
            "fills": "all" if len(source.fills) == len(SCHEMA) else ", ".join(source.fills),
        }
        for source in list_sources(project)
    ]
