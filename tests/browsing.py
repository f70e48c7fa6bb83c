"""A real headless Chromium for tests: what a page says on its console, and what it asks of a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no chromium here (Debian: apt-get install chromium)"
    ),
]
"""The marks of a test that needs a browser; `pytestmark = MARKS`, or `@needed` on a single test."""


def needed(test: Any) -> Any:
    """Mark a single test as one that needs a browser."""
    for mark in MARKS:
        test = mark(test)
    return test


def launched() -> Iterator[Any]:
    """Yield a browser; skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def listen(page: Any) -> list[str]:
    """Return a list that fills with what the page says, the dialogs it opens, and what it asks of a network."""
    noise: list[str] = []
    page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: noise.append(f"error: {error}"))
    page.on("dialog", lambda dialog: noise.append(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: noise.append(asked.url) if is_outside(asked.url) else None)
    return noise


def is_outside(url: str) -> bool:
    """Say whether an address is anywhere but on the disk or in the page itself."""
    return not url.startswith(("file:", "data:", "blob:"))


def visit(browser: Any, folder: Any, page: str, **context: Any) -> tuple[Any, list[str]]:
    """Open a page of an edition, its figures drawn; return it with what was heard (see `listen`)."""
    opened = browser.new_context(**context).new_page()
    noise = listen(opened)
    opened.goto((folder / page).as_uri())
    is_wide = context.get("viewport", {"width": 1280})["width"] >= 720
    if is_wide and context.get("java_script_enabled", True) and opened.locator("script[data-figure]").count():
        opened.wait_for_selector("html[data-ready=yes]", timeout=60_000, state="attached")
    return opened, noise


def shown(page: Any, selector: str) -> int:
    """Return how many elements can be seen."""
    seen = "s => [...document.querySelectorAll(s)].filter(e => e.getClientRects().length).length"
    return int(page.evaluate(seen, selector))
