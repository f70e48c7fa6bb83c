"""An audit in which no person can be read: names replaced by numbers, free text dropped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from funnel.dispute.batch import Batch
from funnel.dispute.record import Audit

SAFE_FIELDS = ("score", "employees", "industry", "country", "region", "lead_type", "persona", "channel")
CLOSED_KINDS = ("hand-off", "clock", "stage", "assignment")
SHARED, LONGEST = 5, 10
GONE = "(hidden)"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Words:
    """What stands for what: leads, hand-offs, reps by id and name; and the reasons that are no free text."""

    lead: dict[str, str]
    handoff: dict[str, str]
    rep: dict[str, str]
    names: frozenset[str]
    reasons: frozenset[str]

    def reason(self, value: Any) -> Any:
        """Return a reason that is a common word of the CRM, else "(hidden)"; null stays null."""
        return value if pd.isna(value) or value in self.reasons else GONE

    def is_named(self, text: str) -> bool:
        """Return whether a text holds the name of a lead, a company or a rep."""
        return _named(text, self.names)


def hidden(audit: Audit) -> Audit:
    """Return the audit without names: leads are 'Lead 0001' in order of hand-off, reps 'Rep A'.

    Record and hand-off ids, companies, e-mail addresses and owners become such words, everywhere the same;
    the values of fields that may name a person become "(hidden)". Of reasons and events, texts stay only
    where at least five hand-offs share them and no name is in them.
    """
    words = _words(audit)
    clauses = _clauses(audit.clauses, words)
    asked = replace(audit.asked, batch=_batch(audit.asked.batch, words))
    asked = replace(asked, baseline=_replaced(asked.baseline, words.rep))
    return replace(
        audit,
        asked=asked,
        leads=_leads(audit.leads, clauses, words),
        trail=_trail(audit.trail, words),
        clauses=clauses,
        contradictions=_contradictions(audit, words),
        recycled=audit.recycled.assign(reason=_mapped(audit.recycled["reason"], words.reason)),
        comparisons=_comparisons(audit.comparisons, words),
        left_out=audit.left_out.assign(
            lead_id=[f"Lead not judged {i}" for i in range(1, len(audit.left_out) + 1)]
        ),
        population=_population(audit.population, words),
    )


def _words(audit: Audit) -> Words:
    leads, population = audit.leads, audit.population
    ordered = leads.sort_values(["handed_at", "handoff_id"], kind="stable")
    lead = {one: f"Lead {i:04d}" for i, one in enumerate(dict.fromkeys(ordered["lead_id"]), start=1)}
    times = ordered.groupby("lead_id").cumcount() + 1
    handoff = {
        one: f"{lead[owner]} #{i}"
        for one, owner, i in zip(ordered["handoff_id"], ordered["lead_id"], times, strict=True)
    }
    others = population.loc[~population["in_batch"], "handoff_id"]
    handoff |= {one: f"Hand-off {i:06d}" for i, one in enumerate(others, start=1)}
    names = _names(
        [
            text
            for column in (leads["name"], leads["company"], leads["owner"], audit.trail["who"])
            for text in column.unique()
        ]
    )
    shared = population["exit_reason"].dropna().value_counts()
    reasons = [str(one) for one in shared.index[shared >= SHARED] if not _named(str(one), names)]
    return Words(lead, handoff, _reps(audit), names, frozenset(reasons))


def _reps(audit: Audit) -> dict[str, str]:
    """Return a word for each rep, the same for his id and his name; the order tells nothing of the names."""
    batch = audit.population[["handoff_id", "owner_id"]].merge(
        audit.leads[["handoff_id", "owner"]], on="handoff_id"
    )
    id_of = dict(zip(batch["owner"], batch["owner_id"], strict=True))
    people = [
        text
        for column in (audit.population["owner_id"], audit.leads["owner"], audit.trail["who"])
        for text in column.unique()
    ]
    ids = sorted({str(id_of.get(one, one)) for one in people if isinstance(one, str)}, key=_digest)
    word = {one: f"Rep {_letters(i)}" for i, one in enumerate(ids)}
    return {one: word[str(id_of.get(one, one))] for one in people if isinstance(one, str)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _letters(number: int) -> str:
    head = _letters(number // 26 - 1) if number >= 26 else ""
    return head + LETTERS[number % 26]


def _names(texts: Iterable[object]) -> frozenset[str]:
    return frozenset(_folded(text) for text in texts if isinstance(text, str) and len(text) > 2)


def _named(text: str, names: frozenset[str]) -> bool:
    words = _folded(text).split()
    spans = ((i, j) for i in range(len(words)) for j in range(i + 1, min(len(words), i + LONGEST) + 1))
    return any(" ".join(words[i:j]) in names for i, j in spans)


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _mapped(column: pd.Series, rule: Callable[[Any], Any]) -> pd.Series:
    return pd.Series([rule(value) for value in column], index=column.index, dtype="object")


def _replaced(text: str, words: dict[str, str]) -> str:
    for one in sorted(words, key=len, reverse=True):
        text = text.replace(one, words[one])
    return text


def _batch(batch: Batch, words: Words) -> Batch:
    where = tuple(
        (key, tuple(words.rep.get(one, "Rep") for one in values) if key == "owner" else values)
        for key, values in batch.where
    )
    ids = tuple(words.lead.get(one, "Lead not judged") for one in batch.ids)
    return replace(batch, where=where, ids=ids)


def _clauses(clauses: pd.DataFrame, words: Words) -> pd.DataFrame:
    safe = clauses["field"].isin(SAFE_FIELDS) | clauses["value"].isna()
    value = clauses["value"].astype("object").where(safe, GONE)
    return clauses.assign(handoff_id=clauses["handoff_id"].map(words.handoff), value=value)


def _leads(leads: pd.DataFrame, clauses: pd.DataFrame, words: Words) -> pd.DataFrame:
    failed = clauses[clauses["passed"].eq(False).fillna(False)]
    said = (
        failed["clause"]
        + " ("
        + failed["value"].astype("object").where(failed["value"].notna(), "empty")
        + ")"
    )
    told: Any = said.groupby(failed["handoff_id"]).agg("; ".join) if len(failed) else {}
    handoff = leads["handoff_id"].map(words.handoff)
    word = leads["lead_id"].map(words.lead)
    return leads.assign(
        lead_id=word,
        name=word,
        company=None,
        owner=leads["owner"].map(words.rep),
        record_key=word,
        handoff_id=handoff,
        failed_clauses=handoff.map(told),
        reason=_mapped(leads["reason"], words.reason),
    )


def _trail(trail: pd.DataFrame, words: Words) -> pd.DataFrame:
    n = trail.groupby("what")["handoff_id"].nunique()
    kept = {what for what, times in n.items() if times >= SHARED and not words.is_named(str(what))}
    is_safe = trail["kind"].isin(CLOSED_KINDS) | trail["what"].isin(kept)
    short = trail["kind"].str.capitalize()
    return trail.assign(
        handoff_id=trail["handoff_id"].map(words.handoff),
        what=trail["what"].where(is_safe, short),
        who=trail["who"].map(words.rep),
    )


def _contradictions(audit: Audit, words: Words) -> pd.DataFrame:
    reason = audit.leads.set_index("handoff_id")["reason"]
    frame = audit.contradictions
    said = frame["handoff_id"].map(reason)
    quoted = [
        detail if words.reason(one) == one or pd.isna(one) else detail.replace(f"'{one}'", GONE)
        for detail, one in zip(frame["detail"], said, strict=True)
    ]
    again = frame["contradiction"].eq("handed_again")
    detail = pd.Series(quoted, index=frame.index, dtype="object").mask(
        again, "Rejected before, and handed over again"
    )
    return frame.assign(handoff_id=frame["handoff_id"].map(words.handoff), detail=detail)


def _comparisons(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    hide = {
        name: _mapped(frame[name], lambda text: _replaced(text, words.rep)) for name in ("baseline", "title")
    }
    return frame.assign(**hide)


def _population(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    handoff = frame["handoff_id"].map(words.handoff)
    ids = {one: word for one, word in words.rep.items() if ":" in one}
    person = {
        one: f"Person {i:06d}" for i, one in enumerate(dict.fromkeys(frame["person_id"].dropna()), start=1)
    }
    return frame.assign(
        handoff_id=handoff,
        cycle_id=handoff,
        person_id=frame["person_id"].map(person),
        record_key=handoff,
        owner_id=frame["owner_id"].map(words.rep),
        batch_key=frame["batch_key"].map({key: _replaced(key, ids) for key in frame["batch_key"].unique()}),
        exit_reason=_mapped(frame["exit_reason"], words.reason),
    )
