"""The pieces of a figure, gathered and drawn at once: with each one, plotly checks all earlier ones again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go


@dataclass
class Sheet:
    """What is to be drawn on a figure; takes pieces as a figure does, and draws none before `drawn`."""

    figure: go.Figure
    traces: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)

    def add_scatter(self, **given: Any) -> None:
        """Take a trace of lines or markers."""
        self.traces.append({"type": "scatter", **given})

    def add_bar(self, **given: Any) -> None:
        """Take a trace of bars."""
        self.traces.append({"type": "bar", **given})

    def add_annotation(self, **given: Any) -> None:
        """Take a text."""
        self.annotations.append(given)

    def add_shape(self, **given: Any) -> None:
        """Take a line or a rectangle."""
        self.shapes.append(given)

    def update_layout(self, given: dict[str, Any]) -> None:
        """Take keys of the layout, an axis each."""
        self.layout |= given

    def drawn(self) -> go.Figure:
        """Return the figure with all that was taken."""
        self.figure.add_traces(self.traces)
        return self.figure.update_layout(
            {**self.layout, "annotations": self.annotations, "shapes": self.shapes}
        )
