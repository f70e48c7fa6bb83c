"""Who converted, and what sales heard: what is shown, what is not, and by which computation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from funnel.errors import UsageError
from funnel.metrics import quality


@pytest.fixture
def sold(house):
    """Return a warehouse in which 60 % of the leads of one industry bought, and 10 % of the others."""
    here = house(hands_to={"mql": "sales"}, horizon_days=30)
    here.con.execute("create table core.campaign (campaign_id text, name text)")
    for at in range(400):
        industry, persona = ("software", "steel", "food", "paper")[at % 4], "ab"[at // 4 % 2]
        bought = at // 8 % 10 < (6 if industry == "software" else 1)
        day = f"2026-0{1 + at // 100}-10"
        reached = {"won": f"2026-0{1 + at // 100}-20"} if bought else {}
        here.cycle(f"c{at}", mql=day, **reached, industry=industry, persona=persona)
    return here.open()


def test_the_segment_that_bought_more_often_is_shown_and_said(sold) -> None:
    table = quality.profile(sold)
    shown = table[table["is_shown"]]
    assert shown["segment"].tolist() == ["industry software"]
    one = shown.iloc[0]
    assert (one["n"], one["n_good"], one["share"]) == (100, 60, 0.25)
    assert one["good_share"] == pytest.approx(60 / table["n_good"][table["dimension"] == "persona"][
        table["other_dimension"].isna()].sum())  # fmt: skip
    said = quality.targets(sold)["sentence"].tolist()
    assert len(said) == 1
    assert said[0].startswith("Industry software: ")
    assert "100 leads, 25\N{NO-BREAK SPACE}% of the leads" in said[0]
    assert said[0].endswith("above the whole in both halves of the time.")


def test_the_test_is_fishers_and_the_discoveries_are_held_by_benjamini_and_hochberg(sold) -> None:
    table = quality.profile(sold)
    singles = table[table["other_dimension"].isna() & (table["dimension"] == "persona")]
    n, good = int(singles["n"].sum()), int(singles["n_good"].sum())
    p = np.array([
        fisher_exact([[x, m - x], [good - x, n - m - (good - x)]], alternative="greater").pvalue
        for x, m in zip(table["n_good"], table["n"], strict=True)
    ])  # fmt: skip
    order = np.argsort(p)
    adjusted = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    by_hand = np.empty(len(p))
    by_hand[order] = np.minimum(adjusted, 1)
    np.testing.assert_allclose(table["p_adjusted"], by_hand, rtol=1e-9)


def test_a_pair_that_only_repeats_its_better_part_is_not_shown(sold) -> None:
    table = quality.profile(sold)
    pairs = table[table["segment"].str.contains("industry software and")]
    assert len(pairs) == 2
    assert (pairs["p_adjusted"] < 0.05).all()
    assert (pairs["pooled_low"] > pairs["overall_rate"]).all()
    assert not pairs["is_shown"].any()


def test_both_halves_of_the_time_make_up_the_rate(sold) -> None:
    table = quality.profile(sold)
    assert ((table[["early_rate", "late_rate"]].min(axis=1) <= table["rate"])
            & (table["rate"] <= table[["early_rate", "late_rate"]].max(axis=1))).all()  # fmt: skip


def test_thirty_leads_are_enough_and_one_fewer_is_not(house) -> None:
    here = house(hands_to={"mql": "sales"}, horizon_days=30)
    for at in range(59):
        here.cycle(f"c{at}", mql="2026-01-10", persona="a" if at < 30 else "b")
    con = here.open()
    assert quality.profile(con)["segment"].tolist() == ["persona a"]
    assert quality.targets(con)["sentence"].tolist() == [
        "None of 1 segments is shown to convert more often than the whole."
    ]


def test_the_young_are_left_out_and_nobody_old_enough_is_said(house) -> None:
    here = house("2026-03-01 00:00:00", hands_to={"mql": "sales"}, horizon_days=30)
    for at in range(40):
        here.cycle(f"c{at}", mql="2026-02-20", won="2026-02-21", persona="a")
    con = here.open()
    assert len(quality.profile(con)) == 0
    assert quality.targets(con)["sentence"][0].startswith("No segment has 30 leads old enough")


def test_of_groups_that_are_alike_nothing_is_shown(house) -> None:
    """Twelve worlds of chance alone: at most one of them shows anything."""
    found = 0
    for seed in range(12):
        here = house(hands_to={"mql": "sales"}, horizon_days=30)
        rng = np.random.default_rng(seed)
        for at in range(200):
            reached = {"won": "2026-01-12"} if rng.random() < 0.3 else {}
            dims = {"persona": f"p{rng.integers(3)}", "channel": f"c{rng.integers(3)}"}
            here.cycle(f"c{at}", mql="2026-01-10", **reached, **dims)
        found += bool(quality.profile(here.open())["is_shown"].any())
    assert found <= 1


def refuse(here, counts: dict[tuple[str | None, str | None], int]) -> None:
    for at, ((industry, reason), n) in enumerate(counts.items()):
        for each in range(n):
            here.handoff(f"h{at}-{each}", "2026-01-02", "rejected", industry=industry, outcome_reason=reason)


def test_reasons_are_set_against_the_whole_by_their_adjusted_residual(house, rows) -> None:
    """Residual by hand: (n - e) / sqrt(e (1 - row share) (1 - column share)), e = row x column / all."""
    here = house()
    refuse(here, {("steel", "Price"): 40, ("steel", "Timing"): 10, ("food", "Price"): 20, ("food", "Timing"): 30,
                  ("food", None): 7, (None, "Price"): 3})  # fmt: skip
    table = quality.heard(here.open(), dimension="industry")
    columns = ["value", "reason", "n", "n_value", "n_unknown"]
    assert rows(table, *columns) == [
        ("food", "Price", 20, 50, 7), ("food", "Timing", 30, 50, 7), ("steel", "Price", 40, 50, 0),
        ("steel", "Timing", 10, 50, 0), (None, "Price", 3, 3, 0), (None, "Timing", 0, 3, 0),
    ]  # fmt: skip
    first, expected = table.iloc[0], 50 * 63 / 103
    by_hand = (20 - expected) / np.sqrt(expected * (1 - 50 / 103) * (1 - 63 / 103))
    assert (first["expected"], first["residual"]) == (pytest.approx(expected), pytest.approx(by_hand))
    assert first["overall_share"] == pytest.approx(63 / 103)
    np.testing.assert_allclose(
        table["expected"].to_numpy().reshape(3, 2),
        chi2_contingency([[20, 30], [40, 10], [3, 0]]).expected_freq,
    )
    assert table["is_shown"].tolist() == [True, True, True, True, False, False]
    assert table["residual"].isna().tolist() == [False] * 4 + [True, True]


def test_losses_are_of_lost_opportunities_only(house, rows) -> None:
    here = house()
    for outcome, reason in (("lost", "Price"), ("lost", None), ("won", "ignored"), ("open", None)):
        here.opportunity("2026-01-02", 10, "2026-02-01", outcome, loss_reason=reason, industry="steel")
    table = quality.heard(here.open(), dimension="industry", of="losses")
    assert rows(table, "value", "reason", "n", "n_unknown", "is_shown") == [("steel", "Price", 1, 1, False)]


def test_without_reasons_one_row_says_so(house, rows) -> None:
    here = house()
    refuse(here, {("steel", None): 3})
    con = here.open()
    table = quality.heard(con, dimension="industry")
    assert rows(table, "n", "n_unknown", "share", "state") == [
        (0, 3, None, "not in this source: no reason is recorded")
    ]
    assert quality.heard(con, dimension="industry", of="losses")["n_unknown"].tolist() == [0]


def test_words_that_are_wrong_name_the_choices(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match=r"no kind of reason 'loses'\. Did you mean 'losses'"):
        quality.heard(con, dimension="industry", of="loses")
    with pytest.raises(UsageError, match="no dimension 'industri'"):
        quality.heard(con, dimension="industri")
    with pytest.raises(UsageError, match="no outcome 'wonn'"):
        quality.profile(con, outcome="wonn")
