"""Comparing cohorts fairly: at one age, and with a change split into mix and rate."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from funnel.errors import UsageError
from funnel.metrics import conversion
from funnel.metrics.mix import parted

ASKED = {"from_stage": "mql", "to_stage": "sql"}
SPANS = {"now": ("2026-02-01", "2026-03-01"), "before": ("2026-01-01", "2026-02-01")}
SPLIT = ["segment", "mix", "rate_effect", "change"]


def test_every_cohort_is_shown_at_the_age_of_the_youngest(house, rows) -> None:
    """As of 11 March February is ten days old: a conversion on day 11 counts in no cohort, not even January."""
    here = house("2026-03-11 00:00:00")
    here.cycle("day ten", mql="2026-01-05 00:00:00", sql="2026-01-15 00:00:00")
    here.cycle("day eleven", mql="2026-01-05 00:00:00", sql="2026-01-15 00:00:01")
    here.cycle("february", mql="2026-02-28", sql="2026-03-01")
    here.cycle("march", mql="2026-03-02", sql="2026-03-03")
    table = conversion.same_age(here.open(), **ASKED, within_days=90)
    columns = ["period_on", "n", "n_converted", "rate", "is_mature", "change", "change_low", "change_high"]
    assert rows(table, "age_days", *columns) == [
        (10.0, "2026-01-01", 2, 1, 0.5, True, None, None, None),
        (10.0, "2026-02-01", 1, 1, 1.0, True, 0.5, -0.391, 0.9055),
        (10.0, "2026-03-01", 1, 1, None, False, None, None, None),
    ]
    assert table["rule"][0].startswith("Same age: of those who entered MQL in each month, the share that had")


def test_no_cohort_is_older_than_the_window(house, rows) -> None:
    here = house("2026-03-11 00:00:00")
    here.cycle("a", mql="2026-01-05", sql="2026-01-10")
    table = conversion.same_age(here.open(), **ASKED, within_days=4)
    assert rows(table.head(1), "age_days", "n_converted") == [(4.0, 0)]


def test_a_period_that_has_just_ended_has_no_age_yet(house, rows) -> None:
    """On 1 March February is not a day old; the youngest to compare is January, 28 days old."""
    here = house("2026-03-01 00:00:00")
    here.cycle("a", mql="2026-01-05")
    here.cycle("b", mql="2026-02-05")
    table = conversion.same_age(here.open(), **ASKED, within_days=90)
    assert rows(table, "age_days", "is_mature") == [(28.0, True), (28.0, False)]


def test_a_cohort_whose_conversions_were_not_yet_recorded_has_its_note_and_is_compared_with_none(
    house,
) -> None:
    """Forty a month; from February half of them convert in two days; of January nobody is recorded."""
    here = house("2026-05-10 00:00:00")
    for month in ("01", "02", "03", "04"):
        for i in range(40):
            sql = {"sql": f"2026-{month}-04 12:00:00"} if month != "01" and i % 2 else {}
            here.cycle(f"{month}-{i}", mql=f"2026-{month}-02 12:00:00", **sql)
    table = conversion.same_age(here.open(), **ASKED, within_days=30)
    assert table["note"].str.startswith("left truncated").fillna(False).tolist()[:4] == [
        True,
        True,
        False,
        False,
    ]
    assert table["change"].isna().tolist()[:4] == [True, True, True, False]


def test_an_age_may_be_chosen_and_the_younger_have_no_rate(house, rows) -> None:
    here = house("2026-03-11 00:00:00")
    here.cycle("a", mql="2026-01-05", sql="2026-01-20")
    here.cycle("b", mql="2026-02-28")
    con = here.open()
    table = conversion.same_age(con, **ASKED, within_days=90, age_days=30)
    assert rows(table.head(2), "rate", "change") == [(1.0, None), (None, None)]
    with pytest.raises(UsageError, match="age of 91 days lies beyond the window of 90 days"):
        conversion.same_age(con, **ASKED, within_days=90, age_days=91)


def test_without_a_period_that_is_over_nothing_is_old_enough(house, rows) -> None:
    here = house("2025-01-15 00:00:00")
    here.cycle("a", mql="2025-01-05")
    table = conversion.same_age(here.open(), **ASKED, within_days=5)
    assert rows(table, "age_days", "rate", "is_mature") == [(5.0, None, False)]


def lots(here, month: str, channel: str | None, n: int, n_converted: int, **more) -> None:
    """Add n leads of a month and channel, of which n_converted reach SQL the next day."""
    for i in range(n):
        sql = {"sql": f"2026-{month}-06"} if i < n_converted else {}
        here.cycle(f"{month} {channel} {more} {i}", mql=f"2026-{month}-05", channel=channel, **more, **sql)


def test_a_simpson_reversal_is_shown_as_mix(house, rows) -> None:
    """Both channels convert better than before, and the whole worse: three of four leads now come by ads.

    Referral 6 of 12, then 3 of 4; ads 0 of 4, then 1 of 12; the whole 6 of 16, then 4 of 16.
    """
    here = house()
    lots(here, "01", "referral", 12, 6)
    lots(here, "01", "ads", 4, 0)
    lots(here, "02", "referral", 4, 3)
    lots(here, "02", "ads", 12, 1)
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)
    columns = ["segment", "n_before", "n", "rate_before", "rate", "share_before", "share"]
    assert rows(table, *columns) == [
        ("ads", 4, 12, 0.0, 0.0833, 0.25, 0.75),
        ("referral", 12, 4, 0.5, 0.75, 0.75, 0.25),
        ("all", 16, 16, 0.375, 0.25, 1.0, 1.0),
    ]
    # mix: .5 (.0417 - .3125) and -.5 (.625 - .3125); rates: .0833 x .5 and .25 x .5
    assert rows(table, *SPLIT, "is_reversed", "is_total") == [
        ("ads", -0.1354, 0.0417, -0.0938, True, False),
        ("referral", -0.1562, 0.125, -0.0312, True, False),
        ("all", -0.2917, 0.1667, -0.125, True, True),
    ]


def test_the_parts_add_up_exactly_and_the_whole_has_intervals(house) -> None:
    here = house()
    for month, channel, n, won in (
        ("01", "a", 7, 3),
        ("01", "b", 5, 1),
        ("02", "a", 3, 2),
        ("02", "b", 11, 4),
    ):
        lots(here, month, channel, n, won)
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)
    parts, total = table[~table["is_total"]], table.iloc[-1]
    for name in ("mix", "rate_effect", "change"):
        assert parts[name].sum() == pytest.approx(total[name], abs=1e-15)
    assert total["mix"] + total["rate_effect"] == pytest.approx(6 / 14 - 4 / 12, abs=1e-15)
    for name in ("mix", "rate_effect", "change"):
        assert total[f"{name}_low"] < total[name] < total[f"{name}_high"]
    assert parts[["mix_low", "change_low"]].isna().all(axis=None)


def test_a_segment_that_was_not_there_before_is_mix_alone(house, rows) -> None:
    here = house()
    lots(here, "01", "a", 4, 2)
    lots(here, "02", "a", 4, 2)
    lots(here, "02", "new", 4, 0)
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)
    # the mean of the whole rates is .375: a loses half its share at .125 above it, new gains it at .375 below
    assert rows(table, *SPLIT) == [
        ("a", -0.0625, 0.0, -0.0625),
        ("new", -0.1875, 0.0, -0.1875),
        ("all", -0.25, 0.0, -0.25),
    ]


def test_segments_may_be_of_several_columns_and_null_is_one(house, rows) -> None:
    here = house()
    lots(here, "01", "a", 2, 1, region="EU")
    lots(here, "02", "a", 2, 2, region="US")
    lots(here, "02", None, 1, 0, region="US")
    con = here.open()
    both = conversion.mix(con, by=["channel", "region"], **ASKED, within_days=10, **SPANS)
    assert rows(both, "segment", "n_before", "n") == [
        ("a / US", 0, 2),
        ("\N{EN DASH} / US", 0, 1),
        ("a / EU", 2, 0),
        ("all", 2, 3),
    ]
    one = conversion.mix(con, by="channel", **ASKED, within_days=10, **SPANS)
    assert rows(one, "segment", "n_before", "n") == [("a", 2, 2), (None, 0, 1), ("all", 2, 3)]


def test_an_immature_cohort_is_never_compared(house) -> None:
    here = house("2026-03-09 23:59:59")
    lots(here, "01", "a", 2, 1)
    here.cycle("young", mql="2026-02-28", channel="a")
    with pytest.raises(
        UsageError, match=r"during 1.28 February 2026 did not all have 10 days .* conversion.same_age"
    ):
        conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)


def test_on_the_stroke_of_its_maturity_it_is_compared(house, rows) -> None:
    here = house("2026-03-10 00:00:00")
    lots(here, "01", "a", 2, 1)
    here.cycle("just old enough", mql="2026-02-28 00:00:00", channel="a")
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)
    assert rows(table, "segment", "change") == [("a", -0.5), ("all", -0.5)]


def test_nobody_before_gives_null_parts(house, rows) -> None:
    here = house()
    lots(here, "02", "a", 2, 1)
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10, **SPANS)
    assert rows(table, "segment", "rate_before", *SPLIT[1:], "mix_low") == [
        ("a", None, None, None, None, None),
        ("all", None, None, None, None, None),
    ]


def test_nobody_at_all_gives_a_null_change(house, rows) -> None:
    table = conversion.mix(house().open(), by="channel", **ASKED, within_days=10)
    assert rows(table, *SPLIT, "is_reversed") == [("all", None, None, None, False)]


def test_by_default_the_latest_mature_three_months_stand_against_the_three_before(house, rows) -> None:
    here = house("2026-07-05 00:00:00")
    lots(here, "03", "a", 2, 1)
    lots(here, "04", "a", 2, 2)
    table = conversion.mix(here.open(), by="channel", **ASKED, within_days=10)
    assert rows(table.head(1), "before_on", "before_end_on", "start_on", "end_on", "change") == [
        ("2025-11-01", "2026-02-01", "2026-02-01", "2026-05-01", None)
    ]


def of_das_gupta(shared) -> dict[str, dict]:
    cases = json.loads((shared / "oracles" / "das_gupta_1993.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in cases}


def split(shares, rates) -> pd.Series:
    """Return the total row for two cohorts of ten million by shares and rates of their segments."""
    n = 10_000_000
    sizes = [[round(share * n) for share in side] for side in shares]
    wins = [[round(k * r) for k, r in zip(*side, strict=True)] for side in zip(sizes, rates, strict=True)]
    names = ["n_before", "n", "n_converted_before", "n_converted"]
    columns = dict(zip(names, [*sizes, *wins], strict=True))
    return parted(pd.DataFrame({"segment": [f"{i:02}" for i in range(len(sizes[0]))], **columns})).iloc[-1]


@pytest.mark.parametrize("name", ["DG5.1_kitagawa", "DG5.3_collapsed"])
def test_composition_and_rate_split_as_das_gupta_1993_does(shared, name: str) -> None:
    """His chapter 5; in the second both effects are larger than the gap and of opposite sign."""
    case = of_das_gupta(shared)[name]
    sizes, rates = case["factors"]["size"], case["factors"]["rate"]
    unit = 2 * max(map(max, rates))
    shares = [[size / sum(side) for size in side] for side in sizes]
    total = split(shares, [[rate / unit for rate in side] for side in rates])
    for part, ours in (("size", "mix"), ("rate", "rate_effect"), ("crude", "change")):
        assert total[ours] * unit == pytest.approx(case["expected"][part]["diff"], rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", ["intro", "DG2.1"])
def test_a_product_of_two_factors_splits_as_das_gupta_1993_does(shared, name: str) -> None:
    """One segment beside one that never converts: the whole rate is share x rate, scaled below one."""
    case = of_das_gupta(shared)[name]
    (name_s, s), (name_r, r) = case["factors"].items()
    unit_s, unit_r = 2 * max(s), 2 * max(r)
    total = split([[v / unit_s, 1 - v / unit_s] for v in s], [[v / unit_r, 0.0] for v in r])
    for part, ours in ((name_s, "mix"), (name_r, "rate_effect"), ("crude", "change")):
        assert total[ours] * unit_s * unit_r == pytest.approx(case["expected"][part]["diff"], rel=1e-4)


def test_the_intervals_of_the_parts_cover_as_they_say() -> None:
    """Four hundred draws of two cohorts of 300: 95 % intervals hold the truth in 92 to 98 % of them."""
    rng = np.random.default_rng(20260101)
    shares, rates, n = np.array([[0.6, 0.4], [0.4, 0.6]]), np.array([[0.3, 0.1], [0.25, 0.15]]), 300
    truth_mix = float(((shares[1] - shares[0]) * rates.mean(axis=0)).sum())
    truth_rate = float(((rates[1] - rates[0]) * shares.mean(axis=0)).sum())
    held = {"mix": 0, "rate_effect": 0}
    for _ in range(400):
        drawn = [rng.multinomial(n, share) for share in shares]
        won = [rng.binomial(counts, rate) for counts, rate in zip(drawn, rates, strict=True)]
        counts = {"n_before": drawn[0], "n_converted_before": won[0], "n": drawn[1], "n_converted": won[1]}
        total = parted(pd.DataFrame({"segment": ["a", "b"], **counts})).iloc[-1]
        for name, truth in (("mix", truth_mix), ("rate_effect", truth_rate)):
            held[name] += int(total[f"{name}_low"] <= truth <= total[f"{name}_high"])
    assert all(0.92 <= count / 400 <= 0.98 for count in held.values()), held
