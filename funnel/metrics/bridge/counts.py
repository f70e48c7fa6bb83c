"""From marketing's count of a stage to sales' count of the same stage, one difference at a time.

A chain of sets: each differs from the one before in one rule, and what enters or leaves is listed by id. So
the lines add exactly, whatever the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import FunnelError, UsageError, did_you_mean
from funnel.metrics import span, steps, term
from funnel.metrics.bridge.chain import STEPS, Asked, absences, is_owned, rule, titles

MOVED = """
create temp table bridge_move as
with step as (
    select step, 'in' as way, unit_id, subject_id, cycle_id, entered_at from member m
    where m.step > 0 and not exists (
        select 1 from member b where b.step = m.step - 1 and b.unit_id = m.unit_id
    )
    union all
    select step + 1, 'out', unit_id, subject_id, cycle_id, entered_at from member m
    where m.step < 8 and not exists (
        select 1 from member b where b.step = m.step + 1 and b.unit_id = m.unit_id
    )
)
select * from step
union all
select case step when 0 then 0 else 9 end, 'in', unit_id, subject_id, cycle_id, entered_at
from member
where step in (0, 8)
"""

TALLY = """
select
    step,
    count(*) filter (where way = 'in') as n_in,
    count(*) filter (where way = 'out') as n_out
from bridge_move
group by step
"""

END = """
select count(*)
from marts.stage_entry e
left join marts.handoff h on h.cycle_id = e.cycle_id and h.stage = e.stage
where e.stage = $stage
    and e.entered_on >= cast($start_on as date) and e.entered_on < cast($end_on as date)
    and (
        not e.is_observed
        or (h.met_definition is distinct from false and (h.owner_id is not null or not $is_owned))
    )
"""

UNKNOWN = "select count(*) from member where step = 6 and met_definition is null"

PERIOD = """
select p.starts_on, p.ends_on
from run.period p
cross join run.context c
where p.period = $per and p.starts_at < c.as_of
    and ($on is null or p.starts_on <= cast($on as date))
order by case when $on is null and p.is_complete then 0 else 1 end, p.starts_on desc
limit 1
"""
FOLDER = "funnel.metrics.bridge"
MEMBERS = ("sign", "stamped", "record", "person", "passage", "member")
COUNTS = ["n_in", "n_out", "change", "n", "n_unknown"]
COLUMNS = [
    *("position", "line", "title", "is_total", *COUNTS, "unit", "state", "missing"),
    *("kpi", "stage", "period", "start_on", "end_on", "rule"),
]


def counts(
    con: DuckDBPyConnection, *, kpi: str | None = None, period_on: span.Day = None, per: str = "month"
) -> pd.DataFrame:
    """Return one row per line, in order: marketing's count of a stage in a period to sales' count of it.

    `kpi` is a stage of the contract, or 'hand_offs' for the first that hands leads over (the default; without
    one, the first stage); the period is the one of `per` that holds `period_on`, by default the latest that
    is over, or the running one before any is. Columns: position, line, title,
    is_total (start and end), n_in and n_out (what the line brings in and takes out), change (n_in - n_out),
    n (the count after the line), n_unknown (of the definition: kept, since a value was not known), unit
    ('records', 'persons', 'passages': what n counts), state ('ok', 'not in this source'), missing (why a
    line cannot be told; its counts are then null and it changes nothing), kpi, stage, period, start_on,
    end_on, rule. n of the start plus all changes is n of the end. UsageError for an unknown word.
    """
    with _chain(con, kpi, period_on, per) as (cursor, asked):
        kpi = kpi or asked.stage.name
        found = {row[0]: row[1:] for row in cursor.execute(TALLY).fetchall()}
        n_unknown = cursor.execute(UNKNOWN).fetchall()[0][0]
        end = cursor.execute(END, asked.given).fetchall()[0][0]
    absent = absences(con, asked.stage)
    rows = _lines(found, absent, titles(asked.stage), n_unknown)
    _assert_closed(rows, end, is_told="all" not in absent)
    frame = pd.DataFrame(rows)
    frame = frame.assign(**{name: frame[name].astype("Int64") for name in COUNTS})
    days = {name: pd.Timestamp(asked.given[name]) for name in ("start_on", "end_on")}
    frame = frame.assign(kpi=kpi, stage=asked.stage.name, period=asked.per, **days)
    return frame.assign(rule=rule(asked.stage, **days))[COLUMNS]


def count_rows(
    con: DuckDBPyConnection, *, line: str, kpi: str, period_on: span.Day = None, per: str = "month"
) -> pd.DataFrame:
    """Return one row per record or passage that a line of `counts` moves, for analysts: it names records.

    Of start and end, all that they count. Columns: line, way ('in' or 'out'), unit_id (the record; of a
    further passage its cycle), person_id (the opportunity, where no person is known), cycle_id (null before
    passages are counted), entered_at (null: unknown). UsageError names the nearest and all lines.
    """
    known = [name for name, _ in STEPS]
    if line not in known:
        raise UsageError(
            f"There is no line '{line}' in the bridge of counts.{did_you_mean(line, known)} "
            f"Its lines: {', '.join(known)}."
        )
    with _chain(con, kpi, period_on, per) as (cursor, _):
        frame = cursor.execute(
            "select way, unit_id, subject_id as person_id, cycle_id, entered_at from bridge_move "
            "where step = ? order by way, unit_id",
            [known.index(line)],
        ).df()
    frame.insert(0, "line", line)
    return frame


@contextmanager
def _chain(
    con: DuckDBPyConnection, kpi: str | None, period_on: span.Day, per: str
) -> Iterator[tuple[DuckDBPyConnection, Asked]]:
    """Give a cursor with the tables of the chain, and what was asked; the warehouse is only read."""
    stage = _stage(con, kpi)
    start_on, end_on = _period(con, period_on, per)
    given = {"stage": stage.name, "start_on": start_on, "end_on": end_on, "is_owned": is_owned(con, stage)}
    with steps.stepped(con, FOLDER, MEMBERS, given) as cursor:
        cursor.execute(MOVED)
        yield cursor, Asked(stage, per, given)


def _stage(con: DuckDBPyConnection, kpi: str | None) -> term.Stage:
    known = {one.name: one for one in term.stages(con)}
    handing = next((one for one in known.values() if one.hands_to), None)
    if kpi is None:
        return handing or next(iter(known.values()))
    if handing is not None:
        known.setdefault("hand_offs", handing)
    if kpi not in known:
        raise UsageError(
            f"'{kpi}' is not a number of leads that both teams count.{did_you_mean(kpi, known)} "
            f"Choose one of: {', '.join(known)}."
        )
    return known[kpi]


def _period(con: DuckDBPyConnection, period_on: span.Day, per: str) -> tuple[Any, Any]:
    on = span.parsed(period_on)
    given = {"per": term.period(per), "on": None if on is None else on.date()}
    found = con.execute(PERIOD, given).fetchall()
    if not found or (on is not None and on.date() >= found[0][1]):
        asked = f"the {per} that holds {on.date()}" if on is not None else f"a {per} that is over"
        raise UsageError(
            f"The warehouse does not hold {asked}. Choose a day on which something was recorded."
        )
    return found[0]


def _lines(
    found: dict[int, tuple[int, int]], absent: dict[str, str], named: dict[str, str], n_unknown: int
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    n = 0
    for place, (name, unit) in enumerate(STEPS):
        n_in, n_out = found.get(place, (0, 0))
        is_total = name in ("start", "end")
        why = absent.get("all") or (None if n_in or n_out else absent.get(name))
        n = n_in if is_total else n + n_in - n_out
        row: dict[str, Any] = {
            "position": place + 1,
            "line": name,
            "title": named[name],
            "is_total": is_total,
        }
        row |= {"n_in": None if is_total else n_in, "n_out": None if is_total else n_out}
        row |= {"change": None if is_total else n_in - n_out, "n": n, "unit": unit}
        row |= {"n_unknown": n_unknown if name == "definition" else 0}
        if why:
            row |= dict.fromkeys(("n_in", "n_out", "change", "n_unknown"))
        if "all" in absent:
            row["n"] = None
        rows.append(row | {"state": "not in this source" if why else "ok", "missing": why})
    return rows


def _assert_closed(rows: list[dict[str, Any]], end: int, *, is_told: bool) -> None:
    """Raise FunnelError unless the lines lead to the end, as counted on its own from the marts."""
    moved = sum(row["change"] or 0 for row in rows)
    if is_told and not (rows[0]["n"] + moved == rows[-1]["n"] == end):
        raise FunnelError(
            f"The lines of the bridge lead from {rows[0]['n']} to {rows[0]['n'] + moved}, and its end is "
            f"{end}. This is a mistake of the package, not of the data: please report it."
        )
