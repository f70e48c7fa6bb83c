"""Each trap of a real CRM is in the files, can be found there, and is listed in the truth."""

from __future__ import annotations

import json

import pytest
from demo_on_disk import Written

ENDED = "select LeadId, {0} from load3.leadhistory where Field = 'Status' and NewValue = '{1}'"
UNTOUCHED = """select Id from load3.lead anti join load3.task as t on t.WhoId = left(lead.Id, 15)
    and t.Status = 'Completed' and t.Subject not like '%[In]%' and t.CreatedById = t.OwnerId"""
FOUND = {
    "merged duplicate": "select Id from load3.lead where IsDeleted = 'true' and MasterRecordId is not null",
    "duplicate not merged": """select a.Id from load3.lead as a inner join load3.lead as b
        on lower(a.Email) = lower(b.Email) and a.Id <> b.Id and a.IsDeleted = 'false'
        where b.IsDeleted = 'false' and a.Email like '%@_%'""",
    "second lead of a recycled person": """select b.Id from load3.lead as a inner join load3.lead as b
        on lower(a.Email) = lower(b.Email) and a.CreatedDate < b.CreatedDate and a.Status = 'Nurture'
        where a.Email like '%@_%' and b.Status <> 'New'""",
    "same name, another person": """select FirstName from load3.lead where IsDeleted = 'false'
        group by FirstName, LastName having count(distinct lower(Email)) > 1""",
    "lead and contact of one person, not linked": """select l.Id
        from load3.lead as l inner join load3.contact as c
        on lower(l.Email) = lower(c.Email) where l.IsConverted = 'false' and c.LeadSource is null""",
    "converted before created": "select Id from load3.lead where ConvertedDate < CreatedDate[:10]",
    "came in late, back-dated": """select Id from load3.lead anti join load1.lead using (Id)
        where CreatedDate < '2026-10-04T22'""",
    "erased between loads": "select Id from load1.lead anti join load3.lead using (Id)",
    "address missing or invalid": "select Id from load3.lead where Email is null or Email not like '%_@_%.%'",
    "industry null": "select Id from load3.lead where Industry is null",
    "industry unknown": "select Id from load3.lead where Industry = 'unknown'",
    "handed over, definition not met": """select Id from load3.lead where Status = 'Accepted'
        and NumberOfEmployees::bigint not between 50 and 5000""",
    "never touched": f"""select Id from ({UNTOUCHED})
        semi join (select Id from load3.lead where Status = 'MQL') as m using (Id)""",
    "rejected untouched": f"""select LeadId from ({ENDED.format("CreatedById", "Disqualified")}) as e
        semi join ({ENDED.format("NewValue", "MQL")}) as m using (LeadId)
        semi join ({UNTOUCHED}) as u on u.Id = LeadId""",
    "accepted without a touch": f"""select LeadId from ({ENDED.format("NewValue", "Accepted")})
        semi join ({UNTOUCHED}) as u on u.Id = LeadId
        semi join load3.lead as l on l.Id = LeadId and l.IsConverted = 'false'""",
    "reason missing": """select Id from load3.lead
        where Status in ('Disqualified', 'Nurture') and Disqualify_Reason__c is null""",
    "bad contact data, yet a reply": """select Id from load3.lead semi join load3.task as t
        on t.WhoId = left(lead.Id, 15) and t.Subject like '%[In]%'
        where Status = 'Disqualified' and Disqualify_Reason__c = 'Bad contact data'""",
    "no budget, closed as rejected": """select Id from load3.lead where Status = 'Disqualified'
        and Disqualify_Reason__c = 'No budget'""",
    "skipped Accepted": """select Id from load3.leadhistory
        where OldValue in ('MQL', 'Working') and NewValue = 'Qualified'""",
    "skipped Qualified": """select Id from load3.leadhistory
        where OldValue = 'Accepted' and NewValue = 'Converted'""",
    "came back by status": "select Id from load3.leadhistory where OldValue = 'Nurture' and NewValue = 'MQL'",
    "went backwards": "select Id from load3.leadhistory where OldValue = 'Accepted' and NewValue = 'Working'",
    "closed by mass edit": """select CreatedById from load3.leadhistory where Field = 'Status'
        group by CreatedById, CreatedDate[:16] having count(*) > 100""",
    "created as won": """select Id from load3.opportunity where IsWon = 'true' and Id[:15] in (
        select OpportunityId from load3.opportunityhistory
        group by 1 having arg_min(StageName, CreatedDate) = 'Closed Won')""",
    "won before created": """select Id from load3.opportunity
        where IsWon = 'true' and CloseDate < CreatedDate[:10]""",
    "no lead": """select Id from load3.opportunity
        anti join load3.lead as l on l.ConvertedOpportunityId = opportunity.Id""",
    "several leads, one opportunity": """select ConvertedOpportunityId from load3.lead
        where IsConverted = 'true' group by 1 having count(*) > 1""",
    "completed before assigned": """select t.Id from load3.task as t inner join load3.leadhistory as h
        on left(h.LeadId, 15) = t.WhoId and h.Field = 'Owner' and h.NewValue like '005%'
        and h.CreatedById in (select Id from load3.user where UserType = 'AutomatedProcess')
        where t.Subject = 'Call: introduction' and t.CompletedDateTime < h.CreatedDate""",
    "automated mail": """select t.Id from load3.task as t semi join load3.user as u
        on left(u.Id, 15) = t.CreatedById and u.UserType = 'AutomatedProcess' where t.Status = 'Completed'""",
    "due, never done": """select Id from load3.task
        where Status = 'Not Started' and ActivityDate < '2026-11-16'""",
    "logged late": """select Id from load3.task
        where epoch(CreatedDate[:19]::timestamp) - epoch(CompletedDateTime[:19]::timestamp) > 86400""",
    "second response": "select Id from load3.campaignmember where Status = 'Attended'",
    "hit a person in open negotiation": """select m.Id
        from load3.campaignmember as m inner join load3.opportunity as o
        on o.ContactId[:15] = m.ContactId and m.CreatedDate between o.CreatedDate and o.CloseDate || 'Z'
        where m.LeadId is null""",
    "came in late": """select Id from load3.campaignmember anti join load1.campaignmember using (Id)
        where CreatedDate < '2026-10-04T22'""",
}


@pytest.mark.parametrize("problem", sorted(FOUND))
def test_each_trap_is_in_the_files(demo: Written, problem: str) -> None:
    assert demo.rows(FOUND[problem]) != []


@pytest.mark.parametrize("problem", sorted(FOUND))
def test_each_trap_is_listed_in_the_truth_with_ids_of_real_records(demo: Written, problem: str) -> None:
    kind = str(demo.rows(f"select distinct object from problem where problem = '{problem}'")[0][0]).lower()
    known = f"select left(Id, 15) as id from load1.{kind} union select left(Id, 15) from load3.{kind}"
    n, n_known = demo.rows(
        f"""select count(*), count(k.id) from problem as p left join ({known}) as k on left(p.id, 15) = k.id
        where problem = '{problem}'"""
    )[0]
    assert int(str(n)) > 0
    assert int(str(n_known)) > 0.9 * int(str(n))


def test_the_truth_lists_no_other_problem_and_counts_them(demo: Written) -> None:
    said = json.loads((demo.report.truth / "truth.json").read_text())
    assert sorted(said["problems"]) == sorted(FOUND)
    assert said["problems"] == dict(demo.rows("select problem, count(*) from problem group by 1"))


@pytest.mark.parametrize(
    "problem",
    [
        "converted before created",
        "no budget, closed as rejected",
        "won before created",
        "created as won",
        "second response",
    ],
)
def test_what_is_found_in_the_files_is_what_was_planted(demo: Written, problem: str) -> None:
    planted = {str(row[0])[:15] for row in demo.rows(f"select id from problem where problem = '{problem}'")}
    found = {str(row[0])[:15] for row in demo.rows(FOUND[problem])}
    assert found <= planted
    assert len(found) > 0.7 * len(planted)


def test_a_mass_edit_is_over_a_hundred_changes_by_one_user_within_a_minute(demo: Written) -> None:
    found = demo.rows(
        """select u.Title, h.CreatedDate[:16], h.NewValue
        from load3.leadhistory as h inner join load3.user as u on u.Id = h.CreatedById
        where Field = 'Status' group by all having count(*) > 100 order by 2"""
    )
    assert ("Marketing Operations", "2026-02-27T15:02", "Disqualified") in found
    assert {row[0] for row in found} == {"Marketing Operations"}


def test_an_owner_change_has_a_row_with_names_and_a_row_with_ids_in_the_same_second(demo: Written) -> None:
    found = demo.rows(
        """select count(*) filter (where NewValue like '005%' or NewValue like '00G%'), count(*)
        from load3.leadhistory where Field = 'Owner' group by LeadId, CreatedDate"""
    )
    assert {(row[0], row[1]) for row in found} == {(1, 2)}


def test_activities_of_a_converted_lead_are_those_of_its_contact(demo: Written) -> None:
    converted = "select Id, ConvertedContactId from load3.lead where IsConverted = 'true'"
    assert demo.rows(f"select 1 from load3.task semi join ({converted}) as l on WhoId = left(l.Id, 15)") == []
    assert (
        demo.rows(
            f"select 1 from load3.task semi join ({converted}) as l on WhoId = left(l.ConvertedContactId, 15)"
        )
        != []
    )
    assert demo.rows(
        """select 1 from load1.task as a inner join load3.task as b using (Id)
        where a.WhoId like '00Q%' and b.WhoId like '003%' limit 1"""
    ) == [(1,)]


def test_a_reason_and_a_status_may_change_in_one_second(demo: Written) -> None:
    assert demo.rows(
        """select distinct true
        from load3.leadhistory as a inner join load3.leadhistory as b using (LeadId, CreatedDate)
        where a.Field = 'Status' and b.Field = 'Disqualify_Reason__c'"""
    ) == [(True,)]


def test_opportunity_history_has_rows_that_change_no_stage(demo: Written) -> None:
    steps = """select StageName,
            lag(StageName) over (partition by OpportunityId order by CreatedDate, Id) as before
        from load3.opportunityhistory"""
    assert demo.number(f"select avg((StageName = before)::int) from ({steps})") > 0.05


def test_leads_of_people_who_left_are_given_on_or_stay_behind(demo: Written) -> None:
    left = "select Id from load3.user where IsActive = 'false' and Title = 'SDR'"
    assert (
        demo.number(
            f"select count(*) from load3.leadhistory where OldValue in ({left}) and CreatedById <> OldValue"
        )
        > 0
    )
    assert (
        demo.number(
            f"select count(*) from load3.lead where OwnerId in ({left}) and Status in ('MQL', 'Working')"
        )
        > 0
    )


def test_the_truth_knows_when_a_backdated_call_really_was(demo: Written) -> None:
    late = demo.rows(
        """select count(*),
            count(*) filter (where t.first_touch_at > epoch(k.CompletedDateTime[:19]::timestamp))
        from problem as p inner join load3.task as k on k.Id = p.id[:15]
        inner join load3.lead as l on left(l.Id, 15) = k.WhoId
        inner join truth as t on t.lead_id = l.Id and t.number = 1
        where p.problem = 'completed before assigned'"""
    )[0]
    assert int(str(late[0])) > 0
    assert late[0] == late[1]


def test_nothing_in_the_exports_tells_the_truth(demo: Written) -> None:
    names = {
        str(row[0]).lower()
        for row in demo.rows(
            "select distinct column_name from information_schema.columns where table_schema like 'load%'"
        )
    }
    assert names & {"intent", "quality", "worked", "expected", "is_batch", "problem", "true_reason"} == set()
