"""The evidence of an audit: the trail of a lead, its clauses, what contradicts itself, and both sides' conduct."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd
import pytest
from dispute_world import Rows, before, joined, person
from pandas.testing import assert_frame_equal
from world import call, changes, lead

import funnel
from funnel.dispute.hidden import hidden
from funnel.dispute.record import Audit
from funnel.errors import UsageError

World = Callable[..., duckdb.DuckDBPyConnection]
HANDED = "2026-03-06 10:00:00"
TABLES = (
    *("leads", "trail", "clauses", "contradictions", "both_ways", "recycled", "obligations", "comparisons"),
    *("left_out", "population"),
)


def audited(make_world: World, *people: Rows, extra: Rows | None = None, **asked: Any) -> Audit:
    tables = joined(*before(9, converted=4), *people)
    for table, rows in (extra or {}).items():
        tables[table] = tables.get(table, []) + rows
    return funnel.audit(make_world(**tables), "campaign=Summer series", **asked)


def found(audit: Audit, name: str = "x") -> list[str]:
    frame = audit.contradictions
    return list(frame.loc[frame["handoff_id"].str.startswith(f"crm:{name}#"), "contradiction"])


def detail(audit: Audit, contradiction: str) -> str:
    frame = audit.contradictions
    return str(frame.loc[frame["contradiction"] == contradiction, "detail"].iloc[0])


def rejected(reason: str | None, *touches: str, name: str = "x", **columns: Any) -> Rows:
    at = "2026-03-20 10:00:00"
    why = (at, reason) if reason else None
    return person(name, HANDED, (at, "Disqualified"), reason=why, touches=touches, **columns)


def asked(audit: Audit, question: str) -> tuple[int, int]:
    row = audit.both_ways.set_index("question").loc[question]
    return int(row["n"]), int(row["n_of"])


def test_the_trail_of_a_lead_in_order(make_world: World) -> None:
    one = person(
        "x", HANDED, ("2026-03-10 10:00:00", "Accepted"), ("2026-03-12 10:00:00", "Disqualified"),
        reason=("2026-03-12 10:00:00", "Wrong person"), touches=("2026-03-06 11:00:00",),
    )  # fmt: skip
    for change in one["attribute_event"]:
        change["user_id"] = "r2"
    one["activity"] += [
        call("mail", "x", "2026-03-07 09:00:00", kind="email", is_automated=True, rep_id="r1"),
        call("in", "x", "2026-03-08 09:00:00", kind="email", direction="inbound"),
        call("early", "x", "2026-03-06 09:30:00"),
    ]
    trail = audited(make_world, one).trail
    columns = ["place", "at", "precision", "kind", "what", "who", "evidence"]
    rows = [
        tuple(row) for row in trail[columns].astype("object").where(trail[columns].notna(), None).to_numpy()
    ]
    day = lambda text: pd.Timestamp(f"2026-03-{text}:00")  # noqa: E731
    assert rows == [
        (1, day("06 10:00"), "second", "hand-off", "Handed over as MQL, by marketing to sales", None, "field history"),
        (2, day("06 10:00"), "second", "assignment", "Assigned", "Grace Hopper", "stamp"),
        (3, day("06 10:00"), "second", "status", "Status New > MQL", "Alan Turing", "field history"),
        (4, day("06 11:00"), "second", "touch", "Call: No answer", "Grace Hopper", "stamp"),
        (5, day("06 14:00"), "second", "clock", "Due: first touch; met after 1.0 h of work", None, "stamp"),
        (6, day("07 09:00"), "second", "automated mail", "Automated mail", None, "stamp"),
        (7, day("08 09:00"), "second", "reply", "From the lead: mail", None, "stamp"),
        (8, day("10 10:00"), "second", "status", "Status MQL > Accepted", "Alan Turing", "field history"),
        (9, day("10 10:00"), "second", "stage", "Reached SAL", None, "field history"),
        (10, day("12 10:00"), "second", "status", "Reason empty > Wrong person", "Alan Turing", "field history"),
        (11, day("12 10:00"), "second", "status", "Status Accepted > Disqualified", "Alan Turing", "field history"),
        (12, day("12 10:00"), "second", "exit", "Rejected: Wrong person", None, "field history"),
        (13, day("16 10:00"), "second", "clock", "Due: cadence; met after 96.0 h", None, "stamp"),
        (14, day("20 10:00"), "second", "clock", "Due: disposition; met after 96.0 h", None, "stamp"),
    ]  # fmt: skip


def test_the_trail_ends_where_the_person_is_handed_over_again(make_world: World) -> None:
    again = (("2026-03-10 10:00:00", "Nurture"), ("2026-04-10 10:00:00", "MQL"))
    one = person("x", HANDED, *again, touches=("2026-04-10 09:59:59", "2026-04-10 10:00:00"))
    trail = audited(make_world, one).trail
    touches = trail[trail["kind"] == "touch"]
    assert touches["handoff_id"].tolist() == ["crm:x#1 mql", "crm:x#2 mql"]


def test_a_lead_is_told_as_the_crm_names_it(make_world: World) -> None:
    one = person(
        "x", HANDED, ("2026-03-16 10:00:00", "Qualified"), touches=("2026-03-06 11:00:00",), score=59
    )
    row = audited(make_world, one).leads.iloc[0].dropna().to_dict()
    assert row == {
        "lead_id": "x", "name": "N x", "company": "Acme", "owner": "Grace Hopper", "handed_at": pd.Timestamp(HANDED),
        "score": 59.0, "met_definition": False, "failed_clauses": "a score of at least 60 (59.0)",
        "follow_up": row["follow_up"], "first_touch_at": pd.Timestamp("2026-03-06 11:00:00"), "n_touches": 1,
        "sla": "met", "state": "converted", "outcome_at": pd.Timestamp("2026-03-16 10:00:00"), "days_to_outcome": 10.0,
        "evidence": "field history", "n_contradictions": 1, "record_key": "crm:x", "handoff_id": "crm:x#1 mql",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], "open"), ([("2026-03-16 10:00:00", "Disqualified")], "rejected"), ([("2026-03-16 10:00:00", "Nurture")], "recycled"),
        ([("2026-03-16 10:00:00", "Accepted")], "open"),
        ([("2026-03-15 10:00:00", "Qualified"), ("2026-03-16 10:00:00", "Disqualified")], "converted"),
    ],
)  # fmt: skip
def test_what_became_of_a_lead(make_world: World, steps: list[tuple[str, str]], state: str) -> None:
    assert audited(make_world, person("x", HANDED, *steps)).leads["state"].tolist() == [state]


def test_an_imputed_outcome_lowers_the_evidence(make_world: World) -> None:
    deal = {"opportunity_id": "o", "created_at": "2026-03-10 10:00:00", "created_precision": "second"}
    audit = audited(make_world, person("x", HANDED, opportunity_id="o"), extra={"opportunity": [deal]})
    assert audit.leads["evidence"].tolist() == ["imputed"]
    told = audit.trail.set_index("what")["evidence"]
    assert told["Reached SQL, as a later stage proves"] == "imputed"
    assert told["Reached Opportunity"] == "stamp"


def test_clauses_are_told_with_the_value_of_then_and_how_it_is_known(make_world: World) -> None:
    one = person("x", HANDED, tracked=False)
    one["attribute_event"] += changes("x", "score", ("2026-03-06 10:00:01", "20"), first="61")
    frame = audited(make_world, one).clauses
    told = frame[["clause", "field", "value", "passed", "evidence"]].astype("object")
    rows = [tuple(row) for row in told.where(told.notna(), None).to_numpy()]
    assert rows == [
        ("a score of at least 60", "score", None, None, "unknown"),
        ("a valid e-mail address", "email", "x@x.co", True, "as recorded"),
        ("the industry software", "industry", "software", True, "as recorded"),
    ]
    assert frame["known_from"].iloc[0] == pd.Timestamp("2026-03-06 10:00:01")


CALLED = "2026-03-09 10:00:00"


def test_bad_contact_data_is_contradicted_by_an_answer_since_the_hand_off(make_world: World) -> None:
    def told(at: str, **columns: Any) -> list[str]:
        one = rejected("Bad contact data", CALLED)
        one["activity"].append(call("r", "x", at, **columns))
        return found(audited(make_world, one))

    assert told(HANDED, direction="inbound", kind="email") == ["contact_but_reply"]
    assert told("2026-03-06 09:59:59", direction="inbound", kind="email") == []
    assert told(CALLED, outcome="Connected with assistant") == ["contact_but_reply"]
    assert told(CALLED, outcome="Not connected") == []
    assert told(CALLED, direction="inbound", kind="email", is_automated=True) == []


def test_who_was_never_tried_cannot_be_unreachable(make_world: World) -> None:
    assert found(audited(make_world, rejected("Unreachable"))) == [
        "contact_but_untried",
        "rejected_untouched",
    ]
    audit = audited(make_world, rejected("Unreachable", CALLED, "2026-03-09 11:00:00"))
    assert found(audit) == ["unreachable_tried_less"]
    assert detail(audit, "unreachable_tried_less") == "'Unreachable', after 2 of the agreed 3 attempts"
    assert (
        found(
            audited(make_world, rejected("Unreachable", CALLED, "2026-03-09 11:00:00", "2026-03-09 12:00:00"))
        )
        == []
    )


def test_a_reason_of_the_other_exit_is_a_contradiction(make_world: World) -> None:
    assert found(audited(make_world, rejected("no budget", CALLED))) == ["timing_but_rejected"]
    assert found(audited(make_world, rejected("Not now", CALLED))) == ["timing_but_rejected"]
    recycled = person(
        "x",
        HANDED,
        ("2026-03-20 10:00:00", "Nurture"),
        reason=("2026-03-20 10:00:00", "Wrong person"),
        touches=(CALLED,),
    )
    assert found(audited(make_world, recycled)) == ["bad_but_recycled"]
    assert found(audited(make_world, rejected("Wrong person", CALLED))) == []


@pytest.mark.parametrize(("touch", "is_untouched"), [("2026-03-06 09:59:59", True), (HANDED, False)])
def test_rejected_and_accepted_untouched_count_from_the_hand_off(
    make_world: World, touch: str, is_untouched: bool
) -> None:
    assert found(audited(make_world, rejected(None, touch))) == ["rejected_untouched"] * is_untouched
    accepted = person("x", HANDED, ("2026-03-20 10:00:00", "Accepted"), touches=(touch,))
    assert found(audited(make_world, accepted)) == ["accepted_untouched"] * is_untouched


def test_where_no_activities_are_recorded_nobody_is_called_untouched(make_world: World) -> None:
    tables = joined(*before(9, converted=4), rejected("Unreachable"))
    tables["activity"] = []
    audit = funnel.audit(make_world(**tables), "campaign=Summer series")
    assert found(audit) == []
    assert audit.leads["follow_up"].tolist() == ["not recorded"]
    assert asked(audit, "Rejected as bad, never touched") == (0, 0)
    assert audit.parts.set_index("part").loc["follow_up", "state"] == "not judged"


def test_converted_then_rejected_and_rejected_then_converted(make_world: World) -> None:
    steps = (("2026-03-10 10:00:00", "Qualified"), ("2026-03-20 10:00:00", "Disqualified"))
    assert found(audited(make_world, person("x", HANDED, *steps, touches=(CALLED,)))) == [
        "converted_then_rejected"
    ]
    again = (
        ("2026-03-20 10:00:00", "Disqualified"),
        ("2026-05-01 10:00:00", "MQL"),
        ("2026-05-02 10:00:00", "Qualified"),
    )
    audit = audited(make_world, person("x", HANDED, *again, touches=(CALLED, "2026-05-01 11:00:00")))
    assert found(audit) == ["rejected_then_converted", "handed_again"]
    assert detail(audit, "rejected_then_converted") == "Rejected, but the same person converted on 2026-05-02"
    assert detail(audit, "handed_again") == "Rejected on 2026-03-20, and handed over again"
    assert asked(audit, "Rejected as bad, later converted") == (1, 1)
    assert asked(audit, "Handed over again after a rejection") == (1, 2)


@pytest.mark.parametrize(("at", "n"), [("2026-03-20 10:00:00", 0), ("2026-03-20 10:00:01", 1)])
def test_another_person_of_the_account_that_converts_after_the_rejection_counts(
    make_world: World, at: str, n: int
) -> None:
    other = person("y", "2026-03-07 10:00:00", (at, "Qualified"), campaign="a", account_id="acc")
    audit = audited(
        make_world,
        rejected(None, CALLED, account_id="acc"),
        other,
        extra={"account": [{"account_id": "acc"}]},
    )
    assert asked(audit, "Rejected as bad, later converted") == (n, 1)
    assert found(audit) == ["rejected_then_converted"] * n


def test_a_person_belongs_to_the_account_of_his_e_mail_domain(make_world: World) -> None:
    other = person(
        "y", "2026-03-07 10:00:00", ("2026-04-01 10:00:00", "Qualified"), campaign="a", account_id="acc"
    )
    account = {"account": [{"account_id": "acc", "domain": "Big.co"}]}
    audit = audited(make_world, rejected(None, CALLED, email="me@big.co"), other, extra=account)
    assert asked(audit, "Rejected as bad, later converted") == (1, 1)
    stranger = audited(make_world, rejected(None, CALLED, email="me@else.co"), other, extra=account)
    assert asked(stranger, "Rejected as bad, later converted") == (0, 1)


def test_no_fit_and_duplicate_are_held_against_the_record(make_world: World) -> None:
    assert found(audited(make_world, rejected("Not a fit", CALLED))) == ["fit_but_met"]
    assert found(audited(make_world, rejected("Not a fit", CALLED, score=59))) == [
        "handed_against_definition"
    ]
    assert found(audited(make_world, rejected("Duplicate", CALLED))) == ["duplicate_but_one"]
    twin = {"person": [lead("twin", "2026-03-01 10:00:00", email="x@x.co", status="New")]}
    assert found(audited(make_world, rejected("Duplicate", CALLED), extra=twin)) == []


def test_both_sides_are_asked_three_questions_about_their_own_conduct(make_world: World) -> None:
    people = (
        rejected(None), rejected(None, CALLED, "2026-03-09 11:00:00", "2026-03-09 12:00:00", name="y"),
        person("z", HANDED, ("2026-03-16 10:00:00", "Accepted"), score=59),
    )  # fmt: skip
    audit = audited(make_world, *people)
    rows = audit.both_ways[["side", "question", "n", "n_of"]].to_numpy().tolist()
    assert rows == [
        ["marketing", "Handed over without meeting the definition", 1, 3],
        ["marketing", "Handed over again after a rejection", 0, 3],
        ["marketing", "Rejected as bad although worked at the agreed cadence", 1, 1],
        ["sales", "Accepted, never touched", 1, 1],
        ["sales", "Rejected as bad, never touched", 1, 2],
        ["sales", "Rejected as bad, later converted", 0, 2],
    ]
    assert audit.both_ways["baseline_n_of"].tolist() == [9, 9, 2, 4, 0, 0]


def test_recycled_leads_are_told_by_reason_with_what_they_yielded(make_world: World) -> None:
    def one(name: str, reason: str | None, *later: tuple[str, str]) -> Rows:
        at = "2026-03-20 10:00:00"
        return person(name, HANDED, (at, "Nurture"), *later, reason=(at, reason) if reason else None)

    back = (("2026-05-01 10:00:00", "MQL"), ("2026-05-02 10:00:00", "Qualified"))
    audit = audited(make_world, one("x", "No budget", *back), one("y", "No budget"), one("z", None))
    frame = audit.recycled[["reason", "is_total", "n", "n_returned", "n_known", "n_converted"]].astype(
        "object"
    )
    assert frame.where(frame.notna(), None).to_numpy().tolist() == [
        ["No budget", False, 2, 1, 2, 1],
        [None, False, 1, 0, 1, 0],
        [None, True, 3, 1, 3, 1],
    ]


def test_each_side_sees_what_it_owed_beside_what_it_received(make_world: World) -> None:
    audit = audited(
        make_world,
        person("x", HANDED, touches=("2026-03-06 11:00:00",)),
        person("y", HANDED, score=59, company=None),
    )
    frame = audit.obligations[
        ["side", "obligation", "n", "n_kept", "n_open", "n_unknown", "attainment"]
    ].astype("object")
    assert frame.where(frame.notna(), None).to_numpy().tolist() == [
        ["marketing", "definition met", 2, 1, 0, 0, None],
        ["marketing", "required fields filled", 2, 1, 0, 0, None],
        ["sales", "cadence", 2, 0, 0, 0, 0.8],
        ["sales", "disposition", 2, 0, 0, 0, 0.8],
        ["sales", "first touch", 2, 1, 0, 0, 0.9],
    ]
    got = audit.obligations.groupby("side")["received"].first()
    assert got["marketing"] == "cadence: 0 of 2; disposition: 0 of 2; first touch: 1 of 2"
    assert got["sales"] == "definition met: 1 of 2; required fields filled: 1 of 2"


def test_what_was_asked_is_kept_as_the_warehouse_spells_it(make_world: World) -> None:
    asked = audited(make_world, person("x", HANDED), outcome="sal", seed=5).asked
    assert dataclasses.asdict(asked) == {
        "batch": {"where": (("campaign", ("Summer series",)),), "from_on": None, "to_on": None, "ids": ()},
        "outcome": "sal", "stage": "mql", "baseline": "earlier", "horizon_days": 90.0, "landmark_days": 14.0,
        "as_of": datetime(2026, 7, 1), "known_at": datetime(2026, 7, 1), "contract": "2026-01", "seed": 5,
    }  # fmt: skip


def test_an_empty_batch_is_refused_and_says_why(make_world: World) -> None:
    con = make_world(**joined(person("x", HANDED)))
    with pytest.raises(UsageError, match="holds no hand-off into 'mql': nothing to judge"):
        funnel.audit(con, ["campaign=Summer series", "from=2026-04-01"])
    with pytest.raises(UsageError, match="Leads asked for: 1: handed over, but not within"):
        funnel.audit(con, {"ids": ["x"], "from": "2026-04-01"})


@pytest.mark.parametrize("steps", [(), (("2026-03-16 10:00:00", "Qualified"),)])
def test_a_batch_of_one_is_audited_whether_it_converted_or_not(make_world: World, steps: Any) -> None:
    audit = audited(make_world, person("x", HANDED, *steps))
    assert len(audit.leads) == 1
    assert audit.facts["n_converted"] == len(steps)
    assert len(audit.sentences) == 3


def test_an_audit_only_reads_and_cannot_be_changed(make_world: World) -> None:
    con = make_world(**joined(*before(9, converted=4), person("x", HANDED)))
    names = "select table_schema, table_name from information_schema.tables order by all"
    tables = con.execute(names).fetchall()
    audit = funnel.audit(con, "campaign=Summer series")
    assert con.execute(names).fetchall() == tables
    with pytest.raises(dataclasses.FrozenInstanceError):
        audit.leads = audit.trail  # type: ignore[misc]


def crowd() -> list[Rows]:
    people = [rejected("Wrong person", CALLED, name=f"x{i}") for i in range(3)]
    people += [
        person(f"y{i}", HANDED, ("2026-03-20 10:00:00", "Qualified"), touches=(CALLED,)) for i in range(3)
    ]
    return [*people, rejected("Spoke to N x1 of Acme", name="z")]


def test_the_order_of_the_rows_does_not_matter(make_world: World) -> None:
    tables = joined(*before(20, converted=8), *crowd())
    shuffled = {name: random.Random(3).sample(rows, len(rows)) for name, rows in tables.items()}
    one = funnel.audit(make_world(**tables), "campaign=Summer series")
    other = funnel.audit(make_world(**shuffled), "campaign=Summer series")
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert_frame_equal(one.parts, other.parts)


def test_without_names_no_person_company_rep_or_id_can_be_read(make_world: World) -> None:
    audit = audited(make_world, *crowd())
    shown = hidden(audit)
    text = "\n".join(getattr(shown, name).to_csv() for name in TABLES) + repr(shown.asked)
    for word in ("N x", "N a", "Acme", "Grace", "Alan", "@", "crm:", "x0", "Spoke"):
        assert word not in text, word
    for name in TABLES:
        assert len(getattr(shown, name)) == len(getattr(audit, name)), name
    assert shown.parts.equals(audit.parts)
    assert shown.leads["lead_id"].tolist() == [f"Lead {i:04d}" for i in range(1, 8)]


def test_without_names_the_words_are_stable_and_join_the_tables(make_world: World) -> None:
    audit = audited(make_world, *crowd())
    one, other = hidden(audit), hidden(audit)
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    ids = set(one.leads["handoff_id"])
    assert set(one.trail["handoff_id"]) == ids
    assert set(one.population.loc[one.population["in_batch"], "handoff_id"]) == ids
    assert set(one.population["owner_id"]) == {"Rep A"}


def test_without_names_common_words_of_the_crm_stay(make_world: World) -> None:
    audit = audited(make_world, *[rejected("Wrong person", CALLED, name=f"x{i}") for i in range(5)])
    assert set(hidden(audit).leads["reason"]) == {"Wrong person"}
    few = audited(make_world, *[rejected("Wrong person", CALLED, name=f"x{i}") for i in range(4)])
    assert set(hidden(few).leads["reason"]) == {"(hidden)"}


def test_without_names_a_common_reason_that_names_somebody_goes_too(make_world: World) -> None:
    named = audited(
        make_world, *[rejected("Owned by GRACE  Hopper.", CALLED, name=f"x{i}") for i in range(5)]
    )
    assert set(hidden(named).leads["reason"]) == {"(hidden)"}
    part = audited(make_world, *[rejected("Owned by Graceland", CALLED, name=f"x{i}") for i in range(5)])
    assert set(hidden(part).leads["reason"]) == {"Owned by Graceland"}


def test_without_names_a_list_of_ids_and_an_owner_are_words_too(make_world: World) -> None:
    con = make_world(**joined(*before(9, converted=4), person("x", HANDED)))
    shown = hidden(funnel.audit(con, {"owner": "Grace Hopper", "ids": ["x", "nobody"]}))
    assert shown.asked.batch.where == (("owner", ("Rep A",)),)
    assert shown.asked.batch.ids == ("Lead 0001", "Lead not judged")
    assert shown.left_out["lead_id"].tolist() == ["Lead not judged 1"]


def failures(n: int, others: int) -> list[Rows]:
    """Return n leads of campaign B that failed, and others of the same batch that converted."""
    won = ("2026-03-20 10:00:00", "Qualified")
    people = [person(f"f{i:03d}", HANDED, touches=(CALLED,)) for i in range(n)]
    return people + [person(f"g{i:03d}", HANDED, won, touches=(CALLED,)) for i in range(others)]


def test_a_list_picked_because_its_leads_failed_is_widened_to_the_batch_it_comes_from(
    make_world: World,
) -> None:
    con = make_world(**joined(*before(60, converted=24), *failures(20, 20)))
    audit = funnel.audit(con, {"ids": [f"f{i:03d}" for i in range(20)]})
    assert audit.selection is not None
    assert (audit.selection.state, audit.selection.n_picked, audit.selection.n_left_out) == (
        "corrected",
        20,
        20,
    )
    assert len(audit.leads) == audit.facts["n"] == 40
    assert not set(audit.leads["record_key"]) & set(audit.population.query("~in_batch")["record_key"])
    assert len(audit.selection.population) == 0


def test_a_list_that_is_too_small_a_part_of_its_batch_is_refused(make_world: World) -> None:
    con = make_world(**joined(*before(60, converted=24), *failures(12, 60)))
    with pytest.raises(UsageError, match="picked by outcome"):
        funnel.audit(con, {"ids": [f"f{i:03d}" for i in range(12)]})


def test_a_list_that_was_picked_by_nothing_stays_as_it_is(make_world: World) -> None:
    con = make_world(**joined(*before(60, converted=24), *failures(20, 20)))
    ids = [f"{kind}{i:03d}" for kind in "fg" for i in range(10)]
    audit = funnel.audit(con, {"ids": ids})
    assert audit.selection is not None
    assert audit.selection.state == "clean"
    assert sorted(audit.leads["lead_id"]) == sorted(ids)
    assert funnel.audit(con, "campaign=Summer series").selection is None
