"""The word lists of `words.yaml`, and how a word is written in a mail address."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def words() -> dict[str, Any]:
    """Return the parsed word lists."""
    text = files("funnel.demo").joinpath("words.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def spelled(key: str) -> list[str]:
    """Return the words of a list as they are displayed."""
    return [word.partition("=")[0] for word in words()[key].split()]


def latin(key: str) -> list[str]:
    """Return the same words in the letters that a mail address or a domain may have."""
    return [_ascii(*word.partition("=")[::2]) for word in words()[key].split()]


def _ascii(word: str, given: str) -> str:
    plain = unicodedata.normalize("NFKD", given or word).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum())
