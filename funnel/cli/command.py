"""What every command has: errors told in one message, near misses named, and --project."""

from __future__ import annotations

from typing import Any

import click

from funnel.errors import FunnelError, InputError, did_you_mean


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


def project_option(command: Any) -> Any:
    """Add --project DIR."""
    return click.option(
        "--project", "folder", default=".", metavar="DIR", help="The project folder (default: here)."
    )(command)
