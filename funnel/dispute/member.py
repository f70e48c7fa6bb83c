"""Which hand-offs are in a batch, and which historical batch each hand-off belongs to."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.dispute.batch import Batch
from funnel.dispute.query import text
from funnel.errors import UsageError, did_you_mean

NONE = "(none)"
LOADS = "select distinct load_id, source, observed_at from run.load order by observed_at, load_id"
REPS = "select rep_id, name from core.rep order by rep_id"


def resolve(con: DuckDBPyConnection, batch: Batch, every: pd.DataFrame) -> Batch:
    """Return the batch with its values as the warehouse spells them; UsageError with the nearest if unknown.

    Case is ignored; a beginning that only one value has stands for it; "(none)" is a value not given.
    """
    where = tuple((key, _values(con, key, values, every)) for key, values in batch.where)
    return Batch(where, batch.from_on, batch.to_on, batch.ids)


def listed(con: DuckDBPyConnection, ids: tuple[str, ...]) -> pd.DataFrame:
    """Return one row per lead id of a list: lead_id, record_key and person_id (null: no such lead).

    UsageError if not one of them is known.
    """
    found = con.execute(text("listed"), {"ids": list(ids)}).df()
    if len(found) and found["record_key"].isna().all():
        sample = con.execute("select record_id from core.record order by 1 limit 1").fetchall()
        like = f" Ids look like '{sample[0][0]}'." if sample else ""
        raise UsageError(f"None of the {len(ids)} lead ids is known ('{ids[0]}' for one).{like}")
    return found


def members(batch: Batch, every: pd.DataFrame, asked: pd.DataFrame | None = None) -> pd.Series:
    """Return for each hand-off whether the (resolved) batch holds it; `asked` as `listed` gives it.

    A listed lead stands for its own hand-offs; one that has none (a contact, a merged record) for those of
    its person.
    """
    inside = pd.Series(True, index=every.index)
    for key, values in batch.where:
        inside &= _column(key, values, every).isin(values)
    day = every["handed_on"]
    if batch.from_on:
        inside &= day >= pd.Timestamp(batch.from_on)
    if batch.to_on:
        inside &= day < pd.Timestamp(batch.to_on)
    if batch.ids and asked is not None:
        own = asked["record_key"].isin(every["record_key"])
        inside &= every["record_key"].isin(asked.loc[own, "record_key"]) | every["person_id"].isin(
            asked.loc[~own, "person_id"].dropna()
        )
    return inside.astype(bool)


def batch_keys(batch: Batch, every: pd.DataFrame) -> pd.Series:
    """Return the historical batch of each hand-off: the batch's own dimensions (else campaign), by month."""
    keys = [key for key, _ in batch.where if key != "load"]
    if "campaign" in keys:
        keys = ["campaign"]
    values = dict(batch.where)
    parts = [_column(key, values.get(key, ()), every) for key in keys or ["campaign"]]
    parts.append(every["month_on"].dt.strftime("%Y-%m"))
    joined = parts[0].astype("str")
    for part in parts[1:]:
        joined = joined + " | " + part.astype("str")
    return joined


def _column(key: str, values: tuple[str, ...], every: pd.DataFrame) -> pd.Series:
    """Return what a key says of each hand-off; `source` is the channel unless it names a landed source."""
    if key == "source":
        landed = bool(values) and set(values) <= set(every["source"]) - set(every["channel"].dropna())
        column = every["source" if landed else "channel"]
    elif key == "load":
        column = every["seen_at"].astype("str")
    else:
        column = every["owner_id" if key == "owner" else key]
    return column.astype("object").where(column.notna(), NONE)


def _values(
    con: DuckDBPyConnection, key: str, asked: tuple[str, ...], every: pd.DataFrame
) -> tuple[str, ...]:
    if key == "owner":
        return tuple(sorted({one for name in asked for one in _owner(con, name, every)}))
    if key == "load":
        return tuple(sorted({_load(con, name) for name in asked}))
    known = set(_column(key, (), every)) | (set(every["source"]) if key == "source" else set())
    found = {_one(key, name, {str(one): str(one) for one in known}) for name in asked}
    return tuple(sorted(found))


def _one(key: str, asked: str, known: dict[str, str]) -> str:
    """Return the known word that was meant: the same but for case, or the only one with this beginning."""
    word = asked.casefold()
    same = sorted({value for name, value in known.items() if name.casefold() == word})
    starts = sorted({value for name, value in known.items() if name.casefold().startswith(word)})
    for found in (same, starts):
        if len(found) == 1:
            return found[0]
    if same or starts:
        raise UsageError(f"{key} '{asked}' may mean {', '.join(same or starts)}. Name one of them in full.")
    raise UsageError(
        f"No hand-off has the {key.replace('_', ' ')} '{asked}'.{did_you_mean(asked, known)} "
        f"There {'is' if len(known) == 1 else 'are'}: {_some(sorted(known))}."
    )


def _owner(con: DuckDBPyConnection, asked: str, every: pd.DataFrame) -> list[str]:
    owners = set(every["owner_id"].dropna())
    known = {one: one for one in owners} | {one.partition(":")[2]: one for one in owners}
    if asked in known:
        return [known[asked]]
    names = {str(name): rep for rep, name in con.execute(REPS).fetchall() if rep in owners and name}
    same = [
        rep
        for rep, name in con.execute(REPS).fetchall()
        if rep in owners and str(name).casefold() == asked.casefold()
    ]
    if len(same) > 1:
        raise UsageError(f"{len(same)} reps are called '{asked}': {', '.join(same)}. Name one by id.")
    return [_one("owner", asked, names | known)]


def _load(con: DuckDBPyConnection, asked: str) -> str:
    loads = con.execute(LOADS).fetchall()
    known = {str(load_id): str(at) for load_id, _, at in loads} | {
        str(at.date()): str(at) for *_, at in loads
    }
    return str(pd.Timestamp(_one("load", asked, known)))


def _some(names: list[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
