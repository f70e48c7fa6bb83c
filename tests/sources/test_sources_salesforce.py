"""Salesforce's objects: its ids, its days, its histories, and what is no touch."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from exports import read, stage, staging, states, write

from funnel.contract import load_contract
from funnel.landing import land
from funnel.project import Project
from funnel.sources import SCHEMA, read_source, scaffold
from funnel.sources.find import SHIPPED
from funnel.warehouse.lint import lint
from funnel.warehouse.model import read_model

FOLDER = SHIPPED / "salesforce"
LEAD, OTHER, UPPER = "00Q5J000001Laaa", "00Q5J000001Lbbb", "00Q5J000001LAAA"
CONTACT, ACCOUNT, DEAL = "0035J000001Caaa", "0015J000001Aaaa", "0065J000001Oaaa"
ANN, BEN, ROBOT, QUEUE = "0055J000001Uann", "0055J000001Uben", "0055J000001Urob", "00G5J000001Qemea"[:15]
NEW = {"Id": LEAD, "Status": "New", "CreatedDate": "2026-03-02T09:00:00.000Z"}
FULL = {
    **NEW,
    "Id": LEAD + "QAC",
    "FirstName": "Zoë",
    "LastName": "Bauer",
    "Email": "zoe@acme.example",
    "MobilePhone": "+999 1",
    "Title": "COO",
    "Company": "Acme",
    "Country": "Germany",
    "Industry": "software",
    "NumberOfEmployees": "250.0",
    "LeadSource": "Webinar",
    "OwnerId": ANN + "QAC",
    "Lead_Score__c": "71",
    "Persona__c": "Executive",
    "Region__c": "EMEA",
    "Lead_Type__c": "trial",
    "Content__c": "Buyer Guide",
    "Campaign__c": "7015J000001KaaaQAC",
    "IsDeleted": "false",
}


def history(number: int, field: str, old: str, new: str, at: str, **more: str) -> dict[str, str]:
    row = {"Id": f"0175J000001H{number:03d}", "LeadId": LEAD + "QAC", "Field": field, "OldValue": old}
    return {**row, "NewValue": new, "CreatedDate": at, "CreatedById": BEN + "QAC", **more}


def task(number: int, **given: str) -> dict[str, str]:
    row = {"Id": f"00T5J000001T{number:03d}", "WhoId": LEAD, "OwnerId": ANN, "CreatedById": ANN}
    done = {
        "Status": "Completed",
        "CompletedDateTime": "2026-03-02T10:00:00Z",
        "CreatedDate": "2026-03-02T10:05:00Z",
    }
    return {**row, **done, "SystemModstamp": "2026-05-01T00:00:00Z", **given}


# what every mapping must be


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.name)
def test_each_mapping_is_portable_and_is_keyed_as_its_staging_table(file):
    model = read_model(file)
    assert lint(model) == []
    assert model.key == SCHEMA[file.name.split(".")[0]].key


def test_salesforce_fills_all_staging_tables_but_the_stage_events_which_come_from_status_and_opportunities():
    assert set(SCHEMA) - set(read_source(FOLDER).fills) == {"stage_event"}


def test_the_contract_to_start_from_is_valid_and_knows_the_statuses_of_an_org_as_it_comes():
    contract = load_contract(FOLDER / "contract.yaml")
    assert [stage.name for stage in contract.stages] == ["inquiry", "mql", "sal", "sql", "opportunity", "won"]
    text = (FOLDER / "contract.yaml").read_text(encoding="utf-8")
    for status in ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"):
        assert status in text


# leads and contacts


def snake_names(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Write the names as Fivetran does: LeadSource -> lead_source, Region__c -> region_c."""
    spelled = {
        name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_") for name in rows[0]
    }
    names = {
        name: new.replace("___c", "_c").replace("__", "_").replace("_c_", "_c")
        for name, new in spelled.items()
    }
    return [{names[name]: value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("file", "rows"),
    [("Lead.csv", [FULL]), ("sf_lead_data.csv", snake_names([FULL])), ("leads.csv", snake_names([FULL]))],
    ids=["native", "Fivetran's seed", "snake case"],
)
def test_a_lead_comes_out_the_same_from_native_and_from_snake_case_names(tmp_path, file, rows):
    con = stage(tmp_path, "salesforce", {file: rows})
    person = con.execute("select * from staging.person").df().iloc[0].dropna().to_dict()
    assert {name: str(value) for name, value in person.items()} == {
        "source": "salesforce",
        "record_id": LEAD,
        "kind": "lead",
        "created_at": "2026-03-02 09:00:00",
        "created_precision": "second",
        "name": "Zoë Bauer",
        "email": "zoe@acme.example",
        "phone": "+999 1",
        "title": "COO",
        "company": "Acme",
        "country": "Germany",
        "region": "EMEA",
        "industry": "software",
        "employees": "250",
        "persona": "Executive",
        "lead_type": "trial",
        "channel": "Webinar",
        "campaign_id": "7015J000001Kaaa",
        "content": "Buyer Guide",
        "score": "71.0",
        "status": "New",
        "owner_id": ANN,
        "converted_precision": "unknown",
        "is_deleted": "False",
        "seen_at": "2026-06-01 00:00:00",
    }


def test_a_lead_of_which_an_org_keeps_only_the_least_has_null_for_the_rest(tmp_path):
    con = stage(tmp_path, "salesforce", {"Lead.csv": [NEW]})
    columns = ("record_id", "email", "score", "region", "owner_id", "merged_into_id", "is_deleted")
    assert read(con, "person", *columns) == [(LEAD, None, None, None, None, None, False)]
    assert {name for name, state in states(con).items() if state != "not landed"} == {"person", "stage_event"}
    assert (states(con)["person"], states(con)["stage_event"]) == ("filled", "not in this source")


def test_ids_are_cut_to_fifteen_and_case_tells_two_of_them_apart(tmp_path):
    leads = [{**NEW, "Id": LEAD + "QAC"}, {**NEW, "Id": UPPER + "UAS"}, {**NEW, "Id": OTHER}]
    con = stage(tmp_path, "salesforce", {"Lead.csv": leads})
    assert read(con, "person", "record_id") == [(UPPER,), (LEAD,), (OTHER,)]


def test_a_merged_lead_points_to_the_winner_and_a_converted_one_to_contact_account_and_opportunity(tmp_path):
    leads = [
        {**NEW, "IsDeleted": "true", "MasterRecordId": OTHER + "QAC"},
        {
            **NEW,
            "Id": OTHER,
            "ConvertedDate": "2026-03-05",
            "ConvertedContactId": CONTACT + "QAC",
            "ConvertedAccountId": ACCOUNT + "QAC",
            "ConvertedOpportunityId": DEAL + "QAC",
        },
    ]
    con = stage(tmp_path, "salesforce", {"Lead.csv": leads})
    columns = (
        "record_id",
        "kind",
        "is_deleted",
        "merged_into_id",
        "contact_id",
        "account_id",
        "opportunity_id",
    )
    assert read(con, "person", *columns, "converted_at", "converted_precision") == [
        (CONTACT, "contact", False, None, None, None, None, None, None),
        (LEAD, "lead", True, OTHER, None, None, None, None, "unknown"),
        # a day in Berlin, which the contract names: it begins an hour earlier in UTC
        (OTHER, "lead", False, None, CONTACT, ACCOUNT, DEAL, "2026-03-04 23:00:00", "day"),
    ]


def test_a_contact_that_was_exported_is_there_once_and_takes_nothing_from_its_account(tmp_path):
    lead = {**NEW, "ConvertedContactId": CONTACT + "QAC", "ConvertedDate": "2026-03-05"}
    contact = {
        "Id": CONTACT + "QAC",
        "AccountId": ACCOUNT,
        "FirstName": "Zoë",
        "LastName": "Bauer",
        "MailingCountry": "Germany",
        "LeadSource": "Referral",
        "OwnerId": BEN,
        "CreatedDate": "2026-03-05T10:00:00Z",
    }
    account = {"Id": ACCOUNT, "Name": "Acme", "Industry": "software", "NumberOfEmployees": "250"}
    con = stage(
        tmp_path, "salesforce", {"Lead.csv": [lead], "Contact.csv": [contact], "Account.csv": [account]}
    )
    columns = (
        "record_id",
        "kind",
        "name",
        "country",
        "channel",
        "industry",
        "employees",
        "account_id",
        "owner_id",
    )
    assert read(con, "person", *columns) == [
        (CONTACT, "contact", "Zoë Bauer", "Germany", "Referral", None, None, ACCOUNT, BEN),
        (LEAD, "lead", None, None, None, None, None, None, None),
    ]


def test_a_lead_without_a_campaign_field_takes_the_first_campaign_that_it_was_a_member_of(tmp_path):
    members = [
        {
            "Id": "2",
            "LeadId": LEAD,
            "CampaignId": "early",
            "CreatedDate": "2026-03-02T09:00:00Z",
            "IsDeleted": "false",
        },
        {
            "Id": "1",
            "LeadId": LEAD,
            "CampaignId": "late",
            "CreatedDate": "2026-03-03T09:00:00Z",
            "IsDeleted": "false",
        },
        {
            "Id": "3",
            "LeadId": LEAD,
            "CampaignId": "gone",
            "CreatedDate": "2026-03-01T09:00:00Z",
            "IsDeleted": "true",
        },
    ]
    leads = [NEW, {**NEW, "Id": OTHER, "Campaign__c": "own"}]
    con = stage(tmp_path, "salesforce", {"Lead.csv": leads, "CampaignMember.csv": members})
    assert read(con, "person", "record_id", "campaign_id") == [(LEAD, "early"), (OTHER, "own")]


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("www.acme.example", "acme.example"),
        ("https://WWW.Acme.example/en?x=1", "acme.example"),
        ("http://shop.acme.example:8080", "shop.acme.example"),
        ("acme.example", "acme.example"),
        ("", None),
    ],
)
def test_the_domain_of_an_account_is_that_of_its_website(tmp_path, website, domain):
    con = stage(
        tmp_path, "salesforce", {"Account.csv": [{"Id": ACCOUNT, "Name": "Acme", "Website": website}]}
    )
    assert read(con, "account", "account_id", "domain") == [(ACCOUNT, domain)]


# history


def test_lead_history_gives_one_event_per_tracked_field_and_the_owner_by_id(tmp_path):
    at = "2026-03-02T09:30:00.000+0000"
    rows = [
        history(1, "created", "", "", at),
        history(2, "Owner", "EMEA queue", "Ann Lee", at),
        history(3, "Owner", QUEUE + "QAC", ANN + "QAC", at),
        history(4, "Status", "New", "MQL", at),
        history(5, "Lead_Score__c", "40", "71", at),
        history(6, "NumberOfEmployees", "", "250", at),
        history(7, "LeadSource", "Web", "Webinar", at),
        history(8, "leadConverted", "", "", at),
        history(9, "leadMerged", "", "", at),
        history(10, "Rating", "Cold", "Hot", at),
        history(11, "Email", "a@x.example", "b@x.example", at, IsDeleted="true"),
        history(12, "Title", "Operations Manager", "Purchasing Manager", at),
        history(13, "Status", "New", "MQL", at, LeadId=OTHER),
    ]
    con = stage(tmp_path, "salesforce", {"Lead.csv": [NEW], "LeadHistory.csv": rows})
    columns = (
        "event_id",
        "field",
        "old_value",
        "new_value",
        "changed_at",
        "changed_precision",
        "user_id",
        "evidence",
    )
    told = ("2026-03-02 09:30:00", "second", BEN, "history")
    assert read(con, "attribute_event", *columns) == [
        ("0175J000001H003", "owner", QUEUE, ANN, *told),
        ("0175J000001H004", "status", "New", "MQL", *told),
        ("0175J000001H005", "score", "40", "71", *told),
        ("0175J000001H006", "employees", None, "250", *told),
        ("0175J000001H007", "channel", "Web", "Webinar", *told),
        # eighteen letters, and no id
        ("0175J000001H012", "title", "Operations Manager", "Purchasing Manager", *told),
    ]
    assert read(con, "attribute_event", "record_id") == [(LEAD,)] * 6


@pytest.mark.parametrize("field", ["email", "phone", "title", "company", "country", "industry"])
def test_every_plain_attribute_has_its_history_under_its_own_name(tmp_path, field):
    rows = [history(1, field.title(), "a", "b", "2026-03-02T09:30:00Z")]
    con = stage(tmp_path, "salesforce", {"Lead.csv": [NEW], "LeadHistory.csv": rows})
    assert read(con, "attribute_event", "field", "new_value") == [(field, "b")]


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        ("Region__c", "region"),
        ("Persona__c", "persona"),
        ("Lead_Type__c", "lead_type"),
        ("Disqualify_Reason__c", "reason"),
    ],
)
def test_custom_fields_have_their_history_too(tmp_path, field, attribute):
    rows = [history(1, field, "a", "b", "2026-03-02T09:30:00Z")]
    con = stage(tmp_path, "salesforce", {"Lead.csv": [NEW], "LeadHistory.csv": rows})
    assert read(con, "attribute_event", "field", "old_value", "new_value") == [(attribute, "a", "b")]


def test_the_first_owner_holds_from_creation_and_is_the_old_value_of_the_first_change(tmp_path):
    rows = [
        history(3, "Owner", ANN + "QAC", BEN + "QAC", "2026-03-04T09:00:00Z"),
        history(2, "Owner", "EMEA queue", "Ann Lee", "2026-03-02T09:30:00Z"),
        history(1, "Owner", QUEUE + "QAC", ANN + "QAC", "2026-03-02T09:30:00Z"),
    ]
    con = stage(tmp_path, "salesforce", {"Lead.csv": [{**NEW, "OwnerId": BEN}], "LeadHistory.csv": rows})
    columns = ("assigned_at", "owner_id", "record_id", "assigned_precision", "user_id")
    assert read(con, "assignment", *columns) == [
        ("2026-03-02 09:00:00", QUEUE, LEAD, "second", None),
        ("2026-03-02 09:30:00", ANN, LEAD, "second", BEN),
        ("2026-03-04 09:00:00", BEN, LEAD, "second", BEN),
    ]


def test_without_history_the_first_owner_is_the_oldest_that_any_load_knew(tmp_path):
    loads = [
        {"Lead.csv": [{**NEW, "OwnerId": owner}, {**NEW, "Id": OTHER, "OwnerId": BEN}]}
        for owner in (ANN, BEN)
    ]
    con = stage(tmp_path, "salesforce", *loads)
    assert read(con, "assignment", "record_id", "owner_id", "assigned_at") == [
        (LEAD, ANN, "2026-03-02 09:00:00"),
        (OTHER, BEN, "2026-03-02 09:00:00"),
    ]


def test_history_that_salesforce_purged_since_the_last_load_stays_known(tmp_path):
    old = history(1, "Status", "New", "MQL", "2026-03-02T09:30:00Z")
    new = history(2, "Status", "MQL", "Accepted", "2026-06-02T09:30:00Z")
    lead = {"Lead.csv": [NEW]}
    con = stage(
        tmp_path, "salesforce", {**lead, "LeadHistory.csv": [old]}, {**lead, "LeadHistory.csv": [new]}
    )
    assert read(con, "attribute_event", "changed_at", "new_value") == [
        ("2026-03-02 09:30:00", "MQL"),
        ("2026-06-02 09:30:00", "Accepted"),
    ]


def test_two_loads_that_differ_are_a_change_only_where_history_says_nothing_in_between(tmp_path):
    def lead(status: str, score: str, modified: str) -> dict[str, str]:
        return {**NEW, "Status": status, "Lead_Score__c": score, "LastModifiedDate": modified}

    con = stage(
        tmp_path,
        "salesforce",
        {
            "Lead.csv": [lead("New", "10", "2026-05-30T00:00:00Z")],
            "LeadHistory.csv": [history(1, "created", "", "", "2026-03-02T09:00:00Z")],
        },
        {"Lead.csv": [lead("MQL", "20", "2026-06-03T08:00:00Z")]},
        {
            "Lead.csv": [lead("Accepted", "30", "2026-06-09T08:00:00Z")],
            "LeadHistory.csv": [history(2, "Status", "MQL", "Accepted", "2026-06-09T08:00:00Z")],
        },
    )
    columns = ("changed_at", "field", "old_value", "new_value", "evidence", "changed_precision")
    assert read(con, "attribute_event", *columns) == [
        ("2026-06-03 08:00:00", "score", "10.0", "20.0", "load", "second"),
        ("2026-06-03 08:00:00", "status", "New", "MQL", "load", "second"),
        ("2026-06-09 08:00:00", "score", "20.0", "30.0", "load", "second"),
        ("2026-06-09 08:00:00", "status", "MQL", "Accepted", "history", "second"),
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-01T00:00:00Z", ["load", "history"]),  # the earlier load had seen it
        ("2026-06-01T00:00:01Z", ["history"]),
        ("2026-06-08T00:00:00Z", ["history"]),  # the last instant that the later load saw
        ("2026-06-08T00:00:01Z", ["load", "history"]),
    ],
)
def test_history_explains_a_difference_from_after_the_earlier_load_up_to_the_later_one(
    tmp_path, at, expected
):
    row = history(1, "Status", "New", "MQL", at)
    loads = [{"Lead.csv": [{**NEW, "Status": status}], "LeadHistory.csv": [row]} for status in ("New", "MQL")]
    con = stage(tmp_path, "salesforce", *loads)
    assert sorted(e for (e,) in read(con, "attribute_event", "evidence")) == sorted(expected)


@pytest.mark.parametrize("modified", ["2026-06-01T00:00:00Z", "2026-06-08T00:00:01Z", ""])
def test_a_difference_is_dated_by_the_load_when_the_last_change_lies_outside(tmp_path, modified):
    loads = [
        {"Lead.csv": [{**NEW, "Status": status, "LastModifiedDate": modified}]} for status in ("New", "MQL")
    ]
    con = stage(tmp_path, "salesforce", *loads)
    assert read(con, "attribute_event", "event_id", "record_id", "changed_at") == [
        (f"{LEAD} status 2", LEAD, "2026-06-08 00:00:00")
    ]


def test_a_lead_that_is_gone_takes_its_history_and_owners_along(tmp_path):
    rows = [history(1, "Owner", QUEUE, ANN, "2026-03-02T09:30:00Z")]
    both = [NEW, {**NEW, "Id": OTHER, "OwnerId": BEN}]
    con = stage(tmp_path, "salesforce", {"Lead.csv": both, "LeadHistory.csv": rows}, {"Lead.csv": both[1:]})
    assert read(con, "person", "record_id") == [(OTHER,)]
    assert read(con, "attribute_event", "record_id") == []
    assert read(con, "assignment", "record_id") == [(OTHER,)]


# campaigns


def member(number: int, responded: str, day: str, **more: str) -> dict[str, str]:
    row = {
        "Id": f"00v5J000001M{number:03d}",
        "CampaignId": "7015J000001Kaaa",
        "LeadId": LEAD,
        "ContactId": "",
    }
    made = {
        "HasResponded": responded,
        "FirstRespondedDate": day,
        "CreatedDate": "2026-05-02T09:00:00Z",
        "IsDeleted": "false",
    }
    return {**row, **made, **more}


CAMPAIGN = {
    "Id": "7015J000001KaaaQAC",
    "Name": "Spring",
    "Type": "Webinar",
    "StartDate": "2026-05-01",
    "EndDate": "",
}
TOUCH = ("touch_id", "kind", "touched_at", "touched_precision")


def test_a_second_response_overwrites_the_first_and_both_are_touches_when_a_load_lay_between(tmp_path):
    common = {"Lead.csv": [NEW], "Campaign.csv": [CAMPAIGN]}
    con = stage(
        tmp_path,
        "salesforce",
        {**common, "CampaignMember.csv": [member(1, "false", ""), member(2, "true", "2026-05-03")]},
        {
            **common,
            "CampaignMember.csv": [
                member(1, "true", "2026-06-02"),
                member(2, "true", "2026-06-03", Status="Attended"),
            ],
        },
        {
            **common,
            "CampaignMember.csv": [
                member(1, "true", "2026-06-02", Status="Attended"),
                member(2, "true", "2026-06-03"),
            ],
        },
    )
    assert read(con, "touch", *TOUCH) == [
        ("00v5J000001M001 1", "sent", "2026-05-02 09:00:00", "second"),
        ("00v5J000001M001 2", "response", "2026-06-01 22:00:00", "day"),
        ("00v5J000001M002 1", "response", "2026-05-02 22:00:00", "day"),
        ("00v5J000001M002 2", "response", "2026-06-02 22:00:00", "day"),
    ]
    assert set(read(con, "touch", "record_id", "campaign_id", "channel")) == {
        (LEAD, "7015J000001Kaaa", "Webinar")
    }


def test_a_response_without_a_day_has_no_time_and_deleted_or_lost_members_are_no_touch(tmp_path):
    rows = [
        member(1, "true", ""),
        member(2, "true", "2026-05-03", IsDeleted="true"),
        member(3, "true", "2026-05-03"),
        member(4, "true", "2026-05-03", LeadId=""),
        member(5, "true", "2026-05-03"),
        member(6, "true", "2026-05-03"),
    ]
    con = stage(
        tmp_path, "salesforce", {"CampaignMember.csv": rows}, {"CampaignMember.csv": [*rows[:2], *rows[3:]]}
    )
    assert read(con, "touch", *TOUCH) == [
        ("00v5J000001M001 1", "response", None, "unknown"),
        ("00v5J000001M005 1", "response", "2026-05-02 22:00:00", "day"),
        ("00v5J000001M006 1", "response", "2026-05-02 22:00:00", "day"),
    ]


@pytest.mark.parametrize(
    ("lead_id", "contact_id", "record_id"),
    [(LEAD, "", LEAD), ("", CONTACT, CONTACT), (LEAD, CONTACT, CONTACT), (LEAD, "0035J000001Cnot", LEAD)],
)
def test_a_touch_is_the_contacts_where_there_is_one_and_else_the_leads(
    tmp_path, lead_id, contact_id, record_id
):
    con = stage(
        tmp_path,
        "salesforce",
        {
            "Contact.csv": [{"Id": CONTACT}],
            "CampaignMember.csv": [member(1, "true", "2026-05-03", LeadId=lead_id, ContactId=contact_id)],
        },
    )
    assert read(con, "touch", "record_id") == [(record_id,)]


def test_the_channel_of_a_campaign_is_its_own_field_and_else_its_type(tmp_path):
    rows = [
        {**CAMPAIGN, "Channel__c": "Paid Search"},
        {**CAMPAIGN, "Id": "701b", "ParentId": "7015J000001KaaaQAC"},
    ]
    con = stage(tmp_path, "salesforce", {"Campaign.csv": rows})
    columns = ("campaign_id", "name", "channel", "kind", "starts_on", "ends_on", "parent_id")
    assert read(con, "campaign", *columns) == [
        ("7015J000001Kaaa", "Spring", "Paid Search", "Webinar", "2026-05-01", None, None),
        ("701b", "Spring", "Webinar", "Webinar", "2026-05-01", None, "7015J000001Kaaa"),
    ]


# activities

USERS = [
    {"Id": ANN, "Name": "Ann Lee", "Department": "Sales Development", "UserType": "Standard"},
    {"Id": BEN, "Name": "Ben Ito", "Department": "Marketing", "UserType": "Standard"},
    {"Id": ROBOT, "Name": "Process", "Department": "", "UserType": "AutomatedProcess"},
]
KINDS: list[tuple[dict[str, str], tuple[Any, ...]]] = [
    ({"TaskSubtype": "Call", "Subject": "Call: introduction"}, ("call", "outbound", False)),
    ({"TaskSubtype": "Call", "CallType": "Inbound"}, ("call", "inbound", False)),
    ({"TaskSubtype": "Email", "Subject": "[Email] [Out] Your request"}, ("email", "outbound", False)),
    ({"TaskSubtype": "Email", "Subject": "[Email] [In] Re: Your request"}, ("email", "inbound", False)),
    ({"TaskSubtype": "Email", "Subject": "Email: << Re: price"}, ("email", "inbound", False)),
    ({"TaskSubtype": "Email", "Subject": "Re: price"}, ("email", "outbound", False)),
    ({"TaskSubtype": "Task", "Type": "Call"}, ("call", "outbound", False)),
    ({"Type": "Demo"}, ("meeting", None, False)),
    ({"TaskSubtype": "Task", "Subject": "Call Zoë back"}, ("call", "outbound", False)),
    ({"Subject": "Email: price list"}, ("email", "outbound", False)),
    ({"Subject": "Meeting with Zoë"}, ("meeting", None, False)),
    ({"TaskSubtype": "Task", "Subject": "Follow up"}, ("other", None, False)),
    ({}, ("other", None, False)),
    # what a machine sends, or marketing to many
    ({"TaskSubtype": "ListEmail"}, ("email", "outbound", True)),
    ({"TaskSubtype": "Cadence", "Type": "Email"}, ("email", "outbound", True)),
    ({"TaskSubtype": "Cadence", "Type": "Call"}, ("call", "outbound", False)),
    ({"TaskSubtype": "Email", "Subject": "Mass Email: news"}, ("email", "outbound", True)),
    ({"TaskSubtype": "Email", "CreatedById": ROBOT}, ("email", "outbound", True)),
    ({"TaskSubtype": "Email", "OwnerId": ROBOT}, ("email", "outbound", True)),
    ({"TaskSubtype": "Email", "OwnerId": BEN}, ("email", "outbound", True)),
    ({"TaskSubtype": "Email", "CreatedById": BEN}, ("email", "outbound", False)),
    ({"TaskSubtype": "Email", "Is_Automated__c": "true"}, ("email", "outbound", True)),
    # a flow may write the to-do, and marketing may call: people do both
    ({"TaskSubtype": "Task", "Subject": "Follow up", "CreatedById": ROBOT}, ("other", None, False)),
    ({"TaskSubtype": "Call", "CreatedById": ROBOT}, ("call", "outbound", False)),
    ({"TaskSubtype": "Call", "OwnerId": BEN}, ("call", "outbound", False)),
]


def test_a_task_is_a_call_a_mail_or_other_it_came_or_went_and_a_machine_or_a_person_did_it(tmp_path):
    rows = [task(number, **given) for number, (given, _) in enumerate(KINDS)]
    con = stage(tmp_path, "salesforce", {"Task.csv": rows, "User.csv": USERS})
    found = read(con, "activity", "activity_id", "kind", "direction", "is_automated")
    assert [(KINDS[n][0], row[1:]) for n, row in enumerate(found)] == KINDS


@pytest.mark.parametrize(
    ("given", "done"),
    [
        ({}, (True, "2026-03-02 10:00:00", "second")),
        ({"CompletedDateTime": "2026-03-02"}, (True, "2026-03-02 00:00:00", "day")),
        ({"Status": "Not Started", "CompletedDateTime": ""}, (False, None, "unknown")),
        ({"Status": "In Progress"}, (False, None, "unknown")),
        ({"Status": "Done", "IsClosed": "true"}, (True, "2026-03-02 10:00:00", "second")),
        ({"Status": "Completed", "IsClosed": "false"}, (False, None, "unknown")),
        # closed, nobody says when: only a task that was never changed was completed when it was made
        ({"CompletedDateTime": ""}, (True, None, "unknown")),
        (
            {"CompletedDateTime": "", "LastModifiedDate": "2026-03-02T10:05:00Z"},
            (True, "2026-03-02 10:05:00", "second"),
        ),
        ({"CompletedDateTime": "", "LastModifiedDate": "2026-03-02T10:05:01Z"}, (True, None, "unknown")),
    ],
)
def test_a_task_is_done_when_it_was_completed_and_never_because_it_was_due(tmp_path, given, done):
    con = stage(tmp_path, "salesforce", {"Task.csv": [task(1, ActivityDate="2026-03-09", **given)]})
    assert read(con, "activity", "is_done", "done_at", "done_precision", "due_on") == [(*done, "2026-03-09")]


def test_a_task_belongs_to_who_and_to_what_it_is_about(tmp_path):
    rows = [
        task(1, WhoId=LEAD + "QAC", WhatId="", OwnerId=ANN + "QAC", CallDisposition="Connected"),
        task(2, WhoId=CONTACT + "QAC", WhatId=DEAL + "QAC", AccountId=ACCOUNT + "QAC"),
        task(3, WhoId="", WhatId=ACCOUNT + "QAC"),
        task(4, IsDeleted="true"),
        task(5, IsRecurrence="true"),
    ]
    con = stage(tmp_path, "salesforce", {"Task.csv": rows})
    columns = ("activity_id", "record_id", "opportunity_id", "account_id", "rep_id", "outcome", "created_at")
    assert read(con, "activity", *columns) == [
        ("00T5J000001T001", LEAD, None, None, ANN, "Connected", "2026-03-02 10:05:00"),
        ("00T5J000001T002", CONTACT, DEAL, ACCOUNT, ANN, None, "2026-03-02 10:05:00"),
        ("00T5J000001T003", None, None, ACCOUNT, ANN, None, "2026-03-02 10:05:00"),
    ]


def test_a_task_that_an_export_leaves_out_was_archived_and_stays_known(tmp_path):
    con = stage(tmp_path, "salesforce", {"Task.csv": [task(1)]}, {"Task.csv": [task(2)]})
    assert read(con, "activity", "activity_id") == [("00T5J000001T001",), ("00T5J000001T002",)]


def event(number: int, **given: str) -> dict[str, str]:
    row = {
        "Id": f"00U5J000001E{number:03d}",
        "WhoId": LEAD,
        "WhatId": "",
        "OwnerId": ANN,
        "ActivityDate": "2026-05-04",
    }
    times = {"StartDateTime": "2026-05-04T09:00:00Z", "EndDateTime": "2026-05-04T09:45:00Z"}
    return {**row, **times, "DurationInMinutes": "45", "CreatedDate": "2026-05-01T00:00:00Z", **given}


@pytest.mark.parametrize(
    ("given", "done"),
    [
        ({}, (True, "2026-05-04 09:45:00", "second")),
        ({"EndDateTime": ""}, (True, "2026-05-04 09:45:00", "second")),
        ({"EndDateTime": "", "DurationInMinutes": ""}, (True, "2026-05-04 09:00:00", "second")),
        ({"EndDateTime": "", "StartDateTime": ""}, (True, "2026-05-03 22:00:00", "day")),
        (
            {"IsAllDayEvent": "true", "EndDateTime": "2026-05-04T00:00:00Z"},
            (True, "2026-05-03 22:00:00", "day"),
        ),
        ({"EndDateTime": "", "StartDateTime": "", "ActivityDate": ""}, (False, None, "unknown")),
        ({"No_Show__c": "true"}, (False, None, "unknown")),
        ({"Subject": "Canceled: demo"}, (False, None, "unknown")),
        (
            {"EndDateTime": "2026-06-01T00:00:00Z"},
            (True, "2026-06-01 00:00:00", "second"),
        ),  # when it was exported
        ({"EndDateTime": "2026-06-01T00:00:01Z"}, (False, None, "unknown")),
    ],
)
def test_a_meeting_is_done_at_its_end_unless_it_lies_ahead_or_did_not_take_place(tmp_path, given, done):
    con = stage(tmp_path, "salesforce", {"Event.csv": [event(1, **given)]})
    assert read(con, "activity", "kind", "is_automated", "is_done", "done_at", "done_precision") == [
        ("meeting", False, *done)
    ]


def test_a_planned_meeting_has_happened_once_a_later_export_was_made_even_if_it_never_changed(tmp_path):
    planned = event(1, EndDateTime="2026-06-03T10:00:00Z")
    contact = {"Id": CONTACT, "LastName": "Bauer"}
    con = stage(
        tmp_path,
        "salesforce",
        {"Event.csv": [planned], "Contact.csv": [contact]},
        {"Event.csv": [planned], "Contact.csv": [{**contact, "LastName": "Weiß"}]},
    )
    assert read(con, "activity", "is_done", "done_at") == [(True, "2026-06-03 10:00:00")]


def test_copies_for_other_invitees_masters_of_a_series_and_deleted_meetings_are_none(tmp_path):
    flags = (
        {},
        {"IsChild": "true"},
        {"IsRecurrence": "true"},
        {"IsDeleted": "true"},
        {"WhatId": DEAL + "QAC"},
    )
    con = stage(
        tmp_path, "salesforce", {"Event.csv": [event(number, **given) for number, given in enumerate(flags)]}
    )
    assert read(con, "activity", "activity_id", "record_id", "opportunity_id", "rep_id") == [
        ("00U5J000001E000", LEAD, None, ANN),
        ("00U5J000001E004", LEAD, DEAL, ANN),
    ]


# opportunities


def deal(number: int, stage_name: str, **given: str) -> dict[str, str]:
    row = {
        "Id": f"0065J000001O{number:03d}QAC",
        "AccountId": ACCOUNT + "QAC",
        "StageName": stage_name,
        "Amount": "1000.0",
    }
    made = {
        "CloseDate": "2026-05-20",
        "CreatedDate": "2026-04-01T09:00:00Z",
        "LeadSource": "Webinar",
        "OwnerId": ANN,
    }
    return {**row, **made, **given}


def test_a_close_date_is_a_forecast_while_the_opportunity_is_open_and_a_day_when_it_is_closed(tmp_path):
    flags = {"IsClosed": "true", "IsWon": "true", "CurrencyIsoCode": "EUR", "ContactId": CONTACT + "QAC"}
    rows = [
        deal(1, "Closed Won", **flags),
        deal(2, "Closed Lost", IsClosed="true", IsWon="false", Loss_Reason__c="Price"),
        deal(3, "Proposal", IsClosed="false", IsWon="false", Amount="", Loss_Reason__c="Price"),
        deal(4, "Signed", IsClosed="true", IsWon="true", IsDeleted="true"),
    ]
    con = stage(tmp_path, "salesforce", {"Opportunity.csv": rows})
    columns = ("opportunity_id", "stage", "amount", "currency", "record_id", "closed_at", "closed_precision")
    assert read(con, "opportunity", *columns, "is_closed", "is_won", "loss_reason", "is_deleted") == [
        (
            "0065J000001O001",
            "Closed Won",
            1000,
            "EUR",
            CONTACT,
            "2026-05-19 22:00:00",
            "day",
            True,
            True,
            None,
            False,
        ),
        (
            "0065J000001O002",
            "Closed Lost",
            1000,
            None,
            None,
            "2026-05-19 22:00:00",
            "day",
            True,
            False,
            "Price",
            False,
        ),
        ("0065J000001O003", "Proposal", None, None, None, None, "unknown", False, False, None, False),
        ("0065J000001O004", "Signed", 1000, None, None, "2026-05-19 22:00:00", "day", True, True, None, True),
    ]
    assert set(
        read(con, "opportunity", "account_id", "channel", "owner_id", "created_at", "created_precision")
    ) == {(ACCOUNT, "Webinar", ANN, "2026-04-01 09:00:00", "second")}


def test_an_export_without_the_closed_flags_is_judged_by_the_stages_that_salesforce_ships(tmp_path):
    rows = [deal(1, "Closed Won"), deal(2, "Closed Lost"), deal(3, "Proposal")]
    con = stage(tmp_path, "salesforce", {"Opportunity.csv": rows})
    assert read(con, "opportunity", "stage", "is_closed", "is_won") == [
        ("Closed Lost", True, False),
        ("Closed Won", True, True),
        ("Proposal", False, False),
    ]


def step(number: int, stage_name: str, at: str, **given: str) -> dict[str, str]:
    row = {
        "Id": f"0085J000001S{number:03d}",
        "OpportunityId": DEAL + "QAC",
        "StageName": stage_name,
        "CreatedDate": at,
    }
    return {
        **row,
        "Amount": "1000",
        "Probability": "20",
        "CloseDate": "2026-05-20",
        "CreatedById": ANN,
        **given,
    }


def test_every_change_of_an_opportunity_is_kept_and_deleted_ones_are_not(tmp_path):
    rows = [
        step(1, "Discovery", "2026-04-01T09:00:00Z"),
        step(2, "Discovery", "2026-04-02T09:00:00Z", Amount="900"),
        step(3, "Proposal", "2026-04-03T09:00:00Z", Amount="800", Probability="50"),
        step(4, "Proposal", "2026-04-04T09:00:00Z", CloseDate="2026-06-20"),
        step(6, "Closed Won", "2026-04-05T09:00:00Z", Probability="100"),
        step(5, "Negotiation", "2026-04-05T09:00:00Z", Probability="70"),  # same second: by id
        step(7, "Discovery", "2026-04-06T09:00:00Z"),
        step(8, "Closed Lost", "2026-04-06T10:00:00Z", IsDeleted="true"),
        step(9, "Discovery", "2026-04-07T09:00:00Z", OpportunityId="0065J000001Obbb"),
    ]
    con = stage(tmp_path, "salesforce", {"OpportunityHistory.csv": rows})
    columns = (
        "event_id",
        "label",
        "amount",
        "close_on",
        "probability",
        "changed_at",
        "changed_precision",
        "user_id",
    )
    day, rest = "2026-05-20", ("second", ANN)
    assert read(con, "opportunity_event", *columns) == [
        ("0085J000001S001", "Discovery", 1000, day, 0.2, "2026-04-01 09:00:00", *rest),
        ("0085J000001S002", "Discovery", 900, day, 0.2, "2026-04-02 09:00:00", *rest),
        ("0085J000001S003", "Proposal", 800, day, 0.5, "2026-04-03 09:00:00", *rest),
        ("0085J000001S004", "Proposal", 1000, "2026-06-20", 0.2, "2026-04-04 09:00:00", *rest),
        ("0085J000001S005", "Negotiation", 1000, day, 0.7, "2026-04-05 09:00:00", *rest),
        ("0085J000001S006", "Closed Won", 1000, day, 1.0, "2026-04-05 09:00:00", *rest),
        ("0085J000001S007", "Discovery", 1000, day, 0.2, "2026-04-06 09:00:00", *rest),
        ("0085J000001S009", "Discovery", 1000, day, 0.2, "2026-04-07 09:00:00", *rest),
    ]
    assert [o for (o,) in read(con, "opportunity_event", "opportunity_id")] == ["0065J000001Oaaa"] * 7 + [
        "0065J000001Obbb"
    ]


def test_contact_roles_link_people_to_opportunities_and_deleted_ones_do_not(tmp_path):
    row = {
        "Id": "00K5J000001R001",
        "OpportunityId": DEAL + "QAC",
        "ContactId": CONTACT + "QAC",
        "Role": "Evaluator",
    }
    rows = [
        {**row, "IsPrimary": "true"},
        {**row, "Id": "b", "IsDeleted": "true"},
        {**row, "Id": "c", "ContactId": ""},
    ]
    con = stage(tmp_path, "salesforce", {"OpportunityContactRole.csv": rows})
    assert read(con, "contact_role", "role_id", "opportunity_id", "record_id", "role", "is_primary") == [
        ("00K5J000001R001", DEAL, CONTACT, "Evaluator", True)
    ]


# people who own, and money


def test_users_and_the_queues_that_ever_owned_a_lead_are_reps(tmp_path):
    users = [
        {
            "Id": ANN + "QAC",
            "Name": "Ann Lee",
            "Department": "Sales",
            "UserRoleId": "r1",
            "TimeZoneSidKey": "Europe/Berlin",
            "IsActive": "false",
        },
        {
            "Id": BEN,
            "FirstName": "Ben",
            "LastName": "Ito",
            "UserRoleId": "r1",
            "ManagerId": ANN + "QAC",
            "IsActive": "true",
        },
    ]
    rows = [
        history(1, "Owner", "old queue", "Ann Lee", "2026-03-02T09:30:00Z"),
        history(2, "Owner", "00G5J000001QoldQAC", ANN + "QAC", "2026-03-02T09:30:00Z"),
    ]
    con = stage(
        tmp_path,
        "salesforce",
        {
            "Lead.csv": [{**NEW, "OwnerId": QUEUE + "QAC"}],
            "LeadHistory.csv": rows,
            "User.csv": users,
            "UserRole.csv": [{"Id": "r1", "Name": "SDR Team"}],
            "Group.csv": [
                {"Id": QUEUE + "QAC", "Name": "EMEA", "Type": "Queue"},
                {"Id": "00G5J000001Qnew", "Name": "Partners", "Type": "Queue"},
                {"Id": "00G5J000001Qall", "Name": "Everybody", "Type": "Regular"},
            ],
        },
    )
    columns = ("rep_id", "name", "team", "zone", "manager_id", "is_active", "is_queue")
    assert read(con, "rep", *columns) == [
        (ANN, "Ann Lee", "Sales", "Europe/Berlin", None, False, False),
        (BEN, "Ben Ito", "SDR Team", None, ANN, True, False),
        ("00G5J000001Qeme", "EMEA", None, None, None, True, True),
        ("00G5J000001Qnew", "Partners", None, None, None, True, True),
        ("00G5J000001Qold", None, None, None, None, True, True),
    ]


def test_spend_is_a_file_of_its_own_whose_ids_are_nobodys_salesforce_ids(tmp_path):
    row = {
        "spend_id": "INVOICE-2026-00001",
        "spent_on": "2026-05-01",
        "ends_on": "2026-05-31",
        "channel": "Webinar",
    }
    con = stage(
        tmp_path,
        "salesforce",
        {
            "spend.csv": [
                {
                    **row,
                    "campaign_id": "7015J000001KaaaQAC",
                    "kind": "media",
                    "amount": "99.50",
                    "currency": "EUR",
                }
            ]
        },
    )
    columns = ("spend_id", "spent_on", "ends_on", "channel", "campaign_id", "kind", "amount", "currency")
    found = read(con, "spend", *columns)
    assert [(*row[:6], float(row[6]), row[7]) for row in found] == [
        ("INVOICE-2026-00001", "2026-05-01", "2026-05-31", "Webinar", "7015J000001Kaaa", "media", 99.5, "EUR")
    ]


# real files


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Staging from the files of Fivetran's own tests, with the headers of real orgs."""
    root = tmp_path_factory.mktemp("real")
    found = shared / "data" / "crm-schemas" / "salesforce"
    export = root / "export"
    export.mkdir()
    for file in (*found.glob("sf_*_data.csv"), *found.glob("history/sf_campaign*_data.csv")):
        shutil.copy(file, export)
    scaffold(root / "project", "salesforce")
    project = Project(root / "project")
    land(project, "salesforce", export, observed_at=datetime(2026, 1, 1))
    return staging(project)


def test_the_files_of_real_orgs_land_and_fill_staging_without_an_error(real):
    assert real.execute("select count(*) from run.reject").fetchall() == [(0,)]
    filled = {name for name, state in states(real).items() if state == "filled"}
    assert filled == {
        "person",
        "account",
        "campaign",
        "touch",
        "activity",
        "assignment",
        "opportunity",
        "rep",
    }


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("account", "sf_account_data"),
        ("opportunity", "sf_opportunity_data"),
        ("campaign", "history/sf_campaign_data"),
    ],
)
def test_no_row_of_a_real_file_is_lost(real, shared, table, file):
    path = shared / "data" / "crm-schemas" / "salesforce" / f"{file}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        ids = sorted({row["id"][:15] if len(row["id"]) == 18 else row["id"] for row in csv.DictReader(lines)})
    assert [found for (found,) in read(real, table, SCHEMA[table].key[0])] == ids


def test_a_real_lead_is_read_as_its_file_has_it(real):
    columns = (
        "record_id",
        "name",
        "email",
        "industry",
        "status",
        "owner_id",
        "contact_id",
        "account_id",
        "converted_at",
    )
    found = real.execute(f"select {', '.join(columns)} from staging.person where kind = 'lead'").fetchall()
    assert [tuple(map(str, row)) for row in found] == [
        (
            "00Q1G00000nDnM5",
            "h",
            "h@gmail.com",
            "Internet Software & Services",
            "Converted",
            "00537000003tmTn",
            "0031G00001QtDPl",
            "0011G00000tLWKn",
            "2019-11-10 23:00:00",
        )
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"Task.csv": [task(1)]},
            {"activity": "filled", "touch": "not landed", "rep": "not landed"},
        ),
        ({"Event.csv": [event(1)]}, {"activity": "filled"}),
        (
            {"CampaignMember.csv": [member(1, "true", "2026-05-03")]},
            {"touch": "filled", "campaign": "not landed"},
        ),
        ({"Campaign.csv": [CAMPAIGN]}, {"campaign": "filled", "touch": "not landed"}),
        ({"User.csv": USERS}, {"rep": "filled", "person": "not landed"}),
        ({"Contact.csv": [{"Id": CONTACT}]}, {"person": "filled", "attribute_event": "not landed"}),
    ],
)
def test_what_was_not_exported_is_said_to_be_missing_and_is_never_a_zero(tmp_path, files, expected):
    found = states(stage(tmp_path, "salesforce", files))
    assert {name: found[name] for name in expected} == expected


def test_the_history_mode_of_fivetran_is_not_mistaken_for_salesforce_s_own_history(shared, tmp_path):
    found = shared / "data" / "crm-schemas" / "salesforce"
    shutil.copy(found / "sf_opportunity_history_data.csv", tmp_path)
    shutil.copy(found / "history" / "sf_lead_history_data.csv", tmp_path)
    write(tmp_path, {"Lead.csv": [NEW]})
    scaffold(tmp_path / "project", "salesforce")
    load = land(Project(tmp_path / "project"), "salesforce", tmp_path, observed_at=datetime(2026, 1, 1))
    assert [table.table for table in load.tables] == ["lead"]
    assert set(load.ignored) >= {"sf_lead_history_data.csv", "sf_opportunity_history_data.csv"}
