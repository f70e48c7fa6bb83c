"""The log of a dispute: whatever is changed, added, removed, swapped or cut is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from funnel.dispute import ledger
from funnel.dispute.ledger import FILE, Act
from funnel.errors import InputError

Change = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a dispute of two files and four acts."""
    (tmp_path / "dispute.yaml").write_text("claim: x\n")
    (tmp_path / "verdict.json").write_text("{}\n")
    acts: list[Act] = []
    for act, by in (("open", "sales"), ("sign", "marketing"), ("sign", "sales"), ("close", None)):
        day = date(2026, 11, 15 + len(acts))
        files = ledger.hashes(tmp_path)
        acts.append(ledger.following(acts, act, on=day, by=by, text=f"ä {act}", files=files))
    ledger.write(tmp_path, acts)
    return tmp_path


def lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text().splitlines()


def put(folder: Path, new: list[str]) -> None:
    (folder / FILE).write_text("".join(f"{line}\n" for line in new))


def test_an_untouched_log_has_no_fault_and_reads_back_as_it_was_written(folder):
    acts = ledger.read(folder)
    assert ledger.faults(folder) == []
    assert [(act.number, act.act, act.on.day, act.by, act.text) for act in acts] == [
        (1, "open", 15, "sales", "ä open"),
        (2, "sign", 16, "marketing", "ä sign"),
        (3, "sign", 17, "sales", "ä sign"),
        (4, "close", 18, None, "ä close"),
    ]
    assert ledger.content(acts) == (folder / FILE).read_bytes()


def test_every_line_carries_the_hash_of_the_line_before_and_the_last_seals_them(folder):
    text = lines(folder)
    told = [json.loads(line) for line in text]
    assert [each["before"] for each in told[:4]] == ["0" * 64, *map(ledger.sha256, text[:3])]
    assert told[4] == {"acts": 4, "seal": ledger.sha256(text[3])}
    assert ledger.seal(ledger.read(folder)) == ledger.sha256(text[3])


def swap(i: int, j: int) -> Change:
    def change(folder: Path) -> None:
        new = lines(folder)
        new[i], new[j] = new[j], new[i]
        put(folder, new)

    return change


def cut(first: int, last: int) -> Change:
    return lambda folder: put(folder, [*lines(folder)[:first], *lines(folder)[last:]])


def say(place: int, key: str, value: object) -> Change:
    def change(folder: Path) -> None:
        new = lines(folder)
        new[place] = json.dumps({**json.loads(new[place]), key: value}, ensure_ascii=False)
        put(folder, new)

    return change


CHANGES: dict[str, tuple[Change, set[str]]] = {
    "a file was changed": (lambda f: (f / "verdict.json").write_text("{ }\n"), {"verdict.json"}),
    "a file was removed": (lambda f: (f / "dispute.yaml").unlink(), {"dispute.yaml"}),
    "a file was added": (lambda f: (f / "more.txt").write_text(""), {"more.txt"}),
    "two lines were swapped": (swap(1, 2), {FILE}),
    "the seal was put first": (swap(0, 4), {FILE}),
    "the first line was cut off": (cut(0, 1), {FILE}),
    "a line in the middle was cut out": (cut(1, 2), {FILE}),
    "the last act was cut out": (cut(3, 4), {FILE}),
    "the seal was cut off": (cut(4, 5), {FILE}),
    "the last act and the seal were cut off": (cut(3, 5), {FILE}),
    "an act is said to be of another team": (say(1, "by", "sales"), {FILE}),
    "the first act says another thing": (say(0, "text", "y"), {FILE}),
    "the last act says another thing": (say(3, "text", "y"), {FILE}),
    "an act was moved to another day": (say(2, "on", "2026-11-30"), {FILE}),
    "an act has another number": (say(2, "number", 7), {FILE}),
    "the seal says one act less": (say(4, "acts", 3), {FILE}),
    "the seal is another": (say(4, "seal", "0" * 64), {FILE}),
    "a space was added": (lambda f: put(f, [lines(f)[0] + " ", *lines(f)[1:]]), {FILE}),
    "a line was added below the seal": (lambda f: put(f, [*lines(f), lines(f)[3]]), {FILE}),
    "a line was doubled": (lambda f: put(f, [lines(f)[0], *lines(f)]), {FILE}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_found_in_its_file_that(folder, name):
    change, where = CHANGES[name]
    change(folder)
    assert {fault.file for fault in ledger.faults(folder)} == where


def test_a_changed_file_is_told_with_both_hashes(folder):
    was = ledger.hashes(folder)["verdict.json"]
    (folder / "verdict.json").write_text("{ }\n")
    now = ledger.hashes(folder)["verdict.json"]
    assert ledger.faults(folder) == [ledger.Fault("verdict.json", "sha256", was, now)]


@pytest.mark.parametrize(
    "text", ["", "no\n", "[1]\n", "{}\n", '{"number": 1}\n', "\xff", '{"acts": 0, "seal": ""}\n']
)
def test_a_log_that_cannot_be_read_is_an_error_that_names_it(folder, text):
    (folder / FILE).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"log\.jsonl"):
        ledger.read(folder)


def test_a_missing_log_is_an_error_that_names_it(folder):
    (folder / FILE).unlink()
    with pytest.raises(InputError, match=r"log\.jsonl cannot be read"):
        ledger.read(folder)


def test_a_write_that_is_killed_leaves_the_old_log_whole(folder, monkeypatch):
    before = (folder / FILE).read_bytes()
    acts = ledger.read(folder)

    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        ledger.write(folder, acts[:1])
    assert (folder / FILE).read_bytes() == before
    assert ledger.faults(folder) == []


def test_a_log_rewritten_as_a_whole_has_another_seal(folder):
    kept = ledger.seal(ledger.read(folder))
    acts: list[Act] = []
    for act in ledger.read(folder):
        acts.append(ledger.following(acts, act.act, on=act.on, by=act.by, text="y", files=act.files))
    ledger.write(folder, acts)
    assert ledger.faults(folder) == []
    assert ledger.seal(ledger.read(folder)) != kept
