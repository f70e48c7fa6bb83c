"""An audit from stated rows: any number of leads, names that are markup, and a verdict that was really judged."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from funnel.dispute.batch import Batch
from funnel.dispute.record import Asked, Audit
from funnel.dispute.verdict import judge
from funnel.stats import with_rate

AS_OF = datetime(2026, 11, 16)
NASTY = ("<script>alert(1)</script>", "\"quoted\" & 'single'", "</script><b>x", "=SUM(A1:A9)", "Ada Lovelace")
STATES = ("converted", "rejected", "recycled", "lost", "open")
REPS = ("Grace Hopper", "Mary <i>Jackson</i>", "Katherine Johnson")
CLASSES = ("never touched", "late", "prompt, few touches", "prompt")
TITLES = {
    "untouched": "Rejected without a touch",
    "no_budget": "“No budget” closed as rejected",
    "reply": "Bad contact data, yet a reply",
}


def population(n: int, n_baseline: int = 1200) -> pd.DataFrame:
    """Return hand-offs of a batch that is touched late, and of a baseline of twelve batches."""
    random = np.random.default_rng(5)
    size = n + n_baseline
    is_batch = np.arange(size) < n
    touched = random.random(size) < np.where(is_batch, 0.5, 0.9)
    hours = np.where(touched, np.round(random.exponential(np.where(is_batch, 20.0, 6.0), size), 2), np.nan)
    rate = np.where(touched, 0.35, 0.05)
    converted = random.random(size) < rate
    age = np.where(is_batch, 120.0, 200.0 + np.arange(size) % 100)
    months = [f"Campaign {i % 4} 2026-0{1 + i % 3}" for i in range(size)]
    return pd.DataFrame(
        {
            "handoff_id": [f"h{i}" for i in range(size)],
            "cycle_id": [f"c{i}" for i in range(size)],
            "person_id": [f"p{i}" for i in range(size)],
            "record_key": [f"crm:p{i}" for i in range(size)],
            "in_batch": is_batch,
            "batch_key": np.where(is_batch, "this", months),
            "handed_at": [AS_OF - timedelta(days=float(days)) for days in age],
            "handed_precision": "second",
            "handed_on": [date(2026, 6, 1)] * size,
            "version": "2025-11",
            "age_days": age,
            "converted": pd.array(converted, dtype="boolean"),
            "days_to_outcome": np.where(converted, np.round(random.uniform(1, 60, size), 1), np.nan),
            "is_imputed_outcome": False,
            "met_definition": pd.array(random.random(size) < 0.9, dtype="boolean"),
            "n_clauses_unknown": 0,
            "score": np.round(random.uniform(40, 90, size)),
            "completeness": 1.0,
            "is_duplicate": pd.array([False] * size, dtype="boolean"),
            "employees": np.round(random.uniform(50, 900, size)),
            **dict.fromkeys(("country", "industry", "company_size", "persona", "lead_type", "campaign")),
            "channel": [("Webinar", "Search")[i % 2] for i in range(size)],
            "region": "Europe",
            "is_followed": True,
            "touch_hours": hours,
            "n_touches": np.where(touched, 3, 0),
            "n_touch_days": np.where(touched, 2, 0),
            "exit": None,
            "exit_reason": None,
            "exit_days": np.nan,
            "owner_id": "r",
            "n_touches_all": np.where(touched, 3, 0),
        }
    )


def leads(n: int) -> pd.DataFrame:
    """Return the leads of a batch; names cycle through what a hostile CRM may hold."""
    at = [AS_OF - timedelta(days=120, minutes=7 * i) for i in range(n)]
    touched = [i % 4 != 0 for i in range(n)]
    return pd.DataFrame(
        {
            "lead_id": [f"00Q{i:06d}" for i in range(n)],
            "name": [f"{NASTY[i % 5]} {i}" for i in range(n)],
            "company": [None if i % 7 == 0 else f"Company {i % 50} & Söhne" for i in range(n)],
            "owner": [None if i % 11 == 0 else REPS[i % 3] for i in range(n)],
            "handed_at": at,
            "score": [None if i % 9 == 0 else float(40 + i % 60) for i in range(n)],
            "met_definition": pd.array(
                [None if i % 13 == 0 else i % 10 != 0 for i in range(n)], dtype="boolean"
            ),
            "failed_clauses": ["Score at least 60" if i % 10 == 0 else None for i in range(n)],
            "follow_up": [CLASSES[i % 4] for i in range(n)],
            "first_touch_at": [t + timedelta(hours=3) if touched[i] else None for i, t in enumerate(at)],
            "n_touches": [i % 4 for i in range(n)],
            "sla": [("missed", "met", "open", "unknown")[i % 4] for i in range(n)],
            "state": [STATES[i % 5] for i in range(n)],
            "reason": [
                ("No budget", "Bad contact data")[i % 2] if i % 5 in (1, 2) else None for i in range(n)
            ],
            "outcome_at": [t + timedelta(days=20) if i % 5 == 0 else None for i, t in enumerate(at)],
            "days_to_outcome": [20.0 if i % 5 == 0 else None for i in range(n)],
            "evidence": [("field history", "stamp", "imputed")[i % 3] for i in range(n)],
            "n_contradictions": [1 if i % 10 == 1 else 0 for i in range(n)],
            "record_key": [f"crm:p{i}" for i in range(n)],
            "handoff_id": [f"h{i}" for i in range(n)],
        }
    )


def trail(table: pd.DataFrame) -> pd.DataFrame:
    """Return eight events of each lead."""
    steps = (
        ("hand-off", "Handed over: status New to MQL", "Marketo"),
        ("assignment", "Assigned", "Queue: <b>inbound</b>"),
        ("automated mail", "Mail: Welcome, not a touch", None),
        ("touch", "Call, 4 minutes", "Grace Hopper"),
        ("touch", "Mail: “Your enquiry”", "Grace Hopper"),
        ("clock", "First touch within 4 business hours: met", None),
        ("status", "Status MQL to Accepted", "Grace Hopper"),
        ("exit", "Rejected: No budget", "Grace Hopper"),
    )
    rows = [
        {
            "handoff_id": f"h{i}",
            "place": place,
            "at": at + timedelta(hours=place),
            "precision": "day" if kind == "exit" else "second",
            "kind": kind,
            "what": what,
            "who": who,
            "evidence": ("field history", "stamp")[place % 2],
        }
        for i, at in enumerate(table["handed_at"])
        for place, (kind, what, who) in enumerate(steps)
    ]
    return pd.DataFrame(rows)


def clauses(table: pd.DataFrame) -> pd.DataFrame:
    """Return three clauses of each lead."""
    given = (
        ("score", "Score at least 60"),
        ("email", "E-mail is valid"),
        ("industry", "Industry is software"),
    )
    rows = [
        {
            "handoff_id": f"h{i}",
            "clause_id": f"2025-11:{field}",
            "clause": clause,
            "field": field,
            "value": None if (i + place) % 9 == 0 else ("50", "a@b.co", "logistics")[place],
            "passed": None if (i + place) % 9 == 0 else (i + place) % 10 != 0,
            "evidence": "field history",
            "known_from": AS_OF - timedelta(days=130),
        }
        for i in range(len(table))
        for place, (field, clause) in enumerate(given)
    ]
    return pd.DataFrame(rows).astype({"passed": "boolean"})


def contradictions(table: pd.DataFrame) -> pd.DataFrame:
    """Return one contradiction of each tenth lead."""
    slugs = list(TITLES)
    rows = [
        {
            "handoff_id": f"h{i}",
            "contradiction": slugs[i % 3],
            "title": TITLES[slugs[i % 3]],
            "detail": "Seen <b>so</b>.",
        }
        for i in range(len(table))
        if i % 10 == 1
    ]
    return pd.DataFrame(rows, columns=["handoff_id", "contradiction", "title", "detail"])


def questions() -> pd.DataFrame:
    """Return one question to each side."""
    rows = [
        {
            "side": "marketing",
            "question": "Of the accepted, never touched",
            "n": 12,
            "n_of": 120,
            "rule": "By now.",
        },
        {
            "side": "sales",
            "question": "Of the rejected as bad, converted later",
            "n": 3,
            "n_of": 40,
            "rule": "By now.",
        },
    ]
    return with_rate(pd.DataFrame(rows), "n", "n_of").assign(
        baseline_rate=[0.01, None], baseline_n_of=[600, 0]
    )


def owed() -> pd.DataFrame:
    """Return two obligations of each side."""
    got = {"marketing": "first touch: 80 of 190", "sales": "definition met: 170 of 200"}
    rows = [
        ("marketing", "definition met", "At the hand-off: a <b>score</b>", 0.9, 200, 170),
        ("marketing", "required fields filled", "Filled at the hand-off: email", None, 200, 190),
        ("sales", "disposition", "Disposition: within 14 days.", 0.8, None, None),
        ("sales", "first touch", "First touch: within 4 business hours.", 0.9, 190, 80),
    ]
    columns = ["side", "obligation", "agreed", "attainment", "n", "n_kept"]
    table = with_rate(pd.DataFrame(rows, columns=columns), "n_kept", "n")
    return table.assign(received=table["side"].map(got), rule="Each by its own clock.")


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return two baselines, the second not to be compared with."""
    base = frame[~frame["in_batch"]]
    n, hits = len(base), int(base["converted"].sum())
    rows = [
        ("earlier", "Earlier matured batches", True, n, 12, n, hits, None),
        (
            "same-period",
            "Other batches of the same period",
            False,
            0,
            0,
            0,
            0,
            "No other was handed over then.",
        ),
    ]
    columns = ["baseline", "title", "is_used", "n", "n_batches", "n_known", "n_converted", "why_not"]
    table = with_rate(pd.DataFrame(rows, columns=columns), "n_converted", "n_known")
    return table.assign(rule="Reached SQL within 90 days. 95 % Wilson interval.")


def audit(n: int = 200, n_baseline: int = 1200) -> Audit:
    """Return an audit of n leads, in the shape that `funnel.audit` gives."""
    frame, table = population(n, n_baseline), leads(n)
    asked = Asked(
        Batch(where=(("campaign", ("Webinar <b>2026</b>",)),)),
        *("sql", "sal", "earlier", 90.0, 14.0, AS_OF, AS_OF, "2025-11", 7),
    )
    recycled = pd.DataFrame({"reason": ["No budget", None], "is_total": [False, True], "n": [30, 30]})
    recycled = recycled.assign(n_returned=8, n_converted=[4, 4], rule="Recycled leads that came back.")
    return Audit(
        asked=asked,
        judged=judge(frame, horizon_days=90.0, landmark_days=14.0, outcome="sql", seed=7),
        leads=table,
        trail=trail(table),
        clauses=clauses(table),
        contradictions=contradictions(table),
        both_ways=questions(),
        recycled=with_rate(recycled, "n_converted", "n"),
        obligations=owed(),
        comparisons=compared(frame),
        left_out=pd.DataFrame(
            {"lead_id": ["x", "y", "z"], "why": ["not handed over", "not handed over", "unknown id"]}
        ),
        population=frame,
    )
