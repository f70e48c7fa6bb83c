"""Five conventions of the same conversion: each test states its own rows."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import conversion
from funnel.metrics.convention import CONVENTIONS, SPLITS

ASKED = {"from_stage": "mql", "to_stage": "sql"}
COUNTED = ["n", "n_converted", "rate"]
BOTH = {"start_on": "2026-01-01", "end_on": "2026-02-01"}


@pytest.fixture
def five(house):
    """Return five leads: an early and a late conversion, one lost, one of December, one open."""
    here = house()
    here.cycle("early", mql="2026-01-05", sal="2026-01-06", sql="2026-01-10")
    here.cycle("late", mql="2026-01-06", sal="2026-01-07", sql="2026-03-20")
    here.cycle("lost", mql="2026-01-07", exit=("lost", "2026-01-20"))
    here.cycle("december", mql="2025-12-20", sal="2025-12-21", sql="2026-01-08", exit=("lost", "2026-01-31"))
    here.cycle("open", mql="2026-01-31")
    return here.open()


@pytest.mark.parametrize(
    ("convention", "given", "expected"),
    [
        ("cohort", BOTH | {"within_days": 30}, (4, 1, 0.25)),
        ("cohort", BOTH | {"within_days": 90}, (4, 2, 0.5)),
        ("cohort_to_date", BOTH | {"within_days": 365}, (4, 2, 0.5)),
        ("period", BOTH, (4, 2, 0.5)),
        ("closed_cohort", BOTH, (2, 1, 0.5)),
        ("snapshot", {}, (1, 2, 2.0)),
    ],
)
def test_each_convention_counts_by_its_own_rule(five, rows, convention: str, given, expected) -> None:
    """Of MQLs in January two reached SQL in 90 days; SQL entries of January are early and december's."""
    table = conversion.rate(five, convention=convention, **ASKED, **given)
    assert rows(table, *COUNTED) == [expected]


def test_a_conversion_after_the_range_of_the_report_still_counts_in_its_cohort(five, rows) -> None:
    """Lead 'late' entered in January and reached SQL in March: it belongs to January."""
    table = conversion.rate(five, convention="cohort", within_days=90, period="month", **ASKED, **BOTH)
    assert rows(table, "period_on", *COUNTED) == [("2026-01-01", 4, 2, 0.5)]


def test_nothing_closed_gives_null(house, rows) -> None:
    here = house()
    here.cycle("open", mql="2026-01-05", sal="2026-01-06")
    con = here.open()
    table = conversion.rate(con, convention="closed_cohort", **ASKED)
    assert rows(table, *COUNTED, "low", "high") == [(0, 0, None, None, None)]
    by_month = conversion.rate(con, convention="closed_cohort", period="month", **ASKED)
    assert rows(by_month.head(1), "period_on", *COUNTED) == [("2026-01-01", 0, 0, None)]


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_nobody_gives_one_row_of_nulls(house, rows, convention: str) -> None:
    given = {"within_days": 30} if CONVENTIONS[convention].has_window else {}
    table = conversion.rate(house().open(), convention=convention, **ASKED, **given)
    assert rows(table, "n", "n_persons", "n_converted", "rate", "low") == [(0, 0, 0, None, None)]


def test_a_period_ratio_may_exceed_one_and_has_no_interval(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2025-12-30", sql="2026-01-05")
    here.cycle("b", mql="2025-12-31", sql="2026-01-06")
    here.cycle("c", mql="2026-01-02")
    table = conversion.rate(here.open(), convention="period", period="month", **ASKED)
    assert rows(table.head(2), "period_on", *COUNTED, "low", "high") == [
        ("2025-12-01", 2, 0, 0.0, None, None),
        ("2026-01-01", 1, 2, 2.0, None, None),
    ]
    assert "not a probability, so without an interval" in table["rule"][0]


def test_an_imputed_entry_is_in_no_period_ratio_and_is_counted_beside_it(house, rows) -> None:
    here = house()
    here.cycle("skipped", mql="2026-01-05", won="2026-01-10")
    table = conversion.rate(here.open(), convention="period", **ASKED)
    assert rows(table, "n", "n_converted", "n_imputed", "rate") == [(1, 0, 1, 0.0)]


def test_the_closed_are_those_with_an_exit_who_had_been_at_the_first_stage(house, rows) -> None:
    """Closed in February: one won, one rejected at MQL, one lost that skipped MQL; the open one is in neither."""
    here = house()
    here.cycle("won", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07", won="2026-02-01 00:00:00")
    here.cycle("rejected", mql="2026-01-05", exit=("rejected", "2026-02-28 23:59:59"))
    here.cycle("skipped mql", sal="2026-01-05", exit=("lost", "2026-02-10"))
    here.cycle("open", mql="2026-01-05", sql="2026-02-10")
    here.cycle("march", mql="2026-01-05", exit=("lost", "2026-03-01 00:00:00"))
    table = conversion.rate(here.open(), convention="closed_cohort", period="month", **ASKED)
    columns = ["period_on", *COUNTED, "low", "high"]
    assert rows(table[1:3], *columns) == [
        ("2026-02-01", 2, 1, 0.5, 0.0945, 0.9055),
        ("2026-03-01", 1, 0, 0.0, 0.0, 0.7935),
    ]


def test_a_close_of_unknown_time_is_in_no_month_and_in_all_time(house, rows) -> None:
    here = house()
    here.cycle("some day", mql="2026-01-05", exit="lost")
    con = here.open()
    assert rows(conversion.rate(con, convention="closed_cohort", **ASKED), "n") == [(1,)]
    assert rows(conversion.rate(con, convention="closed_cohort", **ASKED, **BOTH), "n") == [(0,)]


def test_a_snapshot_is_of_the_last_stage_event_not_the_furthest(house, rows) -> None:
    here = house()
    here.cycle("went back", mql="2026-01-05", sql="2026-01-06", visits=[("mql", "2026-01-07")])
    here.cycle("stands", mql="2026-01-05", sql="2026-01-06")
    here.cycle("gone", mql="2026-01-05", exit=("lost", "2026-01-06"))
    table = conversion.rate(here.open(), convention="snapshot", **ASKED)
    assert rows(table, *COUNTED, "low", "is_mature", "n_young") == [(1, 1, 1.0, None, None, None)]


def test_the_won_are_in_won_now(house, rows) -> None:
    here = house()
    here.cycle("w", mql="2026-01-05", won="2026-01-06")
    here.cycle("m", mql="2026-01-05")
    table = conversion.rate(here.open(), convention="snapshot", from_stage="mql", to_stage="won")
    assert rows(table, *COUNTED) == [(1, 1, 1.0)]


@pytest.mark.parametrize(
    ("as_of", "is_mature", "rate", "share"),
    [("2026-03-02 00:00:00", True, 0.5, 1.0), ("2026-03-01 23:59:59", False, None, 1.0)],
)
def test_an_immature_cohort_has_counts_and_an_observed_share_but_no_rate(
    house, rows, as_of: str, is_mature: bool, rate, share: float
) -> None:
    here = house(as_of)
    here.cycle("first", mql="2026-01-01", sql="2026-01-02")
    here.cycle("last", mql="2026-01-31 00:00:00")
    con = here.open()
    columns = ["n", "n_converted", "rate", "low", "is_mature", "observed_share"]
    given = ASKED | BOTH | {"period": "month", "within_days": 30}
    table = conversion.rate(con, convention="cohort", **given)
    low = None if rate is None else 0.0945
    assert rows(table, *columns, digits=4) == [(2, 1, rate, low, is_mature, share)]
    to_date = conversion.rate(con, convention="cohort_to_date", **given)
    assert rows(to_date, *columns) == [(2, 1, 0.5, 0.0945, is_mature, share)]


def test_without_a_period_the_young_are_left_out_and_counted(house, rows) -> None:
    here = house("2026-03-02 00:00:00")
    here.cycle("on the stroke", mql="2026-01-31 00:00:00", sql="2026-02-01")
    here.cycle("a second young", mql="2026-01-31 00:00:01", sql="2026-02-01")
    columns = ["n", "n_young", "n_converted", "rate", "is_mature"]
    con = here.open()
    table = conversion.rate(con, convention="cohort", within_days=30, **ASKED)
    assert rows(table, *columns) == [(1, 1, 1, 1.0, True)]
    to_date = conversion.rate(con, convention="cohort_to_date", within_days=30, **ASKED)
    assert rows(to_date, *columns) == [(2, 0, 2, 1.0, False)]


def test_a_young_cohort_to_date_says_how_much_of_its_window_is_over(house, rows) -> None:
    here = house("2026-01-16 00:00:00")
    here.cycle("fifteen days", mql="2026-01-01 00:00:00")
    here.cycle("three days", mql="2026-01-13 00:00:00")
    table = conversion.rate(here.open(), convention="cohort_to_date", within_days=30, **ASKED)
    assert rows(table, "n", "rate", "is_mature", "observed_share") == [(2, 0.0, False, 0.3)]


def test_a_month_of_nobody_stays_in_the_course_with_null(house, rows) -> None:
    here = house("2026-04-01 00:00:00")
    here.cycle("january", mql="2026-01-05", sql="2026-01-06")
    here.cycle("march", mql="2026-03-01")
    table = conversion.rate(here.open(), convention="cohort", within_days=10, period="month", **ASKED)
    assert rows(table, "period_on", "n", "rate", "is_mature") == [
        ("2026-01-01", 1, 1.0, True),
        ("2026-02-01", 0, None, False),
        ("2026-03-01", 1, 0.0, True),
    ]


def test_segments_may_be_one_or_several_and_null_is_not_unknown(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sql="2026-01-06", channel="ads", region="EU")
    here.cycle("b", mql="2026-01-05", channel="ads", region="US")
    here.cycle("c", mql="2026-01-05", channel="unknown", region="EU")
    here.cycle("d", mql="2026-01-05", channel=None, region="EU")
    con = here.open()
    given = ASKED | {"convention": "cohort", "within_days": 30}
    assert rows(conversion.rate(con, by="channel", **given), "channel", "n", "rate") == [
        ("ads", 2, 0.5),
        ("unknown", 1, 0.0),
        (None, 1, 0.0),
    ]
    both = conversion.rate(con, by=["region", "channel"], period="quarter", **given)
    assert rows(both, "period_on", "region", "channel", "n", "n_converted") == [
        ("2026-01-01", "EU", "ads", 1, 1),
        ("2026-01-01", "US", "ads", 1, 0),
        ("2026-01-01", "EU", "unknown", 1, 0),
        ("2026-01-01", "EU", None, 1, 0),
    ]


@pytest.mark.parametrize("convention", ["cohort", "period"])
@pytest.mark.parametrize("by", [name for name in SPLITS if name != "pass"])
def test_every_segment_reads_its_own_column(house, rows, convention: str, by: str) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", **{by: f"of {by}"})
    given = {"within_days": 30} if CONVENTIONS[convention].has_window else {}
    table = conversion.rate(here.open(), convention=convention, by=by, **ASKED, **given)
    assert rows(table, by, "n") == [(f"of {by}", 1)]


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
def test_first_and_repeat_passes_are_told_apart_and_people_counted_once(house, rows, convention: str) -> None:
    here = house()
    is_closed = convention == "closed_cohort"
    exits = [("recycled", "2026-01-10"), ("lost", "2026-02-10")] if is_closed else [None, None]
    here.cycle("p#1", mql="2026-01-05", person_id="p", exit=exits[0])
    here.cycle("p#2", mql="2026-02-05", person_id="p", exit=exits[1], **{"pass": 2})
    here.cycle("q#2", mql="2026-02-05", person_id="q", exit=exits[1], **{"pass": 2})
    con = here.open()
    given = {"within_days": 30} if CONVENTIONS[convention].has_window else {}
    table = conversion.rate(con, convention=convention, **ASKED, **given)
    assert rows(table, "n", "n_persons", "n_first", "n_repeat") == [(3, 2, 2, 1)]
    split = conversion.rate(con, convention=convention, by="pass", **ASKED, **given)
    assert rows(split, "pass", "n", "n_persons") == [("first", 2, 2), ("repeat", 1, 1)]


def test_cohorts_and_the_implied_order_are_one_number(house) -> None:
    """The older `cohorts` is `rate` with order 'implied': skipped, impossible and undated ones included."""
    here = house()
    here.cycle("skipped", mql="2026-01-05", sql="2026-01-07")
    here.cycle("no mql", sal="2026-01-05", sql="2026-01-09")
    here.cycle("before", mql="2026-01-05", sql="2026-01-03", impossible=["sql"])
    here.cycle("undated", mql="2026-02-05", sql=None)
    here.cycle("late", mql="2026-02-05", won="2026-04-05")
    con = here.open()
    old = conversion.cohorts(con, **ASKED, within_days=30)
    new = conversion.rate(con, convention="cohort", order="implied", period="month", **ASKED, within_days=30)
    same = ["period_on", "n", "n_persons", "n_converted", "n_imputed", "n_impossible", "is_mature"]
    assert old[same].to_dict() == new[same].to_dict()


def test_the_five_stand_side_by_side_with_their_rules(five, rows) -> None:
    table = conversion.conventions(five, **ASKED, within_days=90, **BOTH)
    assert rows(table, "title", "start_on", *COUNTED) == [
        ("Cohort", "2026-01-01", 4, 2, 0.5),
        ("Cohort to date", "2026-01-01", 4, 2, 0.5),
        ("Period", "2026-01-01", 4, 2, 0.5),
        ("Closed cohort", "2026-01-01", 2, 1, 0.5),
        ("Snapshot", None, 1, 2, 2.0),
    ]
    assert [rule.partition(":")[0] for rule in table["rule"]] == table["title"].tolist()
    assert table["rule"].nunique() == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"convention": "kohort"}, r"no convention 'kohort'. Did you mean 'cohort'\? Choose one of: cohort,"),
        ({"convention": "cohort"}, r"'cohort' counts within a window, and none was given. Say within_days"),
        ({"convention": "cohort_to_date"}, "'cohort_to_date' counts within a window"),
        (
            {"convention": "period", "within_days": 30},
            "'period' has no window, so within_days=30 would change",
        ),
        ({"convention": "closed_cohort", "within_days": 30}, "convention that has one: cohort, cohort_to"),
        ({"convention": "snapshot", "within_days": 30}, "'snapshot' has no window"),
        ({"convention": "cohort", "within_days": 0}, "window of 0 days holds nothing"),
        (
            {"convention": "cohort", "within_days": 30, "order": "stict"},
            r"no order 'stict'. Did you mean 'st",
        ),
        (
            {"convention": "period", "order": "strict"},
            "'period' follows nobody .* order='strict' would change",
        ),
        ({"convention": "period", "skips": "allowed"}, "'period' follows nobody .* skips='allowed'"),
        ({"convention": "cohort", "within_days": 3, "skips": "never"}, "no skips 'never'.*allowed, refused"),
        (
            {"convention": "cohort", "within_days": 3, "order": "strict", "skips": "allowed"},
            "With order='strict' skips are refused by definition",
        ),
        (
            {"convention": "cohort", "within_days": 3, "order": "implied", "skips": "refused"},
            "With order='implied' skips are allowed by definition",
        ),
        ({"convention": "snapshot", "period": "week"}, "A snapshot is of one instant"),
        ({"convention": "snapshot", "start_on": "2026-01-01"}, "A snapshot is of one instant"),
        ({"convention": "period", "period": "day"}, "no period 'day'.* week, month, quarter"),
        ({"convention": "period", "by": "chanel"}, r"no segment 'chanel'. Did you mean 'channel'\?.* pass"),
        (
            {"convention": "period", "by": ["channel", "channel"]},
            "A segment is named twice in channel, channel",
        ),
        ({"convention": "period", "to_stage": "mql"}, "'mql' does not come after 'mql'"),
        ({"convention": "period", "from_stage": "mqll"}, "no stage 'mqll'"),
    ],
)
def test_a_choice_that_is_wrong_or_changes_nothing_is_refused(house, given, message: str) -> None:
    con = house().open()
    with pytest.raises(UsageError, match=message):
        conversion.rate(con, **(ASKED | given))


def test_the_convention_has_no_default(house) -> None:
    with pytest.raises(TypeError, match="convention"):
        conversion.rate(house().open(), **ASKED)


@pytest.mark.parametrize("convention", ["cohort", "period", "closed_cohort"])
def test_the_span_begins_with_its_first_day_and_ends_before_its_last(house, rows, convention: str) -> None:
    """Entries (of the closed cohort: closings) of 31 December, 1 and 31 January, and 1 February."""
    here = house()
    is_closed = convention == "closed_cohort"
    for name, day in (("a", "2025-12-31"), ("b", "2026-01-01"), ("c", "2026-01-31"), ("d", "2026-02-01")):
        exit = ("lost", day) if is_closed else None
        here.cycle(name, mql="2025-12-01" if is_closed else day, exit=exit)
    given = {"within_days": 1} if convention == "cohort" else {}
    con = here.open()
    assert rows(conversion.rate(con, convention=convention, **ASKED, **BOTH, **given), "n") == [(2,)]


@pytest.mark.parametrize(
    ("as_of", "is_mature"), [("2026-03-03 00:00:00", True), ("2026-03-02 23:59:59", False)]
)
def test_an_entry_known_to_the_day_is_mature_when_the_last_day_of_its_window_is_over(
    house, rows, as_of: str, is_mature: bool
) -> None:
    here = house(as_of)
    here.cycle("last", mql="2026-01-31", day=["mql"])
    table = conversion.rate(here.open(), convention="cohort", within_days=30, period="month", **ASKED)
    assert rows(table.head(1), "is_mature", "rate") == [(is_mature, 0.0 if is_mature else None)]


def test_where_no_exit_but_won_is_recorded_the_closed_are_no_evidence(house, rows) -> None:
    """All closed were won by construction: 100 % would be shown whatever the truth."""
    here = house(is_alive=False)
    here.cycle("won", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07", won="2026-01-08")
    here.cycle("open", mql="2026-01-05")
    table = conversion.rate(here.open(), convention="closed_cohort", **ASKED)
    note = "undefined: no exit but won is recorded, so that all closed were won"
    assert rows(table, *COUNTED, "low", "note") == [(1, 1, None, None, note)]
