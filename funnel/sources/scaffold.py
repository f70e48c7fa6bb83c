"""Write a project folder to start from: a contract, a source folder, a README."""

from __future__ import annotations

import shutil
from pathlib import Path

from funnel.errors import UsageError
from funnel.sources.find import find_source

README = """\
# {title}

1. Agree on `contracts/{contract}`: `funnel contract check`; `funnel contract describe` says it in words.
2. Land an export: `funnel land {source} PATH --observed-at 2026-07-01`
   Files that are expected: {files}.
3. Build, check and report: `funnel build`, `funnel check`, `funnel report --as-of 2026-07-01`.

`sources/{source}/` says how the files are read (`source.yaml`) and what their columns mean (one SQL file for
each staging table). Change it where your export differs. `data/landed/` is the record of what was exported
when: keep it.
"""


def scaffold(folder: Path, source: str) -> list[str]:
    """Make a project in `folder` from a source of the package; return what to tell the user, line by line.

    UsageError if there is no such source, or if the folder holds anything already.
    """
    found = find_source(None, source)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Name a new folder, so that nothing is overwritten.")
    contract = "contract.yaml"
    shutil.copytree(found.folder, folder / "sources" / source, ignore=shutil.ignore_patterns(contract))
    for name in ("contracts", "data", "reports"):
        (folder / name).mkdir(parents=True)
    shutil.copy(found.folder / contract, folder / "contracts" / contract)
    files = ", ".join(table.files[0] for table in found.tables.values())
    readme = README.format(title=folder.name, contract=contract, source=source, files=files)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return [
        f"Made {folder} for the source {source}.",
        f"Agree on {folder / 'contracts' / contract}, then land an export:",
        f"  funnel land {source} PATH --observed-at DATE --project {folder}",
    ]
