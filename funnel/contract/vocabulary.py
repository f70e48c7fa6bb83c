"""The closed words of a contract: fields, operations, exits, clocks, and what they are called."""

from __future__ import annotations

from types import MappingProxyType

FIELDS = (
    "email",
    "phone",
    "title",
    "company",
    "country",
    "region",
    "industry",
    "employees",
    "persona",
    "lead_type",
    "channel",
    "score",
    "status",
    "reason",
    "owner",
)
"""The attributes of a lead that a condition may name; the staging layer's `ATTRIBUTES` are the same."""

NUMBER_FIELDS = ("employees", "score")
"""Fields compared by size; all others are compared as text."""

FIELD_NOUNS = MappingProxyType(
    {
        "email": "e-mail address",
        "phone": "phone number",
        "title": "job title",
        "company": "company",
        "country": "country",
        "region": "region",
        "industry": "industry",
        "employees": "number of employees",
        "persona": "persona",
        "lead_type": "lead type",
        "channel": "channel",
        "score": "score",
        "status": "status",
        "reason": "reason",
        "owner": "owner",
    }
)
"""Field -> what a reader of the contract calls it."""

TEXT_OPS = ("is", "in", "not_in")
NUMBER_OPS = ("is", "at_least", "at_most", "between")
FIELD_OPS = ("is", "in", "not_in", "at_least", "at_most", "between")

EVENT_KEYS = ("event", "created", "opportunity", "opportunity_stage")
"""Conditions that name something that happened, not a value that the lead has."""

EXITS = ("rejected", "recycled", "lost")
"""Ways out of the funnel that a contract may describe; won is its last stage."""

CLOCKS = ("business", "elapsed")
SLA_NAMES = ("first_touch", "cadence", "disposition")
PERIODS = ("week", "month", "quarter")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

KPI_KINDS = MappingProxyType(
    {
        "leads": "count",
        "hand_offs": "count",
        "acceptance_rate": "rate",
        "win_rate": "rate",
        "pipeline_amount": "amount",
        "won_amount": "amount",
        "cac": "cost",
        "coverage": "ratio",
    }
)
"""KPI -> kind, for those that every contract knows; SLAs and stages add their own."""

KPI_TITLES = MappingProxyType(
    {
        "leads": "Leads",
        "hand_offs": "Hand-offs",
        "acceptance_rate": "Acceptance rate",
        "win_rate": "Win rate",
        "pipeline_amount": "New pipeline",
        "won_amount": "Won amount",
        "cac": "Cost per new customer (CAC)",
        "coverage": "Pipeline coverage",
    }
)

SLA_TITLES = MappingProxyType(
    {"first_touch": "First touch", "cadence": "Cadence", "disposition": "Disposition"}
)

UNIT_SECONDS = MappingProxyType(
    {
        **dict.fromkeys(("min", "minute", "minutes"), 60),
        **dict.fromkeys(("h", "hour", "hours"), 3_600),
        **dict.fromkeys(("d", "day", "days"), 86_400),
        **dict.fromkeys(("week", "weeks"), 604_800),
    }
)
"""Unit of a duration -> seconds."""
