"""Make an edition: the front page, the reports, the checks and their tables, swapped in as one folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from funnel import warehouse
from funnel.metrics.once import sharing
from funnel.project import Project
from funnel.reports import archive, notebook, page, pdf, tables
from funnel.reports.facts import Facts, facts
from funnel.reports.swap import aside, beside

if TYPE_CHECKING:
    from funnel.reports import front

TABLES = """
select schema_name || '.' || table_name
from duckdb_tables()
where database_name = current_database() and schema_name in ('contract', 'core', 'marts', 'run', 'staging')
order by 1
"""
NOTEBOOKS = ("conversion", "lead_quality", "handoff", "attribution", "shared_kpi")
SOFTWARE = ("duckdb", "pandas", "plotly", "papermill", "statsmodels")


@dataclass(frozen=True)
class Edition:
    """An edition that was made: its folder, its front page, and how much is in it."""

    folder: Path
    index: Path
    as_of: datetime
    n_pages: int
    n_figures: int
    n_tables: int


def report(
    project: Project,
    *,
    as_of: datetime,
    with_pdf: bool = False,
    told: Callable[[str], None] = lambda name: None,
) -> Edition:
    """Make the edition of a checked warehouse built for `as_of` (naive UTC); return where it is.

    It is written aside and swapped in whole: the edition before stays until then, and if anything fails. The
    archive of editions is made anew after it. `with_pdf` also prints the front page as a PDF.
    UsageError if the warehouse stands for another instant, was not checked, another report is being made, or
    there is no browser to print with;
    ChecksFailed if a critical check did not pass; InputError if a notebook failed (it is kept in
    `reports/failed/`).
    """
    browser = pdf.chromium() if with_pdf else None
    con = warehouse.connect(project.warehouse)
    try:
        known = facts(con, as_of=as_of)
        folder = project.reports / known.folder
        with aside(folder, after=lambda: archive.write(project)) as new:
            return _write(con, project, known, new, folder, told, browser)
    finally:
        con.close()


def _write(
    con: DuckDBPyConnection,
    project: Project,
    known: Facts,
    new: Path,
    folder: Path,
    told: Callable[[str], None],
    browser: str | None,
) -> Edition:
    told("notebooks and front page")
    given = {"warehouse": str(project.warehouse)}
    with (
        beside(new, "notebooks") as scratch,
        sharing(scratch / "once"),
        ThreadPoolExecutor(1) as meanwhile,
    ):
        running = meanwhile.submit(notebook.run_notebooks, project, NOTEBOOKS, scratch, given)
        from funnel.reports import front  # heavy, and the kernels need not wait for it

        first = front.view(con, project, known)
        reports = running.result()
    told("pages and tables")
    exhibits = [exhibit for each in reports for exhibit in each.exhibits]
    shown = [(exhibit.text.name, exhibit.table) for exhibit in exhibits]
    made = {exhibit.text.name: exhibit.parquet for exhibit in exhibits}
    written = tables.write_tables(tables.gather([*first.tables, *shown]), new / "tables", made=made)
    pages = _pages(known, first, reports)
    for name, content in (pages | page.shared_files()).items():
        (new / name).write_bytes(content)
    record = _record(con, known, first, pages, written) | {"papers": _papers(known, pages, new, browser)}
    (new / "edition.json").write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    n_figures = sum(exhibit.figure is not None for each in reports for exhibit in each.exhibits)
    return Edition(folder, folder / page.FRONT, known.as_of, len(pages), n_figures, len(written))


def _papers(known: Facts, pages: dict[str, bytes], new: Path, browser: str | None) -> dict[str, str]:
    """Print the front page if there is a browser to do it; return the hashes of what was printed."""
    if browser is None:
        return {}
    title = f"{known.company}: {known.week_words}"
    html = pages[page.FRONT].decode()
    printed = pdf.front_page(html, title=title, as_of=known.as_of, browser=browser)
    (new / pdf.FILE).write_bytes(printed)
    return _hashes({pdf.FILE: printed})


def _pages(known: Facts, first: front.Front, reports: tuple[notebook.Page, ...]) -> dict[str, bytes]:
    listed = [(page.FRONT, "Front page"), *((f"{each.name}.html", each.title) for each in reports)]
    listed.append((page.CHECKS, "Data checks"))
    made = {page.FRONT: page.render_front(first.view, facts=known, pages=listed)}
    made |= {f"{each.name}.html": page.render_notebook(each, facts=known, pages=listed) for each in reports}
    made[page.CHECKS] = page.render_checks(facts=known, pages=listed)
    return {name: text.encode() for name, text in made.items()}


def _record(
    con: DuckDBPyConnection,
    known: Facts,
    first: front.Front,
    pages: dict[str, bytes],
    written: list[tables.Written],
) -> dict[str, Any]:
    """Return what edition.json says: enough to tell whether two editions say the same, and from what."""
    versions = con.execute("select version from contract.version order by number").fetchall()
    columns = ["check_name", "title", "layer", "severity", "state", "n_rows", "n_failing"]
    return {
        "as_of": known.as_of.isoformat() + "Z",
        "known_at": known.known_at.isoformat() + "Z",
        "zone": known.zone,
        "company": known.company,
        "currency": known.currency,
        "week": known.week_words,
        "health": known.health_words,
        "contract": known.contract,
        "contracts": [row[0] for row in versions],
        "build_id": known.build_id,
        "sources": list(known.sources),
        "software": {name: version(name) for name in SOFTWARE},
        **first.findings,
        "disputes": first.disputes,
        "n_rows": _count_rows(con),
        "pages": _hashes(pages),
        "scripts": _hashes(page.shared_files()),
        "tables": {each.name: asdict(each) for each in written},
        "checks": known.checks[columns].to_dict("records"),
    }


def _hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}


def _count_rows(con: DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of each table of the warehouse; the attached checks are not of it."""
    names = [str(row[0]) for row in con.execute(TABLES).fetchall()]
    return {name: len(con.table(name)) for name in names}
