"""Words for codes: the frames of the world as tables that the export's SQL reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from funnel.demo.campaign import CHANNEL_NAMES, CHANNELS
from funnel.demo.clock import NEVER, REGIONS, instant
from funnel.demo.deal import LOSS_REASONS, PROBABILITY, STAGES
from funnel.demo.decision import REASONS
from funnel.demo.history import FIELDS, STATUSES
from funnel.demo.market import INDUSTRIES, PERSONAS, countries, titles
from funnel.demo.model import LEAD_TYPES
from funnel.demo.spend import KINDS
from funnel.demo.team import DEPARTMENTS, QUEUE_NAMES, QUEUES
from funnel.demo.trap import local_day
from funnel.demo.words import latin, spelled, words
from funnel.demo.world import World

SUBJECTS = (
    "Call: introduction",
    "[Email] [Out] Your request",
    "[Email] [In] Re: Your request",
    "[Email] [Auto]",
    "Follow up",
    "Call: next steps",
    "[Email] [Out] Offer and next steps",
)
_MOST_CAMPAIGNS = 10_000
ROLES = ("Decision Maker", "Economic Buyer", "Evaluator", "Influencer")


def _labelled(frame: pd.DataFrame, **labels: tuple[str, Iterable[str]]) -> pd.DataFrame:
    words_of = {
        name: pd.Categorical.from_codes(frame[column].to_numpy(np.int64), pd.Index(list(choices)))
        for name, (column, choices) in labels.items()
    }
    return frame.assign(**words_of)


def _numbered(frame: pd.DataFrame, name: str = "number") -> pd.DataFrame:
    return frame.assign(**{name: np.arange(len(frame))})


def tables(world: World) -> dict[str, pd.DataFrame]:
    """Return the tables by name; codes keep their columns, their words stand beside them."""
    return {
        "lead_frame": _leads(world),
        "company": _companies(world),
        "users": _users(world),
        "campaign_frame": _campaigns(world),
        "change": _numbered(world.change),
        "task": _tasks(world),
        "event": _numbered(world.meeting).assign(start_on=local_day(world.meeting["start_at"])),
        "member": _members(world),
        "contact_frame": _numbered(world.contact, "contact"),
        "account": world.account,
        "deal_frame": _deals(world),
        "deal_change": _numbered(world.deal_change),
        "role": _numbered(world.role),
        "spend": _numbered(world.spend),
        "word": _words(world),
        "form": pd.DataFrame({"form": [0, 1]}),
    }


def _leads(world: World) -> pd.DataFrame:
    lead = world.lead.assign(queue=np.array(QUEUES)[world.lead["region"]])
    return _labelled(
        _numbered(lead, "lead"),
        first_name=("first", spelled("first_names")),
        last_name=("last", spelled("last_names")),
        mail_first=("first", latin("first_names")),
        mail_last=("last", latin("last_names")),
        title_name=("title", titles()["title"]),
        persona_name=("persona", PERSONAS),
        channel_name=("channel", CHANNEL_NAMES),
        type_name=("lead_type", LEAD_TYPES),
        content_name=("content", words()["contents"]),
        country_name=("country", countries()["name"]),
        region_name=("region", REGIONS),
    )


def _companies(world: World) -> pd.DataFrame:
    frame = world.company.rename(columns={"stem": "stem_code", "tail": "tail_code", "form": "form_code"})
    return _labelled(
        _numbered(frame, "company"),
        stem=("stem_code", spelled("company_stems")),
        tail=("tail_code", spelled("company_tails")),
        latin_stem=("stem_code", latin("company_stems")),
        latin_tail=("tail_code", latin("company_tails")),
        form=("form_code", words()["company_forms"]),
        industry_name=("industry", INDUSTRIES),
        country_name=("country", countries()["name"]),
        region_name=("region", REGIONS),
    )


def _users(world: World) -> pd.DataFrame:
    frame = _labelled(
        _numbered(world.user), department_name=("department", DEPARTMENTS), region_name=("region", REGIONS)
    )
    return frame.assign(name=user_names(world.user))


def user_names(user: pd.DataFrame) -> list[str]:
    """Return how each user is called; the automation has no person's name."""
    first, last = spelled("first_names"), spelled("last_names")
    people = [f"{first[a]} {last[b]}" for a, b in zip(user["first"], user["last"], strict=True)]
    return ["Marketing Automation", *people[1:]]


def _campaigns(world: World) -> pd.DataFrame:
    frame = world.campaign.assign(
        starts_on=pd.to_datetime(world.campaign["starts_on"]),
        ends_on=pd.to_datetime(world.campaign["ends_on"]),
        ends_at=[instant(day.isoformat()) for day in world.campaign["ends_on"]],
        kind_name=[CHANNELS[code].kind for code in world.campaign["channel"]],
    )
    return _labelled(_numbered(frame, "campaign"), channel_name=("channel", CHANNEL_NAMES))


def _tasks(world: World) -> pd.DataFrame:
    frame = _numbered(world.task).assign(due_on=local_day(world.task["due_at"]))
    return frame.assign(is_deleted=frame["number"] % 499 == 7)


def _members(world: World) -> pd.DataFrame:
    member = world.member
    days = {"response_on": local_day(member["response_at"]), "second_on": local_day(member["second_at"])}
    own = member["lead"] * _MOST_CAMPAIGNS + member["campaign"]
    winner = world.lead["original"].to_numpy()[member["lead"].clip(lower=0)]
    clashes = pd.Series(winner * _MOST_CAMPAIGNS + member["campaign"]).isin(own) & (winner != NEVER)
    return _numbered(member).assign(**days, clashes=clashes & (member["lead"] != NEVER))


def _deals(world: World) -> pd.DataFrame:
    frame = _numbered(world.deal, "deal")
    frame["is_deleted"] = (frame["deal"] % 173 == 5) & (frame["lead"] == NEVER)
    return _labelled(frame, channel_name=("channel", CHANNEL_NAMES), loss_name=("loss_reason", LOSS_REASONS))


def _words(world: World) -> pd.DataFrame:
    lists: dict[str, Sequence[str]] = {
        "Field": FIELDS,
        "Status": STATUSES,
        "Disqualify_Reason__c": REASONS,
        "Industry": (*INDUSTRIES, "unknown"),
        "StageName": STAGES,
        "Probability": [str(chance) for chance in PROBABILITY],
        "Subject": SUBJECTS,
        "Mail": words()["mail_subjects"],
        "Role": ROLES,
        "Kind": KINDS,
        "Owner": user_names(world.user),
    }
    rows = [(name, code, word) for name, found in lists.items() for code, word in enumerate(found)]
    queues = [("Owner", code, name) for code, name in zip(QUEUES, QUEUE_NAMES, strict=True)]
    return pd.DataFrame(rows + queues, columns=["list", "code", "word"])
