"""The bridges as waterfalls: bars where they begin, what cannot be told in words, nothing drawn of nothing."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from funnel.charts import bridge, show, static, theme

GAP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def said(text: str) -> str:
    return re.sub(r"(?<=\d) (?=[Mkp%])", GAP, text).replace("-", MINUS)


def counted(*lines: tuple[str, int | None, int | None, int]) -> pd.DataFrame:
    """Return a table of counts: (line, in, out, n after it); null in and out: not in this source."""
    rows: list[dict[str, Any]] = []
    for line, n_in, n_out, n in lines:
        is_total = line in ("start", "end")
        gone = n_in is None and not is_total
        rows.append(
            {"line": line, "title": line.title(), "is_total": is_total, "n_in": n_in, "n_out": n_out, "n": n,
             "change": None if n_in is None or n_out is None else n_in - n_out, "n_unknown": 0, "unit": "records",
             "state": "not in this source" if gone else "ok", "missing": "no times" if gone else None}
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    whole = {name: frame[name].astype("Int64") for name in ("n_in", "n_out", "change", "n", "n_unknown")}
    return frame.assign(**whole, rule="How it is counted.")


COUNTS = counted(
    ("start", None, None, 100), ("cohort", 30, 10, 120), ("zone", None, None, 120), ("owner", 0, 5, 115),
    ("end", None, None, 115),
)  # fmt: skip


def notes(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_two_counts_begin_at_zero_and_each_line_where_the_one_above_ends() -> None:
    figure = bridge.counts(COUNTS)
    bars = figure.data[0]
    assert list(bars.base) == [0, 100, 120, 120, 0]
    assert list(bars.x) == [100, 20, 0, -5, 115]
    assert notes(figure) == ["100", "+20 (30 in, 10 out)", "not in this source", said("-5"), "115"]
    assert list(bars.marker.color) == [theme.DATA, theme.ACCENT, theme.CONTEXT, theme.CONTEXT, theme.DATA]
    assert figure.layout.meta["finding"] == said(
        "100 by marketing's dashboard, 115 by sales (+15): cohort +20; owner -5."
    )


def test_connectors_join_the_bars_also_where_labels_take_two_lines() -> None:
    figure = bridge.counts(COUNTS.assign(title="A title that takes two lines of the margin"))
    half = (1 - figure.layout.bargap) / 2
    shape = figure.layout.shapes[0]
    assert (shape.y0, shape.y1) == pytest.approx((half, 1 - half))
    assert half == pytest.approx(theme.BAR / (theme.ROW + 8) / 2)


def moved(**cents: Any) -> pd.DataFrame:
    """Return a table of the pipeline by line: (n, effect in cents) or the reason why it cannot be told."""
    rows: list[dict[str, Any]] = []
    for line, value in cents.items():
        n, amount = value if isinstance(value, tuple) else (None, None)
        why = value if isinstance(value, str) else None
        is_total = line in ("start", "end")
        sign = -1 if line in ("lost", "won") else 1
        rows.append(
            {"line": line, "title": line.title(), "is_total": is_total, "n": n, "cents": amount,
             "n_change": None if n is None else sign * n, "amount": None if amount is None else amount / 100,
             "n_unknown": 0, "n_left_out": 2, "currency": "EUR", "scope": "open", "missing": why,
             "state": "not in this source" if why else "ok"}
        )  # fmt: skip
    return pd.DataFrame(rows).assign(rule="How it is counted.")


def test_pipeline_is_in_money_with_the_number_beside_it_and_empty_rare_lines_are_left_out() -> None:
    table = moved(start=(3, 30_000), new=(2, 20_000), reopened=(0, 0), raised="no history", won=(1, -5_000),
                  end=(4, 45_000))  # fmt: skip
    figure = bridge.pipeline(table)
    assert notes(figure) == [
        said(text) for text in ("€300 (3)", "+€200 (2)", "not in this source", "-€50.0 (1)", "€450 (4)")
    ]
    assert list(figure.data[0].base) == [0, 300, 500, 500, 0]
    assert figure.layout.meta["finding"] == said(
        "From €300 (3) to €450 (4): new +€200 (2); won -€50.0 (1). 2 without a day of creation are left out."
    )


def test_pipeline_without_any_amount_is_by_number() -> None:
    figure = bridge.pipeline(moved(start=(3, None), new=(2, None), won=(1, None), end=(4, None)))
    assert notes(figure) == [said(text) for text in ("3", "+2", "-1", "4")]


@pytest.mark.parametrize(
    "figure",
    [
        bridge.pipeline(moved(start="no day", end="no day")),
        bridge.counts(
            counted(("start", None, None, 1), ("end", None, None, 1)).assign(n=pd.NA, missing="no day")
        ),
    ],
)
def test_what_is_not_in_the_source_is_said_and_not_drawn(figure) -> None:
    assert figure.layout.meta["is_empty"]
    assert figure.layout.meta["finding"] == "Not in this source: no day."
    assert show(figure, pd.DataFrame()).figure is None


def changed(unit: str, before: float, now: float, *parts: tuple[Any, ...], **more: Any) -> pd.DataFrame:
    """Return a table of a change: parts are (title, segment or None, effect, low, high)."""
    rows = [{"title": "Before", "is_total": True, "is_segment": False, "effect": before, "segment": None}]
    rows += [
        {"title": title, "is_total": False, "is_segment": segment is not None, "segment": segment, "effect": effect,
         "low": low, "high": high}
        for title, segment, effect, low, high in parts
    ]  # fmt: skip
    rows.append({"title": "Now", "is_total": True, "is_segment": False, "effect": now, "segment": None})
    ends = {"change": now - before, "change_low": -0.05, "change_high": 0.01}
    said = {"unit": unit, "currency": "EUR", "state": "ok", "missing": None, "rule": "How."}
    return pd.DataFrame(rows).assign(**(ends | said | more))


RATE = changed(
    "rate", 0.30, 0.28, ("Mix", None, 0.01, -0.01, 0.03), ("Mix", "Web", 0.01, None, None),
    ("Rate", None, -0.03, -0.05, -0.01), ("Rate", "Web", -0.02, None, None), ("Rate", "<b>", -0.01, None, None),
)  # fmt: skip


def test_a_change_shows_its_factors_with_intervals_and_accents_what_is_clear_of_nothing() -> None:
    figure = bridge.change(RATE)
    assert notes(figure) == [
        said(text) for text in ("30.0 %", "+1.0 pts (-1.0 to +3.0)", "-3.0 pts (-5.0 to -1.0)", "28.0 %")
    ]
    assert list(figure.data[0].marker.color) == [theme.DATA, theme.CONTEXT, theme.ACCENT, theme.DATA]
    assert figure.layout.meta["finding"] == said(
        "From 30.0 % to 28.0 %, -2.0 pts (-5.0 to +1.0). Shown: rate -3.0 pts."
    )
    none = bridge.change(RATE.assign(low=-1.0, high=1.0))
    assert none.layout.meta["finding"].endswith("No factor is shown to have moved it.")


def test_segments_add_all_factors_and_the_smallest_are_one_bar() -> None:
    figure = bridge.segments(RATE)
    assert [round(x, 9) for x in figure.data[0].x] == [0.3, -0.01, -0.01, 0.28]
    many = [("Number", f"s{i:02}", 20.0 - i, None, None) for i in range(12)]
    table = changed("count", 100.0, 100.0 + sum(part[2] for part in many), *many)
    bars = bridge.segments(table).data[0]
    assert len(bars.x) == 2 + 9 + 1
    assert bars.x[-2] == 11 + 10 + 9


def test_text_of_a_crm_is_never_markup_in_either_picture() -> None:
    figure = bridge.segments(RATE)
    assert "<b>" not in figure.layout.yaxis.ticktext
    for width in (720, 328):
        assert "<b>" not in static.svg(figure, width=width)


@pytest.mark.parametrize("unit", ["rate", "money", "count"])
def test_a_change_that_cannot_be_told_is_said_and_not_drawn(unit: str) -> None:
    table = changed(unit, float("nan"), float("nan"), state="undefined", missing="no case before")
    for figure in (bridge.change(table), bridge.segments(table)):
        assert figure.layout.meta["is_empty"]
        assert figure.layout.meta["finding"] == "Not in this source: no case before."
