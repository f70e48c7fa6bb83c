"""What a notebook cell returns: figure, picture and table in one, for JupyterLab and for the edition."""

from __future__ import annotations

import base64
import html
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import plotly
import plotly.graph_objects as go

from funnel.charts import cells, static, theme
from funnel.charts.table import to_parquet

SHOWN = "application/vnd.funnel.shown+json"
SAID = "application/vnd.funnel.said+json"
WIDE, NARROW = 720, 328
MOST = 200
FOR_PAGE = "FUNNEL_FOR_PAGE"
"""Set in a kernel whose output goes onto a page: only the record is given, not what JupyterLab shows."""


@dataclass(frozen=True)
class Shown:
    """A table and, if there is one, the figure drawn from it; displays itself in a notebook."""

    text: theme.Text
    table: pd.DataFrame
    figure: go.Figure | None = None

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        plain = f"{self.text.title}. {self.text.finding}"
        bundle: dict[str, Any] = {SHOWN: self.record(), "text/plain": plain}
        if FOR_PAGE in os.environ:
            return bundle
        if self.figure is None:
            return bundle | {"text/html": self._rows()}
        title = {"text": theme.safe(self.text.title), "font": {"size": 15}, "x": 0, "xanchor": "left"}
        titled = go.Figure(self.figure).update_layout(title=title, margin={"t": 48}, **self._legend())
        picture = f"<h4>{html.escape(self.text.title)}</h4>{self._picture(WIDE)}"
        note = f"<p>{html.escape(self.text.rule)}</p>"
        return bundle | {
            "application/vnd.plotly.v1+json": json.loads(titled.to_json()) | {"config": theme.CONFIG},
            "text/html": picture + note,
        }

    def record(self) -> dict[str, Any]:
        """Return what a page needs: text, pictures, the figure as JSON, the table as Parquet in base64."""
        drawn = self.figure is not None
        return {
            "text": asdict(self.text),
            "wide": self._picture(WIDE) if drawn else "",
            "narrow": self._picture(NARROW) if drawn else "",
            "figure": json.loads(self.figure.to_json()) if self.figure is not None else None,
            "table": base64.b64encode(to_parquet(self.table)).decode("ascii"),
        }

    def _rows(self) -> str:
        """Return the first rows as HTML for a notebook; the table itself travels whole."""
        more = len(self.table) - MOST
        note = f"<p>The first {MOST} of {len(self.table):,} rows.</p>" if more > 0 else ""
        said = cells.grid(self.table.head(MOST))
        rows = [[cell.text for cell in row] for row in said.rows]
        return pd.DataFrame(rows, columns=list(said.headers)).to_html(index=False) + note

    def _legend(self) -> dict[str, Any]:
        """Return the layout of a legend beside the title; on a page the key stands above the figure."""
        place = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"}
        return {"showlegend": bool(self.text.key), "legend": place}

    def _picture(self, width: int) -> str:
        return static.svg(self.figure, width=width) if self.figure is not None else ""


@dataclass(frozen=True)
class Said:
    """Sentences with a name by which a page knows where they stand; displays itself in a notebook."""

    name: str
    sentences: tuple[str, ...]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        paragraphs = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        said = {"name": self.name, "sentences": list(self.sentences)}
        return {SAID: said, "text/plain": "\n".join(self.sentences), "text/html": paragraphs}


def say(table: pd.DataFrame, *, name: str) -> Said:
    """Return the sentences of a table (column sentence), ready to be displayed and put on a page."""
    return Said(name, tuple(str(sentence) for sentence in table["sentence"]))


def show(figure: go.Figure, table: pd.DataFrame) -> Shown:
    """Return a figure of this package with the table behind it, ready to be displayed and put on a page."""
    known = theme.Text(**{**figure.layout.meta, "key": tuple(figure.layout.meta.get("key", ()))})
    return Shown(known, table, None if known.is_empty else figure)


def listing(table: pd.DataFrame, *, name: str, title: str, rule: str) -> Shown:
    """Return a table that needs no figure, ready to be displayed and put on a page."""
    return Shown(theme.Text(name, title, rule, f"{len(table)} rows."), table)


def plotly_script() -> bytes:
    """Return plotly.js as the installed package ships it, to lie beside the pages."""
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()
