"""What a check is: a sentence that should hold, who answers for it, and the rules that decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

LAYERS = ("landed", "staging", "core", "marts", "alignment")
"""Where a check looks, in the order of the report."""

SEVERITIES = ("critical", "warning", "info")
"""critical stops the edition, warning is shown in it, info is counted."""

OWNERS = ("marketing", "sales", "operations")
"""Who can put it right."""

STATES = ("pass", "fail", "error", "not applicable")
"""error: the check itself broke; not applicable: no source fills a table that it needs."""


@dataclass(frozen=True)
class Rule:
    """One expectation of Great Expectations, and the query for all rows that break it.

    `expectation` is a class of Great Expectations or of `expectation.py`, `arguments` what it is called with.
    `failing` selects `row_key` and `detail` (text), one row per breach; no row means that the rule holds.
    """

    expectation: str
    failing: str
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Check:
    """A sentence about one table (`schema.table`) and the rules that must all hold for it to be true.

    `needs` names the staging tables without which the sentence says nothing.
    """

    name: str
    title: str
    layer: str
    severity: str
    owner: str
    table: str
    rules: tuple[Rule, ...]
    needs: tuple[str, ...] = ()
