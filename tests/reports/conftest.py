"""A project whose warehouse is small and whose checks are stated, and the edition made from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import AS_OF, FILLED, PASSED, people, write_checks

from funnel.project import Project
from funnel.sources import STAGING


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a warehouse and passing checks; tests take a copy of it."""
    from world import world

    root = tmp_path_factory.mktemp("project")
    (root / "contracts").mkdir()
    (root / "data").mkdir()
    project = Project(root)
    con = world(root / "contracts", as_of=AS_OF, **people(120))
    con.execute("drop table run.load")
    con.execute(
        "create table run.load as select 'crm' as source, '1' as load_id, cast(? as timestamp) as observed_at, "
        "'lead' as table_name, 'lead.csv' as file, 120 as n_rows, 120 as n_changed, 0 as n_tombstones, "
        "2 as n_rejects",
        [AS_OF],
    )
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    for name in STAGING:
        state = "filled" if name in FILLED else "not in this source"
        con.execute("insert into run.source_table values ('crm', ?, ?, 0)", [name, state])
    con.execute(f"attach '{project.warehouse}' as file")
    con.execute("copy from database memory to file")
    con.close()
    write_checks(project, *PASSED)
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """Return a copy of the project that a test may spoil."""
    return Project(Path(shutil.copytree(made.root, tmp_path / "project")))


@pytest.fixture(scope="session")
def edition(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an edition."""
    from funnel.reports import report

    root = shutil.copytree(made.root, tmp_path_factory.mktemp("edition") / "project")
    return report(Project(Path(root)), as_of=AS_OF).folder
