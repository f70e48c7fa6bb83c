"""The population of a batch: what was known at the hand-off, how it was followed up, and whom it is held against."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pytest
from dispute_world import CAMPAIGNS, EVENT_CONTRACT, Rows, before, joined, person
from pandas.testing import assert_frame_equal
from world import call, changes, lead

from funnel.dispute.batch import parse_batch
from funnel.dispute.population import COLUMNS, Population, population
from funnel.errors import UsageError

World = Callable[..., duckdb.DuckDBPyConnection]
HANDED = "2026-03-06 10:00:00"  # a Friday


def of(con: duckdb.DuckDBPyConnection, *batch: str, **asked: Any) -> Population:
    return population(con, parse_batch(batch or ["campaign=Summer series"]), **{"outcome": "sql", **asked})


def row(con: duckdb.DuckDBPyConnection, *batch: str, **asked: Any) -> dict[str, Any]:
    frame = of(con, *batch, **asked).frame
    return frame[frame["in_batch"]].iloc[0].to_dict()


def names(frame: pd.DataFrame) -> list[str]:
    return [key.removeprefix("crm:") for key in frame["record_key"]]


def test_a_whole_row_as_it_was_at_the_hand_off(make_world: World) -> None:
    one = person(
        "x", HANDED, ("2026-03-10 10:00:00", "Accepted"), ("2026-03-16 10:00:00", "Qualified"), touches=("2026-03-09 10:00:00", "2026-03-09 12:00:00"),
        employees=120, country="DE", region="EMEA", persona="Manager", lead_type="webinar", content="Guide", phone=None,
    )  # fmt: skip
    frame = of(make_world(**joined(one))).frame
    assert list(frame.columns) == list(COLUMNS)
    assert frame.iloc[0].dropna().to_dict() == {
        "handoff_id": "crm:x#1 mql", "cycle_id": "crm:x#1", "person_id": "crm:x", "record_key": "crm:x",
        "in_batch": True, "batch_key": "Summer series | 2026-03", "handed_at": pd.Timestamp(HANDED),
        "handed_precision": "second", "handed_on": pd.Timestamp("2026-03-06"), "version": "2026-01",
        "age_days": pytest.approx(116 + 14 / 24), "converted": True, "days_to_outcome": 10.0,
        "is_imputed_outcome": False, "met_definition": True, "n_clauses_unknown": 0,
        "definition_evidence": "history", "score": 70.0, "completeness": 1.0, "is_duplicate": False,
        "employees": 120.0, "channel": "Webinar", "campaign": "Summer series", "content": "Guide", "region": "EMEA",
        "country": "DE", "industry": "software", "company_size": "50-249", "persona": "Manager",
        "lead_type": "webinar", "is_followed": True, "touch_hours": 8.0, "n_touches": 2, "n_touch_days": 1,
        "owner_id": "crm:r1", "n_touches_all": 2,
    }  # fmt: skip


def test_hours_to_the_first_touch_are_those_of_the_working_calendar(make_world: World) -> None:
    one = person("x", "2026-03-06 16:00:00", touches=("2026-03-09 10:30:00",))
    assert row(make_world(**joined(one)))["touch_hours"] == 2.5


@pytest.mark.parametrize(
    ("touch", "n", "hours"),
    [
        ("2026-03-06 09:59:59", 0, None),
        (HANDED, 1, 0.0),
        ("2026-03-20 09:59:59", 1, 80 - 1 / 3600),
        ("2026-03-20 10:00:00", 0, None),
    ],
)
def test_touches_count_from_the_hand_off_to_before_the_landmark(
    make_world: World, touch: str, n: int, hours: float | None
) -> None:
    found = row(make_world(**joined(person("x", HANDED, touches=(touch,)))))
    assert (found["n_touches"], found["n_touch_days"]) == (n, n)
    assert found["n_touches_all"] == (1 if touch >= HANDED else 0)
    assert (
        found["touch_hours"] == pytest.approx(hours) if hours is not None else pd.isna(found["touch_hours"])
    )


@pytest.mark.parametrize("status", ["Qualified", "Disqualified"])
@pytest.mark.parametrize(("touch", "n"), [("2026-03-10 11:59:59", 1), ("2026-03-10 12:00:00", 0)])
def test_a_touch_at_the_instant_of_the_outcome_or_the_exit_does_not_count(
    make_world: World, status: str, touch: str, n: int
) -> None:
    one = person("x", HANDED, ("2026-03-10 12:00:00", status), touches=(touch,))
    found = row(make_world(**joined(one)))
    assert (found["n_touches"], found["n_touches_all"]) == (n, 1)


def test_being_accepted_does_not_end_the_follow_up_until_the_outcome(make_world: World) -> None:
    steps = (("2026-03-09 12:00:00", "Accepted"), ("2026-03-11 12:00:00", "Qualified"))
    con = make_world(**joined(person("x", HANDED, *steps, touches=("2026-03-10 12:00:00",))))
    assert row(con)["n_touches"] == 1
    assert row(con, outcome="sal")["n_touches"] == 0


def test_automated_mail_promises_and_what_comes_in_are_no_touches(make_world: World) -> None:
    tables = joined(person("x", HANDED))
    at = "2026-03-09 10:00:00"
    tables["activity"] = [
        call("1", "x", at, is_automated=True), call("2", "x", at, direction="inbound"),
        call("3", "x", at, is_done=False, done_at=None, due_on="2026-03-09"),
    ]  # fmt: skip
    found = row(make_world(**tables))
    assert (found["n_touches"], found["n_touches_all"], found["is_followed"]) == (0, 0, True)


def test_a_touch_known_to_the_day_counts_from_its_noon_and_on_the_day_of_a_dated_outcome(
    make_world: World,
) -> None:
    tables = joined(person("x", HANDED))
    tables["activity"] = [call("1", "x", "2026-03-09 00:00:00", done_precision="day")]
    assert row(make_world(**tables))["touch_hours"] == 10.0


def test_a_source_without_activities_is_not_followed(make_world: World) -> None:
    found = row(make_world(**joined(person("x", HANDED))))
    assert found["is_followed"] is False
    assert pd.isna(found["touch_hours"])


def test_hand_offs_whose_landmark_ends_before_the_first_recorded_activity_are_not_followed(
    make_world: World,
) -> None:
    con = make_world(**joined(
        person("x", HANDED), person("y", "2026-03-06 10:00:01"),
        person("z", "2026-03-20 09:00:00", touches=("2026-03-20 10:00:00",)),
    ))  # fmt: skip
    frame = of(con).frame
    assert dict(zip(names(frame), frame["is_followed"], strict=True)) == {"x": False, "y": True, "z": True}


@pytest.mark.parametrize(
    ("handed", "inside"),
    [
        ("2026-02-28 23:59:59", False),
        ("2026-03-01 00:00:00", True),
        ("2026-03-31 23:59:59", True),
        ("2026-04-01 00:00:00", False),
    ],
)
def test_a_batch_holds_its_first_day_and_not_the_day_that_it_ends_before(
    make_world: World, handed: str, inside: bool
) -> None:
    con = make_world(**joined(person("x", handed)))
    assert of(con, "from=2026-03-01", "to=2026-04-01").frame["in_batch"].sum() == inside


def test_days_are_those_of_the_contracts_zone(make_world: World) -> None:
    from world import CONTRACT

    berlin = {"c.yaml": CONTRACT.replace("zone: UTC", "zone: Europe/Berlin")}
    con = make_world(contracts=berlin, **joined(person("x", "2026-02-28 23:30:00")))
    assert of(con, "from=2026-03-01").frame["in_batch"].sum() == 1


@pytest.mark.parametrize(
    ("handed", "inside"), [("2026-04-02 00:00:00", True), ("2026-04-02 00:00:01", False)]
)
def test_the_baseline_holds_what_is_exactly_one_horizon_old(
    make_world: World, handed: str, inside: bool
) -> None:
    con = make_world(**joined(person("old", handed, campaign="a"), person("x", "2026-06-05 10:00:00")))
    assert (~of(con, baseline_asked="earlier").frame["in_batch"]).sum() == inside


def test_earlier_hand_offs_are_those_before_the_first_day_of_the_batch(make_world: World) -> None:
    con = make_world(**joined(
        person("before", "2026-03-04 23:59:59", campaign="a"), person("same", "2026-03-05 00:00:00", campaign="a"),
        person("x", "2026-03-05 10:00:00"), person("y", "2026-03-09 10:00:00"),
        person("late", "2026-03-09 23:59:59", campaign="a"), person("after", "2026-03-10 00:00:00", campaign="a"),
    ))  # fmt: skip
    assert names(of(con, baseline_asked="earlier").frame.query("~in_batch")) == ["before"]
    assert names(of(con, baseline_asked="same-period").frame.query("~in_batch")) == ["same", "late"]
    given = of(con, "campaign=Summer series", "to=2026-03-11", baseline_asked="same-period")
    assert names(given.frame.query("~in_batch")) == ["same", "late", "after"]


def test_a_person_of_the_batch_is_never_in_its_baseline_not_even_by_another_passage(
    make_world: World,
) -> None:
    again = (("2026-01-12 10:00:00", "Nurture"), ("2026-03-05 10:00:00", "MQL"))
    con = make_world(
        **joined(person("x", "2026-01-08 10:00:00", *again), person("a", "2026-01-09 10:00:00", campaign="a"))
    )
    found = of(con, "campaign=Summer series", "from=2026-03-01", baseline_asked="earlier")
    assert list(found.every["handoff_id"]) == ["crm:x#1 mql", "crm:a#1 mql", "crm:x#2 mql"]
    assert list(found.frame["handoff_id"]) == ["crm:a#1 mql", "crm:x#2 mql"]


def test_a_named_reference_that_overlaps_the_batch_loses_what_is_the_batchs(make_world: World) -> None:
    con = make_world(**joined(person("x", HANDED), person("a", HANDED, campaign="a")))
    found = of(con, baseline_asked="channel=webinar")
    assert names(found.frame[~found.frame["in_batch"]]) == ["a"]
    used = found.comparisons[found.comparisons["is_used"]].iloc[0]
    assert (used["baseline"], used["title"], used["n"]) == ("channel=webinar", "channel Webinar", 1)
    assert used["why_not"] == "only 1 hand-offs, fewer than 100"


def test_by_default_the_earlier_baseline_is_used_if_it_is_enough_else_the_larger(make_world: World) -> None:
    same = [person(f"s{i:02d}", HANDED, campaign="a") for i in range(12)]
    few = make_world(**joined(*before(10, converted=3), *same, person("x", HANDED)))
    assert of(few).baseline == "same-period"
    assert of(few, baseline_asked="earlier").baseline == "earlier"


def test_enough_is_a_hundred_hand_offs_of_which_ten_converted(make_world: World) -> None:
    def chosen(n: int, converted: int) -> tuple[str, Any]:
        same = [person(f"s{i:03d}", "2026-03-06 10:00:00", campaign="a") for i in range(120)]
        found = of(make_world(**joined(*before(n, converted=converted), *same, person("x", HANDED))))
        return found.baseline, found.comparisons["why_not"].fillna("enough").iloc[0]

    assert chosen(100, 10) == ("earlier", "enough")
    assert chosen(99, 10) == ("same-period", "only 99 hand-offs, fewer than 100")
    assert chosen(100, 9) == ("same-period", "only 9 of 100 converted, fewer than 10")


def test_each_comparison_counts_those_converted_within_the_horizon(make_world: World) -> None:
    late = person("late", "2026-01-05 10:00:00", ("2026-04-05 10:00:01", "Qualified"), campaign="a")
    just = person("just", "2026-01-06 10:00:00", ("2026-04-06 10:00:00", "Qualified"), campaign="a")
    con = make_world(**joined(late, just, person("x", HANDED)))
    earlier = of(con).comparisons.iloc[0]
    assert (earlier["n"], earlier["n_known"], earlier["n_converted"], earlier["rate"]) == (2, 2, 1, 0.5)
    assert (earlier["n_batches"], earlier["title"]) == (1, "handed over before 2026-03-06")


def test_what_changed_after_the_hand_off_does_not_count(make_world: World) -> None:
    tables = joined(person("x", HANDED, industry="retail", score=20))
    tables["attribute_event"] += changes("x", "industry", ("2026-03-06 10:00:01", "retail"), first="software")
    tables["attribute_event"] += changes(
        "x", "score", (HANDED, "61"), ("2026-03-07 10:00:00", "20"), first="5"
    )
    found = row(make_world(**tables))
    assert (found["industry"], found["score"], found["met_definition"]) == ("software", 61.0, True)


def test_a_definition_that_was_not_met_and_one_that_nobody_can_tell(make_world: World) -> None:
    failed = row(make_world(**joined(person("x", HANDED, score=59))))
    assert (failed["met_definition"], failed["n_clauses_unknown"]) == (False, 0)
    unknown = row(make_world(**joined(person("x", HANDED, industry=None))))
    assert pd.isna(unknown["met_definition"])
    assert unknown["n_clauses_unknown"] == 1


def test_where_the_source_keeps_no_history_of_a_field_the_recorded_value_stands_in(make_world: World) -> None:
    one = person("x", HANDED, tracked=False)
    found = row(make_world(**joined(one)))
    assert (found["met_definition"], found["n_clauses_unknown"], found["definition_evidence"]) == (
        True,
        0,
        "as recorded",
    )
    assert found["completeness"] == 1.0


def test_where_a_history_begins_too_late_the_recorded_value_does_not_stand_in(make_world: World) -> None:
    tables = joined(person("x", HANDED, tracked=False), person("y", "2026-03-08 10:00:00", tracked=False))
    tables["attribute_event"] += changes("y", "score", ("2026-03-08 10:00:00", "70"), first="10")
    found = row(make_world(**tables))
    assert pd.isna(found["met_definition"])
    assert (found["n_clauses_unknown"], found["score"]) == (1, 70.0)


def test_a_duplicate_belongs_to_the_campaign_of_the_record_that_was_handed_over(make_world: World) -> None:
    tables = joined(person("x", HANDED))
    tables["person"].append(
        lead("twin", "2026-02-01 10:00:00", email="x@x.co", status="New", campaign_id="a", channel="Fair")
    )
    found = of(make_world(**tables)).frame
    assert found[["campaign", "channel", "in_batch", "is_duplicate"]].to_numpy().tolist() == [
        ["Summer series", "Webinar", True, True]
    ]


def test_completeness_is_the_share_of_required_fields(make_world: World) -> None:
    assert row(make_world(**joined(person("x", HANDED, company=" "))))["completeness"] == 0.5


@pytest.mark.parametrize(("created", "is_duplicate"), [("2026-03-06 09:59:59", True), (HANDED, False)])
def test_a_duplicate_has_another_record_from_before_the_hand_off(
    make_world: World, created: str, is_duplicate: bool
) -> None:
    tables = joined(person("x", HANDED))
    tables["person"].append(lead("twin", created, email="X@x.co", status="New"))
    found = of(make_world(**tables)).frame
    assert found["is_duplicate"].tolist() == [is_duplicate]


def test_a_twin_of_unknown_age_leaves_it_open(make_world: World) -> None:
    tables = joined(person("x", HANDED))
    tables["person"].append({"record_id": "twin", "kind": "lead", "email": "x@x.co"})
    found = of(make_world(**tables)).frame
    assert found["is_duplicate"].isna().tolist() == [True]


def test_a_skipped_outcome_is_imputed_and_says_so(make_world: World) -> None:
    tables = joined(person("x", HANDED, opportunity_id="o"))
    tables["opportunity"] = [
        {"opportunity_id": "o", "created_at": "2026-03-10 10:00:00", "created_precision": "second"}
    ]
    found = row(make_world(**tables))
    assert (found["converted"], found["is_imputed_outcome"], found["days_to_outcome"]) == (True, True, 4.0)


def test_an_outcome_at_an_unknown_time_is_neither_yes_nor_no(make_world: World) -> None:
    tables = joined(person("x", HANDED))
    tables["stage_event"] = [
        {"event_id": "d", "record_id": "x", "label": "Demo", "entered_precision": "unknown"}
    ]
    found = of(make_world(contracts={"c.yaml": EVENT_CONTRACT}, **tables)).frame
    assert found["converted"].isna().tolist() == [True]
    assert found["days_to_outcome"].isna().tolist() == [True]


def test_an_outcome_known_to_the_day_compares_days(make_world: World) -> None:
    tables = joined(person("x", HANDED, touches=("2026-03-06 15:00:00",)))
    tables["stage_event"] = [
        {
            "event_id": "d",
            "record_id": "x",
            "label": "Demo",
            "entered_at": "2026-03-06 00:00:00",
            "entered_precision": "day",
        }
    ]
    found = row(make_world(contracts={"c.yaml": EVENT_CONTRACT}, **tables))
    assert (found["converted"], found["days_to_outcome"], found["n_touches"]) == (True, 0.0, 1)


def test_a_lead_that_reached_the_outcome_before_is_left_out_with_the_reason(make_world: World) -> None:
    early = person("x", "2026-03-06 10:00:00")
    early["attribute_event"] = changes(
        "x", "status", ("2026-03-05 10:00:00", "Qualified"), ("2026-03-06 10:00:00", "MQL"), first="New"
    )
    early["person"][0]["created_at"] = "2026-03-04 10:00:00"
    found = of(make_world(**joined(early, person("y", HANDED))))
    assert names(found.frame) == ["y"]
    assert found.left_out.to_dict("records") == [
        {"lead_id": "x", "why": "reached the outcome before it was handed over"}
    ]


def test_hand_offs_from_before_outcomes_were_recorded_are_left_out(make_world: World) -> None:
    unrecorded = [person(f"u{i:02d}", f"2026-01-{5 + i % 20:02d} 10:00:00") for i in range(40)]
    recorded = [
        person(
            f"v{i:02d}",
            f"2026-03-{2 + i % 20:02d} 10:00:00",
            (f"2026-03-{3 + i % 20:02d} 10:00:00", "Qualified"),
        )
        for i in range(20)
    ]
    found = of(make_world(**joined(*unrecorded, *recorded)))
    assert set(found.left_out["why"]) == {"handed over before SQL was recorded at all (3 March 2026)"}
    assert len(found.left_out) == 41
    assert found.every["handed_on"].min() == pd.Timestamp("2026-03-03")


def test_an_exit_is_told_with_its_reason_and_days(make_world: World) -> None:
    one = person(
        "x", HANDED, ("2026-03-10 10:00:00", "Disqualified"), reason=("2026-03-10 10:00:00", "Wrong person")
    )
    found = row(make_world(**joined(one)))
    assert (found["exit"], found["exit_reason"], found["exit_days"]) == ("rejected", "Wrong person", 4.0)


def test_a_lead_without_a_campaign_has_a_batch_of_its_own_kind(make_world: World) -> None:
    con = make_world(**joined(person("x", HANDED, campaign=None)))
    assert row(con, "channel=Webinar")["batch_key"] == "Webinar | 2026-03"
    assert row(con, "from=2026-03-01")["batch_key"] == "(none) | 2026-03"
    assert row(con, "campaign=(none)")["batch_key"] == "(none) | 2026-03"


def test_owner_source_and_load_say_what_they_mean(make_world: World) -> None:
    tables = joined(person("x", HANDED), person("y", HANDED, campaign="a"))
    tables["person"][1]["owner_id"] = "r2"
    con = make_world(**tables)
    con.execute("insert into run.load values ('crm', 'first', timestamp '2026-03-06 09:00:00')")
    for batch, found in {
        "owner=Alan Turing": ["y"], "owner=r1": ["x"], "owner=crm:r1": ["x"], "source=crm": ["x", "y"],
        "source=webinar": ["x", "y"], "load=first": ["x", "y"], "load=2026-03-06": ["x", "y"], "campaign=summer": ["x"],
    }.items():  # fmt: skip
        frame = of(con, batch).frame
        assert names(frame[frame["in_batch"]]) == found, batch


def test_two_reps_of_one_name_must_be_told_apart_by_id(make_world: World) -> None:
    tables = joined(person("x", HANDED), person("y", HANDED))
    tables["person"][1]["owner_id"] = "r2"
    tables["rep"] = [{"rep_id": one, "name": "Dina Khan", "team": "Sales"} for one in ("r1", "r2")]
    with pytest.raises(UsageError, match="2 reps are called 'dina khan': crm:r1, crm:r2"):
        of(make_world(**tables), "owner=dina khan")


def test_ids_stand_for_their_hand_offs_and_those_without_one_are_named(make_world: World) -> None:
    tables = joined(
        person("x", HANDED),
        person("00Q5J000001LzjlUAC", "2026-03-07 10:00:00"),
        person("z", "2026-05-07 10:00:00"),
    )
    tables["person"].append(lead("idle", "2026-03-01 10:00:00", status="New"))
    tables["person"].append(lead("twin", "2026-03-08 10:00:00", status="New", email="x@x.co"))
    con = make_world(**tables)
    asked = {"ids": ["twin", "00Q5J000001Lzjl", "idle", "nobody", "z"], "to": "2026-05-01"}
    found = population(con, parse_batch(asked), outcome="sql")
    assert names(found.frame[found.frame["in_batch"]]) == ["x", "00Q5J000001LzjlUAC"]
    assert found.left_out.to_dict("records") == [
        {"lead_id": "z", "why": "handed over, but not within the other limits of the batch"},
        {"lead_id": "idle", "why": "no hand-off at a known time is recorded"},
        {"lead_id": "nobody", "why": "no lead of this id is known"},
    ]
    with pytest.raises(UsageError, match=r"None of the 1 lead ids is known \('nobody' for one\)"):
        population(con, parse_batch({"ids": ["nobody"]}), outcome="sql")


@pytest.mark.parametrize(
    ("batch", "asked", "said"),
    [
        ("campaign=Sumer series", {}, "Did you mean 'Summer series'"),
        ("campaign=S", {}, "may mean Spring webinar, Summer series"),
        ("owner=Grace Hoper", {}, "Did you mean 'Grace Hopper'"),
        ("load=x", {}, "No hand-off has the load"),
        ("channel=Webinar", {"outcome": "sqll"}, "Did you mean 'sql'"),
        ("channel=Webinar", {"outcome": "inquiry"}, "does not come after"),
        ("channel=Webinar", {"stage": "sal"}, "No lead is handed over at 'sal'"),
        ("channel=Webinar", {"baseline_asked": "earliest"}, "Did you mean 'earlier'"),
        ("channel=Webinar", {"baseline_asked": "chanel=x"}, "Did you mean 'channel'"),
    ],
)
def test_what_the_warehouse_does_not_know_is_refused_with_the_nearest(
    make_world: World, batch: str, asked: dict[str, str], said: str
) -> None:
    con = make_world(**joined(person("x", HANDED), person("y", HANDED, campaign="a")))
    with pytest.raises(UsageError, match=said):
        of(con, batch, **asked)


def test_the_order_of_the_rows_that_were_landed_does_not_matter(make_world: World) -> None:
    tables = joined(
        *before(12, converted=4), person("x", HANDED, touches=("2026-03-09 10:00:00",)), person("y", HANDED)
    )
    shuffled: Rows = {name: random.Random(7).sample(rows, len(rows)) for name, rows in tables.items()}
    assert shuffled != tables
    one, other = of(make_world(**tables)), of(make_world(**shuffled))
    assert_frame_equal(one.frame, other.frame)
    assert_frame_equal(one.comparisons, other.comparisons)


def test_campaigns_are_two_in_these_worlds() -> None:
    assert [one["name"] for one in CAMPAIGNS] == ["Spring webinar", "Summer series"]


def test_an_outcome_at_the_very_instant_of_the_hand_off_is_its_outcome(make_world: World) -> None:
    found = row(make_world(**joined(person("x", HANDED, (HANDED, "Qualified")))))
    assert (found["converted"], found["days_to_outcome"]) == (True, 0.0)
