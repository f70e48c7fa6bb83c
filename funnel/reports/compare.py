"""The page that compares two editions: written beside the archive, from what both have on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import jinja2

from funnel.errors import UsageError
from funnel.project import Project
from funnel.reports import compared, page
from funnel.reports import compared_words as words
from funnel.reports.record import Record, record_of
from funnel.reports.swap import alone, put_file
from funnel.reports.tables import to_csv

FOLDER = "compare"
TEMPLATE = "compare.html.j2"
MADE_FROM = 'name="made-from" content="'
HEAD = 4_096


def compare(project: Project, old: str, new: str) -> Path:
    """Write the page that compares two editions and the archive that lists it; return the page.

    UsageError for an unknown edition, the same one twice, or the newer one given first; InputError if an
    edition cannot be read.
    """
    from funnel.reports import archive

    first, second = (record_of(project.reports, name) for name in (old, new))
    if first.name == second.name:
        raise UsageError(f"{old} is one edition. Name two: funnel compare OLD NEW.")
    if (first.as_of, first.name) > (second.as_of, second.name):
        raise UsageError(f"{old} is later than {new}. Give the older first: funnel compare {new} {old}.")
    with alone(project.reports):
        path = write(project, first, second, page.environment())
        archive.write(project)
    return path


def name_of(old: Record, new: Record) -> str:
    """Return the name that the page of two editions has, without its ending."""
    return f"{old.name}..{new.name}"


def is_written(project: Project, old: Record, new: Record) -> bool:
    """Say whether the page that lies there was made from these two editions and this template."""
    path = project.reports / FOLDER / f"{name_of(old, new)}.html"
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8", errors="replace")
    except OSError:
        return False
    return f'{MADE_FROM}{_made_from(old, new)}"' in head and path.with_suffix(".csv").is_file()


def write(project: Project, old: Record, new: Record, environment: jinja2.Environment) -> Path:
    """Write the page and the CSV of two editions; return the page. InputError if a table cannot be read."""
    then, now = (compared.read_tables(each) for each in (old, new))
    table = compared.figures(then, now)
    given = {
        "old": old,
        "new": new,
        "made_from": _made_from(old, new),
        "name": name_of(old, new),
        "rows": words.rows(table, old, new),
        "findings": compared.findings(then["front-findings"], now["front-findings"]),
        "contracts": words.contracts(project, old, new),
        **words.health(old, new),
    }
    text = environment.get_template(TEMPLATE).render(
        title=f"{old.name} and {new.name}", kind="apart", here="", pages=[], scripts=False, **given
    )
    folder = project.reports / FOLDER
    put_file(folder / f"{name_of(old, new)}.csv", to_csv(table))
    return put_file(folder / f"{name_of(old, new)}.html", text.encode())


def _made_from(old: Record, new: Record) -> str:
    template = b"".join(
        (page.TEMPLATES / name).read_bytes() for name in (TEMPLATE, "base.html.j2", "style.css")
    )
    parts = [old.sha256.encode(), new.sha256.encode(), template]
    return hashlib.sha256(b" ".join(parts)).hexdigest()
