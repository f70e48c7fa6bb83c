"""The end of the week: an edition is delivered, or a notice that there is none; the week in one command."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from funnel.cli.command import project_option
from funnel.cli.make import refuse_if_critical
from funnel.cli.moment import instant
from funnel.cli.terminal import print_rows, step
from funnel.errors import FunnelError, UsageError
from funnel.project import Project, open_project


class NotDelivered(FunnelError):
    """Somebody did not get the edition (exit 1)."""

    exit_code = 1


@click.command(epilog="Example: funnel deliver 2026-11-16 --dry-run")
@click.argument("edition")
@click.option("--to", multiple=True, metavar="NAME", help="Only this channel of delivery.yaml (repeatable).")
@click.option(
    "--again",
    multiple=True,
    metavar="NAME",
    help="This channel also where an earlier form was sent, or may have been (repeatable).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent to whom; send and record nothing.")
@project_option
def deliver(edition: str, to: tuple[str, ...], again: tuple[str, ...], dry_run: bool, folder: str) -> None:
    """Send EDITION to the channels of delivery.yaml, once; a failure notice if it may not go."""
    from funnel.reports.delivery import deliver as send

    project = open_project(folder)
    with step("deliver") as told:
        outcome = send(project, edition, to=to, again=again, dry_run=dry_run, told=told)
    _tell(outcome)
    if dry_run:
        click.echo(f"\n{outcome.text}")
    elif not outcome.is_delivered:
        raise NotDelivered(_why(outcome))


@click.command(epilog="Example: funnel weekly --as-of 2026-11-16 --land salesforce exports/2026-11-16")
@click.option("--as-of", required=True, metavar="DAY", help="The day on which the week has ended.")
@click.option(
    "--land", "exports", multiple=True, nargs=2, metavar="SOURCE PATH", help="Land this first (repeatable)."
)
@click.option("--pdf", "with_pdf", is_flag=True, help="Also print the front page (needs Chromium).")
@project_option
def weekly(as_of: str, exports: tuple[tuple[str, str], ...], with_pdf: bool, folder: str) -> None:
    """Land, build, check, report and deliver; if a step fails, its notice goes out instead of the edition.

    Safe to run again: what was landed is not landed twice, and what was sent is not sent twice.
    """
    project = open_project(folder)
    if len(as_of) != len("2026-11-16"):
        raise UsageError(f"--as-of '{as_of}' is no day. A week ends with a day: write 2026-11-16.")
    at = instant(as_of, project, "--as-of")
    done = ["land"]
    try:
        _make(project, exports, at, done, with_pdf)
    except Exception:
        _notice(project, as_of, done[-1])
        raise
    from funnel.reports.delivery import deliver as send

    with step("deliver") as told:
        outcome = send(project, as_of, told=told)
    _tell(outcome)
    if not outcome.is_delivered:
        raise NotDelivered(_why(outcome))


def _make(
    project: Project, exports: tuple[tuple[str, str], ...], at: Any, begun: list[str], with_pdf: bool
) -> None:
    """Make the edition; `begun` gets the name of each step before it begins."""
    from funnel.checks import run_checks
    from funnel.landing import land
    from funnel.reports import report
    from funnel.warehouse import build

    for source, path in exports:
        with step(f"land {source}"):
            land(project, source, Path(path), observed_at=at)
    begun.append("build")
    with step("build") as told:
        build(project, as_of=at, told=told)
    begun.append("check")
    with step("check"):
        refuse_if_critical(run_checks(project))
    begun.append("report")
    with step("report") as told:
        click.echo(report(project, as_of=at, with_pdf=with_pdf, told=told).index)


def _notice(project: Project, edition: str, failed: str) -> None:
    """Send the notice of a step that failed; what goes wrong here is told, and does not hide that step."""
    from funnel.reports.delivery import deliver as send

    try:
        _tell(send(project, edition, failed=failed))
    except FunnelError as error:
        click.echo(f"No notice was sent: {error}", err=True)


def _tell(outcome: Any) -> None:
    for reason in outcome.reasons:
        click.echo(reason)
    title = (
        f"Edition {outcome.edition}" if outcome.kind == "edition" else f"No edition {outcome.edition}: notice"
    )
    print_rows(title, [asdict(row) for row in outcome.rows])


def _why(outcome: Any) -> str:
    if outcome.kind == "notice":
        return f"The edition {outcome.edition} was not delivered: a notice went out instead."
    missed = sum(row.state not in ("sent", "sent before") for row in outcome.rows)
    return f"{missed} of {len(outcome.rows)} did not get the edition {outcome.edition}; the table says why."
