"""Each alignment check on the stroke: the row that just breaks it and the row that just does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Failing = Callable[..., list[tuple[str, str]]]
NOON = "2026-03-02 12:00:00"


def entry(event_id: str, entered_at: str | None, precision: str = "second", **columns: Any) -> dict[str, Any]:
    stated = {"event_id": event_id, "person_id": "crm:1", "stage": "mql"}
    return stated | {"entered_at": entered_at, "entered_precision": precision} | columns


def person(created_at: str, precision: str = "second", **columns: Any) -> dict[str, Any]:
    return {"person_id": "crm:1", "created_at": created_at, "created_precision": precision} | columns


def handoff(handoff_id: str, outcome: str, **columns: Any) -> dict[str, Any]:
    stated = {
        "handoff_id": handoff_id,
        "cycle_id": "c1",
        "person_id": "crm:1",
        "stage": "mql",
        "version": "2026-01",
    }
    moments = {"handed_at": "2026-03-01 09:00:00", "outcome_at": NOON, "outcome_precision": "second"}
    return stated | moments | {"outcome": outcome, "n_attempts": 0} | columns


def passage(cycle_id: str, **columns: Any) -> dict[str, Any]:
    return {"cycle_id": cycle_id, "person_id": "crm:1", "exit_at": NOON} | columns


class TestEventBeforeCreation:
    def test_an_event_a_second_before_the_creation_fails_and_one_at_it_passes(self, failing: Failing) -> None:
        events = [
            entry("early", "2026-03-02 11:59:59"),
            entry("same", NOON),
            entry("late", "2026-03-02 12:00:01"),
        ]
        assert failing("event_before_creation", core__person=[person(NOON)], core__stage_event=events) == [
            ("early", "mql entered 2026-03-02 11:59:59, created 2026-03-02 12:00:00")
        ]

    def test_an_event_known_to_the_day_fails_only_when_its_whole_day_was_before(
        self, failing: Failing
    ) -> None:
        events = [
            entry("that day", "2026-03-02 00:00:00", "day"),
            entry("day before", "2026-03-01 00:00:00", "day"),
        ]
        found = failing("event_before_creation", core__person=[person(NOON)], core__stage_event=events)
        assert [key for key, _ in found] == ["day before"]

    def test_the_midnight_that_ends_the_day_is_already_too_late(self, failing: Failing) -> None:
        events = [entry("day before", "2026-03-01 00:00:00", "day")]
        at_midnight = [person("2026-03-02 00:00:00")]
        assert len(failing("event_before_creation", core__person=at_midnight, core__stage_event=events)) == 1
        before = [person("2026-03-01 23:59:59")]
        assert failing("event_before_creation", core__person=before, core__stage_event=events) == []

    def test_of_two_days_the_same_day_passes(self, failing: Failing) -> None:
        events = [entry("same", "2026-03-02 00:00:00", "day"), entry("before", "2026-03-01 23:00:00", "day")]
        created = [person("2026-03-02 00:00:00", "day")]
        found = failing("event_before_creation", core__person=created, core__stage_event=events)
        assert [key for key, _ in found] == ["before"]

    def test_a_deal_without_a_person_is_held_against_its_own_creation(self, failing: Failing) -> None:
        deal = {"opportunity_id": "crm:o1", "created_at": NOON, "created_precision": "second"}
        won = entry("won", "2026-03-02 11:00:00", person_id=None, opportunity_id="crm:o1", stage="won")
        found = failing("event_before_creation", core__opportunity=[deal], core__stage_event=[won])
        assert [key for key, _ in found] == ["won"]

    def test_an_unknown_time_breaks_nothing(self, failing: Failing) -> None:
        events = [entry("unknown", None, "unknown")]
        assert failing("event_before_creation", core__person=[person(NOON)], core__stage_event=events) == []


@pytest.mark.parametrize(
    ("at", "precision", "fails"),
    [
        ("2026-03-02 11:59:59", "second", True),
        ("2026-03-02 12:00:00", "second", False),
        ("2026-03-02 00:00:00", "day", False),
        ("2026-03-01 12:00:00", "day", True),
        ("2026-03-01 12:00:01", "day", False),
        (None, "unknown", False),
    ],
)
def test_a_moment_is_before_the_creation_only_if_it_must_be(
    failing: Failing, at: str | None, precision: str, fails: bool
) -> None:
    lead = {"source": "crm", "record_id": "1", "created_at": NOON, "created_precision": "second"}
    converted = [lead | {"converted_at": at, "converted_precision": precision}]
    deal = {"opportunity_id": "crm:1", "created_at": NOON, "created_precision": "second", "outcome": "won"}
    closed = [deal | {"closed_at": at, "closed_precision": precision}]
    assert [key for key, _ in failing("converted_before_created", staging__person=converted)] == [
        "crm:1"
    ] * fails
    assert [key for key, _ in failing("closed_before_created", core__opportunity=closed)] == ["crm:1"] * fails


def test_only_entries_marked_impossible_are_out_of_order(failing: Failing) -> None:
    stated = {"cycle_id": "c1", "entered_at": NOON}
    entries = [
        stated | {"stage": "sal", "is_impossible": True},
        stated | {"stage": "mql", "is_impossible": False},
    ]
    assert failing("impossible_order", marts__stage_entry=entries) == [
        ("c1 sal", "sal entered 2026-03-02 12:00:00, before an earlier stage")
    ]


def test_won_needs_the_stage_after_the_hand_off_to_be_recorded_not_inferred(failing: Failing) -> None:
    cycles = [passage(c, state="won") for c in ("seen", "inferred", "skipped")] + [
        passage("open", state="open")
    ]
    handed = [handoff(f"{c} mql", "accepted", cycle_id=c) for c in ("seen", "inferred", "skipped", "open")]
    entries = [
        {"cycle_id": "seen", "stage": "sal", "is_observed": True},
        {"cycle_id": "inferred", "stage": "sal", "is_observed": False},
    ]
    found = failing(
        "won_without_acceptance", marts__cycle=cycles, marts__handoff=handed, marts__stage_entry=entries
    )
    assert found == [
        ("inferred mql", "won, but sal was never recorded after mql"),
        ("skipped mql", "won, but sal was never recorded after mql"),
    ]


def test_a_rejection_or_recycling_without_a_reason_fails_and_a_blank_is_none(failing: Failing) -> None:
    cycles = [
        passage("none", exit="rejected", exit_reason=None),
        passage("blank", exit="recycled", exit_reason="  "),
        passage("given", exit="rejected", exit_reason="Wrong person"),
        passage("lost", exit="lost", exit_reason=None),
        passage("undated", exit="rejected", exit_reason=None, exit_at=None),
    ]
    assert failing("exit_without_reason", marts__cycle=cycles) == [
        ("blank", "recycled 2026-03-02 12:00:00 without a reason"),
        ("none", "rejected 2026-03-02 12:00:00 without a reason"),
        ("undated", "rejected at an unknown time without a reason"),
    ]


def test_a_reason_must_be_listed_for_that_exit_in_the_version_in_force(failing: Failing) -> None:
    cycles = [
        passage("listed", exit="rejected", exit_reason=" wrong PERSON "),
        passage("other exit", exit="rejected", exit_reason="No budget"),
        passage("unlisted", exit="recycled", exit_reason="Bad vibes"),
        passage("undated", exit="recycled", exit_reason="Bad vibes", exit_at=None),
        passage("blank", exit="rejected", exit_reason=""),
        passage("lost", exit="lost", exit_reason="Bad vibes"),
    ]
    assert failing("exit_reason_not_in_contract", marts__cycle=cycles) == [
        ("other exit", "rejected as 'No budget', which version 2026-01 lists under recycled"),
        ("undated", "recycled as 'Bad vibes', which version 2026-01 does not list"),
        ("unlisted", "recycled as 'Bad vibes', which version 2026-01 does not list"),
    ]


def test_a_version_that_lists_no_reasons_for_an_exit_leaves_them_free(failing: Failing) -> None:
    free = {"version": "1800", "number": 2, "effective_from": "1800-01-01", "effective_to": "1900-01-01"}
    cycles = [passage("free", exit="rejected", exit_reason="Anything", exit_at="1850-06-01 00:00:00")]
    assert failing("exit_reason_not_in_contract", marts__cycle=cycles, contract__version=[free]) == []


HANDED = [handoff("h", "accepted", handed_at="2026-03-01 09:00:00")]


class TestReasonContradictsActivity:
    def done(self, at: str, **columns: Any) -> dict[str, Any]:
        stated = {"activity_id": "a", "person_id": "crm:1", "kind": "call", "direction": "outbound"}
        moment = {"happened_at": at, "happened_precision": "second"}
        return stated | moment | {"is_done": True, "is_automated": False} | columns

    def find(
        self, failing: Failing, reason: str, *activities: dict[str, Any], **columns: Any
    ) -> list[tuple[str, str]]:
        cycle = passage("c1", exit="rejected", exit_reason=reason, exit_precision="second") | columns
        return failing(
            "reason_contradicts_activity",
            marts__cycle=[cycle],
            marts__handoff=HANDED,
            core__activity=list(activities),
        )

    @pytest.mark.parametrize(
        ("at", "detail"),
        [
            (NOON, f"the lead answered on {NOON}"),
            ("2026-03-01 09:00:00", "the lead answered on 2026-03-01 09:00:00"),
            ("2026-03-02 12:00:01", "nobody had tried to reach the lead"),
            ("2026-03-01 08:59:59", "nobody had tried to reach the lead"),
        ],
    )
    def test_an_answer_counts_from_the_hand_off_to_the_decision(
        self, failing: Failing, at: str, detail: str
    ) -> None:
        answer = self.done(at, direction="inbound")
        assert self.find(failing, "Unreachable", answer) == [("c1", f"'Unreachable', but {detail}")]

    def test_a_decision_known_to_the_day_may_come_at_its_end(self, failing: Failing) -> None:
        day = {"exit_at": "2026-03-02 00:00:00", "exit_precision": "day"}
        last = self.done("2026-03-02 23:59:59")
        assert self.find(failing, "Unreachable", last, **day) == []
        next_day = self.done("2026-03-03 00:00:00")
        assert len(self.find(failing, "Unreachable", next_day, **day)) == 1

    def test_a_call_known_to_the_day_of_the_hand_off_may_have_followed_it(self, failing: Failing) -> None:
        that_day = self.done("2026-03-01 00:00:00", happened_precision="day")
        assert self.find(failing, "Unreachable", that_day) == []
        day_before = self.done("2026-02-28 00:00:00", happened_precision="day")
        assert len(self.find(failing, "Unreachable", day_before)) == 1

    @pytest.mark.parametrize(
        ("activity", "n_found"),
        [
            ({"outcome": "Connected"}, 1),
            ({"outcome": "Replied by mail"}, 1),
            ({"outcome": "Not reached"}, 0),
            ({"outcome": "No answer"}, 0),
            ({"outcome": None}, 0),
        ],
    )
    def test_an_outcome_that_says_so_is_an_answer(
        self, failing: Failing, activity: dict[str, Any], n_found: int
    ) -> None:
        done = self.done("2026-03-02 10:00:00", **activity)
        assert len(self.find(failing, "Bad contact data", done)) == n_found

    @pytest.mark.parametrize("columns", [{"is_automated": True}, {"is_done": False}, {"person_id": "crm:2"}])
    def test_automation_plans_and_calls_to_others_are_no_attempt(
        self, failing: Failing, columns: dict[str, Any]
    ) -> None:
        done = self.done("2026-03-02 10:00:00", outcome="Connected", **columns)
        assert self.find(failing, "No response", done) == [
            ("c1", "'No response', but nobody had tried to reach the lead")
        ]

    @pytest.mark.parametrize("columns", [{"exit": "lost"}, {"exit": None}])
    def test_only_rejected_and_recycled_leads_are_examined(
        self, failing: Failing, columns: dict[str, Any]
    ) -> None:
        assert self.find(failing, "Unreachable", **columns) == []

    def test_without_a_hand_off_nobody_owed_a_try_but_an_answer_since_the_start_refutes(
        self, failing: Failing
    ) -> None:
        never = {"cycle_id": "no hand-off", "started_at": "2026-02-01 00:00:00"}
        answer = self.done("2026-02-01 00:00:00", direction="inbound")
        before = self.done("2026-01-31 23:59:59", direction="inbound")
        assert self.find(failing, "Unreachable", **never) == []
        assert self.find(failing, "Unreachable", before, **never) == []
        assert len(self.find(failing, "Unreachable", answer, **never)) == 1
        assert len(self.find(failing, "Unreachable", before, **never | {"started_at": None})) == 1

    @pytest.mark.parametrize(
        ("reason", "claims"),
        [
            ("Wrong number", True),
            ("Bad phone number", True),
            ("Invalid e-mail address", True),
            ("Email bounced", True),
            ("Could not reach", True),
            ("Wrong person", False),
            ("Wrong company size", False),
            ("No budget", False),
            ("Contacted competitor", False),
        ],
    )
    def test_words_that_claim_that_nobody_could_be_reached(
        self, failing: Failing, reason: str, claims: bool
    ) -> None:
        assert len(self.find(failing, reason)) == claims


@pytest.mark.parametrize(
    ("reason", "met", "n_records", "detail"),
    [
        ("Not a good fit", [True], 1, "it met every clause of the definition"),
        ("Not a fit", [True, None], 1, "it met every clause of the definition"),
        ("Not a fit", [True, False], 1, None),
        ("Not a fit", [None], 1, None),
        ("Not a fit", [], 1, None),
        ("Outside of target", [True], 1, "it met every clause of the definition"),
        ("Wrong company size", [True], 1, "it met every clause of the definition"),
        ("Picnic planned", [True], 1, None),
        ("Wrong person", [True], 1, None),
        ("Duplicate", [True], 1, "no second record of this person is known"),
        ("Duplicate", [], 1, "no second record of this person is known"),
        ("Duplicate", [True], 2, None),
        (None, [True], 1, None),
    ],
)
def test_a_reason_is_refuted_by_the_definition_met_or_the_missing_second_record(
    failing: Failing, reason: str | None, met: list[bool | None], n_records: int, detail: str | None
) -> None:
    undated = handoff("undated", "open", met_definition=False, handed_at=None)
    found = failing(
        "reason_contradicts_record",
        marts__cycle=[passage("c1", exit="rejected", exit_reason=reason)],
        marts__handoff=[
            undated,
            *(handoff(f"h{i}", "open", met_definition=each) for i, each in enumerate(met)),
        ],
        core__person=[person(NOON, n_records=n_records)],
    )
    assert found == ([("c1", f"'{reason}', but {detail}")] if detail else [])


class TestActivityBeforeAssignment:
    @pytest.mark.parametrize(
        ("at", "precision", "assigned_precision", "fails"),
        [
            ("2026-03-02 11:59:59", "second", "second", True),
            ("2026-03-02 12:00:00", "second", "second", False),
            ("2026-03-01 12:00:00", "day", "second", True),
            ("2026-03-01 12:00:01", "day", "second", False),
            ("2026-03-02 11:59:59", "day", "day", True),
        ],
    )
    def test_done_before_the_first_assignment_to_that_rep(
        self, failing: Failing, at: str, precision: str, assigned_precision: str, fails: bool
    ) -> None:
        assigned = {"person_id": "crm:1", "owner_id": "crm:r", "assigned_precision": assigned_precision}
        activity = {"activity_id": "a", "person_id": "crm:1", "rep_id": "crm:r", "kind": "call"}
        done = {"is_done": True, "is_automated": False, "happened_at": at, "happened_precision": precision}
        found = failing(
            "activity_before_assignment",
            core__assignment=[
                assigned | {"assigned_at": NOON},
                assigned | {"assigned_at": "2026-03-05 00:00:00"},
            ],
            core__activity=[activity | done, activity | done | {"activity_id": "mail", "is_automated": True}],
        )
        assert found == ([("a", f"call done {at}, assigned {NOON}")] if fails else [])

    def test_another_reps_work_is_not_held_against_this_ones_assignment(self, failing: Failing) -> None:
        assigned = {
            "person_id": "crm:1",
            "owner_id": "crm:r",
            "assigned_at": NOON,
            "assigned_precision": "second",
        }
        done = {
            "is_done": True,
            "is_automated": False,
            "happened_at": "2026-03-01",
            "happened_precision": "second",
        }
        activity = done | {"activity_id": "a", "person_id": "crm:1", "rep_id": "crm:other"}
        found = failing("activity_before_assignment", core__assignment=[assigned], core__activity=[activity])
        assert found == []


@pytest.mark.parametrize(
    ("outcome", "precision", "assigned_at", "fails"),
    [
        ("rejected", "second", "2026-03-02 12:00:01", True),
        ("rejected", "second", NOON, False),
        ("accepted", "second", "2026-03-02 12:00:01", True),
        ("open", "second", "2026-03-02 12:00:01", False),
        ("recycled", "day", "2026-03-03 12:00:00", True),
        ("recycled", "day", "2026-03-03 11:59:59", False),
        ("recycled", "second", None, False),
    ],
)
def test_a_decision_before_the_assignment_fails(
    failing: Failing, outcome: str, precision: str, assigned_at: str | None, fails: bool
) -> None:
    handed = [handoff("h", outcome, outcome_precision=precision, assigned_at=assigned_at)]
    found = failing("decided_before_assigned", marts__handoff=handed)
    assert found == ([("h", f"{outcome} {NOON}, assigned {assigned_at}")] if fails else [])


def test_a_lead_turned_down_without_one_human_touch_fails(failing: Failing) -> None:
    handed = [
        handoff("untouched", "rejected", outcome_reason="Wrong person"),
        handoff("no reason", "recycled"),
        handoff("touched once", "rejected", n_attempts=1),
        handoff("undated", "rejected", handed_at=None),
        handoff("accepted", "accepted"),
        handoff("open", "open"),
    ]
    assert failing("decided_without_activity", marts__handoff=handed) == [
        ("no reason", "recycled without one human touch since the hand-off"),
        ("untouched", "rejected as 'Wrong person' without one human touch since the hand-off"),
    ]


class TestBulkStatusEdits:
    def edits(self, n: int, seconds: int, **columns: Any) -> list[dict[str, Any]]:
        """State n leads edited by one user, the last of them `seconds` after all others."""
        stated = {"field": "status", "evidence": "history", "changed_precision": "second", "user_id": "crm:u"}
        at = [
            f"2026-03-02 12:{seconds // 60:02d}:{seconds % 60:02d}" if i == n - 1 else NOON for i in range(n)
        ]
        return [stated | {"person_id": f"crm:{i}", "changed_at": at[i]} | columns for i in range(n)]

    @pytest.mark.parametrize(
        ("n", "seconds", "n_found"), [(20, 60, 20), (20, 61, 0), (19, 0, 0), (21, 61, 20), (21, 60, 21)]
    )
    def test_twenty_leads_within_a_minute_are_a_burst(
        self, failing: Failing, n: int, seconds: int, n_found: int
    ) -> None:
        found = failing("bulk_status_edits", core__attribute_event=self.edits(n, seconds))
        assert len(found) == n_found

    def test_each_edit_of_the_burst_is_listed_with_its_user(self, failing: Failing) -> None:
        found = failing("bulk_status_edits", core__attribute_event=self.edits(20, 30))
        assert found[0] == (f"crm:0 {NOON}", "one of 20 leads changed by crm:u within a minute")
        assert found[11] == (
            "crm:19 2026-03-02 12:00:30",
            "one of 20 leads changed by crm:u within a minute",
        )

    @pytest.mark.parametrize(
        "columns",
        [
            {"field": "score"},
            {"evidence": "load"},
            {"changed_precision": "day"},
            {"user_id": None},
            {"person_id": "crm:1"},
        ],
    )
    def test_what_is_no_burst(self, failing: Failing, columns: dict[str, Any]) -> None:
        assert failing("bulk_status_edits", core__attribute_event=self.edits(30, 0, **columns)) == []

    def test_two_users_do_not_make_one_burst(self, failing: Failing) -> None:
        events = self.edits(19, 0) + self.edits(19, 0, user_id="crm:v")
        assert failing("bulk_status_edits", core__attribute_event=events) == []


NEW_VERSION = {
    "version": "2026-04",
    "number": 2,
    "effective_from": "2026-04-01",
    "effective_to": "9999-12-31",
}


class TestVolumeJumpAtContractChange:
    def entries(self, n_before: int, n_after: int, **columns: Any) -> list[dict[str, Any]]:
        """State entries at the far ends of the 28 days on either side of 1 April."""
        stated = {"cycle_id": "c", "stage": "mql", "position": 2, "is_observed": True} | columns
        before = [stated | {"entered_at": "2026-03-04 00:00:00"}] * n_before
        return before + [stated | {"entered_at": "2026-04-28 23:59:59"}] * n_after

    @pytest.mark.parametrize(
        ("n_before", "n_after", "fails"),
        [
            (40, 60, False),  # 1.5 times, but 20 is only 2.0 standard deviations of 10
            (90, 135, True),  # 1.5 times, and 45 is 3.0 standard deviations of 15
            (91, 135, False),
            (135, 90, True),
            (0, 9, True),  # 9 against none: 9 is 3.0 standard deviations of 3
            (0, 8, False),
            (0, 0, False),
        ],
    )
    def test_half_as_many_again_and_three_standard_deviations_fail(
        self, failing: Failing, n_before: int, n_after: int, fails: bool
    ) -> None:
        found = failing(
            "volume_jump_at_contract_change",
            contract__version=[NEW_VERSION],
            marts__stage_entry=self.entries(n_before, n_after),
        )
        told = f"{n_before} entered mql before version 2026-04, {n_after} after"
        assert found == ([("2026-04 mql", told)] if fails else [])

    def test_entries_outside_the_days_and_inferred_ones_do_not_count(self, failing: Failing) -> None:
        outside = {"cycle_id": "c", "stage": "mql", "position": 2, "is_observed": True}
        entries = [outside | {"entered_at": "2026-03-03 23:59:59"}] * 9
        entries += [outside | {"entered_at": "2026-04-29 00:00:00"}] * 9 + self.entries(
            0, 9, is_observed=False
        )
        found = failing(
            "volume_jump_at_contract_change", contract__version=[NEW_VERSION], marts__stage_entry=entries
        )
        assert found == []

    def test_a_version_is_judged_only_once_the_days_after_it_are_over(self, failing: Failing) -> None:
        stated = {"cycle_id": "c", "stage": "mql", "position": 2, "is_observed": True}
        entries = [stated | {"entered_at": "2026-06-20 00:00:00"}] * 9
        for from_on, fails in [("2026-06-03", True), ("2026-06-04", False)]:
            found = failing(
                "volume_jump_at_contract_change",
                contract__version=[NEW_VERSION | {"effective_from": from_on}],
                marts__stage_entry=entries,
            )
            assert bool(found) == fails, from_on


def test_a_handed_over_lead_that_fails_a_clause_is_listed_with_clause_and_value(failing: Failing) -> None:
    clause = "2026-01/mql/must_meet/1/"
    handed = [
        handoff("fails two", "open", met_definition=False),
        handoff("meets", "open", met_definition=True),
        handoff("unknown", "open", met_definition=None),
        handoff("undated", "open", met_definition=False, handed_at=None),
    ]
    judged = [
        {"handoff_id": "fails two", "clause_id": f"{clause}1", "value": "12", "passed": False},
        {"handoff_id": "fails two", "clause_id": f"{clause}2", "value": None, "passed": False},
        {"handoff_id": "fails two", "clause_id": f"{clause}3", "value": "software", "passed": True},
        {"handoff_id": "meets", "clause_id": f"{clause}1", "value": "80", "passed": True},
        {"handoff_id": "unknown", "clause_id": f"{clause}1", "value": None, "passed": None},
        {"handoff_id": "undated", "clause_id": f"{clause}1", "value": "12", "passed": False},
    ]
    [(key, detail)] = failing("definition_not_met", marts__handoff=handed, marts__handoff_clause=judged)
    assert key == "fails two"
    assert detail.startswith("mql under 2026-01 fails: ")
    assert detail.count("(was 12)") == 1
    assert detail.endswith("(was empty)")


def test_a_hand_off_lacks_each_required_field_that_was_empty(failing: Failing) -> None:
    fields = [
        {"handoff_id": "lacks", "field": "email", "is_present": False},
        {"handoff_id": "lacks", "field": "company", "is_present": False},
        {"handoff_id": "has", "field": "email", "is_present": True},
        {"handoff_id": "undated", "field": "email", "is_present": False},
    ]
    handed = [handoff("lacks", "open"), handoff("has", "open"), handoff("undated", "open", handed_at=None)]
    assert failing("incomplete_at_handoff", marts__handoff=handed, marts__handoff_field=fields) == [
        ("lacks", "lacks company, email")
    ]


def test_amounts_in_another_currency_than_the_contracts_fail(failing: Failing) -> None:
    deals = [
        {"opportunity_id": "crm:1", "amount": 100, "currency": "USD"},
        {"opportunity_id": "crm:2", "amount": 100, "currency": " eur"},
        {"opportunity_id": "crm:3", "amount": 100, "currency": None},
    ]
    spend = [{"spend_id": "crm:s", "amount": 5, "currency": "GBP"}]
    assert failing("mixed_currencies", marts__opportunity=deals, marts__spend=spend) == [
        ("crm:1", "100.00 USD, the contract is in EUR"),
        ("crm:s", "5.00 GBP, the contract is in EUR"),
    ]


def test_a_won_deal_needs_an_amount_above_nothing(failing: Failing) -> None:
    deals = [
        {"opportunity_id": "none", "outcome": "won", "amount": None},
        {"opportunity_id": "zero", "outcome": "won", "amount": 0},
        {"opportunity_id": "cent", "outcome": "won", "amount": "0.01"},
        {"opportunity_id": "lost", "outcome": "lost", "amount": None},
    ]
    assert failing("won_without_amount", marts__opportunity=deals) == [
        ("none", "won with no amount"),
        ("zero", "won with an amount of 0.00"),
    ]


def test_a_channel_with_spend_and_no_lead_fails(failing: Failing) -> None:
    spend = [
        {"spend_id": "1", "channel": "Paid search", "amount": 10},
        {"spend_id": "2", "channel": "paid_search", "amount": 20},
        {"spend_id": "3", "channel": "paid_search", "amount": 5},
        {"spend_id": "4", "channel": None, "amount": 1},
    ]
    cycles = [passage("c", channel="Paid search")]
    assert failing("spend_without_leads", marts__spend=spend, marts__cycle=cycles) == [
        ("paid_search", "25.00 spent in 2 items, no lead of this channel")
    ]


def test_an_empty_or_unknown_channel_is_counted(failing: Failing) -> None:
    cycles = [
        passage("empty", channel=None),
        passage("unknown", channel="Unknown"),
        passage("known", channel="Events"),
        passage("deal", channel=None, person_id=None),
    ]
    assert failing("lead_without_channel", marts__cycle=cycles) == [
        ("empty", "the channel is empty"),
        ("unknown", "the channel is 'Unknown'"),
    ]


def test_silent_leads_and_clauses_without_a_value_are_counted(failing: Failing) -> None:
    cycles = [passage("silent", is_stale=True, current_stage="mql"), passage("alive", is_stale=False)]
    assert failing("silent_lead", marts__cycle=cycles) == [
        ("silent", "open in mql, nothing recorded for the horizon")
    ]
    judged = [
        {"handoff_id": "h", "clause_id": "k", "field": "score", "passed": None},
        {"handoff_id": "h", "clause_id": "l", "field": "email", "passed": False},
    ]
    assert failing("definition_cannot_be_judged", marts__handoff_clause=judged) == [
        ("h k", "score was not known at the hand-off")
    ]
