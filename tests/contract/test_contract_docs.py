"""The documentation of the contract cannot lie: its example loads, and each key and word is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnel.contract import FIELDS, describe, diff, load_contract, load_contracts
from funnel.contract.calendars import KEYS
from funnel.contract.conditions import ENTRY_KEYS
from funnel.contract.load import OPTIONAL, REQUIRED, STAGE_KEYS
from funnel.contract.obligations import TARGET_KEYS
from funnel.contract.slas import SLA_KEYS
from funnel.contract.vocabulary import EXITS, KPI_KINDS, SLA_NAMES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


def test_the_example_is_a_right_contract(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert example
    path = tmp_path / "2026-07.yaml"
    path.write_text(example[1], encoding="utf-8")
    contract = load_contract(path)
    assert [stage.title for stage in contract.stages] == [
        "Inquiry",
        "MQL",
        "SAL",
        "Opportunity",
        "Proposal",
        "Won",
    ]
    assert len(describe(contract)) == 37


@pytest.mark.parametrize(
    "word",
    sorted(
        {*REQUIRED, *OPTIONAL, *STAGE_KEYS, *KEYS, *ENTRY_KEYS, *SLA_KEYS, *TARGET_KEYS}
        | {*EXITS, *SLA_NAMES, *KPI_KINDS, *FIELDS}
    ),
)
def test_every_word_of_the_vocabulary_is_documented(word: str) -> None:
    assert re.search(rf"\b{word}\b", TEXT.split("## Keys")[1])


def test_the_demo_readme_lists_each_version_with_its_first_day() -> None:
    readme = (ROOT / "contracts" / "README.md").read_text(encoding="utf-8")
    contracts = load_contracts(ROOT / "contracts")
    for contract in contracts.versions:
        assert f"| `{contract.version}.yaml` | from {contract.effective_on} |" in readme
    assert len(diff(*contracts.versions)) == 18
