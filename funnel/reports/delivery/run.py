"""Deliver an edition: whether it may go, to whom it has not gone yet; send, and write down what was sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from funnel.project import Project
from funnel.reports import pdf
from funnel.reports.delivery import folder, onefile
from funnel.reports.delivery.channel import Channel, channels
from funnel.reports.delivery.ledger import Entry, Ledger, opened, read
from funnel.reports.delivery.letter import Letter, edition_letter, notice_letter
from funnel.reports.delivery.post import post
from funnel.reports.delivery.reply import Reply
from funnel.reports.delivery.standing import Standing, recorded, standing

WAITS = (2.0, 8.0, 30.0)
LARGEST = 15_000_000
GOOD = ("sent", "sent before", "would be sent")
Attached = tuple[str, str, bytes]


@dataclass(frozen=True)
class Sent:
    """One recipient: channel, to, state (sent, sent before, not sent, in doubt, would be sent), and why."""

    channel: str
    to: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """What was delivered: `kind` is "edition", or "notice" with the reasons why no edition was."""

    kind: str
    edition: str
    reasons: tuple[str, ...]
    rows: tuple[Sent, ...]
    text: str

    @property
    def is_delivered(self) -> bool:
        """Whether it is an edition and everyone has it."""
        return self.kind == "edition" and all(row.state in GOOD for row in self.rows)


@dataclass(frozen=True)
class _Parcel:
    channel: Channel
    letter: Letter
    attached: Attached | None


def deliver(
    project: Project,
    edition: str,
    *,
    to: Sequence[str] = (),
    again: Sequence[str] = (),
    failed: str = "",
    dry_run: bool = False,
    environ: Mapping[str, str] | None = None,
    wait: Callable[[float], None] = time.sleep,
    told: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Send an edition to its channels, or a notice if it may not go; return what became of each recipient.

    It may not go if it is not there, is not what was written, a critical check failed, or `failed` names a
    step that did not finish. Nobody gets the same content twice. Who has an earlier form of the edition, or
    may have got it in a run that was cut short, gets it only if `again` names the channel. One channel's
    failure does not stop the others. UsageError and InputError for a wrong name or a wrong `delivery.yaml`.
    """
    known = channels(project, to, os.environ if environ is None else environ)
    channels(project, again, {}, "--again")
    found = standing(project, edition)
    step = (f"The step '{failed}' did not finish.",) if failed else ()
    reasons = (*step, *found.reasons)
    kind = "notice" if reasons else "edition"
    parcels = [_parcel(each, found, reasons) for each in known if kind in each.gets]
    text = parcels[0].letter.text if parcels else ""
    if dry_run:
        rows = _sent_to_all(parcels, read(project), again, lambda *_: Reply("sent", ""), told, is_dry=True)
        return Outcome(kind, edition, reasons, rows, text)
    with opened(project) as ledger:
        rows = _sent_to_all(parcels, ledger, again, _retrying(project, wait), told)
    return Outcome(kind, edition, reasons, rows, text)


def _parcel(channel: Channel, found: Standing, reasons: tuple[str, ...]) -> _Parcel:
    prefix = channel.subject
    if reasons:
        return _Parcel(channel, notice_letter(found.name, reasons, prefix=prefix), None)
    letter = edition_letter(found, prefix=prefix, link=channel.link, attached=channel.attach)
    return _Parcel(channel, letter, _attached(channel, found))


def _attached(channel: Channel, found: Standing) -> Attached | None:
    if channel.attach == "html":
        return f"funnel-{found.name}.html", "text/html", onefile.one_page(found, channel.link)
    if channel.attach == "pdf" and pdf.FILE in recorded(found.record):
        return f"funnel-{found.name}.pdf", "application/pdf", (found.folder / pdf.FILE).read_bytes()
    if channel.attach == "zip":
        return f"funnel-{found.name}.zip", "application/zip", onefile.archive(found)
    return None


def _sent_to_all(
    parcels: Sequence[_Parcel],
    ledger: Ledger,
    again: Sequence[str],
    send: Callable[..., Reply],
    told: Callable[[str], None],
    *,
    is_dry: bool = False,
) -> tuple[Sent, ...]:
    rows = []
    for parcel in parcels:
        told(parcel.channel.name)
        pauses = iter(WAITS)
        for to in parcel.channel.to:
            held = _held(parcel, to, ledger, parcel.channel.name in again)
            if held is not None:
                rows.append(held)
            elif is_dry:
                rows.append(Sent(parcel.channel.name, to, "would be sent", parcel.letter.subject))
            else:
                reply = send(parcel, to, ledger, pauses)
                rows.append(Sent(parcel.channel.name, to, reply.state, reply.detail))
    return tuple(rows)


def _held(parcel: _Parcel, to: str, ledger: Ledger, is_again: bool) -> Sent | None:
    """Return why a recipient gets nothing now: has it, may have it, has another form of it, cannot get it."""
    channel, letter = parcel.channel, parcel.letter
    fault = channel.fault or _fault(parcel)
    if fault:
        return Sent(channel.name, to, "not sent", fault)
    known = ledger.of(letter.edition, letter.kind, channel.name, to)
    same = [entry.state for entry in known if entry.sha256 == letter.sha256]
    if "sent" in same:
        return Sent(channel.name, to, "sent before")
    doubtful = known[-1:] and known[-1].state in ("sending", "in doubt") and channel.kind != "folder"
    if doubtful and not is_again:
        hint = f"an earlier run may have sent it; ask, then send it with --again {channel.name}"
        return Sent(channel.name, to, "in doubt", hint)
    if letter.kind == "edition" and not is_again and any(entry.state == "sent" for entry in known):
        hint = f"an earlier form of this edition was sent; send the changed one with --again {channel.name}"
        return Sent(channel.name, to, "not sent", hint)
    return None


def _fault(parcel: _Parcel) -> str:
    """Return what is wrong with the file that should hang on a message; empty if nothing is."""
    if parcel.attached is None:
        is_missing = parcel.channel.attach == "pdf" and parcel.letter.kind == "edition"
        return "the edition holds no PDF: make it with `funnel report --pdf`" if is_missing else ""
    size = len(parcel.attached[2])
    is_large = parcel.channel.kind == "mail" and size > LARGEST
    return f"its attachment of {size / 1e6:.0f} MB is too large: set attach: none" if is_large else ""


def _retrying(project: Project, wait: Callable[[float], None]) -> Callable[..., Reply]:
    """Return how to send: again while it surely did not arrive, written down before and after.

    All recipients of a channel share its pauses, so a server that is not there holds up a run only once.
    """

    def send(parcel: _Parcel, to: str, ledger: Ledger, pauses: Iterator[float]) -> Reply:
        letter = parcel.letter
        entry = Entry(letter.edition, letter.kind, letter.sha256, parcel.channel.name, to, "sending")
        while True:
            ledger.add(entry)
            reply = _once(project, parcel, to)
            ledger.add(replace(entry, state=reply.state, detail=reply.detail))
            pause = next(pauses, None) if reply.is_passing else None
            if pause is None:
                return reply
            wait(pause)

    return send


def _once(project: Project, parcel: _Parcel, to: str) -> Reply:
    try:
        if parcel.channel.kind == "folder":
            return folder.put(project, parcel.channel, parcel.letter, parcel.attached)
        return post(parcel.channel, to, parcel.letter, parcel.attached)
    except Exception as error:  # whatever it is, the other channels get theirs; its text may hold a secret
        return Reply("in doubt", f"sending ended with an unforeseen {type(error).__name__}")
