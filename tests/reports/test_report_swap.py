"""A folder is swapped in whole; what a killed run left is set right by the next."""

from __future__ import annotations

import fcntl

import pytest

from funnel.errors import UsageError
from funnel.reports import swap


def write(folder, text, *, fails=False):
    with swap.aside(folder) as new:
        (new / "page").write_text(text)
        if fails:
            raise ZeroDivisionError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_first_edition_is_put_in_place(tmp_path):
    write(tmp_path / "2026-11-16", "one")
    assert (tmp_path / "2026-11-16" / "page").read_text() == "one"
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_a_second_edition_takes_the_place_of_the_first(tmp_path):
    write(tmp_path / "2026-11-16", "one")
    (tmp_path / "2026-11-16" / "left over").touch()
    write(tmp_path / "2026-11-16", "two")
    assert names(tmp_path / "2026-11-16") == ["page"]
    assert (tmp_path / "2026-11-16" / "page").read_text() == "two"
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_it_is_swapped_even_where_the_system_cannot_exchange_names(tmp_path, monkeypatch):
    monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    write(tmp_path / "2026-11-16", "one")
    write(tmp_path / "2026-11-16", "two")
    assert (tmp_path / "2026-11-16" / "page").read_text() == "two"
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_a_failure_leaves_the_last_edition_and_nothing_else(tmp_path):
    write(tmp_path / "2026-11-16", "one")
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "2026-11-16", "two", fails=True)
    assert (tmp_path / "2026-11-16" / "page").read_text() == "one"
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_what_a_killed_run_wrote_aside_is_removed_by_the_next(tmp_path):
    (tmp_path / ".new-2026-11-09").mkdir()
    (tmp_path / ".new-2026-11-09" / "page").write_text("half")
    write(tmp_path / "2026-11-16", "one")
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_an_edition_that_was_moved_away_and_never_replaced_is_brought_back(tmp_path):
    (tmp_path / ".old-2026-11-09").mkdir()
    (tmp_path / ".old-2026-11-09" / "page").write_text("whole")
    write(tmp_path / "2026-11-16", "one")
    assert (tmp_path / "2026-11-09" / "page").read_text() == "whole"


def test_an_old_edition_whose_successor_stands_is_removed(tmp_path):
    write(tmp_path / "2026-11-16", "one")
    (tmp_path / ".old-2026-11-16").mkdir()
    write(tmp_path / "2026-11-16", "two")
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_a_folder_for_what_is_not_kept_is_gone_in_the_end(tmp_path):
    with swap.aside(tmp_path / "2026-11-16") as new, swap.beside(new, "notebooks") as scratch:
        (scratch / "one.ipynb").touch()
        assert scratch.parent == tmp_path
    assert names(tmp_path) == [".lock", "2026-11-16"]


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path):
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="Another report is being made"):
            write(tmp_path / "2026-11-16", "one")
    write(tmp_path / "2026-11-16", "one")
    assert (tmp_path / "2026-11-16" / "page").read_text() == "one"
