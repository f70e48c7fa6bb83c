from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from demo_on_disk import Written, read

from funnel.demo import DemoReport, write_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Return a demo of 8,000 leads: enough for every trap and level, small enough to be quick."""
    place = tmp_path_factory.mktemp("company")
    return read(write_demo(place / "demo", place / "truth", n_leads=8_000))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    """Return a demo of 300 leads."""
    place = tmp_path_factory.mktemp("tiny")
    return write_demo(place / "demo", place / "truth", n_leads=300)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., DemoReport]:
    """Write a demo of 300 leads under a name of its own."""

    def write(name: str = "one", **arguments: object) -> DemoReport:
        return write_demo(
            tmp_path / name / "demo", tmp_path / name / "truth", **({"n_leads": 300} | arguments)
        )

    return write
