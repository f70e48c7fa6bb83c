"""The changes of a lead's fields, from which every export's state and history follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, HOUR, NEVER, START, Flags, instant
from funnel.demo.decision import REJECTED
from funnel.demo.record import last_words
from funnel.demo.team import AUTOMATION, DEVELOPMENT, OPERATIONS, QUEUES, assign

STATUSES = ("New", "MQL", "Working", "Accepted", "Qualified", "Converted", "Disqualified", "Nurture")
NEW, MQL, WORKING, ACCEPTED, QUALIFIED, CONVERTED, DISQUALIFIED, NURTURE = range(8)
FIELDS = (
    "Status",
    "Owner",
    "Lead_Score__c",
    "Disqualify_Reason__c",
    "Industry",
    "NumberOfEmployees",
    "Email",
    "Company",
    "Country",
)
STATUS, OWNER, SCORE, REASON, INDUSTRY, EMPLOYEES, EMAIL, COMPANY, COUNTRY = range(9)
BULK_AT = (instant("2026-02-27") + 16 * HOUR + 120, instant("2026-09-18") + 15 * HOUR + 1800)
BULK_SIZE = 160


def changes(passes: pd.DataFrame, lead: pd.DataFrame, user: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per change of a lead's field: lead, field, at, old, value, user; sorted in that order.

    Values are codes of STATUSES, users or queues, REASONS, industries, or the number itself; NEVER is empty;
    an address, a company or a country that was mended goes from 0 to 1.
    Adds `bulk_at` to `passes`: when a mass edit closed what had been silent.
    """
    rng = stream(seed, "changes")
    _bulk(passes, rng)
    parts = [
        _scores(lead, rng),
        _enrichment(lead),
        _sorted_out(lead, rng),
        _handovers(passes),
        _progress(passes, rng),
        _exits(passes),
        _turnover(passes, user, rng),
        _mended(lead, stream(seed, "mended fields")),
    ]
    change = pd.concat([row for part in parts for row in part], ignore_index=True)
    change = change[(change["at"] != NEVER) & (change["at"] < AS_OF)]
    return _with_old(_in_order(change), lead)


def _in_order(change: pd.DataFrame) -> pd.DataFrame:
    second = change["field"].to_numpy() == STATUS
    rank = np.where(second, change["value"], 9)
    key = (change["lead"] * len(FIELDS) + change["field"]) * 2**26 + (change["at"] - START)
    place = np.lexsort((rank, key))
    return change.iloc[place].reset_index(drop=True)


def _with_old(change: pd.DataFrame, lead: pd.DataFrame) -> pd.DataFrame:
    row, field, value = (change[name].to_numpy() for name in ("lead", "field", "value"))
    queue = np.array(QUEUES)[lead["region"]]
    nothing = np.full(len(lead), NEVER)
    first = np.column_stack(
        [
            nothing * 0,
            queue,
            lead["first_score"],
            nothing,
            lead["entered_industry"],
            lead["entered_employees"],
            *[nothing * 0] * 3,
        ]
    )
    starts = np.append(True, (row[1:] != row[:-1]) | (field[1:] != field[:-1]))[: len(row)]
    change["old"] = np.where(starts, first[row, field], np.roll(value, 1))
    return change[change["old"] != change["value"]].reset_index(drop=True)


def _rows(
    lead: object,
    at: object,
    field: int,
    value: object,
    user: object,
    has: Flags | pd.Series,
) -> pd.DataFrame:
    frame = pd.DataFrame({"lead": np.asarray(lead), "at": np.asarray(at), "field": field})
    frame["value"], frame["user"] = np.asarray(value), np.asarray(user)
    return frame[np.asarray(has)]


def _scores(lead: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    n, last, first = len(lead), lead["score"], lead["first_score"]
    at, rises = lead["settled_at"], last > first
    half = lead["created_at"] + (at - lead["created_at"]) // 2
    slow = rises & (at - lead["created_at"] > DAY)
    later = at + DAY + (rng.exponential(20 * DAY, n)).astype(np.int64)
    more = (last + rng.integers(3, 12, n)).clip(upper=100)
    return [
        _rows(lead.index, half, SCORE, (first + last) // 2, AUTOMATION, slow),
        _rows(lead.index, at - 2, SCORE, last, AUTOMATION, rises),
        _rows(lead.index, later, SCORE, more, AUTOMATION, (more != last) & (rng.random(n) < 0.25)),
    ]


def _enrichment(lead: pd.DataFrame) -> list[pd.DataFrame]:
    at, known = lead["enriched_at"], lead["enriched_at"] != NEVER
    size = known & (lead["entered_employees"] != lead["employees"])
    branch = known & (lead["entered_industry"] != lead["industry"])
    return [
        _rows(lead.index, at, EMPLOYEES, lead["employees"], AUTOMATION, size),
        _rows(lead.index, at, INDUSTRY, lead["industry"], AUTOMATION, branch),
    ]


def _mended(lead: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Return what operations set right soon after: so the history shows since when these fields are kept."""
    at = lead["created_at"] + rng.integers(HOUR // 3, 2 * HOUR, len(lead))
    number = lead.index.to_numpy()
    has = {EMAIL: (lead["address"].to_numpy() == 0) & (number % 9 != 4), COMPANY: number % 5 != 0}
    has[COUNTRY] = lead["has_country"].to_numpy(np.bool_)
    return [
        _rows(number, at, field, 1, OPERATIONS, there & (rng.random(len(lead)) < 0.015))
        for field, there in has.items()
    ]


def _sorted_out(lead: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    unfit = (lead["mql_at"] == NEVER) & (lead["merged_at"] == NEVER) & (rng.random(len(lead)) < 0.08)
    at = lead["settled_at"] + rng.integers(DAY, 20 * DAY, len(lead))
    reason = rng.choice([1, 2, 3, 4], len(lead), p=[0.1, 0.25, 0.1, 0.55])
    return [
        _rows(lead.index, at, STATUS, DISQUALIFIED, OPERATIONS, unfit),
        _rows(lead.index, at, REASON, reason, OPERATIONS, unfit),
    ]


def _handovers(passes: pd.DataFrame) -> list[pd.DataFrame]:
    lead, again = passes["lead"], passes["number"] > 1
    every = np.ones(len(passes), dtype=bool)
    sql = passes["sql_at"] != NEVER
    return [
        _rows(lead, passes["mql_at"] - 1, SCORE, passes["score"], AUTOMATION, again),
        _rows(lead, passes["mql_at"], STATUS, MQL, AUTOMATION, every),
        _rows(lead, passes["mql_at"], REASON, NEVER, AUTOMATION, again),
        _rows(lead, passes["assigned_at"], OWNER, passes["owner"], AUTOMATION, every),
        _rows(lead, passes["given_at"], OWNER, passes["executive"], passes["owner"], sql),
    ]


def _progress(passes: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    lead, owner = passes["lead"], passes["owner"]
    accepted, sql, converts = (passes[f"{name}_at"] for name in ("accepted", "sql", "opportunity"))
    enters = (accepted != NEVER) & ~passes["skips_accepted"]
    ahead = passes[["sql_at", "exit_at"]].replace(NEVER, AS_OF).min(axis=1)
    span = np.minimum(ahead - accepted, 6 * DAY)
    back, again = (accepted + span * 0.3).astype(np.int64), (accepted + span * 0.6).astype(np.int64)
    returns = enters & passes["goes_back"] & (span > HOUR)
    working = passes["marks_working"] & ((accepted == NEVER) | (passes["first_at"] + 60 < accepted))
    return [
        _rows(lead, passes["first_at"] + 60, STATUS, WORKING, owner, working),
        _rows(lead, accepted, STATUS, ACCEPTED, owner, enters),
        _rows(lead, back, STATUS, WORKING, owner, returns),
        _rows(lead, again, STATUS, ACCEPTED, owner, returns),
        _rows(lead, sql, STATUS, QUALIFIED, owner, (sql != NEVER) & ~passes["skips_sql"]),
        _rows(lead, converts, STATUS, CONVERTED, passes["executive"], converts != NEVER),
    ]


def _exits(passes: pd.DataFrame) -> list[pd.DataFrame]:
    left, by = passes["exit_at"] != NEVER, last_words(passes)
    value = np.where(passes["recorded_exit"] == REJECTED, DISQUALIFIED, NURTURE)
    return [
        _rows(passes["lead"], passes["exit_at"], STATUS, value, by, left),
        _rows(
            passes["lead"],
            passes["exit_at"],
            REASON,
            passes["reason"],
            by,
            left & (passes["reason"] != NEVER),
        ),
        _rows(
            passes["lead"], passes["bulk_at"], STATUS, DISQUALIFIED, OPERATIONS, passes["bulk_at"] != NEVER
        ),
    ]


def _bulk(passes: pd.DataFrame, rng: np.random.Generator) -> None:
    silent = (passes["exit_at"] == NEVER) & (passes["accepted_at"] == NEVER) & ~passes["is_batch"]
    closed = np.full(len(passes), NEVER, dtype=np.int64)
    for at in BULK_AT:
        old = np.flatnonzero(silent & (passes["assigned_at"] < at - 45 * DAY) & (closed == NEVER))
        chosen = rng.permutation(old)[: min(BULK_SIZE, len(old) // 2)]
        closed[chosen] = at + rng.integers(0, 50, len(chosen))
    passes["bulk_at"] = closed


def _turnover(passes: pd.DataFrame, user: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    ends = user["ends_at"].to_numpy()[passes["owner"]]
    done = passes[["exit_at", "given_at", "bulk_at"]].replace(NEVER, AS_OF).min(axis=1)
    stays = (
        (ends != NEVER) & (done >= ends) & (passes["assigned_at"] < ends) & (rng.random(len(passes)) < 0.6)
    )
    at = ends + rng.integers(DAY, 12 * DAY, len(passes))
    heir = assign(user, DEVELOPMENT, passes["region"].to_numpy(), at, rng.random(len(passes)))
    return [_rows(passes["lead"], at, OWNER, heir, OPERATIONS, stays & (at < done))]
