"""Time the whole path on demo companies of growing size, and write the table of docs/benchmarks.md.

    python benchmarks/scale.py 20000 200000 1000000

Each step runs in a process of its own, so that wall time, CPU time and peak memory are its own. In
brackets stands the ratio to the smallest size of the same run: a machine matters little to a ratio.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

FUNNEL = str(Path(sys.executable).with_name("funnel"))
ROOT = Path(__file__).parent.parent


def measured(*args: str) -> tuple[float, float, float]:
    """Run a funnel command; return wall seconds, CPU seconds and peak memory in GB of it and its children."""
    begun = time.perf_counter()
    pid = os.posix_spawn(
        FUNNEL,
        [FUNNEL, *args],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"funnel {' '.join(args)} ended with status {status}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6


def path_of(n_leads: int) -> dict[str, tuple[float, float, float]]:
    """Take a company of `n_leads` all the way in a fresh project; return the measures of each step."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "contracts", Path(folder) / "contracts")
        there = ("--project", folder)
        found = {"write exports": measured("demo", "--only-exports", "--leads", str(n_leads), *there)}
        loads = json.loads((Path(folder) / "data" / "demo" / "loads.json").read_text())
        for load in loads["loads"]:
            land = measured(
                "land",
                "salesforce",
                f"{folder}/data/demo/{load['folder']}",
                "--observed-at",
                load["observed_at"],
                *there,
            )
            found[f"land {load['folder']}"] = land
        found["build"] = measured("build", "--as-of", loads["as_of"], *there)
        found["check"] = measured("check", *there)
        found["report"] = measured("report", "--as-of", loads["as_of"], *there)
        return found


def table(sizes: list[int], results: dict[int, dict[str, tuple[float, float, float]]]) -> list[str]:
    """Return the lines of the table: a row per step, three figures and a ratio per size."""
    head = "| step | " + " | ".join(f"{n:,}: s, CPU s, GB (ratio)" for n in sizes) + " |"
    lines = [head, "|---|" + "---|" * len(sizes)]
    for step in results[sizes[0]]:
        base = results[sizes[0]][step][0]
        cells = [
            f"{w:.1f}, {c:.1f}, {m:.2f} ({w / base:.1f}x)" for w, c, m in (results[n][step] for n in sizes)
        ]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    asked = sorted(int(a) for a in sys.argv[1:]) or [20_000, 200_000, 1_000_000]
    measures = {n: path_of(n) for n in asked}
    print("\n".join(table(asked, measures)))
