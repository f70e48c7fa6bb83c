"""Open disputes and their verdicts as an edition sees them: what was on record by its as_of, and no name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pandas as pd

from funnel import number
from funnel.charts import theme
from funnel.dispute.dossier import Dispute, disputes
from funnel.dispute.several import discovery_sentence, several
from funnel.project import Project
from funnel.reports.facts import Facts

COLUMNS = ["opened_on", "by", "batch", "n", "answer", "verdict", "signed"]
PERSONAL = ("owner",)
NONE = "No open dispute."
MOST = 5


def open_disputes(project: Project, facts: Facts) -> pd.DataFrame:
    """Return one row per dispute that was open on the last day of the edition, oldest first.

    Columns: opened_on, by (team), batch (in words; owners are counted, not named), n (hand-offs), answer,
    verdict (what is shown, one sentence), signed (teams). Acts of later days do not count, so that an edition
    made anew says the same.
    """
    rows = [_row(each) for each in _open(project, facts)]
    return pd.DataFrame(rows, columns=COLUMNS)


def last_day(facts: Facts) -> date:
    """Return the last local day that an edition sees something of."""
    local = facts.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(facts.zone))
    return (local - timedelta(microseconds=1)).date()


def as_of_day(dispute: Dispute, day: date) -> Dispute | None:
    """Return a dispute as it stood at the end of a day; None if it was not opened yet."""
    acts = tuple(act for act in dispute.acts if act.on <= day)
    return replace(dispute, acts=acts) if acts else None


def lines(project: Project, facts: Facts, table: pd.DataFrame) -> list[dict[str, str]]:
    """Return a line for each open dispute, or one that says that there is none (table: open_disputes).

    More than five are counted. Of several disputes together a line says how many of the causes named are to
    be expected wrong.
    """
    if table.empty:
        return [{"text": NONE, "href": "", "link": ""}]
    link = {"href": "tables/front-disputes.csv", "link": "CSV"}
    said = [line(row) for row in theme.records(table.head(MOST))]
    if len(table) > MOST:
        rest = len(table) - MOST
        said.append(f"{number.count(rest)} more open {'dispute' if rest == 1 else 'disputes'}.")
    if len(table) > 1:
        said.append(f"All open disputes together: {_together(_open(project, facts))}")
    return [{"text": text, **link} for text in said]


def line(row: dict[str, Any]) -> str:
    """Return an open dispute in a sentence or two (a row of `open_disputes`)."""
    signed = f" Signed by {row['signed']}." if row["signed"] else ""
    about = f"{number.count(row['n'])} hand-offs, opened {number.day(row['opened_on'])}"
    disputed = f"{row['by']} dispute {row['batch']} ({about}): {row['answer']}."
    return f"{disputed[:1].upper()}{disputed[1:]} {row['verdict']}{signed}"


def _open(project: Project, facts: Facts) -> list[Dispute]:
    """Return the disputes that were open on the last day of the edition, as they stood then."""
    last = last_day(facts)
    known = [cut for each in disputes(project) if (cut := as_of_day(each, last)) is not None]
    found = [each for each in known if each.state == "open"]
    return sorted(found, key=lambda each: (str(each.about["opened_on"]), each.name))


def _together(found: list[Dispute]) -> str:
    judged = [SimpleNamespace(parts=pd.DataFrame(each.verdict["parts"])) for each in found]
    sentence = discovery_sentence(several(cast(Any, judged), [each.name for each in found]))
    return sentence[:1].lower() + sentence[1:]


def _row(dispute: Dispute) -> dict[str, object]:
    verdict = dispute.verdict
    return {
        "opened_on": dispute.about["opened_on"],
        "by": str(dispute.about["by"]),
        "batch": _batch(dispute),
        "n": int(verdict["facts"]["n"]),
        "answer": str(verdict["answer"]),
        "verdict": str(verdict["sentences"][1]),
        "signed": ", ".join(dispute.signed),
    }


def _batch(dispute: Dispute) -> str:
    """Return the batch in words, from which nobody can be read: owners and listed leads are counted."""
    batch = dispute.batch
    open_ = tuple((key, values) for key, values in batch.where if key not in PERSONAL)
    people = [
        f"{len(values)} {key if len(values) == 1 else f'{key}s'}"
        for key, values in batch.where
        if key in PERSONAL
    ]
    rest = replace(batch, where=open_)
    return ", ".join([*people, *([rest.title] if rest.title else [])])
