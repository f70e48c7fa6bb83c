"""A journey funnel as it is asked: steps, order, exclusions, what is broken down, all checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from funnel.errors import UsageError
from funnel.metrics.journey.known import known
from funnel.metrics.journey.step import ANY, SOURCES, Exclusion, Step

MOST = 60
ORDERS = ("ordered", "strict", "unordered")
MODES = ("strict_order", "strict_deduplication", "strict_increase", "allow_reentry")
TOUCHES = ("first_touch", "last_touch")


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
        if len(self.steps) > MOST:
            raise UsageError(f"A journey has at most {MOST} steps, not {len(self.steps)}. Leave some out.")
        known("order of steps", self.order, ORDERS)
        for mode in self.modes:
            known("mode", mode, MODES)
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
            known("attribute", self.by, [str(one) for one in events] if events is not None else columns)

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
            known("attribute_from", asked, ("first", "last", *TOUCHES))
