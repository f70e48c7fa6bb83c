"""The one door to apprise: a channel and a letter in, what became of it out. No secret comes out of it."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from funnel.reports.delivery.channel import Channel
from funnel.reports.delivery.letter import Letter
from funnel.reports.delivery.reply import Reply, of_mail, of_web

SENDER = "funnel"
LOGGERS = ("apprise", "urllib3", "requests")
MAIL_SECONDS, CONNECT_SECONDS, READ_SECONDS = 60, 10, 30
SHORTEST = 4
HOOKS = {
    "slack": ("apprise.plugins.slack", "NotifySlack"),
    "teams": ("apprise.plugins.workflows", "NotifyWorkflows"),
}


def post(channel: Channel, to: str, letter: Letter, attached: tuple[str, str, bytes] | None) -> Reply:
    """Send a letter to one recipient and return what became of it; one attempt, nothing is raised.

    `attached` is name, media type and content of the file that hangs on a mail.
    """
    with _quiet():
        try:
            service = _service(channel, to, letter)
        except ValueError as error:
            return Reply("not sent", str(error))
        log = _notify(channel, service, letter, attached)
    if log is None:
        return Reply("sent", "")
    told = [masked(line, channel.secret) for line in log]
    return of_mail(told) if channel.kind == "mail" else of_web(told)


def masked(text: str, secret: str) -> str:
    """Return text without a secret address and without any part of it that lets its holder send."""
    for part in sorted(_parts(secret), key=len, reverse=True):
        text = text.replace(part, "****")
    return text


def _parts(secret: str) -> set[str]:
    split = urlsplit(secret)
    web = split.scheme in ("http", "https")
    pieces = [secret, split.password or ""]
    pieces += [split.path, *split.path.split("/"), *(value for _, value in parse_qsl(split.query))] * web
    whole = {form for piece in pieces for form in (piece, unquote(piece))}
    return {piece for piece in whole if len(piece) >= SHORTEST}


def _service(channel: Channel, to: str, letter: Letter) -> Any:
    """Return apprise's service for one recipient; ValueError if the address is none of its kind."""
    apprise = _module("apprise")
    given = _mail(channel, to, letter) if channel.kind == "mail" else _hook(channel)
    if given is None:
        raise ValueError(f"the address in its variable is none of kind {channel.kind}")
    asset = apprise.AppriseAsset(app_id=SENDER, async_mode=False, service_timeout=0)
    given |= {"retry": "0", "redirect": False}  # its own retry sends again without knowing whether it arrived
    try:
        return apprise.Apprise.instantiate(given, asset=asset, suppress_exceptions=False)
    except Exception as error:  # nothing was sent yet, whatever it is
        raise ValueError(masked(f"apprise refuses the address: {error}", channel.secret)) from None


def _mail(channel: Channel, to: str, letter: Letter) -> dict[str, Any] | None:
    if not re.match(r"mailtos?://", channel.secret):
        return None
    given: dict[str, Any] | None = _module("apprise.plugins.email.base").NotifyEmail.parse_url(channel.secret)
    if given is None:
        return None
    headers = {"X-Funnel-Edition": letter.edition, "X-Funnel-Content": f"{letter.kind}-{letter.sha256}"}
    given |= {"targets": [to], "cc": None, "bcc": None, "headers": headers, "cto": MAIL_SECONDS}
    return given | ({"from_addr": channel.sender} if channel.sender else {})


def _hook(channel: Channel) -> dict[str, Any] | None:
    module, name = HOOKS[channel.kind]
    given: dict[str, Any] | None = getattr(_module(module), name).parse_native_url(channel.secret)
    plain = {"include_image": False, "cto": CONNECT_SECONDS, "rto": READ_SECONDS}
    slack = {"include_footer": False, "include_timestamp": False, "use_blocks": False}
    return None if given is None else given | plain | (slack if channel.kind == "slack" else {})


def _notify(
    channel: Channel, service: Any, letter: Letter, attached: tuple[str, str, bytes] | None
) -> list[str] | None:
    """Send once; return None if it was taken, otherwise apprise's log."""
    apprise = _module("apprise")
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    files = apprise.AppriseAttachment(asset=service.asset)
    if attached is not None:
        name, media, content = attached
        files.add(
            _module("apprise.attachment.memory").AttachMemory(content=content, name=name, mimetype=media)
        )
    forms = {
        "mail": (letter.html, "html"),
        "slack": (letter.short, "text"),
        "teams": (letter.short, "markdown"),
    }
    body, form = forms[channel.kind]
    with _own_text(letter.text):
        result = sender.notify(
            body=body,
            title=letter.subject,
            body_format=form,
            attach=files if attached is not None else None,
            log_level=logging.DEBUG,
        )
    return None if result else [entry.message for each in result for entry in each.logs()]


@contextmanager
def _own_text(text: str) -> Iterator[None]:
    """Put our plain text beside the HTML: apprise would make one of it, with a line for every table cell."""
    base = _module("apprise.plugins.email.base")
    given = base.convert_between
    base.convert_between = lambda *_: text
    try:
        yield
    finally:
        base.convert_between = given


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the libraries below log to nobody but us: their lines hold addresses and messages.

    apprise imports a module that Python 3.13 drops, and warns of it whenever it looks for a service.
    """
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(each, each.propagate, each.level, each.handlers[:]) for each in loggers]
    for each in loggers:
        each.propagate, each.handlers = False, [logging.NullHandler()]
        each.setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for each, propagate, level, handlers in before:
            each.propagate, each.handlers = propagate, handlers
            each.setLevel(level)


def _module(name: str) -> Any:
    """Import a module of apprise only when something is sent; it takes half a second."""
    return import_module(name)
