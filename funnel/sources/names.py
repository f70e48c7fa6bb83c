"""One spelling for names: CreatedDate, created_date and Created-Date are all `created_date`."""

from __future__ import annotations

import re

BREAKS = (
    re.compile(r"(?<=[a-z0-9])(?=[A-Z])"),
    re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])"),
    re.compile(r"\W+"),
    re.compile(r"_+"),
)


def snake(name: str) -> str:
    """Return the name in snake_case: CreatedDate -> created_date, Score__c -> score_c, Lead_ID -> lead_id."""
    for found in BREAKS:
        name = found.sub("_", name)
    return name.strip("_").lower()
