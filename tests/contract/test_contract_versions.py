"""Versions follow each other: order, names, and what a later one may not take away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from funnel.contract import load_contracts
from funnel.errors import InputError, UsageError

Write = Callable[..., Path]

FIRST, SECOND = "2026-01.yaml", "2026-07.yaml"
EARLIER = (('"2026-07"', '"2026-01"'), ("2026-07-01", "2026-01-01"))


def test_versions_come_oldest_first_and_other_files_are_left_alone(write: Write) -> None:
    folder = write(name=SECOND).parent
    write(*EARLIER, name=FIRST)
    (folder / "README.md").write_text("who signs", encoding="utf-8")
    contracts = load_contracts(folder)
    assert [contract.version for contract in contracts.versions] == ["2026-01", "2026-07"]
    assert contracts.latest.version == "2026-07"
    assert contracts.version("2026-01") == contracts.versions[0]


@pytest.mark.parametrize(
    ("instant", "version"),
    [
        (datetime(1999, 1, 1), "2026-01"),
        (datetime(2026, 6, 30, 21, 59, 59), "2026-01"),
        (datetime(2026, 6, 30, 22), "2026-07"),
        (datetime(2036, 1, 1), "2026-07"),
    ],
)
def test_the_version_in_force_is_taken_half_open_from_local_midnight(
    write: Write, instant: datetime, version: str
) -> None:
    write(*EARLIER, name=FIRST)
    assert load_contracts(write(name=SECOND).parent).in_force(instant).version == version


def test_a_later_version_may_add_a_stage_between(write: Write) -> None:
    write(*EARLIER, name=FIRST)
    added = "  - {name: sql, owner: sales, entered_when: {status: [Qualified]}}\n"
    path = write(("  - {name: won,", added + "  - {name: won,"), name=SECOND)
    assert [stage.name for stage in load_contracts(path.parent).latest.stages] == [
        "inquiry",
        "mql",
        "sal",
        "sql",
        "won",
    ]


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_contracts(folder)
    return str(caught.value)


def test_a_folder_without_a_contract_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "contracts") == (
        "contracts/: there is no contract here. Put one YAML file per version into this folder."
    )


def test_two_versions_cannot_begin_on_one_day(write: Write) -> None:
    write(('"2026-07"', '"2026-01"'), name=FIRST)
    assert refusal(write(name=SECOND).parent) == (
        "contracts/2026-07.yaml, effective_from: 2026-07-01 is also the first day of "
        "contracts/2026-01.yaml, so "
        "both would be in force at once. Give the later agreement a later day."
    )


def test_file_names_sort_as_versions_come_into_force(write: Write) -> None:
    write(('"2026-07"', '"2026-01"'), ("2026-07-01", "2027-01-01"), name=FIRST)
    assert refusal(write(name=SECOND).parent) == (
        "contracts/2026-07.yaml, effective_from: 2026-07-01 lies before 2027-01-01 of "
        "contracts/2026-01.yaml, "
        "whose name sorts first. Name the files in the order in which they come into force."
    )


def test_two_files_cannot_be_one_version(write: Write) -> None:
    write(("2026-07-01", "2026-01-01"), name=FIRST)
    assert refusal(write(name=SECOND).parent) == (
        "contracts/2026-07.yaml, version: '2026-07' is also the version of contracts/2026-01.yaml. "
        "Rename one."
    )


def test_a_stage_cannot_be_removed(write: Write) -> None:
    write(*EARLIER, name=FIRST)
    path = write(
        ("  - {name: sal, owner: sales, entered_when: {status: [Accepted]}}\n", ""),
        ("mql_to_sal", "mql_to_won"),
        name=SECOND,
    )
    assert refusal(path.parent) == (
        "contracts/2026-07.yaml, stages: the stage 'sal' of contracts/2026-01.yaml is missing, so leads "
        "in it would "
        "have no place. Keep it; its title and conditions may change. Stages of contracts/2026-01.yaml: "
        "inquiry, "
        "mql, sal, won."
    )


def test_stages_cannot_change_their_order(write: Write) -> None:
    write(*EARLIER, name=FIRST)
    sal = "  - {name: sal, owner: sales, entered_when: {status: [Accepted]}}\n"
    path = write((sal, ""), ("stages:\n", f"stages:\n{sal}"), ("mql_to_sal", "sal_to_mql"), name=SECOND)
    assert refusal(path.parent) == (
        "contracts/2026-07.yaml, stages: the order sal, inquiry, mql, won is not that of "
        "contracts/2026-01.yaml "
        "(inquiry, mql, sal, won), so positions in the funnel would change their meaning. Keep the "
        "order; new "
        "stages may stand between."
    )


def test_a_wrong_file_is_named_among_right_ones(write: Write) -> None:
    write(*EARLIER, name=FIRST)
    path = write(("{field: score,", "{field: skore,"), name=SECOND)
    assert refusal(path.parent).startswith(
        "contracts/2026-07.yaml:12, stages[1].must_meet.all[0].field: 'skore' is not a field of a lead. "
        "Did you mean 'score'?"
    )


def test_an_unknown_version_is_refused_with_the_nearest_and_the_list(write: Write) -> None:
    write(*EARLIER, name=FIRST)
    contracts = load_contracts(write(name=SECOND).parent)
    with pytest.raises(UsageError) as caught:
        contracts.version("2026-08")
    assert str(caught.value) == (
        "There is no contract version '2026-08'. Did you mean '2026-07'? Versions, oldest first: "
        "2026-01, 2026-07."
    )
