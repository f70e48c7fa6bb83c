"""The steps of a journey: which events serve, and which make it void."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from funnel.errors import UsageError
from funnel.metrics.journey.known import known

Value = str | bool | int | float | None
Where = tuple[tuple[str, tuple[Value, ...]], ...]

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "touch": ("channel", "campaign", "content", "kind"),
        "activity": ("kind", "direction", "outcome", "is_human_touch", "is_automated"),
        "stage": ("stage", "evidence", "is_backward"),
        "exit": ("exit", "reason"),
    }
)
ANY = "any"


@dataclass(frozen=True)
class Step:
    """Events that serve a step: of one source (null: of a given frame), with the listed values."""

    source: str | None
    where: Where = ()
    title: str = ""

    def titled(self, title: str) -> Step:
        """Return the same step under another name."""
        return replace(self, title=title)

    @property
    def says(self) -> str:
        """Return its title, or its conditions in words."""
        return self.title or _words(self)


@dataclass(frozen=True)
class Exclusion:
    """Events that make an attempt void when they lie between two of its steps (from 1; null: last)."""

    what: Step
    after: int = 1
    before: int | None = None


def step(source: str, /, **where: Value | Iterable[Value]) -> Step:
    """Return the events of a source that serve a step: `step("touch", channel=["Webinar", "Event"])`.

    Sources are touch, activity, stage, exit, and any. A condition names a column of the source and one value
    or several; None means not stated. UsageError for an unknown source or column, with the nearest.
    """
    known("source of events", source, (*SOURCES, ANY))
    columns = SOURCES.get(source, ())
    for name in where:
        if not columns:
            raise UsageError(
                f"A step of any event takes no conditions, so not '{name}'. Name a source first."
            )
        known(f"column of a {source}", name, columns)
    return Step(source, _where(where))


def match(**where: Value | Iterable[Value]) -> Step:
    """Return the events of a frame of your own that have the listed values; `match()` is any event."""
    return Step(None, _where(where))


def exclusion(what: Step, *, after: int = 1, before: int | None = None) -> Exclusion:
    """Return what makes an attempt void between two of its steps, counted from 1 (default: all)."""
    return Exclusion(what, after, before)


def _where(where: Mapping[str, Value | Iterable[Value]]) -> Where:
    return tuple(sorted((name, _values(name, given)) for name, given in where.items()))


def _values(name: str, given: Value | Iterable[Value]) -> tuple[Value, ...]:
    several = (given,) if given is None or isinstance(given, str | bool | int | float) else tuple(given)
    wrong = [one for one in several if one is not None and not isinstance(one, str | bool | int | float)]
    if wrong or not several:
        raise UsageError(
            f"'{name}' takes a text, a number, true or false, or a list of them; given: {given!r}."
        )
    return several


def _words(one: Step) -> str:
    """Return conditions in words: "touch, channel Webinar or Event"; "rejected" where exit is rejected."""
    said = [_clause(one.source, name, values) for name, values in one.where]
    if one.source in (None, ANY):
        return ", ".join(said) or "any event"
    return ", ".join(said if one.source in dict(one.where) else [one.source, *said])


def _clause(source: str | None, name: str, values: tuple[Value, ...]) -> str:
    plain = name.replace("_", " ")
    if values in ((True,), (False,)):
        return plain if values[0] else f"not {plain}"
    said = " or ".join("not stated" if value is None else str(value) for value in values)
    return said if name == source else f"{plain} {said}"
