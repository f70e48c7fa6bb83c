"""Pipeline from the start of a span to its end: every line on rows stated here, and by another route."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from world import CONTRACT

from funnel.errors import UsageError
from funnel.metrics import bridge

Q2 = {"start_on": "2026-04-01", "end_on": "2026-07-01"}


@pytest.fixture
def made(make_world):
    """Return a function that builds a warehouse and lays out which staging tables are filled."""

    def make(**tables: Any):
        con = make_world(**tables)
        con.execute(
            "create table run.source_table (source text, staging_table text, state text, n_rows bigint)"
        )
        for table in ("opportunity", "person"):
            con.execute("insert into run.source_table values ('crm', ?, 'filled', 1)", [table])
        return con

    return make


def deal(name: str, created: str, amount: Any, closed: str | None = None, won: bool = False, **more: Any):
    row = {
        "opportunity_id": name,
        "created_at": f"{created} 09:00:00",
        "created_precision": "second",
        "currency": "EUR",
        "amount": amount,
        "stage": "Open",
        "is_closed": False,
    }
    if closed:
        row |= {"closed_at": f"{closed} 00:00:00", "closed_precision": "day", "is_closed": True}
        row |= {"is_won": won, "stage": "Won" if won else "Lost"}
    return row | more


def step(name: str, on: str, amount: Any = None, close: str | None = None, label: str = "Open"):
    step.n += 1
    return {
        "event_id": f"{step.n:05}",
        "opportunity_id": name,
        "label": label,
        "amount": amount,
        "close_on": close,
        "changed_at": f"{on} 09:00:00",
        "changed_precision": "second",
    }


step.n = 0


def told(frame, *, money: bool = True) -> dict[str, Any]:
    """Return by line what is not nothing: (n, effect on the number, effect on the amount)."""
    found = {}
    for row in frame.to_dict("records"):
        values = (row["n"], row["n_change"], row["amount"] if money else row["cents"])
        if any(value is not None and value != 0 for value in values):
            found[row["line"]] = values
    return found


def closes(frame) -> bool:
    rows = frame[frame["line"] != "end"]
    end = frame[frame["line"] == "end"].iloc[0]
    return rows["n_change"].sum() == end["n_change"] and rows["cents"].sum() == end["cents"]


def test_each_line_takes_its_deals_and_the_lines_add_to_the_end(made) -> None:
    """Start a b c d e; new f g; a is raised, b lowered, c lost, d won, g won within the span."""
    con = made(
        opportunity=[
            deal("a", "2026-01-10", 150),
            deal("b", "2026-01-10", 70),
            deal("c", "2026-01-10", 40, "2026-04-01"),
            deal("d", "2026-01-10", 500, "2026-06-30", won=True),
            deal("e", "2026-01-10", 30.25),
            deal("f", "2026-04-01", 60),
            deal("g", "2026-05-01", 11, "2026-05-02", won=True),
            deal("gone before", "2026-01-10", 999, "2026-03-31"),
        ],
        opportunity_event=[
            step("a", "2026-01-10", 100), step("a", "2026-05-01", 150),
            step("b", "2026-01-10", 90), step("b", "2026-05-01", 70),
            step("d", "2026-01-10", 400), step("d", "2026-05-01", 500),
            step("e", "2026-01-10", 30.25), step("f", "2026-04-01", 50), step("f", "2026-04-02", 60),
        ],
    )  # fmt: skip
    frame = bridge.pipeline(con, **Q2)
    assert told(frame) == {
        "start": (5, 5, 660.25),
        "new": (2, 2, 61.0),
        "raised": (3, 0, 160.0),
        "lowered": (1, 0, -20.0),
        "lost": (1, -1, -40.0),
        "won": (2, -2, -511.0),
        "end": (4, 4, 310.25),
    }
    assert closes(frame)
    assert frame["cents"].iloc[0] == 66025
    rows = bridge.pipeline_rows(con, line="raised", **Q2)
    assert rows[["opportunity_id", "cents_in", "cents_out", "cents"]].values.tolist() == [
        ["crm:a", 10000, 15000, 5000],
        ["crm:d", 40000, 50000, 10000],
        ["crm:f", 5000, 6000, 1000],
    ]


@pytest.mark.parametrize(
    ("created", "line"),
    [("2026-03-31", "start"), ("2026-04-01", "new"), ("2026-06-30", "new"), ("2026-07-01", None)],
)
def test_a_span_is_half_open_for_what_comes_in(made, created: str, line: str | None) -> None:
    con = made(opportunity=[deal("a", created, 10), deal("z", "2026-07-01", 1)])
    found = told(bridge.pipeline(con, **Q2))
    assert list(found) == ([line, "end"] if line else [])


@pytest.mark.parametrize(
    ("closed", "lines"),
    [("2026-03-31", []), ("2026-04-01", ["start", "won"]), ("2026-06-30", ["start", "won"])],
)
def test_a_span_is_half_open_for_what_goes_out(made, closed: str, lines: list[str]) -> None:
    con = made(opportunity=[deal("a", "2026-01-10", 10, closed, won=True)])
    assert list(told(bridge.pipeline(con, **Q2))) == lines
    later = {"start_on": closed, "end_on": "2026-07-01"}
    assert list(told(bridge.pipeline(con, **later))) == ["start", "won"]


def test_days_are_of_the_contracts_zone(made) -> None:
    """22:30 UTC on 31 March is 00:30 on 1 April in Berlin: new in the second quarter, not there at its start."""
    con = made(
        contracts={"c.yaml": CONTRACT.replace("zone: UTC", "zone: Europe/Berlin")},
        opportunity=[deal("a", "2026-03-31", 10, created_at="2026-03-31 22:30:00")],
    )
    assert list(told(bridge.pipeline(con, **Q2))) == ["new", "end"]


def test_a_lost_deal_that_comes_back_is_reopened_and_one_that_is_lost_for_the_time_being_is_lost(
    made,
) -> None:
    """It was lost in February, came back in May, was lost again in June for three weeks, is won in August."""
    con = made(
        opportunity=[
            deal("a", "2026-01-10", 100, "2026-06-29", won=True),
            deal("other", "2025-01-10", 1, "2025-02-01"),
        ],
        opportunity_event=[
            step("a", "2026-01-10", 100),
            step("a", "2026-02-01", 100, label="Lost"),
            step("a", "2026-05-01", 120),
            step("a", "2026-06-01", 120, label="Lost"),
            step("a", "2026-06-20", 100),
            step("a", "2026-06-29", 100, label="Won"),
        ],
    )

    def lines(start: str, end: str) -> dict[str, Any]:
        frame = bridge.pipeline(con, start_on=start, end_on=end)
        assert closes(frame)
        return told(frame)

    assert lines("2026-01-01", "2026-02-02") == {"new": (1, 1, 100.0), "lost": (1, -1, -100.0)}
    assert lines("2026-02-02", "2026-05-01") == {}
    assert lines("2026-02-02", "2026-05-02") == {"reopened": (1, 1, 120.0), "end": (1, 1, 120.0)}
    assert lines("2026-05-02", "2026-06-02") == {"start": (1, 1, 120.0), "lost": (1, -1, -120.0)}
    assert lines("2026-06-02", "2026-07-01") == {"reopened": (1, 1, 100.0), "won": (1, -1, -100.0)}
    assert lines("2026-01-01", "2026-07-01") == {"new": (1, 1, 100.0), "won": (1, -1, -100.0)}


def test_due_pipeline_moves_in_and_slips_out_by_the_expected_close_as_recorded_then(made) -> None:
    con = made(
        opportunity=[
            deal("stays", "2026-01-10", 10),
            deal("slips", "2026-01-10", 20),
            deal("moves in", "2026-01-10", 45),
            deal("pulled", "2026-01-10", 80, "2026-06-01", won=True),
            deal("later", "2026-01-10", 1000),
            deal("new", "2026-04-02", 5),
            deal("new later", "2026-04-02", 6),
            deal("early", "2026-01-10", 7),
        ],
        opportunity_event=[
            step("stays", "2026-01-10", 10, "2026-04-01"),
            step("slips", "2026-01-10", 20, "2026-06-30"), step("slips", "2026-06-29", 25, "2026-07-01"),
            step("moves in", "2026-01-10", 40, "2026-07-01"), step("moves in", "2026-05-01", 45, "2026-06-30"),
            step("pulled", "2026-01-10", 80, "2026-09-01"),
            step("later", "2026-01-10", 1000, "2026-09-01"),
            step("new", "2026-04-02", 5, "2026-05-01"),
            step("new later", "2026-04-02", 6, "2026-08-01"),
            step("early", "2026-01-10", 7, "2026-03-31"),
        ],
    )  # fmt: skip
    frame = bridge.pipeline(con, scope="due", **Q2)
    assert told(frame) == {
        "start": (2, 2, 30.0),
        "new": (1, 1, 5.0),
        "moved_in": (2, 2, 125.0),
        "slipped": (1, -1, -20.0),
        "won": (1, -1, -80.0),
        "end": (3, 3, 60.0),
    }
    assert closes(frame)
    assert {"moved_in", "slipped"}.isdisjoint(bridge.pipeline(con, **Q2)["line"])


def test_an_amount_that_becomes_known_is_told_apart_and_another_currency_is_unknown(made) -> None:
    con = made(
        opportunity=[deal("a", "2026-01-10", 90), deal("b", "2026-01-10", 50, currency="USD")],
        opportunity_event=[
            step("a", "2026-01-10"), step("a", "2026-05-01", 90), step("b", "2026-01-10", 50)
        ],
    )  # fmt: skip
    frame = bridge.pipeline(con, **Q2)
    assert told(frame) == {"start": (2, 2, 0.0), "valued": (1, 0, 90.0), "end": (2, 2, 90.0)}
    unknown = frame.set_index("line")["n_unknown"]
    assert (unknown["start"], unknown["end"]) == (1, 1)


def test_without_a_history_lines_are_null_and_the_bridge_still_closes(made) -> None:
    """Every instant has the last known amount; lost deals without a day go out as they come in."""
    con = made(
        opportunity=[
            deal("a", "2026-01-10", 10),
            deal("b", "2026-01-10", 20, "2026-05-01", won=True),
            deal("c", "2026-05-01", 30) | {"is_closed": True, "is_won": False},
            deal("d", "2026-01-10", 40) | {"is_closed": True, "is_won": False},
            deal("e", "2026-05-01", 50) | {"created_at": None, "created_precision": "unknown"},
        ]
    )
    frame = bridge.pipeline(con, **Q2)
    lines = frame.set_index("line")
    assert told(frame) == {
        "start": (2, 2, 30.0),
        "new": (1, 1, 30.0),
        "undated": (1, -1, -30.0),
        "won": (1, -1, -20.0),
        "end": (1, 1, 10.0),
    }
    assert closes(frame)
    absent = lines[lines["state"] == "not in this source"]["missing"].to_dict()
    assert absent == {
        "reopened": "no history of stages is kept",
        "raised": "no history of amounts is kept",
        "lowered": "no history of amounts is kept",
        "valued": "no history of amounts is kept",
        "lost": "no lost opportunity has a day",
    }
    assert lines.loc[list(absent), "cents"].isna().all()
    assert set(frame["n_left_out"]) == {1}
    due = bridge.pipeline(con, scope="due", **Q2)
    assert set(due["missing"]) == {"no history of the expected close is kept"}
    assert due["n"].isna().all()


def test_an_amount_told_only_with_the_closing_is_no_history(made) -> None:
    con = made(
        opportunity=[deal("a", "2026-01-10", 10, "2026-05-01", won=True)],
        opportunity_event=[step("a", "2026-01-10"), step("a", "2026-05-01", 10, label="Won")],
    )
    assert told(bridge.pipeline(con, **Q2)) == {"start": (1, 1, 10.0), "won": (1, -1, -10.0)}


def test_a_running_span_ends_with_the_report(made) -> None:
    """The report is of 1 July 2026: what happened on 30 June counts, the span is not complete."""
    con = made(opportunity=[deal("a", "2026-06-30", 10), deal("b", "2026-01-10", 5, "2026-06-30")])
    frame = bridge.pipeline(con, start_on="2026-06-01", end_on="2026-09-01")
    assert told(frame) == {
        "start": (1, 1, 5.0), "new": (1, 1, 10.0), "lost": (1, -1, -5.0), "end": (1, 1, 10.0)
    }  # fmt: skip
    assert not frame["is_complete"].any()
    assert bridge.pipeline(con, **Q2)["is_complete"].all()


def test_segments_have_a_bridge_each_and_add_to_the_whole(made) -> None:
    con = made(
        opportunity=[
            deal("a", "2026-01-10", 10, channel="Web"),
            deal("b", "2026-04-10", 20, channel="Fair"),
            deal("c", "2026-04-10", 40),
        ]
    )
    frame = bridge.pipeline(con, by="channel", **Q2)
    assert list(frame["segment"].drop_duplicates().astype(object).where(lambda s: s.notna(), None)) == [
        "Fair", "Web", None
    ]  # fmt: skip
    whole = bridge.pipeline(con, **Q2).set_index("line")["cents"].fillna(0)
    assert frame.groupby("line")["cents"].sum().to_dict() == whole.to_dict()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scope": "opn"}, "Did you mean 'open'"),
        ({"by": "chanel"}, "Did you mean 'channel'"),
        ({"end_on": "2026-04-01"}, "start_on < end_on"),
        ({"start_on": "2026-08-01", "end_on": "2026-09-01"}, "Nothing has happened yet"),
    ],
)
def test_a_wrong_word_or_an_empty_span_is_said(made, given: dict[str, Any], words: str) -> None:
    con = made(opportunity=[deal("a", "2026-01-10", 10)])
    with pytest.raises(UsageError, match=words):
        bridge.pipeline(con, **(Q2 | given))
    with pytest.raises(UsageError, match="Did you mean 'raised'"):
        bridge.pipeline_rows(con, line="raisd", **Q2)
    with pytest.raises(UsageError, match="Its lines"):
        bridge.pipeline_rows(con, line="slipped", **Q2)


def by_hand(deals: list[Any], steps: list[Any], start: date, end: date) -> dict[str, tuple[int, int]]:
    """Walk through every deal day by day, as a person with the CRM's history would."""
    found: dict[str, list[int]] = {}

    def add(line: str, n: int, cents: int) -> None:
        values = found.setdefault(line, [0, 0])
        values[0] += n
        values[1] += cents

    for one in deals:
        mine = [each for each in steps if each["opportunity_id"] == one["opportunity_id"]]
        opened = date.fromisoformat(one["created_at"][:10])
        closed = date.fromisoformat(one["closed_at"][:10]) if one["is_closed"] else None

        def amount(day: date, mine=mine) -> int:
            known = [each["amount"] for each in mine if date.fromisoformat(each["changed_at"][:10]) < day]
            return 100 * (known[-1] if known else mine[0]["amount"])

        was_open = opened < start and (closed is None or closed >= start)
        is_new = start <= opened < end
        if not (was_open or is_new):
            continue
        entry = amount(start) if was_open else amount(opened + timedelta(days=1))
        is_out = closed is not None and closed < end
        leave = 100 * one["amount"] if is_out else amount(end)
        add("start" if was_open else "new", 1, entry)
        if leave != entry:
            add("raised" if leave > entry else "lowered", 0, leave - entry)
        if is_out:
            add("won" if one["is_won"] else "lost", -1, -leave)
        else:
            add("end", 1, leave)
    return {line: tuple(values) for line, values in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_through_every_deal_by_hand_gives_the_same_bridge(made, seed: int) -> None:
    chance = random.Random(seed)
    day = lambda low, high: date(2026, 1, 1) + timedelta(days=chance.randrange(low, high))  # noqa: E731
    deals, steps = [], []
    for i in range(120):
        opened = day(0, 150)
        closed = opened + timedelta(days=chance.randrange(0, 90)) if chance.random() < 0.6 else None
        closed = closed if closed and closed < date(2026, 6, 30) else None
        days = sorted({opened, *(opened + timedelta(days=chance.randrange(1, 60)) for _ in range(3))})
        days = [
            each
            for each in days
            if each < min(closed or date(2026, 6, 30), date(2026, 6, 30)) or each == opened
        ]
        amounts = [chance.randrange(1, 50) * 10 for _ in days]
        won = chance.random() < 0.4
        steps += [step(f"d{i}", str(on), worth) for on, worth in zip(days, amounts, strict=True)]
        deals.append(deal(f"d{i}", str(opened), amounts[-1], str(closed) if closed else None, won))
    con = made(opportunity=deals, opportunity_event=steps)
    for start, end in ((date(2026, 2, 1), date(2026, 3, 1)), (date(2026, 1, 1), date(2026, 7, 1))):
        frame = bridge.pipeline(con, start_on=str(start), end_on=str(end))
        assert closes(frame)
        found = {line: (n, round(100 * amount)) for line, (_, n, amount) in told(frame).items()}
        assert found == by_hand(deals, steps, start, end)
