"""Notebooks of one edition share two kernels, yet none sees what another set, and none is left behind."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from funnel.errors import InputError
from funnel.project import Project
from funnel.reports import notebook

pytestmark = pytest.mark.slow
SAYS = "import os\nprint(os.getpid(), 'left' in dir(), get_ipython().execution_count)\nleft = 1"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "scratch").mkdir()
    return Project(tmp_path)


def write(project, **sources):
    for name, source in sources.items():
        cells = [
            v4.new_code_cell("warehouse = 1", metadata={"tags": ["parameters"]}),
            v4.new_code_cell(source),
        ]
        metadata = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
        nbformat.write(
            v4.new_notebook(metadata=metadata, cells=cells), project.root / "notebooks" / f"{name}.ipynb"
        )


def run(project, *names):
    return notebook.run_notebooks(project, names, project.root / "scratch", {"warehouse": "w"})


def said(page):
    text = "".join(block.html for block in page.blocks)
    pid, left, count = re.search(r"(\d+) (True|False) (\d+)", text).groups()
    return int(pid), left, int(count)


def test_five_notebooks_run_in_two_kernels_each_with_no_name_set_and_cells_counted_from_one(project):
    write(project, **dict.fromkeys("abcde", SAYS))
    pages = run(project, *"abcde")
    assert [page.name for page in pages] == list("abcde")
    told = [said(page) for page in pages]
    assert 1 <= len({pid for pid, _, _ in told}) <= 2
    assert {(left, count) for _, left, count in told} == {
        ("False", 4)
    }  # parameters, what was injected, this cell; the count is of the next


def test_no_kernel_outlives_the_run(project):
    write(project, a=SAYS, b=SAYS)
    pids = {said(page)[0] for page in run(project, "a", "b")}
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists() or _lives(pid)] == []


def test_once_a_notebook_fails_none_is_begun_and_no_kernel_stays(project):
    begun = project.root / "begun"
    begun.mkdir()
    mark = (
        f"import os, pathlib, time\n(pathlib.Path({str(begun)!r}) / {{0!r}}).write_text(str(os.getpid()))\n"
    )
    slow = mark.format("b") + "time.sleep(3)" + " " * 50
    bad = mark.format("a") + "1 / 0" + " " * 99
    write(project, a=bad, b=slow, c=mark.format("c"), d=mark.format("d"))
    with pytest.raises(InputError, match=r"a\.ipynb failed in cell \d+: ZeroDivisionError"):
        run(project, *"abcd")
    started = {file.name: int(file.read_text()) for file in begun.iterdir()}
    assert set(started) <= {"a", "b"}
    assert "a" in started
    assert [pid for pid in started.values() if _lives(pid)] == []


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
