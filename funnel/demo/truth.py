"""What really happened, written apart: the pipeline never reads it, benchmarks do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.demo import model
from funnel.demo.clock import AS_OF, DAY, NEVER, Flags, Floats
from funnel.demo.decision import OPEN, REASONS, RECYCLED, REJECTED
from funnel.demo.trap import local_day
from funnel.demo.world import World

EXITS = {OPEN: "open", REJECTED: "rejected", RECYCLED: "recycled"}
ORDINARY_EFFORT = 0.6
_STAMPS = ["mql_at", "assigned_at", "first_at", "accepted_at", "sql_at", "opportunity_at", "exit_at"]
_OF_PASSES = ["lead", "number", *_STAMPS, "worked", "n_attempts", "intent"]


def potential(passes: pd.DataFrame) -> Floats:
    """Return P(sales qualified) of each pass if it were worked as leads usually are: true quality, 0 to 1."""
    intent = passes["intent"].to_numpy()
    worked = np.full(len(passes), ORDINARY_EFFORT)
    answers = model.p_connected(intent, worked)
    yes, no = (model.p_accepted(intent, np.full(len(passes), flag), worked) for flag in (True, False))
    icp, large = passes["is_icp"].to_numpy(), passes["is_large"].to_numpy()
    return np.asarray((answers * yes + (1 - answers) * no) * model.p_sql(intent, worked, icp, large))


def lead_truth(world: World) -> pd.DataFrame:
    """Return one row per lead and pass (one row for a lead that was never handed over).

    lead (row number; its id is in `lead_id`), number, person, is_batch, expected, intent, met (the
    definition, at hand-off), quality (see `potential`), worked (0 to 1), first_touch_at (UTC seconds, -1
    never), n_touches, exit, reason (the true one), and the instants of the stages.
    """
    lead, passes = world.lead, world.passes
    frame = passes[_OF_PASSES].rename(columns={"first_at": "first_touch_at", "n_attempts": "n_touches"})
    frame["quality"] = potential(passes).round(6)
    frame["exit"] = passes["exit"].map(EXITS)
    frame["reason"] = np.array([*REASONS, None], dtype=object)[passes["true_reason"]]  # NEVER is the last
    rest = lead.index[~lead.index.isin(passes["lead"])]
    idle = pd.DataFrame({"lead": rest, "number": 0, "intent": lead["intent"].to_numpy()[rest]})
    frame = pd.concat([frame, idle], ignore_index=True).sort_values(["lead", "number"], ignore_index=True)
    for name in ("person", "is_batch", "expected", "met", "original", "merged_at", "again_of"):
        frame[name] = lead[name].to_numpy()[frame["lead"]]
    times = [name for name in frame.columns if name.endswith("_at")]
    frame[times] = frame[times].fillna(NEVER).astype("int64")
    return frame


def problems(world: World) -> pd.DataFrame:
    """Return one row per planted problem: problem, object ('Lead', 'Task', ...), row (of the record)."""
    found = [
        pd.DataFrame({"problem": name, "object": kind, "row": np.asarray(rows, dtype=np.int64)})
        for name, kind, rows in [*_of_leads(world), *_of_passes(world), *_of_deals(world), *_of_logs(world)]
    ]
    return pd.concat(found, ignore_index=True)


Planted = list[tuple[str, str, NDArray[Any]]]


def _where(frame: pd.DataFrame, mask: pd.Series | Flags) -> NDArray[Any]:
    return np.asarray(frame.index.to_numpy()[np.asarray(mask)])


def _of_leads(world: World) -> Planted:
    lead = world.lead
    names = lead.sort_values(["first", "last", "person"]).drop_duplicates("person")
    namesakes = names.duplicated(["first", "last"], keep=False)
    return [
        ("merged duplicate", "Lead", _where(lead, lead["merged_at"] != NEVER)),
        (
            "duplicate not merged",
            "Lead",
            _where(lead, (lead["original"] != NEVER) & (lead["merged_at"] == NEVER)),
        ),
        ("second lead of a recycled person", "Lead", _where(lead, lead["again_of"] != NEVER)),
        ("same name, another person", "Lead", _where(names, namesakes)),
        ("lead and contact of one person, not linked", "Lead", _where(lead, lead["prior_at"] != NEVER)),
        (
            "converted before created",
            "Lead",
            _where(lead, lead["impossible_conversion"] & (lead["converted_at"] < AS_OF)),
        ),
        ("came in late, back-dated", "Lead", _where(lead, lead["is_late"])),
        ("erased between loads", "Lead", _where(lead, lead["erased_at"] != NEVER)),
        ("address missing or invalid", "Lead", _where(lead, lead["address"] != 0)),
        ("industry null", "Lead", _where(lead, lead["entered_industry"] == NEVER)),
        ("industry unknown", "Lead", _where(lead, lead["entered_industry"] == 8)),
    ]


def _of_passes(world: World) -> Planted:
    passes = world.passes
    gone = (passes["exit_at"] != NEVER) & (passes["exit_at"] < AS_OF)
    untouched, accepted = (
        passes["first_at"] == NEVER,
        (passes["accepted_at"] != NEVER) & (passes["accepted_at"] < AS_OF),
    )
    converted = (passes["opportunity_at"] != NEVER) & (passes["opportunity_at"] < AS_OF)
    masks = {
        "handed over, definition not met": ~pd.Series(world.lead["met"].to_numpy()[passes["lead"]]),
        "never touched": untouched,
        "rejected untouched": untouched & gone & (passes["exit"] == REJECTED),
        "accepted without a touch": untouched & accepted,
        "reason missing": gone & passes["no_reason"],
        "bad contact data, yet a reply": gone & passes["contradicts"],
        "no budget, closed as rejected": gone & passes["wrong_exit"],
        "skipped Accepted": passes["skips_accepted"] & (passes["sql_at"] < AS_OF),
        "skipped Qualified": passes["skips_sql"] & converted,
        "came back by status": passes["number"] > 1,
        "went backwards": passes["goes_back"] & accepted & ~passes["skips_accepted"],
        "closed by mass edit": passes["bulk_at"] != NEVER,
    }
    return [(name, "Lead", passes["lead"].to_numpy()[np.asarray(mask)]) for name, mask in masks.items()]


def _of_deals(world: World) -> Planted:
    deal, begun = world.deal, world.deal["created_at"] < AS_OF
    closed = deal["closed_at"] < AS_OF
    shared = world.passes.loc[world.passes["opportunity_at"].between(0, AS_OF - 1), "opportunity"]
    return [
        ("created as won", "Opportunity", _where(deal, deal["is_created_won"] & begun)),
        ("won before created", "Opportunity", _where(deal, deal["won_before"] & closed)),
        ("no lead", "Opportunity", _where(deal, (deal["lead"] == NEVER) & begun)),
        ("several leads, one opportunity", "Opportunity", shared[shared.duplicated()].unique()),
    ]


def _of_logs(world: World) -> Planted:
    task, member = world.task, world.member
    due = (task["done_at"] == NEVER) & (local_day(task["due_at"]) < AS_OF // DAY)
    late = member["known_at"] > member["created_at"]
    return [
        ("completed before assigned", "Task", _where(task, task["backdated"] > 0)),
        ("automated mail", "Task", _where(task, task["kind"] == 3)),
        ("due, never done", "Task", _where(task, due)),
        ("logged late", "Task", _where(task, task["is_late"])),
        ("second response", "CampaignMember", _where(member, member["second_at"] != NEVER)),
        ("hit a person in open negotiation", "CampaignMember", _where(member, member["in_negotiation"])),
        ("came in late", "CampaignMember", _where(member, late)),
    ]
