"""Disputes: opened with a frozen population and verdict, signed, closed, and verified."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnel.cli.command import Commands, project_option
from funnel.cli.terminal import print_rows, step
from funnel.cli.verdict import batch_options, print_verdict
from funnel.errors import Differs, UsageError
from funnel.project import open_project

if TYPE_CHECKING:
    from funnel.dispute.dossier import Dispute

on_option = click.option(
    "--on", "on", required=True, metavar="DAY", help="The day of this act; nothing here reads the clock."
)


@click.group(cls=Commands)
def dispute() -> None:
    """Keep a dispute as a record that neither team can change unnoticed."""


@dispute.command(
    "open",
    epilog='Example: funnel dispute open --batch "campaign=Webinar 2026 summer series" '
    '--claim "The leads of this campaign were garbage." --by sales --id summer-webinar',
)
@batch_options
@click.option("--claim", required=True, help="What is claimed, in one sentence.")
@click.option("--by", required=True, metavar="TEAM", help="The team that claims it.")
@click.option("--id", "name", metavar="ID", help="Its id (default: made of the day and the batch).")
@project_option
def open_(
    batch: tuple[str, ...],
    outcome: str,
    stage: str | None,
    baseline: str | None,
    seed: int,
    claim: str,
    by: str,
    name: str | None,
    folder: str,
) -> None:
    """Audit a batch in the warehouse as it stands, and freeze claim, population and verdict."""
    from funnel.dispute.opening import open_dispute

    with step("audit"):
        opened = open_dispute(
            open_project(folder),
            batch,
            claim=claim,
            by=by,
            name=name,
            outcome=outcome,
            stage=stage,
            baseline=baseline,
            seed=seed,
        )
    _print(opened)


@dispute.command("list", epilog="Example: funnel dispute list")
@project_option
def list_(folder: str) -> None:
    """List the disputes, each with its state and its answer."""
    from funnel.dispute.dossier import names, read

    project = open_project(folder)
    print_rows("Disputes", [_row(read(project, name)) for name in names(project)])


@dispute.command("show", epilog="Example: funnel dispute show summer-webinar")
@click.argument("name", metavar="ID")
@project_option
def show(name: str, folder: str) -> None:
    """Show claim, acts and verdict of a dispute as they were frozen."""
    from funnel.dispute import ledger
    from funnel.dispute.dossier import read

    found = read(open_project(folder), name)
    _print(found)
    if ledger.faults(found.folder):
        click.echo(f"\nChanged after the fact: see `funnel dispute verify {name}`.", err=True)


@dispute.command("sign", epilog="Example: funnel dispute sign summer-webinar --as marketing --on 2026-11-17")
@click.argument("name", metavar="ID")
@click.option("--as", "by", required=True, metavar="TEAM", help="The team that signs the verdict.")
@on_option
@project_option
def sign(name: str, by: str, on: str, folder: str) -> None:
    """Sign the verdict for a team: it accepts the figures, whatever they say."""
    from funnel.dispute.proceeding import sign as sign_it

    _print_state(sign_it(open_project(folder), name, by=by, on=_day(on)))


@dispute.command(
    "close",
    epilog="Example: funnel dispute close summer-webinar "
    '--agreed "Sales calls webinar leads within 4 hours." --on 2026-11-18',
)
@click.argument("name", metavar="ID")
@click.option("--agreed", required=True, help="What both teams agreed.")
@on_option
@project_option
def close(name: str, agreed: str, on: str, folder: str) -> None:
    """Close a dispute that both teams have signed."""
    from funnel.dispute.proceeding import close as close_it

    _print_state(close_it(open_project(folder), name, agreed=agreed, on=_day(on)))


@dispute.command(
    "reopen",
    epilog="Example: funnel dispute reopen summer-webinar "
    '--because "The export lacked two weeks of calls." --on 2026-11-30',
)
@click.argument("name", metavar="ID")
@click.option("--because", required=True, help="Why it is reopened.")
@on_option
@project_option
def reopen(name: str, because: str, on: str, folder: str) -> None:
    """Reopen a closed dispute; both teams must sign again."""
    from funnel.dispute.proceeding import reopen as reopen_it

    _print_state(reopen_it(open_project(folder), name, because=because, on=_day(on)))


@dispute.command("verify", epilog="Example: funnel dispute verify summer-webinar")
@click.argument("name", metavar="ID|DIR")
@click.option("--seal", "sealed", metavar="HASH", help="A seal that was kept elsewhere, or its first digits.")
@project_option
def verify(name: str, sealed: str | None, folder: str) -> None:
    """Recompute the hashes of a dispute, or of a bundle in DIR; exit 1 if something differs.

    Then every figure is made again from the landed files as known then, and compared.
    """
    project = open_project(folder)
    with step("verify") as told:
        if (Path(name) / "manifest.json").is_file():
            from funnel.reports.verify import verify_bundle

            found = verify_bundle(project, Path(name), told=told)
        else:
            from funnel.dispute.verify import verify as verify_it

            found = verify_it(project, name, sealed=sealed, told=told)
    if found:
        rows = [{"file": f.file, "field": f.field, "was": f.was, "is": f.now} for f in found]
        print_rows(f"{name}: what differs", rows)
        raise Differs(f"{len(found)} things of '{name}' are not as they were recorded.")
    click.echo(f"{name}: files, log and every figure are as they were recorded.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--on '{text}' is no day. Write 2026-11-16.") from error


def _row(found: Dispute) -> dict[str, Any]:
    signed = ", ".join(found.signed) or "nobody"
    return {
        "id": found.name,
        "state": found.state,
        "opened": str(found.acts[0].on),
        "by": found.about["by"],
        "signed by": signed,
        "batch": found.verdict["asked"]["batch"]["title"],
        "answer": found.verdict["answer"],
    }


def _print(found: Dispute) -> None:
    click.echo(f"{found.name}: {found.about['by']} says: {found.about['claim']}\n")
    print_verdict(found.verdict)
    rows = [
        {"on": str(act.on), "act": act.act, "by": act.by or "", "in words": act.text or ""}
        for act in found.acts
    ]
    print_rows("\nActs", rows)
    _print_state(found)


def _print_state(found: Dispute) -> None:
    signed = ", ".join(found.signed) or "nobody"
    click.echo(f"\n{found.name} is {found.state}; signed by {signed}. Seal: {found.seal}")
