"""The whole path as a user walks it: a small demo company, taken from exports to edition by the command line."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[1]
FUNNEL = str(Path(sys.executable).with_name("funnel"))
AS_OF = "2026-11-16"
pytestmark = [pytest.mark.slow]
ROWS = [
    "from run.context",
    "select schema_name, table_name, estimated_size from duckdb_tables() order by all",
    "select count(*), bit_xor(hash(c)) from marts.cycle c",
    "select count(*), bit_xor(hash(h)) from marts.handoff h",
]


def funnel(project, *args, prefix=()):
    return subprocess.run(
        [*prefix, FUNNEL, *args, "--project", str(project)], capture_output=True, text=True, check=False
    )


def digest(path: Path) -> dict[str, str]:
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file())
    return {str(f.relative_to(path)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "kestrel"
    shutil.copytree(ROOT / "contracts", folder / "contracts")
    done = funnel(folder, "demo", "--leads", "400")
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.fixture(scope="module")
def project(walked):
    return walked[0]


def copy_of(project, tmp_path):
    return Path(shutil.copytree(project, tmp_path / "kestrel"))


def test_the_demo_ends_with_an_edition_its_times_and_what_to_do_next(walked):
    project, done = walked
    edition = project / "reports" / AS_OF
    assert str(edition / "index.html") in done.stdout
    assert "Next: open it in a browser" in done.stdout
    assert [line.split("  ")[0] for line in done.stderr.splitlines() if line.endswith(" s")] == [
        "demo: write the exports", "land 2026-10-05", "land 2026-11-02", "land 2026-11-16", "build", "check", "report",
    ]  # fmt: skip
    pages = {
        "index.html",
        "conversion.html",
        "lead_quality.html",
        "handoff.html",
        "shared_kpi.html",
        "checks.html",
        "edition.json",
    }
    assert pages <= {f.name for f in edition.iterdir()}


def test_no_name_or_address_of_a_lead_or_a_rep_is_in_what_leadership_gets(project):
    with duckdb.connect(str(project / "data" / "warehouse.duckdb"), read_only=True) as con:
        names = con.execute(
            "select name from staging.person union select email from staging.person "
            "union select name from staging.rep where not coalesce(is_queue, false)"
        ).fetchall()
    persons = {name for (name,) in names if name}
    assert len(persons) > 500
    files = [f for kind in ("html", "csv", "json") for f in (project / "reports").rglob(f"*.{kind}")]
    assert len(files) > 60
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert [name for name in persons if name in text] == [], file.name


def alone():
    """Return the words that run a command in a network namespace whose only interface is loopback, if that is possible here."""
    words = [
        "unshare",
        "--net",
        "--map-root-user",
        "sh",
        "-c",
        'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"',
        "sh",
    ]
    possible = (
        shutil.which("unshare")
        and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    )
    return words if possible else []


def test_every_table_of_the_edition_is_listed_with_its_hash(project):
    edition = project / "reports" / AS_OF
    listed = json.loads((edition / "edition.json").read_text())["tables"]
    assert len(listed) > 20
    for kind in ("csv", "parquet"):
        files = (edition / "tables").glob(f"*.{kind}")
        written = {f.stem: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
        assert written == {name: table[f"{kind}_sha256"] for name, table in listed.items()}


def test_a_past_edition_made_again_after_later_loads_is_the_same_byte_for_byte(project, tmp_path):
    """First as it was then, with no network interface but loopback, from exports made anew; then from all loads.

    The later loads changed, merged and deleted leads of the past edition. Whatever needs or tries a network
    fails in the first run.
    """
    then, words = tmp_path / "then", alone()
    shutil.copytree(ROOT / "contracts", then / "contracts")
    export, day = then / "data" / "demo" / "2026-10-05", ("--as-of", "2026-10-05")
    steps = [
        ("demo", "--leads", "400", "--only-exports"),
        ("land", "salesforce", str(export), "--observed-at", "2026-10-05"),
        ("build", *day), ("check",), ("report", *day),
    ]  # fmt: skip
    for step in steps:
        assert funnel(then, *step, prefix=words).returncode == 0
    now = copy_of(project, tmp_path / "now")
    for step in (("build", *day, "--known-at", "2026-10-05"), ("check",), ("report", *day)):
        assert funnel(now, *step).returncode == 0
    assert digest(now / "reports" / "2026-10-05") == digest(then / "reports" / "2026-10-05")
    if not words:
        pytest.skip("same bytes, but this machine does not let a test make a network namespace")


def kill_at(delay, project, *args):
    process = subprocess.Popen(
        [FUNNEL, *args, "--project", str(project)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


@pytest.mark.parametrize(
    ("args", "kept", "lasts"),
    [
        (("land", "salesforce", "{load}", "--observed-at", "2026-11-20"), "data/landed", 2.5),
        (("build", "--as-of", "2026-11-09"), "data/warehouse.duckdb", 4.0),
        (("report", "--as-of", AS_OF), f"reports/{AS_OF}", 8.0),
    ],
    ids=["land", "build", "report"],
)
def test_ten_kills_at_random_moments_leave_the_last_state_whole_and_the_next_run_succeeds(
    project, tmp_path, args, kept, lasts
):
    """A run that is killed after its swap, before it ended, has done its work: either state is whole, none is half."""
    here = copy_of(project, tmp_path / "killed")
    export = here / "data" / "demo" / "2026-11-16"
    lead = export / "Lead.csv"
    lead.write_text(
        lead.read_text(encoding="utf-8").replace("Accepted", "Nurture"), encoding="utf-8", newline=""
    )
    args = [a.format(load=export) for a in args]
    before = after = whole(here, kept)
    if args[0] != "report":
        finished = copy_of(here, tmp_path / "finished")
        assert funnel(finished, *args).returncode == 0
        after = whole(finished, kept)
    moments = random.Random(f"funnel {args[0]}")
    for _ in range(10):
        ended = kill_at(moments.uniform(0.05, lasts), here, *args)
        assert ended in (0, -signal.SIGKILL)
        before = after if ended == 0 else before
        assert whole(here, kept) in (before, after)
    done = funnel(here, *args)
    assert done.returncode == 0, done.stderr
    assert whole(here, kept) == after
    assert list((here / "data").rglob(".*new*")) == []


def whole(project: Path, kept: str):
    """Return what a reader sees: of a warehouse the rows, of landed data what the manifest lists and nothing else."""
    if kept.endswith(".duckdb"):
        with duckdb.connect(str(project / kept), read_only=True) as con:
            return [con.execute(query).fetchall() for query in ROWS]
    if kept != "data/landed":
        return digest(project / kept)
    manifest = json.loads((project / kept / "salesforce" / "manifest.json").read_text())
    con = duckdb.connect()
    files = [str(project / kept / "salesforce" / f) for f in listed_files(manifest)]
    return [
        (Path(f).name, con.execute("select count(*) from read_parquet(?)", [f]).fetchall()) for f in files
    ]


def listed_files(manifest):
    text = json.dumps(manifest)
    return sorted({part for part in text.split('"') if part.endswith(".parquet")})


def test_a_reader_keeps_the_warehouse_that_it_opened_while_another_is_swapped_in(project, tmp_path):
    here = copy_of(project, tmp_path)
    con = duckdb.connect(str(here / "data" / "warehouse.duckdb"), read_only=True)
    before = con.execute("select as_of from run.context").fetchall()
    done = funnel(here, "build", "--as-of", "2026-11-09")
    assert done.returncode == 0, done.stderr
    assert con.execute("select as_of from run.context").fetchall() == before
    con.close()
    fresh = duckdb.connect(str(here / "data" / "warehouse.duckdb"), read_only=True)
    assert fresh.execute("select as_of from run.context").fetchall() != before


def test_an_edition_that_a_critical_check_refuses_leaves_the_last_one_and_exits_1(project, tmp_path):
    here = copy_of(project, tmp_path)
    before = digest(here / "reports")
    assert funnel(here, "build", "--as-of", "2027-11-16").returncode == 0
    checked = funnel(here, "check")
    assert checked.returncode == 1
    assert "critical" in checked.stderr
    assert funnel(here, "report", "--as-of", "2027-11-16").returncode == 1
    assert digest(here / "reports") == before
