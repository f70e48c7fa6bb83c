"""The command line: its help has an example that works, its codes are 0, 1, 2, 3, and a step's time is told."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from funnel.cli import app

ROOT = Path(__file__).parents[1]


def commands(group=app, words=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


ALL = list(commands())


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_every_command_has_help_and_an_example_of_itself(words, command):
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    example = re.search(r"Example: (.*)", command.epilog or "")
    assert example, f"{words} has no example"
    assert shlex.split(example[1])[: len(words) + 1] == ["funnel", *words]


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_every_option_of_an_example_exists(words, command):
    known = {option for parameter in command.params for option in parameter.opts}
    for part in (command.epilog or "").split("&&"):
        if shlex.split(part.replace("Example: ", ""))[1 : len(words) + 1] == list(words):
            assert set(re.findall(r"--[\w-]+", part)) <= known


def test_every_command_of_the_readme_exists():
    readme = (ROOT / "README.md").read_text()
    used = re.findall(
        r"funnel ((?:contract |dispute )?[a-z]+)(?= |`|\n)",
        "\n".join(re.findall(r"```sh\n(.*?)```", readme, re.S)),
    )
    assert used
    assert {tuple(words.split()) for words in used} <= {words for words, _ in ALL}


def shell_commands():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(), re.S))
        for part in re.split(r"&&|\n", blocks):
            words = shlex.split(part, comments=True)
            if words[:1] == ["funnel"]:
                yield pytest.param(words[1:], id=f"{page.stem}: {' '.join(words[1:])}")


@pytest.mark.parametrize("words", list(shell_commands()))
def test_every_command_on_a_page_is_one_with_its_arguments_and_options(words):
    command = app
    while isinstance(command, click.Group):
        command = command.commands[words[0]]
        words = words[1:]
    command.make_context(command.name, list(words), resilient_parsing=False)


def test_every_make_target_of_the_readme_exists():
    made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())) - {"git"} <= made


def test_every_file_that_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_contract_describe_says_the_latest_version_unless_asked(tmp_path):
    latest = CliRunner().invoke(app, ["contract", "describe", "--project", str(ROOT)])
    older = CliRunner().invoke(app, ["contract", "describe", "2025-01", "--project", str(ROOT)])
    assert latest.output.startswith("Version 2025-11 of the agreement")
    assert older.output.startswith("Version 2025-01 of the agreement")


def test_contract_diff_prints_a_line_for_each_change():
    result = CliRunner().invoke(app, ["contract", "diff", "2025-01", "2025-11", "--project", str(ROOT)])
    assert (
        "stages.mql.must_meet.score: was a score of at least 50, is now a score of at least 60."
        in result.output
    )


def test_sources_lists_every_source_of_the_package():
    result = CliRunner().invoke(app, ["sources", "--project", str(ROOT)])
    assert result.exit_code == 0
    for name in ("salesforce", "canonical", "olist", "realestate", "maven"):
        assert name in result.output


def test_help_imports_nothing_heavy():
    code = "import sys, funnel.cli; sys.exit(', '.join({'pandas', 'duckdb', 'numpy', 'plotly'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_the_title_of_a_table_is_one_line_and_taken_as_text(capsys):
    from funnel.cli.terminal import print_rows

    title = "[red]Webinar 2026 summer series[/red]: mql to sql, against earlier"
    print_rows(title, [{"a": 1, "b": "x"}])
    print_rows("nothing", [])
    assert capsys.readouterr().out.splitlines() == [title, "a  b", "1  x", "nothing"]
