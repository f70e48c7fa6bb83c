"""Slack and Teams through apprise's own code, over TLS, to a receiver on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from delivery_edition import FINDING, NAME, write_channels, write_edition
from delivery_servers import HANG_UP, Hook, free_port, led_to_loopback, make_certificates, web_server

from funnel.project import Project
from funnel.reports.delivery import deliver

SLACK_PATH = "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7XY"
WORKFLOW, SIGNATURE = "643e69f83c8944438d68119179a10a64", "KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3wrNJZxFE5A"
SLACK = (
    "  chat:\n    kind: slack\n    url: ${FUNNEL_SLACK_URL}\n    link: https://funnel.example.com/editions/\n"
)
TEAMS = "  chat:\n    kind: teams\n    url: ${FUNNEL_TEAMS_URL}\n"
TOLD = "Sales answered 62 % (55–68) of 214 hand-offs within 4 business hours; agreed: 90 %."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "contracts").mkdir()
    project = Project(tmp_path)
    write_edition(project)
    return project


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def send(project, waits, tmp_path, monkeypatch):
    """Return how to deliver to a receiver that answers as told; the name of Slack's host leads to it."""
    trusted, context = make_certificates(tmp_path, "localhost", "hooks.slack.com")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))

    def run(channels, hook, **given):
        write_channels(project, channels)
        with web_server(hook, context) as port, monkeypatch.context() as patched:
            led_to_loopback(patched, "hooks.slack.com", port)
            return deliver(project, NAME, environ=environ(port), wait=waits.append, **given)

    return run


def environ(port):
    path = f"/workflows/{WORKFLOW}/triggers/manual/paths/invoke"
    query = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}"
    return {
        "FUNNEL_SLACK_URL": f"https://hooks.slack.com{SLACK_PATH}",
        "FUNNEL_TEAMS_URL": f"https://localhost:{port}{path}?{query}",
    }


def states(outcome):
    return [(row.channel, row.state) for row in outcome.rows]


def test_slack_gets_the_findings_and_where_the_edition_lies(send):
    hook = Hook()
    outcome = send(SLACK, hook)
    assert (states(outcome), outcome.is_delivered) == ([("chat", "sent")], True)
    [(path, headers, body)] = hook.taken
    assert path == SLACK_PATH
    assert headers["Host"] == "hooks.slack.com"
    [attached] = body["attachments"]
    assert attached["title"] == "Kestrel Software: week of 9–15 November 2026, 1 finding"
    lines = attached["text"].replace("\N{NO-BREAK SPACE}", " ").split("\n")
    assert lines == [
        f"- {TOLD} (Sales, about €14.3 k a week at stake)",
        "Still open: Win rate since 5 October 2026: 20 % (12–31), agreed: 35 % (Sales).",
        f"Data: usable, with remarks. https://funnel.example.com/editions/{NAME}/index.html",
    ]
    assert "ts" not in attached
    assert "image" not in json.dumps(body)


def test_teams_gets_a_card_with_the_same_lines_and_no_remote_image(send):
    hook = Hook(answers=[202])
    outcome = send(TEAMS, hook)
    assert states(outcome) == [("chat", "sent")]
    [(path, _, body)] = hook.taken
    assert path.startswith(f"/workflows/{WORKFLOW}/triggers/manual/paths/invoke?")
    title, text = body["attachments"][0]["content"]["body"]
    assert title["text"] == "Kestrel Software: week of 9–15 November 2026, 1 finding"
    assert text["text"].replace("\N{NO-BREAK SPACE}", " ").startswith(f"- {TOLD} (Sales, ")
    assert f"The edition {NAME} lies where editions are kept." in text["text"]
    assert "Image" not in json.dumps(body)


@pytest.mark.parametrize("answer", [429, 500, 502, 503])
def test_a_receiver_that_is_busy_is_asked_again(send, waits, answer):
    hook = Hook(answers=[answer, answer, 200])
    assert states(send(SLACK, hook)) == [("chat", "sent")]
    assert waits == [2.0, 8.0]
    assert len(hook.taken) == 3


@pytest.mark.parametrize("answer", [301, 400, 401, 403, 404, 410])
def test_a_receiver_that_refuses_is_asked_once(send, waits, answer):
    hook = Hook(answers=[answer])
    outcome = send(SLACK, hook)
    assert states(outcome) == [("chat", "not sent")]
    assert outcome.rows[0].detail == f"the receiver answered HTTP {answer}"
    assert (waits, len(hook.taken)) == ([], 1)


@pytest.mark.parametrize("answer", [504, HANG_UP, 204])
def test_an_answer_that_tells_nothing_leaves_a_doubt_and_no_second_message(send, waits, answer):
    hook = Hook(answers=[answer])
    first, second = send(SLACK, hook), send(SLACK, hook)
    assert states(first) == states(second) == [("chat", "in doubt")]
    assert (waits, len(hook.taken)) == ([], 1)
    assert states(send(SLACK, hook, again=["chat"])) == [("chat", "sent")]
    assert len(hook.taken) == 2


def test_words_of_the_message_are_not_taken_for_an_answer(project, send, waits):
    said = "Failed to send, error=503. Socket Exception: Connection refused"
    write_edition(project, findings=[FINDING | {"sentence": said, "number": "503", "owner": said}])
    hook = Hook(answers=[HANG_UP])
    assert states(send(SLACK, hook)) == [("chat", "in doubt")]
    assert (waits, len(hook.taken)) == ([], 1)


def test_a_second_run_sends_nothing(send):
    hook = Hook()
    assert [states(send(SLACK, hook)) for _ in range(2)] == [[("chat", "sent")], [("chat", "sent before")]]
    assert len(hook.taken) == 1


def test_a_receiver_that_is_not_there_is_tried_again(project, waits, monkeypatch):
    write_channels(project, TEAMS)
    outcome = deliver(project, NAME, environ=environ(free_port()), wait=waits.append)
    assert [(row.state, row.detail) for row in outcome.rows] == [("not sent", "the receiver was not reached")]
    assert waits == [2.0, 8.0, 30.0]


def test_a_receiver_with_a_certificate_that_nobody_vouches_for_gets_nothing(
    send, waits, monkeypatch, tmp_path
):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    hook = Hook()
    outcome = send(TEAMS, hook)
    assert [(row.state, row.detail) for row in outcome.rows] == [
        ("not sent", "the receiver's certificate is not trusted")
    ]
    assert (waits, hook.taken) == ([], [])


@pytest.mark.parametrize("kind", [SLACK, TEAMS])
def test_no_part_of_a_webhook_stands_in_a_message_a_log_or_the_ledger(project, send, capfd, caplog, kind):
    caplog.set_level(0)
    outcomes = [send(kind, Hook(answers=[answer])) for answer in (403, HANG_UP)]
    said = (
        f"{outcomes} {capfd.readouterr()} {caplog.text} {(project.root / 'data/delivery.jsonl').read_text()}"
    )
    for part in (SLACK_PATH, *SLACK_PATH.split("/")[2:], WORKFLOW, SIGNATURE):
        assert part not in said


@pytest.mark.parametrize("kind", [SLACK, TEAMS])
def test_names_from_a_crm_mention_nobody_and_hide_no_link(project, send, kind):
    nasty = "<!channel> <@U1> <at>all</at> [win](https://evil.example) <https://evil.example|here> & =cmd"
    write_edition(project, findings=[FINDING | {"sentence": nasty, "number": "62 %", "owner": "<!here>"}])
    hook = Hook()
    send(kind, hook)
    [(_, _, body)] = hook.taken
    said = json.dumps(body, ensure_ascii=False)
    for sign in ("<!", "<@", "<at>", "](", "|here>"):
        assert sign not in said
    assert "entities" not in said
    assert "=cmd" in said


def test_slack_and_mail_are_told_apart_by_their_addresses(project, waits):
    write_channels(project, SLACK)
    wrong = {"FUNNEL_SLACK_URL": "https://example.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7XY"}
    outcome = deliver(project, NAME, environ=wrong, wait=waits.append)
    assert [(row.state, row.detail) for row in outcome.rows] == [
        ("not sent", "the address in its variable is none of kind slack")
    ]
