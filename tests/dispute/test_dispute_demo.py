"""The demo's planted dispute through the real files: the cause is named, and in the mirror the other one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import funnel
from funnel.demo import write_demo
from funnel.dispute.record import Audit
from funnel.landing import land
from funnel.project import Project
from funnel.warehouse import build

pytestmark = [pytest.mark.slow]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=[("follow-up", 8_000), ("quality", 20_000)], ids=str)
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Audit]:
    """Return the cause that was planted, and the audit of the disputed campaign, from the last export alone."""
    cause, n_leads = request.param
    root = tmp_path_factory.mktemp("kestrel")
    shutil.copytree(ROOT / "contracts", root / "contracts")
    project = Project(root)
    demo = write_demo(root / "data" / "demo", root / "data" / "truth", n_leads=n_leads, cause=cause)
    land(project, "salesforce", demo.loads[-1], observed_at=demo.as_of)
    build(project, as_of=demo.as_of)
    return cause, funnel.audit(funnel.connect(root), "campaign=Webinar 2026 summer series")


def test_the_planted_cause_is_named_and_no_other(planted: tuple[str, Audit]) -> None:
    cause, audit = planted
    state = audit.parts.set_index("part")["state"]
    assert audit.answer == "causes named"
    assert list(state[state == "named"].index) == [cause.replace("-", "_")]


def test_the_evidence_is_complete(planted: tuple[str, Audit]) -> None:
    _, audit = planted
    ids = set(audit.leads["handoff_id"])
    assert len(audit.leads) == len(ids) == audit.population["in_batch"].sum() > 90
    assert set(audit.trail["handoff_id"]) == ids
    assert set(audit.clauses["handoff_id"]) == ids
    assert set(audit.contradictions["handoff_id"]) <= ids
    assert audit.leads["n_contradictions"].sum() == len(audit.contradictions)
    at = audit.trail[audit.trail["kind"] == "hand-off"].set_index("handoff_id")["place"]
    earlier = audit.trail[audit.trail["place"] < audit.trail["handoff_id"].map(at)]
    assert at.index.is_unique
    assert set(earlier["kind"]) <= {"stage"}
    assert len(earlier) < 0.02 * len(ids)
    total = audit.recycled[audit.recycled["is_total"]].iloc[0]
    assert total["n"] == audit.recycled.loc[~audit.recycled["is_total"], "n"].sum()


def test_leads_rejected_untouched_show_where_follow_up_was_the_cause(planted: tuple[str, Audit]) -> None:
    cause, audit = planted
    row = audit.both_ways.set_index("question").loc["Rejected as bad, never touched"]
    assert (row["low"] > row["baseline_rate"]) == (cause == "follow-up")
