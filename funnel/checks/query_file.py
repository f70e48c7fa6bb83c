"""A check as a file: header lines, then one select of `row_key` and `detail`, one row per breach."""

from __future__ import annotations

from pathlib import Path

from funnel.checks.check import LAYERS, OWNERS, SEVERITIES, Check
from funnel.checks.rules import query
from funnel.errors import InputError, did_you_mean
from funnel.sources.schema import SCHEMA

FOLDER = Path(__file__).parent / "queries"
REQUIRED = ("title", "layer", "severity", "owner", "table")
OPTIONAL = ("needs", "why")


def read_queries(folder: Path = FOLDER) -> list[Check]:
    """Return the checks of a folder in order of file name; InputError for a header that does not hold up."""
    return [read_query(file) for file in sorted(folder.glob("*.sql"))]


def read_query(file: Path) -> Check:
    """Return the check in `file`, named by it; InputError says which header line is missing or unknown."""
    sql = file.read_text(encoding="utf-8")
    header = _header(file, sql)
    needs = tuple(name.strip() for name in header.get("needs", "").split(",") if name.strip())
    closed = {"layer": LAYERS, "severity": SEVERITIES, "owner": OWNERS}
    for key, known in closed.items():
        _one_of(file, key, header[key], known)
    for name in needs:
        _one_of(file, "needs", name, tuple(SCHEMA))
    return Check(
        name=file.stem,
        title=header["title"],
        layer=header["layer"],
        severity=header["severity"],
        owner=header["owner"],
        table=header["table"],
        rules=(query(sql),),
        needs=needs,
    )


def _header(file: Path, sql: str) -> dict[str, str]:
    header: dict[str, str] = {}
    for line in sql.splitlines():
        if not line.startswith("-- "):
            break
        key, _, words = line.removeprefix("-- ").partition(": ")
        _one_of(file, "the header", key, REQUIRED + OPTIONAL)
        header[key] = words.strip()
    missing = [key for key in REQUIRED if not header.get(key)]
    if missing:
        raise InputError(
            f"{file.name} lacks the header line '-- {missing[0]}: ...'. A check needs: {_all(REQUIRED)}."
        )
    return header


def _one_of(file: Path, key: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        near = did_you_mean(word, known)
        raise InputError(f"{file.name}: '{word}' is not known in {key}.{near} Known: {_all(known)}.")


def _all(words: tuple[str, ...]) -> str:
    return ", ".join(words)
