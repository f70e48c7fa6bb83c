"""Open a dispute: audit the batch, and freeze claim, population and verdict in a folder of plain files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import yaml
from duckdb import DuckDBPyConnection

from funnel import warehouse
from funnel.contract import Contract, load_contract, load_contracts
from funnel.dispute import ledger
from funnel.dispute.audit import audit
from funnel.dispute.batch import parse_batch
from funnel.dispute.dossier import ABOUT, IDS, POPULATION, VERDICT, Dispute, disputes_of, read, refuse_team
from funnel.dispute.place import written
from funnel.dispute.record import Audit
from funnel.dispute.statement import statement, to_json
from funnel.errors import UsageError
from funnel.project import Project

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
SOFTWARE = ("funnel", "duckdb", "numpy", "pandas", "scipy", "statsmodels")
PACKAGE = Path(__file__).parents[1]
VERSIONS = "select version from contract.version order by number"


def open_dispute(
    project: Project,
    batch: Any,
    *,
    claim: str,
    by: str,
    name: str | None = None,
    outcome: str = "sql",
    stage: str | None = None,
    baseline: str | None = None,
    seed: int = 0,
) -> Dispute:
    """Audit a batch in the warehouse as it stands, and freeze claim, population and verdict in a new folder.

    `by` is one of the two teams of the hand-off; `name` the id of the dispute (default: as_of and the batch).
    The other arguments are those of `funnel.audit`. The folder is written aside and renamed. UsageError for a
    team that is none, an empty claim, or an id that is taken; InputError where nothing can be written.
    """
    if not claim.strip():
        raise UsageError('A dispute needs a claim. Write --claim "The leads of this campaign were no good."')
    con = warehouse.connect(project.warehouse)
    try:
        asked = parse_batch(batch)
        found = audit(con, asked, outcome=outcome, stage=stage, baseline=baseline, seed=seed)
        about = _about(con, project, found, claim=claim.strip(), by=by)
    finally:
        con.close()
    chosen = _name(name, about, found)
    files = _files(about, found)
    on = date.fromisoformat(about["opened_on"])
    with written(disputes_of(project), chosen) as folder:
        for file, content in files.items():
            (folder / file).write_bytes(content)
        first = ledger.following([], "open", on=on, by=by, text=claim.strip(), files=ledger.hashes(folder))
        ledger.write(folder, [first])
    return read(project, chosen)


def contract_hashes(project: Project) -> dict[str, str]:
    """Return the sha256 of the file of each contract version of a project, by version."""
    files = sorted(path for path in project.contracts.glob("*") if path.suffix in (".yaml", ".yml"))
    return {load_contract(path).version: ledger.sha256(path.read_bytes()) for path in files}


def software() -> dict[str, str]:
    """Return the versions of what reckons, and the sha256 of this package's own Python and SQL."""
    own = hashlib.sha256()
    for file in sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".sql")):
        own.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return {**{one: version(one) for one in SOFTWARE}, "sources": own.hexdigest()}


def frozen_population(population: pd.DataFrame) -> bytes:
    """Return who is in the batch and in its baseline, as ids only: handoff_id, record_key, in_batch; CSV."""
    columns = ["handoff_id", "record_key", "in_batch"]
    rows = population[columns].sort_values("handoff_id", kind="stable")
    return rows.to_csv(index=False, lineterminator="\n").encode()


def _about(con: DuckDBPyConnection, project: Project, found: Audit, *, claim: str, by: str) -> dict[str, Any]:
    asked = found.asked
    contract = load_contracts(project.contracts).version(asked.contract)
    teams = _teams(contract, asked.stage)
    refuse_team(by, teams, "open a dispute")
    known = contract_hashes(project)
    local = asked.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(contract.zone))
    return {
        "claim": claim,
        "by": by,
        "opened_on": (local - timedelta(microseconds=1)).date().isoformat(),
        "teams": list(teams),
        "batch": list(asked.batch.pairs),
        "n_ids": len(asked.batch.ids),
        "outcome": asked.outcome,
        "stage": asked.stage,
        "baseline": asked.baseline,
        "seed": asked.seed,
        "as_of": asked.as_of.isoformat() + "Z",
        "known_at": asked.known_at.isoformat() + "Z",
        "contract": asked.contract,
        "contracts": {one: known[one] for (one,) in con.execute(VERSIONS).fetchall() if one in known},
        "software": software(),
    }


def _files(about: Mapping[str, Any], found: Audit) -> dict[str, bytes]:
    text = yaml.safe_dump(dict(about), sort_keys=False, allow_unicode=True, width=110)
    files = {
        ABOUT: text.encode(),
        POPULATION: frozen_population(found.population),
        VERDICT: to_json(statement(found)),
    }
    if found.asked.batch.ids:
        files[IDS] = "".join(f"{one}\n" for one in ("lead_id", *found.asked.batch.ids)).encode()
    return files


def _teams(contract: Contract, stage: str) -> tuple[str, ...]:
    pairs = [(each.from_team, each.to_team) for each in contract.handoffs if each.stage == stage]
    return tuple(dict.fromkeys(team for pair in pairs for team in pair if team))


def _name(asked: str | None, about: Mapping[str, Any], found: Audit) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", found.asked.batch.title.casefold()).strip("-")
    name = asked if asked is not None else f"{about['opened_on']}-{words}"[:48].strip("-")
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' is no id: use small letters, digits and hyphens, 64 at most.")
    return name
