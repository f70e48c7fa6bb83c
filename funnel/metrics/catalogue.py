"""The KPIs that every contract has: how each is counted, in words, and what a source must give for it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

LEADS = "Cycles of known persons begun in the period; one who comes back counts again."
HAND_OFFS = "Hand-offs made in the period."
ACCEPTANCE = (
    "Of the period's hand-offs that were decided, the share accepted; a period is mature when all had the "
    "contract's landmark before the report."
)
OPPORTUNITIES = "Opportunities created in the period."
PIPELINE = "Amount of the opportunities created in the period."
WINS = "Won / (won + lost), by number, of the opportunities closed in the period."
VALUE = (
    "Won / (won + lost), by amount, of the opportunities closed in the period; interval on the effective "
    "number of deals (Kish)."
)
WON = "Amount of the opportunities won in the period."
MEAN = "Mean amount of the opportunities won in the period; interval: Student's t."
DAYS = "Median days from creation to close of the opportunities won in the period."
VELOCITY = (
    "Won amount a week at the pace of the period: opportunities open at its end x win rate x mean won amount "
    "/ mean days from creation to close, x 7; the four inputs are a table of their own."
)
COST = "Spend{kinds}{lag} / customers won for the first time in the period."
PAYBACK = (
    "Months until the margin of new customers has paid for winning them: spend{lag} / (what they were won "
    "for x gross margin) x 12. The won amount is taken as a year's revenue; gross margin {margin}."
)
LIFETIME = (
    "What new customers bring over the years / spend{lag}: (what they were won for x gross margin / annual "
    "churn) / spend. The won amount is taken as a year's revenue; gross margin {margin}, churn {churn} a "
    "year."
)
COVERAGE = (
    "Open pipeline at the report / what is left of the won-amount target of the running period; a snapshot."
)
SPEED = (
    "Median business hours from assignment to the first human touch of the period's hand-offs; those never "
    "touched count for as long as they were watched (Kaplan-Meier)."
)
DISPOSITION = (
    "Median days from hand-off to its outcome, of the period's hand-offs; open ones count for as long as "
    "they were watched (Kaplan-Meier)."
)
YIELD = (
    "Of the leads recycled in the period, the share that began another cycle and reached {stage} or further "
    "within {days} of being recycled; mature when all had that long."
)
RETENTION = (
    "Of the accounts won for the first time a year before the period, the share that won again within the "
    "year (365 days, the end included), of those with another decided opportunity in it; accounts that "
    "nothing was decided for are not known."
)

DEAL = ("opportunity",)
SPEND = ("spend", "opportunity")


@dataclass(frozen=True)
class Entry:
    """One KPI: what query counts it, its unit, usual period, rule, which way is good, whose it is by default.

    `side` is 'first' (who owns the first stage), 'givers', 'receivers' or 'every'; `needs` are the staging
    tables without which it is not in this source.
    """

    family: str
    unit: str
    per: str
    rule: str
    side: str
    direction: str = "up"
    needs: tuple[str, ...] = ()


ENTRIES = MappingProxyType(
    {
        "leads": Entry("leads", "count", "week", LEADS, "first", needs=("person",)),
        "hand_offs": Entry("hand_offs", "count", "week", HAND_OFFS, "givers", needs=("person",)),
        "acceptance_rate": Entry("acceptance", "rate", "month", ACCEPTANCE, "every", needs=("person",)),
        "speed_to_lead": Entry("speed", "hours", "week", SPEED, "receivers", "down", ("person", "activity")),
        "time_to_disposition": Entry(
            "disposition", "days", "month", DISPOSITION, "receivers", "down", ("person",)
        ),
        "requalified_rate": Entry("requalified", "rate", "quarter", YIELD, "every", needs=("person",)),
        "opportunities": Entry("opportunities", "count", "month", OPPORTUNITIES, "receivers", needs=DEAL),
        "pipeline_amount": Entry("pipeline", "money", "month", PIPELINE, "every", needs=DEAL),
        "win_rate": Entry("win_rate", "rate", "month", WINS, "receivers", needs=DEAL),
        "win_rate_amount": Entry("win_rate_amount", "rate", "month", VALUE, "receivers", needs=DEAL),
        "won_amount": Entry("won", "money", "month", WON, "receivers", needs=DEAL),
        "mean_deal": Entry("mean_deal", "money", "quarter", MEAN, "receivers", needs=DEAL),
        "days_to_close": Entry("days", "days", "quarter", DAYS, "receivers", "down", DEAL),
        "sales_velocity": Entry("velocity", "money", "quarter", VELOCITY, "every", needs=DEAL),
        "coverage": Entry("coverage", "ratio", "quarter", COVERAGE, "receivers", needs=DEAL),
        "cac": Entry("cac", "money", "quarter", COST, "every", "down", SPEND),
        "cac_paid": Entry("cac_paid", "money", "quarter", COST, "every", "down", SPEND),
        "payback_months": Entry("payback", "months", "quarter", PAYBACK, "every", "down", SPEND),
        "ltv_cac": Entry("lifetime", "ratio", "quarter", LIFETIME, "every", needs=SPEND),
        "retention_rate": Entry("retention", "rate", "quarter", RETENTION, "every", needs=DEAL),
    }
)
"""KPI -> how it is counted."""
