"""The archive and the comparisons in a real browser: quiet, on a phone without sideways scroll, whole on paper."""

from __future__ import annotations

import pytest
from browsing import MARKS, visit
from shelf import FINDING, NOW, SCORE, edition

from funnel.project import Project
from funnel.reports import archive

pytestmark = MARKS
NASTY = "<img src=x onerror=alert(1)>" + "Averylongnamewithoutablank" * 8


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return the folder of two editions whose texts are long and hostile, and their archive."""
    project = Project(tmp_path_factory.mktemp("archive"))
    said = {"company": NASTY, "contract": NASTY, "health": "usable, with remarks"}
    score = {"title": NASTY, "owners": "marketing, sales"}
    rows = [FINDING | {"sentence": NASTY}]
    edition(project, "2026-11-09", scores=[SCORE | score], findings=rows, **said)
    edition(project, "2026-11-16", scores=[NOW | score], findings=rows, **said)
    return archive.write(project).parent


PAGES = ["index.html", "compare/2026-11-09..2026-11-16.html"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_console_is_quiet_and_nothing_scrolls_sideways(browser, reports, page, width):
    opened, noise = visit(
        browser, reports, page, viewport={"width": width, "height": 740}, java_script_enabled=False
    )
    assert noise == []
    assert opened.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("paper", [718, 733])
def test_paper_cuts_nothing_off(browser, reports, page, paper):
    opened, _ = visit(browser, reports, page)
    opened.emulate_media(media="print")
    opened.set_viewport_size({"width": paper, "height": 1056})
    assert opened.evaluate("document.documentElement.scrollWidth") == paper
