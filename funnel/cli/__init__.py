"""The command line: parse, call, print.

Exit codes: 0 done, 1 checks failed or not delivered, 2 wrong use, 3 broken input.
"""

from __future__ import annotations

import click

from funnel.cli import audit, contract, deliver, demo, dispute, edition, make
from funnel.cli.command import Commands

__all__ = ["app", "main"]

HELP_WIDTH = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}
COMMANDS = (
    *(make.init, make.list_known_sources, make.land, make.build, make.check),
    *(demo.demo, edition.report, edition.compare, edition.restate, edition.explain, contract.contract),
    *(audit.audit, dispute.dispute),
    *(deliver.deliver, deliver.weekly),
)


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

    Exit codes: 0 done, 1 checks failed or not delivered, 2 wrong use, 3 broken input.
    """


for each in COMMANDS:
    app.add_command(each)


def main() -> None:
    """Run the command line."""
    app()
