"""The evidence bundle of an audit: its tables, sheets, SQL, contract in words, and the hash of every file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import sqlglot
from sqlglot import exp

from funnel.charts.table import to_parquet
from funnel.contract import describe, load_contracts
from funnel.dispute import query
from funnel.dispute.hidden import hidden
from funnel.dispute.ledger import Fault, sha256
from funnel.dispute.opening import contract_hashes, software
from funnel.dispute.record import Audit
from funnel.dispute.review import sample
from funnel.dispute.rework import rework
from funnel.dispute.statement import plain, statement, to_json
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.reports.audit_page import audit_page
from funnel.reports.swap import put_in_place
from funnel.reports.tables import to_csv
from funnel.reports.workbook import to_xlsx
from funnel.warehouse.model import read_models

MANIFEST = "manifest.json"
EVIDENCE = ("leads", "trail", "clauses", "contradictions")
SMALL = ("parts", "both_ways", "recycled", "obligations", "comparisons", "left_out")
REVIEWERS = ("first", "second")


def write_bundle(
    project: Project, audit: Audit, folder: Path, *, names: str, batch: Sequence[str] = ()
) -> Path:
    """Write page and bundle of an audit into `folder`, whole; return the folder.

    `names` is "shown" or "hidden": then all is made from `hidden(audit)`. `batch` are the words that defined
    it (default: as resolved). An older bundle there is replaced; UsageError if the folder holds anything
    else, InputError where nothing can be written.
    """
    _refuse_other(folder)
    asked = audit.asked
    made = contents(project, audit, names=names)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".bundle-", dir=folder.parent) as scratch:
            new = Path(scratch) / "bundle"
            for name, content in made.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(content)
            audit_page(
                project,
                batch=list(batch or asked.batch.pairs),
                outcome=asked.outcome,
                stage=asked.stage,
                baseline=asked.baseline,
                seed=asked.seed,
                names=names,
                folder=new,
            )
            (new / MANIFEST).write_bytes(_manifest(project, audit, new, names))
            put_in_place(new, folder)
    except OSError as error:
        raise InputError(f"The bundle cannot be written to {folder}: {error.strerror}.") from error
    return folder


def contents(project: Project, audit: Audit, *, names: str) -> dict[str, bytes]:
    """Return every file of a bundle but page and manifest, by its path in the bundle."""
    shown = hidden(audit) if names == "hidden" else audit
    tables = {name: getattr(shown, name) for name in (*EVIDENCE, *SMALL)}
    made = {f"tables/{name}.csv": to_csv(table) for name, table in tables.items()}
    made |= {f"tables/{name}.parquet": to_parquet(_stored(table)) for name, table in tables.items()}
    made["evidence.xlsx"] = to_xlsx(tables)
    made |= _sheets(shown)
    made |= {f"sql/{name}": text.encode() for name, text in _sql()}
    made["contract.md"] = _contract(project, audit).encode()
    made["verdict.json"] = to_json(statement(shown))
    return dict(sorted(made.items()))


def faults(folder: Path) -> list[Fault]:
    """Return which files of a bundle are not those of its manifest: changed, removed or added."""
    told = manifest(folder)
    there = {name: sha256((folder / name).read_bytes()) for name in _names(folder)}
    wanted: dict[str, str] = told["files"]
    return [
        Fault(name, "sha256", wanted.get(name, "not there"), there.get(name, "not there"))
        for name in sorted(wanted.keys() | there.keys())
        if wanted.get(name) != there.get(name)
    ]


def manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a bundle; InputError if it cannot be read."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(told["files"], dict) or not isinstance(told["asked"], dict):
            raise TypeError("no files")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / MANIFEST} is no manifest of a bundle: {error}.") from error
    return dict(told)


def _names(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in paths if path.name != MANIFEST)


def _manifest(project: Project, audit: Audit, folder: Path, names: str) -> bytes:
    shown = hidden(audit) if names == "hidden" else audit
    return to_json(
        {
            "asked": statement(shown)["asked"],
            "ids": plain(shown.asked.batch.ids),
            "names": names,
            "contracts": contract_hashes(project),
            "software": software(),
            "files": {name: sha256((folder / name).read_bytes()) for name in _names(folder)},
        }
    )


def _sheets(shown: Audit) -> dict[str, bytes]:
    """Return the sheets of the hand review, one per reviewer, and that of the re-work audit."""
    drawn = sample(shown, seed=shown.asked.seed)
    made = {}
    for one in REVIEWERS:
        made[f"review/{one}.csv"] = to_csv(drawn.sheet)
        made[f"review/{one}.xlsx"] = to_xlsx({"review": drawn.sheet})
    made["review/README.md"] = f"# Hand review\n\n{drawn.rule}\n".encode()
    try:
        again = rework(shown, seed=shown.asked.seed)
    except UsageError as error:
        return made | {"rework/README.md": f"# Re-work audit\n\n{error}\n".encode()}
    made["rework/sample.csv"] = to_csv(again.drawn)
    made["rework/sample.xlsx"] = to_xlsx({"rework": again.drawn})
    return made | {"rework/README.md": f"# Re-work audit\n\n{again.rule}\n".encode()}


def _sql() -> Iterator[tuple[str, str]]:
    """Yield the audit's own queries, and every model that they read, directly or not."""
    reads: set[str] = set()
    folder = files("funnel.dispute").joinpath("sql")
    own = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    own |= {f"{name}.sql": query.text(name) for name in query.HANDED}
    for name, text in sorted(own.items()):
        yield f"audit/{name}", text
        tree = sqlglot.parse_one(text, dialect="duckdb")
        reads |= {f"{table.db}.{table.name}" for table in tree.find_all(exp.Table)}
    for model in reversed(read_models()):
        if model.name in reads:
            reads |= model.reads
            yield f"models/{model.file.parent.name}/{model.file.name}", model.sql


def _contract(project: Project, audit: Audit) -> str:
    """Return each version that judged a hand-off of the batch, in the sentences that the report prints."""
    contracts = load_contracts(project.contracts)
    batch = audit.population[audit.population["in_batch"]]
    used = set(batch["version"].dropna()) | {audit.asked.contract}
    parts = [
        f"# Contract {one.version}, in force from {one.effective_on}\n\n" + "\n".join(describe(one))
        for one in contracts.versions
        if one.version in used
    ]
    return "\n\n".join(parts) + "\n"


def _stored(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns without any value are text, so that Parquet has a type for them."""
    empty = [name for name in table.columns if table[name].isna().all()]
    return table.astype(dict.fromkeys(empty, "str")).where(table.notna(), None) if empty else table


def _refuse_other(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file()):
        raise UsageError(f"{folder} holds something else than a bundle. Name a new folder for --out.")
