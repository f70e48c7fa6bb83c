"""The loop between the teams: weeks by hand, and a test that finds a known direction and refuses what is too short."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import VAR

from funnel.errors import UsageError
from funnel.metrics import loop, precedence

WAYS = (("v", "f"), ("f", "v"), ("q", "f"), ("v", "q"))
GAP = "\N{NO-BREAK SPACE}"


def simulated(seed: int, n: int = 104, push: float = 0.0) -> pd.DataFrame:
    """Return volume, quality and follow-up with memory, trend and a season; `push`: volume slows follow-up."""
    rng = np.random.default_rng(seed)
    m = n + 50
    made, noise = np.zeros((m, 3)), rng.normal(size=(m, 3))
    for at in range(1, m):
        made[at] = np.array([0.6, 0.5, 0.7]) * made[at - 1] + noise[at]
        made[at, 2] -= push * made[at - 1, 0]
    angle = 2 * np.pi * np.arange(m) / 52.18
    made += (
        2 * np.sin(angle)[:, None] * [1, 0.5, -1] + np.cos(2 * angle)[:, None] + 0.02 * np.arange(m)[:, None]
    )
    return pd.DataFrame(made[-n:], columns=["v", "q", "f"])


def test_a_known_one_way_influence_is_found_in_its_direction_and_not_in_the_other() -> None:
    shown = np.array([precedence.precedence(simulated(s, push=0.5), WAYS)["is_shown"] for s in range(20)])
    assert shown[:, 0].mean() >= 0.9
    assert shown[:, 1:].mean() <= 0.05


def test_the_response_has_the_sign_and_size_of_the_influence() -> None:
    """One unit more volume: -0.5, then by memory 0.6 and 0.7: the mean of four weeks is known."""
    table = precedence.precedence(simulated(1, n=800, push=0.5), WAYS)
    steps, volume, follow = [], 1.0, 0.0
    for _ in range(4):
        follow, volume = 0.7 * follow - 0.5 * volume, 0.6 * volume
        steps.append(follow)
    row = table.iloc[0]
    assert row["low"] < np.mean(steps) < row["high"] < 0
    assert row["response"] == pytest.approx(np.mean(steps), abs=0.15)
    assert row["sentence"].startswith(
        "Does v precede f? Shown (Holm p below 0.01, 800 weeks): a week with more v than expected is followed by less f, "
    )


@pytest.mark.slow
def test_independent_series_raise_a_false_alarm_in_about_one_of_twenty_sets() -> None:
    """Family-wise over four questions; the bounds hold the binomial 99.9 % of 200 sets at 5 %, and a margin."""
    pairs = [(0, 2), (2, 0), (1, 2), (0, 1)]
    fixed = precedence.calendar(104)
    alarms = 0
    for seed in range(200):
        values = simulated(1000 + seed).to_numpy()
        lag, _ = precedence.autoregression(values, fixed)
        p = [precedence.block(values, fixed, lag, *pair)[1] for pair in pairs]
        alarms += min(p) < 0.05 / len(p)  # Holm rejects any if and only if it rejects the smallest
    assert 2 <= alarms <= 22


def test_the_block_test_is_that_of_statsmodels_where_no_lag_is_left_over() -> None:
    """Without the spare lag it would be test_causality of a VAR of the same lags; its F has pooled degrees of freedom."""
    values, fixed = simulated(7).to_numpy(), precedence.calendar(104)
    result = VAR(values, exog=fixed).fit(2, trend="n")
    names = [f"y{at}" for at in (1, 2, 3)]
    theirs = result.test_causality(names[2], names[0], kind="wald").test_statistic
    design = np.hstack([fixed[2:], values[1:-1], values[:-2]])
    goal = values[2:, 2]
    whole = goal - design @ np.linalg.lstsq(design, goal, rcond=None)[0]
    cut = np.delete(design, [6, 9], axis=1)
    short = goal - cut @ np.linalg.lstsq(cut, goal, rcond=None)[0]
    free = len(goal) - design.shape[1]
    assert (short @ short - whole @ whole) / (whole @ whole / free) == pytest.approx(theirs)


def test_103_weeks_are_refused_with_the_reason_and_104_are_answered() -> None:
    short = precedence.precedence(simulated(1, n=103), WAYS)
    assert set(short["state"]) == {"not yet"}
    assert short["reason"].iloc[0] == (
        "103 consecutive weeks are mature, and at least 104 are needed: two years, to tell a season from an answer."
    )
    assert short["p_holm"].isna().all()
    assert short["is_shown"].isna().all()
    assert short["sentence"].iloc[0].startswith("Does v precede f? Not answered: 103 consecutive weeks")
    long = precedence.precedence(simulated(1, n=104), WAYS)
    assert set(long["state"]) == {"ok"}
    assert long["p_holm"].notna().all()
    assert (long["p_holm"] >= long["p_value"]).all()


def test_a_series_that_never_changes_or_follows_from_another_is_refused() -> None:
    flat = precedence.precedence(simulated(1).assign(q=0.5), WAYS)
    assert (flat["state"].iloc[0], flat["reason"].iloc[0][:23]) == ("undefined", "q hardly ever changes, ")
    twin = precedence.precedence(simulated(1).assign(q=lambda frame: 2 * frame["v"] + 1), WAYS)
    assert twin["reason"].iloc[0] == "One series follows from the others or from the calendar alone."


def test_a_measure_that_the_source_lacks_is_the_reason() -> None:
    table = precedence.precedence(simulated(1), WAYS, absent="activity: not in this source.")
    assert set(table["state"]) == {"not in this source"}
    assert table["sentence"].iloc[3] == "Does v precede q? Not answered: activity: not in this source."


def test_an_answer_is_said_in_the_unit_of_its_effect() -> None:
    row = {
        "question": "Does a precede b?",
        "cause": "a",
        "effect": "b",
        "state": "ok",
        "n_weeks": 120,
        "p_holm": 0.012,
        "is_shown": True,
        "response": -0.031,
        "low": -0.05,
        "high": -0.012,
        "unit": "rate",
    }
    assert precedence.sentence(row) == (
        "Does a precede b? Shown (Holm p 0.01, 120 weeks): a week with more a than expected is followed by less b, "
        f"−3.1{GAP}pts (−5.0{GAP}pts to −1.2{GAP}pts) in the mean of four weeks per standard deviation."
    )
    assert f", −3.1{GAP}% (" in precedence.sentence(row | {"unit": "log"})
    assert ", −0.03 (" in precedence.sentence(row | {"unit": "number"})
    unclear = precedence.sentence(row | {"high": 0.0})
    assert "more or less (the sign is not shown) b" in unclear
    no = precedence.sentence(row | {"is_shown": False, "p_holm": 0.05})
    assert no == "Does a precede b? Not shown (Holm p 0.05, 120 weeks)."


@pytest.fixture
def handed(house):
    """Return a house with weekly hand-offs from 5 January 2026 on: who was met, answered and accepted."""

    def made(as_of: str = "2026-03-02 00:00:00") -> Any:
        here = house(as_of)
        here.con.execute("alter table marts.handoff add column n_in_cadence integer")
        here.con.execute("alter table marts.handoff_sla add column least_hours double")
        here.con.execute("alter table marts.handoff_sla add column most_hours double")
        here.add("contract.sla", version="v1", sla="first_touch", clock="business", within_seconds=4 * 3600)
        return here

    return made


def week(here: Any, monday: str, *leads: tuple[bool, float | None, int, str | None]) -> None:
    """Add hand-offs of one week: met definition, hours to the first touch, attempts, day of acceptance."""
    for at, (met, hours, attempts, accepted) in enumerate(leads):
        name = f"{monday} {at}"
        outcome = "accepted" if accepted else "open"
        here.handoff(
            name,
            f"{monday} 10:00:00",
            outcome,
            sla={"first_touch": (f"{monday} 14:00:00", "missed" if hours is None or hours > 4 else "met")},
            met_definition=met,
            n_in_cadence=attempts,
            outcome_at=accepted,
            stage="mql",
        )
        least = 40.0 if hours is None else hours
        here.con.execute(
            "update marts.handoff_sla set least_hours = ?, most_hours = ? where handoff_id = ?",
            [least, hours, name],
        )


def test_each_week_has_what_both_sides_gave_and_the_first_is_left_out(handed) -> None:
    here = handed()
    week(here, "2026-01-05", (True, 1.0, 1, None))
    week(
        here,
        "2026-01-12",
        (True, 4.0, 3, "2026-01-26 10:00:00"),
        (False, 4.01, 1, "2026-01-26 10:00:01"),
        (True, None, 0, None),
        (True, 1.0, 2, "2026-01-13 10:00:00"),
    )
    table = loop.weekly(here.open())
    first = table[table["week_on"] == table["week_on"].min()].set_index("series")
    assert str(first["week_on"].iloc[0].date()) == "2026-01-12"
    assert first["value"].to_dict() == {
        "volume": 4,
        "quality": 0.75,
        "in_time": 0.5,
        "attempts": 1.5,
        "acceptance": 0.5,
    }
    assert first["team"].tolist() == ["marketing", "marketing", "sales", "sales", "sales"]
    assert set(first["state"]) == {"ok"}


def test_a_week_is_mature_on_the_stroke_of_the_landmark_and_not_a_second_before(handed) -> None:
    """Handed over on Monday 16 February at 10: 14 days end on 2 March at 10."""
    for as_of, state in (("2026-03-02 10:00:00", "ok"), ("2026-03-02 09:59:59", "not yet")):
        here = handed(as_of)
        week(here, "2026-02-09", (True, 1.0, 1, None))
        week(here, "2026-02-16", (True, 1.0, 1, None))
        table = loop.weekly(here.open())
        mine = table[table["week_on"] == "2026-02-16"].set_index("series")
        assert mine["state"].to_dict() == {
            **dict.fromkeys(("volume", "quality"), "ok"),
            **dict.fromkeys(("in_time", "attempts", "acceptance"), state),
        }
        assert mine.loc["in_time", "value"] == pytest.approx(1.0, nan_ok=True) or state == "not yet"


def test_the_band_is_two_standard_deviations_around_the_weeks_before(handed) -> None:
    here = handed("2026-06-01 00:00:00")
    monday = date(2026, 1, 5)
    counts = [1, 3, 5, 4, 2, 6, 3, 5, 4, 9]
    for n in counts:
        week(here, str(monday), *[(True, 1.0, 1, None)] * n)
        monday += timedelta(days=7)
    table = loop.weekly(here.open())
    volume = table[table["series"] == "volume"]
    before = np.array(counts[1:9])
    row = volume.iloc[8]
    assert row["value"] == 9
    assert row["band_low"] == pytest.approx(max(before.mean() - 2 * before.std(ddof=1), 0))
    assert row["band_high"] == pytest.approx(before.mean() + 2 * before.std(ddof=1))
    assert volume["band_high"].iloc[:8].isna().all()


def years(here: Any, n: int, *, gap: int | None = None) -> Any:
    """Add n weeks of hand-offs that vary, one of them empty at `gap`; return the warehouse."""
    rng = np.random.default_rng(2)
    monday = date(2025, 1, 6)
    for at in range(n):
        leads = [
            (bool(rng.random() < 0.7), float(rng.exponential(4)), int(rng.integers(0, 5)), None)
            for _ in range(2 + int(rng.integers(0, 4)))
        ]
        if at != gap:
            week(here, str(monday + timedelta(days=7 * at)), *leads)
    return here.open()


def test_a_warehouse_is_answered_from_104_weeks_on_that_follow_each_other(handed) -> None:
    """The first week is left out: of 105, 104 remain; a week without hand-offs breaks the run."""
    con = years(handed("2027-06-07 00:00:00"), 105)
    table = loop.precedence(con)
    assert (set(table["state"]), set(table["n_weeks"])) == ({"ok"}, {104})
    assert table["question"].tolist() == [
        "Does hand-off volume precede timely follow-up?",
        "Does timely follow-up precede hand-off volume?",
        "Does met definition precede timely follow-up?",
        "Does hand-off volume precede met definition?",
    ]
    assert table["unit"].tolist() == ["rate", "log", "rate", "rate"]
    attempts = loop.precedence(con, effort="attempts")
    assert attempts["effect"].iloc[0] == "attempts per lead"


@pytest.mark.parametrize(("n", "gap", "left"), [(104, None, 103), (110, 50, 59)])
def test_a_warehouse_with_fewer_weeks_in_a_row_is_refused(handed, n, gap, left) -> None:
    table = loop.precedence(years(handed("2027-06-07 00:00:00"), n, gap=gap))
    assert (set(table["state"]), set(table["n_weeks"])) == ({"not yet"}, {left})


def test_without_activities_follow_up_is_not_in_this_source(handed) -> None:
    here = handed()
    week(here, "2026-01-05", (True, 1.0, 1, None))
    week(here, "2026-01-12", (True, 1.0, 1, None))
    con = here.open()
    con.execute("update run.source_table set state = 'not in this source' where staging_table = 'activity'")
    table = loop.weekly(con)
    absent = table[table["series"].isin(["in_time", "attempts"])]
    assert set(absent["state"]) == {"not in this source"}
    assert absent["value"].isna().all()
    assert set(loop.precedence(con)["state"]) == {"not in this source"}


def test_an_unknown_measure_of_follow_up_is_refused(handed) -> None:
    with pytest.raises(UsageError, match=r"no measure of follow-up 'attempt'. Did you mean 'attempts'\?"):
        loop.precedence(handed().open(), effort="attempt")
