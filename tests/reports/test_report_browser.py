"""The pages in a real browser: quiet console, nothing fetched, figures drawn, no sideways scroll, paper."""

from __future__ import annotations

import pytest
from browsing import MARKS, shown, visit

PAGES = [
    "index.html",
    "conversion.html",
    "lead_quality.html",
    "handoff.html",
    "attribution.html",
    "shared_kpi.html",
    "checks.html",
]
pytestmark = MARKS


@pytest.mark.parametrize("page", PAGES)
def test_the_console_is_quiet_and_nothing_is_fetched_but_files(browser, edition, page):
    _, noise = visit(browser, edition, page)
    assert noise == []


@pytest.mark.parametrize("page", PAGES[1:-1])
def test_each_figure_takes_the_place_of_its_static_picture(browser, edition, page):
    opened, _ = visit(browser, edition, page)
    n_figures = opened.evaluate("document.querySelectorAll('script[data-figure]').length")
    assert n_figures > 0
    assert shown(opened, ".plot .main-svg:first-child") == n_figures
    assert shown(opened, ".static svg") == 0


def test_a_phone_keeps_the_static_pictures_and_reads_no_plotly(browser, edition):
    asked: list[str] = []
    opened = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    opened.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    opened.goto((edition / "conversion.html").as_uri())
    opened.wait_for_load_state("networkidle")
    assert asked == ["conversion.html", "edition.js"]
    assert shown(opened, ".static.narrow svg") == shown(opened, "figure > .static.narrow") > 0


@pytest.mark.parametrize("page", PAGES[1:-1])
def test_without_script_each_figure_is_there_as_a_picture(browser, edition, page):
    opened, _ = visit(browser, edition, page, java_script_enabled=False)
    assert shown(opened, ".static.wide svg") == shown(opened, "figure > .static.wide") > 0
    assert shown(opened, ".plot") == 0


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("has_script", [True, False])
def test_a_phone_needs_no_sideways_scroll(browser, edition, page, has_script):
    size = {"width": 360, "height": 740}
    opened, _ = visit(browser, edition, page, viewport=size, java_script_enabled=has_script)
    assert opened.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_what_is_to_be_decided_is_on_the_front_of_one_sheet(browser, edition, paper):
    opened, _ = visit(browser, edition, "index.html")
    assert opened.pdf(format=paper).count(b"/Type /Page\n") == 2
    opened.emulate_media(media="print")
    size = {"A4": (1123, 718), "Letter": (1056, 733)}[paper]
    opened.set_viewport_size({"width": size[1], "height": size[0]})
    foot = opened.evaluate("document.getElementById('decide').parentElement.getBoundingClientRect().bottom")
    assert foot <= size[0] - 2 * 34


def test_on_paper_the_static_pictures_stand_in_for_the_figures(browser, edition):
    opened, _ = visit(browser, edition, "conversion.html")
    opened.emulate_media(media="print")
    assert shown(opened, ".plot .main-svg") == 0
    assert shown(opened, ".static.wide svg") > 0


def test_a_long_table_can_be_searched_and_sorted(browser, edition):
    opened, _ = visit(browser, edition, "handoff.html")
    opened.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    figure = opened.locator("#sla-weekly")
    table = figure.locator("table[data-long]")
    rows = table.locator("tbody tr:visible")
    before = rows.count()
    figure.locator("input[type=search]").fill("first touch")
    assert 0 < rows.count() < before
    figure.locator("input[type=search]").fill("")
    table.locator("thead button").nth(1).click()
    assert table.locator("thead th").nth(1).get_attribute("aria-sort") == "ascending"
    words = table.locator("tbody tr td:nth-child(2)").all_text_contents()
    assert words == sorted(words)
    assert len(set(words)) > 1
