"""The score as of the hand-off: what counts, on the stroke; refusals; thresholds; nothing later leaks in."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from score_world import AGREED, company, joined, scored, warehouse

from funnel.errors import UsageError
from funnel.metrics import score
from funnel.metrics.score import learn, rank, reference, rows, threshold

WHOLE = {"start_on": "2025-07-01", "end_on": "2026-04-01"}
NAMES = [name for name in score.__all__ if name != "scored"]


@pytest.fixture(scope="module")
def useful(tmp_path_factory: pytest.TempPathFactory):
    con = warehouse(tmp_path_factory.mktemp("useful"), company(2))
    yield con
    con.close()


@pytest.fixture(scope="module")
def steering(tmp_path_factory: pytest.TempPathFactory):
    con = warehouse(tmp_path_factory.mktemp("steering"), company(3, truth="steering"))
    yield con
    con.close()


def told(folder: Path, *parts, **given) -> pd.DataFrame:
    """Return what is known of each hand-off, whether or not the score can be judged."""
    with warehouse(folder, joined(*parts), **given) as con:
        asked = rows.judged(con)
    assert isinstance(asked, rows.Judged)
    return asked.rows.set_index("record_key")


# ---- what counts


def test_the_score_is_that_of_the_hand_off_and_never_todays(tmp_path: Path) -> None:
    frame = told(
        tmp_path,
        scored("kept", "2026-01-05 10:00:00", 70),
        scored("raised", "2026-01-05 10:00:00", 40, later=(("2026-01-05 10:00:01", "95"),)),
        scored("just", "2026-01-05 10:00:00", 40, later=(("2026-01-05 10:00:00", "80"),)),
        scored(
            "twice",
            "2026-01-05 10:00:00",
            40,
            later=(("2026-01-05 09:30:00", "61"), ("2026-02-01 00:00:00", "5")),
        ),
        scored("none", "2026-01-05 10:00:00", None),
    )
    assert frame["score"].to_dict() == pytest.approx(
        {"crm:kept": 70, "crm:raised": 40, "crm:just": 80, "crm:twice": 61, "crm:none": np.nan}, nan_ok=True
    )


def test_a_score_that_neither_history_nor_a_load_reaches_is_not_known(tmp_path: Path) -> None:
    frame = told(
        tmp_path,
        scored("blind", "2026-01-05 10:00:00", 70, tracked=False),
        scored("seen", "2026-01-05 10:00:00", 70),
        scored("young", "2026-06-29 10:00:00", 70),
    ).drop("crm:young")
    assert frame["score"].to_dict() == pytest.approx({"crm:blind": np.nan, "crm:seen": 70}, nan_ok=True)
    assert frame["score_evidence"].to_dict() == {"crm:blind": "assumed", "crm:seen": "load"}
    assert frame["is_judged"].to_dict() == {"crm:blind": False, "crm:seen": True}


def test_a_conversion_at_the_end_of_the_window_counts_and_one_second_later_does_not(tmp_path: Path) -> None:
    frame = told(
        tmp_path,
        scored("end", "2026-01-05 10:00:00", 70, converted_at="2026-03-06 10:00:00"),
        scored("late", "2026-01-05 10:00:00", 70, converted_at="2026-03-06 10:00:01"),
        scored("never", "2026-01-05 10:00:00", 70),
    )
    assert frame["y"].to_dict() == {"crm:end": 1.0, "crm:late": 0.0, "crm:never": 0.0}


def test_a_hand_off_is_mature_when_its_window_has_just_ended_by_as_of(tmp_path: Path) -> None:
    frame = told(
        tmp_path,
        scored("just", "2026-05-02 00:00:00", 70),  # + 60 days = as_of
        scored("short", "2026-05-02 00:00:01", 70, converted_at="2026-05-20 10:00:00"),
        scored("other", "2026-06-29 10:00:00", 70),
    )
    assert frame["is_mature"].to_dict() == {"crm:just": True, "crm:short": False, "crm:other": False}
    assert frame["y"].isna().to_dict() == {"crm:just": False, "crm:short": True, "crm:other": True}


def test_the_window_and_the_outcome_are_those_of_the_agreement_unless_asked_otherwise(useful) -> None:
    agreed, own = rows.judged(useful), rows.judged(useful, outcome="won", within_days=30)
    assert (agreed.start.name, agreed.end.name, agreed.within_days) == ("mql", "sql", 60.0)
    assert (own.end.name, own.within_days) == ("won", 30.0)
    assert rows.judged(useful, outcome="won").within_days == 90.0  # the horizon: no target names this pair
    assert agreed.who == (
        "Hand-offs at MQL during 1 February – 30 April 2026, with the score that held at the hand-off; "
        "converted: SQL within 60 days."
    )
    with pytest.raises(UsageError, match="no stage 'sqll'"):
        score.lift(useful, outcome="sqll")


def test_classes_of_follow_up_are_those_of_an_audit(useful) -> None:
    from funnel.dispute.follow_up import usual
    from funnel.dispute.sample import samples
    from funnel.metrics import follow_up, handed

    given = {"stage": "mql", "outcome": "sql", "landmark_seconds": 14 * 86_400}
    frame = handed.handoffs(useful, given).assign(in_batch=True, batch_key="all")
    mine = rows.judged(useful).rows.set_index("handoff_id")
    old = frame[frame["handoff_id"].isin(mine.index[mine["is_mature"]])]
    whole = samples(old, horizon_days=60, landmark_days=14)[1]
    codes = usual(whole).classes(whole)
    theirs = pd.Series(np.array(follow_up.CLASSES)[codes], index=whole.rows["handoff_id"])
    assert len(theirs) > 600
    assert (mine.loc[theirs.index, "follow_up"] == theirs).all()


# ---- refusals


def reasons(con) -> dict[str, tuple[str, str]]:
    found = {name: getattr(score, name)(con) for name in NAMES}
    return {name: (frame["state"].iloc[0], frame["note"].iloc[0]) for name, frame in found.items()}


def test_without_any_score_every_figure_says_so(tmp_path: Path) -> None:
    leads = [scored(f"l{at}", f"2026-01-{at + 1:02d} 10:00:00", None) for at in range(5)]
    with warehouse(tmp_path, joined(*leads)) as con:
        found = reasons(con)
        assert score.scored(con)["note"].unique().tolist() == ["no source gives a score of its leads"]
    assert set(found.values()) == {("not in this source", "no source gives a score of its leads")}


def many(n: int, won: int, points=lambda at: 50 + at % 40, month: str = "2026-02"):
    """Return n hand-offs of a month, the first `won` of which converted, and a young one: time goes on."""
    parts = [scored("young", "2026-06-29 10:00:00", points(0))]
    for at in range(n):
        handed = f"{month}-{1 + at % 28:02d} 10:{at // 28:02d}:00"
        goal = f"{month}-28 23:00:00" if at < won else None
        parts.append(scored(f"{month} {at}", handed, points(at), converted_at=goal))
    return joined(*parts)


@pytest.mark.parametrize(
    ("n", "won", "why"),
    [
        (99, 40, "99 hand-offs can be judged; at least 100 are needed"),
        (100, 9, "9 of 100 hand-offs converted; at least 10 of each kind are needed"),
        (100, 91, "91 of 100 hand-offs converted; at least 10 of each kind are needed"),
        (100, 10, None),
        (100, 90, None),
    ],
)
def test_too_few_hand_offs_or_conversions_are_refused_with_their_number(
    tmp_path: Path, n: int, won: int, why: str | None
) -> None:
    with warehouse(tmp_path, many(n, won)) as con:
        frame = score.lift(con)
        assert frame["note"].iloc[0] == why
        assert frame["state"].iloc[0] == ("refused" if why else "ok")
        assert len(frame) == (1 if why else 10)
        apart = score.compared(con)
    if why is None:
        few = (
            "0 hand-offs whose window was over before the judged span can be judged; at least 100 are needed"
        )
        assert apart["note"].tolist() == [few]


def test_a_constant_score_and_a_span_that_is_not_mature_are_refused(tmp_path: Path) -> None:
    with warehouse(tmp_path / "same", many(120, 40, points=lambda at: 75)) as con:
        found = reasons(con)
        why = "the score is 75 for all 120 hand-offs: it tells none apart"
        assert found["discrimination"] == found["thresholds"] == ("refused", why)
    with warehouse(tmp_path / "young", many(120, 40, month="2026-06")) as con:
        found = reasons(con)
        why = "no month of hand-offs at MQL is mature: the window of all of them must be over"
        assert found["discrimination"] == found["drift"] == ("refused", why)


def test_a_contract_that_hands_no_lead_over_has_no_score_to_judge(tmp_path: Path) -> None:
    own = AGREED.replace("hands_to: sales, ", "").replace("owner: sales", "owner: marketing")
    own = re.sub(r"sla:.*?(?=verdict)", "", own, flags=re.DOTALL)
    with warehouse(tmp_path, many(5, 1), contract=own) as con:
        why = "the contract hands no lead over, so no hand-off can have a score"
        assert set(reasons(con).values()) == {("refused", why)}
        assert score.scored(con).empty


def test_without_activities_within_class_is_not_in_the_source_and_the_rest_stands(tmp_path: Path) -> None:
    with warehouse(tmp_path, many(120, 40)) as con:
        frame = score.discrimination(con)
    assert frame["group"].tolist() == ["all hand-offs", "within follow-up class"]
    assert frame["state"].tolist() == ["ok", "not in this source"]
    assert frame["n"].tolist() == [120, 0]
    assert frame["auc"].isna().tolist() == [False, True]


def test_drift_is_never_told_of_fewer_than_a_hundred(useful) -> None:
    made = rows.judged(useful).rows["handed_on"].sort_values().to_numpy()
    for n in (99, 100):
        end = pd.Timestamp(made[n - 1]) + pd.Timedelta(days=1)
        size = int((made < end.to_datetime64()).sum())
        side = (str(made[0])[:10], str(end.date()))
        row = score.drift(useful, reference=side, latest=("2026-01-01", "2026-04-01")).iloc[0]
        assert row["n_reference"] == size
        assert row["state"] == ("ok" if size >= 100 else "refused")
        assert pd.isna(row["psi"]) == (size < 100)


# ---- simulated truth


def test_a_useful_score_ranks_within_class_and_is_recalibrated_on_earlier_hand_offs(useful) -> None:
    frame = score.discrimination(useful, **WHOLE).set_index("group")
    assert frame.loc["within follow-up class", "low"] > 0.7
    assert frame["n"].iloc[2:].sum() == frame["n"].iloc[0]
    row = score.accuracy(useful).iloc[0]
    assert row["scale"] == "refitted"
    assert row["skill_low"] > 0
    assert row["slope_low"] < 1 < row["slope_high"]
    assert row["intercept_low"] < 0 < row["intercept_high"]
    curve = score.calibration(useful)
    assert ((curve["low"] <= curve["expected"]) & (curve["expected"] <= curve["high"])).sum() >= 4
    assert curve["n"].sum() == row["n"]


def test_a_useless_score_that_steers_follow_up_is_found_out_on_a_warehouse(steering) -> None:
    frame = score.discrimination(steering, **WHOLE).set_index("group")
    assert frame.loc["all hand-offs", "low"] > 0.55
    inside = frame.loc["within follow-up class"]
    assert inside["low"] < 0.5 < inside["high"]
    assert abs(inside["auc"] - 0.5) < 0.07


def test_the_reference_finds_what_carries_the_outcome(useful, steering) -> None:
    frame = score.compared(useful).set_index("score")
    assert frame.loc["reference score", "within_low"] > 0.6
    assert (
        frame.loc["reference score", "difference_high"] < 0.05
    )  # size is a noisier view of fit than the score
    found = score.inputs(useful)
    assert found["variable"].iloc[0] == "employees"
    assert found["drop"].iloc[0] > 0.1
    assert found.set_index("variable").loc["region", "drop"] < 0.05
    assert score.inputs(steering)["drop"].max() < 0.1


def test_both_scores_are_judged_on_the_same_hand_offs_and_their_difference_is_the_paired_one(useful) -> None:
    frame = score.compared(useful).set_index("score")
    leads = score.scored(useful)
    test = leads[leads["part"] == "judged"]
    y = test["converted"].astype(float)
    for name, value in (("CRM score", test["score"]), ("reference score", test["reference"])):
        assert frame.loc[name, "auc"] == pytest.approx(rank.area(y, value).value[0])
        assert frame.loc[name, "auc_within"] == pytest.approx(
            rank.within(y, test["follow_up"], value).value[0]
        )
        assert (frame.loc[name, "n"], frame.loc[name, "n_converted"]) == (len(test), y.sum())
    assert frame.loc["reference score", "brier"] == pytest.approx(((test["reference"] - y) ** 2).mean())
    both = frame["auc_within"]
    assert frame.loc["reference score", "difference"] == pytest.approx(both.iloc[1] - both.iloc[0])
    assert pd.isna(frame.loc["CRM score", "difference"])


# ---- nothing later leaks in


@pytest.mark.parametrize("seed", range(20))
def test_no_row_is_learned_from_whose_window_ends_after_the_first_judged_hand_off(useful, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-09-01") + pd.Timedelta(days=int(rng.integers(0, 150)))
    end = start + pd.Timedelta(days=int(rng.integers(20, 120)))
    days = float(rng.integers(5, 80))
    asked = rows.judged(useful, start_on=str(start.date()), end_on=str(end.date()), within_days=days)
    first, window = asked.test["handed_at"].min(), pd.Timedelta(days=days)
    assert (asked.train["handed_at"] + window <= first).all()
    left = asked.rows[asked.rows["is_judged"] & ~asked.rows["handoff_id"].isin(asked.train["handoff_id"])]
    assert (left["handed_at"] + window > first).all()
    assert asked.test["handed_on"].between(start, end, inclusive="left").all()


def test_a_window_that_ends_with_the_first_judged_hand_off_is_over_and_one_second_later_is_not(
    useful,
) -> None:
    asked = rows.judged(useful)
    first, window = asked.test["handed_at"].min(), pd.Timedelta(days=60)
    moved = asked.rows.copy()
    early = moved.index[moved["is_judged"] & ~moved["is_test"]][:2]
    moved.loc[early, "made_by"] = [first - window, first - window + pd.Timedelta(seconds=1)]
    train = rows.Judged(moved, asked.start, asked.end, 60.0, asked.start_on, asked.end_on, "ok", None).train
    kept = moved.loc[early, "handoff_id"].isin(train["handoff_id"]).tolist()
    assert kept == [True, False]


def test_the_outcomes_of_the_judged_span_do_not_change_the_reference(useful) -> None:
    asked = rows.judged(useful)
    found = reference._fitted(useful, asked)
    turned = asked.rows.assign(y=np.where(asked.rows["is_test"], 1 - asked.rows["y"], asked.rows["y"]))
    other = reference._fitted(
        useful, rows.Judged(turned, asked.start, asked.end, 60.0, asked.start_on, asked.end_on, "ok", None)
    )
    assert (found.p == other.p).all()
    assert set(found.train["handoff_id"]).isdisjoint(found.test["handoff_id"])


def test_analysts_see_each_hand_off_with_its_part_and_no_reference_on_what_was_learned_from(useful) -> None:
    leads = score.scored(useful)
    assert leads["handoff_id"].is_unique
    assert set(leads["part"]) == {"learned from", "left out", "judged", "later"}
    assert leads.groupby("part")["reference"].agg(lambda p: p.notna().mean()).to_dict() == {
        "judged": 1.0,
        "later": 1.0,
        "learned from": 0.0,
        "left out": 0.0,
    }
    assert leads.loc[~leads["is_mature"], "converted"].isna().all()


def test_an_input_is_what_was_known_at_the_hand_off(tmp_path: Path) -> None:
    from world import changes

    from funnel.metrics import handed

    one = scored("a", "2026-01-05 10:00:00", 70, employees=900, industry="retail")
    one["attribute_event"] += changes(
        "a", "employees", ("2026-01-04 00:00:00", "50"), ("2026-02-01 00:00:00", "900")
    )
    two = scored("b", "2026-01-05 10:00:00", 70, employees=20, tracked=False)
    two["attribute_event"] += changes("b", "employees", ("2026-03-01 00:00:00", "20"), first="7")
    three = scored("c", "2025-12-01 10:00:00", 70, employees=300, tracked=False)
    three["attribute_event"] += changes("c", "employees", ("2026-02-01 00:00:00", "300"), first="30")
    touch = {"record_id": "a", "touched_precision": "second"}
    one["touch"] = [
        touch | {"touch_id": "before", "touched_at": "2026-01-05 10:00:00"},
        touch | {"touch_id": "after", "touched_at": "2026-01-05 10:00:01"},
        touch | {"touch_id": "day", "touched_at": "2026-01-05 00:00:00", "touched_precision": "day"},
    ]
    with warehouse(tmp_path, joined(one, two, three)) as con:
        given = {"stage": "mql", "outcome": "sql", "landmark_seconds": 1}
        frame = handed.read(con, "inputs", rows.KNOWN, given).set_index("handoff_id")
    frame.index = [name.split(":")[1][0] for name in frame.index]
    # history since 4 January: it tells b's 7, and nothing of c, who was handed over before
    assert frame["employees"].to_dict() == pytest.approx({"a": 50.0, "b": 7.0, "c": np.nan}, nan_ok=True)
    assert frame["n_engagements"].to_dict() == {"a": 1, "b": 0, "c": 0}
    assert frame.loc["a", "industry"] == "retail"  # a field without any history: as recorded


# ---- thresholds


def leads_of(points: list[int], won: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"score": points, "y": np.array(won, float), "follow_up": "prompt"})


def test_thresholds_by_hand() -> None:
    points = [40] * 40 + [60] * 30 + [80] * 30
    won = [1] * 4 + [0] * 36 + [1] * 9 + [0] * 21 + [1] * 18 + [0] * 12
    frame = threshold.table(
        leads_of(points, won).assign(follow_up=["never touched"] * 20 + ["late"] * 80), 4.0, 0.45
    )
    assert frame["threshold"].tolist() == [40, 60, 80]
    assert frame["n"].tolist() == [100, 60, 30]
    assert frame["n_converted"].tolist() == [31, 27, 18]
    assert frame["rate"].tolist() == pytest.approx([0.31, 0.45, 0.6])
    assert frame["kept"].tolist() == pytest.approx([1.0, 27 / 31, 18 / 31])
    assert frame["per_week"].tolist() == [25.0, 15.0, 7.5]
    assert frame["meets"].tolist() == ["no", "estimate", "estimate"]
    assert frame["is_lowest"].tolist() == [False, True, False]  # .45 on the stroke
    assert frame["is_lowest_shown"].tolist() == [False] * 3
    assert frame["never_above"].tolist() == pytest.approx([0.2, 0.0, 0.0])
    assert frame["never_below"].tolist()[1:] == pytest.approx([0.5, 20 / 70])
    assert np.isnan(frame["never_below"][0])


def test_a_threshold_is_shown_when_its_interval_meets_the_target() -> None:
    frame = threshold.table(
        leads_of([40] * 100 + [80] * 100, [0] * 90 + [1] * 10 + [1] * 60 + [0] * 40), 1, 0.5
    )
    assert frame["meets"].tolist() == ["no", "shown"]
    assert frame["is_lowest_shown"].tolist() == [False, True]
    assert frame.loc[1, "low"] >= 0.5


def test_thresholds_with_fewer_than_thirty_above_are_not_tried() -> None:
    assert threshold.candidates([1] * 50 + [2] * 29).tolist() == [1]
    assert threshold.candidates([1] * 50 + [2] * 30).tolist() == [1, 2]
    assert len(threshold.candidates(np.arange(2000))) == 20


def test_no_threshold_meets_a_target_out_of_reach_and_the_note_says_the_best(useful) -> None:
    frame = score.thresholds(useful, target=0.99)
    assert set(frame["meets"]) == {"no"}
    best = frame.loc[frame["rate"].idxmax()]
    assert (
        frame["note"]
        .iloc[0]
        .startswith(f"no threshold meets 99\N{NO-BREAK SPACE}%: the best, {best['threshold']:g}")
    )
    assert not frame["is_lowest"].any()
    with pytest.raises(UsageError, match="no rate"):
        score.thresholds(useful, target=25)


def test_the_target_is_that_of_the_contract_and_without_one_no_threshold_is_named(useful) -> None:
    assert set(score.thresholds(useful)["target"]) == {0.25}
    frame = score.thresholds(useful, outcome="sal")
    assert frame["target"].isna().all()
    assert frame["note"].iloc[0] == "the contract names no target for MQL to SAL"
    assert frame["meets"].isna().all()


# ---- the same bytes twice


@pytest.mark.parametrize("name", sorted(score.__all__))
def test_the_same_warehouse_gives_the_same_bytes_twice(useful, name: str) -> None:
    first, second = (getattr(score, name)(useful) for _ in range(2))
    assert first.to_csv().encode() == second.to_csv().encode()
    assert len(first)


def test_what_is_read_once_is_kept_only_where_nothing_can_change(useful, tmp_path: Path) -> None:
    import duckdb

    from funnel.metrics.once import once

    counted: list[int] = []
    for _ in range(2):
        once(useful, "key", lambda: counted.append(1))
    assert len(counted) == 2
    duckdb.connect(str(tmp_path / "a.duckdb")).close()
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as con:
        made = [once(con, "key", lambda: object()) for _ in range(2)]
        assert made[0] is made[1]
        assert once(con, "other", lambda: object()) is not made[0]


def test_scikit_learn_is_not_loaded_by_reading_the_package() -> None:
    import subprocess
    import sys

    code = "import sys, funnel.metrics.score; print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    assert "sklearn" not in vars(learn)
