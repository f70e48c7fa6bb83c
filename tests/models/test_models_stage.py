"""Stages, visits, exits and passes: observed and imputed stay apart, nothing is erased, nothing is averaged away."""

from __future__ import annotations

from world import CONTRACT, changes, lead

DEAL = {"opportunity_id": "o", "created_precision": "second", "currency": "EUR", "amount": 1000}


def entries(con, columns="stage, entered_at::varchar, is_observed"):
    return con.execute(f"select {columns} from core.stage_entry order by pass, position").fetchall()


def history(record_id, *steps, first="New"):
    """Return the status history of a record, with one row long before it so that the field counts as tracked."""
    return changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New") + changes(
        record_id, "status", *steps, first=first
    )


OLD = lead("old", "2025-01-01 00:00:00", status="Working")


def cycle_of(con, record, columns):
    return con.execute(
        f"select {columns} from core.cycle where person_id = 'crm:{record}' order by pass"
    ).fetchall()


def test_stages_are_entered_when_the_status_changes(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="Qualified")],
        attribute_event=history(
            "a",
            ("2026-03-02 10:00:00", "MQL"),
            ("2026-03-03 10:00:00", "Accepted"),
            ("2026-03-04 10:00:00", "Qualified"),
        ),
    )
    assert entries(con) == [
        ("inquiry", "2026-03-02 09:00:00", True),
        ("mql", "2026-03-02 10:00:00", True),
        ("sal", "2026-03-03 10:00:00", True),
        ("sql", "2026-03-04 10:00:00", True),
    ]


def test_a_skipped_stage_is_imputed_at_the_time_of_the_next_one_and_says_so(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="Qualified")],
        attribute_event=history("a", ("2026-03-02 10:00:00", "MQL"), ("2026-03-04 10:00:00", "Qualified")),
    )
    assert entries(con, "stage, entered_at::varchar, is_observed, evidence")[2:] == [
        ("sal", "2026-03-04 10:00:00", False, "imputed"),
        ("sql", "2026-03-04 10:00:00", True, "history"),
    ]


def test_a_step_back_is_kept_as_a_visit_and_current_furthest_and_first_entry_differ(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="MQL")],
        attribute_event=history(
            "a",
            ("2026-03-02 10:00:00", "MQL"),
            ("2026-03-03 10:00:00", "Accepted"),
            ("2026-03-04 10:00:00", "Qualified"),
            ("2026-03-05 10:00:00", "MQL"),
        ),
    )
    visits = con.execute(
        "select stage, is_backward from core.stage_event where stage = 'mql' order by entered_at"
    ).fetchall()
    assert visits == [("mql", False), ("mql", True)]
    assert cycle_of(con, "a", "furthest_stage, current_stage") == [("sql", "mql")]
    assert ("mql", "2026-03-02 10:00:00", True) in entries(con)


def test_a_recycled_person_who_qualifies_again_starts_a_second_pass(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="MQL", reason="No budget")],
        attribute_event=history(
            "a",
            ("2026-03-02 10:00:00", "MQL"),
            ("2026-03-09 10:00:00", "Nurture"),
            ("2026-05-04 10:00:00", "MQL"),
        ),
    )
    assert cycle_of(con, "a", "pass, exit, exit_at::varchar, exit_reason, furthest_stage") == [
        (1, "recycled", "2026-03-09 10:00:00", "No budget", "mql"),
        (2, None, None, None, "mql"),
    ]


def test_a_second_lead_of_the_same_person_while_the_first_is_open_is_no_second_pass(make_world):
    con = make_world(
        person=[
            lead("a", "2026-03-02 09:00:00", email="a@b.co", status="New"),
            lead("b", "2026-03-20 09:00:00", email="a@b.co", status="New"),
            OLD,
        ],
        attribute_event=history("z"),
    )
    assert con.execute(
        "select pass, count(*) from core.stage_event where person_id = 'crm:a' group by 1"
    ).fetchall() == [(1, 2)]


def test_a_deal_created_as_won_has_no_observed_opportunity_stage(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", opportunity_id="o")],
        opportunity=[
            {
                **DEAL,
                "created_at": "2026-03-06 10:00:00",
                "closed_at": "2026-03-06 10:00:00",
                "closed_precision": "second",
                "is_closed": True,
                "is_won": True,
            }
        ],
    )
    assert [(s, o) for s, _, o in entries(con)] == [
        ("inquiry", True),
        ("mql", False),
        ("sal", False),
        ("sql", False),
        ("opportunity", False),
        ("won", True),
    ]
    assert con.execute("select is_created_closed, days_to_close from marts.opportunity").fetchall() == [
        (True, None)
    ]


def test_a_deal_won_before_the_person_was_known_is_flagged_and_stays_in_the_same_cycle(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 00:00:00", opportunity_id="o")],
        opportunity=[
            {
                **DEAL,
                "created_at": None,
                "created_precision": "unknown",
                "closed_at": "2026-02-28 10:00:00",
                "closed_precision": "second",
                "is_closed": True,
                "is_won": True,
            }
        ],
    )
    assert cycle_of(con, "a", "pass, exit, has_impossible_order") == [(1, "won", True)]
    assert con.execute(
        "select stage, is_impossible from core.stage_entry where is_impossible"
    ).fetchall() == [("won", True)]


def test_a_deal_closed_on_a_day_before_it_was_created_is_flagged_and_one_closed_the_same_day_is_not(
    make_world,
):
    def flagged(day):
        con = make_world(
            opportunity=[
                {
                    **DEAL,
                    "created_at": "2026-03-06 10:00:00",
                    "closed_at": day,
                    "closed_precision": "day",
                    "is_closed": True,
                    "is_won": True,
                }
            ]
        )
        return con.execute("select is_impossible from core.stage_event where stage = 'won'").fetchall()[0][0]

    assert flagged("2026-03-05 00:00:00")
    assert not flagged("2026-03-06 00:00:00")


def test_an_opportunity_without_a_person_still_passes_the_funnel(make_world):
    con = make_world(opportunity=[{**DEAL, "created_at": "2026-03-06 10:00:00"}])
    assert con.execute("select subject_id, person_id, furthest_stage from core.cycle").fetchall() == [
        ("crm:o", None, "opportunity")
    ]


def test_two_leads_converted_to_one_deal_both_reach_it_and_its_amount_counts_once(make_world):
    con = make_world(
        person=[
            lead("a", "2026-03-02 09:00:00", opportunity_id="o"),
            lead("b", "2026-03-03 09:00:00", opportunity_id="o"),
        ],
        opportunity=[{**DEAL, "created_at": "2026-03-06 10:00:00"}],
    )
    assert con.execute("select count(*) from core.stage_event where stage = 'opportunity'").fetchall() == [
        (2,)
    ]
    assert con.execute("select person_id, amount::bigint from marts.opportunity").fetchall() == [
        ("crm:a", 1000)
    ]
    assert con.execute("select n_people from core.opportunity").fetchall() == [(2,)]


def test_a_status_whose_history_does_not_reach_back_is_reached_at_an_unknown_time_never_at_creation(
    make_world,
):
    con = make_world(
        person=[
            lead("a", "2026-01-02 09:00:00", status="Accepted"),
            lead("b", "2026-03-02 09:00:00", status="MQL"),
        ],
        attribute_event=changes("b", "status", ("2026-03-03 09:00:00", "MQL"), first="New"),
    )
    rows = con.execute(
        "select stage, entered_at, entered_precision, evidence from core.stage_event where person_id = 'crm:a' and stage = 'sal'"
    )
    assert rows.fetchall() == [("sal", None, "unknown", "stamp")]


def test_a_tracked_status_that_never_changed_held_since_creation(make_world):
    con = make_world(
        person=[OLD, lead("a", "2026-01-02 09:00:00", status="MQL")], attribute_event=history("z")[:1]
    )
    rows = con.execute(
        "select entered_at::varchar, evidence from core.stage_event where person_id = 'crm:a' and stage = 'mql'"
    ).fetchall()
    assert rows == [("2026-01-02 09:00:00", "history")]


def test_a_change_at_as_of_is_not_seen_and_the_value_before_it_holds(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="Accepted"), OLD],
        attribute_event=history("a", ("2026-06-30 23:59:59", "MQL"), ("2026-07-01 00:00:00", "Accepted")),
    )
    assert cycle_of(con, "a", "furthest_stage, current_stage") == [("mql", "mql")]


def test_a_deal_that_closed_at_as_of_is_still_open(make_world):
    def outcome(closed_at):
        con = make_world(
            opportunity=[
                {
                    **DEAL,
                    "stage": "Closed Won",
                    "created_at": "2026-03-06 10:00:00",
                    "closed_at": closed_at,
                    "closed_precision": "second",
                    "is_closed": True,
                    "is_won": True,
                }
            ]
        )
        return con.execute("select outcome from core.opportunity").fetchall()[0][0]

    assert outcome("2026-07-01 00:00:00") == "open"
    assert outcome("2026-06-30 23:59:59") == "won"


def test_a_stage_defined_by_fields_is_entered_when_all_its_clauses_hold_under_the_version_in_force(
    make_world,
):
    first = CONTRACT.replace(
        "entered_when: {status: [MQL]}",
        "entered_when: {all: [{field: score, at_least: 50}, {field: industry, in: [software]}]}",
    )
    second = (
        first.replace('"2026-01"', '"2026-04"')
        .replace("effective_from: 2026-01-01", "effective_from: 2026-04-01")
        .replace("at_least: 50", "at_least: 60")
    )

    con = make_world(
        contracts={"2026-01.yaml": first, "2026-04.yaml": second},
        person=[
            lead("a", "2026-03-02 09:00:00", score=1, industry="Software"),
            lead("b", "2026-03-02 09:00:00", score=1, industry="Software"),
            lead("old", "2025-01-01"),
        ],
        attribute_event=changes("old", "score", ("2025-01-01 00:00:00", "1"), first="0")
        + changes("a", "score", ("2026-03-31 23:59:59", "50"), first="0")
        + changes("b", "score", ("2026-04-01 00:00:00", "59"), ("2026-04-02 00:00:00", "60"), first="0"),
    )
    rows = con.execute(
        "select person_id, entered_at::varchar from core.stage_event where stage = 'mql' order by 1"
    ).fetchall()
    assert rows == [("crm:a", "2026-03-31 23:59:59"), ("crm:b", "2026-04-02 00:00:00")]


def test_a_reason_recorded_within_the_minute_of_the_rejection_belongs_to_it(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="Disqualified", reason="Wrong person"), OLD],
        attribute_event=history("a", ("2026-03-02 10:00:00", "MQL"), ("2026-03-09 10:00:00", "Disqualified"))
        + changes("old", "reason", ("2025-01-01 00:00:00", "x"), first=None)
        + changes("a", "reason", ("2026-03-09 10:00:30", "Wrong person"), first=None),
    )
    assert con.execute("select exit, reason from core.exit_event").fetchall() == [
        ("rejected", "Wrong person")
    ]


def test_labels_of_the_source_enter_stages_and_exits_even_without_a_date(make_world):
    contract = CONTRACT.replace(
        "entered_when: {status: [Qualified]}", "entered_when: {event: [Demo held]}"
    ).replace("recycled: {status: [Nurture]}", "recycled: {status: [Nurture]}, lost: {event: [Gone]}")
    con = make_world(
        contracts={"c.yaml": contract},
        person=[lead("a", "2026-03-02 09:00:00")],
        stage_event=[
            {
                "event_id": "1",
                "record_id": "a",
                "label": "demo held",
                "entered_at": "2026-03-04 00:00:00",
                "entered_precision": "day",
            },
            {"event_id": "2", "record_id": "a", "label": "Gone"},
        ],
    )
    assert cycle_of(con, "a", "furthest_stage, exit, exit_at, exit_precision") == [
        ("sql", "lost", None, "unknown")
    ]
    assert ("sql", "2026-03-04 00:00:00", True) in entries(con)


def test_what_held_under_the_words_before_begins_anew_only_after_a_value_that_the_new_words_refuse(
    make_world,
):
    first = CONTRACT.replace("entered_when: {status: [MQL]}", "entered_when: {field: score, at_least: 50}")
    second = (
        first.replace('"2026-01"', '"2026-04"')
        .replace("effective_from: 2026-01-01", "effective_from: 2026-04-01")
        .replace("at_least: 50", "at_least: 60")
    )
    scores = {
        "kept": ["55", "65", "70"],
        "refused": ["55", "58", "65"],
        "first": ["40", "58", "65"],
    }
    con = make_world(
        contracts={"2026-01.yaml": first, "2026-04.yaml": second},
        person=[lead(name, "2026-03-02 09:00:00") for name in scores] + [lead("old", "2025-01-01")],
        attribute_event=changes("old", "score", ("2025-01-01 00:00:00", "1"), first="0")
        + [
            row
            for name, (march, april, may) in scores.items()
            for row in changes(
                name,
                "score",
                ("2026-03-03 09:00:00", march),
                ("2026-04-03 09:00:00", april),
                ("2026-05-03 09:00:00", may),
                first="0",
            )
        ],
    )
    rows = con.execute(
        "select person_id, string_agg(entered_at::date::varchar, ' ' order by entered_at) "
        "from core.stage_event where stage = 'mql' group by 1 order by 1"
    ).fetchall()
    assert rows == [
        ("crm:first", "2026-05-03"),
        ("crm:kept", "2026-03-03"),
        ("crm:refused", "2026-03-03 2026-05-03"),
    ]


def test_a_stage_that_asks_another_field_under_the_next_version_is_not_entered_twice_while_it_holds(
    make_world,
):
    first = CONTRACT.replace("entered_when: {status: [MQL]}", "entered_when: {field: score, at_least: 50}")
    second = CONTRACT.replace('"2026-01"', '"2026-04"').replace(
        "effective_from: 2026-01-01", "effective_from: 2026-04-01"
    )
    con = make_world(
        contracts={"2026-01.yaml": first, "2026-04.yaml": second},
        person=[OLD, lead("a", "2026-03-02 09:00:00"), lead("b", "2026-03-02 09:00:00")],
        attribute_event=history("a", ("2026-04-03 09:00:00", "MQL"))
        + changes("b", "status", ("2026-04-03 09:00:00", "MQL"), first="New")
        + changes("old", "score", ("2025-01-01 00:00:00", "1"), first="0")
        + changes("a", "score", ("2026-03-03 09:00:00", "55"), first="0"),
    )
    rows = con.execute(
        "select person_id, entered_at::date::varchar from core.stage_event where stage = 'mql' order by 1"
    ).fetchall()
    assert rows == [("crm:a", "2026-03-03"), ("crm:b", "2026-04-03")]
