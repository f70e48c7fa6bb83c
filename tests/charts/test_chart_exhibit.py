"""Pictures of the evidence: the batch has the accent beside its baseline, and nothing is drawn of nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import exhibit, static, theme

GAP = "\N{NO-BREAK SPACE}"


def plain(text):
    return text.replace(GAP, " ").replace("\N{EN DASH}", "-")


def touched(group, shares, n):
    rows = {"group": group, "age_hours": [0.0, 8.0, 80.0], "rate": shares, "n": n, "n_untouched": 7}
    frame = pd.DataFrame(rows)
    return frame.assign(low=frame["rate"] * 0.9, high=frame["rate"] * 1.1, n_touched=5, rule="Rule.")


TOUCHED = pd.concat([touched("this batch", [0.0, 0.2, 0.5], 200), touched("baseline", [0.1, 0.6, 0.9], 900)])


def test_the_batch_is_drawn_over_its_baseline_in_the_accent_and_both_are_named_at_their_end():
    figure = exhibit.first_touch(TOUCHED)
    lines = [trace for trace in figure.data if trace.fill is None]
    assert [trace.line.color for trace in lines] == [theme.GREY, theme.ACCENT]
    assert [plain(note.text) for note in figure.layout.annotations] == [
        "this batch 50 % (45-55)",
        "baseline 90 % (81-99)",
    ]
    assert plain(figure.layout.meta["finding"]) == (
        "This batch: 20 % (18-22) touched within 8 business hours, 50 % (45-55) within 80, never 7 of 200. "
        "Baseline: 60 % (54-66) touched within 8 business hours, 90 % (81-99) within 80, never 7 of 900."
    )


def test_where_no_touch_is_recorded_follow_up_is_said_to_be_beyond_judgement():
    figure = exhibit.first_touch(TOUCHED.iloc[:0])
    assert figure.layout.meta["is_empty"]
    assert figure.layout.meta["finding"].startswith("Follow-up cannot be judged")
    assert static.svg(figure, width=328).startswith("<svg ")


def clause(title, rate, *, is_whole=False, is_batch=True, n_failed=10):
    ends = {"low": None, "high": None} if rate is None else {"low": rate / 2, "high": rate * 1.5}
    row = {"title": title, "rate": rate, "n": 100, "n_failed": n_failed, "n_unknown": 3, "rule": "Rule."}
    return row | ends | {"is_whole": is_whole, "is_batch": is_batch}


CLAUSES = pd.DataFrame(
    [
        clause("Definition, this batch", 0.2, is_whole=True),
        clause("Definition, baseline", 0.1, is_whole=True, is_batch=False),
        clause("Score at least 60", 0.15),
        clause("E-mail is valid", None, n_failed=0),
    ]
)


def test_only_the_definition_of_the_batch_has_the_accent_and_the_clause_failed_most_is_named():
    figure = exhibit.clauses(CLAUSES)
    assert list(figure.data[0].marker.color) == [theme.ACCENT, theme.DATA, theme.DATA]
    assert plain(figure.layout.meta["finding"]) == (
        "Not met: this batch 20 % (10-30) of 100; baseline 10 % (5-15) of 100. "
        "Failed most often: “Score at least 60”, 15 % (8-22)."
    )


def test_where_no_clause_could_be_judged_nothing_is_drawn():
    figure = exhibit.clauses(CLAUSES.assign(rate=None, low=None, high=None))
    assert (figure.layout.meta["finding"], figure.layout.meta["is_empty"]) == (
        "No clause could be judged.",
        True,
    )


def test_contradictions_are_counted_with_their_share_and_none_is_said():
    rows = {
        "title": ["A <b>"],
        "n": [12],
        "n_of": [200],
        "rate": [0.06],
        "low": [0.03],
        "high": [0.1],
        "rule": ["R"],
    }
    figure = exhibit.contradictions(pd.DataFrame(rows))
    assert plain(figure.data[0].text[0]) == "12, 6 %"
    assert figure.layout.meta["finding"] == "Most frequent: A <b>, 12 of 200 leads."
    assert "<b>" not in str(figure.data[0].hovertext[0]).replace("<br>", "")
    none = exhibit.contradictions(pd.DataFrame(columns=list(rows)))
    assert (none.layout.meta["finding"], none.layout.meta["is_empty"]) == (
        "No lead's record contradicts itself.",
        True,
    )


@pytest.mark.parametrize(("n", "is_empty"), [(30, False), (0, True)])
def test_recycled_leads_by_reason_or_none(n, is_empty):
    rows = {
        "reason": ["No budget", None],
        "is_total": [False, True],
        "n": n,
        "n_returned": 8,
        "n_converted": 4,
    }
    table = pd.DataFrame(rows).assign(rate=0.13, low=0.05, high=0.3, rule="R")
    figure = exhibit.recycled(table)
    assert figure.layout.meta["is_empty"] is is_empty
    assert ("4 of 30 recycled" in figure.layout.meta["finding"]) is not is_empty
