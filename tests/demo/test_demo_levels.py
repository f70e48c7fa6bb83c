"""The company is plausible: its levels, recounted from its files and its truth."""

from __future__ import annotations

import pytest
from demo_on_disk import Written

CHANNELS = [
    "Content Syndication",
    "Organic Search",
    "Paid Search",
    "Paid Social",
    "Partner",
    "Referral",
    "Trade Show",
    "Webinar",
]
CHANGE, AS_OF, DAY = 1763334000, 1794783600, 86400
MATURE = f"number > 0 and mql_at < {AS_OF - 90 * DAY}"
LEVELS = [
    (
        "leads handed over",
        "select count(distinct lead) filter (where number > 0) / count(distinct lead) from truth",
        0.42,
        0.49,
    ),
    ("accepted of handed over", f"select avg((accepted_at > 0)::int) from truth where {MATURE}", 0.60, 0.72),
    (
        "sales qualified within 90 days of hand-off",
        f"select avg((sql_at > 0 and sql_at - mql_at <= {90 * DAY})::int) from truth where {MATURE}",
        0.24,
        0.32,
    ),
    (
        "opportunity of sales qualified",
        f"select avg((opportunity_at > 0)::int) from truth where {MATURE} and sql_at > 0",
        0.58,
        0.70,
    ),
    ("never touched", "select avg((first_touch_at = -1)::int) from truth where number > 0", 0.10, 0.16),
    (
        "won of closed",
        "select avg((IsWon = 'true')::int) from load3.opportunity where IsClosed = 'true'",
        0.20,
        0.31,
    ),
    (
        "median days from opportunity to close",
        """select median(date_diff('day', CreatedDate[:10]::date, CloseDate::date)) from load3.opportunity
        where IsClosed = 'true'""",
        50,
        66,
    ),
    ("median amount", "select median(Amount::double) from load3.opportunity", 25_000, 31_000),
    ("largest amount", "select max(Amount::double) from load3.opportunity", 100_000, 150_000),
    (
        "smallest amount",
        "select min(Amount::double) from load3.opportunity where StageName like 'Closed%'",
        10_000,
        12_000,
    ),
    ("share of EMEA", "select avg((Region__c = 'EMEA')::int) from load3.lead", 0.55, 0.66),
    (
        "weekend arrivals",
        "select avg((dayofweek(CreatedDate[:10]::date) in (0, 6))::int) from load3.lead",
        0.08,
        0.17,
    ),
    ("definition met at hand-off", "select avg(met::int) from truth where number > 0", 0.88, 0.98),
]


@pytest.mark.parametrize(("name", "query", "low", "high"), LEVELS)
def test_levels_are_those_of_such_a_company(
    demo: Written, name: str, query: str, low: float, high: float
) -> None:
    assert low <= demo.number(query) <= high, name


def test_there_are_as_many_leads_as_asked_but_for_the_erased(demo: Written) -> None:
    assert demo.number("select count(distinct lead) from truth") == 8_000
    erased = demo.number("select count(*) from problem where problem = 'erased between loads'")
    assert demo.number("select count(*) from load3.lead") == 8_000 - erased


def test_the_eight_channels_differ_in_quality_and_cost(demo: Written) -> None:
    quality = demo.frame(
        """select LeadSource, avg(coalesce(quality, 0)) as quality from truth
        inner join load3.lead on Id = lead_id where not is_batch group by 1 order by 1"""
    )
    assert list(quality["LeadSource"]) == CHANNELS
    by_channel = dict(zip(quality["LeadSource"], quality["quality"], strict=True))
    assert by_channel["Referral"] > 2 * by_channel["Content Syndication"]
    assert by_channel["Partner"] > by_channel["Paid Search"] > by_channel["Paid Social"]
    cost = demo.frame(
        "select channel, sum(amount::double) as amount from load3.spend where channel is not null group by 1"
    )
    assert sorted(cost["channel"]) == CHANNELS
    by_channel = dict(zip(cost["channel"], cost["amount"], strict=True))
    assert by_channel["Trade Show"] > 5 * by_channel["Referral"]


def test_each_channel_runs_two_to_four_campaigns_a_year_and_the_disputed_one(demo: Written) -> None:
    found = demo.rows(
        """select Channel__c,
            count(*) filter (where StartDate < '2025-11-17'),
            count(*) filter (where StartDate >= '2025-11-17')
        from load3.campaign where Type <> 'Programme' and Name not like '%summer series%'
        group by 1 order by 1"""
    )
    assert [row[0] for row in found] == CHANNELS
    assert all(2 <= int(str(n)) <= 4 for row in found for n in row[1:])


def test_august_and_the_days_after_christmas_are_low_and_trade_shows_come_in_spring_and_autumn(
    demo: Written,
) -> None:
    month = dict(demo.rows("select CreatedDate[6:7], count(*) from load3.lead group by 1"))
    assert int(str(month["08"])) < 0.7 * int(str(month["09"]))
    days = "select count(*) from load3.lead where CreatedDate[6:10] between '{}' and '{}'"
    assert demo.number(days.format("12-22", "12-31")) < 0.6 * demo.number(days.format("12-08", "12-17"))
    shows = dict(
        demo.rows(
            "select CreatedDate[6:7], count(*) from load3.lead where LeadSource = 'Trade Show' group by 1"
        )
    )
    busy = sum(int(str(shows.get(name, 0))) for name in ("03", "05", "09", "10"))
    assert busy > 0.8 * sum(int(str(n)) for n in shows.values())


def attained(demo: Written, where: str) -> float:
    """Return the share of hand-offs touched within 4 (since the change) or 8 hours on the wall clock."""
    return demo.number(
        f"""select avg((first_touch_at > 0
            and first_touch_at - assigned_at <= case when mql_at < {CHANGE} then 8 else 4 end * 3600)::int)
        from truth inner join load3.lead on Id = lead_id where number > 0 and {where}"""
    )


def test_weekend_and_night_arrivals_wait_longer_and_the_regions_differ(demo: Written) -> None:
    day = "(assigned_at // 86400 + 4) % 7"
    office = f"{day} between 1 and 5 and (assigned_at // 3600 % 24) between 8 and 11 and Region__c = 'EMEA'"
    weekend = f"{day} in (0, 6) and Region__c = 'EMEA'"
    assert attained(demo, office) > 0.55
    assert attained(demo, weekend) < 0.2


def test_the_bar_was_raised_and_hand_offs_fell_when_the_contract_changed(demo: Written) -> None:
    share = """select avg((number > 0)::int) from truth inner join load3.lead on Id = lead_id
        where number < 2 and CreatedDate {}"""
    before, after = demo.number(share.format("< '2025-11-01'")), demo.number(share.format(">= '2025-11-17'"))
    assert before - after > 0.03


def test_twenty_four_representatives_in_two_regions_some_of_whom_left_or_joined(demo: Written) -> None:
    reps = "select count(*) from load3.user where Title in ('SDR', 'Account Executive')"
    assert demo.number(reps) == 24
    assert demo.number(reps + " and IsActive = 'false'") == 4
    assert demo.number(reps + " and CreatedDate > '2025-01'") == 4
    assert demo.rows(
        """select Region__c, TimeZoneSidKey, count(*) from load3.user
        where Title in ('SDR', 'Account Executive') group by all order by 1"""
    ) == [("Americas", "America/New_York", 10), ("EMEA", "Europe/Berlin", 14)]
    assert demo.rows("select Department from load3.user group by 1 order by 1") == [
        ("Marketing",),
        ("Sales",),
        ("Sales Development",),
    ]


def test_first_owner_of_a_lead_is_the_queue_of_its_region(demo: Written) -> None:
    first = """select Region__c, arg_min(OldValue, h.CreatedDate) as old
        from load3.leadhistory as h inner join load3.lead as l on l.Id = h.LeadId
        where Field = 'Owner' and OldValue like '00%' and l.CreatedDate > '2025-06'
        group by h.LeadId, Region__c"""
    assert demo.rows(
        f"select Region__c, count(distinct old), min(old)[:3] from ({first}) group by 1 order by 1"
    ) == [
        ("Americas", 1, "00G"),
        ("EMEA", 1, "00G"),
    ]


def test_scores_are_changed_by_the_automation_and_statuses_by_people(demo: Written) -> None:
    who = """select Field, NewValue, UserType, count(*) as n
        from load3.leadhistory inner join load3.user as u on u.Id = CreatedById
        where Field in ('Lead_Score__c', 'Status') group by all"""
    assert demo.rows(f"select distinct UserType from ({who}) where Field = 'Lead_Score__c'") == [
        ("AutomatedProcess",)
    ]
    assert demo.rows(f"select distinct UserType from ({who}) where NewValue = 'Accepted'") == [("Standard",)]


def test_history_of_a_field_is_a_chain_that_ends_in_what_the_lead_says(demo: Written) -> None:
    chain = """select NewValue, lead(OldValue) over (partition by LeadId order by CreatedDate, Id) as next_old
        from load3.leadhistory where Field = 'Lead_Score__c'"""
    assert demo.rows(f"select * from ({chain}) where next_old <> NewValue") == []
    last = """select LeadId, arg_max(NewValue, (CreatedDate, Id)) as ending
        from load3.leadhistory where Field = 'Status' group by 1"""
    assert (
        demo.rows(f"select Id from load3.lead inner join ({last}) on LeadId = Id where ending <> Status")
        == []
    )


def test_a_month_is_spent_only_once_it_is_over_and_invoiced(demo: Written) -> None:
    assert demo.rows("select max(spent_on), max(ends_on) from load1.spend") == [("2026-08-01", "2026-08-31")]
    assert demo.rows("select max(spent_on), max(ends_on) from load2.spend") == [("2026-09-01", "2026-09-30")]
    assert demo.rows("select max(spent_on), max(ends_on) from load3.spend") == [("2026-10-01", "2026-10-31")]
