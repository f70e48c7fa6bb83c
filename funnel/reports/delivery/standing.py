"""Whether an edition may go: it is there, whole, for the day asked, and every critical check passed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from funnel import warehouse
from funnel.errors import FunnelError, InputError, UsageError
from funnel.project import Project
from funnel.reports.facts import BAD, folder_name, instant_words, read_checks

NAME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{6})?")
BUILT = "select as_of, zone, build_id from run.context"
RECORD = "edition.json"
SHOWN = 3


@dataclass(frozen=True)
class Standing:
    """An edition as it is found: its record if there is one, and each reason why it may not go.

    The reasons are sentences for its readers: no row of data, no name, no path.
    """

    name: str
    folder: Path
    record: dict[str, Any]
    reasons: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """What identifies its content: pages and tables, not when or with what they were made."""
        return digest({name: self.record.get(name) for name in ("pages", "tables")})

    @property
    def as_of(self) -> str:
        """The day that it stands for, in words."""
        return instant_words(_local(self.record["as_of"], self.record["zone"]))


def digest(value: Any) -> str:
    """Return the sha256 of a value as sorted JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def standing(project: Project, name: str) -> Standing:
    """Return how the edition `name` stands; UsageError if that is no name of an edition."""
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' is no edition. Write the day it was made for, for example 2026-11-16.")
    folder = project.reports / name
    if not (folder / RECORD).is_file():
        return Standing(name, folder, {}, (f"There is no edition {name}. {_why_none(project, name)}",))
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        reasons = (*_of_record(record, name), *_of_files(record, folder), *_of_build(project, record, name))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Standing(name, folder, {}, (f"The record of the edition {name} cannot be read.",))
    return Standing(name, folder, record, reasons)


def recorded(record: dict[str, Any]) -> dict[str, str]:
    """Return the sha256 of every file that an edition consists of, by its path in the edition."""
    files = {**record["pages"], **record.get("scripts", {}), **record.get("papers", {})}
    for name, table in record["tables"].items():
        files |= {f"tables/{name}.{kind}": table[f"{kind}_sha256"] for kind in ("csv", "parquet")}
    return dict(sorted(files.items()))


def _of_record(record: dict[str, Any], name: str) -> list[str]:
    found = []
    made_for = folder_name(_local(record["as_of"], record["zone"]))
    if made_for != name:
        found.append(f"The edition in the place of {name} was made for {made_for}.")
    bad = [each for each in record["checks"] if each["severity"] == "critical" and each["state"] in BAD]
    if bad or not record["checks"]:
        found.append(f"Its own record says that {len(bad) or 'none'} of its critical checks {_failed(bad)}.")
    return found


def _failed(bad: list[Any]) -> str:
    return "did not pass" if bad else "was run"


def _of_files(record: dict[str, Any], folder: Path) -> list[str]:
    """Return a sentence if a file of the edition is not the one that was recorded."""
    changed = [name for name, sha256 in recorded(record).items() if _hash(folder / name) != sha256]
    if not changed:
        return []
    more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
    return [f"Its files are not those that were written: {', '.join(changed[:SHOWN])}{more}."]


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _of_build(project: Project, record: dict[str, Any], name: str) -> list[str]:
    """Return a sentence if the same day was built again since, and that build is not this edition."""
    built = _built(project)
    if built is None or built[0] != name or built[1] == record["build_id"]:
        return []
    return [f"The data for {name} were built again since this edition was made. {_why_none(project, name)}"]


def _built(project: Project) -> tuple[str, str] | None:
    """Return for which edition the warehouse stands, and its build; None if there is none to be read."""
    try:
        con = warehouse.connect(project.warehouse)
    except FunnelError:
        return None
    try:
        as_of, zone, build_id = con.execute(BUILT).fetchall()[0]
    finally:
        con.close()
    return folder_name(as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))), str(build_id)


def _why_none(project: Project, name: str) -> str:
    """Return what is known of why there is no edition: where the way from export to report ended."""
    built = _built(project)
    if built is None:
        return "No data have been built."
    if built[0] != name:
        return (
            f"The data were last built for {built[0]}: the exports for {name} were not landed or not built."
        )
    con = warehouse.connect(project.warehouse)
    try:
        read_checks(con)
    except UsageError:
        return "The data were built, but not checked."
    except FunnelError as error:
        return str(error).partition(" `funnel check`")[0]
    finally:
        con.close()
    return "The data were built and passed the checks, but the report was not finished."


def _local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def unreadable(standing: Standing) -> InputError:
    """Return the error for an edition that lacks what a message is made of."""
    return InputError(
        f"The edition {standing.name} was made by another version of funnel: no message can be made of it. "
        "Run `funnel report` for its day again."
    )
