"""One small contract that is right, and a way to write changed copies of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

AGREEMENT = """\
version: "2026-07"
effective_from: 2026-07-01
approved_by: {marketing: VP Marketing, sales: VP Sales}
calendar: {zone: Europe/Berlin, holidays: DE, hours: {mon-fri: ["09:00-17:00"]}}
icp: {all: [{field: employees, between: [50, 5000]}, {field: industry, in: [software, logistics]}]}
stages:
  - {name: inquiry, owner: marketing, entered_when: {created: true}}
  - name: mql
    owner: marketing
    hands_to: sales
    entered_when: {status: [MQL]}
    must_meet: {all: [{field: score, at_least: 60}, {field: email, is: valid}, {fit: icp}]}
  - {name: sal, owner: sales, entered_when: {status: [Accepted]}}
  - {name: won, owner: sales, entered_when: {opportunity: won}}
exits: {rejected: {status: [Disqualified]}, recycled: {status: [Nurture]}}
reject_reasons: {rejected: [Competitor], recycled: [No budget]}
required_at_handoff: [email, company]
sla:
  - {name: first_touch, clock: business, within: 4 h, attainment: 0.9}
  - {name: cadence, attempts: 6, within: 10 days}
verdict: {horizon: 90 days, landmark: 14 days}
targets:
  - {kpi: mql_to_sal, owners: [marketing, sales], target: 0.25}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the agreement to contracts/NAME, each (old, new) of `changes` replaced once; return the path."""
    folder = tmp_path / "contracts"
    folder.mkdir()

    def write_file(*changes: tuple[str, str], name: str = "2026-07.yaml") -> Path:
        text = AGREEMENT
        for old, new in changes:
            assert text.count(old) >= 1, f"the agreement has no {old!r}"
            text = text.replace(old, new, 1)
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file
