"""What a batch may be defined by, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from funnel.dispute.batch import Batch, parse_batch
from funnel.errors import InputError, UsageError


def test_values_of_one_key_are_alternatives_and_keys_are_joined() -> None:
    given = ["campaign=B", "region=EMEA", "campaign=A", "from=2026-06-01", "to=2026-09-01"]
    expected = Batch(
        where=(("campaign", ("A", "B")), ("region", ("EMEA",))),
        from_on=date(2026, 6, 1),
        to_on=date(2026, 9, 1),
    )
    assert parse_batch(given) == expected
    assert (
        parse_batch({"campaign": ["A", "B"], "region": "EMEA", "from": date(2026, 6, 1), "to": "2026-09-01"})
        == expected
    )
    assert parse_batch(expected) is expected
    assert parse_batch(expected.pairs) == expected


def test_the_title_says_the_batch_in_words() -> None:
    batch = parse_batch(["company_size=50-249", "source=Webinar", "from=2026-06-01", "to=2026-09-01"])
    assert batch.title == (
        "company size 50-249, lead source Webinar, handed over from 2026-06-01 to before 2026-09-01"
    )
    assert parse_batch(["to=2026-09-01"]).title == "handed over before 2026-09-01"
    assert (
        parse_batch({"ids": ["x"], "from": "2026-06-01"}).title
        == "a list of 1 lead, handed over since 2026-06-01"
    )


def test_a_value_may_hold_an_equals_sign_and_keys_ignore_case() -> None:
    assert parse_batch("Campaign = a=b").where == (("campaign", ("a=b",)),)


@pytest.mark.parametrize("key", ["status", "exit", "reason", "stage", "Outcome"])
def test_a_batch_picked_by_its_outcome_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(UsageError, match="proves itself"):
        parse_batch([f"{key}=Rejected"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["campain=A"], "Did you mean 'campaign'"),
        (["campaign"], "Write KEY=VALUE"),
        (["campaign="], "Write KEY=VALUE"),
        (["from=June"], "is no day"),
        (["from=2026-06-01", "from=2026-07-01"], "one 'from'"),
        (["from=2026-06-01", "to=2026-06-01"], "No day is in the batch"),
        ([], "Nothing says which leads"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_batch(given)


@pytest.mark.parametrize(
    "text",
    [
        "lead_id,name\nx1,Ada\nx2,Bob\n",
        "name;x\n".replace(";", ",") + "",
        "x1\nx2\n",
        "\ufeffLead_ID\nx1\n\nx2\n",
    ],
)
def test_lead_ids_are_read_from_their_column_or_an_only_column(tmp_path: Path, text: str) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(text, encoding="utf-8")
    if text.startswith("name"):
        with pytest.raises(InputError, match="no column of lead ids"):
            parse_batch([f"ids={file}"])
        return
    assert parse_batch([f"ids={file}"]).ids == ("x1", "x2")


@pytest.mark.parametrize(
    ("text", "said"), [("", "it is empty"), ("lead_id\n", "no lead ids below"), (None, "cannot be read")]
)
def test_a_file_without_ids_is_an_error_of_input(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "leads.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=said):
        parse_batch([f"ids={file}"])
