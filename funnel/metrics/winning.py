"""Win rates by what a deal can be split by: time of closing, segments, the team, the manager."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import read, splitting
from funnel.metrics.source import ABSENT, missing

SPLITS = (*term.PERIODS, "team", "team_region", "manager", *term.DIMENSIONS)
WON = splitting("""
with deal as (
    select
        o.* exclude (amount, week_on, month_on, quarter_on),
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount,
        r.team, r.region as team_region, coalesce(m.name, r.manager_id) as manager
    from (select *, closed_week_on as week_on, closed_month_on as month_on, closed_quarter_on as quarter_on
        from marts.opportunity) o
    cross join run.context c
    left join core.rep r on r.rep_id = o.owner_id
    left join core.rep m on m.rep_id = r.manager_id
    where o.outcome in ('won', 'lost')
        and coalesce(o.closed_on >= cast($start_on as date), $start_on is null)
        and coalesce(o.closed_on < cast($end_on as date), $end_on is null)
),
labelled as (
    select
        case when list_contains($by, 'week') then closed_week_on end as week,
        case when list_contains($by, 'month') then closed_month_on end as month,
        case when list_contains($by, 'quarter') then closed_quarter_on end as quarter,
        case when list_contains($by, 'team') then team end as team,
        case when list_contains($by, 'team_region') then team_region end as team_region,
        case when list_contains($by, 'manager') then manager end as manager,
        split_into($by, deal),
        outcome, amount
    from deal
)
select
    * exclude (outcome, amount),
    count(*) as n,
    count(*) filter (where outcome = 'won') as n_won,
    count(*) filter (where outcome = 'lost') as n_lost,
    count(amount) as n_amounts,
    sum(amount) filter (where outcome = 'won') as won_amount,
    sum(amount) filter (where outcome = 'lost') as lost_amount,
    sum(amount) as amount,
    sum(cast(amount as decimal(20, 2)) * amount) as squares
from labelled
group by all
order by week nulls last, month nulls last, quarter nulls last, n desc, team, team_region, manager, SPLITS
""").replace("SPLITS", ", ".join(term.DIMENSIONS))

RULE = (
    "Win rate: won / (won + lost), by number and by amount, of the opportunities closed {span}, by {by}. "
    "Limits: 99.8 %, widened for over-dispersion; outside them is more than chance and the usual spread."
)
COUNTS = ["n", "n_won", "n_lost", "rate", "low", "high", "limit_low", "limit_high", "is_outside", "is_small"]
AMOUNTS = ["won_amount", "lost_amount", "rate_amount", "amount_low", "amount_high", "n_unknown"]


def win_rates(
    con: DuckDBPyConnection,
    *,
    by: str | Sequence[str] = "quarter",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per value of `by`, or of several together: win rates by number and by amount.

    `by`: week, month or quarter of closing, a dimension, team, team_region or manager of the deal's owner.
    Managers are persons: for analysts, never on a page. Opportunities closed in [start_on, end_on). Columns:
    one per split, in the order given; n, n_won, n_lost, rate, low, high (Wilson), limit_low, limit_high (99.8
    %, over-dispersed, around the common rate of all rows), is_outside, is_small, won_amount, lost_amount,
    rate_amount, amount_low, amount_high (Wilson on Kish's effective number; null where no lost one has an
    amount), n_unknown (without a known amount), currency, state, rule. In time order, then most deals first.
    Without any lost opportunity rates are 'not in this source'. UsageError for an unknown split.
    """
    splits = [_split(name) for name in ([by] if isinstance(by, str) else by)]
    frame = read(con, WON, by=splits, start_on=start_on, end_on=end_on)
    absent = missing(con, "opportunity") is not None or (len(frame) > 0 and not frame["n_lost"].any())
    frame = stats.with_limits(stats.with_rate(frame, "n_won", "n"), "n_won", "n")
    share = frame["won_amount"].fillna(0) / frame["amount"].where(frame["amount"] > 0)
    share = share.where((frame["lost_amount"].fillna(0) > 0) | (frame["n_lost"] == 0)).astype("float64")
    effective = frame["amount"] ** 2 / frame["squares"]
    low, high = stats.wilson(share * effective, effective)
    bare = frame["n"] - frame["n_amounts"]
    frame = frame.assign(rate_amount=share, amount_low=low, amount_high=high, n_unknown=bare)
    if absent:
        frame[["rate", "low", "high", "rate_amount", "amount_low", "amount_high"]] = np.nan
    frame = frame.assign(state=ABSENT if absent else "ok", currency=term.context(con).currency)
    span = "to date" if start_on is None and end_on is None else "in the span"
    rule = RULE.format(span=span, by=" and ".join(name.replace("_", " ") for name in splits))
    return frame.assign(rule=rule)[[*splits, *COUNTS, *AMOUNTS, "currency", "state", "rule"]]


def _split(name: str) -> str:
    if name in SPLITS:
        return name
    raise UsageError(
        f"Win rates cannot be split by '{name}'.{did_you_mean(name, SPLITS)} Choose of: {', '.join(SPLITS)}."
    )
