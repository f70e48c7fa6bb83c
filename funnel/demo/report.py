"""Write the demo: exports into one folder, the truth into another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from funnel.demo import files, truth
from funnel.demo.clock import AS_OF, LOADS
from funnel.demo.dispute import CAMPAIGN, DEFAULT_CAUSE, Dispute, dispute
from funnel.demo.world import World, make
from funnel.errors import UsageError

FEWEST_LEADS = 100
_COPY_LEADS = "copy (select id18('00Q', lead) as lead_id, * from lead_truth order by lead, number) to ?"
_COPY_PROBLEMS = "copy (select problem, object, id18(prefix, row) as id, row from problem order by all) to ?"
_PREFIXES = {"Lead": "00Q", "Opportunity": "006", "Task": "00T", "CampaignMember": "00v"}


@dataclass(frozen=True)
class DemoReport:
    """What was written: the arguments, `as_of` (UTC), the load folders, the data rows per load and file."""

    folder: Path
    truth: Path
    n_leads: int
    seed: int
    cause: str
    as_of: datetime
    loads: tuple[Path, ...]
    n_rows: Mapping[str, Mapping[str, int]]


def write_demo(
    folder: Path, truth: Path, *, n_leads: int = 20_000, seed: int = 7, cause: str | None = DEFAULT_CAUSE
) -> DemoReport:
    """Write the demo company's exports into `folder` and its truth into `truth`; return what was written.

    The same arguments give the same bytes. `cause` is that of the disputed batch: definition, mix, quality,
    follow-up, immaturity, none, or two of them joined by '+'; None is the same as 'none'. Files appear only
    when all are complete; a demo written before is replaced. UsageError for an unknown cause, fewer than 100
    leads, a folder that holds something else, or a truth inside the exports.
    """
    folder, truth = folder.resolve(), truth.resolve()
    _refuse(folder, truth, n_leads)
    batch = dispute(cause)
    aside, truth_aside = _aside(folder), _aside(truth)
    with closing(_told(truth_aside, n_leads, seed, batch)) as con:
        n_rows = files.write_loads(con, aside)
    _swap(aside, folder)
    _swap(truth_aside, truth)
    return DemoReport(
        folder=folder,
        truth=truth,
        n_leads=n_leads,
        seed=seed,
        cause=_named(batch),
        as_of=datetime.fromtimestamp(AS_OF, UTC),
        loads=tuple(folder / day for day in LOADS),
        n_rows=n_rows,
    )


def _named(batch: Dispute) -> str:
    return "+".join(sorted(batch.causes)) or "none"


def _refuse(folder: Path, truth: Path, n_leads: int) -> None:
    if n_leads < FEWEST_LEADS:
        raise UsageError(
            f"A demo of {n_leads} leads is too small to hold what it must. Ask for {FEWEST_LEADS} or more."
        )
    if truth == folder or folder in truth.parents or truth in folder.parents:
        raise UsageError(
            f"The truth must lie apart from the exports, but {truth} and {folder} hold each other."
        )
    for place, mark in ((folder, files.LOADS_FILE), (truth, "truth.json")):
        is_other = place.is_file() or (place.exists() and any(place.iterdir()))
        if is_other and not (place / mark).exists():
            raise UsageError(
                f"{place} holds something that is not a demo; it is left alone. Name an empty folder."
            )


def _aside(place: Path) -> Path:
    aside = place.with_name(f".{place.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    return aside


def _swap(aside: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    aside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _told(folder: Path, n_leads: int, seed: int, batch: Dispute) -> duckdb.DuckDBPyConnection:
    """Write the truth and return the database to export from; the frames are let go, for memory."""
    world = make(n_leads, seed, batch)
    con = files.open_world(world)
    _write_truth(con, world, folder, {"n_leads": n_leads, "seed": seed}, batch)
    return con


def _write_truth(
    con: duckdb.DuckDBPyConnection, world: World, folder: Path, asked: dict[str, int], batch: Dispute
) -> None:
    problem = truth.problems(world)
    problem["prefix"] = problem["object"].map(_PREFIXES)
    leads = truth.lead_truth(world)
    con.from_df(leads).create("lead_truth")
    con.from_df(problem).create("problem")
    con.execute(_COPY_LEADS, [str(folder / "truth.parquet")])
    con.execute(_COPY_PROBLEMS, [str(folder / "problem.parquet")])
    said = asked | {
        "as_of": datetime.fromtimestamp(AS_OF, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "dispute": {"campaign": CAMPAIGN, "claim": "The leads of this campaign were garbage.", "by": "sales"}
        | {"causes": sorted(batch.causes), **_batch(leads)},
        "problems": problem.groupby("problem").size().to_dict(),
    }
    con.execute("drop table lead_truth")
    con.execute("drop table problem")
    (folder / "truth.json").write_text(json.dumps(said, indent=2, default=int) + "\n", encoding="utf-8")


def _batch(leads: pd.DataFrame) -> dict[str, dict[str, float]]:
    handed = leads[leads["number"] > 0]
    return {
        name: {
            "n_hand_offs": len(part),
            "mean_quality": round(float(part["quality"].mean()), 4),
            "mean_effort": round(float(part["worked"].mean()), 4),
            "met_definition": round(float(part["met"].mean()), 4),
            "became_sql": round(float((part["sql_at"] > 0).mean()), 4),
        }
        for name, part in (("batch", handed[handed["is_batch"]]), ("others", handed[~handed["is_batch"]]))
    }
