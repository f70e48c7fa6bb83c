"""A YAML file as a tree of items that know where they stand, so that an error can say file and line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml

from funnel.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Item:
    """One value of the file: a text, a mapping, a list, or nothing.

    Values stay texts until a reader asks for a number or a date, so that the country NO does not become
    false, version 2025.10 does not become 2025.1, and every message can quote what was written.
    """

    file: str
    line: int
    path: str
    text: str | None = None
    members: Mapping[str, Item] | None = field(default=None, repr=False)
    elements: tuple[Item, ...] | None = field(default=None, repr=False)

    def error(self, message: str) -> InputError:
        """Return the error to raise: file, line and key path, then what is wrong and what would do."""
        return InputError(f"{self.file}:{self.line}, {self.path or 'top level'}: {message}")

    @property
    def found(self) -> str:
        """What stands here, for a message."""
        if self.members is not None:
            return f"the keys {', '.join(self.members)}" if self.members else "an empty mapping"
        if self.elements is not None:
            return "a list" if self.elements else "an empty list"
        return "nothing" if self.text is None else f"'{self.text}'"

    def words(self, expected: str = "a text") -> str:
        """Return the trimmed text; InputError if there is none."""
        if not self.text:
            raise self.error(f"expected {expected}, found {self.found}.")
        return self.text

    def number(self, expected: str = "a number") -> float:
        """Return a finite number."""
        text = self.words(expected)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(f"expected {expected}, found {self.found}.")
        return value

    def day(self) -> date:
        """Return a date written as YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.words("a date"))
        except ValueError:
            raise self.error(f"expected a date such as 2026-07-01, found {self.found}.") from None

    def choice(self, known: Iterable[str], what: str, listed: str = "Known") -> str:
        """Return the text if it is one of the known words; otherwise name the nearest and list all."""
        words = tuple(known)
        text = self.words(what)
        if text not in words:
            raise self.error(
                f"'{text}' is not {what}.{did_you_mean(text, words)} {listed}: {', '.join(words)}."
            )
        return text

    def keys(
        self, known: Iterable[str], what: str, required: Mapping[str, str] | None = None
    ) -> Mapping[str, Item]:
        """Return the members if each key is known and each required one is there (key -> example)."""
        words = tuple(known)
        if self.members is None:
            raise self.error(f"expected {what} with keys among {', '.join(words)}; found {self.found}.")
        for key, item in self.members.items():
            if key not in words:
                near = did_you_mean(key, words)
                raise item.error(f"'{key}' is not a key of {what}.{near} Keys here: {', '.join(words)}.")
        for key, example in (required or {}).items():
            if key not in self.members:
                missing = Item(self.file, self.line, join(self.path, key))
                raise missing.error(f"this key is missing. Write for example `{example}`.")
        return self.members

    def any_keys(self, what: str) -> Mapping[str, Item]:
        """Return the members of a mapping whose keys the writer chooses; InputError if there are none."""
        if not self.members:
            raise self.error(f"expected {what}, found {self.found}.")
        return self.members

    def listed(self, what: str = "a list") -> tuple[Item, ...]:
        """Return the elements; a single value counts as a list of one."""
        if self.elements:
            return self.elements
        if self.elements is None and (self.text or self.members):
            return (self,)
        raise self.error(f"expected {what}, found {self.found}.")

    def labels(self, what: str = "a list of texts") -> tuple[str, ...]:
        """Return texts that all differ, whatever their case."""
        seen: dict[str, str] = {}
        for element in self.listed(what):
            text = element.words()
            if text.casefold() in seen:
                raise element.error(f"'{text}' is listed twice. Remove one.")
            seen[text.casefold()] = text
        return tuple(seen.values())


def join(path: str, key: str) -> str:
    """Return the path of a key below another: `calendar` and `zone` give `calendar.zone`."""
    return f"{path}.{key}" if path else key


def read_document(path: Path) -> Item:
    """Read one YAML file; InputError names the line if it is no YAML, repeats a key or uses an alias."""
    name = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise InputError(f"{name}: the file cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: the file is not UTF-8 text. Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{name}:{line}: this is not valid YAML: {error.problem}.") from None
    except yaml.YAMLError:
        raise InputError(f"{name}: the file holds characters that YAML does not allow.") from None
    if node is None:
        raise InputError(f"{name}: the file is empty. `funnel init` writes one to start from.")
    return _item(node, name, "", set())


def _item(node: yaml.Node, file: str, path: str, seen: set[int]) -> Item:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise Item(file, line, path).error(
            "an anchor is used again (`*name`). Write the value out where it holds."
        )
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return Item(file, line, path, members=_members(node, file, path, seen))
    if isinstance(node, yaml.SequenceNode):
        elements = (_item(child, file, f"{path}[{i}]", seen) for i, child in enumerate(node.value))
        return Item(file, line, path, elements=tuple(elements))
    return Item(file, line, path, text=None if node.tag.endswith(":null") else str(node.value).strip())


def _members(node: yaml.MappingNode, file: str, path: str, seen: set[int]) -> dict[str, Item]:
    members: dict[str, Item] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Item(file, line, path).error("a key must be a plain word, found a list or a mapping.")
        key = str(key_node.value).strip()
        below = join(path, key)
        if key in members:
            first = members[key].line
            raise Item(file, line, below).error(
                f"the key '{key}' stands here twice (first in line {first}). Keep one."
            )
        # A value is sought where its key stands, also when it starts a line below.
        members[key] = replace(_item(value, file, below, seen), line=line)
    return members
