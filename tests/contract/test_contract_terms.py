"""Agreed constants: read, refused where they make no sense, said in words, compared, laid down as rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from funnel.contract import contract_tables, describe, diff, load_contract, load_contracts
from funnel.contract.terms import KINDS
from funnel.errors import InputError

TERMS = """\
economics: {gross_margin: 0.8, annual_churn: 0.12, cac_lag: 60 days, paid: [media, Fees]}
capacity: {leads_per_rep_per_week: 30}
recycling: {requalify_after: 90 days}
attribution: {look_back: 180 days, half_life: 36 h}
targets:"""

Write = Callable[..., Path]


def test_each_constant_is_a_row_in_a_fixed_order(write: Write) -> None:
    tables = contract_tables(
        load_contracts(write(("targets:", TERMS)).parent), date(2026, 7, 1), date(2026, 7, 2)
    )
    assert tables["term"].to_dict("list") == {
        "version": ["2026-07"] * 7,
        "name": list(KINDS),
        "value": [0.8, 0.12, 5_184_000.0, 30.0, 7_776_000.0, 15_552_000.0, 129_600.0],
    }
    assert tables["paid_kind"].to_dict("list") == {"version": ["2026-07"] * 2, "kind": ["media", "Fees"]}


def test_a_contract_without_constants_has_no_rows_and_no_sentence(write: Write) -> None:
    path = write()
    tables = contract_tables(load_contracts(path.parent), date(2026, 7, 1), date(2026, 7, 2))
    assert tables["term"].empty
    assert tables["paid_kind"].empty
    assert not [said for said in describe(load_contract(path)) if "margin" in said or "half" in said]


def test_a_part_of_the_constants_will_do(write: Write) -> None:
    contract = load_contract(write(("targets:", "economics: {annual_churn: 1}\ntargets:")))
    assert contract.terms.values == (("annual_churn", 1.0),)
    assert contract.terms.paid == ()


def test_constants_are_said_in_sentences_after_the_targets(write: Write) -> None:
    said = describe(load_contract(write(("targets:", TERMS))))
    assert said[-8:] == [
        "Gross margin of what is won: 80 %.",
        "Won accounts that leave within a year: 12 %.",
        "The cost of new customers is the expense of 60 days earlier.",
        "A rep can work 30 new leads a week.",
        "A recycled lead is due to be qualified again after 90 days.",
        "A touch takes part in attribution if it lies at most 180 days back.",
        "Under time decay a touch counts half as much for each 36 hours that it lies back.",
        "Spend that counts as paid acquisition: media and Fees.",
    ]


def test_a_new_value_reads_as_changed_and_a_dropped_one_as_removed(write: Write) -> None:
    old = load_contract(write(("targets:", TERMS)))
    terms = TERMS.replace("90 days", "60 days").replace(", paid: [media, Fees]", "")
    new = load_contract(write(("targets:", terms)))
    assert [str(change) for change in diff(old, new)] == [
        "recycling.requalify_after: was 90 days, is now 60 days.",
        "economics.paid: removed: media and Fees.",
    ]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ("economics: {gross_margin: 80}", ":22, economics.gross_margin: a rate lies between 0 and 1, found '80'."),
        ("economics: {cac_lag: 2}", ":22, economics.cac_lag: expected a duration"),
        ("economics: {margin: 0.8}", "'margin' is not a key of the section economics. Did you mean 'gross_margin'?"),
        ("economics: {paid: [media, Media]}", "'Media' is listed twice."),
        ("capacity: {leads_per_rep_per_week: 0}", "expected a number above 0, found '0'."),
        ("capacity: {paid: [media]}", "'paid' is not a key of the section capacity."),
        ("recycling: 90 days", "expected the section recycling with keys among requalify_after; found '90 days'."),
        ("attribution: {half_life: 0 days}", "expected a duration"),
    ],
)  # fmt: skip
def test_a_constant_that_makes_no_sense_is_refused_with_its_line(
    write: Write, terms: str, message: str
) -> None:
    with pytest.raises(InputError) as raised:
        load_contract(write(("targets:", f"{terms}\ntargets:")))
    assert message in str(raised.value)
