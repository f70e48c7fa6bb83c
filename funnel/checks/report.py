"""What a run of the checks found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

BROKEN = ("fail", "error")


@dataclass(frozen=True, eq=False)
class CheckReport:
    """The outcome of all checks of one build.

    `results` has one row per check, in order: build_id, suite, layer, check_name, title, severity, state
    (pass, fail, error, not applicable), n_rows (rows of its table, null if it could not be read), n_failing
    (breaches, null unless judged), owner, message (null unless error or not applicable), number.
    `file` holds the same as checks.result, and all failing rows as checks.failing_row.
    """

    build_id: str
    results: pd.DataFrame
    file: Path

    @property
    def n_critical_failed(self) -> int:
        """Critical checks that failed or could not be judged."""
        return int((self._broken & (self.results["severity"] == "critical")).sum())

    @property
    def ok(self) -> bool:
        """Whether an edition may be made of this build."""
        return self.n_critical_failed == 0

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Rows to print: each check that failed or broke, the severest first; then how many did not."""
        order = self.results["severity"].map({"critical": 0, "warning": 1, "info": 2})
        broken = self.results.assign(order=order)[self._broken].sort_values(["order", "number"])
        rows = [_told(row) for row in broken.to_dict("records")]
        states = self.results["state"].value_counts()
        return rows + [
            {"severity": "", "state": state, "rows": "", "owner": "", "check": f"{states[state]} checks"}
            for state in ("pass", "not applicable")
            if state in states
        ]

    @property
    def _broken(self) -> pd.Series[bool]:
        return self.results["state"].isin(BROKEN)


def _told(row: dict[Any, Any]) -> dict[str, Any]:
    n_failing = "" if pd.isna(row["n_failing"]) else f"{row['n_failing']:,}"
    said = row["title"] if row["state"] == "fail" else f"{row['title']} ({row['message']})"
    head = {"severity": row["severity"], "state": row["state"], "rows": n_failing, "owner": row["owner"]}
    return {**head, "check": f"{said} [{row['check_name']}]"}
