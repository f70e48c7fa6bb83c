"""Attribution as bookkeeping: what each rule books where, and what is sourced or influenced by whose count.

A rule shares out amounts that were won or created; it measures no effect, and no verdict rests on it. Several
rules stand side by side, since what differs between them is the rule and not the marketing.
"""

from __future__ import annotations

from funnel.metrics.attribution.asked import RULES
from funnel.metrics.attribution.credit import credits, ledger
from funnel.metrics.attribution.markov import removal
from funnel.metrics.attribution.origin import combinations, origins

__all__ = ["RULES", "combinations", "credits", "ledger", "origins", "removal"]
