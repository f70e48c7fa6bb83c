"""What is shown on the terminal: steps with their time, and tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal while the step runs, and one line with its time when it is done."""
    console = Console(stderr=True, highlight=False)
    begun = time.perf_counter()
    with console.status(f"{title} ...") as status:
        yield lambda name: status.update(f"{title}: {name}") if console.is_terminal else None
    console.print(f"{title:<28} {time.perf_counter() - begun:6.1f} s")


def print_rows(title: str, rows: list[dict[str, Any]]) -> None:
    """Print the title on one line, as it is, and `rows` as a table; the title alone when there are none."""
    table = Table(box=None, pad_edge=False)
    for name in rows[0] if rows else []:
        table.add_column(name, justify="right" if isinstance(rows[0][name], int) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console = Console()
    console = console if console.is_terminal else Console(width=140)
    console.print(Text(title, style="italic"), soft_wrap=True)
    if rows:
        console.print(table)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
