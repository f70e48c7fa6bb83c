"""The command line: parse, call, print.

Exit codes: 0 done, 1 checks failed, 2 wrong use, 3 broken input.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from funnel.errors import ChecksFailed, FunnelError, InputError, UsageError, did_you_mean
from funnel.project import Project, open_project

HELP_WIDTH = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}


class Commands(click.Group):
    """Commands whose errors are told in one message, and whose unknown names get the nearest one."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes its message and its exit code."""
        try:
            return super().invoke(ctx)
        except FunnelError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except Exception as error:
            # DuckDB is imported only by the command that needs it: its errors are known by their module
            if not type(error).__module__.endswith("duckdb"):
                raise
            click.echo(f"Error: the database could not be read or written. DuckDB says: {error}", err=True)
            ctx.exit(InputError.exit_code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command; UsageError naming the nearest one if there is none."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = self.list_commands(ctx)
            raise click.UsageError(
                f"There is no command '{args[0]}'.{did_you_mean(args[0], known)} "
                f"Commands: {', '.join(known)}."
            )
        return super().resolve_command(ctx, args)


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal while the step runs, and one line with its time when it is done."""
    console = Console(stderr=True, highlight=False)
    begun = time.perf_counter()
    with console.status(f"{title} ...") as status:
        yield lambda name: status.update(f"{title}: {name}") if console.is_terminal else None
    console.print(f"{title:<28} {time.perf_counter() - begun:6.1f} s")


def instant(text: str, project: Project, option: str) -> datetime:
    """Return the naive UTC instant of `text`: a day is the midnight that begins it in the contract's zone."""
    from funnel.contract import load_contracts
    from funnel.warehouse.run_tables import local_midnight

    try:
        if len(text) == len("2026-11-16"):
            return local_midnight(date.fromisoformat(text), load_contracts(project.contracts).latest.zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} '{text}' is no day and no instant. Write 2026-11-16 or 2026-11-16T08:00+01:00."
        ) from error
    if moment.tzinfo is None:
        raise UsageError(f"{option} '{text}' has no offset. Write 2026-11-16T08:00+01:00, or a day alone.")
    return moment.astimezone(UTC).replace(tzinfo=None)


def project_option(command: Any) -> Any:
    """Add --project DIR."""
    return click.option(
        "--project", "folder", default=".", metavar="DIR", help="The project folder (default: here)."
    )(command)


@click.group(
    "funnel",
    cls=Commands,
    context_settings=HELP_WIDTH,
    epilog="Example: funnel demo   (then open the page that it names)",
)
@click.version_option(package_name="funnel")
def app() -> None:
    """One funnel for marketing and sales, from the CRM's own exports, under a contract both signed.

    In order: init a project, land exports, build the warehouse, check it, report.

    Exit codes: 0 done, 1 checks failed, 2 wrong use, 3 broken input.
    """


@app.command(epilog="Example: funnel demo --leads 2000 --project /tmp/trial")
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
    _refuse_if_critical(checked)
    with step("report") as told:
        edition = render(project, as_of=as_of, told=told)
    click.echo(f"\nThe edition: {edition.index}\n")
    click.echo("Next: open it in a browser; `make lab` explores the same tables;")
    click.echo("`funnel init DIR` begins with your own data.")


@app.command(epilog="Example: funnel init acme --source salesforce")
@click.argument("folder")
@click.option(
    "--source", default="salesforce", show_default=True, help="Whose contract and mapping to begin with."
)
def init(folder: str, source: str) -> None:
    """Make a project folder for your own data: a contract, a source, a README."""
    from funnel.sources import scaffold

    for line in scaffold(Path(folder), source):
        click.echo(line)


@app.command(epilog="Example: funnel land salesforce exports/2026-11-16 --observed-at 2026-11-16")
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
    _print_rows("Landed" if load.is_new else "Landed before: these files bring nothing new", load.summary)
    if load.ignored:
        click.echo(f"Not landed, no table of this source: {', '.join(load.ignored)}")


@app.command(epilog="Example: funnel build --as-of 2026-11-16 --known-at 2026-11-16")
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


@app.command(epilog="Example: funnel check && funnel report --as-of 2026-11-16")
@project_option
def check(folder: str) -> None:
    """Check the warehouse; exit 1 if a critical check failed."""
    from funnel.checks import run_checks

    with step("check"):
        report = run_checks(open_project(folder))
    _print_rows("Checks", report.summary)
    _refuse_if_critical(report)


def _refuse_if_critical(report: Any) -> None:
    if not report.ok:
        raise ChecksFailed(
            f"{report.n_critical_failed} critical check(s) failed: no edition until they are mended. "
            "The failing rows are in data/checks.duckdb, table failing_row; the last edition stays."
        )


@app.command(epilog="Example: funnel report --as-of 2026-11-16")
@click.option("--as-of", required=True, help="The day or instant that the warehouse was built for.")
@project_option
def report(as_of: str, folder: str) -> None:
    """Render the edition: front page, three reports, checks, tables."""
    from funnel.reports import report as render

    project = open_project(folder)
    with step("report") as told:
        edition = render(project, as_of=instant(as_of, project, "--as-of"), told=told)
    click.echo(edition.index)


@app.command(epilog="Example: funnel restate 2026-11-16 --contract 2025-01")
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
    _print_rows(f"{len(rows)} of {len(restated)} figures differ from what {edition} reported", rows)


@app.command(epilog="Example: funnel explain leads --from 2026-11-09 --to 2026-11-16")
@click.argument("metric")
@click.option("--from", "before", required=True, metavar="EDITION", help="The older edition: its folder.")
@click.option("--to", "after", required=True, metavar="EDITION", help="The newer edition.")
@project_option
def explain(metric: str, before: str, after: str, folder: str) -> None:
    """Say why a reported figure changed from one edition to another; the parts add up to the change."""
    from funnel import revision

    with step("explain") as told:
        found = revision.explain(open_project(folder), metric, before=before, after=after, told=told)
    _print_rows(f"{found.asked.title}: why it changed from {before} to {after}", revision.rows_of(found))


@app.group(cls=Commands)
def contract() -> None:
    """Check, say in words, and compare what both teams signed."""


@contract.command("check", epilog="Example: funnel contract check")
@project_option
def contract_check(folder: str) -> None:
    """Check every version; exit 3 with the place of the first mistake."""
    from funnel.contract import load_contracts

    for version in load_contracts(open_project(folder).contracts).versions:
        click.echo(f"{version.version}: in force from {version.effective_on}, {len(version.stages)} stages")


@contract.command("describe", epilog="Example: funnel contract describe 2025-11")
@click.argument("version", required=False)
@project_option
def contract_describe(version: str | None, folder: str) -> None:
    """Say a version (default: the latest) in sentences, as the report prints it."""
    from funnel.contract import describe, load_contracts

    contracts = load_contracts(open_project(folder).contracts)
    chosen = contracts.version(version) if version else contracts.latest
    for sentence in describe(chosen):
        click.echo(sentence)


@contract.command("diff", epilog="Example: funnel contract diff 2025-01 2025-11")
@click.argument("old")
@click.argument("new")
@project_option
def contract_diff(old: str, new: str, folder: str) -> None:
    """Say what changed from one version to another."""
    from funnel.contract import diff, load_contracts

    contracts = load_contracts(open_project(folder).contracts)
    for change in diff(contracts.version(old), contracts.version(new)):
        click.echo(change)


@app.command("sources", epilog="Example: funnel sources")
@project_option
def list_known_sources(folder: str) -> None:
    """List the sources that can be landed, and what each can fill."""
    from funnel.sources import describe_sources

    _print_rows("Sources", describe_sources(open_project(folder)))


def _print_rows(title: str, rows: list[dict[str, Any]]) -> None:
    """Print `rows` as a table; nothing but the title when there are none."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in rows[0] if rows else []:
        table.add_column(name, justify="right" if isinstance(rows[0][name], int) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(table)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Run the command line."""
    app()
