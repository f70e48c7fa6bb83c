"""Refusals against the record, through the real models: every claim borne out, contradicted and untold."""

from __future__ import annotations

import pandas as pd
import pytest
from world import CONTRACT, call, changes, lead

from funnel.errors import UsageError
from funnel.metrics import quality

HANDED = "2026-03-02 10:00:00"
AGREED = "reject_reasons: {rejected: [Wrong person, Not a fit, Duplicate, Unreachable, Bad contact data], recycled: [No budget]}"
SPOKEN = CONTRACT.replace("reject_reasons: {rejected: [Wrong person], recycled: [No budget]}", AGREED)


def build(make_world, leads, activity=(), more=(), filled=True, **tables):
    """Make a warehouse of leads that became MQL and then left: name -> (exit status, reason, industry, email)."""
    person, history = [], []
    for name, (status, reason, industry, email) in leads.items():
        given = {"status": status, "reason": reason, "industry": industry, "email": email, "score": 70}
        person.append(lead(name, "2026-03-01 09:00:00", **given))
        history += changes(name, "status", (HANDED, "MQL"), ("2026-03-20 10:00:00", status), first="New")
        for field, value in (("industry", industry), ("email", email), ("score", "70")):
            history += changes(name, field, ("2026-03-01 09:30:00", value))
    con = make_world(contracts={"c.yaml": SPOKEN}, person=[*person, *more], attribute_event=history,
                     activity=list(activity), **tables)  # fmt: skip
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    if filled:
        con.execute("insert into run.source_table values ('crm', 'activity', 'filled', 1)")
    return con


def verdicts(con) -> dict[str, tuple[int, int, int]]:
    table = quality.evidence(con)
    rows = table[~table["is_total"]]
    keys = zip(rows["exit"], rows["reason"].fillna("-"), strict=True)
    counts = rows[["n_supported", "n_contradicted", "n_untold"]].itertuples(index=False, name=None)
    return {" ".join(key): tuple(map(int, count)) for key, count in zip(keys, counts, strict=True)}


def calls(name: str, n: int, **given):
    return [call(f"{name}{at}", name, f"2026-03-0{3 + at} 10:00:00", **given) for at in range(n)]


def test_each_claim_is_borne_out_contradicted_or_untold(make_world) -> None:
    """Three leads of one reason each: the record bears it out, contradicts it, cannot tell."""
    leads = {
        "fit-no": ("Disqualified", "Not a fit", "farming", "fn@b.co"),
        "fit-yes": ("Disqualified", "Not a fit", "software", "fy@b.co"),
        "data-bad": ("Disqualified", "Bad contact data", "software", "nobody"),
        "data-reply": ("Disqualified", "Bad contact data", "software", "dr@b.co"),
        "data-tried": ("Disqualified", "Bad contact data", "software", "dt@b.co"),
        "reach-three": ("Disqualified", "Unreachable", "software", "r3@b.co"),
        "reach-two": ("Disqualified", "Unreachable", "software", "r2@b.co"),
        "budget": ("Nurture", "No budget", "software", "bu@b.co"),
        "budget-never": ("Nurture", "No budget", "software", "bn@b.co"),
        "person": ("Disqualified", "Wrong person", "software", "pe@b.co"),
    }
    activity = [
        *calls("fit-no", 1), *calls("fit-yes", 1), *calls("data-bad", 1), *calls("data-tried", 1),
        *calls("data-reply", 1, outcome="Connected"), *calls("reach-three", 3), *calls("reach-two", 2),
        *calls("budget", 1), *calls("person", 1),
    ]  # fmt: skip
    con = build(make_world, leads, activity)
    assert verdicts(con) == {
        "rejected Not a fit": (1, 1, 0),
        "rejected Bad contact data": (1, 1, 1),
        "rejected Unreachable": (1, 1, 0),
        "recycled No budget": (0, 1, 1),
        "rejected Wrong person": (0, 0, 1),
    }
    total = quality.evidence(con).iloc[-1]
    named = ["is_total", "n", "n_supported", "n_contradicted", "n_untold", "n_untouched", "n_other_exit"]
    assert total[named].tolist() == [True, 10, 3, 4, 3, 0, 0]
    assert total["rate"] == pytest.approx(0.4)


def test_a_wrong_number_bears_out_bad_data_and_an_unused_valid_mail_contradicts_it(make_world) -> None:
    leads = {
        "wrong": ("Disqualified", "Bad contact data", "software", "w@b.co"),
        "unused": ("Disqualified", "Bad contact data", "software", "u@b.co"),
    }
    con = build(make_world, leads, calls("wrong", 1, outcome="Wrong Number"))
    assert verdicts(con) == {"rejected Bad contact data": (1, 1, 0)}


def test_a_duplicate_is_held_against_the_records_that_were_there(make_world) -> None:
    leads = {
        name: ("Disqualified", "Duplicate", "software", f"{name}@b.co") for name in ("twin", "later", "one")
    }
    more = [
        lead("old", "2025-01-01 09:00:00", email="twin@b.co"),
        lead("new", "2026-04-01 09:00:00", email="later@b.co"),
    ]
    con = build(make_world, leads, [*calls("twin", 1), *calls("later", 1), *calls("one", 1)], more)
    assert verdicts(con)["rejected Duplicate"] == (1, 2, 0)


def test_what_holds_for_every_reason_contradicts_unless_the_claim_itself_is_borne_out(make_world) -> None:
    leads = {
        "untouched": ("Disqualified", None, "software", "un@b.co"),
        "untouched-unfit": ("Disqualified", "Not a fit", "farming", "uu@b.co"),
        "other-exit": ("Disqualified", "No budget", "software", "oe@b.co"),
        "silent": ("Disqualified", None, "software", "si@b.co"),
    }
    con = build(make_world, leads, [*calls("other-exit", 1), *calls("silent", 1)])
    assert verdicts(con) == {
        "rejected -": (0, 1, 1),
        "rejected Not a fit": (1, 0, 0),
        "rejected No budget": (0, 1, 0),
    }
    total = quality.evidence(con).iloc[-1]
    assert total[["n_untouched", "n_other_exit", "n_later"]].tolist() == [2, 1, 0]


def test_a_source_without_activities_cannot_tell_who_was_touched(make_world) -> None:
    leads = {
        "a": ("Disqualified", None, "software", "a@b.co"),
        "b": ("Disqualified", "Unreachable", "software", "b@b.co"),
    }
    con = build(make_world, leads, filled=False)
    assert verdicts(con) == {"rejected -": (0, 0, 1), "rejected Unreachable": (0, 0, 1)}
    assert quality.evidence(con)["n_untouched"].isna().all()


def test_nothing_refused_gives_no_rows(make_world) -> None:
    con = build(make_world, {})
    assert len(quality.evidence(con)) == 0
    assert len(quality.at_handoff(con)) == 1
    assert quality.fit_intent(con)["state"].unique().tolist() == [
        "not in this source: nothing is handed over"
    ]


def test_duplicates_and_completeness_at_the_hand_off(make_world, rows) -> None:
    """Required: e-mail and company. A record of the same person a second before counts, one at the stroke not."""
    leads = {
        name: ("Disqualified", None, "software", f"{name}@b.co") for name in ("before", "stroke", "alone")
    }
    more = [
        lead("old", "2026-03-02 09:59:59", email="before@b.co"),
        lead("same", "2026-03-02 10:00:00", email="stroke@b.co"),
    ]
    tables = {"touch": []}
    con = build(make_world, leads, (), more, **tables)
    con.execute(
        "update marts.handoff set channel = case when record_key = 'crm:alone' then null else 'ads' end"
    )
    table = quality.at_handoff(con)
    named = ["value", "is_total", "n", "n_told", "n_duplicate", "duplicate_rate"]
    assert rows(table, *named) == [("ads", False, 2, 2, 1, 0.5), (None, False, 1, 1, 0, 0.0),
                                   (None, True, 3, 3, 1, 0.3333)]  # fmt: skip
    con.execute("update marts.handoff set n_missing = case when record_key = 'crm:alone' then 1 else 0 end")
    con.execute(
        "update marts.handoff_field set is_present = case when handoff_id like 'crm:alone%' then field <> 'company' else true end"
    )
    again = quality.at_handoff(con)
    assert rows(again, "value", "n_known", "n_complete", "complete_rate") == [
        ("ads", 2, 2, 1.0), (None, 1, 0, 0.0), (None, 3, 2, 0.6667),
    ]  # fmt: skip


def test_fit_is_of_the_clauses_but_the_score_and_intent_of_the_score_alone(make_world, rows) -> None:
    """Scores 60 to 90 meet the agreed 60; their median is 75, so that 60 and 70 are the lower half."""
    person, history = [], []
    scores = {"a": 60, "b": 70, "c": 80, "d": 90, "e": 59}
    for name, score in scores.items():
        status = "Accepted" if name in "ac" else "Disqualified"
        industry = "farming" if name == "d" else "software"
        person.append(
            lead(
                name,
                "2026-03-01 09:00:00",
                status=status,
                email=f"{name}@b.co",
                score=score,
                industry=industry,
            )
        )
        history += changes(name, "status", (HANDED, "MQL"), ("2026-03-20 10:00:00", status), first="New")
        for field, value in (("industry", industry), ("email", f"{name}@b.co"), ("score", str(score))):
            history += changes(name, field, ("2026-03-01 09:30:00", value))
    con = make_world(person=[*person, lead("late", "2026-06-30 09:00:00")], attribute_event=history)
    table = quality.fit_intent(con, outcome="sal")
    found = [
        row
        for row in rows(table, "fit", "intent", "n", "n_decided", "n_accepted", "n_followed", "n_converted")
        if row[2]
    ]
    assert found == [
        ("fits", "upper half", 1, 1, 1, 1, 1),
        ("fits", "lower half", 2, 2, 1, 2, 1),
        ("fits", "below agreed", 1, 1, 0, 1, 0),
        ("does not fit", "upper half", 1, 1, 0, 1, 0),
    ]
    assert len(table) == 12
    assert table["state"].unique().tolist() == ["ok"]


def test_intent_by_responses_counts_what_the_person_did_up_to_the_hand_off(make_world, rows) -> None:
    leads = {name: ("Disqualified", None, "software", f"{name}@b.co") for name in ("none", "one", "two")}
    when = {"one": ["2026-03-02 10:00:00", "2026-03-02 10:00:01"], "two": ["2026-01-01", "2026-03-01"]}
    touch = [
        {"touch_id": f"{name}{at}", "record_id": name, "touched_at": day, "touched_precision": "second", "kind": "response"}
        for name, days in when.items() for at, day in enumerate(days)
    ]  # fmt: skip
    touch.append(
        {
            "touch_id": "s",
            "record_id": "none",
            "touched_at": "2026-01-01",
            "touched_precision": "second",
            "kind": "sent",
        }
    )
    table = quality.fit_intent(build(make_world, leads, touch=touch), by="responses", outcome="sal")
    assert rows(table, "fit", "intent", "n")[:3] == [
        ("fits", "two or more", 1), ("fits", "one response", 1), ("fits", "no response", 1),
    ]  # fmt: skip


def test_a_wrong_intent_names_the_choices(make_world) -> None:
    with pytest.raises(
        UsageError, match=r"no intent 'scor'. Did you mean 'score'\? Choose one of: score, resp"
    ):
        quality.fit_intent(build(make_world, {}), by="scor")


def test_hostile_reasons_and_names_are_only_text(make_world) -> None:
    hostile = "=cmd|' /C calc'!A0 <script>alert(1)</script>"
    con = build(make_world, {"a": ("Disqualified", hostile, "software", "a@b.co")})
    assert quality.evidence(con)["reason"].iloc[0] == hostile
    assert isinstance(quality.heard(con, dimension="industry"), pd.DataFrame)
