"""Attribution: each rule by hand on stated touches, by another route on many, and exact to the cent."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from world import CONTRACT, lead

from funnel.errors import UsageError
from funnel.metrics import attribution
from funnel.metrics.attribution.credit import WEIGHTS
from funnel.metrics.attribution.markov import chain

AGREED = CONTRACT.replace("verdict:", "attribution: {look_back: 30 days, half_life: 7 days}\nverdict:")
STAGING = ("touch", "opportunity", "activity", "account", "campaign")


def touch(
    record: str, at: str, channel: str | None, precision: str = "second", **more: Any
) -> dict[str, Any]:
    about = {"touched_at": at, "touched_precision": precision, "kind": "response", "channel": channel}
    return {"touch_id": f"{record} {at} {channel}", "record_id": record, **about, **more}


def deal(name: str, created: str, closed: str | None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"opportunity_id": name, "created_at": created, "created_precision": "second"}
    row |= {"amount": 100, "currency": "EUR", "is_closed": closed is not None, "is_won": closed is not None}
    return row | {"closed_at": closed, "closed_precision": closed and "second"} | more


def person(name: str, created: str, opportunity: str | None, **more: Any) -> dict[str, Any]:
    return lead(name, created, status="New", opportunity_id=opportunity, **more)


@pytest.fixture
def sell(make_world):
    """Return a warehouse from persons, touches and deals; the look-back is 30 days, the half-life 7."""

    def made(contract: str = AGREED, filled: tuple[str, ...] = STAGING, **tables: Any):
        con = make_world(contracts={"c.yaml": contract}, **tables)
        con.execute(
            "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
        )
        con.executemany(
            "insert into run.source_table values ('crm', ?, 'filled', 1)", [[name] for name in filled]
        )
        return con

    return made


FIVE = {
    "person": [person("a", "2026-03-03 10:00:00", "o")],
    "touch": [
        touch("a", "2026-03-01 10:00:00", "Search"),
        touch("a", "2026-03-03 10:00:00", "Webinar"),
        touch("a", "2026-03-05 10:00:00", "Social"),
        touch("a", "2026-03-08 10:00:00", "Fair"),
        touch("a", "2026-03-15 10:00:00", "Partner"),
    ],
    "opportunity": [deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
}


def booked(frame: pd.DataFrame, rule: str) -> dict[Any, float]:
    mine = frame[(frame["credit_rule"] == rule) & (frame["line"] != "total")]
    names = mine["value"].where(mine["line"] == "value", mine["line"])
    return {None if pd.isna(n) else n: a for n, a in zip(names, mine["credit_amount"], strict=True)}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", {"Search": 100.0, "Webinar": 0, "Social": 0, "Fair": 0, "Partner": 0}),
        ("last", {"Search": 0, "Webinar": 0, "Social": 0, "Fair": 0, "Partner": 100.0}),
        ("linear", dict.fromkeys(("Search", "Webinar", "Social", "Fair", "Partner"), 20.0)),
        ("u", {"Search": 40, "Webinar": 40, "Social": 6.67, "Fair": 6.67, "Partner": 6.66}),
        ("w", {"Search": 30, "Webinar": 30, "Social": 5, "Fair": 30, "Partner": 5}),
        ("full_path", {"Search": 22.5, "Webinar": 22.5, "Social": 10, "Fair": 22.5, "Partner": 22.5}),
    ],
)
def test_each_rule_books_a_hundred_over_five_touches(sell, rule, expected) -> None:
    """First touch 1 March, lead created at the second, opportunity after the fourth, closed after the fifth."""
    frame = attribution.credits(sell(**FIVE), by="channel")
    assert booked(frame, rule) == pytest.approx(expected, abs=1e-9)


def test_time_decay_halves_with_each_week_before_the_close(sell) -> None:
    weights = [2 ** (-days / 7) for days in (19, 17, 15, 12, 5)]
    frame = attribution.credits(sell(**FIVE), by="channel", rules="time_decay")
    found = booked(frame, "time_decay")
    for channel, weight in zip(("Search", "Webinar", "Social", "Fair", "Partner"), weights, strict=True):
        assert found[channel] == pytest.approx(100 * weight / sum(weights), abs=0.01)
    assert sum(round(100 * value) for value in found.values()) == 10_000
    assert (
        frame["words"].iloc[0]
        == "half as much for each half-life that a touch lies back: 7\N{NO-BREAK SPACE}d"
    )


def test_the_pipeline_is_booked_to_what_came_before_its_creation(sell) -> None:
    frame = attribution.credits(sell(**FIVE), by="channel", amount="pipeline")
    assert booked(frame, "last") == {"Search": 0, "Webinar": 0, "Social": 0, "Fair": 100}
    assert set(frame["credit_rule"]) == set(attribution.RULES) - {"full_path"}


def test_a_touch_on_the_stroke_of_the_look_back_and_of_the_event_counts_and_a_second_more_does_not(
    sell,
) -> None:
    con = sell(
        person=[person("a", "2026-03-01 10:00:00", "o")],
        touch=[
            touch("a", "2026-02-18 09:59:59", "too old"),
            touch("a", "2026-02-18 10:00:00", "oldest"),
            touch("a", "2026-03-20 10:00:00", "youngest"),
            touch("a", "2026-03-20 10:00:01", "too late"),
            touch("a", "2026-03-10 10:00:00", "sent", kind="sent"),
        ],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
    )
    assert booked(attribution.credits(con, by="channel"), "linear") == {"oldest": 50, "youngest": 50}
    shorter = attribution.credits(con, by="channel", look_back_days=29)
    assert booked(shorter, "linear") == {"youngest": 100}
    assert shorter["look_back_days"].unique().tolist() == [29]


def test_what_is_known_to_the_day_counts_on_the_day_of_the_event_and_not_the_day_after(sell) -> None:
    con = sell(
        person=[person("a", "2026-03-01 10:00:00", "o")],
        touch=[
            touch("a", "2026-02-18 00:00:00", "oldest day", "day"),
            touch("a", "2026-02-17 00:00:00", "older", "day"),
            touch("a", "2026-03-20 00:00:00", "same day", "day"),
            touch("a", "2026-03-21 00:00:00", "day after", "day"),
        ],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 00:00:30")],
    )
    assert booked(attribution.credits(con, by="channel"), "linear") == {"oldest day": 50, "same day": 50}
    ledger = attribution.ledger(con, rules=["linear"])
    assert ledger["is_same_day"].tolist() == [False, True]
    assert ledger["age_days"].tolist() == [30, 0]


def test_an_event_known_to_the_day_takes_a_touch_of_any_time_of_it(sell) -> None:
    con = sell(
        person=[person("a", "2026-03-01 10:00:00", "o")],
        touch=[touch("a", "2026-03-20 23:00:00", "late"), touch("a", "2026-03-21 00:00:00", "next day")],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 00:00:00", closed_precision="day")],
    )
    assert booked(attribution.credits(con, by="channel"), "linear") == {"late": 100}


def test_equal_instants_share_what_either_would_have(sell) -> None:
    con = sell(
        person=[person("a", "2026-03-01 10:00:00", "o")],
        touch=[
            touch("a", "2026-03-02 00:00:00", "one", "day"),
            touch("a", "2026-03-02 00:00:00", "two", "day"),
            touch("a", "2026-03-05 00:00:00", "three", "day"),
        ],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00", amount="0.03")],
    )
    frame = attribution.credits(con, by="channel")
    assert booked(frame, "first") == {"one": 0.02, "two": 0.01, "three": 0}
    assert booked(frame, "last") == {"one": 0, "two": 0, "three": 0.03}


def test_what_has_no_bearer_is_shared_by_the_others_in_proportion(sell) -> None:
    """Lead created before any touch and nothing in between: U leaves 40 for the first and 20 for the rest."""
    con = sell(
        person=[person("a", "2026-03-01 00:00:00", "o")],
        touch=[touch("a", "2026-03-02 00:00:00", "one"), touch("a", "2026-03-03 00:00:00", "two")],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
    )
    frame = attribution.credits(con, by="channel")
    assert booked(frame, "u") == {"one": 66.67, "two": 33.33}
    assert booked(frame, "w") == {"one": 50, "two": 50}


def test_a_touch_that_is_all_of_it_has_all_under_every_rule(sell) -> None:
    con = sell(
        person=[person("a", "2026-03-02 00:00:00", "o")],
        touch=[touch("a", "2026-03-02 00:00:00", "one")],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
    )
    frame = attribution.credits(con, by="channel")
    assert [booked(frame, rule) for rule in attribution.RULES] == [{"one": 100}] * 8


def test_what_cannot_be_booked_has_a_line_of_its_own_and_foreign_money_is_counted_and_not_added(sell) -> None:
    con = sell(
        person=[person(one, "2026-03-01 10:00:00", one) for one in "abcd"],
        touch=[
            touch("a", "2026-03-02 10:00:00", "Search"),
            touch("b", "2026-03-02 10:00:00", "Search"),
            touch("d", "2026-03-02 10:00:00", None),
        ],
        opportunity=[
            deal("a", "2026-03-10 10:00:00", "2026-03-20 10:00:00"),
            deal("b", "2026-03-10 10:00:00", "2026-03-20 10:00:00", currency="USD", amount=900),
            deal("c", "2026-03-10 10:00:00", "2026-03-20 10:00:00", amount=50),
            deal("d", "2026-03-10 10:00:00", "2026-03-20 10:00:00", amount=7),
        ],
    )
    frame = attribution.credits(con, by="channel", rules=["linear"])
    rows = frame[["line", "credit_amount", "n_credit", "n_opportunities", "n_unknown"]].to_dict("split")[
        "data"
    ]
    assert rows == [
        ["value", 100.0, 2.0, 2, 1],
        ["value", 7.0, 1.0, 1, 0],
        ["no eligible touch", 50.0, 1.0, 1, 0],
        ["total", 157.0, 4.0, 4, 1],
    ]
    assert frame["value"].fillna("-").tolist() == ["Search", "-", "-", "-"]
    assert frame["credit_share"].sum() == pytest.approx(2)


def test_persons_in_a_contact_role_count_and_others_do_not(sell) -> None:
    con = sell(
        person=[
            person("a", "2026-03-01 10:00:00", "o"),
            person("b", "2026-03-01 10:00:00", None),
            person("c", "2026-03-01 10:00:00", None),
        ],
        contact_role=[{"role_id": "1", "opportunity_id": "o", "record_id": "b", "is_primary": False}],
        touch=[touch(one, "2026-03-02 10:00:00", one) for one in "abc"],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
    )
    assert booked(attribution.credits(con, by="channel"), "linear") == {"a": 50, "b": 50}


def test_campaigns_go_by_their_name_and_content_by_the_inquiry_of_the_day(sell) -> None:
    con = sell(
        person=[person("a", "2026-03-02 10:00:00", "o", channel="Search", content="Guide")],
        campaign=[{"campaign_id": "k", "name": "Spring", "channel": "Search"}],
        touch=[
            touch("a", "2026-03-02 00:00:00", None, "day", campaign_id="k"),
            touch("a", "2026-03-05 00:00:00", "Search", "day", campaign_id="?", content="Price"),
        ],
        opportunity=[deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00")],
    )
    assert booked(attribution.credits(con, by="channel"), "linear") == {"Search": 100}
    assert booked(attribution.credits(con, by="campaign"), "linear") == {"Spring": 50, "crm:?": 50}
    assert booked(attribution.credits(con, by="content"), "linear") == {"Guide": 50, "Price": 50}


def test_the_days_of_the_event_bound_what_is_booked(sell) -> None:
    con = sell(
        person=[person(one, "2026-03-01 10:00:00", one) for one in "ab"],
        touch=[touch(one, "2026-03-02 10:00:00", one) for one in "ab"],
        opportunity=[
            deal("a", "2026-03-10 10:00:00", "2026-03-19 23:59:59"),
            deal("b", "2026-03-10 10:00:00", "2026-03-20 00:00:00"),
        ],
    )
    frame = attribution.credits(con, by="channel", end_on="2026-03-20")
    assert booked(frame, "linear") == {"a": 100}
    assert booked(attribution.credits(con, by="channel", start_on="2026-03-20"), "linear") == {"b": 100}


def test_without_agreement_the_defaults_are_said(sell) -> None:
    frame = attribution.credits(sell(contract=CONTRACT, **FIVE), by="channel")
    assert frame["look_back_days"].unique().tolist() == [180]
    assert "up to 180 days (the contract names no look-back) before its close" in frame["rule"].iloc[0]
    decay = frame.loc[frame["credit_rule"] == "time_decay", "words"].iloc[0]
    assert decay.endswith("7\N{NO-BREAK SPACE}d (the contract names no half-life)")


def test_a_source_without_touches_says_so_and_shows_no_zero(sell) -> None:
    con = sell(filled=("opportunity",), person=FIVE["person"], opportunity=FIVE["opportunity"])
    frame = attribution.credits(con, by="channel")
    assert set(frame["state"]) == {"not in this source"}
    assert frame["credit_amount"].isna().all()
    assert frame["line"].tolist() == ["total"] * 8


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": "chanel"}, r"Attribution has no split 'chanel'. Did you mean 'channel'\?"),
        ({"by": "channel", "amount": "lost"}, "Attribution has no amount 'lost'.* won, pipeline"),
        ({"by": "channel", "rules": ["lnear"]}, r"no rule 'lnear'. Did you mean 'linear'\?"),
        ({"by": "channel", "rules": "full_path", "amount": "pipeline"}, "The full path ends at the close"),
        ({"by": "channel", "look_back_days": 0}, "A window of 0 days holds nothing"),
    ],
)
def test_a_wrong_word_is_refused_with_the_right_ones(sell, asked, message) -> None:
    con = sell(**FIVE)
    with pytest.raises(UsageError, match=message):
        attribution.credits(con, **asked)


def many(seed: int = 5, n: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Return deals with one to three persons, and touches of every precision around them."""
    rng = np.random.default_rng(seed)
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    channels = ["Search", "Webinar", "Social", "Fair", None]
    for at in range(n):
        created = datetime(2026, 3, 1) + timedelta(hours=int(rng.integers(0, 24 * 60)))
        closed = created + timedelta(hours=int(rng.integers(1, 24 * 20)))
        is_won = bool(rng.random() < 0.6)
        day = bool(rng.random() < 0.3)
        shown = closed.replace(hour=0) if day else closed
        tables["opportunity"].append(
            deal(
                f"o{at}",
                str(created),
                str(shown),
                amount=round(float(rng.lognormal(5, 2)), 2),
                is_won=is_won,
                closed_precision="day" if day else "second",
                currency="USD" if at % 13 == 0 else "EUR",
            )
        )
        for who in range(int(rng.integers(1, 4))):
            name = f"p{at}-{who}"
            born = created - timedelta(hours=int(rng.integers(0, 24 * 30)))
            tables["person"].append(person(name, str(born), f"o{at}" if who == 0 else None))
            if who:
                role = {"role_id": name, "opportunity_id": f"o{at}", "record_id": name, "is_primary": False}
                tables["contact_role"].append(role)
            for number in range(int(rng.integers(0, 5))):
                when = created + timedelta(hours=int(rng.integers(-24 * 45, 24 * 15)))
                is_day = bool(rng.random() < 0.5)
                row = touch(
                    name,
                    str(when.replace(hour=0) if is_day else when),
                    channels[int(rng.integers(0, 5))],
                    "day" if is_day else "second",
                    kind="sent" if rng.random() < 0.15 else "response",
                )
                tables["touch"].append(row | {"touch_id": f"{name} {number}"})
    return tables


def shares_again(tables: dict[str, Any], amount: str) -> dict[str, Any]:
    """Return per opportunity its cents, its path and, per rule, the share of each touch: from the rows themselves."""
    people: dict[str, list[str]] = defaultdict(list)
    for row in [*tables["person"], *tables["contact_role"]]:
        people[row["opportunity_id"]].append(row["record_id"])
    born = {row["record_id"]: pd.Timestamp(row["created_at"]) for row in tables["person"]}
    found = {}
    for row in tables["opportunity"]:
        if amount == "pipeline" or row["is_won"]:
            name = row["opportunity_id"]
            path = path_of(tables["touch"], people[name], row, amount)
            limits = (born[people[name][0]], pd.Timestamp(row["created_at"]))
            cents = round(100 * row["amount"]) if row["currency"] == "EUR" else None
            found[name] = (cents, path, shares_of(path, limits) if path else {})
    return found


def path_of(touches: list[dict[str, Any]], people: list[str], row: dict[str, Any], amount: str) -> list[Any]:
    """Return the eligible touches of one opportunity: when, which, channel, age in seconds, known to the day."""
    is_won = amount == "won"
    event = pd.Timestamp(row["closed_at"] if is_won else row["created_at"])
    coarse = is_won and row["closed_precision"] == "day"
    path = []
    for one in touches:
        at, is_day = pd.Timestamp(one["touched_at"]), one["touched_precision"] == "day"
        age = event.normalize() - at.normalize() if is_day or coarse else event - at
        if one["record_id"] in people and one["kind"] != "sent" and timedelta(0) <= age <= timedelta(days=30):
            path.append((at, one["touch_id"], one["channel"], age.total_seconds(), is_day))
    return sorted(path, key=lambda each: each[:2])


def shares_of(path: list[Any], limits: tuple[pd.Timestamp, pd.Timestamp]) -> dict[str, list[float]]:
    """Return the share of each touch under each rule, anchor by anchor."""
    times = [each[0] for each in path]
    early = [[before(each, limit) for each in path] for limit in limits]
    ends = [
        min(times),
        *(max((t for t, e in zip(times, one, strict=True) if e), default=None) for one in early),
    ]
    allowed = [[True] * len(path), *early, [True] * len(path)]
    groups = [
        [at for at, is_in in enumerate(one) if is_in and times[at] == end]
        for one, end in zip(allowed, [*ends, max(times)], strict=True)
    ]
    shares = {}
    for rule, (*anchors, rest, decay) in WEIGHTS.items():
        used = [(weight, group) for weight, group in zip(anchors, groups, strict=True) if weight]
        held = {at for _, group in used for at in group}
        raw = [sum(weight / len(group) for weight, group in used if at in group) for at in range(len(path))]
        others = len(path) - len(held)
        raw = [value + (0 if at in held else rest / others) for at, value in enumerate(raw)]
        if decay:
            raw = [2 ** (-each[3] / 86400 / 7) for each in path]
        shares[rule] = [value / sum(raw) for value in raw]
    return shares


def before(each: Any, limit: pd.Timestamp) -> bool:
    return each[0].normalize() <= limit.normalize() if each[4] else each[0] <= limit


@pytest.fixture
def crowd(sell):
    tables = many()
    return tables, sell(**tables)


@pytest.mark.parametrize("amount", ["won", "pipeline"])
def test_every_share_of_many_deals_is_the_one_of_another_route(crowd, amount) -> None:
    tables, con = crowd
    ledger = attribution.ledger(con, amount=amount)
    got = {
        (row.credit_rule, row.opportunity_id[4:], row.touch_id[4:]): row.share for row in ledger.itertuples()
    }
    rules = [rule for rule in WEIGHTS if rule != "full_path" or amount == "won"]
    again = shares_again(tables, amount)
    expected = {
        (rule, name, path[at][1]): share
        for name, (_, path, shares) in again.items()
        for rule in rules
        if path
        for at, share in enumerate(shares[rule])
    }
    assert set(got) == set(expected)
    assert max(abs(got[key] - expected[key]) for key in got) < 1e-6
    assert len({key[1] for key in got}) > 20


@pytest.mark.parametrize("amount", ["won", "pipeline"])
def test_the_credits_of_every_opportunity_add_to_its_amount_to_the_cent_and_none_is_a_cent_off(
    crowd, amount
) -> None:
    tables, con = crowd
    ledger = attribution.ledger(con, amount=amount)
    again = shares_again(tables, amount)
    for (_, name), rows in ledger.groupby(["credit_rule", "opportunity_id"]):
        cents = again[name[4:]][0]
        if cents is None:
            assert rows["credit_amount"].isna().all()
            continue
        assert round(100 * rows["credit_amount"].sum(), 6) == cents
        assert (abs(100 * rows["credit_amount"] - cents * rows["share"]) < 1 + 1e-4).all()


@pytest.mark.parametrize("by", ["channel", "campaign", "content"])
@pytest.mark.parametrize("amount", ["won", "pipeline"])
def test_the_lines_of_every_rule_add_to_the_total_exactly(crowd, by, amount) -> None:
    tables, con = crowd
    frame = attribution.credits(con, by=by, amount=amount)
    cents = (100 * frame["credit_amount"]).round().astype("int64")
    assert (abs(100 * frame["credit_amount"] - cents) < 1e-6).all()
    total = sum(each[0] or 0 for each in shares_again(tables, amount).values())
    is_total = frame["line"] == "total"
    assert set(cents[is_total]) == {total}
    assert cents[~is_total].groupby(frame["credit_rule"]).sum().eq(total).all()
    parts = frame[~is_total].groupby("credit_rule")["n_credit"].sum()
    assert np.allclose(parts, frame.loc[is_total, "n_credit"].iloc[0])


def test_a_negative_amount_is_shared_like_a_positive_one(sell) -> None:
    con = sell(**{**FIVE, "opportunity": [{**FIVE["opportunity"][0], "amount": -100}]})
    assert booked(attribution.credits(con, by="channel"), "u") == {
        "Search": -40,
        "Webinar": -40,
        "Social": -6.67,
        "Fair": -6.67,
        "Partner": -6.66,
    }


def test_two_reads_give_the_same_table(crowd) -> None:
    _, con = crowd
    first, second = (attribution.credits(con, by="channel") for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def solved(paths: list[tuple[list[str], bool]]) -> tuple[float, dict[str, float]]:
    """Return conversion and removal effects by solving a linear system for the chain and for each without one."""
    names = sorted({name for path, _ in paths for name in path})
    counts: dict[Any, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for path, is_won in paths:
        for here, there in zip(["start", *path], [*path, "won" if is_won else "null"], strict=True):
            counts[here][there] += 1

    def chance(without: str | None) -> float:
        states = ["start", *(name for name in names if name != without)]
        matrix, goal = np.eye(len(states)), np.zeros(len(states))
        for row, here in enumerate(states):
            n = sum(counts[here].values())
            for there, count in counts[here].items():
                if there == "won":
                    goal[row] += count / n
                elif there in states:
                    matrix[row, states.index(there)] -= count / n
        return float(np.linalg.solve(matrix, goal)[0])

    whole = chance(None)
    return whole, {name: 1 - chance(name) / whole for name in names}


def matrices(paths: list[tuple[list[str], bool]]) -> tuple[Any, Any, Any]:
    names = sorted({name for path, _ in paths for name in path})
    begun, moved, won = np.zeros(len(names)), np.zeros((len(names), len(names) + 1)), np.zeros(len(names))
    for path, is_won in paths:
        at = [names.index(name) for name in path]
        begun[at[0]] += 1
        for here, there in pairwise(at):
            moved[here, there] += 1
        if is_won:
            won[at[-1]] += 1
        else:
            moved[at[-1], -1] += 1
    return begun, moved, won


BRYL = [(["C1", "C2", "C3"], True), (["C1"], False), (["C2", "C3"], False)]
PUZYROV = [(["g"], True)] * 2 + [(["m"], True), (["g", "m"], True), (["g"], False)]


@pytest.mark.parametrize(
    ("paths", "chance", "effects"),
    [
        # S. Bryl (2016), Marketing multi-channel attribution model with R, part 1: 33.3 %; 0.5, 1, 1
        (BRYL, 1 / 3, [0.5, 1, 1]),
        # S. Puzyrov (2019), Markov chain attribution, simple explanation of removal effect: 80 %; 0.75, 0.5
        (PUZYROV, 0.8, [0.75, 0.5]),
    ],
)
def test_published_examples_have_their_published_removal_effects(paths, chance, effects) -> None:
    whole, found = chain(*matrices(paths))
    assert whole == pytest.approx(chance)
    assert found == pytest.approx(effects)
    assert solved(paths)[0] == pytest.approx(chance)


def test_random_chains_with_loops_have_the_effects_of_a_system_solved_without_each_value() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        paths = [
            (list(rng.choice(list("abcdef"), rng.integers(1, 7))), bool(rng.random() < 0.4))
            for _ in range(30)
        ]
        whole, found = chain(*matrices(paths))
        expected = solved(paths)
        assert whole == pytest.approx(expected[0])
        assert found == pytest.approx([expected[1][name] for name in sorted(expected[1])])


def test_the_amount_lost_is_that_of_a_chain_walked_step_by_step_without_the_value() -> None:
    """Two deals of 100 and 10: the power series of the chain, with steps into the value taken out."""
    begun, moved, won = matrices(BRYL)
    brought = np.array([0.0, 0.0, 100.0])
    assert chain(begun, moved, won, brought)[1] == pytest.approx([0.5, 1, 1])
    begun, moved, won = matrices([(["a", "b"], True), (["b"], True), (["a"], True), (["b"], False)])
    brought = np.array([100.0, 10.0])
    whole, lost = chain(begun, moved, won, brought)

    def walked(without: int | None) -> float:
        steps = moved[:, :2] / (moved.sum(axis=1) + won)[:, None]
        gain, here = brought / (moved.sum(axis=1) + won), begun / begun.sum()
        if without is not None:
            steps[:, without], here[without] = 0, 0
        total = 0.0
        for _ in range(200):
            total, here = total + float(here @ gain), here @ steps
        return total

    assert whole == pytest.approx(walked(None))
    assert lost == pytest.approx([1 - walked(0) / whole, 1 - walked(1) / whole])


def test_a_value_repeated_in_a_row_changes_no_effect() -> None:
    once = [(["a", "b"], True), (["b"], False), (["a"], False)]
    again = [(["a", "a", "b"], True), (["b", "b", "b"], False), (["a"], False)]
    assert chain(*matrices(again))[1] == pytest.approx(chain(*matrices(once))[1])


def test_a_chain_without_a_conversion_has_no_effect_to_tell() -> None:
    whole, found = chain(*matrices([(["a"], False)]))
    assert whole == 0
    assert np.isnan(found).all()
    assert math.isnan(chain(np.zeros(0), np.zeros((0, 1)), np.zeros(0))[0])


def test_the_removal_effects_of_many_deals_are_those_of_their_paths(crowd) -> None:
    """Won and lost before their close; one without a channel is a value of its own."""
    tables, con = crowd
    everyone = {**tables, "opportunity": [{**row, "is_won": True} for row in tables["opportunity"]]}
    is_won = {row["opportunity_id"]: row["is_won"] for row in tables["opportunity"]}
    paths = []
    for name, (_, path, _) in shares_again(everyone, "won").items():
        steps = sorted(path, key=lambda each: (each[0], each[2] is None, each[2] or "", each[1]))
        if steps:
            paths.append(([each[2] or "~" for each in steps], is_won[name]))
    whole, effects = solved(paths)
    frame = attribution.removal(con, by="channel")
    assert frame["conversion_rate"].iloc[0] == pytest.approx(whole)
    got = {
        ("~" if pd.isna(value) else value): rate
        for value, rate in zip(frame["value"], frame["removal_rate"], strict=True)
    }
    assert got == pytest.approx(effects)
    assert frame["removal_rate"].is_monotonic_decreasing
    credit = attribution.credits(con, by="channel", rules=["markov"])
    values = credit[credit["line"] == "value"]
    share = frame.set_index(frame["value"].fillna("~"))["credit_share"]
    counts = values["n_credit"].sum() * values["value"].fillna("~").map(share)
    assert values["n_credit"].tolist() == pytest.approx(counts.tolist())


def test_open_deals_are_in_no_chain_and_the_chain_of_the_pipeline_has_those_who_left(sell) -> None:
    con = sell(
        person=[
            person("a", "2026-03-01 10:00:00", "o"),
            person("b", "2026-03-01 10:00:00", "q"),
            lead("c", "2026-03-01 10:00:00", status="Disqualified"),
        ],
        attribute_event=[
            {
                "event_id": "1",
                "record_id": "c",
                "field": "status",
                "old_value": "New",
                "new_value": "Disqualified",
                "changed_at": "2026-03-09 10:00:00",
                "changed_precision": "second",
                "evidence": "history",
            }
        ],
        touch=[touch(one, "2026-03-02 10:00:00", one) for one in "abc"],
        opportunity=[
            deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00"),
            deal("q", "2026-03-10 10:00:00", None),
        ],
    )
    columns = ["value", "n_paths", "conversion_rate", "removal_rate", "credit_share"]
    won = attribution.removal(con, by="channel")[columns].to_dict("split")["data"]
    assert won == [["a", 1, 1.0, 1.0, 1.0]]
    pipeline = attribution.removal(con, by="channel", amount="pipeline")
    assert pipeline["value"].tolist() == ["a", "b", "c"]
    assert pipeline["conversion_rate"].tolist() == pytest.approx([2 / 3] * 3)
    assert pipeline["removal_rate"].tolist() == pytest.approx([0.5, 0.5, 0])
