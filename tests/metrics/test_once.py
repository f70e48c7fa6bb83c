"""What is made once is made once: per connection, and within `sharing` also between processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from funnel.metrics.once import FOLDER, once, sharing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    duckdb.connect(str(path)).close()
    return path


class Made:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> pd.DataFrame:
        self.n += 1
        return pd.DataFrame(
            {"n": [self.n], "day": [pd.Timestamp("2026-01-01")], "word": ["<b>"], "none": [None]}
        )


def test_a_read_only_connection_makes_it_once_per_key(file):
    made = Made()
    with duckdb.connect(str(file), read_only=True) as con:
        first = once(con, "a", made)
        assert once(con, "a", made) is first
        assert once(con, ("a", 1), made) is not first
    assert made.n == 2
    with duckdb.connect(str(file), read_only=True) as con:
        once(con, "a", made)
    assert made.n == 3


def test_a_connection_that_may_write_makes_it_each_time(file, tmp_path):
    made = Made()
    with duckdb.connect(str(file)) as con, sharing(tmp_path / "s"):
        once(con, "a", made, shared=True)
        once(con, "a", made, shared=True)
    assert made.n == 2
    assert not (tmp_path / "s").joinpath("x").exists()


def test_within_sharing_another_process_takes_it_over_exactly(file, tmp_path):
    made = Made()
    with sharing(tmp_path / "s"), duckdb.connect(str(file), read_only=True) as con:
        here = once(con, ("score", None), made, shared=True)
        once(con, "own", made)
        code = (
            "import duckdb, sys\nfrom funnel.metrics.once import once\n"
            "con = duckdb.connect(sys.argv[1], read_only=True)\n"
            "once(con, ('score', None), lambda: 1 / 0, shared=True).to_pickle(sys.argv[2])\n"
            "print(once(con, 'own', lambda: 'made'), once(con, 'new', lambda: 'made', shared=True))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(file), str(tmp_path / "there")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert once(con, "new", lambda: "not made", shared=True) == "made"
    assert done.stdout.split() == ["made", "made"]
    there = pd.read_pickle(tmp_path / "there")  # noqa: S301 -- written above
    pd.testing.assert_frame_equal(there, here)
    assert made.n == 2


def test_sharing_ends_with_its_block_even_when_that_fails(file, tmp_path):
    with pytest.raises(ZeroDivisionError), sharing(tmp_path / "s"):  # noqa: PT012
        assert os.environ[FOLDER] == str(tmp_path / "s")
        1 / 0  # noqa: B018
    assert FOLDER not in os.environ
    made = Made()
    with duckdb.connect(str(file), read_only=True) as con:
        once(con, "a", made, shared=True)
    assert list((tmp_path / "s").iterdir()) == []
