"""A verdict on the terminal: three sentences, the parts of the gap, and what all of it assumes."""

from __future__ import annotations

from typing import Any

import click

from funnel.cli.terminal import print_rows

TO = " to "


def batch_options(command: Any) -> Any:
    """Add what every audit is asked: --batch, --outcome, --stage, --baseline, --seed."""
    options = (
        click.option(
            "--batch",
            "batch",
            required=True,
            multiple=True,
            metavar="KEY=VALUE",
            help="Which leads: campaign=..., channel=..., source=, load=, owner=, region=, from=DAY, to=DAY "
            "(exclusive), ids=FILE.csv. Several of one key are alternatives, several keys must all hold.",
        ),
        click.option("--outcome", default="sql", show_default=True, help="The stage that counts as success."),
        click.option("--stage", help="The stage whose hand-offs are judged (default: the first)."),
        click.option(
            "--baseline",
            metavar="earlier|same-period|KEY=VALUE",
            help="What it is compared with (default: earlier, or same-period where earlier has too few).",
        ),
        click.option("--seed", default=0, show_default=True, help="The seed of the intervals."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def print_verdict(told: dict[str, Any]) -> None:
    """Print a statement: its sentences, one row per part, the first assumption."""
    asked = told["asked"]
    for sentence in told["sentences"]:
        click.echo(sentence)
    click.echo()
    title = f"{asked['batch']['title']}: {asked['stage']} to {asked['outcome']}, against {asked['baseline']}"
    print_rows(title, [_part(row) for row in told["parts"]])
    click.echo()
    click.echo(f"Assumed: {told['assumptions'][0]}")


def _part(row: dict[str, Any]) -> dict[str, str]:
    from funnel import number  # pandas: not for --help

    ends = [number.fine_points(row[name]).removesuffix(f"{number.GAP}pts") for name in ("low", "high")]
    return {
        "part": str(row["title"]),
        "points": number.fine_points(row["estimate"]).removesuffix(f"{number.GAP}pts"),
        "90 % interval": number.DASH if row["low"] is None else TO.join(ends),
        "state": str(row["state"]),
    }
