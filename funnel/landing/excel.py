"""Excel workbooks, read with python-calamine: sheets in, rows of text out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from funnel.errors import InputError

Cell = str | float | int | bool | date | datetime | time | timedelta | None


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets in order; InputError if the file is no workbook."""
    return list(_open(path).sheet_names)


def read_sheet(path: Path, sheet: str) -> tuple[list[str], list[tuple[int, list[str | None]]]]:
    """Return the header (the first row that is not empty) and each row below it, with its row number."""
    rows = _open(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    texts = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    filled = [(number, row) for number, row in texts if any(row)]
    if not filled:
        return [], []
    header = filled[0][1]
    width = max(index for index, name in enumerate(header, start=1) if name)
    return [name or "" for name in header[:width]], [(number, row[:width]) for number, row in filled[1:]]


def _open(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise InputError(f"{path.name} cannot be opened as a workbook: {error}") from error


def _text(cell: Cell) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
