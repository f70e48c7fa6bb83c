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
        "speed_to_lead": "hours",
        "time_to_disposition": "days",
        "requalified_rate": "rate",
        "opportunities": "count",
        "pipeline_amount": "amount",
        "win_rate": "rate",
        "win_rate_amount": "rate",
        "won_amount": "amount",
        "mean_deal": "mean",
        "days_to_close": "days",
        "sales_velocity": "mean",
        "coverage": "ratio",
        "cac": "cost",
        "cac_paid": "cost",
        "payback_months": "months",
        "ltv_cac": "ratio",
        "retention_rate": "rate",
    }
)
"""KPI -> kind, for those that every contract knows; SLAs and stages add their own.

A count and an amount add up over periods; a mean is an amount of money that does not.
"""

KPI_TITLES = MappingProxyType(
    {
        "leads": "Leads",
        "hand_offs": "Hand-offs",
        "acceptance_rate": "Acceptance rate",
        "speed_to_lead": "Speed to lead",
        "time_to_disposition": "Time to disposition",
        "requalified_rate": "Recycled leads qualified again",
        "opportunities": "Opportunities created",
        "pipeline_amount": "New pipeline",
        "win_rate": "Win rate",
        "win_rate_amount": "Win rate by value",
        "won_amount": "Won amount",
        "mean_deal": "Mean won deal",
        "days_to_close": "Days to close",
        "sales_velocity": "Sales velocity a week",
        "coverage": "Pipeline coverage",
        "cac": "Cost per new customer (CAC)",
        "cac_paid": "Paid cost per new customer",
        "payback_months": "Payback of CAC",
        "ltv_cac": "LTV : CAC",
        "retention_rate": "Won accounts that won again",
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
