"""Why a KPI changed: factors and segments on rows stated here, against the conversion mix and brute force."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from funnel.errors import UsageError
from funnel.metrics import bridge, conversion

NOW = ("2026-05-01", "2026-06-01")
BEFORE = ("2026-03-01", "2026-04-01")
SPANS = {"now": NOW, "before": BEFORE}


def factors(frame) -> dict[str, float]:
    rows = frame[~frame["is_segment"].astype(bool)]
    return dict(zip(rows["factor"], rows["effect"], strict=True))


def assert_closed(frame) -> None:
    """Hold that segments add to their factor, and factors to the change, to 1e-9 of the size of the KPI."""
    whole = factors(frame)
    size = max(abs(whole["before"]), abs(whole["now"]))
    parts = {name: value for name, value in whole.items() if name not in ("before", "now")}
    assert sum(parts.values()) == pytest.approx(whole["now"] - whole["before"], abs=1e-9 * size)
    assert frame["change"].iloc[0] == pytest.approx(whole["now"] - whole["before"], abs=1e-9 * size)
    inner = frame[frame["is_segment"].astype(bool)]
    for name, value in inner.groupby("factor")["effect"].sum().items():
        assert value == pytest.approx(parts[name], abs=1e-9 * size)


def averaged(made, before: dict[str, Any], now: dict[str, Any]) -> dict[str, float]:
    """Average the effect of each factor over all orders of change."""
    found = dict.fromkeys(before, 0.0)
    orders = list(permutations(before))
    for order in orders:
        state = dict(before)
        for name in order:
            value = made(**state)
            state[name] = now[name]
            found[name] += (made(**state) - value) / len(orders)
    return found


@pytest.fixture
def dealt(house):
    """Won before: 2 Web of 100, 1 Fair of 400; now: 1 Web of 150, 3 Fair of 300; lost: 3 before, 1 now."""
    here = house("2026-07-01 00:00:00")
    for day, amount, channel in (
        ("2026-03-01", 100, "Web"), ("2026-03-31", 100, "Web"), ("2026-03-10", 400, "Fair"),
        ("2026-05-01", 150, "Web"), ("2026-05-31", 300, "Fair"), ("2026-05-10", 300, "Fair"),
        ("2026-05-11", 300, "Fair"), ("2026-06-01", 9999, "Web"), ("2026-02-28", 9999, "Web"),
    ):  # fmt: skip
        here.opportunity("2026-02-01", amount, day, "won", channel=channel)
    for day in ("2026-03-05", "2026-03-06", "2026-03-07", "2026-05-05"):
        here.opportunity("2026-02-01", 10, day, "lost", channel="Web")
    here.opportunity("2026-02-01", 999, "2026-05-05", "won", currency="USD", channel="Web")
    return here


def test_an_amount_is_number_mix_and_mean_amount(dealt) -> None:
    """Both months have 31 days, so the days are no factor; 600 of 3 became 1,050 of 4."""
    frame = bridge.change(dealt.open(), kpi="won_amount", by="channel", **SPANS)
    expected = averaged(
        lambda n, s, v: n * (s * v[0] + (1 - s) * v[1]),
        {"n": 3, "s": 2 / 3, "v": (100, 400)},
        {"n": 4, "s": 1 / 4, "v": (150, 300)},
    )
    found = factors(frame)
    assert found == pytest.approx(
        {
            "before": 600,
            "number": expected["n"],
            "mix channel": expected["s"],
            "value": expected["v"],
            "now": 1050,
        }
    )
    assert_closed(frame)
    assert frame["n_unknown"].iloc[0] == 1
    fair = frame[(frame["segment"] == "Fair") & (frame["factor"] == "value")].iloc[0]
    assert fair[["n_before", "value_before", "n", "value", "share"]].tolist() == [1, 400, 3, 300, 0.75]


def test_months_of_another_length_have_their_days_as_a_factor(dealt) -> None:
    frame = bridge.change(
        dealt.open(), kpi="won_amount", now=("2026-05-01", "2026-06-01"), before=("2026-02-01", "2026-03-01")
    )
    found = factors(frame)
    expected = averaged(
        lambda d, n, v: d * n * v, {"d": 28, "n": 1 / 28, "v": 9999}, {"d": 31, "n": 4 / 31, "v": 262.5}
    )
    assert found["days"] == pytest.approx(expected["d"])
    assert found["value"] == pytest.approx(expected["v"])
    days = frame[frame["factor"] == "days"].iloc[0]
    assert pd.isna(days["low"])
    assert_closed(frame)


def test_a_win_rate_is_mix_and_rate_and_velocity_its_four_inputs(dealt) -> None:
    con = dealt.open()
    assert_closed(bridge.change(con, kpi="win_rate", by="channel", **SPANS))
    frame = bridge.change(con, kpi="sales_velocity", **SPANS)
    inputs = []
    for start, end in (BEFORE, NOW):
        inputs.append(
            con.execute(
                """
                select count(*) filter (where created_on < $2 and (outcome = 'open' or closed_on >= $2)) as n,
                    count(*) filter (where outcome = 'won' and closed_on >= $1 and closed_on < $2) * 1.0
                        / count(*) filter (where closed_on >= $1 and closed_on < $2) as w,
                    avg(amount) filter (where outcome = 'won' and currency = 'EUR' and closed_on >= $1
                        and closed_on < $2) as v,
                    avg(days_to_close) filter (where outcome = 'won' and closed_on >= $1 and closed_on < $2) as c
                from marts.opportunity
                """,
                [start, end],
            ).df().astype(float).to_dict("records")[0]
        )  # fmt: skip
    expected = averaged(lambda n, w, v, c: 7 * n * w * v / c, *inputs)
    found = factors(frame)
    assert [found[name] for name in ("number", "win_rate", "value", "cycle")] == pytest.approx(
        [expected[name] for name in "nwvc"]
    )
    assert_closed(frame)


def test_two_dimensions_split_the_mix_between_them(dealt) -> None:
    con = dealt.open()
    con.execute("update marts.opportunity set region = case when closed_on > '2026-05-10' then 'EMEA' end")
    frame = bridge.change(con, kpi="won_amount", by=["channel", "region"], **SPANS)
    found = factors(frame)
    assert set(found) == {"before", "number", "mix channel", "mix region", "value", "now"}
    assert_closed(frame)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_conversion_equals_the_conversion_mix_with_its_intervals(house, is_whole: bool) -> None:
    """Where a segment is missing on one side, the rate that stands in for it varies too: another interval."""
    here = house("2026-07-01 00:00:00", horizon_days=30)
    n = 0
    for month, channel, size, won in (
        ("03", "Web", 40, 12), ("03", "Fair", 20, 2), ("03", "Old", 7, 1),
        ("05", "Web", 30, 10), ("05", "Fair", 50, 9), ("05", "New", 6, 3),
    ):  # fmt: skip
        for i in range(0 if is_whole and channel in ("Old", "New") else size):
            n += 1
            stages = {"mql": f"2026-{month}-02 09:00:00"} | (
                {"sql": f"2026-{month}-09 09:00:00"} if i < won else {}
            )
            here.cycle(f"c{n}", channel=channel, **stages)
    con = here.open()
    pair = {"from_stage": "mql", "to_stage": "sql", "within_days": 30, "by": "channel"}
    mix = conversion.mix(con, **pair, **SPANS).set_index("segment")
    frame = bridge.change(con, kpi="mql_to_sql", by="channel", **SPANS)
    totals = frame[~frame["is_segment"].astype(bool)].set_index("factor")
    for name, column in (("mix channel", "mix"), ("rate", "rate_effect")):
        ours = totals.loc[name, ["effect", "low", "high"]].tolist()
        theirs = mix.loc["all", [column, f"{column}_low", f"{column}_high"]].tolist()
        assert ours[0] == pytest.approx(theirs[0], rel=1e-9)
        assert not is_whole or ours == pytest.approx(theirs, rel=1e-6)
        inner = frame[frame["is_segment"].astype(bool) & (frame["factor"] == name)].set_index("segment")[
            "effect"
        ]
        assert inner.to_dict() == pytest.approx(mix[column].drop("all").to_dict(), abs=1e-12)
    assert_closed(frame)


def test_counts_change_by_number_and_their_interval_is_poissons(house, rows) -> None:
    """9 leads became 16: 7 more, -+ 1.96 x sqrt(25)."""
    here = house("2026-07-01 00:00:00")
    for i in range(9):
        here.cycle(f"a{i}", mql="2026-03-05", channel="Web" if i < 4 else None)
    for i in range(16):
        here.cycle(f"b{i}", mql="2026-05-05", channel="Web" if i < 1 else None)
    con = here.open()
    frame = bridge.change(con, kpi="leads", by="channel", **SPANS)
    assert rows(frame, "factor", "segment", "effect", "n_before", "n") == [
        ("before", None, 9.0, 9.0, 16.0),
        ("number", None, 7.0, 9.0, 16.0),
        ("number", None, 10.0, 5.0, 15.0),
        ("number", "Web", -3.0, 4.0, 1.0),
        ("now", None, 16.0, 9.0, 16.0),
    ]
    total = frame[frame["factor"] == "number"].iloc[0]
    assert (total["low"], total["high"]) == pytest.approx((7 - 1.959964 * 5, 7 + 1.959964 * 5), rel=1e-6)
    assert factors(bridge.change(con, kpi="mql", **SPANS))["now"] == 16


def test_hand_offs_and_acceptance_are_by_the_day_of_the_hand_off(house) -> None:
    here = house("2026-07-01 00:00:00")
    for i, (day, outcome) in enumerate(
        [
            ("2026-03-01", "accepted"),
            ("2026-03-31", "rejected"),
            ("2026-05-01", "accepted"),
            ("2026-05-31", "open"),
        ]
    ):
        here.handoff(f"h{i}", day, outcome)
    con = here.open()
    assert factors(bridge.change(con, kpi="hand_offs", **SPANS)) == {"before": 2, "number": 0, "now": 2}
    found = factors(bridge.change(con, kpi="acceptance_rate", **SPANS))
    assert found == pytest.approx({"before": 0.5, "rate": 0.5, "now": 1.0})


def test_the_default_is_the_latest_quarter_that_is_over_and_the_one_before(house) -> None:
    here = house("2026-07-01 00:00:00")
    here.cycle("a", mql="2026-02-05")
    here.cycle("b", mql="2026-06-30")
    frame = bridge.change(here.open(), kpi="mql")
    days = frame[["start_on", "end_on", "before_on", "before_end_on"]].iloc[0]
    assert [str(day.date()) for day in days] == ["2026-04-01", "2026-07-01", "2026-01-01", "2026-04-01"]
    assert (factors(frame)["before"], factors(frame)["now"]) == (1, 1)


@pytest.mark.parametrize(
    ("kpi", "state", "words"),
    [
        ("won_amount", "not in this source", "no opportunity has an amount"),
        ("win_rate", "not in this source", "no lost opportunity is recorded"),
        ("sales_velocity", "not in this source", "no lost opportunity is recorded"),
        ("acceptance_rate", "not in this source", "no refusal is recorded"),
        ("mql_to_sql", "undefined", "no case before"),
    ],
)
def test_what_cannot_be_told_has_both_totals_without_a_value_and_the_reason(house, kpi, state, words) -> None:
    here = house("2026-07-01 00:00:00", horizon_days=10)
    here.cycle("a", mql="2026-05-05")
    here.handoff("a", "2026-05-05", "accepted")
    here.opportunity("2026-02-01", None, "2026-05-05", "won")
    frame = bridge.change(here.open(), kpi=kpi, **SPANS)
    assert list(frame["factor"]) == ["before", "now"]
    assert frame["effect"].isna().all()
    assert set(zip(frame["state"], frame["missing"], strict=True)) == {(state, words)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kpi": "win_rat"}, "Did you mean 'win_rate'"),
        ({"kpi": "sql_to_mql"}, "no KPI whose change can be split"),
        ({"kpi": "leads", "by": "chanel"}, "Did you mean 'channel'"),
        ({"kpi": "leads", "by": ["channel", "region", "country", "industry"]}, "can be split by 3"),
        ({"kpi": "sales_velocity", "by": "channel"}, "not the sum of its parts"),
        ({"kpi": "leads", "now": ("2026-06-01", "2026-07-02")}, "is not over"),
        ({"kpi": "leads", "now": ("2026-06-01", "2026-06-01")}, "a later day that ends it"),
        ({"kpi": "mql_to_sql", "now": ("2026-06-01", "2026-07-01")}, "did not all have the window"),
    ],
)
def test_a_wrong_word_or_span_is_said(house, given, words) -> None:
    here = house("2026-07-01 00:00:00")
    here.cycle("a", mql="2026-06-05")
    with pytest.raises(UsageError, match=words):
        bridge.change(here.open(), **(SPANS | given))
