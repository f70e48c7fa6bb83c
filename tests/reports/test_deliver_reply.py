"""What apprise logs is read as: sent, surely not sent (for now or for good), or in doubt."""

from __future__ import annotations

import pytest

from funnel.reports.delivery.reply import of_mail, of_web

CONNECTING = 'Connection error while submitting email to "mail.example.com"'
SENDING = 'Sending email to "a@b.co" failed.'


@pytest.mark.parametrize(
    ("log", "state", "is_passing"),
    [
        ([SENDING, "Socket Exception: (451, b'4.7.1 later')"], "not sent", True),
        ([SENDING, "Socket Exception: (554, b'5.7.1 no')"], "not sent", False),
        ([SENDING, "Socket Exception: (499, b'edge')"], "not sent", True),
        ([SENDING, "Socket Exception: (500, b'edge')"], "not sent", False),
        ([SENDING, "Socket Exception: {'a@b.co': (550, b'no such mailbox')}"], "not sent", False),
        ([SENDING, "Socket Exception: {'a@b.co': (450, b\"it's full\")}"], "not sent", True),
        ([SENDING, "Socket Exception: (550, b'not you', 'from@b.co')"], "not sent", False),
        ([CONNECTING, "Socket Exception: (535, b'5.7.8 wrong')"], "not sent", False),
        ([CONNECTING, "Socket Exception: (454, b'4.7.0 temporary')"], "not sent", True),
        ([CONNECTING, "Socket Exception: [Errno 111] Connection refused"], "not sent", True),
        ([CONNECTING, "Socket Exception: timed out"], "not sent", True),
        ([CONNECTING, "Socket Exception: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed"], "not sent", False),
        ([CONNECTING, "Socket Exception: STARTTLS extension not supported by server."], "not sent", False),
        ([SENDING, "Socket Exception: Connection unexpectedly closed"], "in doubt", False),
        ([SENDING, "Socket Exception: timed out"], "in doubt", False),
        ([SENDING, "Subject: (451, b'x')", "Socket Exception: timed out"], "in doubt", False),
        ([], "in doubt", False),
    ],
)
def test_a_mail(log, state, is_passing):
    reply = of_mail(log)
    assert (reply.state, reply.is_passing) == (state, is_passing)


@pytest.mark.parametrize(
    ("log", "state", "is_passing"),
    [
        (["Failed to send to Slack: Too many, error=429."], "not sent", True),
        (["Failed to send Workflows notification: error=500."], "not sent", True),
        (["Failed to send Workflows notification: error=502."], "not sent", True),
        (["Failed to send Workflows notification: error=503."], "not sent", True),
        (["Failed to send Workflows notification: error=504."], "in doubt", False),
        (["Failed to send Workflows notification: error=408."], "in doubt", False),
        (["Failed to send Workflows notification: error=200."], "in doubt", False),
        (["Failed to send Workflows notification: error=299."], "in doubt", False),
        (["Failed to send Workflows notification: error=300."], "not sent", False),
        (["Failed to send Workflows notification: error=403."], "not sent", False),
        (["Failed to send Workflows notification: error=501."], "not sent", False),
        (["A Connection error", "Socket Exception: NewConnectionError(refused)"], "not sent", True),
        (["A Connection error", "Socket Exception: NameResolutionError(no such host)"], "not sent", True),
        (["A Connection error", "Socket Exception: ConnectTimeoutError(10 s)"], "not sent", True),
        (["A Connection error", "Socket Exception: SSLError(CERTIFICATE_VERIFY_FAILED)"], "not sent", False),
        (["A Connection error", "Socket Exception: Read timed out. (read timeout=30)"], "in doubt", False),
        (
            ["A Connection error", "Socket Exception: ('Connection aborted.', RemoteDisconnected())"],
            "in doubt",
            False,
        ),
        (
            ["Slack Payload: Failed to send, error=503.", "Socket Exception: Read timed out."],
            "in doubt",
            False,
        ),
        (["Failed to send to Slack: error=503.\nx"], "in doubt", False),
        ([], "in doubt", False),
    ],
)
def test_a_webhook(log, state, is_passing):
    reply = of_web(log)
    assert (reply.state, reply.is_passing) == (state, is_passing)


def test_what_a_server_said_is_one_line_and_not_long():
    reply = of_mail([SENDING, f"Socket Exception: (554, b'one\\ntwo {'x' * 400}')"])
    assert reply.detail.startswith("the mail server answered 554 one two xxx")
    assert len(reply.detail) < 240


def test_what_apprise_says_after_the_error_is_no_part_of_it():
    log = [
        CONNECTING,
        "Socket Exception: [Errno 111] Connection refused",
        "E-Mail send() completed in 0.48s.",
    ]
    assert of_mail(log).detail == "the mail server was not reached: [Errno 111] Connection refused"
