"""docs/schedule.md does what it says: its script, crontab, units, workflow and DAG are taken out of it and tried."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PAGE = (Path(__file__).parents[2] / "docs" / "schedule.md").read_text(encoding="utf-8")
DELIVERY = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
STAND_IN = """#!/bin/sh
echo "$PWD"; for word in "$@"; do echo "[$word]"; done; echo "url=${FUNNEL_MAIL_URL:-none}"; sleep "${PAUSE:-0}"; exit "${CODE:-0}"
"""


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


[SCRIPT] = blocks("bash")
SERVICE, TIMER = blocks("ini")


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return a project folder with the script of the page, and a stand-in for funnel that tells what it is given."""
    folder = tmp_path / "srv" / "acme"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "data").mkdir()
    for file, text in ((folder / "weekly.sh", SCRIPT), (folder / ".venv/bin/funnel", STAND_IN)):
        file.write_text(text)
        file.chmod(0o755)
    return folder


def as_cron(command, **environ):
    """Run a command as cron does: no environment but these, from another folder."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/", "SHELL": "/bin/sh"} | environ
    return subprocess.run(
        ["/bin/sh", "-c", command], env=bare, cwd="/", capture_output=True, text=True, check=False
    )


needs_flock = pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")


@needs_flock
def test_the_script_runs_the_week_of_a_day_in_its_folder(acme):
    done = as_cron(f"{acme}/weekly.sh 2026-11-16")
    assert done.stdout.split("\n") == [
        str(acme),
        "[weekly]",
        "[--as-of]",
        "[2026-11-16]",
        "[--land]",
        "[salesforce]",
        "[exports/2026-11-16]",
        "url=none",
        "",
    ]
    assert (done.returncode, done.stderr) == (0, "")


@needs_flock
def test_without_a_day_the_script_takes_today(acme):
    assert re.search(r"\[--as-of\]\n\[\d{4}-\d\d-\d\d\]\n", as_cron(f"{acme}/weekly.sh").stdout)


@needs_flock
def test_secrets_reach_funnel_whatever_signs_they_hold_and_are_not_printed_by_the_script(acme):
    (acme / "secrets.env").write_text("FUNNEL_MAIL_URL='mailtos://u:p%40$x&y@h:587?mode=starttls'\n")
    done = as_cron(f"{acme}/weekly.sh 2026-11-16")
    assert "url=mailtos://u:p%40$x&y@h:587?mode=starttls" in done.stdout
    assert done.stderr == ""


@needs_flock
@pytest.mark.parametrize("code", [1, 2, 3])
def test_the_script_exits_as_funnel_does(acme, code):
    assert as_cron(f"{acme}/weekly.sh 2026-11-16", CODE=str(code)).returncode == code


@needs_flock
def test_a_second_run_beside_the_first_is_refused(acme):
    done = as_cron(
        f"{acme}/weekly.sh 2026-11-16 >/dev/null & sleep 0.5; {acme}/weekly.sh 2026-11-16; echo $?", PAUSE="2"
    )
    assert done.stdout.split("\n")[-2] == "75"
    assert "[weekly]" not in done.stdout


@needs_flock
def test_the_line_of_the_crontab_runs_as_cron_runs_it(acme):
    [line] = [text for text in "".join(blocks("crontab")).split("\n") if text and not text.startswith("#")]
    *when, command = line.split(None, 5)
    assert when == ["30", "6", "*", "*", "1"]
    assert "%" not in command
    assert as_cron(command.replace("/srv/acme", str(acme))).returncode == 0
    assert "[weekly]" in (acme / "weekly.log").read_text()


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


@needs_systemd
def test_systemd_finds_no_fault_in_the_units(acme, tmp_path):
    for name, text in (("funnel-acme.service", SERVICE), ("funnel-acme.timer", TIMER)):
        (tmp_path / name).write_text(text.replace("/srv/acme", str(acme)))
    done = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            "--man=no",
            tmp_path / "funnel-acme.timer",
            tmp_path / "funnel-acme.service",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.split("\n") if "funnel-acme" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
def test_the_timer_means_monday_morning():
    [when] = re.findall(r"OnCalendar=(.*)", TIMER)
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=2", when], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("Mon 20") >= 2


def test_the_workflow_is_whole_and_reads_its_secrets_from_the_store():
    [text] = blocks("yaml")
    job = yaml.safe_load(text)["jobs"]["weekly"]
    [step] = job["steps"]
    assert step["run"].startswith("/srv/acme/weekly.sh ")
    assert set(step["env"]) == {"DAY", "FUNNEL_MAIL_URL", "FUNNEL_SLACK_URL"}
    assert "inputs." not in step["run"]


@needs_flock
@pytest.mark.parametrize(("day", "asked"), [("", 0), ("2026-11-16", 1)])
def test_the_step_of_the_workflow_runs(acme, day, asked):
    [text] = blocks("yaml")
    [step] = yaml.safe_load(text)["jobs"]["weekly"]["steps"]
    done = as_cron(step["run"].replace("/srv/acme", str(acme)), DAY=day)
    assert (done.returncode, done.stdout.count("[2026-11-16]")) == (0, asked)


@pytest.mark.skipif(shutil.which("check-jsonschema") is None, reason="check-jsonschema is not installed")
def test_the_workflow_keeps_to_the_schema_of_workflows(tmp_path):
    (tmp_path / "weekly.yml").write_text(blocks("yaml")[0])
    words = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", tmp_path / "weekly.yml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_dag_is_python_whose_one_task_runs_the_script_for_the_day_of_the_run():
    [text] = blocks("python")
    tasks = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    [task] = [node for node in tasks if getattr(node.func, "id", "") == "BashOperator"]
    given = {word.arg: ast.unparse(word.value) for word in task.keywords}
    assert given["bash_command"].startswith(
        "\"/srv/acme/weekly.sh {{ logical_date.in_timezone('Europe/Berlin')"
    )
    assert given["retries"] == "2"


def airflow() -> str | None:
    """Return a Python that has Airflow: the one that AIRFLOW_PYTHON names, for it lives apart from this project."""
    return os.environ.get("AIRFLOW_PYTHON")


@pytest.mark.skipif(airflow() is None, reason="AIRFLOW_PYTHON names no Python with Airflow")
def test_airflow_imports_the_dag(tmp_path):
    (tmp_path / "weekly_dag.py").write_text(blocks("python")[0])
    code = "import weekly_dag as w; print(w.dag.dag_id, w.dag.task_ids, w.dag.catchup, w.dag.max_active_runs)"
    environ = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home"), "PYTHONPATH": str(tmp_path)}
    words = [str(airflow()), "-c", code]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().split("\n")[-1] == "funnel_acme_weekly ['weekly'] False 1"


def test_the_channels_of_the_page_are_read_as_they_stand(tmp_path):
    from funnel.project import Project
    from funnel.reports.delivery.channel import channels

    [text] = re.findall(r"```yaml\n(.*?)```", DELIVERY, re.S)
    (tmp_path / "delivery.yaml").write_text(text, encoding="utf-8")
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "mailto://h") | {"FUNNEL_DATA_TEAM": "a@b.co"}
    found = channels(Project(tmp_path), (), environ)
    assert [(each.name, each.kind, each.gets, each.fault) for each in found] == [
        ("board", "mail", ("edition",), ""),
        ("data-team", "mail", ("notice",), ""),
        ("revenue", "slack", ("edition", "notice"), ""),
        ("leaders", "teams", ("edition", "notice"), ""),
        ("shelf", "folder", ("edition", "notice"), ""),
    ]


def test_every_key_of_the_page_is_one_that_is_read():
    from funnel.reports.delivery.channel import KEYS

    told = set(re.findall(r"^\| `(\w+)` \|", DELIVERY, re.M))
    assert told == {key for keys in KEYS.values() for key in keys}
    assert sys.version_info >= (3, 11)
