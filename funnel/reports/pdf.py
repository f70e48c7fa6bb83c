"""The front page as a PDF for paper: printed by a Chromium that is at hand, equal bytes for equal pages."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pypdf import PdfReader, PdfWriter

from funnel.errors import InputError, UsageError

FILE = "front-page.pdf"
VARIABLE = "FUNNEL_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 90
SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--hide-scrollbars",
)
LOOK = "<style>@page {{ size: A4; }} @media print {{ body {{ zoom: {scale}; }} }}</style>\n</head>"
LINKS = re.compile(r' href="(?!#|data:)[^"]*"')
BEHIND = "Definitions in force"


def chromium() -> str:
    """Return the browser that prints; UsageError saying what to install if there is none.

    `FUNNEL_CHROMIUM` names one; else the first on the PATH of chromium, chromium-browser, google-chrome.
    """
    named = os.environ.get(VARIABLE)
    found = [path for name in ([named] if named else NAMES) if (path := shutil.which(name))]
    if found:
        return found[0]
    asked = f"{VARIABLE} names '{named}', which is no program here" if named else "There is no Chromium here"
    raise UsageError(
        f"{asked}, so no PDF can be printed. Install one (Debian: apt-get install chromium), name another "
        f"with {VARIABLE}=PATH, or make the edition without --pdf."
    )


def front_page(html: str, *, title: str, as_of: datetime, browser: str) -> bytes:
    """Return the front page on A4, what is to be decided on the first sheet.

    What does not fit is printed smaller, down to three quarters. Dates are those of `as_of` (naive UTC), and
    links to files are left out: a sheet of paper has no page beside it. InputError if the browser fails.
    """
    content, html = b"", LINKS.sub("", html)
    for scale in SCALES:
        content = _printed(html.replace("</head>", LOOK.format(scale=scale), 1), browser)
        if _fits(content):
            break
    return _normal(content, title, as_of)


def _printed(html: str, browser: str) -> bytes:
    with TemporaryDirectory(prefix="funnel-") as folder:
        home = Path(folder)
        page, pdf = home / "page.html", home / "page.pdf"
        page.write_text(html, encoding="utf-8")
        place = [f"--user-data-dir={home / 'profile'}", f"--print-to-pdf={pdf}", page.as_uri()]
        _run([browser, *FLAGS, *_sandbox(), *place], home)
        if not pdf.is_file():
            raise InputError(
                f"{browser} printed no PDF. Make the edition without --pdf, or name another one."
            )
        return pdf.read_bytes()


def _sandbox() -> tuple[str, ...]:
    """Return the flag without which Chromium does not run as root; nobody else is given it."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _run(command: Sequence[str], home: Path) -> None:
    around = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env=around)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{command[0]} could not print: {type(error).__name__}.") from error
    if done.returncode:
        last = done.stderr.decode("utf-8", errors="replace").strip().splitlines()[-1:]
        raise InputError(f"{command[0]} could not print (exit {done.returncode}). {' '.join(last)}")


def _fits(content: bytes) -> bool:
    """Say whether what follows the first sheet begins on the second."""
    pages = PdfReader(io.BytesIO(content)).pages
    return len(pages) > 1 and BEHIND in pages[1].extract_text()


def _normal(content: bytes, title: str, as_of: datetime) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(content))
    moment = f"D:{as_of.replace(tzinfo=UTC):%Y%m%d%H%M%S}Z"
    writer.metadata = {
        "/Title": title,
        "/Producer": "funnel",
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
