"""Tiers of one SLA: several deadlines, of which the first whose condition holds at the hand-off counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.contract.document import Item
from funnel.contract.model import Clause, Sla
from funnel.contract.vocabulary import NUMBER_FIELDS

WHOLE, OTHERS = "all", "other"
"""The tier of an SLA without tiers, and the usual name of the last tier."""

Clauses = tuple[Clause, ...]
Read = tuple[Item, Sla]


def settle_tiers(read: Sequence[Read]) -> Sequence[Sla]:
    """Return the tiers of one SLA in their order, with the attainment that is agreed for all of them.

    InputError if a tier can never apply, leads are left without a deadline, or tiers differ in what belongs
    to the SLA as a whole (stage, attainment).
    """
    if len(read) == 1 and not read[0][1].when:
        return [read[0][1]]
    for place, (item, sla) in enumerate(read):
        _refuse_unreachable(item, sla, [before for _, before in read[:place]])
        _refuse_differing(item, sla, read[0][1])
    last_item, last = read[-1]
    if last.when:
        raise last_item.error(
            f"leads that meet no tier of '{last.name}' would have no deadline. End with an entry "
            "without `when`."
        )
    shares = {sla.attainment for _, sla in read} - {None}
    if len(shares) > 1:
        raise last_item.error(
            f"the tiers of '{last.name}' name {len(shares)} attainments, but one share is agreed for "
            "all tiers together. Give it once."
        )
    share = next(iter(shares), None)
    tiers = [replace(sla, attainment=share) for _, sla in read]
    return [*tiers[:-1], replace(tiers[-1], tier=OTHERS if last.tier == WHOLE else last.tier)]


def _refuse_unreachable(item: Item, sla: Sla, before: Sequence[Sla]) -> None:
    for earlier in before:
        if not earlier.when and not sla.when:
            raise item.error(f"the SLA '{sla.name}' is given twice. Keep one.")
        if earlier.tier == sla.tier:
            raise item.error(f"the tier '{sla.tier}' of '{sla.name}' is given twice. Rename one.")
        if _covers(earlier.when, sla.when):
            raise item.error(
                f"this tier is never reached: every lead in it is in the tier '{earlier.tier}' before it, "
                "and the first that applies holds. Put the narrower tier first."
            )


def _refuse_differing(item: Item, sla: Sla, first: Sla) -> None:
    if sla.stage != first.stage:
        raise item.error(
            f"the tiers of '{sla.name}' apply to different stages. One SLA applies to one stage or to all: "
            "give each tier the same `applies_to`."
        )


def _covers(wide: Clauses, narrow: Clauses) -> bool:
    """Return whether a lead that meets all clauses of `narrow` meets all of `wide`, as far as one can see."""
    return all(any(_implies(given, asked) for given in narrow) for asked in wide)


def _implies(given: Clause, asked: Clause) -> bool:
    if given.field != asked.field:
        return False
    if asked.op == "present":
        return given.op != "not_in"
    if asked.field in NUMBER_FIELDS:
        return (
            given.op != "present"
            and _span(asked)[0] <= _span(given)[0]
            and _span(given)[1] <= _span(asked)[1]
        )
    have, want = _labels(given), _labels(asked)
    if asked.op == "in":
        return given.op == "in" and have <= want
    if asked.op == "not_in":
        return have.isdisjoint(want) if given.op == "in" else given.op == "not_in" and want <= have
    return given.op == asked.op


def _span(clause: Clause) -> tuple[float, float]:
    low = float("-inf") if clause.low is None else clause.low
    return low, float("inf") if clause.high is None else clause.high


def _labels(clause: Clause) -> frozenset[str]:
    return frozenset(value.casefold() for value in clause.values)
