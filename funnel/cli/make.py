"""From exports to a checked warehouse: init, sources, land, build, check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from funnel.cli.command import project_option
from funnel.cli.moment import instant
from funnel.cli.terminal import print_rows, step
from funnel.errors import ChecksFailed
from funnel.project import open_project


@click.command(epilog="Example: funnel init acme --source salesforce")
@click.argument("folder")
@click.option(
    "--source", default="salesforce", show_default=True, help="Whose contract and mapping to begin with."
)
def init(folder: str, source: str) -> None:
    """Make a project folder for your own data: a contract, a source, a README."""
    from funnel.sources import scaffold

    for line in scaffold(Path(folder), source):
        click.echo(line)


@click.command("sources", epilog="Example: funnel sources")
@project_option
def list_known_sources(folder: str) -> None:
    """List the sources that can be landed, and what each can fill."""
    from funnel.sources import describe_sources

    print_rows("Sources", describe_sources(open_project(folder)))


@click.command(epilog="Example: funnel land salesforce exports/2026-11-16 --observed-at 2026-11-16")
@click.argument("source")
@click.argument("path")
@click.option(
    "--observed-at", required=True, help="When the files were exported: a day, or an instant with offset."
)
@project_option
def land(source: str, path: str, observed_at: str, folder: str) -> None:
    """Keep what is new in the files at PATH, for good."""
    from funnel.landing import land as land_files

    project = open_project(folder)
    with step(f"land {source}"):
        load = land_files(
            project, source, Path(path), observed_at=instant(observed_at, project, "--observed-at")
        )
    print_rows("Landed" if load.is_new else "Landed before: these files bring nothing new", load.summary)
    if load.ignored:
        click.echo(f"Not landed, no table of this source: {', '.join(load.ignored)}")


@click.command(epilog="Example: funnel build --as-of 2026-11-16 --known-at 2026-11-16")
@click.option(
    "--as-of", required=True, help="See only what happened before this day, or instant with offset."
)
@click.option("--known-at", help="... and only what had been landed by this (default: all that is landed).")
@project_option
def build(as_of: str, known_at: str | None, folder: str) -> None:
    """Build the warehouse anew from what was landed, and swap it in."""
    from funnel.warehouse import build as build_warehouse

    project = open_project(folder)
    known = instant(known_at, project, "--known-at") if known_at else None
    with step("build") as told:
        report = build_warehouse(project, as_of=instant(as_of, project, "--as-of"), known_at=known, told=told)
    click.echo(f"{report.warehouse} as of {report.as_of} UTC, known at {report.known_at} UTC")


@click.command(epilog="Example: funnel check && funnel report --as-of 2026-11-16")
@project_option
def check(folder: str) -> None:
    """Check the warehouse; exit 1 if a critical check failed."""
    from funnel.checks import run_checks

    with step("check"):
        report = run_checks(open_project(folder))
    print_rows("Checks", report.summary)
    refuse_if_critical(report)


def refuse_if_critical(report: Any) -> None:
    """Raise ChecksFailed if a critical check of `report` did not pass."""
    if not report.ok:
        raise ChecksFailed(
            f"{report.n_critical_failed} critical check(s) failed: no edition until they are mended. "
            "The failing rows are in data/checks.duckdb, table failing_row; the last edition stays."
        )
