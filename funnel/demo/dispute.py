"""The planted dispute: one campaign whose true cause is known."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.demo.clock import instant
from funnel.errors import UsageError, did_you_mean

CAUSES = ("definition", "mix", "quality", "follow-up", "immaturity", "none")
DEFAULT_CAUSE = "follow-up"
CHANNEL = "Webinar"
CAMPAIGN = "Webinar 2026 summer series: one number for all"
_SHARE = 0.0348
_SHARE_IF = {"definition": 0.0165, "mix": 0.040}


@dataclass(frozen=True)
class Dispute:
    """What was done to the batch: the share of all leads it holds, its days, and its true causes."""

    causes: frozenset[str]
    starts_on: str
    ends_on: str
    lead_share: float

    def has(self, cause: str) -> bool:
        """Return whether this is one of the batch's true causes."""
        return cause in self.causes


def dispute(cause: str | None) -> Dispute:
    """Return the dispute of a cause, a pair such as "mix+quality", or of none (the batch is ordinary).

    UsageError when a word is not one of CAUSES.
    """
    causes = frozenset((cause or "none").split("+")) - {"none"}
    for word in sorted(causes - set(CAUSES)):
        known = ", ".join(CAUSES)
        raise UsageError(
            f"A dispute cannot be planted with the cause '{word}'.{did_you_mean(word, CAUSES)} "
            f"The causes: {known}; two are joined by '+', as in mix+quality."
        )
    days = ("2026-09-07", "2026-11-09") if "immaturity" in causes else ("2026-06-01", "2026-07-20")
    share = next((_SHARE_IF[word] for word in sorted(_SHARE_IF) if word in causes), _SHARE)
    return Dispute(causes, *days, lead_share=share)


def window(batch: Dispute) -> tuple[int, int]:
    """Return the first and the last instant (UTC seconds) at which leads of the batch come in."""
    return instant(batch.starts_on), instant(batch.ends_on)
