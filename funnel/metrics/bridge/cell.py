"""What both sides of a comparison counted, by cell of the dimensions, and the form that the KPI has."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import share, steps
from funnel.metrics.bridge import split, when
from funnel.metrics.bridge.asked import PACE, Asked

FOLDER = "funnel.metrics.bridge"

ENDS = (("before", "_before"), ("now", ""))
NUMBERS = ("n", "x", "xx", "n_unknown")


def cells(con: DuckDBPyConnection, asked: Asked, days: dict[str, Any]) -> pd.DataFrame:
    """Return one row per cell: n, x (hits or amount), xx (squares) and n_unknown of both sides.

    Of sales velocity three cells, its inputs: closed and won, amounts, days; n_open beside them.
    """
    return _pace(con, days) if asked.family == PACE else _cells(con, asked, days)


def formed(
    asked: Asked, cells: pd.DataFrame, lengths: tuple[int, ...]
) -> tuple[split.Form, tuple[split.Counted, split.Counted]]:
    """Return how the KPI is made, and what each side counted; `lengths` are the days of both spans."""
    even = lengths[0] == lengths[1]
    known: tuple[float, ...] = tuple(1.0 if even else float(length) for length in lengths)
    shape = tuple(cells[key].drop_duplicates().size for key in asked.by)
    names = tuple(f"mix {key}" for key in asked.by)
    if asked.family == PACE:
        form, known = split.pace(), (cells["n_open_before"].iloc[0], cells["n_open"].iloc[0])
    elif asked.unit == "count":
        form = split.flow(even)
    else:
        form = split.rate(shape, names) if asked.unit == "rate" else split.money(shape, names, even)
    sides = [
        split.Counted(cells[[f"n{end}", f"x{end}"]].to_numpy(), cells[f"xx{end}"].to_numpy(), known[place])
        for place, end in enumerate(("_before", ""))
    ]
    return form, (sides[0], sides[1])


def _cells(con: DuckDBPyConnection, asked: Asked, days: dict[str, Any]) -> pd.DataFrame:
    """Return one row per cell of the dimensions, complete: n, x, xx and n_unknown of both sides."""
    if asked.family == "conversion":
        rows = _converted(con, asked, days)
    else:
        given = days | {"by": list(asked.by), "family": asked.family, "stage": asked.stage}
        with steps.stepped(con, FOLDER, ("side", "event"), given) as cursor:
            rows = steps.read(cursor, FOLDER, "cell", given)
    keys = list(asked.by)
    numbers = ["n", "x", "xx", "n_unknown"]
    rows = rows.astype(dict.fromkeys(numbers, "float64"))[["side", *keys, *numbers]]
    sides = [
        rows[rows["side"] == name].drop(columns="side").rename(columns={each: each + end for each in numbers})
        for name, end in (("before", "_before"), ("now", ""))
    ]
    if not keys:
        joined = pd.concat([side.reset_index(drop=True) for side in sides], axis=1)
        joined = joined if len(joined) else pd.DataFrame([{}])
    else:
        joined = _grid(rows, keys).merge(sides[0], how="left", on=keys).merge(sides[1], how="left", on=keys)
    every = [name + end for name in numbers for end in ("_before", "")]
    filled = joined.reindex(columns=[*keys, *every])
    return filled.assign(**{name: filled[name].fillna(0.0) for name in every})


def _grid(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return every combination of the values of the dimensions, in order; null last."""
    levels = [
        pd.DataFrame({key: rows[key].drop_duplicates().sort_values(na_position="last")}) for key in keys
    ]
    grid = levels[0]
    for level in levels[1:]:
        grid = grid.merge(level, how="cross")
    return grid.reset_index(drop=True)


def _converted(con: DuckDBPyConnection, asked: Asked, days: dict[str, Any]) -> pd.DataFrame:
    frames = []
    for side, start, end in (("before", "before_on", "before_end_on"), ("now", "start_on", "end_on")):
        table = share.rate(
            con,
            convention="cohort_to_date",
            by=list(asked.by),
            from_stage=asked.stage,
            to_stage=asked.to_stage,
            within_days=when.window_days(con, asked),
            start_on=days[start],
            end_on=days[end],
        )
        when.assert_mature(table, asked, days[start], days[end])
        converted = table["n_converted"]
        frames.append(table.assign(side=side, x=converted, xx=converted, n_unknown=0))
    return pd.concat(frames, ignore_index=True)


def _pace(con: DuckDBPyConnection, days: dict[str, Any]) -> pd.DataFrame:
    """Return the inputs of velocity as three cells: closed and won, amounts, days; n_open beside them."""
    with steps.stepped(con, FOLDER, ("side",), days) as cursor:
        found_by = steps.read(cursor, FOLDER, "pace", days).set_index("side")
    rows = found_by.astype("float64").to_dict("index")
    triples = (("n_closed", "n_won", "n_won"), ("n_amounts", "amount", "squares"))
    triples += (("n_days", "days", "day_squares"),)  # type: ignore[assignment]
    found = {
        f"{name}{end}": [rows[side][triple[place]] for triple in triples]
        for side, end in (("before", "_before"), ("now", ""))
        for place, name in enumerate(("n", "x", "xx"))
    }
    opened = {f"n_open{end}": rows[side]["n_open"] for side, end in (("before", "_before"), ("now", ""))}
    return pd.DataFrame(found).assign(n_unknown_before=0.0, n_unknown=0.0, **opened)
