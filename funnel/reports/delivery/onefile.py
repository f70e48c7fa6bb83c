"""An edition as one file: a page that needs nothing beside it, or an archive of all files."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import Path

from funnel.reports import page
from funnel.reports.delivery.standing import RECORD, Standing, recorded

SCRIPT = re.compile(r"<script\b.*?</script>", re.S)
PLOT = re.compile(r'<div class="plot"[^>]*></div>')
ANCHOR = re.compile(r'<a\b([^>]*?)\bhref="([^"]*)"([^>]*)>(.*?)</a>', re.S)
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
MAIN = '<main id="main">'
TABLE = re.compile(r' · (?=<a [^>]*href="tables/)|<a [^>]*href="tables/[^"]*"[^>]*>[^<]*</a>')
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def one_page(standing: Standing, link: str = "") -> bytes:
    """Return all pages of an edition as one: no script, no second file, every link within it works.

    Figures are their static pictures. Links to the tables lead below `link`, where editions can be read, or
    are left out. The same edition gives the same bytes; a byte order mark tells clients that ask the mail
    and not the page for its encoding that it is UTF-8.
    """
    names = _in_order(list(standing.record["pages"]))
    read = {name: (standing.folder / name).read_text(encoding="utf-8") for name in names}
    bodies = {name: _body(text) for name, text in read.items()}
    titles = {name: _title(text) for name, text in read.items()}
    every = Counter(found for body in bodies.values() for found in set(re.findall(r'\sid="([^"]*)"', body)))
    base = f"{link}/{standing.name}" if link else ""
    parts = []
    for name, body in bodies.items():
        own = {each for each in re.findall(r'\sid="([^"]*)"', body) if every[each] > 1}
        apart = _apart(body, Path(name).stem, own)
        parts.append(_linked(apart, name, names, base))
    return _joined(read[page.FRONT], names, parts, titles).encode("utf-8-sig")


def archive(standing: Standing) -> bytes:
    """Return a ZIP of the recorded files of an edition and its record; same edition, same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted([*recorded(standing.record), RECORD]):
            about = zipfile.ZipInfo(f"funnel-{standing.name}/{name}", LONG_AGO)
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            made.writestr(about, (standing.folder / name).read_bytes())
    return content.getvalue()


def _in_order(names: list[str]) -> list[str]:
    """Return the pages in the order of reading: the front page first, the checks last."""
    return sorted(names, key=lambda name: (name != page.FRONT, name == page.CHECKS, name))


def _title(text: str) -> str:
    found = TITLE.search(text)
    return found[1].partition(" · ")[0] if found else "Page"


def _body(text: str) -> str:
    start, end = text.index(MAIN) + len(MAIN), text.rindex("</main>")
    return PLOT.sub("", SCRIPT.sub("", text[start:end]))


def _apart(body: str, stem: str, clashing: set[str]) -> str:
    """Return a page whose names that another page has too are told apart by its own."""
    for each in sorted(clashing):
        for attribute in ("id", "aria-labelledby", "for"):
            body = body.replace(f' {attribute}="{each}"', f' {attribute}="{stem}--{each}"')
        body = body.replace(f'href="#{each}"', f'href="#{stem}--{each}"').replace(
            f"url(#{each})", f"url(#{stem}--{each})"
        )
    return body


def _linked(body: str, here: str, pages: list[str], base: str) -> str:
    """Return a page whose links lead to places in the one page, to `base`, or are plain words."""
    text = body if base else TABLE.sub("", body)
    return ANCHOR.sub(_leads(here, pages, base), text)


def _leads(here: str, pages: list[str], base: str) -> Callable[[re.Match[str]], str]:
    def lead(found: re.Match[str]) -> str:
        before, href, after, words = found.groups()
        name, _, place = href.partition("#")
        if not name:
            return found[0]
        if name in pages:
            target = f"#{place}" if place else f"#{_place(name)}"
        elif base and ":" not in name:
            target = f"{escape(base)}/{href}"
        else:
            return words if ":" not in name else found[0]
        return f'<a{before}href="{target}"{after}>{words}</a>'

    return lead


def _place(name: str) -> str:
    return f"page-{Path(name).stem}"


def _joined(front: str, names: list[str], parts: list[str], titles: dict[str, str]) -> str:
    """Return the head and masthead of the front page, a list of what follows, and every page below it."""
    head, tail = front[: front.index(MAIN)], front[front.rindex("</main>") :]
    start, end = head.index("<nav"), head.index("</nav>") + len("</nav>")
    listed = "".join(f'<li><a href="#{_place(name)}">{titles[name]}</a></li>\n' for name in names)
    nav = f'<nav aria-label="Parts of this edition"><ul>\n{listed}</ul></nav>'
    masthead = _linked(head[:start], "", names, "") + nav + _linked(head[end:], "", names, "")
    sections = [
        f'<section class="report" id="{_place(name)}"{_labelled(name, titles)}{part}</section>\n'
        for name, part in zip(names, parts, strict=True)
    ]
    return f"{masthead}{MAIN}\n{''.join(sections)}{tail}"


def _labelled(name: str, titles: dict[str, str]) -> str:
    """Return the rest of a page's opening tag, and its title: the front page has one already."""
    return ">" if name == page.FRONT else f' aria-label="{titles[name]}"><h1>{titles[name]}</h1>'
