"""Editions: made, shown under other definitions, and explained."""

from __future__ import annotations

import click

from funnel.cli.command import project_option
from funnel.cli.moment import instant
from funnel.cli.terminal import print_rows, step
from funnel.project import open_project


@click.command(epilog="Example: funnel report --as-of 2026-11-16")
@click.option("--as-of", required=True, help="The day or instant that the warehouse was built for.")
@click.option("--pdf", "with_pdf", is_flag=True, help="Also print the front page (needs Chromium).")
@project_option
def report(as_of: str, with_pdf: bool, folder: str) -> None:
    """Render the edition: front page, reports, checks, tables; and the archive of all editions."""
    from funnel.reports import report as render

    project = open_project(folder)
    with step("report") as told:
        edition = render(project, as_of=instant(as_of, project, "--as-of"), with_pdf=with_pdf, told=told)
    click.echo(edition.index)


@click.command(epilog="Example: funnel compare 2026-11-09 2026-11-16")
@click.argument("old")
@click.argument("new")
@project_option
def compare(old: str, new: str, folder: str) -> None:
    """Write a page that lays two editions side by side: figures, findings, agreement, data health."""
    from funnel.reports.compare import compare as write

    click.echo(write(open_project(folder), old, new))


@click.command(epilog="Example: funnel restate 2026-11-16 --contract 2025-01")
@click.argument("edition")
@click.option("--contract", "version", help="Under this version for all time (default: those in force then).")
@click.option(
    "--known-at", help="With what had been landed by this day or instant (default: all, or as then)."
)
@project_option
def restate(edition: str, version: str | None, known_at: str | None, folder: str) -> None:
    """Show a past edition under another contract, or with later knowledge, beside what it reported."""
    from funnel import revision

    project = open_project(folder)
    known = instant(known_at, project, "--known-at") if known_at else None
    with step("restate") as told:
        restated = revision.restate(project, edition, contract=version, known_at=known, told=told)
    rows = revision.differences(restated)
    print_rows(f"{len(rows)} of {len(restated)} figures differ from what {edition} reported", rows)


@click.command(epilog="Example: funnel explain leads --from 2026-11-09 --to 2026-11-16")
@click.argument("metric")
@click.option("--from", "before", required=True, metavar="EDITION", help="The older edition: its folder.")
@click.option("--to", "after", required=True, metavar="EDITION", help="The newer edition.")
@project_option
def explain(metric: str, before: str, after: str, folder: str) -> None:
    """Say why a reported figure changed from one edition to another; the parts add up to the change."""
    from funnel import revision

    with step("explain") as told:
        found = revision.explain(open_project(folder), metric, before=before, after=after, told=told)
    print_rows(f"{found.asked.title}: why it changed from {before} to {after}", revision.rows_of(found))
