"""The words: the same for either team, and never more than what is shown."""

from __future__ import annotations

import pandas as pd
import pytest
from dispute_population import population

from funnel.dispute import words
from funnel.dispute.verdict import judge

FACTS = {
    "n": 400,
    "n_known": 400,
    "n_converted": 48,
    "observed_rate": 0.12,
    "observed_low": 0.096,
    "observed_high": 0.149,
    "baseline_rate": 0.2,
    "gap": -0.08,
    "n_baseline": 8000,
    "n_batches": 40,
    "outcome": "sql",
    "horizon_days": 90.0,
    "ordinary_deviation": 0.02,
    "smallest_detectable": 0.05,
}
SWAP = {"marketing": "sales", "sales": "marketing", "quality": "follow-up", "follow-up": "quality"}


def parts(**states: tuple[float, str]) -> pd.DataFrame:
    given = {
        "quality": ("quality", "marketing"),
        "follow_up": ("follow-up", "sales"),
        "chance": ("chance", None),
    }
    rows = [
        {
            "part": part,
            "title": title,
            "side": side,
            "estimate": states[part][0],
            "low": states[part][0] - 0.02,
            "high": states[part][0] + 0.02,
            "state": states[part][1],
            "note": None,
        }
        for part, (title, side) in given.items()
    ]
    return pd.DataFrame(rows)


def mirrored(text: str) -> str:
    for place, word in enumerate(SWAP):
        text = text.replace(word, f"<{place}>")
    for place, word in enumerate(SWAP.values()):
        text = text.replace(f"<{place}>", word)
    return text


def said(table: pd.DataFrame) -> tuple[str, ...]:
    return plain(words.sentences(table, FACTS, words.answer(table, FACTS), None))


def plain(told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.replace("\N{NO-BREAK SPACE}", " ") for one in told)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((-0.06, "named"), (-0.01, "neither")),
        ((-0.06, "named"), (0.002, "excluded")),
        ((-0.06, "named"), (-0.04, "named")),
        ((-0.01, "neither"), (0.01, "excluded")),
    ],
)
def test_swapping_the_teams_and_their_parts_mirrors_every_sentence(
    one: tuple[float, str], other: tuple[float, str]
) -> None:
    chance = (-0.01, "neither")
    first = said(parts(quality=one, follow_up=other, chance=chance))
    second = said(parts(quality=other, follow_up=one, chance=chance))
    assert tuple(map(mirrored, first)) == second


def test_the_assumption_of_unrecorded_reasons_is_mirrored_too() -> None:
    table = parts(quality=(-0.01, "neither"), follow_up=(-0.06, "named"), chance=(0.0, "neither"))
    follow_up = {"e_value": 2.5, "e_value_low": 1.75}
    quality = {"e_value_quality": 1.25, "e_value_quality_low": 1.0}
    facts = FACTS | {"n_unknown_outcome": 0} | follow_up | quality
    swapped = facts | {
        "e_value": 1.25,
        "e_value_low": 1.0,
        "e_value_quality": 2.5,
        "e_value_quality_low": 1.75,
    }
    first, second = words.assumptions(table, facts), words.assumptions(table, swapped)
    assert tuple(map(mirrored, first)) == second
    assert first[0].endswith(
        "follow-up 2.5 (1.8 for its interval), quality 1.2 (1.0 for its interval) "
        "(E-value; near 1, little would do)."
    )


def test_follow_up_shown_never_says_that_quality_is_fine() -> None:
    table = parts(follow_up=(-0.06, "named"), quality=(-0.01, "neither"), chance=(-0.01, "neither"))
    assert said(table) == (
        "Of 400 hand-offs 48 reached SQL within 90 days: 12 % (10–15), compared with 20.0 % of the baseline "
        "(8,000 hand-offs in 40 batches): −8.0 pts.",
        "Shown to have lowered it: follow-up (−6.0 pts, −8.0 to −4.0, sales side).",
        "What is shown clears nothing else; neither shown nor excluded: quality (−1.0 pts, −3.0 to +1.0, "
        "marketing side).",
    )


def test_where_nothing_is_shown_it_is_said_what_would_have_been() -> None:
    table = parts(follow_up=(0.0, "excluded"), quality=(-0.01, "neither"), chance=(-0.07, "neither"))
    assert said(table)[1] == (
        "No cause is shown: there is not enough evidence, for a batch of this size and kind would show a "
        "shortfall reliably from −5.0 pts on."
    )
    small = FACTS | {"gap": -0.02}
    assert words.answer(table, small) == "ordinary variation"
    assert plain(words.sentences(table, small, "ordinary variation", None))[1] == (
        "No cause is shown: ordinary variation, for nine of ten batches of this size and kind lie within "
        "3.3 pts of what is expected of them."
    )


@pytest.mark.parametrize("effect", [{"untouched": 0.7}, {"shift": -1.3}, {}, {"age": 5.0}])
def test_each_verdict_is_three_sentences_each_ending_once(effect: dict[str, float]) -> None:
    told = judge(population(200, **effect), horizon_days=90, landmark_days=14, outcome="won").sentences
    assert len(told) == 3
    for sentence in told:
        assert sentence.endswith(".")
        assert ". " not in sentence


def test_a_stage_is_named_as_the_reader_knows_it() -> None:
    assert [words.outcome_word(name) for name in ("sql", "won", "opportunity")] == [
        "SQL",
        "won",
        "opportunity",
    ]
