"""Survival curves against R's survival and cmprsk (oracle survival_R.json and its data), and by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel import survival

CLOSE = {"rel": 1e-9, "abs": 1e-9}


@pytest.fixture(scope="module")
def oracle(shared):
    """Return R's values, printed with eleven digits."""
    return json.loads((shared / "oracles" / "survival_R.json").read_text())


@pytest.fixture(scope="module")
def patients(shared):
    """Return the data that R was given: `time`, `cause` (0 censored) and a group."""

    def read(name):
        frame = pd.read_csv(shared / "oracles" / f"{name}.csv")
        if name == "lung":
            return frame.assign(cause=frame["status"] - 1, group=frame["sex"])
        if name == "veteran":
            return frame.assign(cause=frame["status"], group=frame["trt"])
        if name == "aml":
            return frame.assign(cause=frame["status"], group=frame["x"])
        pcm = frame["pstat"] == 1
        time = frame["ptime"].where(pcm, frame["futime"])
        return frame.assign(time=time, cause=np.where(pcm, 1, 2 * frame["death"]), group=frame["sex"])

    return read


def value(row, key):
    """R's value; what it does not give (a limit at probability 0) is null."""
    return row.get(key, float("nan"))


KM = [("km_lung_all", "lung"), ("km_lung_sex", "lung"), ("km_veteran_trt", "veteran"), ("km_aml", "aml")]


@pytest.mark.parametrize(("case", "name"), KM)
def test_kaplan_meier_is_that_of_r(oracle, patients, case, name):
    """survival_R.json, every row of the four `survfit` summaries: risk set, value, error and log limits."""
    frame, rows = patients(name), oracle[case]
    for stratum in dict.fromkeys(row["strata"] for row in rows):
        part = frame if stratum == "all" else frame[frame["group"].astype(str) == stratum]
        asked = [row for row in rows if row["strata"] == stratum]
        curve = survival.kaplan_meier(part["time"], part["cause"]).at([row["time"] for row in asked])
        ours = np.column_stack([curve.n_risk, curve.probability, curve.std_err, curve.low, curve.high])
        keys = ("n_risk", "surv", "std_err", "lower", "upper")
        theirs = np.array([[value(row, key) for key in keys] for row in asked])
        assert ours == pytest.approx(theirs, nan_ok=True, **CLOSE)


def test_competing_risks_are_those_of_r(oracle, patients):
    """survival_R.json, `aj_mgus2_all`: survfit with two competing ends, errors and limits."""
    frame, rows = patients("mgus2"), oracle["aj_mgus2_all"]
    pcm, death = (
        curve.at([row["time"] for row in rows])
        for curve in survival.aalen_johansen(frame["time"], frame["cause"], causes=2)
    )
    ours = np.column_stack(
        [pcm.n_risk, pcm.probability, death.probability, pcm.std_err, death.std_err, pcm.low, pcm.high]
    )
    keys = ("n_risk", "cif_pcm", "cif_death", "se_pcm", "se_death", "lo_pcm", "hi_pcm")
    assert ours == pytest.approx(np.array([[row[key] for key in keys] for row in rows]), **CLOSE)


def test_competing_risks_by_group_are_those_of_r(oracle, patients):
    """survival_R.json, `aj_mgus2_sex`."""
    frame = patients("mgus2")
    for sex in ("F", "M"):
        part = frame[frame["sex"] == sex]
        rows = [row for row in oracle["aj_mgus2_sex"] if row["strata"] == f"sex={sex}"]
        pcm, death = (
            curve.at([row["time"] for row in rows])
            for curve in survival.aalen_johansen(part["time"], part["cause"], causes=2)
        )
        ours = np.column_stack([pcm.probability, death.probability, pcm.std_err, death.std_err])
        keys = ("cif_pcm", "cif_death", "se_pcm", "se_death")
        assert ours == pytest.approx(np.array([[row[key] for key in keys] for row in rows]), **CLOSE)


def test_the_variance_of_aalen_is_that_of_cmprsk(oracle, patients):
    """survival_R.json, `cmprsk_mgus2_all`: estimates and variances of `cuminc` at 12, 60, 120, 240, 360."""
    frame, known = patients("mgus2"), oracle["cmprsk_mgus2_all"]
    times = np.array([row["time"] for row in oracle["aj_mgus2_all"]])
    curves = survival.aalen_johansen(frame["time"], frame["cause"], causes=2)
    assert [list(curve.at(times).probability) for curve in curves] == [
        pytest.approx(row, **CLOSE) for row in known["est"]
    ]
    step = np.searchsorted(curves[0].time, times, side="right") - 1
    ours = survival.aalen_variance(frame["time"], frame["cause"], causes=2)
    assert [list(one[step]) for one in ours] == [pytest.approx(row, rel=1e-9) for row in known["var"]]


def test_censoring_the_other_cause_gives_a_wrong_answer_and_is_not_what_we_give(oracle, patients):
    """survival_R.json, `naive_1minusKM_pcm`: deaths taken as censored raise myeloma from 13 to 42 %."""
    frame, rows = patients("mgus2"), oracle["naive_1minusKM_pcm"]
    times, wrong = [row["time"] for row in rows], [row["est"] for row in rows]
    naive = survival.kaplan_meier(frame["time"], frame["cause"] == 1).at(times)
    assert 1 - naive.probability == pytest.approx(wrong, **CLOSE)
    ours = survival.aalen_johansen(frame["time"], frame["cause"], causes=2)[0].at(times)
    assert (ours.probability < np.array(wrong) - 0.005).all()


def test_the_median_and_its_limits_are_those_of_r(oracle, patients):
    """survival_R.json, `median_lung_sex`: print(survfit) of lung by sex."""
    frame = patients("lung")
    for row in oracle["median_lung_sex"]:
        part = frame[frame["sex"] == row["sex"]]
        curve = survival.kaplan_meier(part["time"], part["cause"])
        assert survival.quantile(curve) == survival.Quantile(row["median"], row["lcl"], row["ucl"])
        assert (curve.n_risk[0], curve.n_event.sum()) == (row["n"], row["events"])


@pytest.mark.parametrize(("case", "name"), [("logrank_lung_sex", "lung"), ("logrank_veteran_trt", "veteran")])
def test_the_log_rank_test_is_that_of_r(oracle, patients, case, name):
    """survival_R.json: chi-square, observed and expected of `survdiff`."""
    frame, known = patients(name), oracle[case]
    ours = survival.log_rank(frame["time"], frame["cause"], frame["group"])
    assert ours.chi_square == pytest.approx(known["chisq"], **CLOSE)
    assert list(ours.observed) == known["obs"]
    assert list(ours.expected) == pytest.approx(known["exp"], **CLOSE)
    assert ours.df == 1


def test_counts_are_the_same_as_rows():
    """Seven cases one by one, and as four counts."""
    time, cause = [1, 1, 2, 2, 2, 3, 3], [1, 1, 0, 0, 2, 1, 1]
    counted = ([3, 2, 1, 2], [1, 0, 1, 2], [2, 2, 2, 1])
    for one, other in zip(
        (survival.kaplan_meier(time, cause), *survival.aalen_johansen(time, cause, causes=2)),
        (survival.kaplan_meier(*counted), *survival.aalen_johansen(*counted, causes=2)),
        strict=True,
    ):
        for name in ("time", "n_risk", "n_event", "probability", "std_err", "low", "high"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)


def test_those_last_seen_when_others_leave_are_still_at_risk():
    """At time 2 one of two leaves and one is last seen: by hand 1/2, not 0."""
    curve = survival.kaplan_meier([2, 2], [1, 0])
    assert (list(curve.n_risk), list(curve.probability)) == ([2.0], [0.5])


def test_a_curve_holds_from_its_time_on_and_until_the_next():
    curve = survival.kaplan_meier([2, 2, 4, 4], [1, 0, 1, 0])
    read = curve.at([0, 1.999, 2, 3, 4, 9])
    assert list(read.probability) == [1, 1, 0.75, 0.75, 0.375, 0.375]
    assert list(read.n_risk) == [4, 4, 4, 2, 2, 0]
    assert list(read.n_event) == [0, 0, 1, 0, 1, 0]
    assert list(read.low[:2]) == [1, 1]


def test_an_exit_is_nought_and_has_no_log_limits_before_its_first_time():
    left, other = (curve.at([1, 2]) for curve in survival.aalen_johansen([2, 3], [1, 1], causes=2))
    assert (list(left.probability), list(other.probability)) == ([0, 0.5], [0, 0])
    assert np.isnan([left.low[0], left.high[0], *other.low, *other.high]).all()


def test_a_curve_that_stays_above_the_half_has_no_median():
    """Two of five leave: p25 is reached at 1, the median is not, and nothing stands for it."""
    curve = survival.kaplan_meier([1, 1, 5, 5, 5], [1, 1, 0, 0, 0])
    assert survival.quantile(curve, 0.25).value == 1
    assert np.isnan(survival.quantile(curve).value)


def test_a_curve_on_the_half_has_the_middle_of_that_stretch_as_median():
    """R's rule: half left at 2, the next leaves at 6, so 4; without a next one, 2."""
    assert survival.quantile(survival.kaplan_meier([1, 2, 6, 8], [1, 1, 1, 1])).value == 4
    assert survival.quantile(survival.kaplan_meier([1, 2, 6, 8], [1, 1, 0, 0])).value == 2


def test_a_median_may_be_known_and_its_upper_limit_not():
    """Three of four leave, the last at 3: by hand S = 3/4, 1/2, 1/4, and its upper limit stays above 1/2."""
    found = survival.quantile(survival.kaplan_meier([1, 2, 3, 9], [1, 1, 1, 0]))
    assert (found.value, found.low, np.isnan(found.high)) == (2.5, 1.0, True)


def test_nobody_gives_an_empty_curve_and_no_median():
    curve = survival.kaplan_meier([], [])
    assert (len(curve.time), np.isnan(survival.quantile(curve).value)) == (0, True)
    assert list(curve.at([3]).n_risk) == [0]


def test_the_estimate_is_that_of_statsmodels(patients):
    """In statsmodels 0.15, CumIncidenceRight: the estimate that METHODS names."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    frame = patients("mgus2")
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # its error divides by zero where the last one leaves
        theirs = CumIncidenceRight(frame["time"].to_numpy(), frame["cause"].to_numpy())
    ours = survival.aalen_johansen(frame["time"], frame["cause"], causes=2)
    for one, other in zip(ours, theirs.cinc, strict=True):
        assert one.at(theirs.times).probability == pytest.approx(other, rel=1e-11)


def test_the_error_is_the_jackknife_written_out_case_by_case():
    """sqrt(sum of squared derivatives by each case's weight), by differences: what the closed form sums up."""
    time = np.array([1, 2, 2, 2, 3, 4, 4, 6, 7.0])
    cause = np.array([1, 2, 1, 0, 2, 1, 0, 2, 1])
    here = survival.aalen_johansen(time, cause, causes=2)[0]
    influence = []
    for case in range(len(time)):
        weights = np.ones(len(time))
        weights[case] += 1e-6
        moved = survival.aalen_johansen(time, cause, weights, causes=2)[0]
        influence.append((moved.probability - here.probability) / 1e-6)
    assert here.std_err == pytest.approx(np.sqrt(np.square(influence).sum(axis=0)), rel=1e-4)


def test_without_censoring_the_curve_is_the_plain_share():
    """Ten cases watched to the end: 3, 5 and 2 of 10, and the error of a binomial."""
    time, cause = np.arange(10), [1, 1, 1, 2, 2, 2, 2, 2, 3, 3]
    ends = [curve.at([9]) for curve in survival.aalen_johansen(time, cause, causes=3)]
    assert [one.probability[0] for one in ends] == pytest.approx([0.3, 0.5, 0.2])
    assert [one.std_err[0] for one in ends] == pytest.approx(
        [(p * (1 - p) / 10) ** 0.5 for p in (0.3, 0.5, 0.2)]
    )


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=25))
def test_the_exits_and_staying_add_to_one_at_every_time(cases):
    time, cause, n = zip(*cases, strict=True)
    exits = survival.aalen_johansen(time, cause, n, causes=3)
    staying = survival.kaplan_meier(time, cause, n)
    total = staying.probability + sum(curve.probability for curve in exits)
    assert total == pytest.approx(np.ones(len(total)), abs=1e-12)
    for curve in exits:
        assert (np.diff(curve.probability, prepend=0) >= 0).all()
        assert np.isfinite(curve.std_err).all()


def test_three_groups_have_two_degrees_of_freedom_and_expectations_by_risk():
    """By hand: at each time, the share of those at risk in each group."""
    time, cause, group = np.arange(1, 10), [1, 1, 0, 1, 1, 1, 0, 1, 1], [1, 1, 1, 2, 2, 2, 3, 3, 3]
    found = survival.log_rank(time, cause, group)
    expected = [
        3 / 9 + 2 / 8,
        3 / 9 + 3 / 8 + 3 / 6 + 2 / 5 + 1 / 4,
        3 / 9 + 3 / 8 + 3 / 6 + 3 / 5 + 3 / 4 + 2,
    ]
    assert (found.df, list(found.observed)) == (2, [2, 3, 2])
    assert list(found.expected) == pytest.approx(expected)


def test_groups_alike_are_not_told_apart_and_one_group_is_no_comparison():
    same = survival.log_rank([1, 2, 1, 2], [1, 1, 1, 1], ["a", "a", "b", "b"])
    assert (same.chi_square, same.p) == (pytest.approx(0), pytest.approx(1))
    alone = survival.log_rank([1, 2], [1, 1], ["a", "a"])
    assert (alone.df, np.isnan(alone.p)) == (0, True)


def test_two_at_risk_still_tell_the_groups_apart():
    """By hand: one of two leaves, expected a half, variance a quarter; then one alone, who tells nothing."""
    found = survival.log_rank([1, 2], [1, 1], ["a", "b"])
    assert (found.chi_square, list(found.expected)) == (pytest.approx(1), [0.5, 1.5])
