"""What is printed of a run: the checks that failed, the severest first, then how many did not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from funnel.checks.report import CheckReport


def reported(*rows: tuple[str, str, int | None]) -> list[dict[str, str]]:
    columns = ["severity", "state", "n_failing"]
    results = pd.DataFrame(rows, columns=columns).assign(
        title="A rule holds", check_name="a_rule", owner="sales", message="why"
    )
    results["n_failing"] = results["n_failing"].astype("Int64")
    results["number"] = range(len(results))
    return CheckReport("id", results, Path("checks.duckdb")).summary


def test_a_run_without_failures_prints_only_how_many_passed():
    assert reported(("critical", "pass", 0), ("info", "not applicable", None)) == [
        {"severity": "", "state": "pass", "rows": "", "owner": "", "check": "1 checks"},
        {"severity": "", "state": "not applicable", "rows": "", "owner": "", "check": "1 checks"},
    ]


def test_failures_come_first_the_severest_before_the_rest():
    found = reported(("info", "fail", 1200), ("critical", "error", None), ("warning", "pass", 0))
    assert found == [
        {
            "severity": "critical",
            "state": "error",
            "rows": "",
            "owner": "sales",
            "check": "A rule holds (why) [a_rule]",
        },
        {
            "severity": "info",
            "state": "fail",
            "rows": "1,200",
            "owner": "sales",
            "check": "A rule holds [a_rule]",
        },
        {"severity": "", "state": "pass", "rows": "", "owner": "", "check": "1 checks"},
    ]
