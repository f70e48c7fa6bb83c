"""The named ways of counting a conversion, and which choices each of them needs or has no use for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term

IMPLIED, IN_ORDER, ANY_ORDER, STRICT = ORDERS = ("implied", "in order", "any order", "strict")
ALLOWED, REFUSED = SKIPS = ("allowed", "refused")
SPLITS = (*term.DIMENSIONS, "pass")


@dataclass(frozen=True)
class Convention:
    """One way of counting: whether it has a window (and an order), and whether its result is a share."""

    name: str
    title: str
    has_window: bool
    is_share: bool


CONVENTIONS = {
    one.name: one
    for one in (
        Convention("cohort", "Cohort", True, True),
        Convention("cohort_to_date", "Cohort to date", True, True),
        Convention("period", "Period", False, False),
        Convention("closed_cohort", "Closed cohort", False, True),
        Convention("snapshot", "Snapshot", False, False),
    )
}


@dataclass(frozen=True)
class Asked:
    """A question whose words were checked: every later step may rely on them."""

    convention: Convention
    start: term.Stage
    end: term.Stage
    period: str | None
    by: tuple[str, ...]
    within_days: float | None
    order: str | None
    skips: str | None

    @property
    def seconds(self) -> int:
        """The window in seconds; 0 where the convention has none."""
        return 0 if self.within_days is None else term.seconds(self.within_days)


def convention(name: str) -> Convention:
    """Return a convention by name; UsageError naming the nearest and all of them if there is none."""
    return CONVENTIONS[_one_of("convention", name, CONVENTIONS)]


def splits(by: str | Iterable[str]) -> tuple[str, ...]:
    """Return the columns to split by, in the order asked; UsageError for an unknown or repeated one."""
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        _one_of("segment", name, SPLITS)
    if len(set(names)) < len(names):
        raise UsageError(f"A segment is named twice in {', '.join(names)}. Name each column once.")
    return names


def window(one: Convention, within_days: float | None) -> float | None:
    """Return the window in days; UsageError if it is missing where needed or given where there is none."""
    if one.has_window and within_days is None:
        raise UsageError(
            f"The convention '{one.name}' counts within a window, and none was given. "
            "Say within_days: the time from entry that counts."
        )
    if not one.has_window and within_days is not None:
        named = ", ".join(each.name for each in CONVENTIONS.values() if each.has_window)
        raise UsageError(
            f"The convention '{one.name}' has no window, so within_days={within_days:g} would change "
            f"nothing. Leave it out, or choose a convention that has one: {named}."
        )
    return within_days


def order(one: Convention, name: str | None) -> str | None:
    """Return the order of events that counts, 'in order' by default; null where the convention has none."""
    return _choice(one, "order", name, ORDERS, IN_ORDER)


def skips(one: Convention, name: str | None, events: str | None) -> str | None:
    """Return whether stages between may be skipped: 'allowed' by default, 'refused' in strict order."""
    chosen = _choice(one, "skips", name, SKIPS, REFUSED if events == STRICT else ALLOWED)
    fixed = {STRICT: REFUSED, IMPLIED: ALLOWED}.get(events or "")
    if fixed and chosen != fixed:
        raise UsageError(
            f"With order='{events}' skips are {fixed} by definition; skips='{chosen}' goes with 'in order' "
            f"or 'any order'. Leave skips out."
        )
    return chosen


def rule(asked: Asked, when: str) -> str:
    """Return what is counted, in one sentence or two; `when` is "in each month", "during 1-31 May 2026"."""
    a, b = asked.start.title, asked.end.title
    days = f"{asked.within_days:g} days" if asked.within_days is not None else ""
    return {
        "cohort": f"Cohort: of those who entered {a} {when}, the share that reached {b} within {days}; "
        f"{_path(asked)} Only entries that had the whole window are judged.",
        "cohort_to_date": f"Cohort to date: of those who entered {a} {when}, the share at {b} so far, within "
        f"at most {days}; {_path(asked)} Compare only equal observed shares.",
        "period": f"Period: entries into {b} {when} / entries into {a} at the same time. Different people, "
        "may exceed 1: not a probability, so without an interval. Observed entries only.",
        "closed_cohort": f"Closed cohort: of those closed {when} who had been at {a}, the share that had "
        f"been at {b}. Open ones are in neither. Observed entries only.",
        "snapshot": f"Snapshot: in {b} now / in {a} now, as of the report. Not a conversion, so without an "
        "interval.",
    }[asked.convention.name]


def path(events: str, skipped: str, end: str) -> str:
    """Return in words what an order of events lets count as having reached a stage."""
    through = "every stage between observed" if skipped == REFUSED else "stages between may be skipped"
    return {
        IMPLIED: f"implied: {end} or any later stage counts, observed or not.",
        IN_ORDER: f"in order: {end} observed at or after it, {through}.",
        ANY_ORDER: f"any order: {end} observed within the window before or after it, {through}.",
        STRICT: f"strict: each stage up to {end} is the very next stage event, nothing skipped or between.",
    }[events]


def _path(asked: Asked) -> str:
    return path(asked.order or IN_ORDER, asked.skips or ALLOWED, asked.end.title)


def _choice(one: Convention, kind: str, name: str | None, known: Iterable[str], default: str) -> str | None:
    if name is None:
        return default if one.has_window else None
    _one_of(kind, name, known)
    if not one.has_window:
        raise UsageError(
            f"The convention '{one.name}' follows nobody from stage to stage, so {kind}='{name}' would "
            f"change nothing. Leave {kind} out."
        )
    return name


def _one_of(kind: str, asked: str, known: Iterable[str]) -> str:
    if asked in known:
        return asked
    raise UsageError(
        f"There is no {kind} '{asked}'.{did_you_mean(asked, known)} Choose one of: {', '.join(known)}."
    )
