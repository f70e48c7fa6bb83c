"""Calls, mails and meetings as representatives log them: Task and Event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, HOUR, NEVER, Ints, after_working_hours
from funnel.demo.engagement import mails

CALL, MAIL_OUT, MAIL_IN, MAIL_AUTO, REMINDER, DEAL_CALL, DEAL_MAIL = range(7)
_COLUMNS = [
    "lead",
    "deal",
    "owner",
    "kind",
    "subject",
    "done_at",
    "due_at",
    "created_at",
    "answered",
    "backdated",
]


def cut(passes: pd.DataFrame, attempt: pd.DataFrame) -> pd.DataFrame:
    """Return the attempts that were made: none after the lead was qualified or left."""
    left = passes[["sql_at", "exit_at"]].replace(NEVER, AS_OF).min(axis=1).to_numpy()
    made = attempt["at"].to_numpy() < left[attempt["pass"]]
    return attempt[made | (attempt["attempt"] == 0)].reset_index(drop=True)


def tasks(
    passes: pd.DataFrame, attempt: pd.DataFrame, lead: pd.DataFrame, deal: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return one row per Task: lead or deal, owner, kind, done_at (NEVER: not), due_at, created_at, known_at.

    `answered` marks calls in which the person spoke; `backdated` those completed, by the record, before the
    lead was assigned (`true_at` keeps when it was).
    """
    rng = stream(seed, "tasks")
    parts = [
        _attempts(passes, attempt, rng),
        _replies(passes, rng),
        _executive(passes, rng),
        _undone(passes, rng),
        _automated(passes, lead, seed),
        _deal_tasks(deal, rng),
    ]
    task = pd.concat([part.reindex(columns=_COLUMNS) for part in parts], ignore_index=True)
    for name, missing in (
        ("lead", NEVER),
        ("deal", NEVER),
        ("subject", 0),
        ("answered", 0),
        ("backdated", 0),
    ):
        task[name] = task[name].fillna(missing).astype(np.int64)
    task = task[task["created_at"] < AS_OF]
    task = task.iloc[np.argsort(task["created_at"].to_numpy(), kind="stable")].reset_index(drop=True)
    return _known(task, passes, rng)


def _known(task: pd.DataFrame, passes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n, by_hand = len(task), task["kind"].isin([CALL, DEAL_CALL]).to_numpy()
    late = by_hand & (rng.random(n) < 0.02)
    task["known_at"] = task["created_at"] + np.where(late, rng.integers(DAY, 20 * DAY, n), 0)
    task["is_late"] = late
    task["true_at"] = task["done_at"]
    assigned = pd.Series(passes["assigned_at"].to_numpy(), index=passes["lead"]).groupby(level=0).min()
    before = assigned.reindex(task["lead"]).fillna(0).to_numpy() - rng.integers(2 * HOUR, 3 * DAY, n)
    wrong = task["backdated"].to_numpy() > 0
    task["done_at"] = np.where(wrong, before, task["done_at"]).astype(np.int64)
    return task


def _attempts(passes: pd.DataFrame, attempt: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    row, n = attempt["pass"].to_numpy(), len(attempt)
    at = attempt["at"].to_numpy()
    frame = pd.DataFrame({"lead": passes["lead"].to_numpy()[row], "owner": passes["owner"].to_numpy()[row]})
    frame["kind"] = np.where(rng.random(n) < 0.58, CALL, MAIL_OUT)
    frame["subject"] = attempt["attempt"].to_numpy()
    frame["done_at"] = at
    planned = (attempt["attempt"].to_numpy() > 0) & (rng.random(n) < 0.3)
    frame["created_at"] = np.where(planned, np.roll(at, 1), at + 15)
    frame["due_at"] = at + np.where(planned, rng.integers(-2, 3, n) * DAY, 0)
    frame["answered"] = (passes["connected_at"].to_numpy()[row] == at) & (frame["kind"] == CALL)
    frame["backdated"] = (attempt["attempt"].to_numpy() == 0) & (rng.random(n) < 0.008)
    return frame


def _replies(passes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    found = passes[passes["connected_at"] != NEVER]
    writes = found["contradicts"].to_numpy() | (rng.random(len(found)) < 0.6)
    found = found[writes]
    at = found["connected_at"].to_numpy() + rng.integers(240, 3 * HOUR, len(found))
    frame = pd.DataFrame({"lead": found["lead"], "owner": found["owner"], "kind": MAIL_IN})
    frame["done_at"] = frame["created_at"] = frame["due_at"] = at
    return frame


def _executive(passes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    found = passes[passes["sql_at"] != NEVER]
    found = found[rng.random(len(found)) < 0.88]
    hours = np.exp(rng.normal(np.log(2.5), 1.0, len(found)))
    at = after_working_hours(found["given_at"].to_numpy(), found["region"].to_numpy(), hours)
    frame = pd.DataFrame({"lead": found["lead"], "owner": found["executive"], "kind": CALL, "answered": 1})
    frame["done_at"] = frame["created_at"] = frame["due_at"] = at
    return frame


def _undone(passes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    idle = (
        (passes["opportunity_at"] == NEVER) & (passes["exit_at"] == NEVER) & (rng.random(len(passes)) < 0.5)
    )
    found = passes[idle]
    made = found[["assigned_at", "last_at"]].max(axis=1).to_numpy() + 300
    frame = pd.DataFrame({"lead": found["lead"], "owner": found["owner"], "kind": REMINDER, "done_at": NEVER})
    frame["created_at"], frame["due_at"] = made, made + rng.integers(1, 10, len(found)) * DAY
    return frame


def _automated(passes: pd.DataFrame, lead: pd.DataFrame, seed: int) -> pd.DataFrame:
    owner: Ints = np.zeros(len(lead), dtype=np.int64)
    owner[passes["lead"]] = passes["owner"]
    frame = mails(lead, owner, seed).rename(columns={"at": "done_at"})
    frame["kind"] = MAIL_AUTO
    frame["created_at"] = frame["due_at"] = frame["done_at"]
    return frame


def _deal_tasks(deal: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    row = np.repeat(np.arange(len(deal)), rng.poisson(3.5, len(deal)))
    length = deal["closed_at"].to_numpy().clip(max=AS_OF) - deal["created_at"].to_numpy()
    at = deal["created_at"].to_numpy()[row] + (rng.random(len(row)) * length.clip(HOUR)[row]).astype(np.int64)
    at = after_working_hours(at, deal["region"].to_numpy()[row], rng.exponential(2.0, len(row)))
    frame = pd.DataFrame({"deal": row, "owner": deal["owner"].to_numpy()[row]})
    frame["kind"] = np.where(rng.random(len(row)) < 0.5, DEAL_CALL, DEAL_MAIL)
    frame["done_at"] = frame["created_at"] = frame["due_at"] = at
    return frame


def meetings(passes: pd.DataFrame, deal: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per Event: lead or deal, owner, start_at (which may lie ahead), minutes, created_at."""
    rng = stream(seed, "meetings")
    met = passes[(passes["sql_at"] != NEVER) & (rng.random(len(passes)) < 0.8)]
    first = pd.DataFrame(
        {"lead": met["lead"], "deal": NEVER, "owner": met["owner"], "start_at": met["sql_at"] - HOUR}
    )
    first["created_at"] = np.maximum(met["accepted_at"], met["sql_at"] - 6 * DAY)
    row = np.flatnonzero(rng.random(len(deal)) < 0.75)
    ahead = rng.integers(2, 15, len(row)) * DAY
    at = deal["created_at"].to_numpy()[row] + ahead // DAY * DAY
    demo = pd.DataFrame({"lead": NEVER, "deal": row, "owner": deal["owner"].to_numpy()[row], "start_at": at})
    demo["created_at"] = deal["created_at"].to_numpy()[row] + HOUR
    event = pd.concat([first, demo], ignore_index=True)
    event["start_at"] -= event["start_at"] % 1800
    event["minutes"] = rng.choice([30, 45, 60], len(event))
    event = event[event["created_at"] < AS_OF]
    return event.sort_values(["created_at", "lead", "deal"], ignore_index=True)
