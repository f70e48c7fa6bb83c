"""In a real kernel the tab key finds every metric that is documented, and every chart module beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from funnel.metrics import DOORS

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parents[2] / "docs"
METRIC = re.compile(r"^### ([a-z_]+)\.([a-z_]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def complete() -> Iterator[Any]:
    """Return a function that presses the tab key after some code and returns what is offered."""
    manager, client = start_new_kernel(kernel_name="python3")

    def offered(code: str) -> set[str]:
        content = client.complete(code, reply=True, timeout=60)["content"]
        return {match.rsplit(".", 1)[-1] for match in content["matches"]}

    try:
        client.execute_interactive("import funnel", timeout=60)
        yield offered
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def documented() -> set[tuple[str, str]]:
    return {pair for file in DOCS.glob("*.md") for pair in METRIC.findall(file.read_text(encoding="utf-8"))}


def test_the_package_offers_its_few_names(complete) -> None:
    assert complete("funnel.") >= {"audit", "charts", "connect", "metrics", "show_sql"}


def test_every_door_is_offered_and_every_documented_metric_behind_it(complete) -> None:
    assert complete("funnel.metrics.") >= set(DOORS)
    told = documented()
    assert {door for door, _ in told} <= set(DOORS)
    assert len(told) > 60
    for door in sorted({door for door, _ in told}):
        missing = {name for of, name in told if of == door} - complete(f"funnel.metrics.{door}.")
        assert missing == set(), door
