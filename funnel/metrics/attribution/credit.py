"""What each rule books where: credits by channel, campaign or content, and the ledger beneath them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import span, steps, term
from funnel.metrics.attribution import asked as words
from funnel.metrics.attribution import markov
from funnel.metrics.attribution.query import FOLDER, walked
from funnel.metrics.source import ABSENT, missing

WEIGHTS = {
    "first": (1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "last": (0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    "linear": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    "u": (0.4, 0.4, 0.0, 0.0, 0.2, 0.0),
    "w": (0.3, 0.3, 0.3, 0.0, 0.1, 0.0),
    "full_path": (0.225, 0.225, 0.225, 0.225, 0.1, 0.0),
    "time_decay": (0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
}
"""Of each rule: first touch, lead creation, opportunity creation, last touch, all others, decay."""
WEIGHT = (
    "create temp table weight (rule varchar, first double, lead double, creation double, last double, "
    "rest double, decay double)"
)
WEIGH = "insert into weight values ($rule, $first, $lead, $creation, $last, $rest, $decay)"
LEDGER = """
select
    c.rule as credit_rule, c.path_id as opportunity_id, c.touch_id, e.person_id,
    e.channel, e.campaign, e.content, e.touched_at, e.age_seconds / 86400 as age_days, e.is_same_day,
    cast(c.share as double) as share, c.cents / 100.0 as credit_amount
from credit c
join eligible e on e.path_id = c.path_id and e.touch_id = c.touch_id
order by c.rule, c.path_id, e.touched_at, c.touch_id
"""
LINES = {1: "value", 2: "no eligible touch", 3: "no date", 4: "total"}
COLUMNS = ["credit_rule", "title", "line", "value", "credit_amount", "credit_share", "n_credit"]
COLUMNS += ["n_opportunities", "n_unknown", "currency", "look_back_days", "words", "state", "rule"]


def credits(
    con: DuckDBPyConnection,
    *,
    by: str,
    amount: str = "won",
    rules: Iterable[str] | None = None,
    look_back_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per rule and value of `by` (channel, campaign, content), most opportunities first.

    `amount`: 'won' (amounts won, by day of closing) or 'pipeline' (amounts created, by day of creation), to
    date or of [start_on, end_on); `rules`: all that apply by default. After the values come the lines 'no
    eligible touch' and 'no date' (the event has none), where there are any, and 'total': the credits of a
    rule add to it to the cent. Columns: credit_rule, title, line ('value' or one of those), value (null:
    the touch has none), credit_amount (null where no amount is known) in currency, credit_share of the
    total, n_credit (shares of opportunities), n_opportunities with such a touch, n_unknown (of them, amount
    unknown or in another currency: counted, not added), look_back_days, words (what the rule does), state,
    rule. UsageError for an unknown word. Rules as in METHODS section 5.
    """
    by = words.one_of("split", by, words.BY)
    wanted = words.chosen(rules, amount)
    asked = words.question(
        con, amount=amount, look_back_days=look_back_days, start_on=start_on, end_on=end_on
    )
    with walked(con, asked) as cursor:
        _weigh(cursor, [*wanted, "linear"], asked)
        split = steps.read(cursor, FOLDER, "split", {"by": by})
        if "markov" in wanted:
            split = pd.concat([split, markov.credited(cursor, split, by)], ignore_index=True)
    split = split[split["rule"].isin(wanted)]
    split = _added(_ordered(split))
    absent = missing(con, "touch", "opportunity")
    if absent:
        split = split[split["line"] == "total"].assign(
            credit_amount=np.nan, credit_share=np.nan, n_credit=np.nan
        )
    says = {rule: words.words(rule, asked) for rule in wanted}
    return split.assign(
        currency=term.context(con).currency,
        look_back_days=asked.look_back_days,
        words=split["credit_rule"].map(says),
        state=ABSENT if absent else np.where(split["credit_amount"].isna(), "undefined", "ok"),
        rule=asked.rule,
    )[COLUMNS]


def ledger(
    con: DuckDBPyConnection,
    *,
    amount: str = "won",
    rules: Iterable[str] | None = None,
    look_back_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per rule, opportunity and eligible touch: for analysts, who trace a credit.

    It names opportunities and persons by their keys, so it stands on no page. Markov books to the chain and
    not to touches, and is not in it. Columns: credit_rule, opportunity_id, touch_id, person_id, channel,
    campaign, content, touched_at, age_days (before the event), is_same_day (known to the day of the event
    only), share, credit_amount (null where unknown). The shares of an opportunity add to 1 (to 12 digits),
    its credits to its amount exactly.
    """
    wanted = words.chosen(rules, amount)
    asked = words.question(
        con, amount=amount, look_back_days=look_back_days, start_on=start_on, end_on=end_on
    )
    with walked(con, asked) as cursor:
        _weigh(cursor, list(wanted), asked)
        frame: pd.DataFrame = cursor.execute(LEDGER).df()
    place = frame["credit_rule"].map({rule: at for at, rule in enumerate(words.RULES)})
    return frame.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _weigh(cursor: DuckDBPyConnection, rules: list[str], asked: words.Asked) -> None:
    """Make the tables of rules and credits."""
    cursor.execute(WEIGHT)
    for rule in dict.fromkeys(rules):
        if rule in WEIGHTS:
            names = ("first", "lead", "creation", "last", "rest", "decay")
            cursor.execute(WEIGH, {"rule": rule, **dict(zip(names, WEIGHTS[rule], strict=True))})
    given = {"half_life_seconds": asked.half_life_seconds}
    for name in ("shared", "credit"):
        steps.make(cursor, name, steps.text(FOLDER, name), given)


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Order by rule, then the values with most opportunities first, the other lines last."""
    place = frame["rule"].map({rule: at for at, rule in enumerate(words.RULES)})
    frame = frame.assign(place=place, most=-frame["n_opportunities"])
    by = ["place", "line", "most", "value"]
    frame = frame.sort_values(by, kind="stable", na_position="last", ignore_index=True)
    return frame.astype({"n_opportunities": "int64", "n_unknown": "int64"})


def _added(frame: pd.DataFrame) -> pd.DataFrame:
    """Return names for rule and line, amounts from cents and their share of the total."""
    totals = frame[frame["line"] == 4].set_index("rule")["cents"]
    share = frame["cents"] / frame["rule"].map(totals).replace(0, np.nan)
    return frame.assign(
        credit_rule=frame["rule"],
        title=frame["rule"].map(words.TITLES),
        line=frame["line"].map(LINES),
        credit_amount=frame["cents"] / 100,
        credit_share=share,
    )
