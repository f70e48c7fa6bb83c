"""Charts of attribution and the loop: the spread between rules, whose definition, and what is not yet."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import attribution, loop, show, static

GAP = "\N{NO-BREAK SPACE}"


def credit(rule: str, value: str | None, amount: float | None, line: str = "value", n: float = 1.0) -> dict:
    return {
        "credit_rule": rule,
        "title": {"first": "First touch", "last": "Last touch", "u": "U-shaped"}[rule],
        "line": line,
        "value": value,
        "credit_amount": amount,
        "credit_share": 0.5,
        "n_credit": n,
        "n_opportunities": 3,
        "currency": "EUR",
        "words": "w",
        "rule": "Amount won at any time.",
    }


TABLE = pd.DataFrame(
    [
        *(credit(rule, "Fair", amount) for rule, amount in (("first", 100), ("u", 90), ("last", 80))),
        *(credit(rule, "<b>Web</b>", amount) for rule, amount in (("first", 0), ("u", 10), ("last", 60))),
        *(credit(rule, None, amount) for rule, amount in (("first", 40), ("u", 40), ("last", 0))),
        *(credit(rule, None, 7, "no eligible touch") for rule in ("first", "u", "last")),
        *(credit(rule, None, 147, "total") for rule in ("first", "u", "last")),
    ]
)


def test_each_rule_is_a_dot_and_the_spread_is_said_with_its_numbers() -> None:
    figure = attribution.credits(TABLE, by="channel")
    line, other, last, first = figure.data
    assert list(figure.layout.yaxis.ticktext) == [
        "Fair",
        "&lt;b&gt;Web&lt;/b&gt;",
        "not stated",
        "no eligible touch",
    ]
    assert (list(first.x), list(last.x), list(other.x)) == ([100, 0, 40, 7], [80, 60, 0, 7], [90, 10, 40, 7])
    assert (list(line.x), list(line.error_x.array)) == ([80, 0, 0, 7], [20, 60, 40, 0])
    assert figure.layout.meta["finding"] == (
        "The rule decides most for <b>Web</b>: €0 (First touch) to €60.0 (Last touch), of €147 in all. "
        "No eligible touch: €7.00."
    )
    assert [note.text for note in figure.layout.annotations] == [
        "€80.0 – €100",
        "€0 – €60.0",
        "€0 – €40.0",
        "€7.00",
    ]


def test_the_name_says_amount_and_split_so_that_each_figure_of_a_page_has_its_own() -> None:
    assert attribution.credits(TABLE, by="channel").layout.meta["name"] == "credits-won-channel"
    pipeline = TABLE.assign(rule="Pipeline created at any time.")
    assert attribution.credits(pipeline, by="campaign").layout.meta["name"] == "credits-pipeline-campaign"


def test_hostile_names_are_characters_in_both_pictures() -> None:
    figure = attribution.credits(TABLE, by="channel")
    for width in (720, 328):
        drawn = static.svg(figure, width=width)
        assert "<b>" not in drawn
        assert "&lt;b&gt;Web" in drawn


def test_rules_that_agree_are_said_to_agree() -> None:
    one = TABLE.assign(credit_amount=TABLE["credit_amount"].where(TABLE["line"] != "value", 50.0))
    finding = attribution.credits(one, by="channel").layout.meta["finding"]
    assert finding.startswith(
        "All rules agree on where €147 is booked: no path has more than one place to book to."
    )


def test_where_no_amount_is_known_opportunities_are_counted() -> None:
    bare = TABLE.assign(credit_amount=float("nan"), n_credit=2.5)
    figure = attribution.credits(bare, by="channel")
    assert set(figure.data[3].x) == {2.5}
    assert figure.layout.annotations[0].text == "2.5 opportunities"


def test_nothing_to_book_is_said_and_not_drawn() -> None:
    empty = TABLE.assign(credit_amount=float("nan"), n_credit=float("nan"))
    figure = attribution.credits(empty, by="channel")
    assert show(figure, empty).figure is None
    assert figure.layout.meta["finding"] == "There is nothing to book, or no touch to book it to."


def test_the_chain_says_what_it_would_lose() -> None:
    table = pd.DataFrame(
        {
            "value": ["Fair", None],
            "n_paths": [1200, 3],
            "conversion_rate": [0.25, 0.25],
            "removal_rate": [0.5, 0.1],
            "rule": ["r", "r"],
        }
    )
    figure = attribution.removal(table, by="channel")
    assert list(figure.layout.yaxis.ticktext) == ["Fair (1,200)", "not stated (3)"]
    assert figure.layout.meta["finding"] == (
        f"Of all paths 25{GAP}% convert; without Fair the chain would lose 50{GAP}% of these."
    )
    none = attribution.removal(table.assign(removal_rate=float("nan")), by="channel")
    assert none.layout.meta["is_empty"]


@pytest.fixture
def origins() -> pd.DataFrame:
    row = {
        "words": "w",
        "n": 30,
        "n_of": 40,
        "rate": 0.75,
        "amount": 60.0,
        "amount_of": 80.0,
        "amount_share": 0.75,
    }
    row |= {"currency": "EUR", "state": "ok", "rule": "Opportunities created at any time; look-back 30 days."}
    return pd.DataFrame(
        [
            {**row, "claim": "sourced", "definition": "One"},
            {**row, "claim": "sourced", "definition": "Two", "amount_share": 0.9},
            {**row, "claim": "influenced", "definition": "Three"},
            {
                **row,
                "claim": "influenced",
                "definition": "Four",
                "amount_share": None,
                "state": "not in this source",
            },
        ]
    )


def test_definitions_stand_side_by_side_with_their_range_and_are_never_added(origins) -> None:
    figure = attribution.origins(origins)
    assert list(figure.data[0].x) == [0.75, 0.9, 0.75, 0]
    assert figure.data[0].text[3] == "not in this source"
    assert figure.layout.meta["finding"] == (
        f"Sourced: 75{GAP}% (One) to 90{GAP}% (Two) of €80.0. Influenced: 75{GAP}% of €80.0. "
        "The definitions overlap and are never added."
    )
    assert figure.layout.meta["name"] == "origins-pipeline"
    won = origins.assign(rule="Opportunities won at any time; look-back 30 days.")
    assert attribution.origins(won).layout.meta["name"] == "origins-won"


def test_definitions_of_a_source_without_any_are_not_judged(origins) -> None:
    bare = origins.assign(amount_share=float("nan"), rate=float("nan"), state="not in this source")
    meta = attribution.origins(bare).layout.meta
    assert (meta["is_empty"], meta["finding"]) == (True, "Not judged: not in this source.")


def test_the_groups_of_the_definitions_are_pieces_of_the_whole() -> None:
    table = pd.DataFrame(
        {
            "claim": ["sourced", "sourced", "sourced", "influenced"],
            "n_met": [3, 1, 1, 0],
            "n": [6, 2, 1, 9],
            "state": "ok",
            "rule": "r",
        }
    )
    figure = attribution.combinations(table)
    drawn = {trace.name: list(trace.x) for trace in figure.data}
    assert drawn == {"by all three": [6, 0], "by one": [3, 0], "by none": [0, 9]}
    assert figure.layout.meta["finding"] == (
        f"Of 9, sourced: 67{GAP}% by all three, influenced: 0{GAP}% by all three."
    )


def weeks(series: str, unit: str, values: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "series": series,
            "title": series.capitalize(),
            "team": "sales",
            "unit": unit,
            "week_on": pd.date_range("2026-01-05", periods=3, freq="7D"),
            "value": values,
            "n": 40,
            "band_low": [None, 0.2, 0.2],
            "band_high": [None, 0.6, 0.6],
            "is_mature": [value is not None for value in values],
            "state": ["ok" if value is not None else "not yet" for value in values],
            "rule": "r",
        }
    )


def test_the_loop_is_panels_over_the_same_weeks_and_immature_ones_are_hatched() -> None:
    table = pd.concat([weeks("volume", "count", [10, 20, 30]), weeks("in_time", "rate", [0.5, 0.7, None])])
    figure = loop.weekly(table)
    assert [trace.x[0] for trace in figure.data if trace.type == "bar"] == [2.0]
    assert figure.layout.meta["finding"] == (
        "Volume: 30 in the week of 19 Jan, outside the ordinary 0 to 1. "
        f"In_time: 70{GAP}% in the week of 12 Jan, outside the ordinary 20{GAP}% to 60{GAP}%."
    )
    assert figure.layout.xaxis2.ticktext == figure.layout.xaxis.ticktext
    assert "not yet" in static.svg(figure, width=328)


def test_a_series_that_the_source_lacks_is_said_and_has_no_panel() -> None:
    absent = weeks("attempts", "number", [None, None, None]).assign(state="not in this source")
    figure = loop.weekly(pd.concat([weeks("volume", "count", [10, 20, 30]), absent]))
    assert figure.layout.meta["finding"].endswith("Attempts: not in this source.")
    assert "xaxis2" not in figure.layout.to_plotly_json()
