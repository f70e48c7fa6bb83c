"""Sourced and influenced: each definition at its boundaries, what they share, and what cannot be judged."""

from __future__ import annotations

from typing import Any

import pytest
from test_attribution import AGREED, STAGING, deal, person, touch
from world import call

from funnel.metrics import attribution

FLAGS = {
    "First contact": "sourced",
    "Campaign on record": "sourced",
    "Response before creation": "sourced",
    "Campaign membership": "influenced",
    "Response of a person on it": "influenced",
    "Response at the account": "influenced",
}


@pytest.fixture
def met(make_world):
    """Return the names of the definitions that one opportunity meets, created 10 and closed 20 March at 10."""

    def judged(filled: tuple[str, ...] = STAGING, **tables: Any) -> list[str]:
        tables = {
            "person": [person("a", "2026-01-01 10:00:00", "o")],
            "opportunity": [deal("o", "2026-03-10 10:00:00", "2026-03-20 10:00:00", account_id="x")],
            **tables,
        }
        frame = attribution.origins(world(make_world, filled, **tables))
        return frame.loc[frame["n"].eq(1), "definition"].tolist()

    return judged


def world(make_world: Any, filled: tuple[str, ...], **tables: Any) -> Any:
    con = make_world(contracts={"c.yaml": AGREED}, **tables)
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    con.executemany(
        "insert into run.source_table values ('crm', ?, 'filled', 1)", [[name] for name in filled]
    )
    return con


INFLUENCED = ["Campaign membership", "Response of a person on it", "Response at the account"]
EVERY = ["First contact", "Response before creation", *INFLUENCED]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-02-08 09:59:59", ["First contact"]),
        ("2026-02-08 10:00:00", EVERY),
        ("2026-03-10 10:00:00", EVERY),
        ("2026-03-10 10:00:01", INFLUENCED),
        ("2026-03-20 10:00:00", INFLUENCED),
        ("2026-03-20 10:00:01", []),
    ],
)
def test_each_definition_ends_on_its_stroke(met, at, expected) -> None:
    """The look-back of 30 days begins on 8 February at 10; only the first contact looks further back."""
    assert met(touch=[touch("a", at, "Search")]) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-02-07", ["First contact"]),
        ("2026-02-08", EVERY),
        ("2026-03-10", EVERY),
        ("2026-03-11", INFLUENCED),
        ("2026-03-20", INFLUENCED),
        ("2026-03-21", []),
    ],
)
def test_what_is_known_to_the_day_counts_as_before_what_happened_that_day(met, on, expected) -> None:
    assert met(touch=[touch("a", on, "Search", "day")]) == expected


@pytest.mark.parametrize(
    ("called", "precision", "is_first"),
    [
        ("2026-03-01 09:59:59", "second", False),
        ("2026-03-01 10:00:00", "second", True),
        ("2026-03-01 00:00:01", "day", True),
        ("2026-02-28 23:59:59", "day", False),
    ],
)
def test_a_sales_touch_before_the_response_makes_it_not_the_first_contact(
    met, called, precision, is_first
) -> None:
    at = "2026-03-01" if precision == "day" else "2026-03-01 10:00:00"
    found = met(touch=[touch("a", at, "Search", precision)], activity=[call("1", "a", called)])
    assert ("First contact" in found) is is_first


def test_a_sending_is_a_membership_and_no_response(met) -> None:
    assert met(touch=[touch("a", "2026-03-01 10:00:00", "Search", kind="sent")]) == ["Campaign membership"]


def test_a_response_of_someone_else_at_the_account_is_influence_of_the_account_alone(met) -> None:
    people = [
        person("a", "2026-01-01 10:00:00", "o"),
        person("b", "2026-01-01 10:00:00", None, account_id="x"),
    ]
    found = met(
        person=people, touch=[touch("b", "2026-03-01 10:00:00", "Search")], account=[{"account_id": "x"}]
    )
    assert found == ["Response at the account"]


@pytest.mark.parametrize("where", ["opportunity", "person"])
def test_a_campaign_on_record_is_that_of_the_deal_or_of_a_person_on_it(met, where) -> None:
    rows = {
        "opportunity": [deal("o", "2026-03-10 10:00:00", None, campaign_id="k")],
        "person": [person("a", "2026-01-01 10:00:00", "o", campaign_id="k")],
    }
    assert met(**{where: rows[where]}) == ["Campaign on record"]


def test_an_open_opportunity_is_influenced_up_to_the_report(met) -> None:
    opened = [deal("o", "2026-03-10 10:00:00", None)]
    assert met(opportunity=opened, touch=[touch("a", "2026-06-30 10:00:00", "Search")]) == INFLUENCED


@pytest.fixture
def three(make_world):
    """Return three opportunities: one by all, one by a campaign alone, one by none; one more has no creation."""
    return world(
        make_world,
        STAGING,
        person=[
            person(one, "2026-01-01 10:00:00", one, campaign_id="k" if one in "ab" else None) for one in "abc"
        ],
        touch=[touch("a", "2026-03-01 10:00:00", "Search")],
        opportunity=[
            deal("a", "2026-03-10 10:00:00", "2026-03-20 10:00:00", amount=100),
            deal("b", "2026-03-10 10:00:00", None, amount=50),
            deal("c", "2026-03-10 10:00:00", None, amount=900, currency="USD"),
            deal("d", None, None, created_precision=None),
        ],
    )


def test_the_definitions_stand_side_by_side_with_what_they_share(three) -> None:
    frame = attribution.origins(three)
    columns = [
        "definition",
        "n",
        "n_of",
        "amount",
        "amount_of",
        "n_unknown",
        "n_only",
        "n_every",
        "n_any",
        "n_undated",
    ]
    assert frame[columns].to_dict("split")["data"] == [
        ["First contact", 1, 3, 100, 150, 0, 0, 1, 2, 1],
        ["Campaign on record", 2, 3, 150, 150, 0, 1, 1, 2, 1],
        ["Response before creation", 1, 3, 100, 150, 0, 0, 1, 2, 1],
        ["Campaign membership", 1, 3, 100, 150, 0, 0, 1, 1, 1],
        ["Response of a person on it", 1, 3, 100, 150, 0, 0, 1, 1, 1],
        ["Response at the account", 1, 3, 100, 150, 0, 0, 1, 1, 1],
    ]
    assert frame["rate"].tolist() == pytest.approx([1 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3])
    assert frame["amount_share"].tolist() == pytest.approx([2 / 3, 1, 2 / 3, 2 / 3, 2 / 3, 2 / 3])


def test_the_combinations_add_to_the_whole(three) -> None:
    frame = attribution.combinations(three)
    columns = ["claim", "definitions", "n_met", "n", "amount", "n_unknown"]
    rows = frame[columns].to_dict("split")["data"]
    assert [row[:5] for row in rows if row[0] == "sourced" and row[2]] == [
        ["sourced", "First contact + Campaign on record + Response before creation", 3, 1, 100.0],
        ["sourced", "Campaign on record", 1, 1, 50.0],
    ]
    assert rows[2][:4] == ["sourced", "none", 0, 1]
    assert rows[2][5] == 1
    assert frame.groupby("claim")["n"].sum().tolist() == [3, 3]
    assert frame.groupby("claim")["rate"].sum().tolist() == pytest.approx([1, 1])


def test_only_what_was_won_is_in_the_whole_of_won(three) -> None:
    frame = attribution.origins(three, amount="won")
    assert frame["n_of"].unique().tolist() == [1]


def test_a_definition_whose_source_is_missing_is_null_and_the_others_stand(make_world) -> None:
    con = world(
        make_world,
        ("touch", "opportunity", "campaign"),
        person=[person("a", "2026-01-01 10:00:00", "o")],
        touch=[touch("a", "2026-03-01 10:00:00", "Search")],
        opportunity=[deal("o", "2026-03-10 10:00:00", None)],
    )
    frame = attribution.origins(con).set_index("definition")
    assert frame["state"].to_dict() == {
        **dict.fromkeys(FLAGS, "ok"),
        "First contact": "not in this source",
        "Response at the account": "not in this source",
    }
    assert (
        frame.loc[["First contact", "Response at the account"], ["n", "rate", "amount", "n_every"]]
        .isna()
        .all(axis=None)
    )
    assert frame.loc["Response before creation", "n"] == 1


def test_without_a_known_creation_nothing_is_judged(make_world) -> None:
    con = world(
        make_world,
        STAGING,
        person=[person("a", "2026-01-01 10:00:00", "o")],
        opportunity=[deal("o", None, "2026-03-20 10:00:00", created_precision=None)],
    )
    frame = attribution.origins(con, amount="won")
    assert set(frame["state"]) == {"undefined"}
    assert frame["n_undated"].tolist() == [1] * 6
    assert frame[["rate", "amount", "amount_share"]].isna().all(axis=None)
