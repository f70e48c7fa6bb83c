"""The packed leads: codes that sort as words do, null apart, records by lead, equal bytes for equal tables."""

from __future__ import annotations

import base64
import gzip
import json

import dispute_frames
import pandas as pd
import pytest

from funnel.reports import lead_table


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def table(n=12, **given):
    leads = dispute_frames.leads(n)
    plain = {name: getattr(dispute_frames, name)(leads) for name in ("trail", "clauses", "contradictions")}
    return leads, lead_table.lead_table(leads, **{**plain, **given})


def texts(column):
    return [None if code < 0 else column["words"][code] for code in column["codes"]]


def test_text_is_coded_in_the_order_of_its_words_whatever_their_case():
    column = lead_table.words(pd.Series(["b", None, "A", "a", "b", float("nan")]))
    assert column == {"words": ["A", "a", "b"], "codes": [2, -1, 0, 1, 2, -1]}


def test_numbers_are_whole_where_they_are_and_null_stays_null():
    assert lead_table.numbers(pd.Series([1.0, None, 2.5, 0.123456])) == [1, None, 2.5, 0.1235]


def test_instants_are_whole_minutes():
    at = pd.Series([pd.Timestamp("1970-01-01 00:01:59"), pd.NaT, pd.Timestamp("2026-11-16")])
    assert (
        lead_table.minutes(at) == [1, None, 29_688_480 - 0] or lead_table.minutes(at)[2] * 60 == 1_794_787_200
    )


def test_every_lead_comes_back_as_it_went_in():
    leads, made = table()
    packed = unpacked(made.leads)
    assert (packed["n"], packed["ids"]) == (12, list(leads["handoff_id"]))
    for name in lead_table.TEXTS:
        assert texts(packed[name]) == [None if pd.isna(each) else each for each in leads[name]]
    assert packed["met_definition"][:2] == [None, 1]


def test_the_records_of_each_lead_lie_together_in_their_order():
    leads = dispute_frames.leads(12)
    shuffled = dispute_frames.trail(leads).sample(frac=1, random_state=1)
    _, made = table(trail=shuffled)
    trail = unpacked(made.records)["trail"]
    assert trail["starts"] == [8 * i for i in range(13)]
    assert texts(trail["kind"])[8:12] == ["hand-off", "assignment", "automated mail", "touch"]


def test_a_lead_without_records_has_none_and_records_of_no_lead_are_dropped():
    leads = dispute_frames.leads(12)
    trail = dispute_frames.trail(leads)
    _, made = table(trail=trail[trail["handoff_id"] != "h0"].replace({"handoff_id": {"h1": "elsewhere"}}))
    assert unpacked(made.records)["trail"]["starts"][:4] == [0, 0, 0, 8]


def test_contradictions_are_told_with_the_leads_that_have_them():
    _, made = table(22)
    packed = unpacked(made.leads)["contradictions"]
    assert dict(zip(packed["titles"], packed["leads"], strict=True)) == {
        "Bad contact data, yet a reply": [11],
        "Rejected without a touch": [21],
        "“No budget” closed as rejected": [1],
    }


def test_the_same_leads_give_the_same_bytes():
    assert table()[1] == table()[1]


def test_the_first_rows_are_plain_cells_with_a_reason_where_nothing_is_recorded():
    _, made = table(40)
    assert (made.n, len(made.rows)) == (40, lead_table.FIRST)
    cells = dict(zip(made.headers, made.rows[0], strict=True))
    assert (cells["Owner"].text, cells["Owner"].reason) == ("–", "not recorded")
    assert cells["Handed over"].text == "19 July 2026"
    assert cells["Lead"].text == "<script>alert(1)</script> 0"


@pytest.mark.parametrize("n", [0, 1])
def test_a_batch_of_none_or_one_is_packed_as_well(n):
    leads, made = table(12)
    empty = {
        name: getattr(dispute_frames, name)(leads).iloc[:0] for name in ("trail", "clauses", "contradictions")
    }
    made = lead_table.lead_table(leads.head(n), **empty)
    assert (made.n, unpacked(made.records)["trail"]["starts"]) == (n, [0] * (n + 1))
