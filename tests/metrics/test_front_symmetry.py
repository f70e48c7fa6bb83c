"""Neither team is told otherwise than the other: with their names swapped, every word stays but the names."""

from __future__ import annotations

import re

import pytest

from funnel.charts import theme
from funnel.metrics import finding, kpi
from funnel.reports import front_lines, front_score

SWAP = {"marketing": "sales", "sales": "marketing", "Marketing": "Sales", "Sales": "Marketing"}
STAGES = (("mql", "marketing"), ("sal", "sales"), ("sql", "sales"), ("won", "sales"))


def swapped(text: str) -> str:
    return re.sub(r"\b(marketing|sales)\b", lambda found: SWAP[found[0]], text, flags=re.IGNORECASE)


def front(house, *, is_swapped: bool) -> dict:
    """Return the parts of the front page that name teams, of a house in which both miss what they owe."""
    name = swapped if is_swapped else str
    here = house("2026-06-22 00:00:00", stages=[(stage, name(team)) for stage, team in STAGES],
                 hands_to={"mql": name("sales")})  # fmt: skip
    here.add("contract.sla", version="v1", sla="first_touch", clock="business", within_seconds=4 * 3600,
             attainment=0.9, words="4 business hours")  # fmt: skip
    here.target("hand_offs", 400, "week", owners=name("marketing"))
    here.target("first_touch_attainment", 0.9, owners=name("sales"))
    here.target("won_amount", 1000, "week", owners=name("sales"))
    here.target("leads", 900, "week", owners=name("marketing"))
    here.target("acceptance_rate", 0.75, owners="marketing, sales")
    for day, missed in (("2026-06-08", 0), ("2026-06-15", 40)):
        for i in range(100):
            outcome = "missed" if i < missed else "met"
            here.handoff(f"{day} {i}", f"{day} 09:00:00", stage="mql", from_team=name("marketing"),
                         to_team=name("sales"), met_definition=i > 20, n_required=2, n_missing=i % 2,
                         first_touch_at=None if i < 10 else f"{day} 10:00:00",
                         sla={"first_touch": (f"{day} 13:00:00", outcome)})  # fmt: skip
    con = here.open()
    scores, weeks = kpi.scorecard(con), kpi.weekly(con)
    found = finding.findings(con, scores=scores, weeks=weeks)
    return {
        "told": front_lines.told(found),
        "score": [(row["title"], row["owners"]) for row in theme.records(scores)],
        "sides": front_score.sides(con, scores, "EUR"),
    }


def words(parts: object) -> list[str]:
    """Return every text of a view, in its order."""
    if isinstance(parts, dict):
        return [text for each in parts.values() for text in words(each)]
    if isinstance(parts, list | tuple):
        return [text for each in parts for text in words(each)]
    return [str(parts)]


@pytest.fixture
def both(house) -> tuple[dict, dict]:
    return front(house, is_swapped=False), front(house, is_swapped=True)


def test_swapping_the_teams_mirrors_every_word_and_number(both) -> None:
    here, there = both
    assert words(here["told"])
    assert {row["owner"] for row in here["told"]["findings"]} >= {"Sales"}
    for part in ("told", "sides"):
        assert [swapped(text) for text in words(here[part])] == words(there[part])
    mirrored = [(title, teams(swapped(owners))) for title, owners in here["score"]]
    assert mirrored == [(title, teams(owners)) for title, owners in there["score"]]


def teams(owners: str) -> list[str]:
    return sorted(owners.split(", "))


def test_each_side_says_what_it_owed_and_the_other_received(both) -> None:
    here, there = both
    assert [side["title"] for side in here["sides"]] == [
        "Marketing owed, sales received",
        "Sales owed, marketing received",
    ]
    assert [side["title"] for side in there["sides"]] == [
        "Sales owed, marketing received",
        "Marketing owed, sales received",
    ]
    assert all(side["lines"] for side in here["sides"])


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_team_that_owes_nothing_alone_has_its_column_all_the_same(house, is_swapped) -> None:
    name = swapped if is_swapped else str
    here = house(stages=[("mql", name("marketing")), ("won", name("sales"))])
    here.target("leads", 10, "week", owners=name("marketing"))
    con = here.open()
    sides = front_score.sides(con, kpi.scorecard(con), "EUR")
    assert [(side["title"], len(side["lines"])) for side in sides] == [
        (name("Marketing owed, sales received"), 1),
        (name("Sales owed, marketing received"), 0),
    ]
