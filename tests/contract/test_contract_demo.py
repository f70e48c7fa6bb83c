"""The demo company's agreement, word by word as both teams sign it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from funnel.contract import Contracts, describe, diff, load_contracts

DEMO = Path(__file__).parents[2] / "contracts"


@pytest.fixture(scope="module")
def demo() -> Contracts:
    return load_contracts(DEMO)


def test_the_second_version_begins_half_way(demo: Contracts) -> None:
    assert [(c.version, c.effective_at) for c in demo.versions] == [
        ("2025-01", datetime(2024, 10, 31, 23)),
        ("2025-11", datetime(2025, 11, 16, 23)),
    ]


def test_the_agreement_reads_as_sentences(demo: Contracts) -> None:
    assert describe(demo.latest) == [
        "Version 2025-11 of the agreement of Kestrel Software is in force from 2025-11-17 "
        "(midnight, Europe/Berlin).",
        "It was approved by VP Marketing for marketing and VP Sales for sales.",
        "The funnel has 6 stages, in this order: Inquiry, MQL, SAL, SQL, Opportunity, Won.",
        "A lead fits the ideal customer profile if it has between 50 and 5,000 employees and the industry "
        "software, logistics, manufacturing or finance.",
        "Stage 1, Inquiry (owner: marketing): a lead enters when its record is created.",
        "Stage 2, MQL (owner: marketing): a lead enters when its status is MQL. It should then have: a "
        "score of "
        "at least 60; a valid e-mail address; between 50 and 5,000 employees; the industry software, "
        "logistics, "
        "manufacturing or finance.",
        "Stage 3, SAL (owner: sales): a lead enters when its status is Accepted.",
        "Stage 4, SQL (owner: sales): a lead enters when its status is Qualified.",
        "Stage 5, Opportunity (owner: sales): a lead enters when an opportunity is created for it.",
        "Stage 6, Won (owner: sales): a lead enters when its opportunity is won.",
        "A lead leaves the funnel as rejected when its status is Disqualified.",
        "A lead leaves the funnel as recycled when its status is Nurture.",
        "An opportunity closed lost ends as lost, one closed won as Won.",
        "Reasons that mean rejected: Wrong person, Competitor, Bad contact data, Student, Not a fit, "
        "Existing customer.",
        "Reasons that mean recycled: No budget, No timeline.",
        "Hand-off: a lead that enters MQL passes from marketing to sales.",
        "At a hand-off these fields are to be filled: e-mail address, company and country.",
        "Clocks run from the assignment of a lead to a rep; while nobody is assigned, from the hand-off. "
        "A later change of owner does not start them again.",
        "First touch: the receiving team makes a first human touch within 4 business hours of its assignment, "
        "for 90 % of hand-offs.",
        "Cadence: the receiving team makes at least 6 attempts within 10 days of its assignment.",
        "Disposition: the receiving team accepts, rejects or recycles the lead within 14 days of its "
        "assignment.",
        "Business hours (Europe/Berlin): Monday to Friday 09:00-17:30; public holidays of DE are free.",
        "Business hours for leads of region Americas (America/New_York): Monday to Friday 09:00-18:00; "
        "public "
        "holidays of US are free.",
        "A disputed batch is judged by what converted within 90 days of the hand-off; follow-up counts "
        "in its "
        "first 14 days.",
        "Target: Leads: 200 a week (owner: marketing, weight 0.5).",
        "Target: MQL entries: 90 a week (owner: marketing).",
        "Target: Hand-offs: 90 a week (owner: marketing, weight 0.5).",
        "Target: Acceptance rate: 75 % (owners: marketing and sales, weight 2).",
        "Target: First touch within the SLA: 90 % (owner: sales, weight 2).",
        "Target: MQL to SQL within 60 days: 25 % (owners: marketing and sales, weight 2).",
        "Target: New pipeline: 3,000,000 EUR a month (owners: marketing and sales, weight 2).",
        "Target: Won amount: 800,000 EUR a month (owner: sales, weight 3).",
        "Target: Win rate: 25 % (owner: sales).",
        "Target: Cost per new customer (CAC): 10,000 EUR, counted by the quarter (owners: marketing and "
        "sales).",
        "Gross margin of what is won: 80 %.",
        "Won accounts that leave within a year: 12 %.",
        "The cost of new customers is the expense of 60 days earlier.",
        "A rep can work 12 new leads a week.",
        "A recycled lead is due to be qualified again after 90 days.",
        "A touch takes part in attribution if it lies at most 180 days back.",
        "Under time decay a touch counts half as much for each 7 days that it lies back.",
        "Spend that counts as paid acquisition: media and fees.",
    ]


def test_what_changed_is_said_item_by_item(demo: Contracts) -> None:
    assert [str(change) for change in diff(*demo.versions)] == [
        "stages.mql.must_meet.score: was a score of at least 50, is now a score of at least 60.",
        "reject_reasons.Existing customer: added: rejected.",
        "sla.first_touch.within: was 8 business hours, is now 4 business hours.",
        "targets.leads.weight: was 1, is now 0.5.",
        "targets.hand_offs.weight: was 1, is now 0.5.",
        "targets.acceptance_rate.weight: was 1, is now 2.",
        "targets.first_touch_attainment.weight: was 1, is now 2.",
        "targets.mql_to_sql.weight: was 1, is now 2.",
        "targets.pipeline_amount.weight: was 1, is now 2.",
        "targets.won_amount.weight: was 1, is now 3.",
        "economics.gross_margin: added: 0.8.",
        "economics.annual_churn: added: 0.12.",
        "economics.cac_lag: added: 60 days.",
        "capacity.leads_per_rep_per_week: added: 12.",
        "recycling.requalify_after: added: 90 days.",
        "attribution.look_back: added: 180 days.",
        "attribution.half_life: added: 7 days.",
        "economics.paid: added: media and fees.",
    ]
