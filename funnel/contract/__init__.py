"""The agreement between marketing and sales: load it, check it, say it in words, lay it down as tables."""

from __future__ import annotations

from funnel.contract.changes import Change, diff
from funnel.contract.load import load_contract
from funnel.contract.model import Calendar, Clause, Contract, Contracts, Exit, Handoff, Sla, Stage, Target
from funnel.contract.sentences import describe
from funnel.contract.tables import contract_tables
from funnel.contract.versions import load_contracts
from funnel.contract.vocabulary import FIELDS
from funnel.contract.words import kpi_title
from funnel.contract.working_clock import add_working_seconds, working_seconds
from funnel.contract.working_time import business_hours, zone_offsets

__all__ = [
    "FIELDS",
    "Calendar",
    "Change",
    "Clause",
    "Contract",
    "Contracts",
    "Exit",
    "Handoff",
    "Sla",
    "Stage",
    "Target",
    "add_working_seconds",
    "business_hours",
    "contract_tables",
    "describe",
    "diff",
    "kpi_title",
    "load_contract",
    "load_contracts",
    "working_seconds",
    "zone_offsets",
]
