"""Open a warehouse for reading."""

from __future__ import annotations

from pathlib import Path

import duckdb

from funnel.errors import InputError, UsageError

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def connect(path: Path | str) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to the warehouse at `path`, a project folder or a file.

    The checks made for this build are attached as catalog `checks` (`checks.result`, `checks.failing_row`).
    A reader keeps the file that it opened while a build swaps in another. UsageError if there is none,
    InputError if it cannot be opened.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "data" / "warehouse.duckdb"
    if not file.is_file():
        raise UsageError(f"There is no warehouse at {file}. Run `funnel build --as-of DATE` first.")
    try:
        con = duckdb.connect(str(file), read_only=True, config=SETTINGS)
    except duckdb.IOException as error:
        raise InputError(f"{file} cannot be opened: {error} Make it anew with `funnel build`.") from error
    _attach_checks(con, file.with_name("checks.duckdb"))
    return con


def _attach_checks(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    if not file.is_file():
        return
    con.execute(f"attach {_quoted(file)} as checks (read_only)")
    same = "select count(*) from checks.result as r where r.build_id = (select build_id from run.context)"
    if con.execute(same).fetchall()[0][0] == 0:
        con.execute("detach checks")


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
