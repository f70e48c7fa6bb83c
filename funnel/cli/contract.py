"""The agreement: checked, said in words, compared."""

from __future__ import annotations

import click

from funnel.cli.command import Commands, project_option
from funnel.project import open_project


@click.group(cls=Commands)
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
