"""The limits that checks judge by: those of the package, overridden by the project's `checks.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from funnel.contract.document import Item, read_document
from funnel.errors import UsageError
from funnel.landing.attach import landed_sources
from funnel.project import Project
from funnel.sources import find_source

DEFAULTS = Path(__file__).parent / "thresholds.yaml"


@dataclass(frozen=True)
class Threshold:
    """One limit: its value, the unit of it, and what it limits in words."""

    name: str
    value: float
    unit: str
    meaning: str


def thresholds_of(project: Project) -> tuple[Threshold, ...]:
    """Return the limits of a project: those of `load_thresholds`, and the share of rejects of each source."""
    shares = ((name, _share(project, name)) for name in landed_sources(project))
    stated = (Threshold(f"reject_share {name}", *share) for name, share in shares if share)
    return (*load_thresholds(project.root / "checks.yaml"), *stated)


def _share(project: Project, source: str) -> tuple[float, str, str] | None:
    try:
        found = find_source(project, source)
    except UsageError:  # its folder was removed after it was landed
        return None
    return found.max_reject_share, "share", f"rows of {source} that may be unreadable, by its source.yaml"


def load_thresholds(overrides: Path) -> tuple[Threshold, ...]:
    """Return all limits, in the order of the package's file; a missing file of overrides changes none.

    InputError names file, line and the nearest known limit for a word that is none, or a value below 0.
    """
    known = {
        name: _threshold(name, item) for name, item in read_document(DEFAULTS).any_keys("limits").items()
    }
    if not overrides.is_file():
        return tuple(known.values())
    stated = read_document(overrides).keys(known, "the limits of the checks")
    values = {name: _value(item) for name, item in stated.items()}
    return tuple(replace(limit, value=values.get(name, limit.value)) for name, limit in known.items())


def _threshold(name: str, item: Item) -> Threshold:
    members = item.keys(("value", "unit", "meaning"), "a limit")
    return Threshold(name, _value(members["value"]), members["unit"].words(), members["meaning"].words())


def _value(item: Item) -> float:
    value = item.number("a number of at least 0")
    if value < 0:
        raise item.error(f"expected a number of at least 0, found {item.found}.")
    return value
