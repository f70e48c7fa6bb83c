"""Journeys against a plain reference that tries every chain of events, on small random event lists.

The reference is written from the definitions in docs/journeys.md, person by person and without any cleverness:
all choices of distinct events are enumerated. Random lists hold ties, repeated and overlapping steps, windows
of zero length and exclusions.
"""

from __future__ import annotations

from itertools import pairwise

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.metrics import journey

NAMES = "abc"
SMALL = settings(derandomize=True, max_examples=30, deadline=None, database=None)

event = st.tuples(st.integers(0, 5), st.sampled_from([*NAMES, "x", "y"]))
people = st.lists(st.lists(event, min_size=1, max_size=6), min_size=1, max_size=12)
kind = st.sampled_from([("a",), ("b",), ("c",), ("a", "b"), ("b", "c"), ("a", "b", "c")])
steps = st.lists(kind, min_size=1, max_size=4)
window = st.sampled_from([0, 1, 3, 9])


def frame(lists) -> pd.DataFrame:
    rows = [(person, at, name) for person, events in enumerate(lists) for at, name in events]
    return pd.DataFrame(rows, columns=["subject_id", "happened_at", "event"])


def asked(lists, kinds, seconds, **more) -> list[tuple]:
    with duckdb.connect() as con:
        found = journey.levels(
            con,
            events=frame(lists),
            steps=[journey.match(event=names) for names in kinds],
            window_seconds=seconds,
            **more,
        )
    rows = found.sort_values("subject_id")[["level", "is_excluded", "seconds"]].to_numpy()
    return [(int(level), bool(void), [] if level == 0 else list(took)) for level, void, took in rows]


def excluding(bars, n_steps) -> list[journey.Exclusion]:
    if bars is None or n_steps < 2:
        return []
    after = min(bars, n_steps - 1)
    return [journey.exclusion(journey.match(event="x"), after=after)]


def chains(events, kinds, seconds, path, is_strict):
    """Give every chain of distinct events that goes on from a path: in time order, within the window."""
    yield path
    if len(path) == len(kinds):
        return
    last, first = events[path[-1]][0], events[path[0]][0]
    for index, (at, name) in enumerate(events):
        if name not in kinds[len(path)] or index in path or at < last or at - first > seconds:
            continue
        if not (is_strict and any(last < other < at for other, _ in events)):
            yield from chains(events, kinds, seconds, [*path, index], is_strict)


def attempts(events, kinds, seconds, is_strict):
    """Give the times of each attempt: from its start the earliest at every step; strict: every chain."""
    for index, (_, name) in enumerate(events):
        if name in kinds[0]:
            found = [
                [events[at][0] for at in path] for path in chains(events, kinds, seconds, [index], is_strict)
            ]
            yield from found if is_strict else [min(found, key=lambda times: (-len(times), times))]


def judged(events, times, n_steps, seconds, after):
    """Return (level, is void, times): an x strictly between two barred steps, or after the last, voids."""
    barred = [at for at, name in events if name == "x"] if after else []
    for step in range(after + 1 if after else n_steps + 1, len(times) + 1):
        if any(times[step - 2] < at < times[step - 1] for at in barred):
            return step, True, times[:step]
    is_on_the_way = bool(after) and after <= len(times) < n_steps
    late = is_on_the_way and any(times[-1] < at <= times[0] + seconds for at in barred)
    return len(times), late, times


def expected(events, kinds, seconds, is_strict=False, after=None):
    """Return level, is_excluded and times of the best attempt: furthest, first to arrive, latest start."""
    found = [
        judged(events, times, len(kinds), seconds, after)
        for times in attempts(events, kinds, seconds, is_strict)
    ]
    if not found:
        return 0, False, []
    level, is_void, times = min(found, key=lambda one: (-one[0], one[1], one[2][-1], -one[2][0], one[2]))
    return (0, True, []) if is_void else (level, False, took(times))


def expected_in_any_order(events, kinds, seconds, is_barred=False):
    """Return the same in any order: from each event, how many steps have an event of their own by when."""
    found = []
    for start, name in events:
        if any(name in names for names in kinds):
            within = sorted((at, other) for at, other in events if start <= at <= start + seconds)
            times: list[int] = []
            for at, _ in within:
                so_far = [other for when, other in within if when <= at]
                times += [at] * (matched(so_far, kinds) - len(times))
            barred = [at for at, other in within if other == "x" and at > start] if is_barred else []
            is_void = any(len(times) < len(kinds) or at < times[-1] for at in barred)
            found.append((is_void, -len(times), times[-1], start, times))
    if not found:
        return 0, False, []
    is_void, _, _, _, times = min(found)
    return (0, True, []) if is_void else (len(times), False, took(times))


def matched(names, kinds) -> int:
    """Return how many steps can have an event of their own: the best of all assignments."""
    if not names:
        return 0
    without = matched(names[1:], kinds)
    tried = [
        1 + matched(names[1:], [*kinds[:at], *kinds[at + 1 :]])
        for at, names_of in enumerate(kinds)
        if names[0] in names_of
    ]
    return max([without, *tried])


def took(times):
    return [float(after - before) for before, after in pairwise(times)]


@SMALL
@given(people, steps, window, st.sampled_from([None, 1, 2]))
def test_ordered_journeys_are_those_of_the_reference(lists, kinds, seconds, bars) -> None:
    exclude = excluding(bars, len(kinds))
    after = exclude[0].after if exclude else None
    wanted = [expected(events, kinds, seconds, after=after) for events in lists]
    assert asked(lists, kinds, seconds, exclude=exclude) == wanted


@SMALL
@given(people, steps, window, st.sampled_from([None, 1]))
def test_strict_journeys_are_those_of_the_reference(lists, kinds, seconds, bars) -> None:
    exclude = excluding(bars, len(kinds))
    after = exclude[0].after if exclude else None
    wanted = [expected(events, kinds, seconds, is_strict=True, after=after) for events in lists]
    assert asked(lists, kinds, seconds, order="strict", exclude=exclude) == wanted


@SMALL
@given(people, steps, window, st.booleans())
def test_journeys_in_any_order_are_those_of_the_reference(lists, kinds, seconds, is_barred) -> None:
    exclude = excluding(1 if is_barred else None, len(kinds))
    wanted = [expected_in_any_order(events, kinds, seconds, is_barred=bool(exclude)) for events in lists]
    assert asked(lists, kinds, seconds, order="unordered", exclude=exclude) == wanted


@SMALL
@given(people, steps, window, st.sampled_from(["ordered", "strict", "unordered"]), st.randoms())
def test_counts_never_rise_and_the_order_of_rows_does_not_matter(
    lists, kinds, seconds, order, chance
) -> None:
    rows = frame(lists)
    mixed = list(range(len(rows)))
    chance.shuffle(mixed)
    given = {
        "steps": [journey.match(event=names) for names in kinds],
        "within_days": seconds / 86400,
        "order": order,
        "by": "event",
        "exclude": excluding(1, len(kinds)),
    }
    with duckdb.connect() as con:
        table = journey.funnel(con, events=rows, **given)
        again = journey.funnel(con, events=rows.iloc[mixed], **given)
    pd.testing.assert_frame_equal(table, again)
    for _, of_value in table.groupby("value", dropna=False):
        assert of_value["n"].is_monotonic_decreasing
    before = table.groupby("value", dropna=False, sort=False)["n"].shift(1)
    is_later = table["step"] > 1
    assert (table["n"] + table["n_dropped"] + table["n_open"])[is_later].tolist() == before[is_later].tolist()
    with duckdb.connect() as con:
        whole = journey.funnel(con, events=rows, **{**given, "by": None})
    assert whole["n"].tolist() == table.groupby("step")["n"].sum().reindex(whole["step"]).fillna(0).tolist()
