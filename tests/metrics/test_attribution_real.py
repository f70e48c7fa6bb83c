"""Attribution on public data: one touch per lead makes all rules agree; without touches nothing is shown as 0."""

from __future__ import annotations

from datetime import date

import pytest

from funnel.landing import land
from funnel.metrics import attribution, loop
from funnel.project import Project
from funnel.sources import scaffold
from funnel.warehouse import build, connect
from funnel.warehouse.run_tables import local_midnight

SOURCES = {
    "olist": ("olist-funnel", local_midnight(date(2018, 11, 15), "America/Sao_Paulo")),
    "realestate": ("realestate-funnel", local_midnight(date(2026, 7, 1), "Asia/Dubai")),
    "maven": ("maven-crm", local_midnight(date(2018, 1, 1), "America/New_York")),
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def opened(shared, tmp_path_factory):
    made = {}

    def connection(name: str):
        if name not in made:
            folder, as_of = SOURCES[name]
            project = Project(tmp_path_factory.mktemp("real") / name)
            scaffold(project.root, name)
            land(project, name, shared / "data" / folder, observed_at=as_of)
            build(project, as_of=as_of)
            made[name] = connect(project.root)
        return made[name]

    yield connection
    for con in made.values():
        con.close()


@pytest.mark.parametrize(("name", "n"), [("olist", 842), ("realestate", 813)])
def test_where_a_lead_has_one_touch_at_most_all_rules_agree(opened, name, n) -> None:
    table = attribution.credits(opened(name), by="channel")
    wide = table.assign(value=table["value"].fillna("-")).pivot(
        index=["line", "value"],
        columns="credit_rule",
        values=["credit_amount", "n_credit", "n_opportunities"],
    )
    for measure in ("credit_amount", "n_credit", "n_opportunities"):
        rules = wide[measure]
        assert (rules.sub(rules["first"], axis=0).fillna(0).abs() < 0.01).all(axis=None)
    assert wide["n_credit"]["first"].xs("total").tolist() == [n]


def test_amounts_of_realestate_are_booked_to_the_last_unit(opened) -> None:
    con = opened("realestate")
    won = con.execute("select sum(amount) from marts.opportunity where outcome = 'won'").fetchall()[0][0]
    table = attribution.credits(con, by="channel", rules=["linear"])
    assert table.loc[table["line"] != "total", "credit_amount"].sum() == pytest.approx(float(won), abs=0.004)


def test_a_source_without_touches_says_so_everywhere(opened) -> None:
    con = opened("maven")
    assert set(attribution.credits(con, by="channel")["state"]) == {"not in this source"}
    assert set(attribution.origins(con)["state"]) == {"not in this source"}
    assert set(attribution.removal(con, by="channel")["state"]) <= {"not in this source"}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_loop_of_short_or_bare_data_is_refused_with_a_reason(opened, name) -> None:
    table = loop.precedence(opened(name))
    assert table["reason"].notna().all()
    assert set(table["state"]) <= {"not yet", "not in this source"}
    assert loop.weekly(opened(name)) is not None
