"""Which leads are disputed: a batch, defined only by what was known when they were handed over."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from funnel.errors import InputError, UsageError, did_you_mean
from funnel.metrics.term import DIMENSIONS

KEYS = (*DIMENSIONS, "source", "load", "owner")
"""What a batch may be defined by, besides `from`, `to` and `ids`."""
ID_COLUMNS = ("lead_id", "id", "record_id", "lead id", "contact_id")
OUTCOMES = ("status", "exit", "reason", "stage", "outcome", "state", "won", "converted")
TITLES = {"source": "lead source", "company_size": "company size", "lead_type": "lead type"}

Given = str | Path | date | Sequence[str]


@dataclass(frozen=True)
class Batch:
    """The leads that meet every key of `where` (by one of its values), handed over in [from_on, to_on).

    Days are those of the contract's zone, `to_on` exclusive, null for no limit. `ids` are lead ids that it is
    limited to; none means all.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    ids: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The batch in words, as a title says it."""
        parts = [f"{TITLES.get(key, key)} {' or '.join(values)}" for key, values in self.where]
        if self.ids:
            parts.append(f"a list of {len(self.ids):,} {'lead' if len(self.ids) == 1 else 'leads'}")
        if self.from_on and self.to_on:
            parts.append(f"handed over from {self.from_on} to before {self.to_on}")
        elif self.from_on or self.to_on:
            limit = f"since {self.from_on}" if self.from_on else f"before {self.to_on}"
            parts.append(f"handed over {limit}")
        return ", ".join(parts)

    @property
    def pairs(self) -> tuple[str, ...]:
        """The definition as KEY=VALUE words that `parse_batch` takes; the ids are not among them."""
        words = [f"{key}={value}" for key, values in self.where for value in values]
        limits = (("from", self.from_on), ("to", self.to_on))
        return (*words, *(f"{key}={day}" for key, day in limits if day))


def parse_batch(given: Batch | str | Iterable[str] | Mapping[str, Given]) -> Batch:
    """Return a batch from KEY=VALUE words or a mapping; values of one key are alternatives.

    Keys: the dimensions of the metrics, `source` (lead source, else landed source), `load` (the load in which
    the lead was first seen), `owner` (rep id or name, at the hand-off), `from` and `to` (days, `to`
    exclusive), `ids` (a CSV file, or in a mapping a list of lead ids). UsageError for a key that is none, or
    that is an outcome; InputError for a file that cannot be read.
    """
    if isinstance(given, Batch):
        return given
    words = list(_pairs(given))
    found: dict[str, list[str]] = {}
    for key, value in words:
        found.setdefault(_key(key), []).extend(value)
    limits = {name: _day(name, found.pop(name, None)) for name in ("from", "to")}
    ids = tuple(dict.fromkeys(found.pop("ids", ())))
    where = tuple(sorted((key, tuple(sorted(set(values)))) for key, values in found.items()))
    batch = Batch(where, limits["from"], limits["to"], ids)
    _refuse_empty(batch)
    return batch


def _pairs(given: str | Iterable[str] | Mapping[str, Given]) -> Iterable[tuple[str, list[str]]]:
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield key, _listed(key, value)
        return
    for word in [given] if isinstance(given, str) else given:
        key, mark, value = word.partition("=")
        if not mark or not value.strip():
            raise UsageError(
                f"'{word}' does not say which leads are meant. Write KEY=VALUE, as in "
                f'"campaign=Spring webinar" or from=2026-06-01. Keys: {_known()}.'
            )
        yield key, _listed(key, value.strip())


def _listed(key: str, value: Given) -> list[str]:
    if key.strip().lower() == "ids" and isinstance(value, str | Path):
        return read_ids(Path(value))
    return [str(value)] if isinstance(value, str | Path | date) else [str(one) for one in value]


def _key(asked: str) -> str:
    key = asked.strip().lower()
    if key in OUTCOMES:
        raise UsageError(
            f"A batch cannot be defined by '{asked}': that is what became of the leads, and a batch "
            f"picked by its outcome proves itself. Define it by what was known at the hand-off: {_known()}."
        )
    if key not in (*KEYS, "from", "to", "ids"):
        near = did_you_mean(asked, (*KEYS, "from", "to", "ids"))
        raise UsageError(f"A batch cannot be defined by '{asked}'.{near} Keys: {_known()}.")
    return key


def _known() -> str:
    return ", ".join((*KEYS, "from", "to", "ids"))


def _day(name: str, values: list[str] | None) -> date | None:
    if values is None:
        return None
    if len(values) > 1:
        raise UsageError(f"A batch has one '{name}', but {len(values)} were given: {', '.join(values)}.")
    try:
        return date.fromisoformat(values[0])
    except ValueError as error:
        raise UsageError(f"'{values[0]}' is no day. Write {name}=2026-06-01.") from error


def _refuse_empty(batch: Batch) -> None:
    if batch.from_on and batch.to_on and batch.to_on <= batch.from_on:
        raise UsageError(
            f"No day is in the batch: it begins on {batch.from_on} and ends before {batch.to_on}. "
            "`to` is the first day that is no longer in it."
        )
    if batch == Batch():
        raise UsageError(f"Nothing says which leads are disputed. Name at least one of: {_known()}.")


def read_ids(file: Path) -> list[str]:
    """Return the lead ids of a CSV file: its column lead_id (or id, record_id), else its only column."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [row for row in csv.reader(text) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The lead ids cannot be read from {file}: {error}.") from error
    if not rows:
        raise InputError(f"{file} holds no lead ids: it is empty.")
    names = [cell.strip().lower() for cell in rows[0]]
    column = next((names.index(name) for name in ID_COLUMNS if name in names), None)
    if column is None and len(names) > 1:
        raise InputError(
            f"{file} has no column of lead ids. Call one of its columns lead_id; it has: {', '.join(names)}."
        )
    body = rows if column is None else rows[1:]
    ids = [row[column or 0].strip() for row in body if len(row) > (column or 0)]
    if not any(ids):
        raise InputError(f"{file} holds no lead ids below its header.")
    return [one for one in ids if one]
