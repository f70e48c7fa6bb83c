"""The metrics of hand-off clocks on the real models: SLAs by tier, waits, queue, persistence, owners in turn."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from world import CONTRACT, call, changes, lead

from funnel.errors import UsageError
from funnel.metrics import handoff

PLAIN = "  - {name: first_touch, clock: business, within: 4 h, attainment: 0.9}\n"
HOT = "  - {name: first_touch, tier: hot, when: {field: score, at_least: 80}, clock: business, within: 1 h}\n"
TIERS = {"c.yaml": CONTRACT.replace(PLAIN, HOT + PLAIN)}
AS_OF = datetime(2026, 3, 20)
DAY = {"done_precision": "day"}


def people(**scores):
    """Return leads handed off on Monday 2 March 2026 at 10, with a score recorded before (None: only today's is known)."""
    tables = {"person": [], "attribute_event": []}
    for record, score in scores.items():
        tables["person"].append(lead(record, "2026-03-01 08:00:00", status="MQL", channel=record[0]))
        tables["attribute_event"] += changes(
            record, "status", ("2026-03-01 08:00:00", "New"), ("2026-03-02 10:00:00", "MQL"), first="Raw"
        )
        if score is not None:
            tables["attribute_event"] += changes(record, "score", ("2026-03-01 09:00:00", score))
    return tables


@pytest.fixture
def world(make_world):
    """Return a warehouse whose source fills the tables named (all but activities if `silent`)."""

    def build(silent=False, as_of=AS_OF, **given):
        con = make_world(as_of=as_of, **given)
        con.execute(
            "create table run.source_table (source text, staging_table text, state text, n_rows bigint)"
        )
        state = "not in this source" if silent else "filled"
        con.execute("insert into run.source_table values ('crm', 'activity', ?, 0)", [state])
        return con

    return build


def rows(table, *columns):
    """Return rows of columns; NaN as None, rates to four places."""

    def plain(value):
        if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) == "<NA>":
            return None
        return round(float(value), 4) if isinstance(value, float) else value

    return [tuple(plain(value) for value in row) for row in table[list(columns)].itertuples(index=False)]


COUNTS = ("n_hand_offs", "n", "n_met", "n_missed", "n_untouched", "n_early", "n_open", "n_unknown")


@pytest.fixture
def tiered(world):
    """Hot: met on the stroke, missed. Other: met, missed in silence. Unknown score: late for hot, in time for other."""
    tables = people(hot_met="80", hot_late="95", cool_met="79", cool_silent="10", new=None)
    for row in [row for rows in tables.values() for row in rows if row["record_id"] == "new"]:
        row["source"] = "hub"  # a source that keeps no history of the score
    return world(
        contracts=TIERS,
        **tables,
        activity=[
            call("1", "hot_met", "2026-03-02 11:00:00"),
            call("2", "hot_late", "2026-03-02 12:00:00"),
            call("3", "cool_met", "2026-03-02 14:00:00"),
            call("4", "new", "2026-03-02 13:00:00", source="hub"),
        ],
    )


def test_the_attainment_counts_all_tiers_each_by_its_own_deadline(tiered):
    table = handoff.clocks(tiered)
    first = table[table["sla"] == "first_touch"]
    assert rows(first, "tier", "within_hours", *COUNTS) == [
        ("all", None, 5, 4, 2, 2, 1, 0, 0, 1),
        ("hot", 1.0, 2, 2, 1, 1, 0, 0, 0, 0),
        ("other", 4.0, 2, 2, 1, 1, 1, 0, 0, 0),
        ("unknown", None, 1, 0, 0, 0, 0, 0, 0, 1),
    ]
    assert rows(first, "rate", "low", "high", "range_low", "range_high", "agreed", "state") == [
        (0.5, 0.15, 0.85, 0.4, 0.6, 0.9, "ok"),
        (0.5, 0.0945, 0.9055, None, None, 0.9, "ok"),
        (0.5, 0.0945, 0.9055, None, None, 0.9, "ok"),
        (None, None, None, 0.0, 1.0, 0.9, "undefined"),
    ]
    parts = first[["n_met", "n_missed", "n_early", "n_open", "n_unknown"]].sum(axis=1)
    assert parts.tolist() == first["n_hand_offs"].tolist()


def test_the_tally_that_the_scorecard_reads_has_one_row_per_obligation(tiered):
    table = handoff.sla(tiered)
    assert rows(table, "sla", "n", "n_met", "agreed") == [
        ("cadence", 5, 0, 0.8),
        ("disposition", 5, 0, 0.8),
        ("first_touch", 4, 2, 0.9),
    ]


def test_a_median_includes_those_never_answered(tiered):
    """Hours 1, 2, 3, 4 and one never: the middle of five is 3; of the silent lead alone none is reached."""
    table = handoff.clocks(tiered)
    first = table[table["sla"] == "first_touch"].set_index("tier")
    medians = ["n_timed", "median_least_hours", "median_most_hours"]
    assert rows(first.loc[["all"]], *medians) == [(5, 3.0, 3.0)]
    assert rows(
        handoff.clocks(tiered, by="channel").query("sla == 'first_touch' and tier == 'other'"), *medians
    ) == [(2, 4.0, 4.0)]


def test_a_median_of_mostly_silent_leads_is_not_reached(world):
    con = world(**people(a="1", b="1", c="1"), activity=[call("1", "a", "2026-03-02 11:00:00")])
    first = handoff.clocks(con).query("sla == 'first_touch'")
    assert rows(first, "median_least_hours", "median_most_hours") == [(14 * 8 - 1.0, None)]


def test_days_give_a_range_of_hours_and_of_the_rate(world):
    con = world(
        **people(a="1", b="1"),
        activity=[call("1", "a", "2026-03-02", **DAY), call("2", "b", "2026-03-02", **DAY)],
    )
    first = handoff.clocks(con).query("sla == 'first_touch'")
    columns = ("n", "n_unknown", "rate", "range_low", "range_high", "median_least_hours", "median_most_hours")
    assert rows(first, *columns) == [(0, 2, None, 0.0, 1.0, 0.0, 7.0)]


def test_segments_carry_over_dispersed_limits_and_periods_do_not(tiered):
    by_channel = handoff.clocks(tiered, by="channel")
    assert rows(
        by_channel.query("sla == 'first_touch' and tier == 'all'"), "value", "n", "is_small", "is_outside"
    ) == [
        ("c", 2, True, False),
        ("h", 2, True, False),
        ("n", 0, True, False),
    ]
    by_week = handoff.clocks(tiered, by="week")
    assert "limit_low" not in by_week
    assert set(by_week["value"]) == {"2026-03-02"}


def test_only_hand_offs_of_the_span_count(tiered):
    assert handoff.clocks(tiered, start_on="2026-03-02", end_on="2026-03-03")["n_hand_offs"].max() == 5
    assert len(handoff.clocks(tiered, start_on="2026-03-03")) == 0
    assert len(handoff.clocks(tiered, end_on="2026-03-02", by="channel")) == 0


def test_an_unknown_split_is_refused_with_the_nearest(tiered):
    with pytest.raises(UsageError, match=r"Hand-offs cannot be split by 'chanel'\. Did you mean 'channel'\?"):
        handoff.clocks(tiered, by="chanel")


def test_without_activities_nothing_is_told_of_answers(world):
    con = world(silent=True, **people(a="1"))
    first = handoff.clocks(con).query("sla == 'first_touch'")
    assert rows(first, "n", "n_unknown", "rate", "n_timed", "median_least_hours", "state") == [
        (0, 1, None, 0, None, "not in this source")
    ]
    assert rows(handoff.waits(con), "clock", "rate", "state") == [
        ("wait", None, "not in this source"),
        ("queue", 0.0, "ok"),
        ("response", None, "not in this source"),
    ]


# Waits and queue

REPS = [{"rep_id": "q", "is_queue": True}, {"rep_id": "r", "team": "sales"}]


def given_to(record, *turns):
    return [
        {
            "assignment_id": f"{record}{i}",
            "record_id": record,
            "owner_id": owner,
            "assigned_at": at,
            "assigned_precision": "second",
        }
        for i, (owner, at) in enumerate(turns)
    ]


@pytest.fixture
def waiting(world):
    """Engaged Sunday 8:00, handed off Monday 10:00: assigned at once, after 2 h, never; answered after 3 h, on a day, never."""
    return world(
        **people(a="1", b="1", c="1"),
        rep=REPS,
        assignment=[
            *given_to("a", ("r", "2026-03-01 12:00:00")),
            *given_to("b", ("q", "2026-03-01 12:00:00"), ("r", "2026-03-02 12:00:00")),
            *given_to("c", ("q", "2026-03-01 12:00:00")),
        ],
        activity=[call("1", "a", "2026-03-02 13:00:00"), call("2", "b", "2026-03-03", **DAY)],
    )


def test_waits_say_who_is_still_waiting_and_what_is_too_coarse(waiting):
    columns = ("clock", "title", "n", "n_ended", "n_waiting", "n_coarse", "n_young", "rate")
    assert rows(handoff.waits(waiting), *columns) == [
        ("wait", "Engagement to first touch", 3, 2, 1, 1, 0, 0.6667),
        ("queue", "Hand-off to assignment", 3, 2, 1, 0, 0, 0.6667),
        ("response", "Assignment to first touch", 3, 2, 1, 1, 0, 0.6667),
    ]
    medians = ("median_elapsed_hours", "median_business_hours")
    assert rows(handoff.waits(waiting), *medians) == [(29.0, 4.0), (2.0, 2.0), (3.0, 3.0)]


@pytest.mark.parametrize(("as_of", "n", "n_young"), [(16, 3, 0), (15, 0, 3)])
def test_a_hand_off_is_old_enough_at_the_landmark_on_the_stroke(world, as_of, n, n_young):
    con = world(**people(a="1", b="1", c="1"), as_of=datetime(2026, 3, as_of, 10))
    assert rows(handoff.waits(con).head(1), "n", "n_young") == [(n, n_young)]


def test_the_queue_tells_assigned_at_once_later_and_never(waiting):
    table = handoff.queue(waiting)
    columns = (
        "stage",
        "to_team",
        "n",
        "n_assigned",
        "n_at_once",
        "n_waiting",
        "n_never",
        "median_elapsed_hours",
    )
    assert rows(table, *columns) == [("mql", "sales", 3, 2, 1, 1, 0, 2.0)]
    assert rows(table, "rate", "low", "high") == [(0.6667, 0.2077, 0.9385)]


# Persistence and owners


def test_persistence_shares_add_to_all_hand_offs_whose_cadence_ran_out(world):
    """Three attempts within ten days agreed: none, one (gave up), one (rejected after it), four."""
    tables = people(none="1", gave_up="1", rejected="1", four="1")
    tables["attribute_event"] += [
        {**row, "event_id": "out"}
        for row in changes("rejected", "status", ("2026-03-05 10:00:00", "Disqualified"), first="MQL")
    ]
    con = world(
        **tables,
        activity=[
            call("1", "gave_up", "2026-03-03 10:00:00"),
            call("2", "rejected", "2026-03-04 10:00:00"),
            *[call(f"f{day}", "four", f"2026-03-{day:02} 10:00:00") for day in (3, 4, 5, 6)],
        ],
    )
    table = handoff.persistence(con)
    columns = ("attempts", "is_total", "agreed", "n", "n_met", "n_gave_up", "n_refused", "n_open", "rate")
    assert rows(table, *columns) == [
        (0, False, 3, 1, 0, 0, 0, 1, 0.25),
        (1, False, 3, 2, 1, 1, 1, 1, 0.5),
        (3, False, 3, 1, 1, 0, 0, 1, 0.25),
        (None, True, 3, 4, 2, 1, 1, 3, 1.0),
    ]


@pytest.mark.parametrize(
    ("as_of", "n"), [(datetime(2026, 3, 12, 10, 0, 1), 1), (datetime(2026, 3, 12, 10), 0)]
)
def test_a_cadence_is_judged_when_it_has_run_out_on_the_stroke(world, as_of, n):
    """A touch at the very deadline would count, and a report sees what came before its instant."""
    con = world(**people(a="1"), as_of=as_of, activity=[call("1", "a", "2026-03-03 10:00:00")])
    table = handoff.persistence(con)
    assert table.loc[table["is_total"], "n"].tolist() == [n] * len(table.loc[table["is_total"]])
    assert len(table) == (2 if n else 0)


def test_owner_spans_add_up_to_the_hand_offs_and_tell_who_answered(waiting):
    table = handoff.owner_spans(waiting)
    columns = (
        "holder",
        "owner_id",
        "n",
        "n_taken_over",
        "n_touched",
        "n_answered",
        "n_touches",
        "elapsed_hours",
    )
    whole = (datetime(2026, 3, 20) - datetime(2026, 3, 2, 10)).total_seconds() / 3600
    assert rows(table, *columns) == [
        ("queue", "crm:q", 2, 0, 0, 0, 0, 2.0 + whole),
        ("receiver", "crm:r", 2, 1, 2, 2, 2, whole + whole - 2.0),
    ]
    assert table["elapsed_hours"].sum() == 3 * whole


def test_no_hand_off_gives_empty_tables(world):
    con = world(person=[lead("a", "2026-03-01 08:00:00", status="New")])
    frames = [
        handoff.clocks(con),
        handoff.clocks(con, by="region"),
        handoff.persistence(con),
        handoff.owner_spans(con),
    ]
    assert [len(frame) for frame in [*frames, handoff.queue(con), handoff.waits(con)]] == [0] * 6
