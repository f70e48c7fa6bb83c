"""Marketing's count of a stage to sales' count of it: each difference alone, all together, and by another route."""

from __future__ import annotations

from typing import Any

import pytest
from world import CONTRACT, changes, lead

from funnel.errors import UsageError
from funnel.metrics import bridge

MARCH = {"kpi": "mql", "period_on": "2026-03-15"}
GOOD = {"score": 70, "email": "a@b.co", "industry": "software", "owner_id": "r"}
MOVES = ("cohort", "zone", "duplicates", "returns", "passes", "definition", "owner", "skipped")
BERLIN = {"c.yaml": CONTRACT.replace("zone: UTC", "zone: Europe/Berlin")}


@pytest.fixture
def made(make_world):
    """Return a function that builds a warehouse in which a rep of sales owns leads and loads tell all."""

    def make(*people: tuple[dict[str, Any], list[dict[str, Any]]], **more: Any):
        given = {
            "person": [person for person, _ in people],
            "attribute_event": [event for _, events in people for event in events],
            "rep": [
                {"rep_id": "r", "team": "Sales", "is_queue": False},
                {"rep_id": "m", "team": "Marketing", "is_queue": False},
                {"rep_id": "q", "is_queue": True},
            ],
        }
        con = make_world(**(given | more))
        con.execute(
            "create table run.source_table (source text, staging_table text, state text, n_rows bigint)"
        )
        for table in ("person", "attribute_event"):
            con.execute("insert into run.source_table values ('crm', ?, 'filled', 1)", [table])
        return con

    return make


def person(name: str, created: str, *steps: tuple[str, str], **more: Any):
    """Return a lead with its status history; each has an address of its own and is fit, unless told otherwise."""
    columns = {
        **GOOD,
        "email": f"{name}@b.co",
        "status": steps[-1][1] if steps else "New",
        "seen_at": created,
        **more,
    }
    return lead(name, created, **columns), changes(name, "status", *steps, first="New")


def moved(frame) -> dict[str, tuple[int, int]]:
    """Return by line what it brought in and took out, where it did either."""
    rows = frame[~frame["is_total"]].set_index("line")[["n_in", "n_out"]].fillna(0)
    return {line: tuple(map(int, row)) for line, row in rows.iterrows() if row.any()}


def ends(frame) -> tuple[int, int]:
    return int(frame["n"].iloc[0]), int(frame["n"].iloc[-1])


def assert_closed(frame) -> None:
    start, end = ends(frame)
    assert start + int(frame["change"].fillna(0).sum()) == end
    running = frame["n"].astype(int)
    steps = frame["change"].fillna(0).astype(int)
    assert list(running) == list(start + steps.cumsum())


PLAIN = person("plain", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"))


def test_a_plain_lead_counts_the_same_for_both(made) -> None:
    frame = bridge.counts(made(PLAIN), **MARCH)
    assert moved(frame) == {}
    assert ends(frame) == (1, 1)
    assert list(frame["line"]) == ["start", *MOVES, "end"]
    assert list(frame["unit"]) == ["records"] * 3 + ["persons"] * 2 + ["passages"] * 5


@pytest.mark.parametrize(
    ("created", "entered", "line", "counts"),
    [
        ("2026-02-28 23:59:59", "2026-03-01 00:00:00", {"cohort": (1, 0)}, (0, 1)),
        ("2026-03-31 23:59:59", "2026-04-01 00:00:00", {"cohort": (0, 1)}, (1, 0)),
        ("2026-03-01 00:00:00", "2026-03-31 23:59:59", {}, (1, 1)),
        ("2026-04-01 00:00:00", "2026-04-01 00:00:01", {}, (0, 0)),
    ],
)
def test_the_day_of_creation_and_the_day_of_entry_differ_for_those_at_the_edge(
    made, created, entered, line, counts
) -> None:
    frame = bridge.counts(made(person("a", created, (entered, "MQL"))), **MARCH)
    assert (moved(frame), ends(frame)) == (line, counts)
    assert_closed(frame)


@pytest.mark.parametrize(
    ("entered", "line"),
    [
        ("2026-02-28 23:00:00", {"cohort": (0, 0), "zone": (1, 0)}),
        ("2026-02-28 22:59:59", {}),
        ("2026-03-31 22:00:00", {"cohort": (1, 0), "zone": (0, 1)}),
        ("2026-03-31 21:59:59", {"cohort": (1, 0)}),
    ],
)
def test_an_entry_near_midnight_is_of_another_day_in_the_contracts_zone(made, entered, line) -> None:
    """Berlin is an hour ahead of UTC at the end of February, two at the end of March."""
    con = made(person("a", "2026-01-10 09:00:00", (entered, "MQL")), contracts=BERLIN)
    frame = bridge.counts(con, **MARCH)
    assert moved(frame) == {name: each for name, each in line.items() if any(each)}
    assert_closed(frame)


def test_two_records_of_one_person_are_one(made) -> None:
    twin = person("twin", "2026-03-02 09:00:00", ("2026-03-04 09:00:00", "MQL"), email="plain@b.co")
    con = made(PLAIN, twin)
    frame = bridge.counts(con, **MARCH)
    assert moved(frame) == {"duplicates": (0, 1)}
    assert ends(frame) == (2, 1)
    rows = bridge.count_rows(con, line="duplicates", **MARCH)
    assert rows[["way", "unit_id", "person_id"]].values.tolist() == [["out", "crm:twin", "crm:plain"]]


def test_a_return_within_a_passage_is_no_new_entry_and_a_second_passage_is_one(made) -> None:
    back = person(
        "back", "2026-01-02 09:00:00", ("2026-01-03 09:00:00", "MQL"), ("2026-01-05 09:00:00", "Accepted"),
        ("2026-03-03 09:00:00", "MQL"),
    )  # fmt: skip
    again = person(
        "again", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), ("2026-03-05 09:00:00", "Nurture"),
        ("2026-03-20 09:00:00", "MQL"),
    )  # fmt: skip
    con = made(back, again)
    frame = bridge.counts(con, **MARCH)
    assert moved(frame) == {"cohort": (1, 0), "returns": (0, 1), "passes": (1, 0)}
    assert ends(frame) == (1, 2)
    rows = bridge.count_rows(con, line="passes", **MARCH)
    assert rows[["way", "unit_id", "cycle_id"]].values.tolist() == [["in", "crm:again#2", "crm:again#2"]]
    assert bridge.count_rows(con, line="returns", **MARCH)["unit_id"].tolist() == ["crm:back"]


def test_what_failed_the_contract_is_out_and_what_cannot_be_judged_stays_and_is_counted(made) -> None:
    """The score of the first is too low; the second has no industry."""
    low = person("low", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), score=59)
    bare = person("bare", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), industry=None)
    con = made(low, bare, PLAIN)
    frame = bridge.counts(con, **MARCH).set_index("line")
    judged = con.execute("select count(*) from marts.handoff where met_definition is null").fetchall()[0][0]
    failed = con.execute("select count(*) from marts.handoff where not met_definition").fetchall()[0][0]
    assert failed >= 1
    assert frame.loc["definition", ["n_out", "n_unknown"]].tolist() == [failed, judged]


@pytest.mark.parametrize(("owner", "out"), [("r", 0), ("m", 1), ("q", 1), (None, 1)])
def test_a_lead_that_no_rep_of_the_receiving_side_came_to_own_is_not_sales(made, owner, out) -> None:
    other = person("other", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), owner_id=owner)
    frame = bridge.counts(made(PLAIN, other), **MARCH)
    assert moved(frame) == ({"owner": (0, 1)} if out else {})
    assert_closed(frame)


def test_who_skipped_the_stage_is_with_sales_without_a_label(made) -> None:
    skipped = person("skipped", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "Qualified"), owner_id=None)
    con = made(PLAIN, skipped)
    frame = bridge.counts(con, **MARCH)
    assert moved(frame) == {"skipped": (1, 0)}
    assert ends(frame) == (1, 2)
    assert bridge.count_rows(con, line="skipped", **MARCH)["person_id"].tolist() == ["crm:skipped"]


def test_all_together_add_exactly_and_the_end_is_what_the_marts_say(made) -> None:
    con = made(
        PLAIN,
        person("twin", "2026-03-02 09:00:00", ("2026-03-04 09:00:00", "MQL"), email="plain@b.co"),
        person("before", "2026-02-02 09:00:00", ("2026-03-04 09:00:00", "MQL")),
        person("after", "2026-03-02 09:00:00", ("2026-04-04 09:00:00", "MQL")),
        person("low", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), score=59),
        person("unowned", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "MQL"), owner_id=None),
        person("skipped", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "Accepted")),
    )
    frame = bridge.counts(con, **MARCH)
    assert moved(frame) == {
        "cohort": (1, 1),
        "duplicates": (0, 1),
        "definition": (0, 1),
        "owner": (0, 1),
        "skipped": (1, 0),
    }
    assert ends(frame) == (5, 3)
    assert_closed(frame)
    listed = {line: len(bridge.count_rows(con, line=line, **MARCH)) for line in frame["line"]}
    assert listed == {"start": 5, "cohort": 2, "duplicates": 1, "definition": 1, "owner": 1, "skipped": 1,
                      "end": 3, "zone": 0, "returns": 0, "passes": 0}  # fmt: skip
    assert set(bridge.count_rows(con, line="end", **MARCH)["person_id"]) == {
        "crm:plain", "crm:before", "crm:skipped"
    }  # fmt: skip


def test_what_the_source_cannot_tell_is_null_with_the_reason_and_changes_nothing(make_world) -> None:
    """Days instead of times, no addresses, one date per stage, no owners, no definition: as Olist has it."""
    con = make_world(
        contracts={
            "c.yaml": CONTRACT.replace(
                "entered_when: {status: [MQL]},", "entered_when: {event: [First]},"
            ).replace(
                "     must_meet: {all: [{field: score, at_least: 60}, {field: email, is: valid}, {field: industry, in: [software]}]}}",
                "    }",
            )
        },
        person=[lead("a", "2026-03-02 00:00:00", created_precision="day")],
        stage_event=[
            {
                "event_id": "1",
                "record_id": "a",
                "label": "First",
                "entered_at": "2026-03-02 00:00:00",
                "entered_precision": "day",
            }
        ],
    )
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    con.execute("insert into run.source_table values ('crm', 'person', 'filled', 1)")
    frame = bridge.counts(con, **MARCH)
    absent = frame[frame["state"] == "not in this source"].set_index("line")
    assert absent["missing"].to_dict() == {
        "zone": "the source gives days, not times",
        "duplicates": "nothing tells that two records are one person",
        "returns": "the source keeps one entry per stage",
        "passes": "the source keeps one entry per stage",
        "definition": "the contract states no definition of MQL",
        "owner": "no lead has an owner",
    }
    assert absent[["n_in", "n_out", "change"]].isna().all(axis=None)
    assert ends(frame) == (1, 1)


def test_a_stage_that_hands_nothing_over_has_no_definition_and_no_owner(made) -> None:
    one = person("one", "2026-03-02 09:00:00", ("2026-03-03 09:00:00", "Qualified"))
    frame = bridge.counts(made(one), kpi="sql", period_on="2026-03-15").set_index("line")
    assert frame.loc[["definition", "owner"], "missing"].tolist() == ["nothing is handed over at SQL"] * 2
    assert frame["n"].iloc[-1] == 1


def test_a_stage_of_deals_is_counted_by_deals_then_persons_then_passages(made) -> None:
    """Two won deals of one lead in one passage, and one of nobody known."""
    won = {"created_precision": "second", "closed_precision": "day", "is_closed": True, "is_won": True,
           "created_at": "2026-03-05 09:00:00", "closed_at": "2026-03-20 00:00:00"}  # fmt: skip
    con = made(
        PLAIN,
        opportunity=[
            {**won, "opportunity_id": "o", "record_id": "plain"},
            {**won, "opportunity_id": "p", "record_id": "plain"},
            {**won, "opportunity_id": "x"},
        ],
    )
    frame = bridge.counts(con, kpi="won", period_on="2026-03-15")
    assert moved(frame) == {"duplicates": (0, 1)}
    assert ends(frame) == (3, 2)


def test_a_stage_without_any_entry_is_not_in_this_source(made) -> None:
    frame = bridge.counts(made(PLAIN), kpi="sal", period_on="2026-03-15")
    assert set(frame["missing"]) == {"no entry into SAL is recorded"}
    assert frame["n"].isna().all()


def test_hand_offs_are_those_of_the_first_stage_that_hands_over_and_the_latest_period_is_the_default(
    made,
) -> None:
    con = made(PLAIN, person("june", "2026-06-02 09:00:00", ("2026-06-03 09:00:00", "MQL")))
    frame = bridge.counts(con, kpi="hand_offs")
    assert set(frame["stage"]) == {"mql"}
    assert set(frame["start_on"].astype(str)) == {"2026-06-01"}
    assert ends(frame) == (1, 1)
    assert ends(bridge.counts(con, kpi="hand_offs", period_on="2026-03-31", per="quarter")) == (1, 1)


def test_a_wrong_word_is_said(made) -> None:
    con = made(PLAIN)
    with pytest.raises(UsageError, match="Did you mean 'mql'"):
        bridge.counts(con, kpi="mqls")
    with pytest.raises(UsageError, match="There is no period 'monthly'"):
        bridge.counts(con, kpi="mql", per="monthly")
    with pytest.raises(UsageError, match="does not hold the month that holds 2031-01-01"):
        bridge.counts(con, kpi="mql", period_on="2031-01-01")
    with pytest.raises(UsageError, match="Did you mean 'zone'"):
        bridge.count_rows(con, line="zones", **MARCH)
