"""Touches and spend on open opportunities: on the stroke, to the cent, and recounted one by one."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from handed_house import widened

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import overlap

AS_OF = "2026-06-15 00:00:00"


@pytest.fixture
def here(house):
    return widened(house(AS_OF))


def touch(here, touch_id, at, person="p", channel="ads", campaign=None, precision="second"):
    here.add("core.touch", touch_id=touch_id, person_id=person, channel=channel, campaign_id=campaign,
             touched_at=at, touched_precision=precision)  # fmt: skip


def deal(here, created, closed=None, outcome="open", amount=100, *, on=(), account=None, **row):
    here.opportunity(created, amount, closed, outcome, account_id=account, **row)
    for person in on:
        here.add("core.opportunity_person", opportunity_id=f"o{here.n}", person_id=person)


def spent(here, campaign, amount, first, last=None, **row):
    number = here.con.execute("select count(*) from marts.spend").fetchall()[0][0]
    here.add("marts.spend", spend_id=str(number), campaign_id=campaign, spent_on=first, ends_on=last,
             amount=amount, currency="EUR", **row)  # fmt: skip


COUNTS = ("n", "n_touches", "n_person_touches", "n_account_touches", "n_persons", "n_opportunities")


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-05-01 10:00:00", 0),
        ("2026-05-01 10:00:01", 1),
        ("2026-05-20 09:59:59", 1),
        ("2026-05-20 10:00:00", 0),
    ],
)
def test_then_a_touch_counts_while_the_opportunity_was_open_on_the_stroke(here, rows, at, then):
    deal(here, "2026-05-01 10:00:00", "2026-05-20 10:00:00", "won", on=["p"])
    touch(here, "t", at)
    con = here.open()
    assert rows(overlap.touches(con, by="channel").tail(1), "n", "n_touches") == [(1, then)]
    assert rows(overlap.touches(con, by="channel", at="now").tail(1), "n", "n_touches") == [(1, 0)]


@pytest.mark.parametrize(
    ("at", "n"), [("2026-05-01", 0), ("2026-05-02", 1), ("2026-05-19", 1), ("2026-05-20", 0)]
)
def test_a_day_counts_strictly_between_the_days(here, rows, at, n):
    deal(here, "2026-05-01 10:00:00", "2026-05-20 10:00:00", "lost", on=["p"])
    touch(here, "t", at, precision="day")
    assert rows(overlap.touches(here.open(), by="channel").tail(1), "n_touches") == [(n,)]


def test_persons_on_it_and_others_of_its_account_are_told_apart(here, rows):
    """Person p is on the opportunity by his passage, r by his role, q only works at the account, z nowhere near."""
    deal(here, "2026-05-01", on=["p"], account="acc", amount=500)
    here.add("core.contact_role", role_id="1", opportunity_id="o1", person_id="r")
    for person, account in (("p", "acc"), ("q", "acc"), ("z", "other")):
        here.add("core.person", person_id=person, account_id=account)
    for number, person in enumerate(("p", "p", "q", "r", "z")):
        touch(here, f"t{number}", "2026-05-02", person)
    table = overlap.touches(here.open(), by="channel")
    assert rows(table.tail(1), *COUNTS, "opportunity_amount", "rate", "low", "high", "currency", "state") == [
        (5, 4, 3, 1, 3, 1, 500.0, 0.8, 0.3755, 0.9638, "EUR", "ok")
    ]


def test_amounts_count_each_opportunity_once_and_another_currency_not_at_all(here, rows):
    deal(here, "2026-05-01", on=["p", "q"], amount=500)
    deal(here, "2026-05-01", on=["p"], amount=900, currency="USD")
    touch(here, "1", "2026-05-02", "p")
    touch(here, "2", "2026-05-02", "q", "web")
    table = overlap.touches(here.open(), by="channel")
    assert rows(table, "value", "n_touches", "n_opportunities", "opportunity_amount") == [
        ("ads", 1, 2, 500.0),
        ("web", 1, 1, 500.0),
        (None, 2, 2, 500.0),
    ]


def test_spend_is_spread_on_the_responses_of_its_days(here, rows):
    """1,000 on 1 to 10 May, four responses in those days, one after them; one of the four overlaps: 250."""
    here.add("core.campaign", campaign_id="k", name="Spring")
    spent(here, "k", 1000, "2026-05-01", "2026-05-10")
    deal(here, "2026-05-02 12:00:00", on=["p"])
    touch(here, "1", "2026-05-03 08:00:00", campaign="k")
    for number, at in enumerate(("2026-05-01", "2026-05-05", "2026-05-10 23:59:59", "2026-05-11")):
        touch(here, f"o{number}", at, "z", campaign="k")
    table = overlap.touches(here.open(), by="campaign")
    columns = (
        "value",
        "campaign_id",
        "n",
        "n_touches",
        "spend_amount",
        "all_spend_amount",
        "unspread_amount",
    )
    assert rows(table, *columns) == [
        ("Spring", "k", 5, 1, 250.0, 1000.0, None),
        (None, None, 5, 1, 250.0, 1000.0, 0.0),
    ]


def test_only_the_days_of_the_span_and_before_the_report_are_spent(here, rows):
    """Ten days for 1,000, five of them in the span; sixty days for 600, of which the report has seen 45."""
    deal(here, "2026-01-01")
    spent(here, "k", 1000, "2026-05-01", "2026-05-10")
    spent(here, "m", 600, "2026-05-01", "2026-06-29")
    for number, campaign in enumerate("km"):
        touch(here, f"a{number}", "2026-05-07", campaign=campaign)
    con = here.open()
    table = overlap.touches(con, by="campaign", start_on="2026-05-06", end_on="2026-05-11")
    assert rows(table, "campaign_id", "n", "all_spend_amount") == [
        ("k", 1, 500.0),
        ("m", 1, 50.0),
        (None, 2, 550.0),
    ]
    assert rows(overlap.touches(con, by="campaign"), "campaign_id", "all_spend_amount") == [
        ("k", 1000.0),
        ("m", 450.0),
        (None, 1450.0),
    ]
    assert overlap.touches(con, by="campaign", start_on="2026-05-08")["n"].tolist() == [0]


def test_what_no_response_can_carry_is_named_and_not_lost(here, rows):
    deal(here, "2026-01-01")
    spent(here, "k", 1000, "2026-05-01")
    spent(here, "k", 70, "2026-05-02")
    spent(here, None, 5000, "2026-05-01")
    touch(here, "1", "2026-05-01 12:00:00", campaign="k")
    columns = ("spend_amount", "all_spend_amount", "unspread_amount")
    assert rows(overlap.touches(here.open(), by="channel").tail(1), *columns) == [(0.0, 1000.0, 70.0)]


def test_local_days_decide_on_which_day_a_response_falls(house, rows):
    """Two hours east of UTC: 30 April, 22:00 UTC is 1 May."""
    here = widened(house(AS_OF, offset_hours=2))
    deal(here, "2026-01-01")
    spent(here, "k", 100, "2026-05-01")
    touch(here, "1", "2026-04-30 22:00:00", campaign="k")
    touch(here, "2", "2026-04-30 21:59:59", campaign="k")
    con = here.open()
    assert rows(
        overlap.touches(con, by="channel", start_on="2026-05-01").tail(1), "n", "all_spend_amount"
    ) == [(1, 100.0)]
    assert rows(overlap.touches(con, by="channel", end_on="2026-05-01").tail(1), "n", "unspread_amount") == [
        (1, 0.0)
    ]


@pytest.fixture
def market(here):
    """Return 150 touches on people, opportunities and items of spend, drawn at random, as plain tuples."""
    draw = random.Random(9)
    people = [f"p{number}" for number in range(25)]
    accounts = {person: f"a{draw.randrange(12)}" for person in people}
    for person, account in accounts.items():
        here.add("core.person", person_id=person, account_id=account)
    deals, items, touches = [], [], []
    for _ in range(15):
        made = datetime(2026, 1, 1) + timedelta(hours=draw.randrange(24 * 120))
        closed = made + timedelta(hours=draw.randrange(1, 24 * 60)) if draw.random() < 0.6 else None
        on, account = draw.sample(people, 2), f"a{draw.randrange(12)}"
        deal(here, str(made), closed and str(closed), "won" if closed else "open", on=on, account=account)
        deals.append((made, closed, on, account))
    for _ in range(12):
        first, days = date(2026, 1, 1) + timedelta(days=draw.randrange(150)), draw.randrange(1, 30)
        items.append((draw.choice("kmn"), draw.randrange(1, 99999), first, days))
        spent(here, items[-1][0], items[-1][1], str(first), str(first + timedelta(days=days - 1)))
    for number in range(150):
        at = datetime(2026, 1, 1) + timedelta(minutes=draw.randrange(1440 * 160))
        touches.append((at, draw.choice(people), draw.choice("kmn"), draw.choice(["ads", "web"])))
        touch(here, f"t{number}", str(at), touches[-1][1], touches[-1][3], touches[-1][2])
    return here.open(), accounts, deals, items, touches


@pytest.mark.parametrize("at", ["now", "then"])
@pytest.mark.parametrize("by", ["channel", "campaign"])
def test_touches_and_spend_equal_those_counted_one_by_one(market, at, by):
    con, accounts, deals, items, touches = market

    def near(one):
        found = set()
        for number, (made, closed, on, account) in enumerate(deals):
            was_open = made < one[0] and (closed is None or (at == "then" and one[0] < closed))
            if was_open and (one[1] in on or accounts[one[1]] == account):
                found.add((number, one[1] in on))
        return found

    def share(one):
        total = Fraction(0)
        for campaign, amount, first, days in items:
            seen = min((date(2026, 6, 15) - first).days, days)
            inside = [t for t in touches if t[2] == campaign and 0 <= (t[0].date() - first).days < seen]
            if one in inside:
                total += Fraction(amount * seen, days) / len(inside)
        return total

    table = overlap.touches(con, by=by, at=at)
    for row in table.to_dict("records"):
        place = 3 if by == "channel" else 2
        mine = [
            one for one in touches if row["is_total"] or one[place] == (row["campaign_id"] or row["value"])
        ]
        hits = [one for one in mine if near(one)]
        persons = [one for one in hits if any(own for _, own in near(one))]
        counted = (
            len(mine),
            len(hits),
            len(persons),
            len(hits) - len(persons),
            len({one[1] for one in hits}),
        )
        assert tuple(row[name] for name in COUNTS[:5]) == counted
        assert row["n_opportunities"] == len({number for one in hits for number, _ in near(one)})
        assert float(row["all_spend_amount"]) == pytest.approx(float(sum(map(share, mine))), abs=0.02)
        assert float(row["spend_amount"]) == pytest.approx(float(sum(map(share, hits))), abs=0.02)
        assert row["rate"] == pytest.approx(stats.rate([len(hits)], [len(mine)])[0])


def test_what_is_spread_and_what_is_not_add_to_what_was_spent(market):
    con, _, _, items, _ = market
    total = overlap.touches(con, by="channel").tail(1)
    days = [min((date(2026, 6, 15) - first).days, span) for _, _, first, span in items]
    spend = sum(Fraction(x[1] * seen, x[3]) for x, seen in zip(items, days, strict=True))
    whole = Decimal(str(total["all_spend_amount"].item())) + Decimal(str(total["unspread_amount"].item()))
    assert float(whole) == pytest.approx(float(spend), abs=0.02)


def test_parts_add_to_the_total(market):
    table = overlap.touches(market[0], by="campaign")
    parts, total = table[~table["is_total"]], table[table["is_total"]]
    for name in ("n", "n_touches", "n_person_touches", "n_account_touches"):
        assert parts[name].sum() == total[name].item()
    assert parts["all_spend_amount"].astype(float).sum() == pytest.approx(
        float(total["all_spend_amount"].item()), abs=0.03
    )


def test_what_the_source_lacks_is_null(here, rows):
    deal(here, "2026-05-01", on=["p"])
    touch(here, "1", "2026-05-02", campaign="k")
    here.sources("touch", "opportunity", "person")
    con = here.open()
    columns = (
        "n",
        "n_touches",
        "opportunity_amount",
        "spend_amount",
        "all_spend_amount",
        "unspread_amount",
        "state",
    )
    assert rows(overlap.touches(con, by="channel").tail(1), *columns) == [
        (1, 1, 100.0, None, None, None, "ok")
    ]
    here.sources("person", "opportunity")
    assert rows(overlap.touches(con, by="channel").tail(1), *columns) == [
        (None, None, None, None, None, None, "not in this source")
    ]


@pytest.mark.parametrize(
    ("given", "near"), [({"by": "chanel"}, "channel"), ({"by": "channel", "at": "thn"}, "then")]
)
def test_an_unknown_word_is_refused_with_the_nearest(here, given, near):
    with pytest.raises(UsageError, match=f"Did you mean '{near}'"):
        overlap.touches(here.open(), **given)


@pytest.mark.parametrize(
    ("created", "closed", "outcome", "state"),
    [
        (None, None, "open", "undefined"),
        ("2026-05-01", None, "lost", "undefined"),
        ("2026-05-01", None, "open", "ok"),
        ("2026-05-01", "2026-05-02", "lost", "ok"),
    ],
)
def test_overlap_needs_an_opportunity_that_is_known_to_have_been_open(
    here, rows, created, closed, outcome, state
):
    deal(here, created, closed, outcome)
    touch(here, "1", "2026-05-02")
    known = (1, 0) if state == "ok" else (None, None)
    assert rows(overlap.touches(here.open(), by="channel").tail(1), "n", "n_touches", "state") == [
        (*known, state)
    ]


# What such opportunities did

WON = ("position", "n", "n_won", "n_lost", "n_open", "rate", "change", "state")


def test_opportunities_are_compared_by_what_was_done_in_their_first_days(here, rows):
    """Landmark 14 days. Touched: won, lost; at the account only: won; nobody: lost, lost, open."""
    made = "2026-03-01 00:00:00"
    for name, outcome in (("p", "won"), ("q", "lost"), ("r", "won"), ("s", "lost"), ("t", "lost")):
        deal(here, made, "2026-05-01", outcome, on=[name], account=name)
    deal(here, made, on=["u"], account="u")
    here.add("core.person", person_id="colleague", account_id="r")
    for number, person in enumerate(("p", "q", "colleague")):
        touch(here, f"t{number}", "2026-03-02", person)
    touch(here, "after the landmark", "2026-03-15 00:00:01", "s")
    table = overlap.outcomes(here.open())
    assert rows(table, *WON) == [
        (1, 2, 1, 1, 0, 0.5, 0.5, "ok"),
        (2, 1, 1, 0, 0, 1.0, 1.0, "ok"),
        (3, 3, 0, 2, 1, 0.0, None, "ok"),
    ]
    low, high = (end[0] for end in stats.newcombe([1], [2], [0], [2])[1:])
    assert rows(table.head(1), "change_low", "change_high") == [(round(low, 4), round(high, 4))]
    assert "no difference is shown" in table["sentence"].iloc[0]


@pytest.mark.parametrize(
    ("at", "position"),
    [
        ("2026-03-01 00:00:00", 3),  # at creation: not while it was open
        ("2026-03-01 00:00:01", 1),
        ("2026-03-15 00:00:00", 1),  # the landmark's last instant
        ("2026-03-15 00:00:01", 3),
    ],
)
def test_a_touch_counts_up_to_the_landmark_on_the_stroke(here, at, position):
    deal(here, "2026-03-01 00:00:00", "2026-05-01", "won", on=["p"])
    touch(here, "t", at)
    table = overlap.outcomes(here.open())
    assert table.loc[table["n"] == 1, "position"].tolist() == [position]


@pytest.mark.parametrize(
    ("created", "closed", "n"),
    [
        ("2026-03-01 00:00:00", "2026-03-15 00:00:00", 0),  # decided at the landmark
        ("2026-03-01 00:00:00", "2026-03-15 00:00:01", 1),
        ("2026-06-01 00:00:00", None, 1),  # fourteen days old at the report
        ("2026-06-01 00:00:01", None, 0),
    ],
)
def test_who_was_decided_before_the_landmark_or_is_too_young_is_left_out(here, created, closed, n):
    deal(here, created, closed, "lost" if closed else "open", on=["p"])
    table = overlap.outcomes(here.open())
    assert table["n"].sum() == n
    assert ("0 decided earlier and 0 younger ones" in table["rule"].iloc[0]) == bool(n)


def test_deals_known_to_the_day_are_compared_by_days(here):
    days = {"created_precision": "day", "closed_precision": "day"}
    deal(here, "2026-03-01", "2026-03-15", "lost", on=["p"], **days)
    deal(here, "2026-03-01", "2026-03-16", "lost", on=["q"], **days)
    touch(here, "1", "2026-03-15 23:00:00", "q")
    touch(here, "2", "2026-03-01 23:00:00", "q")
    table = overlap.outcomes(here.open())
    assert table["n"].tolist() == [1, 0, 0]


def test_a_difference_that_is_shown_is_still_called_an_association(here):
    for number in range(60):
        outcome = "won" if number < 30 else "lost"
        deal(here, "2026-03-01 00:00:00", "2026-05-01", outcome, on=[f"p{number}"])
        if outcome == "won":
            touch(here, f"t{number}", "2026-03-02", f"p{number}")
    sentence = overlap.outcomes(here.open())["sentence"].iloc[0]
    assert sentence.endswith("an association, not shown to be an effect.")


def test_without_a_lost_one_or_without_touches_no_rate_is_told(here, rows):
    deal(here, "2026-03-01 00:00:00", "2026-05-01", "won", on=["p"])
    con = here.open()
    assert rows(overlap.outcomes(con), "rate", "state") == [(None, "undefined")] * 3
    here.sources("person", "opportunity")
    assert rows(overlap.outcomes(con), "rate", "state") == [(None, "not in this source")] * 3
    assert "cannot be judged: not in this source" in overlap.outcomes(con)["sentence"].iloc[0]
