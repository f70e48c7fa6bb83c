"""Does one weekly series precede another beyond its own past? A vector autoregression with block tests.

Toda and Yamamoto (1995), Statistical inference in vector autoregressions with possibly integrated processes,
J. of Econometrics 66: one lag more than needed is fitted and left out of the test, so that the test holds for
series that return to a level and for those that wander, without a test of that beforehand. A constant, a
trend and the turn of the year (two harmonics) are in each equation, so that a shared season is no precedence.
Several questions are answered together by Holm (1979). Heavy libraries are imported when needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel import number

Floats = NDArray[np.float64]
LEAST_WEEKS = 104
MOST_LAGS, AHEAD, WHITE_LAGS = 4, 4, 8
YEAR_WEEKS = 365.2425 / 7
HARMONICS = (1, 2)
LEVEL, WHITE = 0.05, 0.01
COLUMNS = ["question", "cause", "effect", "n_weeks", "lag", "statistic", "p_value", "p_holm", "is_shown"]
COLUMNS += ["response", "low", "high", "unit", "sentence", "reason", "state", "rule"]
SAID: dict[str, Callable[[float], str]] = {
    "rate": number.fine_points,
    "log": lambda value: f"{100 * value:+.1f}".replace("-", number.MINUS) + f"{number.GAP}%",
    "number": lambda value: f"{value:+.2f}".replace("-", number.MINUS),
}
"""How a response is said in the unit of its series: a share, a logarithm (so percent), or a plain number."""
RULE = (
    "Vector autoregression of weekly series with constant, trend and season; a block of lags is left out of "
    "one equation and tested (F), Holm over the questions, 5 %. Precedes is not causes: what moves both in "
    "the same week, or from outside, is not told apart."
)


@dataclass(frozen=True)
class Fitted:
    """One autoregression: its lag, the block test and the response of each way asked for."""

    lag: int
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    responses: tuple[tuple[float, float, float], ...]


def precedence(
    series: pd.DataFrame,
    ways: Sequence[tuple[str, str]],
    *,
    units: Mapping[str, str] | None = None,
    absent: str | None = None,
) -> pd.DataFrame:
    """Return one row per way (cause, effect): block test, Holm p-value, response with interval.

    `series`: one column per series, named in words, one row per consecutive week; `units`: 'rate', 'log' or
    'number' (default) by column. Fewer than 104 weeks, a series that never
    changes or one that follows from the others are refused with the reason (state 'not yet' or 'undefined');
    `absent` is the reason if the source lacks one. Columns: question, cause, effect, n_weeks, lag,
    statistic (F), p_value, p_holm, is_shown (below 0.05), response (of the effect, mean of the four weeks
    after a week in which the cause is one standard deviation above what was to be expected), low, high
    (95 %) in unit, sentence, reason, state, rule.
    """
    frame = pd.DataFrame([{"cause": cause, "effect": effect} for cause, effect in ways]).assign(
        n_weeks=len(series), rule=RULE
    )
    state, reason = _refused(series, absent)
    found = fitted(series, ways) if reason is None else None
    if reason is None and found is None:
        state, reason = "undefined", "What one week leaves unexplained still follows from earlier weeks."
    frame = frame.assign(state=state, reason=reason)
    frame = _answered(frame, found) if found else _unanswered(frame)
    questions = [f"Does {cause} precede {effect}?" for cause, effect in ways]
    frame = frame.assign(question=questions, unit=[(units or {}).get(effect, "number") for _, effect in ways])
    said = [sentence({str(key): value for key, value in row.items()}) for row in frame.to_dict("records")]
    return frame.assign(sentence=pd.Series(said, dtype="object"))[COLUMNS]


def fitted(series: pd.DataFrame, ways: Sequence[tuple[str, str]]) -> Fitted | None:
    """Return the autoregression of series that are long enough; None if four lags leave a pattern over."""
    scale = series.std(ddof=0)
    values = ((series - series.mean()) / scale).to_numpy(dtype="float64")
    fixed = calendar(len(values))
    lag, result = autoregression(values, fixed)
    if result is None:
        return None
    at = {str(name): place for place, name in enumerate(series.columns)}
    pairs = [(at[cause], at[effect]) for cause, effect in ways]
    tests = [block(values, fixed, lag, cause, effect) for cause, effect in pairs]
    statistics, p_values = zip(*tests, strict=True)
    size = np.sqrt(np.diag(np.asarray(result.sigma_u)))
    waves = result.irf(AHEAD)
    errors = waves.cum_effect_stderr()
    responses = tuple(
        _response(waves, errors, cause, effect, size[cause] * scale.iloc[effect]) for cause, effect in pairs
    )
    return Fitted(lag, tuple(statistics), tuple(p_values), responses)


def autoregression(values: Floats, fixed: Floats) -> tuple[int, Any]:
    """Return the lag and the fitted model of statsmodels; None in its place if a pattern is left over.

    The lag is the one that BIC prefers of 1 to 4, raised until a portmanteau test finds no
    pattern left (1 %).
    """
    from statsmodels.tsa.api import VAR

    model = VAR(values, exog=fixed)
    first = int(model.select_order(MOST_LAGS, trend="n").bic)
    for lag in range(max(first, 1), MOST_LAGS + 1):
        result = model.fit(lag, trend="n")
        if result.test_whiteness(WHITE_LAGS, adjusted=True).pvalue > WHITE:
            return lag, result
    return MOST_LAGS, None


def block(values: Floats, fixed: Floats, lag: int, cause: int, effect: int) -> tuple[float, float]:
    """Return the F statistic of a block of lags and its p-value, in the equation with one lag more."""
    from scipy.stats import f

    n, longest, k = len(values), lag + 1, values.shape[1]
    lags = [values[longest - back : n - back] for back in range(1, longest + 1)]
    design = np.hstack([fixed[longest:], *lags])
    goal = values[longest:, effect]
    dropped = [fixed.shape[1] + back * k + cause for back in range(lag)]
    whole, short = _squares(design, goal), _squares(np.delete(design, dropped, axis=1), goal)
    free = len(goal) - design.shape[1]
    statistic = (short - whole) / lag / (whole / free)
    return float(statistic), float(f.sf(statistic, lag, free))


def calendar(n: int) -> Floats:
    """Return what is fixed in each equation over n weeks: constant, trend, and the turn of the year."""
    week = np.arange(n, dtype="float64")
    angles = [2 * math.pi * each * week / YEAR_WEEKS for each in HARMONICS]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones(n), week / n, *waves])


def sentence(row: dict[str, Any]) -> str:
    """Return the answer to one question in a sentence, or why there is none."""
    if row["state"] != "ok":
        return f"{row['question']} Not answered: {row['reason']}"
    known = f"(Holm p {row['p_holm']:.2f}, {number.count(row['n_weeks'])} weeks)"
    if row["p_holm"] < 0.005:
        known = f"(Holm p below 0.01, {number.count(row['n_weeks'])} weeks)"
    if not row["is_shown"]:
        return f"{row['question']} Not shown {known}."
    value, low, high = (SAID[row["unit"]](row[name]) for name in ("response", "low", "high"))
    toward = "more" if row["response"] > 0 else "less"
    if row["low"] <= 0 <= row["high"]:
        toward = "more or less (the sign is not shown)"
    return (
        f"{row['question']} Shown {known}: a week with more {row['cause']} than expected is followed by "
        f"{toward} {row['effect']}, {value} ({low} to {high}) in the mean of four weeks "
        "per standard deviation."
    )


def _refused(series: pd.DataFrame, absent: str | None) -> tuple[str, str | None]:
    """Return the state and the reason for which the series are not tested; no reason: they are."""
    if absent:
        return "not in this source", absent
    n = len(series)
    if n < LEAST_WEEKS:
        have = "week is" if n == 1 else "weeks are"
        return "not yet", (
            f"{number.count(n)} consecutive {have} mature, and at least {LEAST_WEEKS} are needed: two years, "
            "to tell a season from an answer."
        )
    flat = [str(name) for name in series if series[name].nunique() < 3]
    if flat:
        return (
            "undefined",
            f"{', '.join(flat)} hardly ever changes, so nothing can be seen to follow from it.",
        )
    whole = np.hstack([calendar(n), (series - series.mean()) / series.std(ddof=0)])
    if np.linalg.matrix_rank(whole, tol=1e-6 * n) < whole.shape[1]:
        return "undefined", "One series follows from the others or from the calendar alone."
    return "ok", None


def _answered(frame: pd.DataFrame, found: Fitted) -> pd.DataFrame:
    from statsmodels.stats.multitest import multipletests

    holm = multipletests(found.p_values, alpha=LEVEL, method="holm")[1]
    responses = np.array(found.responses)
    numbers = {"lag": found.lag, "statistic": found.statistics, "p_value": found.p_values, "p_holm": holm}
    ends = dict(zip(("response", "low", "high"), responses.T, strict=True))
    return frame.assign(**numbers, **ends, is_shown=pd.array(holm < LEVEL, dtype="boolean"))


def _unanswered(frame: pd.DataFrame) -> pd.DataFrame:
    unknown = dict.fromkeys(("statistic", "p_value", "p_holm", "response", "low", "high"), math.nan)
    empty = pd.array([pd.NA] * len(frame), dtype="boolean")
    return frame.assign(**unknown, lag=pd.array([pd.NA] * len(frame), dtype="Int64"), is_shown=empty)


def _squares(design: Floats, goal: Floats) -> float:
    """Return what a linear model leaves over, as a sum of squares."""
    left = goal - design @ np.linalg.lstsq(design, goal, rcond=None)[0]
    return float(left @ left)


def _response(waves: Any, errors: Floats, cause: int, effect: int, size: float) -> tuple[float, float, float]:
    """Return what a surprise of one standard deviation adds to the mean of the weeks after, with interval."""
    value = float(waves.cum_effects[AHEAD, effect, cause]) * size / AHEAD
    error = float(errors[AHEAD, effect, cause]) * size / AHEAD
    return value, value - 1.96 * error, value + 1.96 * error
