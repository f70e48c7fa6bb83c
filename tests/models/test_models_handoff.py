"""Hand-offs and their clocks: when the receiver owes work, and what counts as an answer."""

from __future__ import annotations

import pytest
from world import CONTRACT, call, changes, lead

TRACKED = changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New")
OLD = lead("old", "2025-01-01 00:00:00", status="Working")
MONDAY = "2026-03-02 10:00:00"


def handed(at=MONDAY, *after, **columns):
    """Return the tables of one lead that is handed off at `at`."""
    created = "2026-03-01 08:00:00"
    return {
        "person": [OLD, lead("a", created, status="MQL", seen_at=created, **columns)],
        "attribute_event": TRACKED + changes("a", "status", (at, "MQL"), *after, first="New"),
    }


def sla(con, name="first_touch"):
    return con.execute(
        "select outcome, due_at::varchar from marts.handoff_sla where sla = ?", [name]
    ).fetchall()[0]


def test_four_working_hours_are_met_on_the_stroke_and_missed_a_second_later(make_world):
    met = make_world(**handed(), activity=[call("c", "a", "2026-03-02 14:00:00")])
    missed = make_world(**handed(), activity=[call("c", "a", "2026-03-02 14:00:01")])
    assert sla(met) == ("met", "2026-03-02 14:00:00")
    assert sla(missed) == ("missed", "2026-03-02 14:00:00")


def test_the_working_clock_stands_still_over_night_and_weekend(make_world):
    con = make_world(**handed("2026-03-06 15:00:00"), activity=[call("c", "a", "2026-03-09 11:00:00")])
    assert sla(con) == ("met", "2026-03-09 11:00:00")
    assert con.execute("select business_hours, elapsed_hours from marts.handoff").fetchall() == [(4.0, 68.0)]


def test_a_lead_that_arrives_at_night_is_due_from_the_next_opening(make_world):
    con = make_world(**handed("2026-03-02 22:00:00"), activity=[call("c", "a", "2026-03-03 13:00:00")])
    assert sla(con) == ("met", "2026-03-03 13:00:00")


@pytest.mark.parametrize(
    "activity",
    [
        call("c", "a", "2026-03-02 09:59:59"),
        call("c", "a", "2026-03-02 11:00:00", is_automated=True),
        call("c", "a", "2026-03-02 11:00:00", direction="inbound"),
        {**call("c", "a", "2026-03-02 11:00:00"), "is_done": False, "due_on": "2026-03-02"},
        {**call("c", "a", "2026-03-02 11:00:00"), "done_at": None, "due_on": "2026-03-02"},
    ],
    ids=["before the hand-off", "an automated mail", "a reply", "due but not done", "done at no time"],
)
def test_what_is_no_touch_answers_no_hand_off(make_world, activity):
    con = make_world(**handed(), activity=[activity, call("x", "old", "2026-03-02 11:00:00")])
    assert con.execute("select first_touch_at, n_attempts, business_hours from marts.handoff").fetchall() == [
        (None, 0, None)
    ]
    assert sla(con)[0] == "missed"


def test_a_touch_known_to_the_day_leaves_the_outcome_unknown_unless_both_ends_of_the_day_agree(make_world):
    day = {"done_precision": "day"}
    same = make_world(**handed(), activity=[call("c", "a", "2026-03-02 00:00:00", **day)])
    later = make_world(**handed(), activity=[call("c", "a", "2026-03-05 00:00:00", **day)])
    assert sla(same)[0] == "unknown"
    assert sla(later)[0] == "missed"


def test_a_deadline_ahead_is_open_and_one_just_passed_is_missed(make_world):
    open_, missed = (
        make_world(**handed(at), activity=[call("x", "old", MONDAY)])
        for at in ("2026-06-30 13:00:00", "2026-06-30 12:59:59")
    )
    assert sla(open_)[0] == "open"
    assert sla(missed)[0] == "missed"


def test_without_any_activity_in_the_source_follow_up_is_unknown_not_missed(make_world):
    assert sla(make_world(**handed()))[0] == "unknown"


def test_the_clock_of_the_first_rep_begins_with_his_assignment_not_with_the_queue(make_world):
    con = make_world(
        **handed(owner_id="r1"),
        assignment=[
            {
                "assignment_id": "1",
                "record_id": "a",
                "owner_id": "q",
                "assigned_at": "2026-03-01 08:00:00",
                "assigned_precision": "second",
            },
            {
                "assignment_id": "2",
                "record_id": "a",
                "owner_id": "r1",
                "assigned_at": "2026-03-02 13:00:00",
                "assigned_precision": "second",
            },
            {
                "assignment_id": "3",
                "record_id": "a",
                "owner_id": "r2",
                "assigned_at": "2026-03-03 09:00:00",
                "assigned_precision": "second",
            },
        ],
        rep=[
            {"rep_id": "q", "is_queue": True},
            {"rep_id": "r1", "team": "Sales"},
            {"rep_id": "r2", "team": "Sales"},
        ],
        activity=[call("c", "a", "2026-03-02 16:00:00")],
    )
    assert con.execute(
        "select owner_id, assigned_at::varchar, business_hours from marts.handoff"
    ).fetchall() == [("crm:r1", "2026-03-02 13:00:00", 3.0)]


def test_a_rep_who_owned_the_lead_before_is_assigned_at_the_hand_off(make_world):
    con = make_world(**handed(owner_id="r1"), rep=[{"rep_id": "r1", "team": "Sales"}])
    assert con.execute("select owner_id, assigned_at::varchar from marts.handoff").fetchall() == [
        ("crm:r1", MONDAY)
    ]


def test_the_marketer_who_still_owns_it_is_not_the_receiver(make_world):
    con = make_world(**handed(owner_id="m"), rep=[{"rep_id": "m", "team": "Marketing"}])
    assert con.execute("select owner_id from marts.handoff").fetchall() == [(None,)]


def test_each_region_is_judged_by_its_own_calendar(make_world):
    contract = CONTRACT.replace(
        'hours: {mon-fri: ["09:00-17:00"]}}',
        'hours: {mon-fri: ["09:00-17:00"]}, regions: {Americas: {zone: America/New_York, hours: {mon-fri: ["09:00-17:00"]}}}}',
    )
    con = make_world(
        contracts={"c.yaml": contract},
        **handed(region="Americas"),
        activity=[call("c", "a", "2026-03-02 18:00:00")],
    )
    assert con.execute("select calendar, business_hours from marts.handoff").fetchall() == [("Americas", 4.0)]
    assert sla(con) == ("met", "2026-03-02 18:00:00")


def test_each_hand_off_is_judged_by_the_contract_in_force_at_its_moment(make_world):
    second = (
        CONTRACT.replace('"2026-01"', '"2026-04"')
        .replace("effective_from: 2026-01-01", "effective_from: 2026-04-01")
        .replace("at_least: 60", "at_least: 70")
    )

    def version(at):
        con = make_world(
            contracts={"1.yaml": CONTRACT, "2.yaml": second},
            **handed(at, score=65, email="a@b.co", industry="software"),
        )
        return con.execute("select version, met_definition from marts.handoff").fetchall()[0]

    assert version("2026-03-31 23:59:59") == ("2026-01", True)
    assert version("2026-04-01 00:00:00") == ("2026-04", False)


def test_clauses_are_judged_by_the_value_at_the_hand_off_not_by_todays(make_world):
    con = make_world(
        person=[
            OLD,
            lead(
                "a",
                "2026-03-01 08:00:00",
                status="MQL",
                score=90,
                email="a@b.co",
                industry="Software",
                seen_at="2026-03-02 10:00:00",
            ),
        ],
        attribute_event=TRACKED
        + changes("a", "status", (MONDAY, "MQL"), first="New")
        + changes("a", "score", ("2026-03-02 09:00:00", "59"), ("2026-03-02 10:00:01", "90"), first="10"),
    )
    rows = con.execute("select field, value, passed from marts.handoff_clause order by clause_id").fetchall()
    assert rows == [("score", "59", False), ("email", "a@b.co", True), ("industry", "Software", True)]


@pytest.mark.parametrize(("score", "passed"), [(59.999, False), (60, True), (60.001, True), (None, None)])
def test_a_threshold_is_met_on_the_stroke_and_an_unknown_value_is_neither(make_world, score, passed):
    con = make_world(**handed(score=score, email="a@b.co", industry="software"))
    assert con.execute("select passed from marts.handoff_clause where field = 'score'").fetchall() == [
        (passed,)
    ]
    assert con.execute("select met_definition from marts.handoff").fetchall() == [(passed,)]


def test_completeness_counts_the_required_fields_that_were_empty(make_world):
    con = make_world(**handed(email="a@b.co", company=" "))
    assert con.execute("select n_required, n_missing from marts.handoff").fetchall() == [(2, 1)]


def test_outcomes_are_accepted_rejected_recycled_or_open(make_world):
    def outcome(*after, **columns):
        con = make_world(**handed(MONDAY, *after, **columns))
        return con.execute(
            "select outcome, outcome_at::varchar, outcome_reason from marts.handoff"
        ).fetchall()[0]

    assert outcome(("2026-03-05 10:00:00", "Accepted")) == ("accepted", "2026-03-05 10:00:00", None)
    assert outcome(("2026-03-05 10:00:00", "Accepted"), ("2026-03-09 10:00:00", "Disqualified")) == (
        "accepted",
        "2026-03-05 10:00:00",
        None,
    )
    assert outcome(("2026-03-05 10:00:00", "Disqualified"), reason="Wrong person") == (
        "rejected",
        "2026-03-05 10:00:00",
        "Wrong person",
    )
    assert outcome(("2026-03-05 10:00:00", "Nurture"), reason="No budget") == (
        "recycled",
        "2026-03-05 10:00:00",
        "No budget",
    )
    assert outcome() == ("open", None, None)


def test_persistence_asks_for_the_attempts_within_the_cadence_or_an_answer_after_a_touch(make_world):
    days = ["2026-03-03", "2026-03-05", "2026-03-12"]
    calls = [call(f"c{i}", "a", f"{day} 10:00:00") for i, day in enumerate(days)]
    late = [*calls[:2], call("c2", "a", "2026-03-12 10:00:01")]
    rejected = ("2026-03-04 10:00:00", "Disqualified")
    assert sla(make_world(**handed(), activity=calls), "cadence")[0] == "met"
    assert sla(make_world(**handed(), activity=late), "cadence")[0] == "missed"
    assert sla(make_world(**handed(MONDAY, rejected), activity=calls[:1]), "cadence")[0] == "met"
    assert sla(make_world(**handed(MONDAY, rejected), activity=calls[1:]), "cadence")[0] == "missed"


def test_disposition_is_due_after_fourteen_days_on_the_stroke(make_world):
    assert sla(make_world(**handed(MONDAY, ("2026-03-16 10:00:00", "Accepted"))), "disposition")[0] == "met"
    assert (
        sla(make_world(**handed(MONDAY, ("2026-03-16 10:00:01", "Accepted"))), "disposition")[0] == "missed"
    )


def test_touches_of_a_second_pass_do_not_answer_the_first(make_world):
    con = make_world(
        **handed(MONDAY, ("2026-03-04 10:00:00", "Nurture"), ("2026-05-04 10:00:00", "MQL")),
        activity=[call("c", "a", "2026-05-04 11:00:00")],
    )
    assert con.execute(
        "select pass, first_touch_at::varchar from marts.handoff order by pass"
    ).fetchall() == [(1, None), (2, "2026-05-04 11:00:00")]


def test_a_touch_between_hand_off_and_assignment_took_no_time(make_world):
    assigned = {"assignment_id": "1", "record_id": "a", "owner_id": "r", "assigned_precision": "second"}
    con = make_world(
        **handed(),
        rep=[{"rep_id": "r", "team": "sales"}],
        assignment=[assigned | {"assigned_at": "2026-03-02 12:00:00"}],
        activity=[call("c", "a", "2026-03-02 11:00:00")],
    )
    assert con.execute("select elapsed_hours, business_hours from marts.handoff").fetchall() == [(0.0, 0.0)]
    assert sla(con)[0] == "met"


def test_a_hand_off_whose_time_is_unknown_is_not_judged_by_todays_values(make_world):
    con = make_world(
        person=[
            lead("a", "2026-01-02 09:00:00", status="MQL", score=1),
            lead("b", "2026-03-02 09:00:00", status="New"),
        ],
        attribute_event=changes("b", "status", ("2026-03-03 09:00:00", "New"), first="Working"),
    )
    rows = con.execute(
        "select handed_at, met_definition, n_clauses, n_required from marts.handoff"
    ).fetchall()
    assert rows == [(None, None, 0, 0)]


def test_deals_of_nobody_known_are_not_each_others_next_hand_off(make_world):
    """The next hand-off of a deal's person ends what belongs to the first; two deals without a person are two."""
    deal = "{name: opportunity, owner: sales, entered_when: {opportunity: created}}"
    contract = CONTRACT.replace(deal, deal.replace("owner: sales", "owner: sales, hands_to: marketing"))
    created = {"created_precision": "second", "amount": 1000, "currency": "EUR"}
    con = make_world(
        contracts={"c.yaml": contract},
        opportunity=[
            {"opportunity_id": "o", "created_at": "2026-03-02 10:00:00", **created},
            {"opportunity_id": "p", "created_at": "2026-03-03 10:00:00", **created},
        ],
    )
    found = con.execute(
        "select handed_at::varchar, next_handed_at from core.handoff_window order by 1"
    ).fetchall()
    assert found == [("2026-03-02 10:00:00", None), ("2026-03-03 10:00:00", None)]
