"""Hand-off, recycling and overlap on public files: what they tell, and what they say cannot be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from funnel.landing import land
from funnel.metrics import capacity, curve, handoff, overlap, recycle
from funnel.project import Project
from funnel.sources import scaffold
from funnel.warehouse import build, connect
from funnel.warehouse.run_tables import local_midnight

pytestmark = pytest.mark.slow
ENDS = {
    "olist": (date(2018, 11, 15), "America/Sao_Paulo"),
    "realestate": (date(2026, 7, 1), "Asia/Dubai"),
}
ABSENT = "not in this source"


@pytest.fixture(scope="module")
def made(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], duckdb.DuckDBPyConnection]]:
    """Return what builds the warehouse of a public source, once each."""
    known: dict[str, duckdb.DuckDBPyConnection] = {}

    def built(name: str) -> duckdb.DuckDBPyConnection:
        if name not in known:
            root = tmp_path_factory.mktemp("real") / name
            scaffold(root, name)
            as_of = local_midnight(*ENDS[name])
            land(Project(root), name, shared / "data" / f"{name}-funnel", observed_at=as_of)
            build(Project(root), as_of=as_of)
            known[name] = connect(root)
        return known[name]

    yield built
    for con in known.values():
        con.close()


@pytest.mark.parametrize("name", sorted(ENDS))
def test_without_activities_nothing_is_told_of_answers_and_nobody_is_called_untouched(made, name):
    con = made(name)
    for split in ("team", "region", "weekday", "hour", "tier"):
        table = handoff.by(con, dimension=split)
        assert set(table["state"]) == {ABSENT}
        assert table[["rate", "median_hours", "n_untouched", "kept_rate"]].isna().all(axis=None)
    assert set(handoff.arrivals(con)["state"]) == {ABSENT}
    assert handoff.ageing(con)[["n", "amount_at_stake"]].isna().all(axis=None)
    assert len(handoff.waiting(con)) == 0
    weeks = capacity.weeks(con)
    assert weeks[["n_worked", "n_queue", "n_reps", "load"]].isna().all(axis=None)
    assert weeks.loc[weeks["is_total"], "n_arrived"].sum() > 0
    assert set(capacity.levels(con)["state"]) == {ABSENT}
    assert set(curve.waits(con)["state"]) == {ABSENT}
    assert set(curve.first_touch(con, clock="elapsed")["state"]) == {ABSENT}
    words = handoff.feedback(con).set_index("outcome")
    assert words.loc["any change of status", "state"] == ABSENT
    assert pd.isna(words.loc["any change of status", "share"])


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_contract_without_recycling_has_an_empty_ledger_and_nothing_wrong(made, name):
    con = made(name)
    assert len(recycle.ledger(con)) == 0
    assert recycle.due(con)["state"].tolist() == ["undefined"]
    assert recycle.returns(con)["state"].tolist() == ["undefined"]
    assert recycle.closed(con)["state"].tolist() == ["undefined"]


def test_olist_tells_when_a_deal_was_won_and_marketing_hears_of_842_of_8000(made, shared):
    """The files read anew: days from first contact to won, the others watched to 14 November (Kaplan-Meier)."""
    folder = shared / "data" / "olist-funnel"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    deals = pd.read_csv(folder / "olist_closed_deals_dataset.csv")
    words = handoff.feedback(made("olist")).set_index("outcome")
    accepted, whole = words.loc["accepted"], words.loc["any outcome"]
    assert (len(leads), len(deals)) == (whole["n"] + whole["n_left_out"], 842) == (8000, 842)
    both = leads.merge(deals, on="mql_id", how="left")
    begun = pd.to_datetime(both["first_contact_date"])
    days = (pd.to_datetime(both["won_date"]).dt.normalize() - begun).dt.days
    watched = (pd.Timestamp("2018-11-14") - begun).dt.days
    kept = ~(days < 0)
    assert (accepted["n_heard"], accepted["n_left_out"]) == (days[kept].notna().sum(), (~kept).sum())
    spell = days.fillna(watched)[kept]
    staying, gone = 1.0, {}
    for at in sorted(set(days[kept].dropna())):
        staying *= 1 - (days[kept] == at).sum() / (spell >= at).sum()
        gone[at] = 1 - staying
    assert accepted["share"] == pytest.approx(gone[14])
    height = 1 - staying
    half, most = (next(at for at, y in gone.items() if y >= share * height - 1e-9) for share in (0.5, 0.9))
    assert accepted[["median_days", "p90_days"]].tolist() == [half, most]
    assert not whole["is_reached"]


def test_olist_does_not_say_when_an_opportunity_was_open_so_overlap_cannot_be_judged(made):
    con = made("olist")
    for at in ("now", "then"):
        total = overlap.touches(con, by="channel", at=at).tail(1)
        assert (total["state"].item(), total["n_touches"].isna().item()) == ("undefined", True)
    assert set(overlap.outcomes(con)["state"]) == {"undefined"}


def test_realestate_lays_all_campaign_spend_on_its_responses_or_names_what_it_cannot(made):
    con = made("realestate")
    total = overlap.touches(con, by="campaign").tail(1)
    spend = con.execute(
        "select sum(amount) from marts.spend s, run.context c where s.campaign_id is not null "
        "and coalesce(s.currency, c.currency) = c.currency"
    ).fetchall()[0][0]
    told = float(total["all_spend_amount"].item()) + float(total["unspread_amount"].item())
    assert told == pytest.approx(float(spend), abs=0.05)
    assert (total["n"].item(), total["n_touches"].item()) == (5000, 0)
