"""The rules of a journey, each on its boundary, over events that the test states."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from funnel.errors import UsageError
from funnel.metrics import journey

A, B, C, X = (journey.match(event=name) for name in "abcx")
DAY = 86400


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as open_con:
        yield open_con


def events(text: str, *, person: str = "p") -> pd.DataFrame:
    """Return the events of a person from "a0 b5": name and second."""
    rows = [(person, float(one[1:]), one[0]) for one in text.split()]
    return pd.DataFrame(rows, columns=["subject_id", "happened_at", "event"]).astype({"happened_at": "int64"})


def level(con, text: str, *steps: journey.Step, window: float = 100, **more) -> int:
    found = journey.levels(con, events=events(text), steps=steps, window_seconds=window, **more)
    return int(found["level"].iloc[0])


def steps_of(con, text: str, *steps: journey.Step, window: float = 100, **more) -> list[float]:
    found = journey.levels(con, events=events(text), steps=steps, window_seconds=window, **more)
    return list(found["seconds"].iloc[0])


@pytest.mark.parametrize(("second", "reached"), [(9, 2), (10, 2), (11, 1)])
def test_the_end_of_the_window_is_included(con, second, reached) -> None:
    assert level(con, f"a0 b{second}", A, B, window=10) == reached


def test_the_window_runs_from_the_first_step_and_not_from_the_one_before(con) -> None:
    assert level(con, "a0 b9 c11", A, B, C, window=10) == 2
    assert level(con, "a0 b9 c10", A, B, C, window=10) == 3


def test_a_window_of_zero_holds_equal_instants_only(con) -> None:
    assert level(con, "a5 b5 c6", A, B, C, window=0) == 2


def test_a_window_of_a_fraction_of_a_second_is_kept_in_microseconds(con) -> None:
    instants = pd.to_datetime(["2026-01-01 00:00:00", "2026-01-01 00:00:00.250"], format="ISO8601")
    frame = pd.DataFrame({"subject_id": "p", "happened_at": instants, "event": ["a", "b"]})
    reached = [
        journey.levels(con, events=frame, steps=[A, B], window_seconds=seconds)["level"].iloc[0]
        for seconds in (0.25, 0.249999)
    ]
    assert reached == [2, 1]


def test_equal_instants_count_in_funnel_order_whatever_the_order_of_the_rows(con) -> None:
    assert [level(con, text, A, B, C) for text in ("a1 b1 c1", "c1 b1 a1", "b1 c1 a1")] == [3, 3, 3]


def test_an_earlier_event_is_no_later_step(con) -> None:
    assert level(con, "b0 a1", A, B) == 1


def test_one_event_serves_one_step(con) -> None:
    assert level(con, "a1", A, A, A) == 1
    assert level(con, "a1 a1", A, A, A) == 2
    assert level(con, "a1", A, A, A, reuse_events=True) == 3


def test_events_of_one_instant_are_shared_out_so_that_the_most_steps_are_served(con) -> None:
    first, second = journey.match(event=["a", "b"]), journey.match(event="a")
    assert level(con, "a1 b1", first, second) == 2
    assert level(con, "a1 b1 a1", A, B, A) == 3
    assert level(con, "a1 b1", A, B, A) == 2


@pytest.mark.parametrize(
    ("text", "order", "reached"),
    [
        ("a0 b1 c2", "ordered", 3),
        ("a0 b1 y2 c3", "ordered", 3),
        ("a0 b1 y2 c3", "strict", 2),
        ("a0 b1 c2", "strict", 3),
        ("y0 a1 b2 c3 y4", "strict", 3),
        ("a0 b1 b2 c3", "strict", 2),
        ("a0 y1 a2 b3 c4", "strict", 3),
        ("c0 b1 a2", "ordered", 1),
        ("c0 b1 a2", "unordered", 3),
        ("c0 y1 a2", "unordered", 2),
    ],
)
def test_each_order_has_its_own_rule(con, text, order, reached) -> None:
    assert level(con, text, A, B, C, order=order) == reached


def test_strict_an_event_of_the_same_instant_as_a_step_is_not_between(con) -> None:
    assert level(con, "a0 b1 y1 c2", A, B, C, order="strict") == 3
    assert level(con, "a0 y0 b1 c2", A, B, C, order="strict") == 3


def test_in_any_order_the_window_is_that_of_the_earliest_of_the_set(con) -> None:
    assert level(con, "c0 a5 b11", A, B, C, order="unordered", window=10) == 2
    assert level(con, "c0 a1 b11", A, B, C, order="unordered", window=11) == 3
    assert steps_of(con, "c0 a5 b11 c12", A, B, C, order="unordered", window=10) == [6, 1]


def test_in_any_order_a_repeated_step_needs_events_of_its_own(con) -> None:
    assert level(con, "a0 b1", A, A, B, order="unordered") == 2
    assert level(con, "a0 b1 a2", A, A, B, order="unordered") == 3


def test_the_attempt_that_comes_furthest_counts(con) -> None:
    assert level(con, "a0 y50 a200 b210", A, B, window=20) == 2
    assert steps_of(con, "a0 b5 a100 b107 c109", A, B, C, window=20) == [7, 2]


def test_of_equally_far_attempts_the_first_to_arrive_counts_and_its_latest_start(con) -> None:
    assert steps_of(con, "a0 b5 a10 b12", A, B) == [5]
    assert steps_of(con, "a0 a3 b5", A, B) == [2]
    assert steps_of(con, "b0 b3 a5", A, B, order="unordered") == [5]


def test_an_exclusion_between_two_steps_makes_the_attempt_void(con) -> None:
    found = journey.levels(con, events=events("a0 x1 b2"), steps=[A, B], window_seconds=10, exclude=[X])
    assert found[["level", "is_excluded"]].values.tolist() == [[0, True]]


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("x0 a0 b5", 2),
        ("a5 x5", 1),
        ("a0 b5 x5", 2),
        ("a0 b5 x6", 2),
        ("a0 x1 b5", 0),
        ("a0 x10", 0),
        ("a0 x11", 1),
        ("a0 x1 a2 b5", 2),
        ("a0 x1 b2 a3", 0),
        ("a0 x1 b2 a3 b4", 2),
    ],
)
def test_an_exclusion_counts_strictly_between_and_to_the_end_of_the_window(con, text, reached) -> None:
    assert level(con, text, A, B, window=10, exclude=[X]) == reached


@pytest.mark.parametrize(
    ("text", "reached"), [("a0 x1 b2 c3", 3), ("a0 b1 x2 c3", 0), ("a0 b1 x2", 0), ("a0 x1", 1)]
)
def test_an_exclusion_may_be_between_two_chosen_steps_only(con, text, reached) -> None:
    barred = journey.exclusion(X, after=2, before=3)
    assert level(con, text, A, B, C, exclude=[barred]) == reached


def test_in_any_order_an_exclusion_ends_every_attempt_that_it_lies_in(con) -> None:
    given = {"order": "unordered", "exclude": [X], "window": 10}
    assert level(con, "a0 x1 b2", A, B, **given) == 1
    assert level(con, "a0 b1 x2", A, B, **given) == 2
    assert level(con, "a0 b1 x1", A, B, **given) == 2
    assert level(con, "a5 x5", A, B, **given) == 1
    assert level(con, "a0 x10", A, B, **given) == 0
    assert level(con, "a0 x11", A, B, **given) == 1


def crowd(**people: str) -> pd.DataFrame:
    return pd.concat([events(text, person=name) for name, text in people.items()], ignore_index=True)


FOUR = crowd(one="a0 b10 c30", two="a0 b20", three="a0", four="b0 c1", five="a0 x1 b2")


def test_each_step_has_its_count_its_rates_with_intervals_and_its_times(con) -> None:
    table = journey.funnel(con, events=FOUR, steps=[A, B, C], within_days=1, exclude=[X])
    columns = ["step", "title", "n", "rate", "step_rate", "next_rate", "n_dropped", "n_open"]
    assert table[columns].astype(object).where(table[columns].notna(), None).values.tolist() == [
        [1, "event a", 3, 1.0, None, 2 / 3, 0, 0],
        [2, "event b", 2, 2 / 3, 2 / 3, 0.5, 1, 0],
        [3, "event c", 1, 1 / 3, 0.5, None, 1, 0],
    ]
    times = ["average_seconds", "median_seconds", "median_seconds_from_start"]
    assert table[times].iloc[1:].values.tolist() == [[15, 15, 15], [20, 20, 30]]
    assert table[times].iloc[0].isna().all()
    assert table[["low", "high"]].round(6).values.tolist()[1] == [0.20766, 0.938508]
    assert (table["n_excluded"].tolist(), table["n_young"].tolist()) == ([1, 1, 1], [0, 0, 0])
    assert table["rule"].iloc[0] == (
        "Journey funnel: event a → event b → event c, in this order, within 1 day of the first; a person "
        "counts once, by the attempt that came furthest; one event serves one step. Void if event x lies "
        "after step 1 and before step 3."
    )


def test_wilson_of_two_of_three_is_the_published_one() -> None:
    # Wilson (1927) by hand: centre (2 + z²/2) / (3 + z²), z = 1.959964.
    z2 = 1.959964**2
    centre, spread = (2 + z2 / 2) / (3 + z2), (z2 * (2 / 3 * 1 / 3 * 3 + z2 / 4)) ** 0.5 / (3 + z2)
    assert [round(centre - spread, 6), round(centre + spread, 6)] == [0.20766, 0.938508]


def test_converted_dropped_and_those_before_add_up_and_are_listed(con) -> None:
    asked = {"events": FOUR, "steps": [A, B, C], "within_days": 1}
    names = {
        (step, outcome): journey.persons(con, step=step, outcome=outcome, **asked)["subject_id"].tolist()
        for step in (1, 2, 3)
        for outcome in ("converted", "dropped")
    }
    assert names == {
        (1, "converted"): ["five", "one", "three", "two"],
        (1, "dropped"): [],
        (2, "converted"): ["five", "one", "two"],
        (2, "dropped"): ["three"],
        (3, "converted"): ["one"],
        (3, "dropped"): ["five", "two"],
    }


def test_a_person_is_listed_with_dates_and_times_of_the_step_asked_for(con) -> None:
    asked = {"events": FOUR, "steps": [A, B, C], "within_days": 1}
    converted = journey.persons(con, step=2, **asked).drop(columns="rule")
    assert converted.to_dict("records")[1] == {
        "subject_id": "one",
        "level": 3,
        "started_at": 0,
        "reached_at": 10,
        "seconds": 10.0,
        "seconds_from_start": 10.0,
        "precision": "second",
    }
    dropped = journey.persons(con, step=3, outcome="dropped", **asked)
    assert dropped[["level", "reached_at", "seconds"]].values.tolist() == [[2, 2, 2], [2, 20, 20]]


def test_nobody_gives_rows_of_nought_with_rates_that_are_null(con) -> None:
    table = journey.funnel(con, events=events("y0"), steps=[A, B], within_days=1)
    assert table["n"].tolist() == [0, 0]
    assert table[["rate", "low", "next_rate", "average_seconds", "median_seconds"]].isna().all(axis=None)
    assert (
        len(journey.bins(con, from_step=1, to_step=2, events=events("y0"), steps=[A, B], within_days=1)) == 0
    )


TOUCHED = pd.DataFrame(
    [
        ("one", 0, "a", "Mail"),
        ("one", 1, "a", "Search"),
        ("one", 2, "b", "Event"),
        ("one", 3, "a", "Late"),
        ("two", 0, "a", None),
        ("two", 1, "b", "Event"),
        ("six", 0, "a", "Mail"),
    ],
    columns=["subject_id", "happened_at", "event", "channel"],
)


@pytest.mark.parametrize(
    ("attribute_from", "counts"),
    [
        ("first", {"Mail": [1, 0], "Search": [1, 1], None: [1, 1]}),
        ("last", {"Event": [2, 2], "Mail": [1, 0]}),
        (1, {"Mail": [1, 0], "Search": [1, 1], None: [1, 1]}),
        (2, {"Event": [2, 2]}),
        ("first_touch", {"Mail": [2, 1], "Event": [1, 1]}),
        ("last_touch", {"Event": [1, 1], "Late": [1, 1], "Mail": [1, 0]}),
    ],
)
def test_a_breakdown_takes_the_attribute_of_the_event_that_was_chosen(con, attribute_from, counts) -> None:
    table = journey.funnel(
        con, events=TOUCHED, steps=[A, B], within_days=1, by="channel", attribute_from=attribute_from
    )
    found: dict[str | None, list[int]] = {}
    for value, n in table[["value", "n"]].itertuples(index=False):
        found.setdefault(None if pd.isna(value) else value, []).append(n)
    assert found == counts


def test_largest_value_stands_first_and_null_last_of_equals(con) -> None:
    table = journey.funnel(con, events=TOUCHED, steps=[A, B], within_days=1, by="channel")
    assert table["value"].astype(object).where(table["value"].notna(), None).tolist() == [
        "Mail",
        "Mail",
        "Search",
        "Search",
        None,
        None,
    ]


def test_times_bins_and_their_average_are_those_of_the_persons(con) -> None:
    many = crowd(**{f"p{second}": f"a0 b{second}" for second in (10, 20, 21, 50, 51, 60, 70, 80)})
    asked = {"events": many, "steps": [A, B], "within_days": 1, "from_step": 1, "to_step": 2}
    assert journey.times(con, **asked)["seconds"].tolist() == [10, 20, 21, 50, 51, 60, 70, 80]
    table = journey.bins(con, **asked)
    assert table[["from_seconds", "to_seconds", "n"]].values.tolist() == [
        [10, 45, 3],
        [45, 80, 4],
        [80, 115, 1],
    ]
    assert table["average_seconds"].tolist() == [45.25] * 3
    seven = journey.bins(con, n_bins=7, **asked)
    assert seven["from_seconds"].tolist() == [10, 20, 30, 40, 50, 60, 70, 80]
    assert seven["n"].tolist() == [1, 2, 0, 0, 2, 1, 1, 1]


def test_a_single_person_has_bins_of_a_minute(con) -> None:
    asked = {"events": events("a0 b10"), "steps": [A, B], "within_days": 1}
    table = journey.bins(con, from_step=1, to_step=2, **asked)
    assert table[["from_seconds", "n"]].values.tolist() == [[10, 1], [70, 0]]


def test_conditions_compare_text_numbers_truth_and_what_is_not_stated(con) -> None:
    frame = pd.DataFrame(
        {
            "subject_id": list("pqrs"),
            "happened_at": 0,
            "code": [1000.0, 1001.0, None, 1000.0],
            "human": [True, False, True, None],
            "$from": ["x", None, "y'; drop table event; --", "1000"],
        }
    )

    def who(**where) -> list[str]:
        found = journey.persons(con, step=1, events=frame, steps=[journey.match(**where)], within_days=1)
        return found["subject_id"].tolist()

    assert who(code=1000) == ["p", "s"]
    assert who(code=[1001, None]) == ["q", "r"]
    assert who(human=True) == ["p", "r"]
    assert who(**{"$from": "1000"}) == ["s"]
    assert who(**{"$from": 1000}) == ["s"]
    assert who(**{"$from": None}) == ["q"]
    assert who(**{"$from": "y'; drop table event; --"}) == ["r"]
    assert who(nowhere="x") == []
    assert who(nowhere=None) == list("pqrs")
    assert who() == list("pqrs")


def test_instants_of_a_zone_are_compared_as_instants(con) -> None:
    at = pd.to_datetime(["2026-03-29 01:30+01:00", "2026-03-29 03:30+02:00"], utc=True).tz_convert(
        "Europe/Berlin"
    )
    frame = pd.DataFrame({"subject_id": "p", "happened_at": at, "event": ["a", "b"]})
    found = journey.levels(con, events=frame, steps=[A, B], window_seconds=3600)
    assert found[["level"]].values.tolist() == [[2]]
    assert list(found["seconds"].iloc[0]) == [3600]


def test_a_call_leaves_nothing_behind_in_the_connection(con) -> None:
    journey.funnel(con, events=FOUR, steps=[A, B], within_days=1)
    assert con.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]
    assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"steps": []}, "A journey without steps has no funnel"),
        ({"order": "ordred"}, "There is no order of steps 'ordred'. Did you mean 'ordered'?"),
        ({"within_days": -1}, "A window of -86400 seconds holds nothing. Give 0 or more."),
        ({"by": "evnt"}, "There is no attribute 'evnt'. Did you mean 'event'?"),
        ({"attribute_from": 3}, "There is no step 3: the journey has steps 1 to 2."),
        ({"attribute_from": "frist"}, "There is no attribute_from 'frist'. Did you mean 'first'?"),
        (
            {"exclude": [journey.exclusion(X, after=2)]},
            "An exclusion after step 2 and before step 2 has no way to bar",
        ),
        (
            {"exclude": [journey.exclusion(X, before=3)]},
            "An exclusion after step 1 and before step 3 has no way to bar",
        ),
        (
            {"steps": [A, B, C], "order": "unordered", "exclude": [journey.exclusion(X, after=2)]},
            "In any order no event lies between two chosen steps",
        ),
        ({"steps": [journey.step("touch"), A]}, "Steps over events of your own are made with match"),
        ({"events": pd.DataFrame({"subject_id": []})}, "The events have no column 'happened_at'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_would_do(con, more, said) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        journey.funnel(con, **{"events": FOUR, "steps": [A, B], "within_days": 1, **more})


def test_modes_steps_and_outcomes_of_no_meaning_are_refused(con) -> None:
    asked = {"events": FOUR, "steps": [A, B]}
    with pytest.raises(UsageError, match=r"There is no mode 'strict_ordr'.* Did you mean 'strict_order'"):
        journey.levels(con, window_seconds=1, modes=["strict_ordr"], **asked)
    with pytest.raises(UsageError, match="allow_reentry loosens strict_order"):
        journey.levels(con, window_seconds=1, modes=["allow_reentry"], **asked)
    with pytest.raises(UsageError, match="Modes and events that serve several steps are for order='ordered'"):
        journey.levels(con, window_seconds=1, order="strict", reuse_events=True, **asked)
    with pytest.raises(UsageError, match="There is no step 3: the journey has steps 1 to 2"):
        journey.persons(con, step=3, within_days=1, **asked)
    with pytest.raises(UsageError, match=r"There is no outcome 'droped'.* Did you mean 'dropped'"):
        journey.persons(con, step=1, outcome="droped", within_days=1, **asked)
    with pytest.raises(UsageError, match="Step 1 does not come after step 2"):
        journey.times(con, from_step=2, to_step=1, within_days=1, **asked)
    with pytest.raises(UsageError, match="A journey needs within_days"):
        journey.persons(con, step=1, **asked)


def test_a_step_of_the_warehouse_knows_its_columns() -> None:
    with pytest.raises(UsageError, match=r"There is no source of events 'tuch'.* Did you mean 'touch'"):
        journey.step("tuch")
    with pytest.raises(UsageError, match=r"There is no column of a touch 'chanel'.* Did you mean 'channel'"):
        journey.step("touch", chanel="Webinar")
    with pytest.raises(UsageError, match="A step of any event takes no conditions"):
        journey.step("any", channel="Webinar")
    with pytest.raises(UsageError, match="'channel' takes a text, a number"):
        journey.step("touch", channel=[])


def test_a_step_says_its_conditions_or_its_title() -> None:
    said = {
        journey.step("touch").says: "touch",
        journey.step("touch", channel=["Webinar", None]).says: "touch, channel Webinar or not stated",
        journey.step(
            "activity", kind="call", is_human_touch=True
        ).says: "activity, is human touch, kind call",
        journey.step("exit", exit="rejected").says: "rejected",
        journey.step("any").says: "any event",
        journey.step("touch", channel="Webinar").titled("Webinar").says: "Webinar",
        journey.match().says: "any event",
    }
    assert list(said) == list(said.values())
