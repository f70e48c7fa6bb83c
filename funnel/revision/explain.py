"""Why a reported figure changed from one edition to another, split exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from funnel.contract import load_contracts
from funnel.errors import UsageError
from funnel.project import Project
from funnel.revision.aside import Setting, built_aside
from funnel.revision.editions import Reported, reported
from funnel.revision.figure import Asked, Figure, counted, printed

PARTS = {
    "reported": "as printed in {before}",
    "not reproduced": "the same exports and definitions now give this: other software, or an edited contract",
    "late-arriving data": "rows of that time that were first landed after {before}",
    "corrected data": "rows known then whose values were changed, merged or deleted later",
    "maturing": "the same period, seen as of {after}",
    "real change": "the period of {after} against the period of {before}, by the old definitions",
    "definition change": "the contract in force as of {after} against the one as of {before}",
    "not reproduced now": "the edition {after} was made with other software, or a contract was edited since",
}
ALWAYS = ("late-arriving data", "corrected data", "maturing", "real change", "definition change")


@dataclass(frozen=True)
class Explained:
    """A figure from one edition to another.

    `parts`: one row per part: part, change (in the KPI's unit; null where the figure is undefined on that
    step, and its part is in the next one), value and n after it, rule. The changes of all parts add up
    exactly to after - before.
    """

    asked: Asked
    before: Figure
    after: Figure
    period_on: pd.Timestamp | None
    parts: pd.DataFrame


def explain(
    project: Project,
    kpi: str,
    *,
    before: str,
    after: str,
    told: Callable[[str], None] = lambda name: None,
) -> Explained:
    """Split the change of a KPI from edition `before` to edition `after` (names of folders in reports/).

    Each part is the difference between two builds that differ in one thing: what had been landed by the time
    (new rows, then corrected ones), the instant of the report, the period, the contract. Nothing in the
    project changes. UsageError for an unknown edition or KPI, or editions in the wrong order.
    """
    first, second = reported(project, before), reported(project, after)
    if second.as_of < first.as_of or second.known_at < first.known_at:
        raise UsageError(
            f"The edition {after} is older than {before}. Name the older one first: "
            f"--from {after} --to {before}."
        )
    old, new = printed(first, kpi), printed(second, kpi)
    steps = _steps(project, first, second, old, new, told)
    return Explained(old, old.printed, new.printed, new.period_on, _parts(steps, before, after))


def _steps(
    project: Project, first: Reported, second: Reported, old: Asked, new: Asked, told: Callable[[str], None]
) -> list[tuple[str, Figure]]:
    """Return the figure after each step, from what was printed first to what was printed last."""
    then, now = _in_force(project, first), _in_force(project, second)
    begun = Setting(first.as_of, first.known_at, then)
    late = replace(begun, known_at=second.known_at, settled_at=first.known_at)
    corrected = Setting(first.as_of, second.known_at, then)
    ended = Setting(second.as_of, second.known_at, then)
    plan = [
        ("not reproduced", begun, old.period_on),
        ("late-arriving data", late if second.known_at > first.known_at else begun, old.period_on),
        ("corrected data", corrected, old.period_on),
        ("maturing", corrected if old.period_on is None else ended, old.period_on),
        ("real change", ended, new.period_on),
        ("definition change", replace(ended, contracts=now), new.period_on),
    ]
    found: dict[tuple[Setting, pd.Timestamp | None], Figure] = {}
    for setting in dict.fromkeys(setting for _, setting, _ in plan):
        with built_aside(project, setting, told=told) as con:
            for period_on in dict.fromkeys(on for _, used, on in plan if used == setting):
                found[setting, period_on] = counted(con, old, period_on)
    steps = [(part, found[setting, period_on]) for part, setting, period_on in plan]
    return [("reported", old.printed), *steps, ("not reproduced now", new.printed)]


def _in_force(project: Project, edition: Reported) -> tuple[str, ...]:
    """Return the versions that the edition knew and that had begun by its as_of."""
    versions = load_contracts(project.contracts).versions
    known = [each for each in versions if each.version in edition.contracts]
    begun = tuple(each.version for each in known if each.effective_at <= edition.as_of)
    return begun or (edition.contract,)


def _parts(steps: list[tuple[str, Figure]], before: str, after: str) -> pd.DataFrame:
    rows, last = [], None
    for part, figure in steps:
        change = None
        if figure.value is not None:
            change = None if last is None else float(Fraction(figure.value) - Fraction(last))
            last = figure.value
        if part in ALWAYS or part == "reported" or change:
            rule = PARTS[part].format(before=before, after=after)
            rows.append({"part": part, "change": change, "value": figure.value, "n": figure.n, "rule": rule})
    frame = pd.DataFrame(rows, columns=["part", "change", "value", "n", "rule"])
    return frame.astype({"change": "float64", "value": "float64", "n": "Int64"})
