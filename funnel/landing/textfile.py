"""Text files as DuckDB reads them: UTF-8, one kind of line end; and the dialect that a header shows."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from funnel.errors import InputError
from funnel.sources import SourceTable, snake

CHUNK = 1 << 22
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = (",", ";", "\t", "|")
PLAIN = ("utf-8", "utf-8-sig", "ascii")


@dataclass(frozen=True)
class Dialect:
    """How a text file is read: its delimiter, the column names as written, the blank lines above them."""

    delimiter: str
    header: tuple[str, ...]
    n_blank_lines: int


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def prepare(path: Path, encoding: str, folder: Path) -> Path:
    """Return `path`, or a copy of it in `folder` as UTF-8 with plain line ends when it is written otherwise.

    A byte order mark has the last word on the encoding. Line numbers stay those of the original. A byte that
    the encoding does not know stays as it is, so that its row is rejected. InputError if nothing can be read.
    """
    with _open(path) as file:
        start = file.read(4)
    if not start:
        raise InputError(
            f"{path.name} is empty (0 bytes): an export has at least a header. "
            "Export it again, or leave it out."
        )
    marked = next((name for mark, name in MARKS if start.startswith(mark)), encoding)
    if path.suffix.lower() != ".gz" and marked in PLAIN and not _mixed_line_ends(path):
        return path
    copy = folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.txt"
    _transcode(path, marked, copy)
    return copy


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _mixed_line_ends(path: Path) -> bool:
    """Tell if line ends are mixed: DuckDB stops at a file that ends lines in two ways."""
    n_lf = n_cr = n_both = 0
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            n_lf += chunk.count(b"\n")
            n_cr += chunk.count(b"\r")
            n_both += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
            last = chunk[-1:]
    return n_cr != n_both or n_both not in (0, n_lf)


def _transcode(path: Path, encoding: str, copy: Path) -> None:
    errors = "strict" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    try:
        with (
            _open(path) as raw,
            io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=None) as text,
            copy.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
        ):
            while chunk := text.read(CHUNK):
                out.write(chunk)
    except (UnicodeError, OSError) as error:
        raise InputError(
            f"{path.name} cannot be read as {encoding}: {error}. "
            "Say how it is encoded in source.yaml, for example csv: {encoding: cp1252}."
        ) from error


def read_dialect(path: Path, table: SourceTable) -> Dialect:
    """Return how a prepared CSV file is written.

    Without a declared delimiter it is the one under which the header holds the table's key.
    """
    if table.csv.delimiter:
        return _dialect(path, table.csv.delimiter)
    tried = [_dialect(path, delimiter) for delimiter in DELIMITERS]
    fits = [dialect for dialect in tried if set(table.key) <= set(map(snake, dialect.header))]
    return fits[0] if fits else max(tried, key=lambda dialect: len(dialect.header))


def _dialect(path: Path, delimiter: str) -> Dialect:
    n_blank_lines = 0
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        for row in reader:
            if any(cell.strip() for cell in row):
                return Dialect(delimiter, tuple(row), n_blank_lines)
            n_blank_lines = reader.line_num
    return Dialect(delimiter, (), n_blank_lines)
