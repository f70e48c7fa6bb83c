"""Which events serve which step: one select built as a syntax tree, its values bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from funnel.metrics.journey.question import Question
from funnel.metrics.journey.step import ANY, Step, Value


def matched(question: Question, columns: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """Return a select over `event` and its parameters.

    One row per event: subject_id, event_key, happened_at, precision where the events have one; value (the
    attribute that is broken down by), served (the steps that it serves, a bit each), barred (those on whose
    way it is excluded).
    `columns` are what the events have; a condition on another is never met.
    """
    build = _Build(frozenset(columns))
    steps = [[one] for one in question.steps]
    bars = [[what for what, way in question.barred if at in way] for at in range(1, len(steps) + 1)]
    kept = [name for name in ("subject_id", "event_key", "happened_at", "precision") if name in build.columns]
    chosen = [exp.column(name, "event") for name in kept]
    value = build.text(question.by) if question.by in build.columns else exp.null()
    made = {
        "served": build.bits(steps),
        "barred": build.bits(bars),
        "value": exp.cast(value, "varchar"),
    }
    return exp.select(*chosen, *(exp.alias_(part, name) for name, part in made.items())).from_("event").sql(
        dialect="duckdb"
    ), build.bound


class _Build:
    """The parameters bound so far, and what the events have."""

    def __init__(self, columns: frozenset[str]) -> None:
        self.columns = columns
        self.bound: dict[str, Any] = {}

    def bits(self, several: list[list[Step]]) -> exp.Expr:
        """Return a number with a bit for each of the places where an event serves any of the steps."""
        total: exp.Expr = exp.cast(exp.Literal.number(0), "bigint")
        for at, steps in enumerate(several):
            if steps:
                bit = exp.cast(exp.Literal.number(2**at), "bigint")
                met = exp.or_(*[self.served(one) for one in steps])
                total = exp.Add(this=total, expression=exp.case().when(met, bit).else_(exp.Literal.number(0)))
        return total

    def served(self, one: Step) -> exp.Expr:
        """Return the condition that an event serves a step."""
        parts = [self.one_of(name, values) for name, values in one.where]
        if one.source not in (None, ANY):
            parts.insert(0, self.one_of("source", (one.source,)))
        return exp.and_(*parts) if parts else exp.true()

    def one_of(self, name: str, values: tuple[Value, ...]) -> exp.Expr:
        """Return the condition that a column has one of the values."""
        if name not in self.columns:
            return exp.convert(None in values)
        return exp.or_(*[self.equal(name, value) for value in values])

    def equal(self, name: str, value: Value) -> exp.Expr:
        """Return column = value, compared as the value's kind: text, number or truth; None is null."""
        if value is None:
            return exp.Is(this=exp.column(name, "event", quoted=True), expression=exp.null())
        if isinstance(value, str | bool):
            return exp.EQ(this=self.text(name), expression=self.parameter(_text(value)))
        number = exp.TryCast(this=self.text(name), to=exp.DataType.build("double"))
        return exp.EQ(this=number, expression=self.parameter(float(value)))

    def text(self, name: str | None) -> exp.Expr:
        """Return a column as text."""
        return exp.cast(exp.column(str(name), "event", quoted=True), "varchar")

    def parameter(self, value: str | float) -> exp.Expr:
        """Return a new parameter bound to a value."""
        name = f"given_{len(self.bound)}"
        self.bound[name] = value
        return exp.Parameter(this=exp.var(name))


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()
