"""The KPIs that the scorecard shows: those with a target in the contract in force, then the usual ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from duckdb import DuckDBPyConnection

from funnel.contract.vocabulary import KPI_TITLES, SLA_TITLES
from funnel.errors import InputError, did_you_mean
from funnel.metrics import term

TARGETS = """
select t.kpi, t.owners, t.target, t.per, t.within_seconds
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

LEADS = "Cycles of known persons begun in the period; one who comes back counts again."
HAND_OFFS = "Hand-offs made in the period."
ACCEPTANCE = (
    "Of the period's hand-offs that were decided, the share accepted; a period is mature when all had the "
    "contract's landmark before the report."
)
PIPELINE = "Amount of the opportunities created in the period."
WINS = "Won / (won + lost), by number, of the opportunities closed in the period."
VALUE = (
    "Won / (won + lost), by amount, of the opportunities closed in the period; interval on the effective "
    "number of deals (Kish)."
)
WON = "Amount of the opportunities won in the period."
DAYS = "Median days from creation to close of the opportunities won in the period."
COST = "Spend of the period / customers won for the first time in it; same period, no lag."
COVERAGE = (
    "Open pipeline at the report / what is left of the won-amount target of the running period; a snapshot."
)


TITLES = KPI_TITLES | {"win_rate_amount": "Win rate by value", "days_to_close": "Days to close"}
DEAL = ("opportunity",)
COUNTED: tuple[tuple[str, str, str, str, str, str, tuple[str, ...]], ...] = (
    ("leads", "leads", "count", "week", LEADS, "up", ("person",)),
    ("hand_offs", "hand_offs", "count", "week", HAND_OFFS, "up", ("person",)),
    ("acceptance_rate", "acceptance", "rate", "month", ACCEPTANCE, "up", ("person",)),
    ("pipeline_amount", "pipeline", "money", "month", PIPELINE, "up", DEAL),
    ("win_rate", "win_rate", "rate", "month", WINS, "up", DEAL),
    ("win_rate_amount", "win_rate_amount", "rate", "month", VALUE, "up", DEAL),
    ("won_amount", "won", "money", "month", WON, "up", DEAL),
    ("days_to_close", "days", "days", "quarter", DAYS, "down", DEAL),
    ("cac", "cac", "money", "quarter", COST, "down", ("spend", "opportunity")),
    ("coverage", "coverage", "ratio", "quarter", COVERAGE, "up", DEAL),
)
"""KPIs that every contract has: kpi, family, unit, usual period, rule, which way is good, what it needs."""


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
    known: dict[str, Indicator], kpi: str, owners: str, target: float, per: str | None, within: int | None
) -> Indicator:
    if kpi not in known:
        raise InputError(
            f"The contract sets a target for '{kpi}', which is no KPI.{did_you_mean(kpi, known)} "
            f"KPIs of this contract: {', '.join(known)}."
        )
    one = replace(known[kpi], owners=owners, target=target, per=per or known[kpi].per)
    if within is None or not one.from_stage:
        return one
    return replace(one, within_seconds=within, rule=_conversion_rule(one.title, within))


def _known(con: DuckDBPyConnection) -> dict[str, Indicator]:
    stages = term.stages(con)
    every = ", ".join(dict.fromkeys(stage.owner for stage in stages if stage.owner)) or "all"
    givers, receivers = con.execute(TEAMS).fetchall()[0]
    first = (stages[0].owner if stages else None) or every
    found = _counted(first, givers or first, every, receivers or every)
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
    if handing is not None and handing + 1 < len(stages):
        steps.insert(0, f"{stages[handing].name}_to_{stages[handing + 1].name}")
    kept = [one.kpi for one in known.values() if one.family == "obligation"]
    first = ["leads", "hand_offs", "acceptance_rate", *kept, *dict.fromkeys(steps)]
    results = ["pipeline_amount", "win_rate", "win_rate_amount", "won_amount", "days_to_close", "cac"]
    return [*first, *results, "coverage"]


def _counted(first: str, givers: str, every: str, sellers: str) -> list[Indicator]:
    owners = {
        "leads": first,
        "hand_offs": givers,
        "acceptance_rate": every,
        "pipeline_amount": every,
        "cac": every,
    }
    return [
        Indicator(kpi, TITLES[kpi], family, unit, per, rule, owners.get(kpi, sellers), direction, needs)
        for kpi, family, unit, per, rule, direction, needs in COUNTED
    ]


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
