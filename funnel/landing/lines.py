"""Where the records of a CSV file stand: their lines and bytes, with fields that hold line breaks."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

CHUNK = 1 << 26
NEWLINE, RETURN, QUOTE = b'\n\r"'
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Records:
    """The records below the header that are not blank: first byte, end (exclusive) and first line of each."""

    starts: Positions
    ends: Positions
    lines: Positions

    def at_bytes(self, offsets: Sequence[int]) -> Positions:
        """Return the index of the record that holds, or follows, each byte."""
        found = np.searchsorted(self.ends, np.asarray(offsets, dtype=np.int64), side="right")
        return np.minimum(found, len(self.ends) - 1)


def find_records(path: Path, delimiter: str, n_records: int) -> Records | None:
    """Return the records of a UTF-8 CSV file, or None if their number is not `n_records` by any count.

    A line break ends a record when the number of quotes before it is even. That is exact for files as
    RFC 4180 has them; a quote inside an unquoted field misleads it, which the count shows, and then each
    field is read.
    """
    records = _by_quotes(path)
    if len(records.starts) != n_records:
        records = _by_fields(path, delimiter)
    return records if len(records.starts) == n_records else None


def read_raw(path: Path, records: Records, which: Sequence[int]) -> list[str]:
    """Return the text of some records as it stands in the file, without its line end."""
    texts = []
    with path.open("rb") as file:
        for index in which:
            start, end = int(records.starts[index]), int(records.ends[index])
            file.seek(start)
            texts.append(file.read(end - start).decode("utf-8", "backslashreplace").rstrip("\r\n"))
    return texts


def _by_quotes(path: Path) -> Records:
    ends, lines = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    n_bytes = n_quotes = n_lines = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            block = np.frombuffer(chunk, np.uint8)
            breaks, quotes = np.flatnonzero(block == NEWLINE), np.flatnonzero(block == QUOTE)
            even = (n_quotes + np.searchsorted(quotes, breaks)) % 2 == 0
            ends.append(breaks[even] + n_bytes)
            lines.append(np.flatnonzero(even) + n_lines)
            n_bytes, n_quotes, n_lines = n_bytes + len(block), n_quotes + len(quotes), n_lines + len(breaks)
    return _records(path, np.concatenate(ends), np.concatenate(lines), n_bytes)


def _records(path: Path, ends: Positions, breaks: Positions, n_bytes: int) -> Records:
    starts = np.concatenate([[_after_mark(path)], ends + 1]).astype(np.int64)
    lines = np.concatenate([[1], breaks + 2]).astype(np.int64)
    ends = np.concatenate([ends, [n_bytes]]).astype(np.int64)
    block = np.memmap(path, np.uint8, mode="r")
    lengths = ends - starts
    only_return = (lengths == 1) & (block[np.minimum(starts, n_bytes - 1)] == RETURN)
    full = np.flatnonzero((lengths > 0) & ~only_return)[1:]
    return Records(starts[full], ends[full], lines[full])


def _after_mark(path: Path) -> int:
    with path.open("rb") as file:
        return 3 if file.read(3) == b"\xef\xbb\xbf" else 0


def _by_fields(path: Path, delimiter: str) -> Records:
    csv.field_size_limit(sys.maxsize)
    numbers = (number for span in _spans(path, delimiter) for number in span)
    spans = np.fromiter(numbers, dtype=np.int64).reshape(-1, 3)[1:]
    return Records(spans[:, 0], spans[:, 1], spans[:, 2])


def _spans(path: Path, delimiter: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and first line of each record: slow, for files that quotes alone cannot explain."""
    start = seen = _after_mark(path)
    line, width = 1, 0

    def told(file: BinaryIO) -> Iterator[str]:
        nonlocal seen, width
        for each in file:
            seen, width = seen + len(each), len(each) - len(each.rstrip(b"\r\n"))
            yield each.decode("utf-8", "surrogateescape")

    with path.open("rb") as file:
        file.seek(start)
        reader = csv.reader(told(file), delimiter=delimiter)
        for row in reader:
            if row:
                yield start, seen - width, line
            start, line = seen, reader.line_num + 1
