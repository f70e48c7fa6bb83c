"""What the page of an audit says of the warehouse, stated by a test."""

from __future__ import annotations

import pandas as pd
from dispute_frames import AS_OF

from funnel.reports.facts import Facts

FACTS = Facts(
    as_of=AS_OF,
    known_at=AS_OF,
    zone="Europe/Berlin",
    company="Acme & <b>Sons</b>",
    currency="EUR",
    contract="2025-11",
    build_id="b",
    folder="2026-11-16",
    as_of_words="16 November 2026",
    known_at_words="16 November 2026",
    week_words="week of 9–15 November 2026",
    sources=("salesforce",),
    checks=pd.DataFrame(),
    health=pd.DataFrame({"words": ["usable, with remarks"]}),
)
