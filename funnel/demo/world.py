"""The whole company, made once: what happened, in the order in which it follows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from funnel.demo import (
    arrival,
    campaign,
    comeback,
    deal,
    decision,
    engagement,
    followup,
    handoff,
    history,
    market,
    person,
    record,
    spend,
    team,
    trap,
    worklog,
)
from funnel.demo.clock import NEVER
from funnel.demo.dispute import Dispute

_COMPANIES_PER_LEAD = 0.45


@dataclass(frozen=True)
class World:
    """All that happened, one frame per kind; instants are UTC seconds, rows are referred to by position."""

    company: pd.DataFrame
    user: pd.DataFrame
    campaign: pd.DataFrame
    lead: pd.DataFrame
    passes: pd.DataFrame
    change: pd.DataFrame
    task: pd.DataFrame
    meeting: pd.DataFrame
    member: pd.DataFrame
    contact: pd.DataFrame
    account: pd.DataFrame
    deal: pd.DataFrame
    deal_change: pd.DataFrame
    role: pd.DataFrame
    spend: pd.DataFrame


def make(n_leads: int, seed: int, batch: Dispute) -> World:
    """Return the company of a seed: `n_leads` lead records in all."""
    company = market.companies(max(30, round(n_leads * _COMPANIES_PER_LEAD)), seed)
    programme, user = campaign.campaigns(batch, seed), team.users(seed)
    lead, passes, attempt = _worked(n_leads, company, programme, user, batch, seed)
    passes = record.record(passes, user, seed)
    sold = deal.deals(passes, person.prior(lead, seed), user, seed)
    lead = _converted(lead, passes)
    change = history.changes(passes, lead, user, seed)
    contact = person.contacts(lead, passes, user, seed)
    _introduce(lead, sold, contact)
    return World(
        company=company,
        user=user,
        campaign=programme,
        lead=trap.plant(lead, seed),
        passes=passes,
        change=change,
        task=worklog.tasks(passes, worklog.cut(passes, attempt), lead, sold, seed),
        meeting=worklog.meetings(passes, sold, seed),
        member=engagement.members(lead, programme, contact, sold, seed),
        contact=contact,
        account=person.accounts(contact, sold),
        deal=sold,
        deal_change=trap.misdate(sold, deal.deal_history(sold, seed), seed),
        role=person.roles(passes, sold, contact, lead, seed),
        spend=spend.spend(lead, programme, seed),
    )


def _worked(
    n_leads: int,
    company: pd.DataFrame,
    programme: pd.DataFrame,
    user: pd.DataFrame,
    batch: Dispute,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    n_second = round(n_leads * comeback.SECOND_LEAD_SHARE)
    lead = arrival.leads(n_leads - n_second, company, programme, batch, seed)
    lead["expected"], own = arrival.intents(lead, programme, seed)
    lead["seen"] = lead["expected"] + own
    lead["intent"] = lead["seen"] - decision.HIDDEN_HARM * (lead["is_batch"] & batch.has("quality"))
    lead = handoff.score(lead, batch, seed)
    lead["again_of"] = NEVER
    first, tried = _sold(handoff.first_passes(lead), lead, user, batch, seed, "first")
    back = comeback.comebacks(first, n_second, seed)
    both = pd.concat([lead, comeback.second_leads(lead, back, programme, seed)], ignore_index=True)
    later = comeback.later_passes(back, len(lead), seed)
    again, retried = _sold(later, both, user, batch, seed, "later")
    retried["pass"] += len(first)
    passes = pd.concat([first.assign(score=NEVER), again], ignore_index=True)
    return both, passes, pd.concat([tried, retried], ignore_index=True)


def _sold(
    passes: pd.DataFrame, lead: pd.DataFrame, user: pd.DataFrame, batch: Dispute, seed: int, turn: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    passes = comeback.warmer(handoff.route(passes, lead, user, seed, turn))
    passes = followup.follow_up(passes, user, batch, seed, turn)
    attempt = followup.attempts(passes, seed, turn)
    return decision.decide(passes, attempt, batch, seed, turn), attempt


def _introduce(lead: pd.DataFrame, sold: pd.DataFrame, contact: pd.DataFrame) -> None:
    """Add to leads and opportunities the contact of their person."""
    lead["contact"] = person.contact_of(contact, lead["person"])
    known = sold["known_lead"].where(sold["lead"] == NEVER, sold["lead"]).to_numpy()
    sold["contact"] = pd.Series(lead["contact"].to_numpy()[known]).where(known != NEVER, NEVER)


def _converted(lead: pd.DataFrame, passes: pd.DataFrame) -> pd.DataFrame:
    made = passes[passes["opportunity_at"] != NEVER].drop_duplicates("lead")
    for name, source in (("converted_at", "opportunity_at"), ("deal", "opportunity")):
        value = pd.Series(made[source].to_numpy(), index=made["lead"].to_numpy())
        lead[name] = value.reindex(lead.index).fillna(NEVER).astype("int64")
    return lead
