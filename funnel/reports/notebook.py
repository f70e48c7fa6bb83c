"""Run notebooks by papermill and take from them what goes onto a page; no failure passes for success."""

from __future__ import annotations

import ast
import base64
import html
import shutil
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import mistune
import nbformat
import pandas as pd
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillException

import funnel
from funnel.charts.show import SAID, SHOWN
from funnel.charts.table import from_parquet
from funnel.charts.theme import Text
from funnel.errors import InputError, UsageError, did_you_mean
from funnel.project import Project
from funnel.reports.kernel import Kept, forget, kernel

SECONDS = 300
LANES = 2
MARKDOWN = mistune.create_markdown(escape=True, plugins=["table"])
BROKEN = (PapermillException, CellTimeoutError, DeadKernelError, NoSuchKernel, nbformat.ValidationError)


@dataclass(frozen=True)
class Words:
    """A piece of a page that is only text, as HTML without markup from elsewhere."""

    html: str


@dataclass(frozen=True)
class Exhibit:
    """A figure with its static pictures and the table behind it; or the table alone."""

    text: Text
    wide: str
    narrow: str
    figure: dict[str, Any] | None
    table: pd.DataFrame
    parquet: bytes


Block = Words | Exhibit


@dataclass(frozen=True)
class Page:
    """What a notebook said: its name, its title (the first heading), and the pieces after it."""

    name: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """The pieces that have a table."""
        return tuple(block for block in self.blocks if isinstance(block, Exhibit))


def find_notebook(project: Project, name: str) -> Path:
    """Return the project's own notebook of that name, else the one that came with the package."""
    package = Path(funnel.__file__).parent
    places = [project.root / "notebooks", package / "notebooks", package.parent / "notebooks"]
    for place in places:
        if (place / f"{name}.ipynb").is_file():
            return place / f"{name}.ipynb"
    raise UsageError(f"There is no notebook {name}.ipynb in {places[0]} and none in the package.")


def run_notebooks(
    project: Project, names: tuple[str, ...], folder: Path, parameters: dict[str, Any], *, of: str = "edition"
) -> tuple[Page, ...]:
    """Run notebooks side by side in `folder` and return their pages in the order of the names.

    InputError if a notebook has no cell tagged `parameters`, does not know a parameter, or fails in any way;
    the notebook with the error is kept as `reports/failed/<name>.ipynb`. UsageError if it says that what it
    was given cannot be meant, and it was not run for an edition. `of` is what they are run for.
    """
    files = [find_notebook(project, name) for name in names]
    for file in files:
        _know(file, parameters)
    waiting, done = deque(sorted(files, key=_size, reverse=True)), dict[str, Page]()
    with ThreadPoolExecutor(max_workers=LANES) as pool:
        lanes = [pool.submit(_lane, project, waiting, done, folder, parameters, of) for _ in range(LANES)]
    for lane in lanes:
        lane.result()
    return tuple(done[name] for name in names)


def _lane(
    project: Project,
    waiting: deque[Path],
    done: dict[str, Page],
    folder: Path,
    parameters: dict[str, Any],
    of: str,
) -> None:
    """Run what waits in one kernel, each notebook with no name set; once one fails nothing is begun."""
    with kernel() as kept:
        while waiting:
            file = waiting.popleft()
            try:
                forget(kept)
                done[file.stem] = _run(project, file, folder, parameters, of, kept)
            except BaseException:
                waiting.clear()
                raise


def _size(file: Path) -> int:
    """Return how many cells of a notebook run: the longest begins first, so that both kernels end as one."""
    return sum(cell.cell_type == "code" for cell in _read(file).cells)


def _know(file: Path, parameters: dict[str, Any]) -> None:
    """Refuse what papermill lets pass: no parameters cell, or one that does not know a parameter."""
    given = [cell for cell in _read(file).cells if "parameters" in cell.metadata.get("tags", [])]
    if not given:
        raise InputError(
            f"{file} has no cell tagged 'parameters', so it cannot be given {_listed(parameters)}. "
            "Tag the cell that sets them."
        )
    known = _assigned(given[0].source)
    for name in parameters:
        if name not in known:
            raise InputError(
                f"{file} has no parameter '{name}'.{did_you_mean(name, known)} "
                f"Its cell tagged 'parameters' sets: {_listed(known)}."
            )


def _assigned(source: str) -> list[str]:
    """Return the names that a cell sets; papermill's own reading stumbles over lists."""
    targets = [node.targets for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return [name.id for names in targets for name in names if isinstance(name, ast.Name)]


def _run(project: Project, file: Path, folder: Path, parameters: dict[str, Any], of: str, kept: Kept) -> Page:
    done = folder / file.name
    try:
        papermill.execute_notebook(
            str(file),
            str(done),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            execution_timeout=SECONDS,
            extra_arguments=["--log-level=50"],
            km=kept,
            request_save_on_cell_execute=False,
        )
        notebook = _read(done)
    except BROKEN as error:
        if of != "edition" and getattr(error, "ename", "") == UsageError.__name__:
            raise UsageError(str(getattr(error, "evalue", ""))) from error
        raise _failed(project, file, done, _reason(error), of) from error
    if problem := _problem(notebook):
        raise _failed(project, file, done, problem, of)
    return page(file.stem, notebook)


def _reason(error: BaseException) -> str:
    if hasattr(error, "ename"):
        return f"cell {error.exec_count}: {error.ename}: {error.evalue}"  # type: ignore[attr-defined]
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"


def _problem(notebook: nbformat.NotebookNode) -> str:
    """Return what went wrong in a notebook that papermill called done: an error, a cell not run."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                return f"cell {number}: {output.ename}: {output.evalue}"
        if cell.execution_count is None:
            return f"cell {number} was not run"
    return ""


def _failed(project: Project, file: Path, done: Path, problem: str, of: str) -> InputError:
    kept = project.reports / "failed" / file.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    if done.is_file():
        shutil.move(done, kept)
    else:  # the kernel died, and with it what had been run
        shutil.copy(file, kept)
    where = f" The notebook with the error: {kept}."
    return InputError(f"No {of} was made: {file.name} failed in {problem}.{where} The last {of} stays.")


def page(name: str, notebook: nbformat.NotebookNode) -> Page:
    """Return what an executed notebook has to say; its code stays behind."""
    title, blocks = name.replace("_", " ").capitalize(), list[Block]()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            first, _, rest = cell.source.partition("\n")
            if first.startswith("# "):
                title, cell.source = first[2:].strip(), rest.strip()
            if cell.source:
                blocks.append(Words(str(MARKDOWN(cell.source))))
        elif cell.cell_type == "code" and "hidden" not in cell.metadata.get("tags", []):
            blocks += [block for output in cell.outputs if (block := _block(output)) is not None]
    return Page(name, title, tuple(blocks))


def _read(file: Path) -> nbformat.NotebookNode:
    return cast(nbformat.NotebookNode, nbformat.read(file, as_version=4))  # type: ignore[no-untyped-call]


def _block(output: nbformat.NotebookNode) -> Block | None:
    data = output.get("data", {})
    if SHOWN in data:
        shown = data[SHOWN]
        text = Text(**{**shown["text"], "key": tuple(shown["text"]["key"])})
        parquet = base64.b64decode(shown["table"])
        table = from_parquet(parquet)
        return Exhibit(text, shown["wide"], shown["narrow"], shown["figure"], table, parquet)
    if SAID in data:
        said = data[SAID]
        paragraphs = "".join(f"<p>{html.escape(sentence)}</p>\n" for sentence in said["sentences"])
        return Words(f'<div class="said" id="{html.escape(said["name"])}">\n{paragraphs}</div>\n')
    plain = "".join(data.get("text/plain", output.get("text", "")))
    return Words(f"<pre>{html.escape(plain)}</pre>") if plain.strip() else None


def _listed(names: Any) -> str:
    return ", ".join(names) or "nothing"
