"""`funnel deliver` and `funnel weekly`: what they print, what they exit with, and that a failed week is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from delivery_edition import NAME, write_channels, write_edition

from funnel.cli import app
from funnel.project import Project

SHELF = "  shelf:\n    kind: folder\n    path: outbox\n"


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    (tmp_path / "contracts").mkdir()
    project = Project(tmp_path)
    write_channels(project, SHELF)
    return project


def run(project, *words):
    return CliRunner().invoke(app, [*words, "--project", str(project.root)])


def test_an_edition_is_delivered_once_and_exits_with_0_both_times(bare):
    write_edition(bare)
    first, second = (run(bare, "deliver", NAME) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "shelf    shelf  sent" in first.stdout
    assert "sent before" in second.stdout


def test_no_edition_exits_with_1_and_says_why_and_that_a_notice_went_out(bare):
    result = run(bare, "deliver", NAME)
    assert result.exit_code == 1
    assert "There is no edition 2026-11-16. No data have been built." in result.stdout
    assert "Error: The edition 2026-11-16 was not delivered: a notice went out instead." in result.stderr


def test_a_channel_that_fails_exits_with_1(bare):
    write_edition(bare)
    write_channels(bare, f"{SHELF}  chat:\n    kind: slack\n    url: ${{FUNNEL_NOT_SET}}\n")
    result = run(bare, "deliver", NAME)
    assert result.exit_code == 1
    assert "the environment variable FUNNEL_NOT_SET is not set" in result.stdout
    assert "Error: 1 of 2 did not get the edition 2026-11-16; the table says why." in result.stderr
    assert (bare.root / "outbox" / NAME).is_dir()


def test_a_dry_run_shows_the_message_and_exits_with_0(bare):
    write_edition(bare)
    result = run(bare, "deliver", NAME, "--dry-run")
    assert result.exit_code == 0
    assert "would be sent" in result.stdout
    assert "WHAT TO KNOW" in result.stdout
    assert not (bare.root / "outbox").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["deliver", "yesterday"], 2, "'yesterday' is no edition."),
        (["deliver", NAME, "--to", "shelv"], 2, "Did you mean 'shelf'?"),
        (["deliver", NAME, "--again", "shelv"], 2, "--again 'shelv' is no channel"),
        (["weekly", "--as-of", "2026-11-16T08:00+01:00"], 2, "A week ends with a day"),
    ],
)
def test_wrong_use_says_what_would_do(bare, words, code, said):
    write_edition(bare)
    result = run(bare, *words)
    assert result.exit_code == code
    assert said in result.stderr


class Week:
    """The steps of a week, each of which says that it ran; one of them may fail."""

    def __init__(self, project, monkeypatch, *, fails=""):
        from funnel.errors import ChecksFailed, InputError

        self.ran: list[str] = []

        def step(name, error, result=None):
            def stand_in(*args, **given):
                self.ran.append(name)
                if name == fails:
                    raise error
                return result

            return stand_in

        def report(*args, **given):
            step("report", InputError("a notebook failed"))()
            return type("Made", (), {"index": write_edition(project) / "index.html"})

        good = type("Report", (), {"ok": True})
        monkeypatch.setattr("funnel.cli.deliver.instant", lambda text, *_: text)
        monkeypatch.setattr("funnel.landing.land", step("land", InputError("row 7: Jane Doe is no date")))
        monkeypatch.setattr("funnel.warehouse.build", step("build", RuntimeError("out of memory")))
        monkeypatch.setattr("funnel.checks.run_checks", step("check", ChecksFailed("1 critical"), good))
        monkeypatch.setattr("funnel.reports.report", report)


WEEKLY = ["weekly", "--as-of", NAME, "--land", "crm", "exports/a", "--land", "spend", "exports/b"]


def test_a_week_that_goes_well_is_landed_built_checked_reported_and_delivered(bare, monkeypatch):
    week = Week(bare, monkeypatch)
    result = run(bare, *WEEKLY)
    assert result.exit_code == 0, result.output
    assert week.ran == ["land", "land", "build", "check", "report"]
    assert (bare.root / "outbox" / NAME / "message.html").is_file()


@pytest.mark.parametrize(
    ("fails", "code", "ran"),
    [
        ("land", 3, ["land"]),
        ("build", 1, ["land", "land", "build"]),
        ("check", 1, ["land", "land", "build", "check"]),
        ("report", 3, ["land", "land", "build", "check", "report"]),
    ],
)
def test_a_step_that_fails_sends_its_notice_and_keeps_its_exit_code(bare, monkeypatch, fails, code, ran):
    week = Week(bare, monkeypatch, fails=fails)
    result = run(bare, *WEEKLY)
    assert (result.exit_code, week.ran) == (code, ran)
    notice = (bare.root / "outbox" / f"{NAME}-notice" / "message.txt").read_text()
    assert f"The step '{fails}' did not finish." in notice
    assert "Jane" not in notice
    assert not (bare.root / "outbox" / NAME).exists()


def test_a_notice_that_cannot_be_sent_does_not_hide_the_step_that_failed(bare, monkeypatch):
    (bare.root / "delivery.yaml").unlink()
    Week(bare, monkeypatch, fails="check")
    result = run(bare, *WEEKLY)
    assert result.exit_code == 1
    assert "No notice was sent: " in result.stderr
    assert "Error: 1 critical" in result.stderr
