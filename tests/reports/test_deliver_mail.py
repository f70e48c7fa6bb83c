"""Mail through a real server on loopback: what arrives, what is tried again, and what is never sent twice."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from delivery_edition import NAME, write_channels, write_edition
from delivery_servers import (
    HANG_UP,
    PASSWORD,
    TAKE_AND_HANG_UP,
    USER,
    Post,
    free_port,
    mail_server,
    make_certificates,
)

from funnel.project import Project
from funnel.reports.delivery import deliver
from funnel.reports.delivery.onefile import one_page
from funnel.reports.delivery.standing import standing

BOARD = "  board:\n    kind: mail\n    url: ${FUNNEL_MAIL_URL}\n    from: Funnel <funnel@example.com>\n"
ONE = f"{BOARD}    to: [marketing@example.com]\n"
TWO = f"{BOARD}    to: [marketing@example.com, sales@example.com]\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "contracts").mkdir()
    project = Project(tmp_path)
    write_edition(project)
    write_channels(project, ONE)
    return project


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def send(project, waits):
    """Return how to deliver to the server at a port; it waits no time, and writes down how long it would."""

    def run(port, **given):
        environ = {"FUNNEL_MAIL_URL": f"mailto://127.0.0.1:{port}"} | given.pop("environ", {})
        return deliver(project, NAME, environ=environ, wait=waits.append, **given)

    return run


def states(outcome):
    return [(row.to, row.state) for row in outcome.rows]


def ledger(project):
    lines = (project.root / "data" / "delivery.jsonl").read_text().splitlines()
    return [(entry["to"], entry["state"]) for entry in map(json.loads, lines)]


def test_a_mail_arrives_as_text_and_html_with_the_edition_as_one_file(project, send):
    post = Post()
    with mail_server(post) as port:
        outcome = send(port)
    assert states(outcome) == [("marketing@example.com", "sent")]
    assert outcome.is_delivered
    [(to, mail)] = post.taken
    assert to == "marketing@example.com"
    assert mail["Subject"] == "Kestrel Software: week of 9–15 November 2026, 1 finding"
    assert (mail["From"], mail["To"]) == ("Funnel <funnel@example.com>", "marketing@example.com")
    assert mail["X-Funnel-Edition"] == NAME
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/html"]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n").replace("\N{NO-BREAK SPACE}", " ")
    assert "1. Sales answered 62 % (55–68) of 214 hand-offs" in text
    assert "Leads: 219, agreed 200, reached 110 %\n   marketing; 9–15 Nov\n" in text
    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == f"funnel-{NAME}.html"
    assert attached.get_payload(decode=True) == one_page(standing(project, NAME))


def test_each_recipient_gets_a_mail_of_his_own_and_sees_no_other_address(project, send):
    write_channels(project, TWO)
    post = Post()
    with mail_server(post) as port:
        outcome = send(port)
    assert outcome.is_delivered
    assert post.to() == ["marketing@example.com", "sales@example.com"]
    assert [mail["To"] for _, mail in post.taken] == post.to()
    assert all("cc" not in mail and "bcc" not in mail for _, mail in post.taken)


def test_a_second_run_sends_nothing(project, send):
    post = Post()
    with mail_server(post) as port:
        send(port)
        again = send(port)
        asked = send(port, again=["board"])
    assert states(again) == states(asked) == [("marketing@example.com", "sent before")]
    assert again.is_delivered
    assert len(post.taken) == 1


def test_an_edition_made_again_with_the_same_content_is_not_sent_again(project, send):
    post = Post()
    with mail_server(post) as port:
        send(port)
        write_edition(project, build_id="b2", software={"duckdb": "99"})
        assert states(send(port)) == [("marketing@example.com", "sent before")]
    assert len(post.taken) == 1


def test_a_changed_edition_goes_only_to_whom_is_asked_for_again(project, send):
    post = Post()
    with mail_server(post) as port:
        send(port)
        write_edition(project, findings=())
        held = send(port)
        asked = send(port, again=["board"])
        after = send(port)
    assert states(held) == [("marketing@example.com", "not sent")]
    assert not held.is_delivered
    assert "--again board" in held.rows[0].detail
    assert states(asked) == [("marketing@example.com", "sent")]
    assert states(after) == [("marketing@example.com", "sent before")]
    assert len(post.taken) == 2


def test_a_server_that_asks_to_come_back_later_is_asked_again(project, send, waits):
    post = Post(answers=["451 4.7.1 greylisted", "421 4.3.2 too busy"])
    with mail_server(post) as port:
        outcome = send(port)
    assert outcome.is_delivered
    assert waits == [2.0, 8.0]
    assert len(post.taken) == 1
    assert [state for _, state in ledger(project)] == [
        "sending",
        "not sent",
        "sending",
        "not sent",
        "sending",
        "sent",
    ]


def test_a_server_that_never_takes_it_is_asked_four_times_and_no_more(project, send, waits):
    post = Post(answers=["451 4.7.1 greylisted"] * 9)
    with mail_server(post) as port:
        outcome = send(port)
    assert states(outcome) == [("marketing@example.com", "not sent")]
    assert outcome.rows[0].detail == "the mail server answered 451 4.7.1 greylisted"
    assert waits == [2.0, 8.0, 30.0]
    assert len(post.answers) == 5


def test_what_the_server_refused_for_good_is_not_tried_again_in_this_run_but_is_in_the_next(
    project, send, waits
):
    post = Post(answers=["554 5.7.1 no HTML attachments here"])
    with mail_server(post) as port:
        refused = send(port)
        after = send(port)
    assert refused.rows[0].detail == "the mail server answered 554 5.7.1 no HTML attachments here"
    assert states(refused) == [("marketing@example.com", "not sent")]
    assert waits == []
    assert states(after) == [("marketing@example.com", "sent")]


def test_one_refused_recipient_does_not_keep_the_edition_from_the_other(project, send):
    write_channels(project, TWO)
    post = Post(refused={"marketing@example.com": "550 5.1.1 no such mailbox"})
    with mail_server(post) as port:
        outcome = send(port)
        post.refused.clear()
        after = send(port)
    assert states(outcome) == [("marketing@example.com", "not sent"), ("sales@example.com", "sent")]
    assert "550" in outcome.rows[0].detail
    assert not outcome.is_delivered
    assert states(after) == [("marketing@example.com", "sent"), ("sales@example.com", "sent before")]
    assert post.to() == ["sales@example.com", "marketing@example.com"]


def test_a_server_that_is_not_there_is_tried_again_and_stops_no_other_channel(project, send, waits):
    write_channels(project, f"{ONE}  shelf:\n    kind: folder\n    path: outbox\n")
    outcome = send(free_port())
    assert states(outcome) == [("marketing@example.com", "not sent"), ("shelf", "sent")]
    assert outcome.rows[0].detail.startswith("the mail server was not reached: ")
    assert waits == [2.0, 8.0, 30.0]
    assert (project.root / "outbox" / NAME / "message.html").is_file()


def test_a_server_that_is_not_there_holds_up_a_run_once_however_many_recipients_wait(project, send, waits):
    write_channels(project, TWO)
    outcome = send(free_port())
    assert states(outcome) == [("marketing@example.com", "not sent"), ("sales@example.com", "not sent")]
    assert waits == [2.0, 8.0, 30.0]


@pytest.mark.parametrize(("answer", "arrived"), [(HANG_UP, 0), (TAKE_AND_HANG_UP, 1)])
def test_a_line_that_breaks_after_the_mail_was_begun_leaves_a_doubt_and_no_second_mail(
    project, send, waits, answer, arrived
):
    post = Post(answers=[answer])
    with mail_server(post) as port:
        broken = send(port)
        after = send(port)
        assert len(post.taken) == arrived
        asked = send(port, again=["board"])
    assert states(broken) == states(after) == [("marketing@example.com", "in doubt")]
    assert waits == []
    assert after.rows[0].detail == "an earlier run may have sent it; ask, then send it with --again board"
    assert states(asked) == [("marketing@example.com", "sent")]
    assert len(post.taken) == arrived + 1


def test_a_run_killed_while_sending_leaves_a_doubt_and_no_second_mail(project, send, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    post = Post()
    with mail_server(post) as port:
        with monkeypatch.context() as patched:
            patched.setattr("funnel.reports.delivery.run.post", killed)
            with pytest.raises(KeyboardInterrupt):
                send(port)
        after = send(port)
    assert ledger(project) == [("marketing@example.com", "sending")]
    assert states(after) == [("marketing@example.com", "in doubt")]
    assert post.taken == []


def test_a_run_killed_while_it_waits_to_try_again_leaves_no_doubt(project, send, monkeypatch):
    post = Post(answers=["451 later"])
    with mail_server(post) as port:
        environ = {"FUNNEL_MAIL_URL": f"mailto://127.0.0.1:{port}"}

        def killed(_):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deliver(project, NAME, environ=environ, wait=killed)
        after = send(port)
    assert states(after) == [("marketing@example.com", "sent")]
    assert len(post.taken) == 1


def test_an_unforeseen_error_of_one_channel_is_a_doubt_of_that_channel_alone(project, send, monkeypatch):
    write_channels(project, f"{ONE}  shelf:\n    kind: folder\n    path: outbox\n")

    def broken(*_):
        raise RuntimeError(f"it holds {PASSWORD}")

    monkeypatch.setattr("funnel.reports.delivery.run.post", broken)
    outcome = send(1)
    assert states(outcome) == [("marketing@example.com", "in doubt"), ("shelf", "sent")]
    assert outcome.rows[0].detail == "sending ended with an unforeseen RuntimeError"


def test_the_server_is_logged_into_over_tls_and_only_if_its_certificate_is_trusted(
    project, send, tmp_path, monkeypatch, capfd, caplog
):
    trusted, context = make_certificates(tmp_path, "localhost")
    post = Post()
    with mail_server(post, context=context, login=True) as port:
        url = f"mailtos://{USER}:{quote(PASSWORD, safe='')}@localhost:{port}?mode=starttls&smtp=localhost"
        distrusted = send(port, environ={"FUNNEL_MAIL_URL": url})
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        outcome = send(port, environ={"FUNNEL_MAIL_URL": url})
    assert states(distrusted) == [("marketing@example.com", "not sent")]
    assert "certificate verify failed" in distrusted.rows[0].detail
    assert states(outcome) == [("marketing@example.com", "sent")]
    assert (post.logins, post.tls) == (["good"], [True])
    said = str(outcome) + str(distrusted) + str(capfd.readouterr()) + caplog.text + str(ledger(project))
    assert PASSWORD not in said
    assert quote(PASSWORD, safe="") not in said


def test_a_wrong_password_is_refused_for_good_and_stands_in_no_message_log_or_ledger(
    project, send, waits, tmp_path, monkeypatch, capfd, caplog
):
    caplog.set_level(0)
    trusted, context = make_certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    post = Post()
    with mail_server(post, context=context, login=True) as port:
        url = f"mailtos://{USER}:wr0ng-pass@localhost:{port}?mode=starttls&smtp=localhost"
        outcome = send(port, environ={"FUNNEL_MAIL_URL": url})
    assert states(outcome) == [("marketing@example.com", "not sent")]
    assert outcome.rows[0].detail.startswith("the mail server answered 535")
    assert (set(post.logins), waits) == ({"bad"}, [])
    whole = (
        f"{outcome} {capfd.readouterr()} {caplog.text} {(project.root / 'data/delivery.jsonl').read_text()}"
    )
    assert "wr0ng" not in whole


def test_retries_copies_and_targets_in_the_address_do_not_bring_a_second_mail(project, send, waits):
    post = Post(answers=["451 later"])
    with mail_server(post) as port:
        url = (
            f"mailto://127.0.0.1:{port}/other@example.com?retry=5&cc=third@example.com&to=fourth@example.com"
        )
        outcome = send(port, environ={"FUNNEL_MAIL_URL": url})
    assert outcome.is_delivered
    assert waits == [2.0]
    assert post.to() == ["marketing@example.com"]


def test_a_dry_run_sends_nothing_and_writes_nothing(project, send):
    post = Post()
    with mail_server(post) as port:
        outcome = send(port, dry_run=True)
    assert states(outcome) == [("marketing@example.com", "would be sent")]
    assert outcome.rows[0].detail == "Kestrel Software: week of 9–15 November 2026, 1 finding"
    assert "WHAT TO KNOW" in outcome.text
    assert post.taken == []
    assert not (project.root / "data").exists()
