"""The KPIs that the scorecard shows: those with a target in the contract in force, then the usual ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from duckdb import DuckDBPyConnection

from funnel.contract.vocabulary import KPI_TITLES, SLA_TITLES
from funnel.errors import InputError, did_you_mean
from funnel.metrics import catalogue, economics, term

TARGETS = """
select t.kpi, t.owners, t.target, t.per, t.within_seconds, t.weight
from contract.target t
join run.context c on c.contract = t.version
"""

OBLIGATIONS = """
select s.sla, s.words, s.within_seconds, s.attainment
from contract.sla s
join run.context c on c.contract = s.version
"""

TEAMS = """
select
    string_agg(distinct from_team, ', ' order by from_team) as givers,
    string_agg(distinct to_team, ', ' order by to_team) as receivers
from marts.handoff
"""

ATTAINMENT = "_attainment"

RESULTS = (
    *("opportunities", "pipeline_amount", "win_rate", "win_rate_amount", "won_amount", "mean_deal"),
    *("days_to_close", "sales_velocity", "coverage", "cac", "cac_paid", "payback_months", "ltv_cac"),
    "retention_rate",
)


@dataclass(frozen=True)
class Indicator:
    """One KPI: how it is named, counted, owned and judged.

    `family` says which query counts it; `needs` are the staging tables without which it is "not in this
    source".
    """

    kpi: str
    title: str
    family: str
    unit: str
    per: str
    rule: str
    owners: str
    direction: str = "up"
    needs: tuple[str, ...] = ()
    target: float | None = None
    weight: float | None = None
    within_seconds: int | None = None
    from_stage: str = ""
    to_stage: str = ""
    from_title: str = ""
    to_title: str = ""
    sla: str = ""


def indicators(con: DuckDBPyConnection) -> tuple[Indicator, ...]:
    """Return all KPIs: those with a target first, in the contract's order, then the usual ones without.

    InputError if the contract sets a target for a KPI that there is not.
    """
    known = _known(con)
    agreed = [_agreed(known, *row) for row in con.execute(TARGETS).fetchall()]
    named = {one.kpi for one in agreed}
    usual = [known[kpi] for kpi in _usual(con, known) if kpi not in named]
    return (*agreed, *usual)


def _agreed(
    known: dict[str, Indicator],
    kpi: str,
    owners: str,
    target: float,
    per: str | None,
    within: int | None,
    weight: float,
) -> Indicator:
    if kpi not in known:
        raise InputError(
            f"The contract sets a target for '{kpi}', which is no KPI.{did_you_mean(kpi, known)} "
            f"KPIs of this contract: {', '.join(known)}."
        )
    one = replace(known[kpi], owners=owners, target=target, per=per or known[kpi].per, weight=weight)
    if within is None or not one.from_stage:
        return one
    return replace(one, within_seconds=within, rule=_conversion_rule(one.title, within))


def _known(con: DuckDBPyConnection) -> dict[str, Indicator]:
    stages = term.stages(con)
    every = ", ".join(dict.fromkeys(stage.owner for stage in stages if stage.owner)) or "all"
    givers, receivers = con.execute(TEAMS).fetchall()[0]
    first = (stages[0].owner if stages else None) or every
    sides = {"first": first, "givers": givers or first, "receivers": receivers or every, "every": every}
    found = _counted(con, sides)
    found += [_entries(stage, every) for stage in stages]
    horizon = term.context(con).horizon_seconds
    found += [_conversion(a, b, every, horizon) for a in stages for b in stages if a.position < b.position]
    found += [_obligation(receivers or every, *row) for row in con.execute(OBLIGATIONS).fetchall()]
    known: dict[str, Indicator] = {}
    for one in found:
        known.setdefault(one.kpi, one)
    return known


def _usual(con: DuckDBPyConnection, known: dict[str, Indicator]) -> list[str]:
    stages = term.stages(con)
    handing = next((i for i, stage in enumerate(stages) if stage.hands_to), None)
    steps = [f"{stages[0].name}_to_{stages[-1].name}"] if len(stages) > 1 else []
    entered = [stage.name for stage in stages[handing:]] if handing is not None else []
    if handing is not None and handing + 1 < len(stages):
        steps.insert(0, f"{stages[handing].name}_to_{stages[handing + 1].name}")
    kept = [one.kpi for one in known.values() if one.family == "obligation"]
    first = ["leads", *entered, "hand_offs", "acceptance_rate", "speed_to_lead", *kept]
    later = ["time_to_disposition", *steps, "requalified_rate"]
    return list(dict.fromkeys([*first, *later, *RESULTS]))


def _counted(con: DuckDBPyConnection, sides: dict[str, str]) -> list[Indicator]:
    said = {**economics.words(con), **_handing(con)}
    return [
        Indicator(
            kpi,
            KPI_TITLES[kpi],
            one.family,
            one.unit,
            one.per,
            one.rule.format(**said | {"kinds": said["paid" if one.family == "cac_paid" else "all"]}),
            sides[one.side],
            one.direction,
            one.needs,
        )
        for kpi, one in catalogue.ENTRIES.items()
    ]


def _handing(con: DuckDBPyConnection) -> dict[str, str]:
    """Return the words of the stage that hands leads on, and of the horizon."""
    stages = term.stages(con)
    handing = next((one for one in stages if one.hands_to), stages[0] if stages else None)
    days = f"{term.context(con).horizon_days:g} days"
    return {"stage": handing.title if handing else "the first stage", "days": days}


def _entries(stage: term.Stage, every: str) -> Indicator:
    rule = f"First entries into {stage.title} in the period, observed or imputed."
    return Indicator(
        stage.name,
        f"{stage.title} entries",
        "entries",
        "count",
        "week",
        rule,
        stage.owner or every,
        to_stage=stage.name,
    )


def _conversion(start: term.Stage, end: term.Stage, every: str, horizon: int) -> Indicator:
    title = f"{start.title} to {end.title}"
    return Indicator(
        f"{start.name}_to_{end.name}",
        title,
        "conversion",
        "rate",
        "month",
        _conversion_rule(title, horizon),
        every,
        within_seconds=horizon,
        from_stage=start.name,
        to_stage=end.name,
        from_title=start.title,
        to_title=end.title,
    )


def _conversion_rule(title: str, seconds: int) -> str:
    days = seconds / term.DAY_SECONDS
    return f"Cohort conversion {title}: entries of the period that went on within {days:g} days."


def _obligation(receivers: str, sla: str, words: Any, within: int, attainment: float | None) -> Indicator:
    needs = () if sla == "disposition" else ("activity",)
    title = f"{SLA_TITLES.get(sla, sla)} within the SLA"
    rule = f"Of the period's hand-offs whose deadline has passed, the share met. Agreed: {words}"
    return Indicator(
        sla + ATTAINMENT,
        title,
        "obligation",
        "rate",
        "week",
        rule,
        receivers,
        needs=needs,
        target=attainment,
        within_seconds=within,
        sla=sla,
    )
