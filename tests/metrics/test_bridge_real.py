"""Both bridges on real files: they close, and say what figures anybody can recount in the files.

Files: ../shared/data/{realestate-funnel,olist-funnel} (the figures by pandas, from the CSV themselves).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from funnel.landing import land
from funnel.metrics import bridge
from funnel.project import Project
from funnel.sources import scaffold
from funnel.warehouse import build, connect
from funnel.warehouse.run_tables import local_midnight

AS_OF = {
    "olist": local_midnight(date(2018, 11, 15), "America/Sao_Paulo"),
    "realestate": local_midnight(date(2026, 7, 1), "Asia/Dubai"),
}
QUARTERS = pd.date_range("2024-01-01", "2026-07-01", freq="QS")


@pytest.fixture(scope="module")
def real(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], duckdb.DuckDBPyConnection]:
    """Return what lands, builds and opens a source, once each."""
    opened: dict[str, duckdb.DuckDBPyConnection] = {}

    def made(name: str) -> duckdb.DuckDBPyConnection:
        if name not in opened:
            root = tmp_path_factory.mktemp("bridge") / name
            scaffold(root, name)
            project = Project(root)
            land(project, name, shared / "data" / f"{name}-funnel", observed_at=AS_OF[name])
            build(project, as_of=AS_OF[name])
            opened[name] = connect(project.root)
        return opened[name]

    return made


def assert_closed(frame: pd.DataFrame) -> None:
    end = frame["line"] == "end"
    for unit in ("n_change", "cents"):
        assert frame.loc[~end, unit].sum() == frame.loc[end, unit].iloc[0]


def agency(shared: Path) -> pd.DataFrame:
    """Return the deals of realestate from its files: when opened, when won, lost, and the amount."""
    folder = shared / "data" / "realestate-funnel"
    leads = pd.read_csv(folder / "Leads.csv", parse_dates=["Negotiation_Date"])
    sales = pd.read_csv(folder / "Sales.csv", parse_dates=["Sale_Date"])[
        ["Lead_ID", "Sale_Date", "Sale_Value_AED"]
    ]
    prices = pd.read_csv(folder / "Properties.csv")[["Property_ID", "Property_Price_AED"]]
    deals = leads.merge(sales, on="Lead_ID", how="left").merge(prices, on="Property_ID", how="left")
    deals = deals[deals["Negotiation_Date"].notna()]
    amount = deals["Sale_Value_AED"].fillna(deals["Property_Price_AED"])
    is_lost = deals["Sale_Date"].isna() & (deals["Lead_Status"] == "Lost")
    return deals.assign(amount=amount, is_lost=is_lost)


def test_realestates_pipeline_closes_in_every_quarter_and_is_what_its_files_say(real, shared: Path) -> None:
    con, deals = real("realestate"), agency(shared)
    for start, end in pairwise(QUARTERS):
        frame = bridge.pipeline(con, start_on=str(start.date()), end_on=str(end.date()))
        assert_closed(frame)
        live = deals[~deals["is_lost"]]
        opened, sold = live["Negotiation_Date"], live["Sale_Date"]
        new = deals["Negotiation_Date"].between(start, end, inclusive="left")
        chosen = {
            "start": live[(opened < start) & ~(sold < start)],
            "new": deals[new],
            "undated": deals[new & deals["is_lost"]],
            "won": live[sold.between(start, end, inclusive="left")],
            "end": live[(opened < end) & ~(sold < end)],
        }
        found = frame.set_index("line")
        for line, rows in chosen.items():
            assert found.loc[line, "n"] == len(rows), (line, start)
            assert abs(found.loc[line, "cents"]) == round(100 * rows["amount"].sum()), (line, start)


def test_realestate_keeps_no_history_and_no_day_of_a_loss(real) -> None:
    frame = bridge.pipeline(real("realestate"), start_on="2026-01-01", end_on="2026-04-01").set_index("line")
    assert frame["missing"].dropna().to_dict() == {
        "reopened": "no history of stages is kept",
        "raised": "no history of amounts is kept",
        "lowered": "no history of amounts is kept",
        "valued": "no history of amounts is kept",
        "lost": "no lost opportunity has a day",
    }


def test_realestates_leads_differ_by_those_without_an_agent(real, shared: Path) -> None:
    leads = pd.read_csv(shared / "data" / "realestate-funnel" / "Leads.csv", parse_dates=["Lead_Date"])
    march = leads[leads["Lead_Date"].between("2026-03-01", "2026-04-01", inclusive="left")]
    frame = bridge.counts(real("realestate"), kpi="lead", period_on="2026-03-01").set_index("line")
    assert frame.loc["start", "n"] == len(march)
    assert frame.loc["owner", "n_out"] == march["Agent_ID"].isna().sum() > 0
    assert frame.loc["end", "n"] == march["Agent_ID"].notna().sum()


def test_olists_leads_are_the_same_for_both_and_its_deals_make_no_pipeline(real, shared: Path) -> None:
    file = shared / "data" / "olist-funnel" / "olist_marketing_qualified_leads_dataset.csv"
    days = pd.read_csv(file, parse_dates=["first_contact_date"])["first_contact_date"]
    n = days.between("2018-03-01", "2018-04-01", inclusive="left").sum()
    con = real("olist")
    frame = bridge.counts(con, kpi="mql", period_on="2018-03-01").set_index("line")
    assert (frame.loc["start", "n"], frame.loc["end", "n"]) == (n, n)
    assert frame["missing"].dropna().to_dict() == {
        "zone": "the source gives days, not times",
        "duplicates": "nothing tells that two records are one person",
        "returns": "the source keeps one entry per stage",
        "passes": "the source keeps one entry per stage",
        "definition": "the contract states no definition of Lead",
        "owner": "no lead has an owner",
    }
    pipeline = bridge.pipeline(con, start_on="2018-04-01", end_on="2018-07-01")
    assert set(pipeline["missing"]) == {"no opportunity has a day on which it was opened"}
    assert pipeline["cents"].isna().all()
    assert set(pipeline["n_left_out"]) == {842}
