"""A company with a known truth, taken all the way to an edition."""

from __future__ import annotations

import json
from pathlib import Path

import click

from funnel.cli.command import project_option
from funnel.cli.make import refuse_if_critical
from funnel.cli.moment import instant
from funnel.cli.terminal import step
from funnel.project import Project, open_project


@click.command(epilog="Example: funnel demo --leads 2000 --project /tmp/trial")
@click.option(
    "--leads",
    default=20_000,
    show_default=True,
    type=click.IntRange(min=50),
    help="How many leads the company gets.",
)
@click.option("--seed", default=7, show_default=True, help="Another seed, another company.")
@click.option("--only-exports", is_flag=True, help="Write the exports and stop.")
@project_option
def demo(leads: int, seed: int, only_exports: bool, folder: str) -> None:
    """Make a company, export its CRM, and take it all the way to an edition."""
    from funnel.demo import write_demo

    project = open_project(folder)
    exports = project.root / "data" / "demo"
    with step("demo: write the exports"):
        write_demo(exports, project.root / "data" / "truth", n_leads=leads, seed=seed)
    if only_exports:
        click.echo(f"{exports}: its loads are to be landed in the order of loads.json")
        return
    _all_the_way(project, exports)


def _all_the_way(project: Project, exports: Path) -> None:
    from funnel.checks import run_checks
    from funnel.landing import land as land_files
    from funnel.reports import report as render
    from funnel.warehouse import build as build_warehouse

    plan = json.loads((exports / "loads.json").read_text(encoding="utf-8"))
    as_of = instant(plan["as_of"], project, "as_of")
    for load in plan["loads"]:
        with step(f"land {load['folder']}"):
            observed_at = instant(load["observed_at"], project, "observed_at")
            land_files(project, "salesforce", exports / load["folder"], observed_at=observed_at)
    with step("build") as told:
        build_warehouse(project, as_of=as_of, told=told)
    with step("check"):
        checked = run_checks(project)
    refuse_if_critical(checked)
    with step("report") as told:
        edition = render(project, as_of=as_of, told=told)
    click.echo(f"\nThe edition: {edition.index}\n")
    click.echo("Next: open it in a browser; `make lab` explores the same tables;")
    click.echo("`funnel init DIR` begins with your own data.")
