"""What a text becomes: the declared type, in UTC, or a reject that says what was expected."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from funnel.errors import InputError

at = datetime.fromisoformat


def value(shop, column: str, text: str, more: str = ""):
    """Land one lead with a text in a column, and return what was landed; the reason if it was rejected."""
    shop.source(more, replaced=("max_reject_share: 0.5", "max_reject_share: 1"))
    quoted = text.replace('"', '""')
    shop.file("lead.csv", f'id;{column}\n1;"{quoted}"\n2;\n')
    shop.land()
    rejects = shop.rejects()
    return rejects[0][2] if rejects else shop.leads(column)[0][0]


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("note", "  padded\t", "padded"),
        ("note", "\u00a0no-break\u00a0", "no-break"),
        ("note", "   ", None),
        ("note", "unknown", "unknown"),
        ("n", "50", 50),
        ("n", "50.0", 50),
        ("n", "-7", -7),
        ("n", "1e3", 1000),
        ("n", "50.5", "n '50.5' is not a whole number (decimal mark '.')"),
        ("n", "1_000", "n '1_000' is not a whole number (decimal mark '.')"),
        ("n", "0x10", "n '0x10' is not a whole number (decimal mark '.')"),
        ("score", "0.125", 0.125),
        ("score", ".5", 0.5),
        ("score", "nan", "score 'nan' is not a number (decimal mark '.')"),
        ("score", "inf", "score 'inf' is not a number (decimal mark '.')"),
        ("paid", "166.48000000000002", Decimal("166.4800")),
        ("paid", "1,234.50", "paid '1,234.50' is not a number (decimal mark '.')"),
        ("paid", "12,50", "paid '12,50' is not a number (decimal mark '.')"),
        ("paid", "EUR 5", "paid 'EUR 5' is not a number (decimal mark '.')"),
        ("paid", "-", "paid '-' is not a number (decimal mark '.')"),
        ("ok", "TRUE", True),
        ("ok", "1", True),
        ("ok", "no", False),
        ("ok", "2", "ok '2' is not true or false"),
        ("seen_on", "2026-03-01", date(2026, 3, 1)),
        ("seen_on", "2026-03-01 23:59:59", date(2026, 3, 1)),
        ("seen_on", "2026-02-29", "seen_on '2026-02-29' is not a date (YYYY-MM-DD)"),
        ("seen_on", "03/01/2026", "seen_on '03/01/2026' is not a date (YYYY-MM-DD)"),
        ("seen_on", "infinity", "seen_on 'infinity' is not a date (YYYY-MM-DD)"),
        ("changed_at", "2026-03-01T10:00:00.000+0000", at("2026-03-01 10:00:00")),
        ("changed_at", "2026-03-01T10:00:00Z", at("2026-03-01 10:00:00")),
        ("changed_at", "2026-03-01 10:00:00.123456-05:00", at("2026-03-01 15:00:00.123456")),
        (
            "changed_at",
            "2026-03-01",
            "changed_at '2026-03-01' is not an instant with its time of day (YYYY-MM-DD HH:MM:SS); "
            "where days are meant, the type is moment",
        ),
    ],
)
def test_a_text_becomes_its_type_or_a_reject_that_says_what_was_expected(shop, column, text, expected):
    assert value(shop, column, text) == expected


@pytest.mark.parametrize(
    ("text", "thousands", "expected"),
    [
        ("1234,5", "", Decimal("1234.5000")),
        ("1.234", "", "paid '1.234' is not a number (decimal mark ',')"),
        ("1.234,5", ", thousands: .", Decimal("1234.5000")),
        ("1.234.567", ", thousands: .", Decimal("1234567.0000")),
        ("1.23", ", thousands: .", "paid '1.23' is not a number (decimal mark ',')"),
        ("12.34,5", ", thousands: .", "paid '12.34,5' is not a number (decimal mark ',')"),
        ("1 234,5", ", thousands: space", Decimal("1234.5000")),
    ],
)
def test_a_decimal_comma_is_not_a_thousands_point(shop, text, thousands, expected):
    assert value(shop, "paid", text, f"csv: {{decimal: ','{thousands}}}") == expected


BERLIN = "day_zone: Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Europe/Berlin", "2026-01-15 10:00:00", at("2026-01-15 09:00:00")),
        ("Europe/Berlin", "2026-07-15 10:00:00", at("2026-07-15 08:00:00")),
        ("Europe/Berlin", "2026-03-29 01:59:59", at("2026-03-29 00:59:59")),
        ("Europe/Berlin", "2026-03-29 03:00:00", at("2026-03-29 01:00:00")),
        ("Europe/Berlin", "2026-03-29T03:00:00Z", at("2026-03-29 03:00:00")),
        ("America/New_York", "2026-07-04 20:00:00", at("2026-07-05 00:00:00")),
    ],
)
def test_an_instant_without_offset_is_in_the_zone_of_the_source(shop, zone, text, expected):
    shop.source(replaced=("zone: UTC", f"zone: {zone}"))
    shop.file("lead.csv", f"id,changed_at\n1,{text}\n")
    shop.land()
    assert shop.leads("changed_at") == [(expected,)]


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Berlin", "2026-01-15", at("2026-01-14 23:00:00")),
        ("Europe/Berlin", "2026-07-15", at("2026-07-14 22:00:00")),
        ("Asia/Dubai", "2026-01-15", at("2026-01-14 20:00:00")),
        ("America/New_York", "2026-01-15", at("2026-01-15 05:00:00")),
        (
            "America/Sao_Paulo",
            "2017-10-15",
            at("2017-10-15 03:00:00"),
        ),  # no midnight: the clocks went to 1:00
    ],
)
def test_a_day_is_the_utc_instant_of_the_local_midnight_that_begins_it(shop, zone, day, begins):
    shop.source(f"day_zone: {zone}")
    shop.file("lead.csv", f"id,met\n1,{day}\n2,{day} 00:00:00\n")
    shop.land()
    assert shop.leads("met") == [(begins,), (begins,)]


def test_a_moment_says_for_each_row_how_exactly_it_is_known(shop):
    shop.source(replaced=("zone: UTC", "zone: Europe/Berlin"))
    shop.file("lead.csv", "id,created_at\n1,2026-01-15\n2,2026-01-15 00:00:00\n3,\n")
    shop.land()
    midnight = at("2026-01-14 23:00:00")
    assert shop.leads("created_at, created_precision") == [
        (midnight, "day"),
        (midnight, "second"),
        (None, None),
    ]


def test_a_precision_of_the_file_itself_is_kept(shop):
    shop.file("lead.csv", "id,created_at,created_precision\n1,2026-01-15 12:00:00,day\n")
    shop.land()
    assert shop.leads("created_precision") == [("day",)]


def test_dates_may_be_written_in_a_format_of_their_own(shop):
    shop.source(
        replaced=(
            "created_at: moment, changed_at: timestamp",
            'created_at: {type: moment, format: ["%d.%m.%Y", "%d.%m.%Y %H:%M"]}, '
            'changed_at: {type: timestamp, format: "%m/%d/%Y, %I:%M %p"}',
        )
    )
    shop.file(
        "lead.csv",
        'id,created_at,changed_at\n1,31.01.2026,"02/03/2026, 04:05 PM"\n2,31.01.2026 09:30,\n3,2026-01-31,\n',
    )
    shop.land()
    assert shop.leads("created_at, created_precision, changed_at") == [
        (at("2026-01-31 00:00:00"), "day", at("2026-02-03 16:05:00")),
        (at("2026-01-31 09:30:00"), "second", None),
    ]
    assert shop.rejects()[0][2] == (
        "created_at '2026-01-31' is not a date or an instant (%d.%m.%Y or %d.%m.%Y %H:%M)"
    )


def test_null_words_are_null_and_all_other_words_are_not(shop):
    shop.source('nulls: ["NULL", n/a, "-", "a|b"]')
    rows = ["NULL", "n/a", " - ", "a|b", "null", "N/A", "a", "unknown", "0"]
    shop.file("lead.csv", "id,status\n" + "".join(f"{i},{word}\n" for i, word in enumerate(rows)))
    shop.land()
    assert [status for _, status in shop.leads()] == [
        None,
        None,
        None,
        None,
        "null",
        "N/A",
        "a",
        "unknown",
        "0",
    ]


def test_ids_of_18_characters_are_cut_to_15_and_stay_case_sensitive(shop):
    shop.source('types: {id: id18, "*_id": id18}')
    shop.file(
        "lead.csv",
        "id,owner_id,note\n00Q000000000001AAA,005000000000abcAAA,005000000000abcAAA\n"
        "00q000000000001,005000000000ABC,x\n",
    )
    shop.land()
    assert shop.leads("id, owner_id, note") == [
        ("00Q000000000001", "005000000000abc", "005000000000abcAAA"),
        ("00q000000000001", "005000000000ABC", "x"),
    ]


def test_a_column_keeps_the_type_it_was_landed_with(shop):
    shop.file("lead.csv", "id,note\n1,5\n")
    shop.land()
    shop.source(replaced=("ok: boolean", "ok: boolean, note: integer"))
    with pytest.raises(
        InputError, match=r"'note' of shop\.lead was landed as VARCHAR, and source\.yaml now makes it BIGINT"
    ):
        shop.land(on="2026-01-06")


def test_the_days_of_a_source_may_be_those_of_the_company(shop):
    (shop.project.contracts / "2026.yaml").write_text(
        'version: "2026"\neffective_from: 2026-01-01\napproved_by: {marketing: A, sales: B}\n'
        'calendar: {zone: Asia/Tokyo, hours: {mon-fri: ["09:00-17:00"]}}\n'
        "stages: [{name: lead, owner: marketing, entered_when: {created: true}}]\n"
        "verdict: {horizon: 90 days, landmark: 14 days}\n"
    )
    shop.source("day_zone: company")
    shop.file("lead.csv", "id,met\n1,2026-01-15\n")
    shop.land()
    assert shop.leads("met") == [(at("2026-01-14 15:00:00"),)]
