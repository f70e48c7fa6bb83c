"""Read `delivery.yaml`: where editions go. Secrets are named in it and stand in the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from funnel.contract.document import Item, read_document
from funnel.errors import UsageError, did_you_mean
from funnel.project import Project

FILE = "delivery.yaml"
COMMON = ("kind", "gets", "link")
KEYS = {
    "mail": (*COMMON, "url", "from", "to", "subject", "attach"),
    "slack": (*COMMON, "url"),
    "teams": (*COMMON, "url"),
    "folder": (*COMMON, "path", "attach"),
}
EXAMPLES = {
    "url": "url: ${FUNNEL_MAIL_URL}",
    "to": "to: [marketing@example.com, sales@example.com]",
    "path": "path: outbox",
}
REQUIRED = {"mail": ("url", "to"), "slack": ("url",), "teams": ("url",), "folder": ("path",)}
ATTACHED = ("html", "pdf", "zip", "none")
GETS = ("edition", "notice")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
RELAY = re.compile(r"mailtos?://[A-Za-z0-9.\-\[\]:]+/?(\?mode=(insecure|starttls|ssl))?")
WEB = re.compile(r"https?://[^\s\"<>]+")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Channel:
    """One place that editions go to: a list of mailboxes, a chat, or a folder.

    `to` are the recipients of a mail, one message each; other kinds have one recipient, their own name.
    `fault` says why nothing can be sent (a variable that is not set). `secret` is never shown.
    """

    name: str
    kind: str
    to: tuple[str, ...]
    secret: str = field(default="", repr=False)
    sender: str = ""
    subject: str = ""
    attach: str = "none"
    link: str = ""
    path: str = ""
    gets: tuple[str, ...] = GETS
    fault: str = ""


def channels(
    project: Project, asked: Sequence[str], environ: Mapping[str, str], option: str = "--to"
) -> tuple[Channel, ...]:
    """Return the channels of `delivery.yaml` that are asked for (all if none is), in the order of the file.

    UsageError if there is no such file or channel; InputError with file and line for what cannot be meant. A
    variable that is not set is a fault of its channel alone: the others can still be sent.
    """
    file = project.root / FILE
    if not file.is_file():
        raise UsageError(
            f"{project.root} has no {FILE}, so it is not known where to. docs/delivery.md has one."
        )
    top = read_document(file).keys(
        ("channels",), "the delivery", {"channels": "channels: {board: {kind: mail}}"}
    )
    named = top["channels"].any_keys("channels by name")
    for name in asked:
        if name not in named:
            near = did_you_mean(name, named)
            raise UsageError(
                f"{option} '{name}' is no channel of {FILE}.{near} Channels: {', '.join(named)}."
            )
    read = {name: _channel(name, item, environ) for name, item in named.items()}
    return tuple(read[name] for name in named if name in asked or not asked)


def _channel(name: str, item: Item, environ: Mapping[str, str]) -> Channel:
    if not NAME.fullmatch(name):
        raise item.error("a channel's name is made of letters, digits, - and _.")
    every = sorted({key for keys in KEYS.values() for key in keys})
    kind = item.keys(every, "a channel", {"kind": "kind: mail"})["kind"].choice(KEYS, "a kind of channel")
    required = {key: EXAMPLES[key] for key in REQUIRED[kind]}
    keys = item.keys(KEYS[kind], f"a channel of kind {kind}", required)
    missing: list[str] = []
    to = _recipients(keys["to"], environ, missing) if kind == "mail" else (name,)
    return Channel(
        name=name,
        kind=kind,
        to=to,
        secret=_secret(keys["url"], kind, environ, missing) if "url" in keys else "",
        sender=_text(keys, "from"),
        subject=_text(keys, "subject"),
        attach=_attach(keys, kind),
        link=_link(keys),
        path=_text(keys, "path"),
        gets=_gets(keys),
        fault=_fault(missing),
    )


def _fault(missing: list[str]) -> str:
    names = " and ".join(dict.fromkeys(missing))
    return f"the environment variable {names} is not set where this command runs" if missing else ""


def _secret(item: Item, kind: str, environ: Mapping[str, str], missing: list[str]) -> str:
    """Return an address that may hold a password: from the environment, unless it is a bare mail relay."""
    text = item.words("an address such as ${FUNNEL_MAIL_URL}")
    if kind == "mail" and RELAY.fullmatch(text):
        return text
    named = VARIABLE.fullmatch(text)
    if named is None:  # what was written may be the secret itself, so it is not repeated
        raise item.error(
            "an address that lets its holder send does not belong in a file that is shared. Put it into an "
            "environment variable and write its name, for example `url: ${FUNNEL_MAIL_URL}`."
        )
    return _variable(named[1], environ, missing)


def _variable(name: str, environ: Mapping[str, str], missing: list[str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        missing.append(name)
    return value


def _recipients(item: Item, environ: Mapping[str, str], missing: list[str]) -> tuple[str, ...]:
    """Return the addresses of a mail; one that is `${NAME}` stands for those in the variable, by comma."""
    found: list[str] = []
    for text in item.labels("addresses"):
        named = VARIABLE.fullmatch(text)
        found += _variable(named[1], environ, missing).split(",") if named else [text]
    addresses = [text.strip() for text in found if text.strip()]
    for address in addresses:
        if not re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+", address):
            raise item.error("expected addresses such as sales@example.com, without a name before them.")
    return tuple(dict.fromkeys(addresses)) or ("(nobody)",)


def _link(keys: Mapping[str, Item]) -> str:
    text = _text(keys, "link")
    if text and not WEB.fullmatch(text):
        raise keys["link"].error(f"expected where editions can be read, https://...; found '{text}'.")
    return text.rstrip("/")


def _gets(keys: Mapping[str, Item]) -> tuple[str, ...]:
    if "gets" not in keys:
        return GETS
    return tuple(each.choice(GETS, "what a channel gets") for each in keys["gets"].listed())


def _attach(keys: Mapping[str, Item], kind: str) -> str:
    if "attach" in keys:
        return keys["attach"].choice(ATTACHED, "what is attached")
    return "html" if "attach" in KEYS[kind] else "none"


def _text(keys: Mapping[str, Item], key: str) -> str:
    return keys[key].words() if key in keys else ""
