"""What the bridges of an edition are of when nothing is chosen, and what they say when there is nothing yet."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest
from world import CONTRACT, changes, lead

from funnel.charts import bridge as charts
from funnel.metrics import bridge


@pytest.fixture
def house_of(make_world):
    """Return a function that builds a warehouse of one lead that became MQL, as of an instant."""

    def opened(as_of: str, **given):
        con = make_world(
            as_of=datetime.fromisoformat(as_of),
            person=[lead("1", "2026-01-05 10:00:00", status="MQL")],
            attribute_event=changes("1", "status", ("2026-02-05 09:00:00", "MQL"), first="New"),
            **given,
        )
        con.execute(
            "create table run.source_table (source text, staging_table text, state text, n_rows bigint)"
        )
        con.execute("insert into run.source_table values ('crm', 'person', 'filled', 1)")
        con.execute("insert into run.source_table values ('crm', 'opportunity', 'filled', 1)")
        return con

    return opened


def days(table: pd.DataFrame) -> tuple[str, str]:
    row = table.iloc[0]
    return str(row["start_on"].date()), str(row["end_on"].date())


@pytest.mark.parametrize(
    ("as_of", "month", "quarter"),
    [
        ("2026-07-01 00:00:00", ("2026-06-01", "2026-07-01"), ("2026-04-01", "2026-07-01")),
        ("2026-06-30 23:59:59", ("2026-05-01", "2026-06-01"), ("2026-01-01", "2026-04-01")),
    ],
)
def test_by_default_the_latest_period_that_is_over_is_bridged(house_of, as_of, month, quarter) -> None:
    con = house_of(as_of)
    assert days(bridge.counts(con)) == month
    assert days(bridge.pipeline(con)) == quarter


def test_by_default_the_count_is_of_the_stage_that_hands_over(house_of) -> None:
    table = bridge.counts(house_of("2026-07-01 00:00:00"))
    assert set(table["stage"]) == {"mql"}
    assert table.drop(columns="kpi").equals(
        bridge.counts(house_of("2026-07-01 00:00:00"), kpi="hand_offs").drop(columns="kpi")
    )


def test_without_a_hand_off_the_count_is_of_the_first_stage(house_of) -> None:
    text = CONTRACT.replace("hands_to: sales, ", "").replace("owner: marketing", "owner: sales")
    text = text.replace(
        "approved_by: {marketing: VP Marketing, sales: VP Sales}", "approved_by: {sales: VP Sales}"
    )
    text = text.replace("owners: [marketing, sales]", "owners: [sales]")
    con = house_of("2026-07-01 00:00:00", contracts={"2026-01.yaml": text})
    assert set(bridge.counts(con)["stage"]) == {"inquiry"}


def test_before_two_quarters_are_over_a_change_is_not_yet_and_its_picture_says_so(house_of) -> None:
    con = house_of("2026-03-01 00:00:00")
    table = bridge.change(con, kpi="leads")
    assert table[["factor", "state", "missing"]].to_dict("split")["data"] == [
        ["before", "not yet", "no two quarters are old enough"],
        ["now", "not yet", "no two quarters are old enough"],
    ]
    assert table["effect"].isna().all()
    assert list(table) == list(bridge.change(house_of("2026-07-01 00:00:00"), kpi="leads"))
    assert "no two quarters are old enough" in charts.change(table).layout.meta["finding"]


def test_a_change_is_there_from_the_first_instant_after_the_second_quarter(house_of) -> None:
    assert set(bridge.change(house_of("2026-04-01 00:00:00"), kpi="leads")["state"]) == {"ok"}
    assert set(bridge.change(house_of("2026-03-31 23:59:59"), kpi="leads")["state"]) == {"not yet"}
