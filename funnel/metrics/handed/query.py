"""The SQL files of this folder, step by step into one row per hand-off."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import steps

FOLDER = "funnel.metrics.handed"
COURSE = ("handed", "ending", "follow_up", "course")
STEPS = (*COURSE, "known", "recorded", "delivered")


def handoffs(con: DuckDBPyConnection, given: dict[str, Any]) -> pd.DataFrame:
    """Return handoff.sql for all hand-offs into a stage.

    `given`: stage, outcome, landmark_seconds. The warehouse itself is only read.
    """
    return read(con, "handoff", STEPS, given)


def read(con: DuckDBPyConnection, name: str, names: tuple[str, ...], given: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of a file after its steps."""
    with steps.stepped(con, FOLDER, names, given) as cursor:
        return steps.read(cursor, FOLDER, name, given)
