"""What became of a message, read from what apprise says of it: sent, not sent, or in doubt.

apprise answers with yes or no; the server's answer stands only in its log. Whether a message may be sent
again depends on that answer, so it is read here, in one place, and what is not understood is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from funnel.reports.delivery.ledger import State

SMTP = re.compile(r"\(([2-5]\d\d), b['\"](.*?)['\"][,)]", re.S)
HTTP = re.compile(r"Failed to send.*\berror=(\d{3})\.")
RAISED = "Socket Exception: "
UNCONNECTED = "Connection error while submitting email"
NEVER_LEFT = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused|ProxyError|Failed to resolve"
)
UNTRUSTED = re.compile(r"SSL|CERTIFICATE|STARTTLS extension|AUTH extension|No suitable authentication")
LATER = frozenset({429, 500, 502, 503})
GIVEN_UP = frozenset({408, 504})


@dataclass(frozen=True)
class Reply:
    """What became of one attempt; `is_passing` if it surely did not arrive and may do so later."""

    state: State
    detail: str
    is_passing: bool = False


def of_mail(log: Sequence[str]) -> Reply:
    """Return what became of a mail that apprise could not send.

    A server's 4xx is passing and its 5xx final; both say that it took nothing. Without an answer nothing left
    while connecting and logging in; after that, the server may have taken the mail before the line broke.
    """
    raised = _raised(log)
    answer = SMTP.search(raised)
    if answer:
        said = f"the mail server answered {answer[1]} {_one_line(answer[2])}"
        return Reply("not sent", said, answer[1] < "5")
    told = _one_line(raised)
    if any(line.startswith(UNCONNECTED) for line in log):
        return Reply("not sent", f"the mail server was not reached: {told}", not UNTRUSTED.search(told))
    return Reply("in doubt", f"the line to the mail server broke after the mail was begun: {told}")


def of_web(log: Sequence[str]) -> Reply:
    """Return what became of a message to a webhook that apprise could not send.

    An answer other than 2xx says that it was not taken, but for those of a gateway that gave up waiting.
    """
    answers = [answer for line in log if (answer := HTTP.fullmatch(line))]
    if answers:
        return _answered(int(answers[0][1]))
    told = _raised(log)
    if NEVER_LEFT.search(told):
        return Reply("not sent", "the receiver was not reached", True)
    if UNTRUSTED.search(told):
        return Reply("not sent", "the receiver's certificate is not trusted")
    return Reply("in doubt", "the line to the receiver broke before it answered")


def _raised(log: Sequence[str]) -> str:
    """Return what was raised; other lines hold the message, whose words must not be taken for an answer."""
    raised = [line.removeprefix(RAISED) for line in log if line.startswith(RAISED)]
    return raised[0] if raised else "no reason was given"


def _answered(code: int) -> Reply:
    told = f"the receiver answered HTTP {code}"
    if code in GIVEN_UP or code < 300:
        return Reply("in doubt", told)
    return Reply("not sent", told, code in LATER)


def _one_line(text: str) -> str:
    line = " ".join(text.replace("\\n", " ").split())
    return line if len(line) <= 200 else line[:199] + "…"
