"""Text that came from a CRM, made fit for a subject line, a mail and a chat."""

from __future__ import annotations

import re
import unicodedata

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")  # a name could turn the text after it around
MOST, SUBJECT = 700, 160


def plain(text: object, most: int = MOST) -> str:
    """Return text on one line: no control character, no turned direction, cut at `most` characters."""
    kept = "".join(c if unicodedata.category(c) != "Cc" else " " for c in TURNS.sub("", str(text)))
    line = re.sub(r"[ \t\u2028\u2029]+", " ", kept).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def subject(text: str) -> str:
    """Return a subject line: no line end that could begin another header, and not too long to be read."""
    return plain(text, SUBJECT)


def chat(text: object) -> str:
    """Return text that no chat takes for a mention, a tag or a link that hides where it leads."""
    told = plain(text).replace("<", "‹").replace(">", "›")
    return told.replace("](", "] (").replace("![", "! [")
