"""Tables as an Excel workbook, one sheet each: no cell can be a formula, equal tables give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from funnel import number
from funnel.reports.tables import harmless

SETTINGS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}
MOST = 1_048_575
LONGEST = 32_767
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 -- a constant, so that the file says nothing of when it was made


def to_xlsx(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables as a workbook, a sheet each, by name; instants are UTC, what is missing is an empty cell.

    A table longer than a sheet becomes one line that says where its rows are.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, SETTINGS)
    book.set_properties({"created": MADE})
    head = book.add_format({"bold": True})
    for name, table in tables.items():
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        _fill(sheet, _fitting(name, table), head)
    book.close()
    return content.getvalue()


def _fitting(name: str, table: pd.DataFrame) -> pd.DataFrame:
    if len(table) <= MOST:
        return table
    return pd.DataFrame({"note": [f"{len(table):,} rows are more than a sheet holds: see {name}.csv"]})


def _fill(sheet: Any, table: pd.DataFrame, head: Any) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, str(harmless(str(column))), head)
        for row, value in enumerate(table[column].tolist(), start=1):
            _cell(sheet, row, place, value)
    if len(table.columns):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if number.is_null(value):
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value)
    else:
        sheet.write_string(row, place, str(harmless(str(value)))[:LONGEST])
