"""Rows for a narrow screen: each label stands above its mark, so that the marks have the whole width."""

from __future__ import annotations

import html
import math
from typing import Any

from funnel.charts import theme

PITCH, BAR, UP, DOWN = 46, 14, 0.24, 0.2
CHARACTER = 6.6
CONNECTOR, WHOLE = "connector", 0.9


def is_rows(layout: dict[str, Any]) -> bool:
    """Say whether a layout is one of labelled rows, the first on top."""
    axis = layout.get("yaxis", {})
    return "range" in axis and axis["range"][0] > axis["range"][1]


def restacked(plain: dict[str, Any], width: int) -> dict[str, Any]:
    """Return a figure of labelled rows, as a plain dict, with labels and numbers above the marks."""
    layout = plain["layout"]
    labels = [" ".join(text.split("<br>")) for text in layout["yaxis"]["ticktext"]]
    numbers = dict(_numbers(plain))
    notes = [_note(at, text, x=1, xanchor="right", color=theme.GREY) for at, text in numbers.items()]
    for at, label in enumerate(labels):
        room = int((width - 24) / CHARACTER) - len(html.unescape(numbers.get(at, "")))
        notes.append(_note(at, _cut(label, room), x=0, xanchor="left", color=theme.INK))
    axis = {**layout["yaxis"], "tickvals": [], "ticktext": []}
    narrow = {
        **layout,
        "yaxis": axis,
        "height": 8 + PITCH * max(len(labels), 1),
        "margin": {**layout["margin"], "l": 4, "r": 8, "t": 4, "b": 4},
        "annotations": notes,
        "shapes": [_lowered(shape) for shape in layout.get("shapes", ())],
    }
    return {"data": [_trace(trace) for trace in plain["data"]], "layout": narrow}


def _numbers(plain: dict[str, Any]) -> list[tuple[int, str]]:
    """Return the text at the end of each row: of a bar, or a note beside the plot."""
    texts = [
        (round(at), text)
        for trace in plain["data"]
        if trace["type"] == "bar"
        for at, text in zip(trace["y"], trace.get("text") or (), strict=False)
    ]
    return texts + [(round(note["y"]), note["text"]) for note in plain["layout"].get("annotations", ())]


def _trace(trace: dict[str, Any]) -> dict[str, Any]:
    lower = {**trace, "y": [at + DOWN for at in trace["y"]]}
    if trace["type"] == "bar":
        lower |= {"width": [BAR / PITCH] * len(lower["y"]), "text": None}
    return lower


def _lowered(shape: dict[str, Any]) -> dict[str, Any]:
    if shape.get("name") == CONNECTOR:
        row = math.floor((shape["y0"] + shape["y1"]) / 2) + DOWN
        side = BAR / PITCH / 2 if shape["y1"] - shape["y0"] < WHOLE else -BAR / PITCH / 2
        return {**shape, "y0": row + side, "y1": row + 1 - BAR / PITCH / 2}
    if shape["type"] == "line":
        return shape
    middle = (shape["y0"] + shape["y1"]) / 2 + DOWN
    return {**shape, "y0": middle - BAR / PITCH / 2, "y1": middle + BAR / PITCH / 2}


def _note(at: int, text: str, *, x: float, xanchor: str, color: str) -> dict[str, Any]:
    place = {"x": x, "y": at - UP, "xref": "paper", "xanchor": xanchor}
    return {**place, "text": text, "bgcolor": "#ffffff", "font": {"color": color, "size": theme.SMALL}}


def _cut(label: str, room: int) -> str:
    plain = html.unescape(label)
    return label if len(plain) <= room else theme.safe(plain[: max(room - 1, 1)].rstrip(" (,…") + "…")
