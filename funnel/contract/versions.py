"""All versions of a contract together: read a folder, and refuse versions that cannot follow each other."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from funnel.contract.load import load_contract
from funnel.contract.model import Contract, Contracts
from funnel.errors import InputError


def load_contracts(folder: Path | str) -> Contracts:
    """Read every *.yaml and *.yml file of a folder, one version each, and check them as a series.

    InputError if there is none, a file is wrong, two versions share a name or a first day, the order of
    file names is not the order in which versions come into force, or a stage was removed or moved.
    """
    root = Path(folder)
    paths = sorted(path for path in root.glob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
    if not paths:
        raise InputError(
            f"{root.name}/: there is no contract here. Put one YAML file per version into this folder."
        )
    read = [(f"{root.name}/{path.name}", load_contract(path)) for path in paths]
    for before, after in pairwise(read):
        _check_dates(before, after)
        _check_stages(before, after)
    _check_names(read)
    return Contracts(tuple(contract for _, contract in read))


def _check_names(read: list[tuple[str, Contract]]) -> None:
    seen: dict[str, str] = {}
    for file, contract in read:
        other = seen.setdefault(contract.version, file)
        if other != file:
            raise InputError(
                f"{file}, version: '{contract.version}' is also the version of {other}. Rename one."
            )


def _check_dates(before: tuple[str, Contract], after: tuple[str, Contract]) -> None:
    (first, old), (second, new) = before, after
    if old.effective_at == new.effective_at:
        raise InputError(
            f"{second}, effective_from: {new.effective_on} is also the first day of {first}, so both would "
            "be in force at once. Give the later agreement a later day."
        )
    if old.effective_at > new.effective_at:
        raise InputError(
            f"{second}, effective_from: {new.effective_on} lies before {old.effective_on} of {first}, whose "
            "name sorts first. Name the files in the order in which they come into force."
        )


def _check_stages(before: tuple[str, Contract], after: tuple[str, Contract]) -> None:
    (first, old), (second, new) = before, after
    was = [stage.name for stage in old.stages]
    now = [stage.name for stage in new.stages]
    gone = next((name for name in was if name not in now), None)
    if gone:
        raise InputError(
            f"{second}, stages: the stage '{gone}' of {first} is missing, so leads in it would have no "
            f"place. Keep it; its title and conditions may change. Stages of {first}: {', '.join(was)}."
        )
    if [name for name in now if name in was] != was:
        raise InputError(
            f"{second}, stages: the order {', '.join(now)} is not that of {first} ({', '.join(was)}), so "
            "positions in the funnel would change their meaning. Keep the order; new stages may stand "
            "between."
        )
