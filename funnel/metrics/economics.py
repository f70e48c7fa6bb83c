"""What new customers cost, how soon they pay for it and what they bring, by the contract's constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import term
from funnel.metrics.frame import read

GAINED = """
with period as (
    select starts_on, ends_on from run.period where period = $by
),
agreed as (
    select k.kind
    from contract.paid_kind k
    join run.context c on c.contract = k.version
),
item as (
    select
        s.amount, s.spent_on + cast($lag_days as integer) as from_on,
        greatest(coalesce(s.ends_on, s.spent_on), s.spent_on) + 1 + cast($lag_days as integer) as until_on
    from marts.spend s
    cross join run.context c
    where coalesce(s.currency, c.currency) = c.currency
        and (not $is_paid or s.kind in (select kind from agreed))
),
spent as (
    select
        p.starts_on as period_on,
        sum(cast(i.amount * (least(i.until_on, p.ends_on) - greatest(i.from_on, p.starts_on))
            / (i.until_on - i.from_on) as decimal(18, 4))) as amount
    from item i
    join period p on i.from_on < p.ends_on and i.until_on > p.starts_on
    group by p.starts_on
),
win as (
    select
        coalesce(o.account_id, o.opportunity_id) as customer_id,
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount,
        case $by when 'week' then o.closed_week_on when 'month' then o.closed_month_on
            when 'quarter' then o.closed_quarter_on end as period_on
    from marts.opportunity o
    cross join run.context c
    where o.outcome = 'won'
),
first_win as (
    select customer_id, min(period_on) as period_on from win group by customer_id
),
customer as (
    select f.customer_id, f.period_on, sum(w.amount) as amount
    from first_win f
    join win w on w.customer_id = f.customer_id and w.period_on = f.period_on
    group by f.customer_id, f.period_on
),
gained as (
    select
        period_on, count(*) as n, count(amount) as n_amounts, sum(amount) as won,
        sum(cast(amount as decimal(20, 2)) * amount) as squares
    from customer
    group by period_on
)
select
    s.period_on, s.amount, coalesce(g.n, 0) as n, coalesce(g.n_amounts, 0) as n_amounts, g.won, g.squares
from spent s
left join gained g on g.period_on = s.period_on
order by s.period_on
"""

KINDS = """
select k.kind
from contract.paid_kind k
join run.context c on c.contract = k.version
order by k.kind
"""

SHARES = MappingProxyType({"gross_margin": "gross margin", "annual_churn": "annual churn"})
NEEDS = MappingProxyType({"payback": ("gross_margin",), "lifetime": ("gross_margin", "annual_churn")})
MONTHS = 12


def per_customer(con: DuckDBPyConnection, *, family: str, by: str) -> pd.DataFrame:
    """Return one row per week, month or quarter with spend: what the customers won in it cost, or bring.

    `family`: 'cac' (spend of all kinds per new customer), 'cac_paid' (of the contract's paid kinds),
    'payback' (months), 'lifetime' (margin over the years / spend). The spend is that of the period moved back
    by the contract's lag, in whole days; an item of several days is spread over them evenly. A customer (the
    account, or the opportunity where none is known) counts once, in the period of the first win. Columns:
    period_on, value, low, high (95 %: exact Poisson on the customers; of payback and lifetime a compound
    Poisson on what they were won for), n (new customers), n_unknown (without an amount, taken as the mean).
    No row if the contract does not name what it needs.
    """
    terms, is_paid = term.agreed(con), family == "cac_paid"
    rows = read(con, GAINED, by=by, lag_days=lag_days(terms), is_paid=is_paid)
    if family in unagreed(con):
        return rows.iloc[:0].assign(value=0.0, low=0.0, high=0.0)
    return _VALUES[family](rows, terms)


def lag_days(terms: Mapping[str, float]) -> int:
    """Return how many whole days the cost of a customer lies before the win, as agreed; 0 if nothing is."""
    return int(terms.get("cac_lag_seconds", 0.0) // term.DAY_SECONDS)


def words(con: DuckDBPyConnection) -> dict[str, str]:
    """Return how the contract's constants are said within a rule: all, paid, lag, margin, churn."""
    terms, kinds = term.agreed(con), paid_kinds(con)
    days = lag_days(terms)
    return {
        "all": " of all kinds",
        "paid": f" of the kinds {', '.join(kinds)}" if kinds else " of the paid kinds",
        "lag": f" in the period moved back by {days} days" if days else " in the period",
        "margin": number.rate(terms.get("gross_margin")),
        "churn": number.rate(terms.get("annual_churn")),
    }


def paid_kinds(con: DuckDBPyConnection) -> list[str]:
    """Return the kinds of spend that the contract in force counts as paid acquisition."""
    return [str(row[0]) for row in con.execute(KINDS).fetchall()]


def unagreed(con: DuckDBPyConnection) -> dict[str, str]:
    """Return by family, in words, which constant the contract lacks; families that lack none are left out."""
    terms = term.agreed(con)
    found = {family: _lacking(terms, names) for family, names in NEEDS.items()}
    found["cac_paid"] = "" if paid_kinds(con) else "the contract names no paid kinds of spend"
    return {family: text for family, text in found.items() if text}


def _lacking(terms: Mapping[str, float], names: tuple[str, ...]) -> str:
    absent = [f"no {SHARES[name]}" for name in names if name not in terms]
    if absent:
        return f"the contract names {' and '.join(absent)}"
    nought = [SHARES[name] for name in names if terms[name] == 0]
    return f"the contract's {nought[0]} is 0" if nought else ""


def _cost(rows: pd.DataFrame, terms: Mapping[str, float]) -> pd.DataFrame:
    fewest, most = (pd.Series(ends, index=rows.index) for ends in stats.poisson(rows["n"]))
    some = rows["n"].where(rows["n"] > 0)
    bounds = {"low": rows["amount"] / most, "high": rows["amount"] / fewest.where(some.notna())}
    return rows.assign(value=rows["amount"] / some, **bounds)


def _payback(rows: pd.DataFrame, terms: Mapping[str, float]) -> pd.DataFrame:
    margin = terms["gross_margin"]
    value, low, high = (MONTHS * rows["amount"] / (worth * margin) for worth in _worth(rows))
    return _known(rows.assign(value=value, low=high, high=low))


def _lifetime(rows: pd.DataFrame, terms: Mapping[str, float]) -> pd.DataFrame:
    years = terms["gross_margin"] / terms["annual_churn"]
    spend = rows["amount"].where(rows["amount"] > 0)
    value, low, high = (worth * years / spend for worth in _worth(rows))
    return _known(rows.assign(value=value, low=low, high=high))


def _worth(rows: pd.DataFrame) -> tuple[pd.Series[float], ...]:
    """Return what the new customers were won for, with its interval; null where it is nothing."""
    low, high = stats.total(rows["won"], rows["squares"])
    share = rows["n"] / rows["n_amounts"].where(rows["n_amounts"] > 0)
    ends = (rows["won"], pd.Series(low, index=rows.index), pd.Series(high, index=rows.index))
    return tuple((end * share).where(end > 0) for end in ends)


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(n_unknown=rows["n"] - rows["n_amounts"])


_VALUES: Mapping[str, Callable[[pd.DataFrame, Mapping[str, float]], pd.DataFrame]] = MappingProxyType(
    {"cac": _cost, "cac_paid": _cost, "payback": _payback, "lifetime": _lifetime}
)
