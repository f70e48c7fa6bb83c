"""Judge simulated disputes whose cause is known, beside a z-test, Kitagawa and Oaxaca-Blinder.

    python -m benchmarks.verdict [DISPUTES [FIRST SEED]]

Each dispute is a company of its own with 40 batches of history, judged at 30, 100, 300 and 1,000 leads; kinds
are each single cause, each pair, none, and the worst of twelve ordinary batches. Seeds from 10,000 are those
of the table in docs/verdict.md; lower ones were used to develop. Prints tables in Markdown.
"""

from __future__ import annotations

import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from time import process_time
from typing import Any

import pandas as pd

from benchmarks.verdict.dispute import CAUSES, KINDS, Simulated, simulated
from benchmarks.verdict.rivals import kitagawa, oaxaca, z_test
from funnel.dispute.verdict import judge

FIRST_SEED = 10_000
RIVALS = {"z-test": z_test, "Kitagawa": kitagawa, "Oaxaca-Blinder": oaxaca}
LINE = 0.05


def main(count: int, first: int) -> None:
    """Print the tables for `count` disputes, a quarter at each size."""
    with ProcessPoolExecutor(2) as pool:
        seeds = range(first, first + count // 4)
        rows = pd.DataFrame([row for rows in pool.map(judged, seeds, chunksize=4) for row in rows])
    for title, table in tables(rows).items():
        print(f"\n{title}\n\n{_markdown(table)}")


def judged(seed: int) -> list[dict[str, Any]]:
    """Return a row per size and method of one dispute."""
    return [row for one in simulated(KINDS[seed % len(KINDS)], seed) for row in scored(one)]


def scored(one: Simulated) -> list[dict[str, Any]]:
    """Return a row per method of one simulated dispute at one size."""
    warnings.simplefilter("ignore")
    start = process_time()
    verdict = judge(one.population, horizon_days=90, landmark_days=14, outcome="sql")
    seconds = process_time() - start
    parts = verdict.parts.set_index("part")
    named = set(parts.index[parts["state"] == "named"])
    covered = {
        cause: parts.loc[cause, "low"] - 1e-9 <= one.truth[cause] <= parts.loc[cause, "high"] + 1e-9
        for cause in CAUSES
    }
    rivals = [_scored(one, name, rival(one.population)) for name, rival in RIVALS.items()]
    return [_scored(one, "audit", named) | {"seconds": seconds, **covered}, *rivals]


def _scored(one: Simulated, method: str, named: set[str]) -> dict[str, Any]:
    harmful = {cause for cause in CAUSES if one.truth[cause] < -LINE * one.truth["e0"]}
    return {
        "method": method,
        "kind": one.kind,
        "size": one.n,
        "all": one.causes <= named,
        "some": bool(one.causes & named),
        "false": bool(named - one.causes - harmful),
        "unplanted": bool(named - one.causes),
    }


def tables(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of the benchmark by their title."""
    ours = rows[rows["method"] == "audit"]
    planted, null = ours["kind"].isin(["none", "worst of 12"]), ours["kind"] == "none"
    by = ours.assign(worst=ours["kind"] == "worst of 12")
    main = pd.DataFrame(
        {
            "all true causes named": ours[~planted].groupby("size")["all"].mean(),
            "at least one": ours[~planted].groupby("size")["some"].mean(),
            "false accusation": by[~by["worst"]].groupby("size")["false"].mean(),
            "cause named that was not planted": by[~by["worst"]].groupby("size")["unplanted"].mean(),
            "ordinary batch accused": ours[null].groupby("size")["unplanted"].mean(),
            "worst of 12 accused falsely": by[by["worst"]].groupby("size")["false"].mean(),
            "worst of 12, any named": by[by["worst"]].groupby("size")["unplanted"].mean(),
            "CPU seconds": ours.groupby("size")["seconds"].mean(),
        }
    )
    rivals = rows.assign(innocent=rows["kind"] == "none", young=rows["kind"] == "immaturity")
    beside = pd.DataFrame(
        {
            "all true causes named": rows[~rows["kind"].isin(["none", "worst of 12"])]
            .groupby("method")["all"]
            .mean(),
            "false accusation": rivals[rivals["kind"] != "worst of 12"].groupby("method")["false"].mean(),
            "ordinary batch accused": rivals[rivals["innocent"]].groupby("method")["unplanted"].mean(),
            "worst of 12 accused falsely": rows[rows["kind"] == "worst of 12"]
            .groupby("method")["false"]
            .mean(),
            "young batch misjudged": rivals[rivals["young"]].groupby("method")["false"].mean(),
        }
    )
    return {
        f"The audit on {len(ours)} disputes": main,
        "Coverage of 90 % intervals": ours.groupby("size")[list(CAUSES)].mean(),
        "By kind: all true causes named": ours[~planted].pivot_table(
            index="kind", columns="size", values="all"
        ),
        "The same disputes by what is done today": beside,
    }


def _markdown(table: pd.DataFrame) -> str:
    table = table.reset_index()
    head = "| " + " | ".join(map(str, table.columns)) + " |"
    rule = "|" + "---|" * len(table.columns)
    body = [
        "| " + " | ".join(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row) + " |"
        for row in table.itertuples(index=False)
    ]
    return "\n".join([head, rule, *body])


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(480, FIRST_SEED)[len(given) :]])
