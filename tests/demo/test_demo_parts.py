"""The parts of the generator, on rows stated here."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from funnel.demo import model, team
from funnel.demo.campaign import campaigns, day_weights, running
from funnel.demo.chance import codes, logistic, stream
from funnel.demo.clock import (
    AS_OF,
    CHANGE,
    START,
    after_working_hours,
    instant,
    is_off_hours,
    local_hour,
    to_local,
    to_utc,
    weekday,
)
from funnel.demo.decision import REASONS
from funnel.demo.dispute import dispute
from funnel.demo.history import FIELDS, STATUSES
from funnel.demo.market import INDUSTRIES, companies, is_icp, people
from funnel.demo.words import latin, spelled

EMEA, AMERICAS = np.array([0]), np.array([1])


def at(text: str) -> np.ndarray:
    return np.array([int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())])


def said(seconds: np.ndarray) -> str:
    return datetime.fromtimestamp(int(seconds[0]), UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_the_demo_is_two_years_of_whole_weeks_that_end_on_a_monday_in_berlin() -> None:
    assert (AS_OF - START) == 2 * 364 * 86400
    assert said(np.array([START])) == "2024-11-17 23:00:00"
    assert said(np.array([CHANGE])) == "2025-11-16 23:00:00"
    assert said(np.array([AS_OF])) == "2026-11-15 23:00:00"


@pytest.mark.parametrize(
    ("utc", "region", "hour"),
    [
        ("2026-03-29 00:59:59", EMEA, 1 + 3599 / 3600),
        ("2026-03-29 01:00:00", EMEA, 3.0),
        ("2026-10-25 00:59:59", EMEA, 2 + 3599 / 3600),
        ("2026-10-25 01:00:00", EMEA, 2.0),
        ("2026-03-08 06:59:59", AMERICAS, 1 + 3599 / 3600),
        ("2026-03-08 07:00:00", AMERICAS, 3.0),
    ],
)
def test_clocks_change_on_the_second(utc: str, region: np.ndarray, hour: float) -> None:
    assert local_hour(at(utc), region)[0] == pytest.approx(hour)


def test_local_time_and_back_is_the_same_instant_but_for_the_hour_that_comes_twice() -> None:
    utc = np.arange(START, START + 86400 * 700, 1_777)
    region = np.arange(len(utc)) % 2
    back = to_utc(to_local(utc, region), region)
    assert (back == utc).mean() > 0.999
    assert set(np.unique(np.abs(back - utc))) <= {0, 3600}


@pytest.mark.parametrize(
    ("start", "region", "hours", "end"),
    [
        ("2026-06-01 07:00:00", EMEA, 1.0, "2026-06-01 08:00:00"),  # Monday 9:00 in Berlin
        ("2026-06-01 07:00:00", EMEA, 8.5, "2026-06-02 07:00:00"),  # a whole day ends where the next begins
        ("2026-06-01 15:30:00", EMEA, 1.0, "2026-06-02 08:00:00"),  # at closing time
        ("2026-06-05 14:30:00", EMEA, 2.0, "2026-06-08 08:00:00"),  # over a weekend
        ("2026-06-06 12:00:00", EMEA, 0.5, "2026-06-08 07:30:00"),  # on a Saturday
        ("2026-12-24 14:30:00", EMEA, 3.0, "2026-12-28 09:00:00"),  # over Christmas
        ("2026-03-27 15:30:00", EMEA, 3.0, "2026-03-30 09:00:00"),  # over the change to summer time
        ("2026-07-02 20:30:00", AMERICAS, 2.0, "2026-07-06 14:00:00"),  # a holiday on the Friday
        ("2026-06-01 12:00:00", AMERICAS, 1.0, "2026-06-01 14:00:00"),  # before opening in New York
    ],
)
def test_working_hours_pass_only_while_people_work(
    start: str, region: np.ndarray, hours: float, end: str
) -> None:
    assert said(after_working_hours(at(start), region, np.array([hours]))) == end


@pytest.mark.parametrize(
    ("utc", "region", "is_off"),
    [
        ("2026-06-01 06:59:59", EMEA, True),
        ("2026-06-01 07:00:00", EMEA, False),
        ("2026-06-01 15:29:59", EMEA, False),
        ("2026-06-01 15:30:00", EMEA, True),
        ("2026-06-06 10:00:00", EMEA, True),
        ("2026-06-01 07:00:00", AMERICAS, True),
    ],
)
def test_off_hours_end_and_begin_on_the_stroke(utc: str, region: np.ndarray, is_off: bool) -> None:
    assert is_off_hours(at(utc), region)[0] == is_off


def test_weekdays_count_from_monday_in_the_region() -> None:
    assert weekday(at("2026-11-15 23:00:00"), EMEA)[0] == 0
    assert weekday(at("2026-11-15 23:00:00"), AMERICAS)[0] == 6


def test_draws_depend_on_seed_and_purpose_only() -> None:
    assert stream(7, "a").random(3).tolist() == stream(7, "a").random(3).tolist()
    assert stream(7, "a").random(3).tolist() != stream(7, "b").random(3).tolist()
    assert stream(7, "a").random(3).tolist() != stream(8, "a").random(3).tolist()


def test_codes_come_in_their_shares() -> None:
    found = np.bincount(codes(stream(1, "x"), (1, 0, 3), 40_000), minlength=3) / 40_000
    assert found == pytest.approx([0.25, 0.0, 0.75], abs=0.01)


def test_a_logit_of_nothing_is_one_half() -> None:
    assert logistic(np.array([0.0, np.log(3.0)])) == pytest.approx([0.5, 0.75])


def test_every_word_has_a_mail_spelling_of_its_own() -> None:
    for key in ("first_names", "last_names", "company_stems", "company_tails"):
        assert len(set(latin(key))) == len(set(spelled(key))) == len(spelled(key))
        assert all(word.isascii() and word.isalnum() for word in latin(key))


def test_fit_is_an_industry_of_four_and_fifty_to_five_thousand_employees() -> None:
    industry = np.array([0, 3, 4, 0, 0, 0, 0])
    employees = np.array([50, 5_000, 500, 49, 5_001, 50, 5_000])
    assert is_icp(industry, employees).tolist() == [True, True, False, False, False, True, True]
    assert INDUSTRIES[:4] == ("software", "logistics", "manufacturing", "finance")


def test_the_bar_is_raised_at_the_change_of_the_contract() -> None:
    assert model.threshold(np.array([CHANGE - 1, CHANGE])).tolist() == [50, 60]


def test_outcomes_depend_on_intent_and_on_effort_and_more_so_in_large_companies() -> None:
    intent, icp = np.array([0.0, 1.0, 0.0, 0.0]), np.ones(4, dtype=bool)
    worked, large = np.array([0.3, 0.3, 0.8, 0.8]), np.array([False, False, False, True])
    low, keen, cared, large_cared = model.p_sql(intent, worked, icp, large)
    assert low < keen
    assert low < cared < large_cared


def test_who_is_never_touched_neither_answers_nor_qualifies() -> None:
    nobody, keen, yes = np.zeros(1), np.array([3.0]), np.ones(1, dtype=bool)
    assert model.p_connected(keen, nobody)[0] == 0
    assert model.p_sql(keen, nobody, yes, yes)[0] == 0
    assert model.p_accepted(keen, ~yes, nobody)[0] == pytest.approx(0.08)


def test_effort_is_nothing_without_a_touch_and_one_at_once_and_often() -> None:
    assert model.effort(np.array([0, 6, 9, 1]), np.array([0.0, 0.0, 0.0, 1e9])) == pytest.approx(
        [0, 1, 1, 0.55 / 6]
    )


def test_a_campaign_runs_from_its_first_instant_and_the_disputed_one_is_never_the_running_one() -> None:
    frame = campaigns(dispute("none"), 7)
    paid_search = 1
    times = np.array([START, instant("2025-02-17") - 1, instant("2025-02-17"), AS_OF - 1])
    found = frame["name"].to_numpy()[running(frame, np.full(4, paid_search), times)]
    assert [name[:19] for name in found] == [
        "Paid Search 2024-11",
        "Paid Search 2024-11",
        "Paid Search 2025-02",
        "Paid Search 2026-08",
    ]
    assert frame["name"].is_unique
    assert len(frame) == 8 + 48 + 1


def test_trade_shows_have_leads_on_show_days_and_for_a_while_after_only() -> None:
    weights = pd.Series(day_weights(7) > 0)
    assert weights.sum() == 6 * 16
    assert not weights[:120].any()
    assert weights[120:136].all()


def test_who_has_left_gets_nothing_and_who_is_to_come_neither() -> None:
    user = team.users(7)
    u = np.linspace(0, 0.999, 200)
    for day in ("2024-11-18", "2025-09-20", "2025-10-06", "2026-06-01", "2026-11-15"):
        now = np.full(200, instant(day))
        for region in (0, 1):
            for department in (team.DEVELOPMENT, team.SALES):
                chosen = user.loc[np.unique(team.assign(user, department, np.full(200, region), now, u))]
                assert (chosen["starts_at"] <= instant(day)).all()
                assert ((chosen["ends_at"] == -1) | (chosen["ends_at"] > instant(day))).all()
                assert (chosen["department"] == department).all()
                assert (chosen["region"] == region).all()
                assert len(chosen) >= 3


def test_people_of_one_name_in_one_company_get_different_addresses() -> None:
    company = companies(30, 7)
    person = people(40_000, company, 7, np.zeros(40_000, dtype=bool))
    assert not person.duplicated(["company", "first", "last", "namesake"]).any()
    assert person["namesake"].max() > 0


def test_domains_are_unique() -> None:
    assert not companies(20_000, 7).duplicated(["stem", "tail", "namesake"]).any()


def test_the_words_of_the_contract_are_those_of_the_exports() -> None:
    assert STATUSES == (
        "New",
        "MQL",
        "Working",
        "Accepted",
        "Qualified",
        "Converted",
        "Disqualified",
        "Nurture",
    )
    assert REASONS == (
        "Wrong person",
        "Competitor",
        "Bad contact data",
        "Student",
        "Not a fit",
        "No budget",
        "No timeline",
    )
    assert FIELDS[:4] == ("Status", "Owner", "Lead_Score__c", "Disqualify_Reason__c")
