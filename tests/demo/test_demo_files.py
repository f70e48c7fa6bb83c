"""What the demo writes: bytes, formats, ids, and how its loads differ."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from demo_on_disk import LOADS, Written

from funnel.demo import DemoReport, write_demo
from funnel.errors import UsageError

FILES = [
    "Account",
    "Campaign",
    "CampaignMember",
    "Contact",
    "Event",
    "Lead",
    "LeadHistory",
    "Opportunity",
    "OpportunityContactRole",
    "OpportunityHistory",
    "Task",
    "User",
    "spend",
]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def checksum(short: str) -> str:
    """Apply the published rule: per five characters a letter, whose bits are the upper-case places."""
    parts = (short[0:5], short[5:10], short[10:15])
    return "".join(
        LETTERS[sum(1 << n for n, letter in enumerate(part) if letter.isupper())] for part in parts
    )


def test_the_same_arguments_give_the_same_bytes(tiny: DemoReport, small: Callable[..., DemoReport]) -> None:
    one, two = tiny, small("two")
    assert hashes(one.folder) == hashes(two.folder)
    assert hashes(one.truth) == hashes(two.truth)


def test_another_seed_gives_another_company(tiny: DemoReport, small: Callable[..., DemoReport]) -> None:
    one, two = hashes(tiny.folder), hashes(small("two", seed=8).folder)
    assert one["loads.json"] == two["loads.json"]
    assert one["2026-11-16/Lead.csv"] != two["2026-11-16/Lead.csv"]


def test_a_run_over_an_earlier_demo_replaces_all_of_it(
    tiny: DemoReport, small: Callable[..., DemoReport]
) -> None:
    first = small("one", n_leads=400)
    (first.folder / "2026-11-16" / "stray.csv").write_text("x")
    again = small("one")
    assert hashes(again.folder) == hashes(tiny.folder)
    assert sorted(path.name for path in again.folder.parent.iterdir()) == ["demo", "truth"]


def test_the_report_says_what_was_written(tiny: DemoReport) -> None:
    report = tiny
    assert (report.n_leads, report.seed, report.cause) == (300, 7, "follow-up")
    assert report.as_of == datetime(2026, 11, 15, 23, tzinfo=UTC)
    assert [path.name for path in report.loads] == list(LOADS)
    assert set(report.n_rows) == set(LOADS)
    for day in LOADS:
        assert sorted(report.n_rows[day], key=str) == FILES
        assert sorted(path.stem for path in (report.folder / day).iterdir()) == FILES
        with (report.folder / day / "Lead.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.reader(file))) - 1 == report.n_rows[day]["Lead"]


def test_loads_json_lists_the_loads_at_midnight_in_berlin_before_and_after_the_clocks_change(
    tiny: DemoReport,
) -> None:
    assert json.loads((tiny.folder / "loads.json").read_text()) == {
        "as_of": "2026-11-15T23:00:00Z",
        "source": "salesforce",
        "loads": [
            {"folder": "2026-10-05", "observed_at": "2026-10-04T22:00:00Z"},
            {"folder": "2026-11-02", "observed_at": "2026-11-01T23:00:00Z"},
            {"folder": "2026-11-16", "observed_at": "2026-11-15T23:00:00Z"},
        ],
    }


@pytest.mark.parametrize("name", FILES)
def test_files_are_quoted_utf_8_with_crlf_and_native_headers(demo: Written, name: str) -> None:
    data = (demo.report.folder / LOADS[2] / f"{name}.csv").read_bytes()
    text = data.decode("utf-8")
    assert data.count(b"\n") == data.count(b"\r\n") + len(re.findall(rb"[^\r]\n", data))
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(line.startswith('"') and line.endswith('"') for line in lines[:-1] if "\n" not in line)
    words = next(csv.reader([lines[0]]))
    pattern = r"[a-z_]+" if name == "spend" else r"[A-Z][A-Za-z]+(_[A-Z][a-z]+)*(__c)?"
    assert all(re.fullmatch(pattern, word) for word in words)


def test_a_quoted_field_may_hold_quotes_and_a_line_break(demo: Written) -> None:
    found = demo.rows("select distinct Description from load3.lead where Description is not null")
    assert found == [('Met at the stand, spoke with "the boss".\nAsked for prices; call after lunch.',)]


def test_instants_and_days_are_written_as_data_loader_does(demo: Written) -> None:
    instant, day = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", r"\d{4}-\d\d-\d\d"
    for table, column, form in [
        ("lead", "CreatedDate", instant),
        ("lead", "ConvertedDate", day),
        ("task", "CompletedDateTime", instant),
        ("task", "ActivityDate", day),
        ("campaignmember", "FirstRespondedDate", day),
        ("event", "StartDateTime", instant),
        ("opportunity", "CloseDate", day),
        ("spend", "spent_on", day),
    ]:
        wrong = f"count(*) filter (where not regexp_full_match({column}, '{form}'))"
        n, n_wrong = demo.rows(f"select count({column}), {wrong} from load3.{table}")[0]
        assert int(str(n)) > 0
        assert n_wrong == 0, (table, column)


def test_ids_are_15_characters_in_some_files_and_18_with_a_true_checksum_in_others(demo: Written) -> None:
    short, long = (
        ("task", "campaignmember", "opportunityhistory"),
        ("lead", "leadhistory", "contact", "opportunity", "user"),
    )
    for table in short:
        assert demo.rows(f"select distinct length(Id) from load3.{table}") == [(15,)]
    for table in long:
        assert demo.rows(f"select distinct length(Id) from load3.{table}") == [(18,)]
        for (word,) in demo.rows(f"select Id from load3.{table} limit 300"):
            assert str(word)[15:] == checksum(str(word)[:15])


def test_the_reference_for_the_checksum_is_right() -> None:
    assert checksum("001A0000006Vm9r") == "IAC"  # the example of Salesforce's own article


def test_ids_of_one_file_differ_in_case_only(demo: Written) -> None:
    assert demo.number("select count(distinct Id) - count(distinct lower(left(Id, 15))) from load3.lead") > 0


@pytest.mark.parametrize("load", [1, 2, 3])
@pytest.mark.parametrize("table", [name.lower() for name in FILES])
def test_every_row_has_a_key_of_its_own(demo: Written, load: int, table: str) -> None:
    key = "spend_id" if table == "spend" else "Id"
    assert demo.rows(f"select {key} from load{load}.{table} group by all having count(*) > 1") == []


REFERENCES = [
    ("lead", "MasterRecordId", "lead"),
    ("lead", "ConvertedContactId", "contact"),
    ("lead", "ConvertedAccountId", "account"),
    ("lead", "ConvertedOpportunityId", "opportunity"),
    ("lead", "Campaign__c", "campaign"),
    ("leadhistory", "LeadId", "lead"),
    ("leadhistory", "CreatedById", "user"),
    ("campaignmember", "LeadId", "lead"),
    ("campaignmember", "ContactId", "contact"),
    ("campaignmember", "CampaignId", "campaign"),
    ("task", "AccountId", "account"),
    ("task", "WhatId", "opportunity"),
    ("task", "OwnerId", "user"),
    ("task", "CreatedById", "user"),
    ("event", "OwnerId", "user"),
    ("event", "WhatId", "opportunity"),
    ("contact", "AccountId", "account"),
    ("opportunity", "AccountId", "account"),
    ("opportunity", "ContactId", "contact"),
    ("opportunity", "CampaignId", "campaign"),
    ("opportunity", "OwnerId", "user"),
    ("opportunityhistory", "OpportunityId", "opportunity"),
    ("opportunitycontactrole", "OpportunityId", "opportunity"),
    ("opportunitycontactrole", "ContactId", "contact"),
    ("account", "ParentId", "account"),
    ("campaign", "ParentId", "campaign"),
    ("user", "ManagerId", "user"),
    ("spend", "campaign_id", "campaign"),
]


@pytest.mark.parametrize("load", [1, 2, 3])
@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_what_is_referred_to_exists(demo: Written, load: int, table: str, column: str, target: str) -> None:
    found = demo.rows(
        f"""select a.{column} from load{load}.{table} as a
        anti join load{load}.{target} as b on left(a.{column}, 15) = left(b.Id, 15)
        where a.{column} is not null limit 3"""
    )
    assert found == []
    assert demo.number(f"select count({column}) from load{load}.{table}") > 0


@pytest.mark.parametrize("table", ["task", "event"])
def test_who_an_activity_was_with_is_a_lead_or_a_contact(demo: Written, table: str) -> None:
    people = "select left(Id, 15) as id from load3.lead union all select left(Id, 15) from load3.contact"
    known = f"select WhoId from load3.{table} semi join ({people}) as p on left(WhoId, 15) = p.id"
    n_known = demo.number(f"select count(*) from ({known})")
    assert n_known == demo.number(f"select count(WhoId) from load3.{table}") > 0
    assert demo.rows(
        f"select distinct left(WhoId, 3) from load3.{table} where WhoId is not null order by 1"
    ) == [
        ("003",),
        ("00Q",),
    ]


def test_owners_of_leads_are_users_or_one_of_two_queues(demo: Written) -> None:
    owners = "select distinct left(OwnerId, 15) as id from load3.lead"
    found = demo.rows(
        f"select id from ({owners}) as o anti join load3.user as u on left(u.Id, 15) = o.id order by 1"
    )
    assert [str(row[0])[:3] for row in found] == ["00G", "00G"]


def test_unreadable_rows_are_a_few_in_each_load_and_well_below_one_per_cent(demo: Written) -> None:
    for day in LOADS:
        for name, is_broken in (
            ("Lead", lambda row, names: row[names.index("CreatedDate")] == "2026-02-30T25:61:00.000Z"),
            ("LeadHistory", lambda row, names: row[names.index("CreatedDate")] == "2026-02-30T25:61:00.000Z"),
            ("Task", lambda row, names: len(row) < len(names)),
            ("CampaignMember", lambda row, names: len(row) < len(names)),
        ):
            with (demo.report.folder / day / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                names, *rows = csv.reader(file)
            n_broken = sum(is_broken(row, names) for row in rows)
            assert 1 <= n_broken < len(rows) / 500, (day, name)


def test_no_row_is_newer_than_its_load(demo: Written) -> None:
    ends = ["2026-10-04T22", "2026-11-01T23", "2026-11-15T23"]
    for load, end in enumerate(ends, start=1):
        for table in (
            "lead",
            "leadhistory",
            "task",
            "event",
            "campaignmember",
            "opportunity",
            "opportunityhistory",
            "contact",
        ):
            assert (
                demo.rows(f"select CreatedDate from load{load}.{table} where CreatedDate >= '{end}' limit 1")
                == []
            ), table
        assert demo.rows(f"select Id from load{load}.task where CompletedDateTime >= '{end}' limit 1") == []


def changed(demo: Written, table: str, old: int, new: int) -> int:
    kept = f"select * from load{new}.{table} semi join load{old}.{table} using (Id)"
    return int(demo.number(f"select count(*) from ({kept} except select * from load{old}.{table})"))


def gone(demo: Written, table: str, old: int, new: int) -> int:
    return int(demo.number(f"select count(*) from load{old}.{table} anti join load{new}.{table} using (Id)"))


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3)])
def test_later_loads_add_change_and_lose_rows(demo: Written, old: int, new: int) -> None:
    for table in ("lead", "task", "campaignmember", "opportunity", "leadhistory", "spend"):
        assert demo.number(f"select count(*) from load{new}.{table}") > 0
    for table in ("lead", "task", "campaignmember", "opportunity"):
        assert gone(demo, table, new, old) > 0, table
        assert changed(demo, table, old, new) > 0, table
    assert gone(demo, "lead", old, new) > 0
    assert gone(demo, "leadhistory", old, new) > 0
    assert gone(demo, "opportunity", old, new) == 0


def test_field_history_is_kept_for_eighteen_months_to_the_day(demo: Written) -> None:
    for load, since in ((1, "2025-04-04T22"), (2, "2025-05-01T22"), (3, "2025-05-15T22")):
        first = str(demo.rows(f"select min(CreatedDate) from load{load}.leadhistory")[0][0])
        assert since <= first < since[:8] + "31"


def test_a_second_response_overwrites_the_first(demo: Written) -> None:
    before, after = demo.rows(
        """select count(*) filter (where b.FirstRespondedDate < a.FirstRespondedDate),
            count(*) filter (where b.FirstRespondedDate > a.FirstRespondedDate)
        from load1.campaignmember as a inner join load3.campaignmember as b using (Id)"""
    )[0]
    assert before == 0
    assert int(str(after)) > 10


def test_a_lead_merged_between_loads_is_marked_and_its_history_and_tasks_leave_it(demo: Written) -> None:
    merged = """select b.Id, b.MasterRecordId from load1.lead as a inner join load3.lead as b using (Id)
        where a.IsDeleted = 'false' and b.IsDeleted = 'true'"""
    found = demo.rows(merged)
    assert found
    assert all(winner is not None for _, winner in found)
    assert demo.rows(f"select 1 from load3.leadhistory semi join ({merged}) as m on LeadId = m.Id") == []
    assert demo.rows(f"select 1 from load3.task semi join ({merged}) as m on WhoId = left(m.Id, 15)") == []


def test_back_dated_rows_come_in_late(demo: Written) -> None:
    late = (
        "select count(*) from load2.{0} as b anti join load1.{0} as a using (Id) where {1} < '2026-10-04T22'"
    )
    assert demo.number(late.format("lead", "CreatedDate")) > 0
    assert demo.number(late.format("task", "CompletedDateTime")) > 0
    assert demo.number(late.format("campaignmember", "CreatedDate")) > 0


def test_mails_and_domains_cannot_belong_to_anybody(demo: Written) -> None:
    query = "select count(*) from load3.lead where Email like '%@_%' and not lower(Email) like '%.example'"
    assert demo.number(query) == 0
    assert demo.number("select count(*) from load3.lead where Phone not like '+999%'") == 0


def test_one_address_is_one_person(demo: Written) -> None:
    persons = """select lower(Email) from load3.lead inner join truth as t on t.lead_id = Id
        where Email like '%@_%' group by 1 having count(distinct t.person) > 1"""
    assert demo.rows(persons) == []


def test_names_are_of_many_scripts(demo: Written) -> None:
    names = {str(row[0]) for row in demo.rows("select distinct LastName from load3.lead")}
    assert {"Müller", "Wiśniewska", "山田", "Παπαδόπουλος", "الأحمد", "O'Brien"} <= names


def test_three_hundred_leads_hold_all_files_with_rows(tiny: DemoReport) -> None:
    assert all(n > 0 for day in LOADS for n in tiny.n_rows[day].values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"cause": "folow-up"}, r"cause 'folow-up'\. Did you mean 'follow-up'\? The causes: definition, mix"),
        ({"cause": "mix+none of it"}, "cause 'none of it'"),
        ({"n_leads": 99}, "A demo of 99 leads is too small"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    small: Callable[..., DemoReport], arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        small(**arguments)


def test_the_truth_may_not_lie_among_the_exports(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must lie apart"):
        write_demo(tmp_path / "demo", tmp_path / "demo" / "truth", n_leads=300)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="holds something that is not a demo"):
        write_demo(tmp_path / "demo", tmp_path / "truth", n_leads=300)
    assert (tmp_path / "demo" / "mine.txt").read_text() == "keep"


def test_a_file_where_the_folder_should_be_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("keep")
    with pytest.raises(UsageError, match="holds something that is not a demo"):
        write_demo(tmp_path / "demo", tmp_path / "truth", n_leads=300)
    assert (tmp_path / "demo").read_text() == "keep"
