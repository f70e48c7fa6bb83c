"""Which KPIs can be split, and what a question for their change says once its words were checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from funnel.contract.vocabulary import KPI_TITLES
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term

COUNTS = ("leads", "hand_offs")
RATES = ("acceptance_rate", "win_rate")
MONEY = ("pipeline_amount", "won_amount")
PACE = "sales_velocity"
MOST = 3


@dataclass(frozen=True)
class Asked:
    """A question whose words were checked."""

    kpi: str
    family: str
    stage: str
    to_stage: str
    by: tuple[str, ...]
    title: str

    @property
    def unit(self) -> str:
        """What the KPI is: 'count', 'rate' or 'money'."""
        if self.family in MONEY or self.family == PACE:
            return "money"
        return "rate" if self.family in (*RATES, "conversion") else "count"


def asked(con: DuckDBPyConnection, kpi: str, by: str | Iterable[str]) -> Asked:
    """Return the question for a KPI by dimensions; UsageError for an unknown word."""
    names = tuple(dict.fromkeys(term.dimension(name) for name in ((by,) if isinstance(by, str) else by)))
    stages = {one.name: one for one in term.stages(con)}
    pairs = {f"{a}_to_{b}": (a, b) for a in stages for b in stages if stages[a].position < stages[b].position}
    known = [*COUNTS, *stages, *pairs, *RATES, *MONEY, PACE]
    if kpi not in known:
        raise UsageError(
            f"'{kpi}' is no KPI whose change can be split.{did_you_mean(kpi, known)} "
            f"Choose one of: {', '.join(known)}."
        )
    if len(names) > MOST or (names and kpi == PACE):
        most = "no dimension, since a pace of the whole is not the sum of its parts" if kpi == PACE else MOST
        raise UsageError(f"'{kpi}' can be split by {most}. Asked for: {', '.join(names)}.")
    if kpi in pairs:
        start, end = (stages[name] for name in pairs[kpi])
        return Asked(kpi, "conversion", start.name, end.name, names, f"{start.title} to {end.title}")
    if kpi in stages:
        return Asked(kpi, "entries", kpi, "", names, f"{stages[kpi].title} entries")
    return Asked(kpi, kpi, "", "", names, KPI_TITLES.get(kpi, kpi.replace("_", " ").capitalize()))
