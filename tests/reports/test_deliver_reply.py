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
        (["Failed: error=500."], "not sent", True),
        (["Failed: error=502."], "not sent", True),
        (["Failed: error=503."], "not sent", True),
        (["Failed: error=504."], "in doubt", False),
        (["Failed: error=408."], "in doubt", False),
        (["Failed: error=200."], "in doubt", False),
        (["Failed: error=299."], "in doubt", False),
        (["Failed: error=300."], "not sent", False),
        (["Failed: error=403."], "not sent", False),
        (["Failed: error=501."], "not sent", False),
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
