"""Who is one person: conversion, merge and e-mail join records; a name never does."""

from __future__ import annotations

from itertools import pairwise

from world import lead


def people(con):
    rows = con.execute(
        "select person_id, string_agg(record_id, ' ' order by record_id) from core.record group by 1 order by 1"
    )
    return [members for _, members in rows.fetchall()]


def test_a_lead_and_the_contact_it_became_are_one_person(make_world):
    con = make_world(
        person=[
            lead("l", "2026-01-05", contact_id="c"),
            {"record_id": "c", "kind": "contact", "created_at": "2026-02-01"},
        ]
    )
    assert people(con) == ["c l"]


def test_the_loser_of_a_merge_is_the_person_of_its_winner_though_the_crm_deleted_it(make_world):
    con = make_world(
        person=[lead("w", "2026-01-05"), lead("x", "2026-01-06", merged_into_id="w", is_deleted=True)]
    )
    assert people(con) == ["w x"]


def test_a_record_that_was_deleted_without_a_merge_is_no_person(make_world):
    con = make_world(person=[lead("w", "2026-01-05"), lead("x", "2026-01-06", is_deleted=True)])
    assert people(con) == ["w"]


def test_one_address_in_another_spelling_is_one_person(make_world):
    con = make_world(
        person=[
            lead("a", "2026-01-05", email="Ann@Example.com "),
            lead("b", "2026-02-05", email="ann@example.com"),
        ]
    )
    assert people(con) == ["a b"]


def test_two_people_of_one_name_and_company_stay_two(make_world):
    con = make_world(
        person=[
            lead("a", "2026-01-05", name="Ann Lee", company="Acme", email="ann@acme.com"),
            lead("b", "2026-01-05", name="Ann Lee", company="Acme", email="ann.lee@acme.com"),
        ]
    )
    assert people(con) == ["a", "b"]


def test_what_is_no_address_joins_nobody(make_world):
    con = make_world(
        person=[
            lead("a", "2026-01-05", email="n/a"),
            lead("b", "2026-01-05", email="n/a"),
            lead("c", "2026-01-05"),
        ]
    )
    assert people(con) == ["a", "b", "c"]


def test_a_long_chain_of_merges_is_followed_to_its_end(make_world):
    order = [(i * 7 + 3) % 50 for i in range(50)]
    chain = [lead(f"r{a}", "2026-01-05", merged_into_id=f"r{b}") for a, b in pairwise(order)]
    chain.append(lead(f"r{order[-1]}", "2026-01-05"))
    assert len(people(make_world(person=chain))) == 1


def test_a_thousand_leads_of_one_address_are_one_person(make_world):
    con = make_world(person=[lead(f"r{i}", "2026-01-05", email="info@acme.com") for i in range(1000)])
    assert con.execute("select count(*), count(distinct person_id) from core.record").fetchall() == [
        (1000, 1)
    ]


def test_of_each_column_the_newest_value_counts_and_the_channel_of_the_first_record(make_world):
    con = make_world(
        person=[
            lead("a", "2026-01-05", email="a@b.co", channel="Webinar", title="Buyer", company="Old"),
            lead("b", "2026-02-05", email="a@b.co", channel="Referral", company="New"),
        ]
    )
    row = con.execute(
        "select n_records, channel, title, company, created_at::date::varchar from core.person"
    ).fetchall()
    assert row == [(2, "Webinar", "Buyer", "New", "2026-01-05")]


def test_a_lead_created_at_as_of_is_not_seen_and_one_a_second_before_is(make_world):
    con = make_world(person=[lead("a", "2026-06-30 23:59:59"), lead("b", "2026-07-01 00:00:00")])
    assert people(con) == ["a"]


def test_records_are_numbered_by_their_keys_and_a_person_by_its_smallest_record(make_world):
    con = make_world(
        person=[
            lead("c", "2026-01-05", email="x@a.co"),
            lead("a", "2026-01-06"),
            lead("b", "2026-01-07", email="x@a.co"),
        ]
    )
    rows = con.execute("select record_id, record_no, person_no from core.record order by 1").fetchall()
    assert rows == [("a", 1, 1), ("b", 2, 2), ("c", 3, 2)]
