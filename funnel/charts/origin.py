"""What is sourced and influenced, by whose definition, and how far the definitions agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

PALE = "#8AB8DC"
PIECES = {3: "by all three", 2: "by two", 1: "by one", 0: "by none"}


def origins(table: pd.DataFrame) -> go.Figure:
    """Return what is sourced and influenced under each definition, as shares (table: attribution.origins)."""
    rows = theme.records(table)
    measure = "amount_share" if table["amount_share"].notna().any() else "rate"
    slug = "pipeline" if "created" in theme.rule(table).split(";")[0] else "won"
    title = (
        "Sourced and influenced: pipeline created" if slug == "pipeline" else "Sourced and influenced: won"
    )
    finding = " ".join(filter(None, (_range(rows, claim, measure) for claim in ("sourced", "influenced"))))
    finding = finding and f"{finding} The definitions overlap and are never added."
    is_empty = not finding
    absent = rows[0]["state"] if rows else "undefined"
    text = theme.Text(
        f"origins-{slug}", title, _defined(table), finding or f"Not judged: {absent}.", is_empty=is_empty
    )
    labels = [f"{row['claim'].capitalize()}: {row['definition']}" for row in rows]
    texts = [_origin_text(row) for row in rows]
    colours = [theme.DATA if row["claim"] == "sourced" else PALE for row in rows]
    hovers = [
        f"{theme.safe(label)}<br>{said}<br>{theme.wrapped_lines(row['words'], 48)}"
        for label, said, row in zip(labels, texts, rows, strict=True)
    ]
    figure = form.bars(text, labels, [row[measure] for row in rows], texts, hovers, colours=colours)
    return figure.update_layout(xaxis=theme.axis(0, 1))


def combinations(table: pd.DataFrame) -> go.Figure:
    """Return by how many of its three definitions an opportunity counts (table: attribution.combinations)."""
    claims = [claim for claim in ("sourced", "influenced") if claim in set(table["claim"])]
    counts = table.groupby(["claim", "n_met"])["n"].sum()
    total = {claim: int(table.loc[table["claim"] == claim, "n"].sum()) for claim in claims}
    parts = [
        form.Part(
            name,
            [float(counts.get((claim, met), 0)) for claim in claims],
            [f"{claim}<br>{name}: {number.count(counts.get((claim, met), 0))}" for claim in claims],
        )
        for met, name in PIECES.items()
    ]
    said = [
        f"{claim}: {number.rate(counts.get((claim, 3), 0) / total[claim], total[claim])} by all three"
        for claim in claims
    ]
    is_known = bool(len(table)) and bool(table["state"].eq("ok").all())
    finding = f"Of {number.count(total[claims[0]])}, {', '.join(said)}." if is_known else "Not judged."
    text = theme.Text("combinations", "How far the definitions agree", theme.rule(table), finding)
    figure = form.stacks(text, [claim.capitalize() for claim in claims], parts)
    return figure if is_known else figure.update_layout(meta={**figure.layout.meta, "is_empty": True})


def _range(rows: Sequence[dict[str, Any]], claim: str, measure: str) -> str:
    """Return what the definitions of a claim span, in a sentence; "" where none is known."""
    known = [row for row in rows if row["claim"] == claim and not number.is_null(row[measure])]
    if not known:
        return ""
    low, high = (end(known, key=lambda row: row[measure]) for end in (min, max))
    of = (
        number.money(low["amount_of"], low["currency"])
        if measure == "amount_share"
        else number.count(low["n_of"])
    )
    least, most = number.rate(low[measure]), number.rate(high[measure])
    ends = f"{least} ({low['definition']}) to {most} ({high['definition']})" if least != most else least
    return f"{claim.capitalize()}: {ends} of {of}."


def _origin_text(row: dict[str, Any]) -> str:
    if row["state"] != "ok":
        return str(row["state"])
    counts = f"{number.count(row['n'])} of {number.count(row['n_of'])}"
    if number.is_null(row["amount_share"]):
        return f"{number.rate(row['rate'], row['n_of'])}, {counts}"
    return f"{number.rate(row['amount_share'])}, {number.money(row['amount'], row['currency'])}, {counts}"


def _defined(table: pd.DataFrame) -> str:
    said = [f"{row['definition']}: {row['words']}." for row in theme.records(table)]
    return " ".join([theme.rule(table), *said])
