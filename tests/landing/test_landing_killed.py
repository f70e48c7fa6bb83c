"""A landing that is killed leaves the previous state whole, and the next one succeeds and cleans up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

N_LEADS = 3_000
LAND = """
import os, sys
from datetime import datetime
from pathlib import Path
from funnel.landing import land, manifest
from funnel.project import Project

steps = int(sys.argv[4])

def counted(work):
    def step(*given):
        global steps
        steps -= 1
        if steps == 0:
            os._exit(9)
        return work(*given)
    return step

if steps:
    manifest.Path.replace = counted(Path.replace)
    manifest.os.fsync = counted(os.fsync)
print("ready", flush=True)
land(Project(Path(sys.argv[1])), "shop", sys.argv[2], observed_at=datetime.fromisoformat(sys.argv[3]))
"""


@contextmanager
def landing(shop, on: str, steps: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Land in a process of its own; yield it when it has loaded all and begins."""
    given = [str(shop.project.root), str(shop.exports), on, str(steps)]
    command = [sys.executable, "-c", LAND, *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def write(shop, week: int) -> None:
    """Export as of a week: each lead's status changes every week, and rejects and tombstones come along."""
    leads = "".join(f"{i},week {week},{i}\n" for i in range(week, N_LEADS))
    shop.file("lead.csv", "id,status,score\n" + leads + "x,y,z\n")
    shop.file("visit.csv", f"lead_id,day\n1,2026-01-{week:02}\n")


STATE = """
select 'lead', status, count(*) from shop.lead group by all
union all select 'visit', '', count(*) from shop.visit
union all select load_id, table_name, n_rejects from run.load
union all select load_id, raw, 1 from run.reject
order by all
"""


def state(shop) -> list[tuple]:
    """Return all that a reader sees of the loads."""
    return shop.rows(STATE)


def seen(weeks: int) -> list[tuple]:
    """Return what `state` is when the first weeks are landed."""
    loads = [f"{n:04d}-202601{n:02d}T000000Z" for n in range(1, weeks + 1)]
    said = [(load, *row) for load in loads for row in (("lead", 1), ("visit", 0), ("x,y,z", 1))]
    return [*said, ("lead", f"week {weeks}", N_LEADS - weeks), ("visit", "", weeks)]


def leftovers(shop) -> list[str]:
    return [name for name in shop.landed_files() if ".aside" in name or name.endswith(".new")]


# Of three files each is synced, moved, and its folder synced; then the manifest is synced, its folder too,
# the manifest is moved (step 12), and its folder synced again.
LISTED = 12


@pytest.mark.slow
def test_killed_before_a_step_of_the_commit_the_state_is_the_one_before_or_the_one_after(shop):
    write(shop, 1)
    shop.land(on="2026-01-01")
    write(shop, 2)
    for step in (1, 2, 6, 9, 11, LISTED, LISTED + 1):
        with landing(shop, "2026-01-02", step) as process:
            assert process.wait() == 9
        assert state(shop) == seen(1 if step <= LISTED else 2)
    assert shop.land(on="2026-01-02").is_new is False
    assert leftovers(shop) == []


@pytest.mark.slow
def test_killed_at_random_moments_the_previous_state_is_whole_and_the_next_run_succeeds(shop):
    write(shop, 1)
    begun = time.perf_counter()
    shop.land(on="2026-01-01")
    usual = time.perf_counter() - begun
    chance = random.Random(7)
    weeks, n_killed = 1, 0
    for _ in range(8):
        write(shop, weeks + 1)
        with landing(shop, f"2026-01-{weeks + 1:02}") as process:
            time.sleep(chance.uniform(0, 1.2 * usual))
            process.kill()
            n_killed += process.wait() != 0
        weeks += state(shop) == seen(weeks + 1)
        assert state(shop) == seen(weeks)
        if chance.random() < 0.5:
            write(shop, weeks + 1)
            assert shop.land(on=f"2026-01-{weeks + 1:02}").is_new
            weeks += 1
            assert state(shop) == seen(weeks)
            assert leftovers(shop) == []
    assert n_killed >= 2
