"""The archive: one page that lists all editions, and a comparison of each with the one before."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from funnel.errors import InputError
from funnel.project import Project
from funnel.reports import compare, page
from funnel.reports.record import Record, records
from funnel.reports.swap import put_file

INDEX = "index.html"
SHOWN = 5


def write(project: Project) -> Path:
    """Make the archive anew from the records of all editions; return its page.

    The page of each two neighbours is made only if it is not there or one of them is another since. A record
    or table that cannot be read is left out, and the archive says so. Call it with `swap.alone` held.
    """
    known, broken = records(project.reports)
    environment = page.environment()
    links = {new.name: _compared(project, old, new, environment) for old, new in pairwise(known)}
    names = {each.name for each in known}
    others = sorted(_others(project, names) - {each["name"] for each in links.values()})
    rows = [_row(new, old, links.get(new.name)) for old, new in zip([None, *known], known, strict=False)]
    text = environment.get_template("archive.html.j2").render(
        title="All editions",
        kind="apart",
        here="",
        pages=[],
        scripts=False,
        company=known[-1].company if known else "",
        editions=rows[::-1],
        others=[{"name": name, "title": name.replace("..", " and ")} for name in others],
        broken=broken,
    )
    return put_file(project.reports / INDEX, text.encode())


def _compared(project: Project, old: Record, new: Record, environment: Any) -> dict[str, str]:
    """Return the link to the page of two neighbours, made if need be; why not, where it cannot be made."""
    name = compare.name_of(old, new)
    if not compare.is_written(project, old, new):
        try:
            compare.write(project, old, new, environment)
        except InputError as error:
            return {"name": name, "href": "", "why": str(error)}
    return {"name": name, "href": f"{compare.FOLDER}/{name}.html", "why": ""}


def _others(project: Project, names: set[str]) -> set[str]:
    """Return the comparisons that lie there; leftovers, and those of editions that are gone, are removed."""
    found = set()
    for path in sorted((project.reports / compare.FOLDER).glob("*")):
        old, _, new = path.stem.partition("..")
        if not {old, new} <= names:
            path.unlink()
        elif path.suffix == ".html":
            found.add(path.stem)
    return found


def _row(edition: Record, before: Record | None, link: dict[str, str] | None) -> dict[str, Any]:
    is_other = before is not None and before.contract != edition.contract
    return {
        "edition": edition,
        "findings": edition.findings[:SHOWN],
        "n_standing": len(edition.standing),
        "n_ended": len(edition.ended),
        "was": before.contract if before is not None and is_other else "",
        "compared": link,
    }
