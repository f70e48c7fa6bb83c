"""What a journey funnel is asked with: steps over events, what excludes, order and window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from funnel.errors import UsageError, did_you_mean

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
ORDERS = ("ordered", "strict", "unordered")
MODES = ("strict_order", "strict_deduplication", "strict_increase", "allow_reentry")
TOUCHES = ("first_touch", "last_touch")


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
    _known("source of events", source, (*SOURCES, ANY))
    known = SOURCES.get(source, ())
    for name in where:
        if not known:
            raise UsageError(
                f"A step of any event takes no conditions, so not '{name}'. Name a source first."
            )
        _known(f"column of a {source}", name, known)
    return Step(source, _where(where))


def match(**where: Value | Iterable[Value]) -> Step:
    """Return the events of a frame of your own that have the listed values; `match()` is any event."""
    return Step(None, _where(where))


def exclusion(what: Step, *, after: int = 1, before: int | None = None) -> Exclusion:
    """Return what makes an attempt void between two of its steps, counted from 1 (default: all)."""
    return Exclusion(what, after, before)


@dataclass(frozen=True)
class Question:
    """A journey funnel in full, checked: UsageError says what cannot be meant."""

    steps: Sequence[Step]
    order: str = "ordered"
    exclude: Sequence[Step | Exclusion] = ()
    by: str | None = None
    value_from: str | int = "first"
    modes: Sequence[str] = ()
    is_reuse: bool = False

    def __post_init__(self) -> None:
        if not self.steps:
            raise UsageError("A journey without steps has no funnel. Give at least one step.")
        _known("order of steps", self.order, ORDERS)
        for mode in self.modes:
            _known("mode", mode, MODES)
        if "allow_reentry" in self.modes and "strict_order" not in self.modes:
            raise UsageError("allow_reentry loosens strict_order, so it needs it. Give both modes.")
        if self.order != "ordered" and (self.modes or self.is_reuse):
            raise UsageError("Modes and events that serve several steps are for order='ordered' only.")
        self._check_exclusions()
        self._check_value()

    @property
    def barred(self) -> list[tuple[Step, range]]:
        """Return what is excluded, each with the steps on whose way it must not lie."""
        last = len(self.steps)
        found = [one if isinstance(one, Exclusion) else Exclusion(one) for one in self.exclude]
        return [(one.what, range(one.after + 1, (one.before or last) + 1)) for one in found]

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the sources of the warehouse that it reads: all of them where any event counts."""
        named = {one.source for one in (*self.steps, *(what for what, _ in self.barred))}
        return tuple(one for one in SOURCES if self.keeps_all or ANY in named or one in named)

    @property
    def keeps_all(self) -> bool:
        """Say whether events that serve no step matter too."""
        return self.order == "strict" or "strict_order" in self.modes

    @property
    def same_before(self) -> list[int | None]:
        """Return for each step the nearest step before it with the same events, counted from 1."""
        alike = [(one.source, one.where) for one in self.steps]
        found = [[at for at in range(here) if alike[at] == alike[here]] for here in range(len(alike))]
        return [before[-1] + 1 if before else None for before in found]

    def check_sources(self, events: Iterable[object] | None) -> None:
        """UsageError if a step or `by` is not of what is asked: the warehouse, or the columns of a frame."""
        is_own = events is not None
        if any((one.source is None) != is_own for one in (*self.steps, *(what for what, _ in self.barred))):
            raise UsageError(
                "Steps over events of your own are made with match(...), steps over the warehouse with "
                "step(source, ...). Both in one journey have no common order."
            )
        if self.by is not None:
            columns = [name for names in SOURCES.values() for name in names]
            _known("attribute", self.by, [str(one) for one in events] if events is not None else columns)

    def _check_exclusions(self) -> None:
        last = len(self.steps)
        for _, way in self.barred:
            if not 1 < way.start < way.stop <= last + 1:
                raise UsageError(
                    f"An exclusion after step {way.start - 1} and before step {way.stop - 1} has no way to "
                    f"bar: the journey has {last} steps. Choose two of them, the second later."
                )
            if self.order == "unordered" and (way.start, way.stop) != (2, last + 1):
                raise UsageError(
                    "In any order no event lies between two chosen steps. Exclude over the whole journey, "
                    "or choose order='ordered'."
                )

    def _check_value(self) -> None:
        asked, last = self.value_from, len(self.steps)
        if isinstance(asked, int) and not 1 <= asked <= last:
            raise UsageError(f"There is no step {asked}: the journey has steps 1 to {last}.")
        if isinstance(asked, str):
            _known("attribute_from", asked, ("first", "last", *TOUCHES))


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


def _known(kind: str, asked: str, known: Sequence[str]) -> None:
    if asked not in known:
        near = did_you_mean(str(asked), known)
        raise UsageError(f"There is no {kind} '{asked}'.{near} Choose one of: {', '.join(known)}.")


def _words(one: Step) -> str:
    said = [f"{name} {' or '.join(map(_word, values))}" for name, values in one.where]
    if one.source in (None, ANY):
        return ", ".join(said) or "any event"
    return ", ".join([one.source or "", *said])


def _word(value: Value) -> str:
    return "not stated" if value is None else str(value)
