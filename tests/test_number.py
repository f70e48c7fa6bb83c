"""Numbers on pages: one format for each kind, null an en dash."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from funnel import number


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, np.float64("nan")])
def test_a_missing_value_is_an_en_dash_in_every_format(missing):
    said = [
        number.count(missing),
        number.rate(missing, 10),
        number.money(missing, "EUR"),
        number.hours(missing),
        number.days(missing),
        number.points(missing),
        number.day(missing),
        number.month(missing),
        number.short_day(missing),
    ]
    assert said == ["–"] * 9


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567"), (-12, "−12")]
)
def test_counts_have_a_comma_every_three_digits(value, said):
    assert number.count(value) == said


@pytest.mark.parametrize(
    ("value", "n", "said"),
    [(0.1234, 999, "12 %"), (0.1234, 1000, "12.3 %"), (0.1234, None, "12 %"), (0, 5, "0 %"), (1, 5, "100 %")],
)
def test_a_rate_is_whole_below_a_thousand_cases_and_has_one_decimal_from_there(value, n, said):
    assert number.rate(value, n) == said.replace(" ", number.GAP)


def test_an_interval_has_the_decimals_of_its_rate():
    assert number.rate_with_interval(0.24, 0.19, 0.3, 200) == "24\N{NO-BREAK SPACE}% (19–30)"
    assert number.rate_with_interval(0.24, 0.19, 0.3, 2000) == "24.0\N{NO-BREAK SPACE}% (19.0–30.0)"
    assert number.interval(None, 0.3, 20) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [(-0.06, "−6 pts"), (0.06, "+6 pts"), (0.004, "0 pts"), (-0.004, "0 pts"), (0.005001, "+1 pts")],
)
def test_a_difference_of_rates_is_in_points_with_its_sign(value, said):
    assert number.points(value) == said.replace(" ", number.GAP)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("1234567.00"), "€1.23 M"),
        (999_499, "€999 k"),
        (999_500, "€1.00 M"),
        (1234, "€1.23 k"),
        (123.4, "€123"),
        (12.34, "€12.3"),
        (1.234, "€1.23"),
        (0.1234, "€0.123"),
        (0, "€0"),
        (-1234, "−€1.23 k"),
        (2_225_544_000, "€2.23 bn"),
    ],
)
def test_money_has_three_significant_digits(value, said):
    assert number.money(value, "EUR") == said.replace(" ", number.GAP)


def test_a_currency_without_a_sign_keeps_its_code_and_none_needs_none():
    assert number.money(1234, "CHF") == "CHF 1.23 k".replace(" ", number.GAP)
    assert number.money(1234) == "1.23 k".replace(" ", number.GAP)


@pytest.mark.parametrize(
    ("hours", "said"), [(3.24, "3.2 h"), (71.9, "71.9 h"), (72, "3 d"), (100, "4.2 d"), (480, "20 d")]
)
def test_durations_are_hours_up_to_three_days_and_days_from_there(hours, said):
    assert number.hours(hours) == said.replace(" ", number.GAP)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "said"),
    [
        (date(2026, 11, 9), date(2026, 11, 16), "9–15 November 2026"),
        (date(2026, 10, 26), date(2026, 11, 2), "26 October – 1 November 2026"),
        (date(2026, 12, 28), date(2027, 1, 4), "28 December 2026 – 3 January 2027"),
        (date(2026, 11, 9), date(2026, 11, 10), "9 November 2026"),
    ],
)
def test_a_half_open_span_is_named_by_its_first_and_last_day(starts_on, ends_on, said):
    assert number.span(starts_on, ends_on) == said


def test_days_are_read_from_dates_instants_and_text():
    assert [number.day(v) for v in (date(2026, 3, 1), pd.Timestamp("2026-03-01 23:00"), "2026-03-01")] == [
        "1 March 2026"
    ] * 3


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((-0.101, -0.0214), "−6.2 pts (−10 to −2.1)"),
        ((-0.1, 0.0004), "−6.2 pts (−10 to 0)"),
        ((-0.0994, 0.0995), "−6.2 pts (−9.9 to +10)"),
        ((None, 0.1), "−6.2 pts"),
    ],
)
def test_a_difference_stands_with_both_ends_of_its_interval_or_alone(ends, said):
    assert number.points_with_interval(-0.062, *ends).replace("\N{NO-BREAK SPACE}", " ") == said
