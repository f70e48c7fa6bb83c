"""Tiers, pauses and owners in turn: which deadline holds, when clocks stand still, and who had the lead."""

from __future__ import annotations

import pytest
from world import CONTRACT, call, changes, lead

MONDAY = "2026-03-02 10:00:00"
PLAIN = "  - {name: first_touch, clock: business, within: 4 h, attainment: 0.9}\n"
HOT = "  - {name: first_touch, tier: hot, when: {field: score, at_least: 80}, clock: business, within: 1 h}\n"
DEMO = (
    "  - {name: first_touch, tier: demo, when: {field: lead_type, is: Demo}, clock: business, within: 2 h}\n"
)
TIERS = {"c.yaml": CONTRACT.replace(PLAIN, HOT + DEMO + PLAIN)}
PAUSES = {"c.yaml": CONTRACT.replace("verdict:", "pauses: {status: [Waiting, On hold]}\nverdict:")}
REPS = [
    {"rep_id": "q", "is_queue": True},
    {"rep_id": "m", "team": "Marketing"},
    {"rep_id": "r1", "team": "sales"},
    {"rep_id": "r2", "team": "sales"},
]


def people(**attributes):
    """Return leads handed off on Monday at 10; `attributes` gives each a history of values, known from its beginning."""
    tables = {"person": [], "attribute_event": []}
    for record, fields in attributes.items():
        tables["person"].append(lead(record, "2026-03-01 08:00:00", status="MQL"))
        tables["attribute_event"] += changes(
            record, "status", ("2026-03-01 08:00:00", "New"), (MONDAY, "MQL"), first="Raw"
        )
        for field, steps in fields.items():
            tables["attribute_event"] += changes(record, field, *steps)
    return tables


def before(value):
    return [("2026-03-01 09:00:00", value)]


def rows(con, columns, table="marts.handoff_sla", where="sla = 'first_touch'"):
    found = con.execute(
        f"select split_part(split_part(handoff_id, ':', 2), '#', 1), {columns} from {table} where {where} order by all"
    ).fetchall()
    return [tuple(str(v) if hasattr(v, "year") else v for v in row) for row in found]


def test_the_first_tier_whose_condition_held_at_the_hand_off_sets_the_deadline(make_world):
    con = make_world(
        contracts=TIERS,
        **people(
            both={"score": before("80"), "lead_type": before("Demo")},
            demo={"score": before("79.9"), "lead_type": before(" demo ")},
            late={"score": [*before("10"), ("2026-03-02 10:00:01", "90")], "lead_type": before("Trial")},
            on_time={"score": [*before("10"), (MONDAY, "90")], "lead_type": before("Trial")},
            empty={"score": before(None), "lead_type": before(None)},
        ),
        activity=[
            call(f"c {name}", name, "2026-03-02 11:30:00") for name in ("both", "demo", "late", "on_time")
        ],
    )
    assert rows(con, "tier, due_at, outcome") == [
        ("both", "hot", "2026-03-02 11:00:00", "missed"),
        ("demo", "demo", "2026-03-02 12:00:00", "met"),
        ("empty", "other", "2026-03-02 14:00:00", "missed"),
        ("late", "other", "2026-03-02 14:00:00", "met"),
        ("on_time", "hot", "2026-03-02 11:00:00", "missed"),
    ]


@pytest.mark.parametrize(
    ("touched_at", "outcome"),
    [("2026-03-02 11:00:00", "met"), ("2026-03-02 11:30:00", "unknown"), ("2026-03-02 14:00:01", "missed")],
)
def test_a_tier_by_a_value_that_nobody_recorded_is_unknown_unless_all_tiers_agree(
    make_world, touched_at, outcome
):
    """The score is known only as of today; the type was recorded before the hand-off."""
    tables = people(a={"lead_type": before("Trial")})
    tables["person"][0]["score"] = 90
    con = make_world(contracts=TIERS, **tables, activity=[call("c", "a", touched_at)])
    assert rows(con, "tier, due_at, outcome") == [("a", "unknown", "2026-03-02 14:00:00", outcome)]


def test_an_sla_without_tiers_has_one_for_all(make_world):
    con = make_world(**people(a={}))
    assert rows(con, "sla, tier, clock", where="true") == [
        ("a", "cadence", "all", "elapsed"),
        ("a", "disposition", "all", "elapsed"),
        ("a", "first_touch", "all", "business"),
    ]


# Pauses


def paused(*steps, touched_at=None):
    """Return a lead whose status took the steps after its hand-off, and a call."""
    tables = people(a={})
    tables["attribute_event"] = changes(
        "a", "status", ("2026-03-01 08:00:00", "New"), (MONDAY, "MQL"), *steps, first="Raw"
    )
    calls = [call("c", "a", touched_at)] if touched_at else []
    return {"contracts": PAUSES, **tables, "activity": [*calls, call("x", "other", MONDAY)]}


WAITED = (("2026-03-02 12:00:00", "Waiting"), ("2026-03-03 13:00:00", "MQL"))


@pytest.mark.parametrize(
    ("touched_at", "outcome"), [("2026-03-03 15:00:00", "met"), ("2026-03-03 15:00:01", "missed")]
)
def test_clocks_stand_still_while_the_customer_is_awaited(make_world, touched_at, outcome):
    """Two hours used by noon; paused until 13:00 the next day (9 working hours, 25 by the clock); two hours left."""
    con = make_world(**paused(*WAITED, touched_at=touched_at))
    assert rows(con, "due_at, outcome") == [("a", "2026-03-03 15:00:00", outcome)]


def test_a_pause_is_left_out_of_both_clocks_and_of_the_buyers_wait(make_world):
    con = make_world(**paused(*WAITED, touched_at="2026-03-03 15:00:00"))
    hours = "business_hours, elapsed_hours, wait_elapsed_hours"
    assert rows(con, hours, "marts.handoff", "true") == [("a", 4.0, 4.0, 4.0 + 26.0)]
    assert rows(con, "due_at", where="sla = 'disposition'") == [("a", "2026-03-17 11:00:00")]


def test_a_pause_that_begins_when_the_time_is_used_up_puts_nothing_off(make_world):
    at_noon = (("2026-03-02 14:00:00", "Waiting"), ("2026-03-05 09:00:00", "MQL"))
    just_before = (("2026-03-02 13:59:59", "Waiting"), ("2026-03-05 09:00:00", "MQL"))
    assert rows(make_world(**paused(*at_noon)), "due_at, outcome") == [("a", "2026-03-02 14:00:00", "missed")]
    assert rows(make_world(**paused(*just_before)), "due_at") == [("a", "2026-03-05 09:00:01")]


def test_one_pausing_status_after_another_is_one_standstill(make_world):
    held = (
        ("2026-03-02 12:00:00", "Waiting"),
        ("2026-03-02 13:00:00", "on hold "),
        ("2026-03-03 13:00:00", "MQL"),
    )
    con = make_world(**paused(*held, touched_at="2026-03-03 15:00:00"))
    assert rows(con, "due_at, outcome, least_hours") == [("a", "2026-03-03 15:00:00", "met", 4.0)]


def test_a_pause_that_never_ends_leaves_the_deadline_ahead(make_world):
    """As of 1 July 0:00 two of four working hours are used: they would run out at 11."""
    con = make_world(**paused(("2026-03-02 12:00:00", "Waiting")))
    assert rows(con, "due_at, outcome, least_hours") == [("a", "2026-07-01 11:00:00", "open", 2.0)]


def test_a_pause_over_the_hand_off_counts_from_it(make_world):
    """Waiting since Sunday; marked MQL by its score while it waits is not possible by status, so the pause ends there."""
    steps = changes(
        "a",
        "status",
        ("2026-03-01 08:00:00", "New"),
        ("2026-03-01 09:00:00", "Waiting"),
        (MONDAY, "MQL"),
        first="Raw",
    )
    given = paused(touched_at="2026-03-02 12:00:00") | {"attribute_event": steps}
    con = make_world(**given)
    assert rows(con, "wait_elapsed_hours, elapsed_hours", "marts.handoff", "true") == [("a", 3.0, 2.0)]


def test_a_status_known_only_as_of_today_stops_no_clock(make_world):
    tables = people(a={})
    later = lead("b", "2026-03-01 08:00:00", status="Waiting", owner_id="r1")
    tables["person"].append(later)
    tables["stage_event"] = []
    con = make_world(contracts=PAUSES, **tables)
    assert con.execute("select count(*) from core.handoff_pause").fetchall() == [(0,)]


# Owners in turn


def given_to(*turns):
    return [
        {
            "assignment_id": str(i),
            "record_id": "a",
            "owner_id": owner,
            "assigned_at": at,
            "assigned_precision": precision,
        }
        for i, (owner, at, *rest) in enumerate(turns)
        for precision in (rest or ["second"])
    ]


SPANS = (
    "number, owner_id, holder, from_at, to_at, n_touches, n_own_touches, first_touch_at, is_responder, "
    "business_hours, elapsed_hours"
)


def spans(con, columns=SPANS):
    return [row[1:] for row in rows(con, columns, "marts.handoff_owner_span", "true")]


def test_each_holder_has_his_own_span_and_the_spans_are_the_whole(make_world):
    """Queue until 11, first rep until Tuesday 9:30, second rep until he accepts on Tuesday at 13:00."""
    turns = (("q", "2026-03-01 08:00:00"), ("r1", "2026-03-02 11:00:00"), ("r2", "2026-03-03 09:30:00"))
    tables = people(a={})
    tables["attribute_event"] = changes(
        "a", "status", (MONDAY, "MQL"), ("2026-03-03 13:00:00", "Accepted"), first="New"
    )
    mine = {"rep_id": "r2"}
    con = make_world(
        **tables,
        rep=REPS,
        assignment=given_to(*turns),
        activity=[
            call("c1", "a", "2026-03-03 09:30:00", **mine),
            call("c2", "a", "2026-03-03 12:00:00", rep_id="r1"),
            call("c3", "a", "2026-03-03 14:00:00", **mine),
        ],
    )
    tuesday = "2026-03-03 09:30:00"
    assert spans(con) == [
        (1, "crm:q", "queue", MONDAY, "2026-03-02 11:00:00", 0, 0, None, False, 1.0, 1.0),
        (2, "crm:r1", "receiver", "2026-03-02 11:00:00", tuesday, 0, 0, None, False, 6.5, 22.5),
        (
            3,
            "crm:r2",
            "receiver",
            tuesday,
            "2026-03-03 13:00:00",
            2,
            1,
            tuesday,
            True,
            3.5,
            3.5,
        ),
    ]
    assert con.execute(
        "select sum(business_hours), sum(elapsed_hours), sum(n_touches) from marts.handoff_owner_span"
    ).fetchall() == [(11.0, 27.0, 2)]
    assert con.execute("select n_attempts from marts.handoff").fetchall() == [(2,)]


def test_a_hand_off_that_ended_at_once_has_one_span_without_length(make_world):
    tables = people(a={})
    tables["person"][0]["opportunity_id"] = "o"
    deal = {"opportunity_id": "o", "created_at": MONDAY, "created_precision": "second"}
    con = make_world(**tables, opportunity=[deal], rep=REPS, assignment=given_to(("r1", MONDAY)))
    assert spans(con, "number, owner_id, from_at, to_at, elapsed_hours") == [
        (1, "crm:r1", MONDAY, MONDAY, 0.0)
    ]


def test_a_lead_that_nobody_was_given_is_held_by_nobody(make_world):
    con = make_world(**people(a={}), rep=REPS, assignment=given_to(("r1", "2026-03-02 12:00:00")))
    assert spans(con, "number, owner_id, holder, elapsed_hours")[:1] == [(1, None, "nobody", 2.0)]


def test_the_giving_team_and_a_second_assignment_to_the_same_owner_are_told(make_world):
    turns = (("m", "2026-03-01 08:00:00"), ("r1", "2026-03-02 12:00:00"), ("r1", "2026-03-02 13:00:00"))
    con = make_world(**people(a={}), rep=REPS, assignment=given_to(*turns))
    assert spans(con, "number, owner_id, holder, from_at") == [
        (1, "crm:m", "giver", MONDAY),
        (2, "crm:r1", "receiver", "2026-03-02 12:00:00"),
    ]


def test_a_span_that_ends_on_a_day_has_no_hours(make_world):
    turns = (("r1", "2026-03-01 08:00:00"), ("r2", "2026-03-05 00:00:00", "day"))
    con = make_world(**people(a={}), rep=REPS, assignment=given_to(*turns))
    assert spans(con, "number, to_at, elapsed_hours, business_hours") == [
        (1, "2026-03-05 00:00:00", None, None),
        (2, "2026-07-01 00:00:00", None, None),
    ]


def test_a_pause_is_nobodys_time(make_world):
    given = paused(*WAITED) | {"rep": REPS}
    given["assignment"] = given_to(
        ("r1", MONDAY), ("r2", "2026-03-02 16:00:00"), ("q", "2026-03-03 16:00:00")
    )
    con = make_world(**given)
    assert spans(con, "number, owner_id, business_hours, elapsed_hours")[:2] == [
        (1, "crm:r1", 2.0, 2.0),
        (2, "crm:r2", 3.0, 3.0),
    ]
