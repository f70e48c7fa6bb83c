"""What would tell more: sizes that the page prints, or why nothing can be drawn."""

from __future__ import annotations

from dataclasses import replace

import dispute_frames
import pytest

from funnel.dispute import size
from funnel.errors import UsageError


@pytest.fixture(scope="module")
def audit():
    return dispute_frames.audit(60, 400)


def test_the_strata_of_the_hand_review_hold_every_lead_and_carry_their_rule(audit):
    table = size.review_sizes(audit, seed=4)
    assert (table["n"].sum(), table["n_drawn"].sum()) == (60, 50)
    assert "(seed 4)" in table["rule"].iloc[0]


def test_a_greater_drop_needs_fewer_leads_and_no_more_are_drawn_than_there_are(audit):
    table = size.rework_sizes(audit)
    assert table["drop_share"].tolist() == [0.36, 0.5, 0.7]
    assert table["n_needed"].is_monotonic_decreasing
    assert (table["n"] <= table["n_pool"]).all()
    assert table["why_not"].isna().all()


def test_where_no_lead_was_left_unworked_the_reason_stands_in_the_table(audit):
    worked = replace(audit, leads=audit.leads.assign(n_touches=1))
    table = size.rework_sizes(worked)
    assert table["why_not"].str.startswith("No lead of the batch was left unworked").all()
    assert table["n_needed"].isna().all()


def test_names_are_shown_as_they_are_or_hidden_or_refused(audit):
    assert size.named(audit, names="shown") is audit
    assert set(size.named(audit, names="hidden").leads["name"]).isdisjoint(audit.leads["name"])
    with pytest.raises(UsageError, match="shown or hidden, not 'hide'"):
        size.named(audit, names="hide")
