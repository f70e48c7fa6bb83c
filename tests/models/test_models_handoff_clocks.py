"""Clocks of a hand-off: what starts them, what stops them, where they stand still, and when time is up."""

from __future__ import annotations

from datetime import datetime

import pytest
from world import CONTRACT, call, changes, lead

MONDAY = "2026-03-02 10:00:00"
TRACKED = changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New")
OLD = lead("old", "2025-01-01 00:00:00", status="Working")
REPS = [
    {"rep_id": "q", "is_queue": True},
    {"rep_id": "r1", "team": "sales"},
    {"rep_id": "r2", "team": "sales"},
]


def handed(*steps, created="2026-03-02 08:00:00", at=MONDAY, precision="second", **columns):
    """Return the tables of lead `a`, created at 8 and handed off at 10 on a Monday, and of what its status became."""
    return {
        "person": [OLD, lead("a", created, status="MQL", **columns) | {"created_precision": precision}],
        "attribute_event": TRACKED + changes("a", "status", (at, "MQL"), *steps, first="New"),
    }


def given_to(*turns):
    """Return the assignments of lead `a`: (owner, instant)."""
    return [
        {
            "assignment_id": str(i),
            "record_id": "a",
            "owner_id": owner,
            "assigned_at": at,
            "assigned_precision": "second",
        }
        for i, (owner, at) in enumerate(turns)
    ]


def one(con, columns, table="marts.handoff"):
    """Return the columns of the only row, instants as text."""
    found = con.execute(f"select {columns} from {table}").fetchall()
    assert len(found) == 1
    return tuple(str(v) if hasattr(v, "year") else v for v in found[0])


def sla(con, columns="outcome, due_at", name="first_touch"):
    return one(con, columns, f"(select * from marts.handoff_sla where sla = '{name}')")


def test_the_buyer_waits_from_engagement_and_the_receiver_owes_from_assignment(make_world):
    """Created 8:00, handed off 10:00, assigned 11:00, called 13:00; working time begins at 9."""
    con = make_world(
        **handed(),
        rep=REPS,
        assignment=given_to(("q", "2026-03-02 08:00:00"), ("r1", "2026-03-02 11:00:00")),
        activity=[call("c", "a", "2026-03-02 13:00:00")],
    )
    assert one(con, "engaged_at, wait_elapsed_hours, wait_business_hours") == (
        "2026-03-02 08:00:00",
        5.0,
        4.0,
    )
    assert one(con, "queue_elapsed_hours, queue_business_hours") == (1.0, 1.0)
    assert one(con, "elapsed_hours, business_hours") == (2.0, 2.0)


def test_while_nobody_is_assigned_the_clock_runs_from_the_hand_off_and_the_queue_has_no_end(make_world):
    con = make_world(**handed(), activity=[call("c", "a", "2026-03-02 13:00:00")])
    assert one(con, "owner_id, elapsed_hours, queue_elapsed_hours") == (None, 3.0, None)


def test_a_silent_lead_has_no_hours_and_not_zero(make_world):
    con = make_world(**handed(), activity=[call("x", "old", "2026-03-02 13:00:00")])
    assert one(con, "wait_elapsed_hours, wait_business_hours, elapsed_hours, business_hours") == (None,) * 4
    assert sla(con, "outcome, most_hours") == ("missed", None)
    assert sla(con, "least_hours") == (87 * 8 - 1,), (
        "87 working days to the end of June, the first from 10 on"
    )


def test_an_owner_change_keeps_both_clocks(make_world):
    """The second owner took over after the deadline and called at once: the answer came three days late."""
    turns = (("r1", "2026-03-02 11:00:00"), ("r2", "2026-03-05 12:00:00"))
    con = make_world(
        **handed(), rep=REPS, assignment=given_to(*turns), activity=[call("c", "a", "2026-03-05 12:30:00")]
    )
    assert one(con, "owner_id, assigned_at") == ("crm:r1", "2026-03-02 11:00:00")
    assert one(con, "wait_elapsed_hours, elapsed_hours, business_hours") == (76.5, 73.5, 25.5)
    assert sla(con) == ("missed", "2026-03-02 15:00:00")


def test_a_due_but_undone_task_is_no_touch(make_world):
    task = {**call("c", "a", "2026-03-02 11:00:00"), "is_done": False, "due_on": "2026-03-02"}
    con = make_world(**handed(), activity=[task, call("x", "old", "2026-03-02 11:00:00")])
    assert one(con, "first_touch_at, n_attempts, last_attempt_at") == (None, 0, None)
    assert sla(con)[0] == "missed"


def test_an_automated_mail_is_no_touch(make_world):
    mail = call("c", "a", "2026-03-02 11:00:00", kind="email", is_automated=True)
    con = make_world(**handed(), activity=[mail])
    assert one(con, "first_touch_at, n_attempts") == (None, 0)
    assert sla(con)[0] == "missed"


def test_a_touch_before_the_hand_off_is_no_answer_to_it_and_is_counted_apart(make_world):
    early = [call("c0", "a", "2026-03-02 08:00:00"), call("c1", "a", "2026-03-02 09:59:59")]
    con = make_world(**handed(), activity=[*early, call("c2", "a", MONDAY)])
    assert one(con, "first_touch_at, n_attempts, n_touches_before, elapsed_hours") == (MONDAY, 1, 2, 0.0)


@pytest.mark.parametrize(
    ("touched_at", "outcome"), [("2026-03-02 14:00:00", "met"), ("2026-03-02 14:00:01", "missed")]
)
def test_a_touch_at_the_deadline_is_met_and_a_second_later_missed(make_world, touched_at, outcome):
    con = make_world(**handed(), activity=[call("c", "a", touched_at)])
    assert sla(con) == (outcome, "2026-03-02 14:00:00")


HOLIDAY = CONTRACT.replace("zone: UTC,", "zone: Europe/Berlin, holidays: [2026-10-26],")


def test_weekend_holiday_and_the_change_of_clocks_leave_the_working_clock_alone(make_world):
    """Berlin, Friday 2026-10-23 16:00 (14:00 UTC); clocks go back on Sunday; Monday is free: Tuesday 11:00 is 10:00 UTC."""
    contract = {"c.yaml": HOLIDAY}
    friday = handed(created="2026-10-23 14:00:00", at="2026-10-23 14:00:00")
    given = {"contracts": contract, "as_of": datetime(2026, 11, 2), **friday}
    met = make_world(**given, activity=[call("c", "a", "2026-10-27 11:00:00")])
    late = make_world(**given, activity=[call("c", "a", "2026-10-27 11:00:01")])
    assert sla(met) == ("met", "2026-10-27 11:00:00")
    assert sla(late) == ("missed", "2026-10-27 11:00:00")
    assert one(met, "business_hours, elapsed_hours") == (4.0, 93.0)


def test_the_spring_change_takes_an_hour_from_the_night_and_none_from_the_office(make_world):
    """Berlin, Friday 2026-03-27 16:00 is 15:00 UTC; Monday 12:00 is 10:00 UTC: four working hours, 67 by the clock."""
    contract = {"c.yaml": CONTRACT.replace("zone: UTC,", "zone: Europe/Berlin,")}
    con = make_world(
        contracts=contract,
        **handed(created="2026-03-27 15:00:00", at="2026-03-27 15:00:00"),
        activity=[call("c", "a", "2026-03-30 10:00:00")],
    )
    assert sla(con) == ("met", "2026-03-30 10:00:00")
    assert one(con, "business_hours, elapsed_hours") == (4.0, 67.0)


def test_a_cadence_in_business_hours_counts_business_hours(make_world):
    """Three attempts within 16 working hours of Friday 15:00: until Tuesday 15:00, 96 hours by the clock."""
    business = CONTRACT.replace(
        "clock: elapsed, attempts: 3, within: 10 days", "clock: business, attempts: 3, within: 16 h"
    )

    def outcome(third):
        days = ["2026-03-06 16:00:00", "2026-03-09 10:00:00", third]
        con = make_world(
            contracts={"c.yaml": business},
            **handed(at="2026-03-06 15:00:00"),
            activity=[call(f"c{i}", "a", at) for i, at in enumerate(days)],
        )
        return sla(con, name="cadence")

    assert outcome("2026-03-10 15:00:00") == ("met", "2026-03-10 15:00:00")
    assert outcome("2026-03-10 15:00:01") == ("missed", "2026-03-10 15:00:00")


def test_a_day_gives_a_range_of_hours_and_an_outcome_only_where_both_ends_agree(make_world):
    """Handed off Monday 10:00; a touch on that day came within 0 to 7 working hours, on Tuesday within 7 to 15."""
    day = {"done_precision": "day"}
    same = make_world(**handed(), activity=[call("c", "a", "2026-03-02 00:00:00", **day)])
    next_day = make_world(**handed(), activity=[call("c", "a", "2026-03-03 00:00:00", **day)])
    assert sla(same, "outcome, least_hours, most_hours") == ("unknown", 0.0, 7.0)
    assert sla(next_day, "outcome, least_hours, most_hours") == ("missed", 7.0, 15.0)
    assert one(same, "elapsed_hours, business_hours, first_touch_precision") == (None, None, "day")


def test_an_exact_answer_is_a_range_of_one_point(make_world):
    con = make_world(**handed(), activity=[call("c", "a", "2026-03-02 12:30:00")])
    assert sla(con, "least_hours, most_hours") == (2.5, 2.5)


def test_a_creation_known_to_the_day_gives_no_hours_of_waiting(make_world):
    con = make_world(
        **handed(created="2026-03-01 00:00:00", precision="day"),
        activity=[call("c", "a", "2026-03-02 12:30:00")],
    )
    assert one(con, "engaged_precision, wait_elapsed_hours, elapsed_hours") == ("day", None, 2.5)


def test_moments_outside_the_table_of_hours_are_unknown_and_never_zero(make_world):
    """Records older than 1990 do not stretch the table of hours; elapsed time is told all the same."""
    con = make_world(
        person=[lead("a", "1985-01-07 08:00:00", status="MQL")],
        attribute_event=changes("a", "status", ("1985-01-07 10:00:00", "MQL"), first="New"),
        activity=[call("c", "a", "1985-01-07 11:00:00")],
    )
    assert one(con, "business_hours, elapsed_hours, wait_business_hours") == (None, 1.0, None)
    assert sla(con) == ("unknown", None)
    assert sla(con, name="disposition") == ("missed", "1985-01-21 10:00:00")


# Owners of a second pass, and outcomes


SECOND = (("2026-03-04 10:00:00", "Nurture"), ("2026-05-04 10:00:00", "MQL"))


def owner(con, number):
    return con.execute(
        "select owner_id, assigned_at::varchar from marts.handoff where pass = ?", [number]
    ).fetchall()[0]


def test_who_owned_the_lead_before_it_was_recycled_is_not_its_owner_when_another_is_assigned(make_world):
    turns = (("r1", "2026-03-02 11:00:00"), ("r2", "2026-05-04 12:00:00"))
    con = make_world(**handed(*SECOND), rep=REPS, assignment=given_to(*turns))
    assert owner(con, 1) == ("crm:r1", "2026-03-02 11:00:00")
    assert owner(con, 2) == ("crm:r2", "2026-05-04 12:00:00")


def test_who_still_owns_the_lead_when_nobody_is_assigned_anew_has_it_from_the_hand_off(make_world):
    con = make_world(**handed(*SECOND), rep=REPS, assignment=given_to(("r1", "2026-03-02 11:00:00")))
    assert owner(con, 2) == ("crm:r1", "2026-05-04 10:00:00")


def test_an_assignment_after_the_exit_does_not_belong_to_the_pass_that_ended(make_world):
    con = make_world(**handed(*SECOND), rep=REPS, assignment=given_to(("r2", "2026-05-04 12:00:00")))
    assert owner(con, 1) == (None, None)
    assert owner(con, 2) == ("crm:r2", "2026-05-04 12:00:00")


def test_a_rep_assigned_between_the_passes_owns_the_second_from_its_hand_off(make_world):
    con = make_world(**handed(*SECOND), rep=REPS, assignment=given_to(("r2", "2026-05-04 09:59:00")))
    assert owner(con, 1) == (None, None)
    assert owner(con, 2) == ("crm:r2", "2026-05-04 10:00:00")


def test_what_came_before_the_hand_off_is_no_outcome_of_it(make_world):
    """Accepted at 9, handed off at 10, accepted again at 12."""
    steps = [("2026-03-02 09:00:00", "Accepted"), (MONDAY, "MQL")]
    once = {"person": [OLD, lead("a", "2026-03-02 08:00:00", status="MQL")]}
    history = changes("a", "status", *steps, first="New")
    again = changes("a", "status", *steps, ("2026-03-02 12:00:00", "Accepted"), first="New")
    open_ = make_world(**once, attribute_event=TRACKED + history)
    accepted = make_world(**once, attribute_event=TRACKED + again)
    assert one(open_, "outcome, outcome_at") == ("open", None)
    assert one(accepted, "outcome, outcome_at") == ("accepted", "2026-03-02 12:00:00")


def test_an_outcome_at_the_very_moment_of_the_hand_off_is_its_outcome(make_world):
    deal = {"opportunity_id": "o", "created_at": MONDAY, "created_precision": "second"}
    con = make_world(**handed(opportunity_id="o"), opportunity=[deal])
    assert one(con, "outcome, outcome_at") == ("accepted", MONDAY)


# Persistence


def test_persistence_counts_attempts_days_and_the_last_one(make_world):
    """Handed off 2 March 10:00, three attempts within ten days agreed; the fourth call came on the stroke, the fifth after."""
    times = ["2026-03-02 11:00:00", "2026-03-02 15:00:00", "2026-03-12 10:00:00", "2026-03-12 10:00:01"]
    con = make_world(**handed(), activity=[call(f"c{i}", "a", at) for i, at in enumerate(times)])
    assert one(con, "n_attempts, n_in_cadence, n_attempt_days, last_attempt_at, gave_up_early") == (
        4,
        3,
        2,
        "2026-03-12 10:00:01",
        False,
    )


def gave_up(make_world, steps=(), activity=(), **given):
    return one(make_world(**handed(*steps), activity=list(activity), **given), "n_in_cadence, gave_up_early")


def test_giving_up_early_is_fewer_attempts_than_agreed_without_an_outcome(make_world):
    two = [call("c0", "a", "2026-03-03 10:00:00"), call("c1", "a", "2026-03-05 10:00:00")]
    asked = call("x", "old", "2026-03-03 10:00:00")
    rejected = ("2026-03-06 10:00:00", "Disqualified")
    assert gave_up(make_world, activity=two) == (2, True)
    assert gave_up(make_world, activity=[asked]) == (0, False)
    assert gave_up(make_world, (rejected,), activity=two) == (2, False)
    assert gave_up(make_world) == (0, None)


def test_attempts_after_the_outcome_do_not_count(make_world):
    calls = [call("c0", "a", "2026-03-03 10:00:00"), call("c1", "a", "2026-03-06 10:00:00")]
    con = make_world(**handed(("2026-03-06 10:00:00", "Disqualified")), activity=calls)
    assert one(con, "n_attempts, last_attempt_at") == (1, "2026-03-03 10:00:00")


def test_without_an_agreed_cadence_attempts_within_it_are_null(make_world):
    start, end = CONTRACT.index("  - {name: cadence"), CONTRACT.index("  - {name: disposition")
    con = make_world(
        contracts={"c.yaml": CONTRACT[:start] + CONTRACT[end:]},
        **handed(),
        activity=[call("c", "a", "2026-03-03 10:00:00")],
    )
    assert one(con, "n_attempts, n_in_cadence, gave_up_early") == (1, None, None)


def test_a_region_is_that_of_the_hand_off_not_todays(make_world):
    contract = CONTRACT.replace(
        'hours: {mon-fri: ["09:00-17:00"]}}',
        'hours: {mon-fri: ["09:00-17:00"]}, regions: {Americas: {zone: America/New_York, hours: {mon-fri: ["09:00-17:00"]}}}}',
    )
    tables = handed(region="Europe")
    moved = changes(
        "a", "region", ("2026-03-01 12:00:00", "Americas"), ("2026-04-01 12:00:00", "Europe"), first="Asia"
    )
    con = make_world(
        contracts={"c.yaml": contract}, **tables | {"attribute_event": tables["attribute_event"] + moved}
    )
    assert one(con, "calendar") == ("Americas",)


def test_a_win_dated_before_everything_else_is_an_acceptance_at_an_unknown_time(make_world):
    """The date is impossible, the win is not: it is flagged, counted, and kept out of durations."""
    deal = {"opportunity_id": "o", "record_id": "a", "is_closed": True, "is_won": True}
    times = {"created_at": "2026-02-01 10:00:00", "created_precision": "second"}
    closed = {"closed_at": "2026-02-20 00:00:00", "closed_precision": "day"}
    con = make_world(
        person=[lead("a", "2026-03-01 08:00:00", status="MQL", opportunity_id="o")],
        attribute_event=changes("a", "status", ("2026-03-01 08:00:00", "MQL"), first="New")
        + changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New"),
        opportunity=[deal | times | closed],
    )
    assert con.execute("select outcome, outcome_at, outcome_precision from marts.handoff").fetchall() == [
        ("accepted", None, "unknown")
    ]
