"""The audit of a batch of leads, without a dispute."""

from __future__ import annotations

from pathlib import Path

import click

from funnel.cli.command import project_option
from funnel.cli.terminal import step
from funnel.cli.verdict import batch_options, print_verdict
from funnel.project import open_project


@click.command(
    epilog='Example: funnel audit --batch "campaign=Webinar 2026 summer series" --outcome sql --names hidden'
)
@batch_options
@click.option(
    "--names",
    type=click.Choice(["shown", "hidden"]),
    default="shown",
    show_default=True,
    help="Whether persons can be read in what is printed and written.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole statement as JSON, and nothing else.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write the page and the bundle to DIR.")
@project_option
def audit(
    batch: tuple[str, ...],
    outcome: str,
    stage: str | None,
    baseline: str | None,
    seed: int,
    names: str,
    as_json: bool,
    out: Path | None,
    folder: str,
) -> None:
    """Say why a batch of leads converted less, or more: causes with intervals, or none shown."""
    from funnel import warehouse
    from funnel.dispute.audit import audit as audit_batch
    from funnel.dispute.hidden import hidden
    from funnel.dispute.statement import statement, to_json

    project = open_project(folder)
    con = warehouse.connect(project.warehouse)
    try:
        with step("audit"):
            full = audit_batch(con, batch, outcome=outcome, stage=stage, baseline=baseline, seed=seed)
    finally:
        con.close()
    if out is not None:
        from funnel.reports.bundle import write_bundle

        with step("page and bundle"):
            write_bundle(project, full, out, names=names, batch=batch)
    told = statement(hidden(full) if names == "hidden" else full)
    if as_json:
        click.echo(to_json(told), nl=False)
        return
    print_verdict(told)
    if out is not None:
        click.echo(f"\nThe bundle: {out}")
