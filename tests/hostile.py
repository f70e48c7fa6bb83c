"""Exports turned hostile: markup, formulas, right-to-left and emoji, 10,000 characters, in every source field."""

from __future__ import annotations

import csv
import zlib
from pathlib import Path

MARK = "pwned"
LONG = "long " * 2_000
NASTY = (
    f"<script>window.{MARK}=1</script>",
    f"=cmd|' /C calc'!A0<img src=x onerror=window.{MARK}=1>",
    f'"><svg onload="window.{MARK}=1">',
    f"</script></style></title><iframe srcdoc='<script>top.{MARK}=1</script>'>",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+49 (0)30 -- ; drop table marts.cycle; --",
    "-2+3+cmd|' /C calc'!A0",
    "\u202eشركة الاختبار العربية\u202c \u200f",
    "Ünïcødé 👩‍👩‍👧‍👦🚀 株式会社テスト",
    "{{ 7 * 7 }} {% raw %} ${jndi:ldap://x} %n%s \\",
    f"javascript:window.{MARK}=1//%3Cscript%3E [a](javascript:window.{MARK}=1) `x` | a | b |",
    "\ttab\r\nline\u2028sep\u0007bell",
    LONG,
)
DATED = ("date", "datetime", "systemmodstamp", "_on")
KEPT = {"Field", "UserType", "TimeZoneSidKey", "TaskSubtype", "kind"}
RARE = {
    "Status",
    "StageName",
    "OldValue",
    "NewValue",
    "CurrencyIsoCode",
    "currency",
    "CallDisposition",
    "Subject",
}
FLAGS = {"true", "false", ""}


def spoil(folder: Path) -> dict[str, int]:
    """Rewrite each CSV of a load in place; return per file and column how many cells were made hostile.

    A value stays one value: equal ones become equal. Keys, dates, numbers and flags stay readable but in the
    last row of the large files, in which every cell is hostile; words that a contract knows are spoilt in a
    few rows.
    """
    done: dict[str, int] = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            header, *rows = list(csv.reader(opened))
        for at, name in enumerate(header):
            kind = _kind(name, [row[at] for row in rows[:50]])
            for place, row in enumerate(rows):
                if kind == "text" or (kind == "rare" and place % 29 == 0):
                    row[at] = hostile(name, row[at])
                    done[f"{file.stem}.{name}"] = done.get(f"{file.stem}.{name}", 0) + 1
        if len(rows) > 200:
            rows.append([NASTY[at % len(NASTY)] for at in range(len(header))])
            done |= {f"{file.stem}.{name}": done.get(f"{file.stem}.{name}", 0) + 1 for name in header}
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return done


def hostile(name: str, value: str) -> str:
    """Return the hostile form of a value: always the same for the same column and value; empty stays empty."""
    if not value:
        return value
    nasty = NASTY[zlib.crc32(f"{name}{value}".encode()) % len(NASTY)]
    return f"{nasty}@x.example" if name == "Email" else f"{nasty} {value}"


def _kind(name: str, values: list[str]) -> str:
    low = name.lower()
    if name in KEPT or low.endswith(("id", "id__c", "campaign__c")) or any(word in low for word in DATED):
        return "kept"
    if name in RARE:
        return "rare"
    if set(values) <= FLAGS or all(_is_number(value) for value in values if value):
        return "kept"
    return "text"


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
