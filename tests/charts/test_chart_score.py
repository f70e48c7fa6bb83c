"""Pictures of the lead score: what they say, that they draw on paper too, and refusals as sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from funnel.charts import score, static

GAP = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
FIGURES = ("discrimination", "compared", "calibration", "lift", "thresholds", "drift", "inputs")


def areas(low: float = 0.52, **more) -> pd.DataFrame:
    rows = [
        {"group": "all hand-offs", "n": 400, "auc": 0.6, "low": 0.55, "high": 0.65},
        {"group": "within follow-up class", "n": 400, "auc": 0.57, "low": low, "high": 0.62},
        {"group": "late", "n": 200, "auc": np.nan, "low": np.nan, "high": np.nan},
    ]
    return pd.DataFrame(rows).assign(**({"state": "ok", "note": None, "rule": "AUC."} | more))


def bands(expected: float = 0.3) -> pd.DataFrame:
    at = np.arange(5)
    frame = pd.DataFrame(
        {"band": at + 1, "score_low": 20.0 + 10 * at, "score_high": 29.0 + 10 * at, "n": 100}
    )
    rate = 0.1 + 0.1 * at
    frame = frame.assign(n_converted=10 + 10 * at, rate=rate, low=rate - 0.05, high=rate + 0.05)
    return frame.assign(expected=expected, state="ok", note=None, rule="Bands.")


def tenths() -> pd.DataFrame:
    share = np.arange(1, 11) / 10
    gain = np.sqrt(share)
    frame = pd.DataFrame({"share_above": share, "gain": gain, "gain_low": gain * 0.9, "gain_high": gain})
    frame = frame.assign(n_above=(share * 1000).astype(int), lift=1.2, score_low=100 - 10 * np.arange(1, 11))
    return frame.assign(state="ok", note=None, rule="Gains.")


def cuts(
    target: float = 0.25, lowest: int | None = 1, shown: int | None = 2, note: str | None = None
) -> pd.DataFrame:
    frame = pd.DataFrame({"threshold": [40.0, 60.0, 80.0], "n": [400, 200, 50], "rate": [0.2, 0.26, 0.4]})
    frame = frame.assign(
        low=[0.15, 0.2, 0.3], high=[0.25, 0.32, 0.5], per_week=[40.0, 20.0, 5.0], target=target
    )
    frame = frame.assign(kept=[1.0, 0.65, 0.25], kept_low=[0.9, 0.6, 0.2], kept_high=[1.0, 0.7, 0.3])
    at = np.arange(3)
    return frame.assign(
        is_lowest=at == lowest, is_lowest_shown=at == shown, state="ok", note=note, rule="Cuts."
    )


def moves(shifted: bool = True) -> pd.DataFrame:
    rows = [
        {
            "variable": "score",
            "is_score": True,
            "times_threshold": 0.5,
            "is_shifted": False,
            "level": "over 70",
        },
        {
            "variable": "channel",
            "is_score": False,
            "times_threshold": 9.0,
            "is_shifted": shifted,
            "level": "<b>Ads</b>",
        },
        {"variable": "pass", "is_score": False, "times_threshold": np.nan, "is_shifted": None, "level": None},
    ]
    frame = pd.DataFrame(rows).assign(psi=0.1, threshold=0.05, share_reference=0.3, share_latest=0.1)
    return frame.assign(state="ok", note=None, rule="PSI.")


def pair(difference: tuple[float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame({"score": ["CRM score", "reference score"], "n": 300, "auc": [0.6, 0.66]})
    frame = frame.assign(auc_low=0.5, auc_high=0.7, auc_within=[0.58, 0.64], within_low=0.5, within_high=0.7)
    names = ("difference", "difference_low", "difference_high")
    frame = frame.assign(**{name: [np.nan, value] for name, value in zip(names, difference, strict=True)})
    return frame.assign(state="ok", note=None, rule="Both.")


def parts() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"variable": ["employees", "region"], "drop": [0.05, -0.001], "drop_low": [0.03, -0.01]}
    )
    return frame.assign(drop_high=[0.07, 0.004], auc=0.64, n=300, state="ok", note=None, rule="Inputs.")


TABLES = {
    "discrimination": areas(),
    "compared": pair((0.06, 0.01, 0.11)),
    "calibration": bands(),
    "lift": tenths(),
    "thresholds": cuts(),
    "drift": moves(),
    "inputs": parts(),
}


def finding(name: str, table: pd.DataFrame) -> str:
    return getattr(score, name)(table).layout.meta["finding"]


@pytest.mark.parametrize("name", FIGURES)
def test_every_picture_is_drawn_on_paper_at_both_widths_with_its_rule(name: str) -> None:
    figure = getattr(score, name)(TABLES[name])
    assert figure.layout.meta["rule"] == TABLES[name]["rule"][0]
    assert figure.layout.meta["name"].startswith("score-")
    for width in (720, 328):
        picture = static.svg(figure, width=width)
        assert picture.startswith("<svg")
        assert "<b>" not in picture.replace("&lt;b&gt;", "")


@pytest.mark.parametrize("name", FIGURES)
def test_a_refusal_is_a_sentence_and_nothing_is_drawn(name: str) -> None:
    columns = [column for column in TABLES[name] if column not in ("state", "note", "rule")]
    row = dict.fromkeys(columns, np.nan) | {"state": "refused", "note": "too few", "rule": "Rule."}
    figure = getattr(score, name)(pd.DataFrame([row]))
    assert (figure.layout.meta["finding"], figure.layout.meta["is_empty"]) == ("Not judged: too few.", True)
    assert len(figure.data) == 0


def test_better_than_chance_is_shown_only_where_the_interval_says_so() -> None:
    assert finding("discrimination", areas()) == (
        f"Among leads worked alike the score ranks with AUC .57 (.52{DASH}.62): better than chance is shown. "
        f"Overall .60 (.55{DASH}.65)."
    )
    assert "better than chance is not shown" in finding("discrimination", areas(low=0.5))


def test_without_follow_up_the_overall_area_stands_alone_with_the_reason() -> None:
    table = areas()
    table.loc[1, ["auc", "low", "high"]] = np.nan
    table["note"] = pd.Series([None, "no follow-up is recorded", None], dtype="object")
    said = f"Overall .60 (.55{DASH}.65); within follow-up class it cannot be told: no follow-up is recorded."
    assert finding("discrimination", table) == said


@pytest.mark.parametrize(
    ("difference", "word"),
    [
        ((0.06, 0.01, 0.11), "the reference ranks better"),
        ((-0.06, -0.11, -0.01), "the CRM score ranks better"),
        ((0.02, 0.0, 0.04), "not shown to differ"),
    ],
)
def test_two_scores_differ_only_where_the_interval_excludes_nothing(difference: tuple, word: str) -> None:
    assert finding("compared", pair(difference)).endswith(f"{word}.")


def test_calibration_counts_the_bands_that_the_expected_share_misses() -> None:
    said = f"Expected 30{GAP}%, observed 30{GAP}% of 500 hand-offs; in 4 of 5 bands the expected share lies outside"
    assert finding("calibration", bands()).startswith(said)
    assert len(score.calibration(bands()).data) == 2
    alone = bands().assign(expected=np.nan, note="the score cannot be read as a probability: few")
    assert finding("calibration", alone).endswith(
        "converted; the score cannot be read as a probability: few."
    )


def test_gains_are_said_of_the_highest_third_or_so() -> None:
    said = f"The 30{GAP}% of 1,000 hand-offs with the highest scores hold 55{GAP}% (49{DASH}55) of the conversions."
    assert finding("lift", tenths()) == said


def test_the_threshold_that_meets_the_target_is_named_with_what_it_keeps() -> None:
    first = f"25{GAP}% is met at or above 60: 26{GAP}% (20{DASH}32) of 200"
    assert finding("thresholds", cuts()) == (
        f"{first}; from 80 on the whole interval meets it, with 25{GAP}% of the conversions kept."
    )
    assert (
        finding("thresholds", cuts(shown=None))
        == f"{first}; at no threshold does the whole interval meet it."
    )
    assert finding("thresholds", cuts(shown=1)) == f"{first}, its whole interval."
    assert finding("thresholds", cuts(lowest=0)).startswith(
        f"25{GAP}% is met without any threshold: 20{GAP}%"
    )


def test_no_threshold_and_no_target_are_said_as_they_are() -> None:
    assert (
        finding("thresholds", cuts(lowest=None, note="no threshold meets 90 %")) == "No threshold meets 90 %."
    )
    none = cuts(target=np.nan, lowest=None, note="the contract names no target for MQL to SQL")
    assert finding("thresholds", none) == "The contract names no target for MQL to SQL."
    assert len(score.thresholds(none).layout.shapes) == 0


def test_drift_names_what_moved_most_and_markup_in_a_level_is_only_text() -> None:
    said = f"Drift of the score itself is not shown; moved: channel. Most: channel, <b>Ads</b> from 30{GAP}% to 10{GAP}%."
    assert finding("drift", moves()) == said
    hovers = [text for trace in score.drift(moves()).data for text in trace.hovertext]
    assert not any("<b>" in text for text in hovers)
    assert finding("drift", moves(shifted=False)).endswith(
        "none of 2 variables has moved more than chance explains."
    )


def test_inputs_are_named_in_words_and_only_those_that_always_carry() -> None:
    assert finding("inputs", parts()) == "Most is carried by company size; AUC with all inputs .64."
    none = parts().assign(drop_low=-0.01)
    assert finding("inputs", none) == "No single input carries much; AUC with all inputs .64."


def test_where_every_variable_is_too_rare_the_reason_is_said() -> None:
    table = moves().assign(times_threshold=np.nan, state="refused", note="60 hand-offs of a side")
    figure = score.drift(table)
    assert figure.layout.meta["finding"] == "Drift is not judged: 60 hand-offs of a side."
    assert figure.layout.meta["is_empty"]
