"""Agreed constants: economics, capacity, recycling and attribution, each optional and each with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from funnel.contract.document import Item
from funnel.contract.durations import read_duration, say_duration
from funnel.contract.model import Terms
from funnel.contract.slas import read_share
from funnel.contract.words import say_list, say_number, say_rate


@dataclass(frozen=True)
class Kind:
    """One constant: the section and key that hold it, how it is read, and its sentence."""

    section: str
    key: str
    read: Callable[[Item], float]
    say: Callable[[float], str]


def _share(item: Item) -> float:
    return read_share(item)


def _length(item: Item) -> float:
    return float(read_duration(item)[0])


def _positive(item: Item) -> float:
    number = item.number()
    if number <= 0:
        raise item.error(f"expected a number above 0, found {item.found}.")
    return number


def _days(seconds: float) -> str:
    return say_duration(round(seconds))


KINDS: Mapping[str, Kind] = {
    "gross_margin": Kind(
        "economics", "gross_margin", _share, lambda share: f"Gross margin of what is won: {say_rate(share)}."
    ),
    "annual_churn": Kind(
        "economics",
        "annual_churn",
        _share,
        lambda share: f"Won accounts that leave within a year: {say_rate(share)}.",
    ),
    "cac_lag_seconds": Kind(
        "economics",
        "cac_lag",
        _length,
        lambda s: f"The cost of new customers is the expense of {_days(s)} earlier.",
    ),
    "leads_per_rep_per_week": Kind(
        "capacity",
        "leads_per_rep_per_week",
        _positive,
        lambda n: f"A rep can work {say_number(n)} new leads a week.",
    ),
    "requalify_seconds": Kind(
        "recycling",
        "requalify_after",
        _length,
        lambda s: f"A recycled lead is due to be qualified again after {_days(s)}.",
    ),
    "look_back_seconds": Kind(
        "attribution",
        "look_back",
        _length,
        lambda s: f"A touch takes part in attribution if it lies at most {_days(s)} back.",
    ),
    "half_life_seconds": Kind(
        "attribution",
        "half_life",
        _length,
        lambda s: f"Under time decay a touch counts half as much for each {_days(s)} that it lies back.",
    ),
}
"""Constant -> where it stands and what it says; the keys are the names in `contract.term`."""

SECTIONS = tuple(dict.fromkeys(kind.section for kind in KINDS.values()))
"""The optional top-level keys of a contract that hold constants."""


def read_terms(members: Mapping[str, Item]) -> Terms:
    """Read the constants of a contract; InputError for an unknown key or a value that makes no sense."""
    sections = {name: _section(members[name], name) for name in SECTIONS if name in members}
    values = tuple(
        (name, kind.read(sections[kind.section][kind.key]))
        for name, kind in KINDS.items()
        if kind.key in sections.get(kind.section, {})
    )
    paid = sections.get("economics", {}).get("paid")
    return Terms(values, paid.labels("a list of kinds of spend") if paid else ())


def _section(item: Item, name: str) -> Mapping[str, Item]:
    keys = [kind.key for kind in KINDS.values() if kind.section == name]
    return item.keys((*keys, *(("paid",) if name == "economics" else ())), f"the section {name}")


def say_terms(terms: Terms) -> Iterator[str]:
    """Yield a sentence per agreed constant."""
    yield from (KINDS[name].say(value) for name, value in terms.values)
    if terms.paid:
        yield f"Spend that counts as paid acquisition: {say_list(terms.paid)}."


def listed_terms(terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield the place of each constant in the file and its value in words, for comparisons of versions."""
    for name, value in terms.values:
        kind = KINDS[name]
        said = _days(value) if kind.read is _length else say_number(value)
        yield f"{kind.section}.{kind.key}", said
    if terms.paid:
        yield "economics.paid", say_list(terms.paid)
