"""Accessibility as axe-core judges it: no page has a serious fault, on a desktop, on a phone, without script."""

from __future__ import annotations

import pytest
from browsing import MARKS, visit

pytestmark = MARKS
WIDTHS = {"desktop": 1280, "phone": 360}


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_page_has_a_serious_fault(browser, edition, axe, width):
    pages = sorted(file.name for file in edition.glob("*.html"))
    assert len(pages) >= 6
    found = {}
    for page in pages:
        opened, _ = visit(browser, edition, page, viewport={"width": width, "height": 800})
        opened.evaluate(
            "[...document.querySelectorAll('details')].slice(0, 2).forEach(e => { e.open = true; })"
        )
        judged = axe.run(opened, options={"resultTypes": ["violations"]}).response
        opened.context.close()
        assert len(judged["passes"]) > 10, "axe saw nothing"
        bad = [each for each in judged["violations"] if each["impact"] in ("serious", "critical")]
        found |= {(page, each["id"]): faults(each) for each in bad}
    assert found == {}


def faults(bad):
    return [
        (node["html"][:200], node["any"][0]["message"][:200] if node["any"] else "")
        for node in bad["nodes"][:3]
    ]
