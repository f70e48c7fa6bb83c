"""Why a reported number is another today: by later knowledge, another contract, or a real change."""

from __future__ import annotations

from funnel.revision.editions import Reported, reported
from funnel.revision.explain import Explained, explain
from funnel.revision.restate import restate
from funnel.revision.words import differences, rows_of

__all__ = ["Explained", "Reported", "differences", "explain", "reported", "restate", "rows_of"]
