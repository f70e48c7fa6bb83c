"""What is sent: of an edition its findings, scorecard and open disputes; or a notice that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import css_inline
import pandas as pd

from funnel import number
from funnel.charts.table import from_parquet
from funnel.reports import front_disputes, front_lines, front_score, page
from funnel.reports.delivery.harmless import chat, plain, subject
from funnel.reports.delivery.standing import Standing, digest, unreadable

NO_DISPUTE = front_disputes.NONE
STAYS = "The last edition stays as it is. No figure of this week should be quoted until there is an edition."


@dataclass(frozen=True)
class Letter:
    """A message in the three forms that channels take: HTML and plain text for mail, a short text for chats.

    `kind` is "edition" or "notice"; `sha256` identifies what it says, so that it is not said twice.
    """

    kind: str
    edition: str
    sha256: str
    subject: str
    html: str
    text: str
    short: str


def edition_letter(standing: Standing, *, prefix: str = "", link: str = "", attached: str = "none") -> Letter:
    """Return the message of an edition; every word comes from the edition itself.

    `link` is where editions can be read (evidence is linked below it); `attached` says what hangs on the
    mail. InputError if the edition was made by a version that wrote other tables.
    """
    try:
        view = _view(standing, link)
    except (OSError, KeyError, ValueError) as error:
        raise unreadable(standing) from error
    view |= {"where": _where(attached, bool(view["link"])), "kind": "edition"}
    n = len(view["findings"])
    count = f"{n} finding{'s' if n != 1 else ''}" if n else "nothing new"
    return _letter(standing.name, standing.sha256, f"{prefix} {view['title']}, {count}", view)


def notice_letter(edition: str, reasons: tuple[str, ...], *, prefix: str = "") -> Letter:
    """Return the message that an edition is not delivered, and why; it holds no figure."""
    title = f"No edition {edition} this week"
    view = {"kind": "notice", "title": title, "reasons": [plain(each) for each in reasons], "stays": STAYS}
    return _letter(edition, digest([edition, *reasons]), f"{prefix} {title}", view)


def _letter(edition: str, sha256: str, title: str, view: dict[str, Any]) -> Letter:
    environment = page.environment()
    kind = str(view["kind"])
    html = environment.get_template("mail.html.j2").render(**view)
    text = environment.overlay(autoescape=False).get_template("mail.txt.j2").render(**view)
    inlined = css_inline.CSSInliner(load_remote_stylesheets=False).inline(html)
    return Letter(kind, edition, sha256, subject(title), inlined, text, _short(view))


def _view(standing: Standing, link: str) -> dict[str, Any]:
    record = standing.record
    base = f"{link}/{standing.name}" if link else ""
    told = front_lines.told(_read(standing, "front-findings"))
    return {
        "title": plain(f"{record['company']}: {record['week']}"),
        "as_of": standing.as_of,
        "contract": plain(record["contract"]),
        "health": plain(record["health"]),
        "findings": [_finding(row, base) for row in told["findings"]],
        "quiet": str(told["quiet"]),
        "told": [_line(line) for line in told["told"]],
        **_scorecard(_read(standing, "front-scorecard"), str(record["currency"])),
        "disputes": [plain(front_disputes.line(row)) for row in record["disputes"]] or [NO_DISPUTE],
        "link": f"{base}/{page.FRONT}" if base else "",
        "edition": standing.name,
        "sha256": standing.sha256[:12],
    }


def _read(standing: Standing, name: str) -> pd.DataFrame:
    return from_parquet(Path(standing.folder, "tables", f"{name}.parquet").read_bytes())


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """Return what still stands, or has ended, as a line."""
    more = [f"{line['more']} more"] * bool(line["more"])
    items = [plain(f"{item['title']}{item['text']}") for item in line["items"]]
    return {"title": plain(line["title"]), "text": "; ".join([*items, *more]) + "."}


def _finding(told: dict[str, Any], base: str) -> dict[str, str]:
    said = {name: plain(told[name]) for name in ("number", "owner", "stake", "link")}
    before, after = (str(told[name]) for name in ("before", "after"))
    whole = plain(f"{before}{told['number']}{after}")
    at = whole.find(said["number"]) if said["number"] else -1
    split = (whole[:at], whole[at + len(said["number"]) :]) if at >= 0 else (whole, "")
    shown = said | {"before": split[0], "after": split[1], "sentence": whole}
    shown["number"] = said["number"] if at >= 0 else ""
    return shown | {"href": f"{base}/{told['href']}" if base and told["href"] else ""}


def _scorecard(table: pd.DataFrame, currency: str) -> dict[str, Any]:
    """Return the KPIs that have a target (all, where none has), in the words of the front page."""
    front = front_score.shown(table)
    known = front["attainment"].map(number.rate).tolist()
    told = front_score.score(front, pd.DataFrame(columns=["kpi"]), currency)["scorecard"]
    rows = [row | {"reached": reached} for row, reached in zip(told, known, strict=True)]
    targets = [row for row in rows if row["target"] != number.DASH]
    shown = [_kpi(row) for row in targets or rows]
    return {"scorecard": shown, "has_targets": bool(targets), "n_more": len(table) - len(shown)}


def _kpi(row: dict[str, Any]) -> dict[str, Any]:
    words = {name: plain(row[name]) for name in ("title", "period", "owners", "note", "target", "reached")}
    return words | {"value": plain(row["state"] or row["value"]), "is_short": bool(row["is_short"])}


def _where(attached: str, is_linked: bool) -> str:
    told = {
        "html": "The whole edition is attached as one page: every figure, its evidence and its rule.",
        "pdf": "The front page is attached, for paper.",
        "zip": "The whole edition is attached as one archive; unpack it and open index.html.",
        "none": "" if is_linked else "The whole edition lies where editions are kept.",
    }
    return told[attached]


def _short(view: dict[str, Any]) -> str:
    """Return the message for a chat: a line per finding, and where the edition lies."""
    if view["kind"] == "notice":
        return "\n".join([*(f"- {chat(each)}" for each in view["reasons"]), STAYS])
    lines = [f"- {chat(each['sentence'])}{_owner(each)}" for each in view["findings"]] or [view["quiet"]]
    lines += [f"{each['title']}: {chat(each['text'])}" for each in view["told"]]
    lie = view["link"] or f"The edition {view['edition']} lies where editions are kept."
    return "\n".join([*lines, f"Data: {chat(view['health'])}. {lie}"])


def _owner(finding: dict[str, str]) -> str:
    parts = [chat(part) for part in (finding["owner"], finding["stake"]) if part]
    return f" ({', '.join(parts)})" if parts else ""
