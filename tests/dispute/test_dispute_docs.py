"""The page on audits says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from funnel.dispute.batch import KEYS
from funnel.dispute.query import text
from funnel.metrics.term import DIMENSIONS

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")


def test_every_contradiction_is_explained_and_no_other() -> None:
    found = set(re.findall(r"select (?:j\.)?handoff_id, '(\w+)'", text("contradiction")))
    table = PAGE.partition("| contradiction |")[2].partition("\n\n")[0]
    told = {word for row in table.splitlines()[2:] for word in re.findall(r"\w+", row.split("|")[1])}
    assert told == found
    assert len(found) == 13


def test_every_key_of_a_batch_is_named() -> None:
    keys = PAGE.partition("## The batch")[2].partition("## ")[0]
    for key in set(KEYS) - set(DIMENSIONS) | {"from", "to", "ids", "campaign"}:
        assert f"`{key}`" in keys, key
