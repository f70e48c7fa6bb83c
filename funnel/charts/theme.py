"""What all figures share: palette, type, axes, and how text gets into a figure without becoming markup."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number

FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", system-ui, sans-serif'
INK, GREY, LINE, GROUND = "#1a1a1a", "#595959", "#d0d0d0", "#ffffff"
DATA, ACCENT, CONTEXT = "#0072B2", "#D55E00", "#9aa5ad"
BAND = "rgba(0, 114, 178, 0.2)"
SMALL = 13
ROW, BAR = 32, 22
OUTCOMES = {
    "went on": "#0072B2",
    "won": "#009E73",
    "accepted": "#009E73",
    "met": "#0072B2",
    "borne out": "#0072B2",
    "contradicted": "#D55E00",
    "cannot tell": "#c9ced2",
    "early": "#8AB8DC",
    "first time": "#0072B2",
    "repeat": "#8AB8DC",
    "missed": "#D55E00",
    "rejected": "#E69F00",
    "recycled": "#56B4E9",
    "lost": "#CC79A7",
    "open": "#c9ced2",
    "unknown": "#8c959c",
    "first touch": "#0072B2",
    "last touch": "#1a1a1a",
    "other rules": "#9aa5ad",
    "by all three": "#0072B2",
    "by two": "#5AA0CF",
    "by one": "#A9CDE8",
    "by none": "#c9ced2",
}
HATCHED = frozenset({"open", "not yet"})
LIGHTEST, DARKEST = (0x8C, 0xC4, 0xE6), (0x00, 0x3F, 0x66)
CONFIG: dict[str, Any] = {
    "responsive": True,
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "showLink": False,
    "doubleClick": False,
}
TINY = 8


@dataclass(frozen=True)
class Text:
    """What stands around a figure: div id, title, rule in words, and the finding as text alternative.

    `key` are the outcomes whose colours it uses; `is_empty` says that there is nothing to draw, so that only
    the finding stands on the page.
    """

    name: str
    title: str
    rule: str
    finding: str
    key: tuple[str, ...] = ()
    is_empty: bool = False


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column name."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def rule(table: pd.DataFrame) -> str:
    """Return the rule in words that a table carries in its column `rule`."""
    return str(table["rule"].iloc[0]) if "rule" in table and len(table) else ""


def note(row: dict[str, Any]) -> str:
    """Return why a cohort cannot be compared: the note of its row up to the colon, "" where there is none."""
    return "" if number.is_null(row["note"]) else str(row["note"]).partition(":")[0]


def safe(value: Any) -> str:
    """Return text as plotly shows it literally: its pseudo-HTML has no tag left to act on."""
    return html.escape("" if value is None else str(value), quote=False)


def wrapped(value: Any, width: int = 25) -> str:
    """Return a label in at most two lines, safe, the rest cut with an ellipsis."""
    lines = textwrap.wrap(str(value), width) or [""]
    if len(lines) > 2:
        lines = [lines[0], lines[1][: width - 1] + "…"]
    return "<br>".join(safe(line) for line in lines)


def wrapped_lines(value: Any, width: int) -> str:
    """Return text in as many lines as it needs, safe."""
    return "<br>".join(safe(line) for line in textwrap.wrap(str(value), width))


def shades(n: int) -> list[str]:
    """Return n colours of one hue from light to dark: the stages in funnel order."""
    steps = [index / max(n - 1, 1) for index in range(n)]
    return [_mixed(step) for step in steps]


def outcome_colour(name: str) -> str:
    """Return the colour that an outcome has on every page."""
    return OUTCOMES.get(name, CONTEXT)


class Drawing(go.Figure):  # type: ignore[misc]
    """A figure that nobody watches while it is drawn, so that its layout changes without telling anybody."""

    def update_layout(self, given: dict[str, Any] | None = None, **more: Any) -> Drawing:
        """Change the layout and return the figure, as plotly does, in half the time."""
        self.layout.update(given, **more)
        return self


def blank(text: Text, *, height: int, left: int = 8) -> go.Figure:
    """Return a figure without marks that knows its text; `text.name` becomes its div id."""
    return Drawing(
        layout={
            "meta": asdict(text),
            "template": go.layout.Template(),
            "height": height,
            "margin": {"l": left, "r": TINY, "t": TINY, "b": 32, "pad": 0, "autoexpand": False},
            "font": {"family": FONT, "size": SMALL, "color": INK},
            "paper_bgcolor": GROUND,
            "plot_bgcolor": GROUND,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverlabel": {"bgcolor": GROUND, "bordercolor": LINE, "font": {"size": SMALL, "color": INK}},
            "bargap": 0.3,
        }
    )


def axis(low: float, high: float, ticks: Sequence[tuple[float, str]] = (), **more: Any) -> dict[str, Any]:
    """Return a linear axis with its ticks written out, so that a static picture needs no guess."""
    return {
        "type": "linear",
        "range": [low, high],
        "fixedrange": True,
        "tickvals": [at for at, _ in ticks],
        "ticktext": [text for _, text in ticks],
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "automargin": False,
        "ticklabelstandoff": 6,
        "tickfont": {"size": SMALL, "color": GREY},
        **more,
    }


def label_axis(labels: Sequence[str]) -> dict[str, Any]:
    """Return a vertical axis of labels, the first on top."""
    ticks = [(float(index), label) for index, label in enumerate(labels)]
    ink = {"tickfont": {"size": SMALL, "color": INK}}
    return axis(len(labels) - 0.5, -0.5, ticks, **ink)


def label_margin(labels: Sequence[str]) -> int:
    """Return the left margin that the longest line of the labels needs, in pixels."""
    longest = max((len(line) for label in labels for line in label.split("<br>")), default=0)
    return min(TINY + round(longest * 6.8), 168)


def _mixed(step: float) -> str:
    parts = (round(a + (b - a) * step) for a, b in zip(LIGHTEST, DARKEST, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)
