"""Two editions side by side: each figure then and now, what was restated, and what began and ended."""

from __future__ import annotations

import math

import pytest
from click.testing import CliRunner
from shelf import CHECK, FINDING, NOW, SCORE, WEEK, edition
from test_report_edition import Reader

from funnel.cli import app
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.reports import compared
from funnel.reports.compare import compare
from funnel.reports.record import record_of

GAP = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
KPI = "first_touch_attainment"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "contracts").mkdir()
    return Project(tmp_path)


def two(project, old=None, new=None):
    """Write two editions; return the table that compares them."""
    edition(project, "2026-11-09", **(old or {}))
    edition(project, "2026-11-16", **({"scores": [NOW]} | (new or {})))
    tables = [compared.read_tables(record_of(project.reports, name)) for name in ("2026-11-09", "2026-11-16")]
    return compared.figures(*tables)


def words(project):
    path = compare(project, "2026-11-09", "2026-11-16")
    reader = Reader(path.read_text(encoding="utf-8"))
    return " ".join(word.strip() for word in reader.words if word.strip()).replace(GAP, " ")


def values(table, *columns):
    return [
        tuple(None if value != value else value for value in row)
        for row in table[list(columns)].to_numpy().tolist()
    ]


def test_a_figure_stands_beside_itself_with_its_change_and_the_interval_of_the_change(project):
    """By hand: +0.2; down by the root of 0.1**2 + 0.1**2, up by that of 0.07**2 + 0.1**2."""
    row = two(project).iloc[0]
    assert (row["value_then"], row["value_now"], round(row["change"], 12)) == (0.6, 0.8, 0.2)
    assert row["change_low"] == pytest.approx(0.2 - math.hypot(0.1, 0.1))
    assert row["change_high"] == pytest.approx(0.2 + math.hypot(0.07, 0.1))


def test_the_interval_of_a_change_of_rates_is_newcombes_from_wilsons(project):
    from funnel import stats

    low, high = stats.wilson([56, 48], [70, 80])
    scores = [SCORE | {"value": x / n, "low": a, "high": b, "n": n, "period_on": day} for x, n, a, b, day in
              zip((56, 48), (70, 80), low, high, ("2026-11-02", "2026-11-09"), strict=True)]  # fmt: skip
    row = two(project, {"scores": scores[:1]}, {"scores": scores[1:]}).iloc[0]
    expected = [float(each[0]) for each in stats.newcombe([48], [80], [56], [70])]
    assert [row["change"], row["change_low"], row["change_high"]] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"weeks": [WEEK | {"value": 0.63}]}, 0.63),
        ({"weeks": [WEEK | {"week_on": "2026-10-26", "value": 0.63}]}, None),
        ({"weeks": [WEEK | {"kpi": "leads", "value": 0.63}]}, None),
        ({"weeks": [WEEK | {"value": None}]}, None),
        ({"scores": [NOW | {"before": 0.61, "before_on": "2026-11-02"}], "weeks": []}, 0.61),
        ({"scores": [NOW | {"before": 0.61, "before_on": "2026-10-26"}], "weeks": []}, None),
        ({"scores": [NOW | {"period_on": "2026-11-02", "value": 0.65}]}, 0.65),
        ({"scores": [NOW | {"period": "month", "period_on": "2026-11-02"}]}, None),
        ({"scores": []}, None),
    ],
)
def test_restated_is_what_the_newer_edition_says_of_the_older_ones_period(project, new, expected):
    table = two(project, None, new)
    assert values(table, "restated") == [(expected,)]
    change = None if expected is None else pytest.approx(expected - 0.6)
    assert values(table, "restated_change") == [(change,)]


def test_a_month_is_looked_up_in_the_scorecard_and_not_among_the_weeks(project):
    month = {"period": "month", "period_on": "2026-09-01"}
    new = {
        "scores": [NOW | {"period": "month", "period_on": "2026-11-01"}],
        "weeks": [WEEK | {"week_on": "2026-09-01"}],
    }
    assert values(two(project, {"scores": [SCORE | month]}, new), "restated") == [(None,)]


def test_the_same_period_has_no_change_but_may_be_restated(project):
    table = two(project, None, {"scores": [NOW | {"period_on": "2026-11-02"}]})
    assert values(table, "change") == [(None,)]
    assert f"{DASH} the same period 80 % +20 pts" in words(project)


def test_a_snapshot_is_compared_with_itself_though_its_period_is_the_same(project):
    """Open pipeline against what is left of a target holds for the instant of the edition."""
    ratio = {
        "kpi": "coverage",
        "unit": "ratio",
        "low": None,
        "high": None,
        "target": None,
        "period": "quarter",
    }
    table = two(
        project, {"scores": [SCORE | ratio | {"value": 3.0}]}, {"scores": [SCORE | ratio | {"value": 4.0}]}
    )
    assert values(table, "change", "restated") == [(1.0, None)]


def test_what_differs_by_less_than_is_printed_is_said_to(project):
    two(project, None, {"weeks": [WEEK | {"value": 0.6001}]})
    assert "as reported but for less than is printed" in words(project)


def test_kpis_keep_the_order_of_the_newer_scorecard_and_those_that_are_gone_come_last(project):
    gone, come = SCORE | {"kpi": "gone", "title": "Gone"}, NOW | {"kpi": "come", "title": "Come"}
    table = two(project, {"scores": [gone, SCORE]}, {"scores": [come, NOW]})
    assert table["kpi"].tolist() == ["come", KPI, "gone"]
    text = words(project)
    assert f"Come sales {DASH} no such KPI 80 %" in text
    assert "Gone sales 60 %" in text


def test_a_figure_without_a_value_shows_its_state_and_no_number(project):
    null = {"value": None, "low": None, "high": None, "state": "not yet"}
    two(project, None, {"scores": [NOW | null], "weeks": []})
    assert f"agreed 90 % not yet 9{DASH}15 Nov {DASH} {DASH} Each KPI" in words(project)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"value": 0.8, "low": 0.78, "high": 0.82}, "+20 pts shown"),
        ({"value": 0.62, "low": 0.5, "high": 0.7}, "+2.0 pts not shown"),
        ({"value": 0.4, "low": 0.38, "high": 0.42}, f"{MINUS}20 pts shown"),
        ({"value": 0.8, "low": None, "high": None}, "+20 pts"),
    ],
)
def test_a_change_is_shown_where_its_interval_leaves_out_nought(project, new, said):
    two(project, None, {"scores": [NOW | new]})
    assert f"{said} as reported" in words(project)


@pytest.mark.parametrize(
    ("unit", "then", "now", "said"),
    [
        ("count", 1200, 1150, f"{MINUS}50"),
        ("money", 1.2e6, 1.5e6, "+€300 k"),
        ("days", 40, 32, f"{MINUS}8 d"),
        ("ratio", 3.0, 4.5, "+1.5×"),
    ],
)
def test_a_change_is_told_in_the_unit_of_its_kpi(project, unit, then, now, said):
    none = {"low": None, "high": None, "unit": unit, "target": None}
    two(project, {"scores": [SCORE | none | {"value": then}]}, {"scores": [NOW | none | {"value": now}]})
    assert f" {said} " in words(project)


def test_amounts_in_two_currencies_are_not_subtracted(project):
    money = {"unit": "money", "low": None, "high": None, "target": None, "value": 1000.0}
    two(project, {"scores": [SCORE | money], "currency": "USD"}, {"scores": [NOW | money]})
    text = words(project)
    assert "$1.00 k" in text
    assert "€1.00 k" in text
    assert f"{DASH} another currency {DASH}" in text


OTHER = FINDING | {"kpi": "leads", "sentence": "40 leads arrived."}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [FINDING], {"started": [FINDING["sentence"]], "open": [], "ended": []}),
        ([FINDING], [FINDING | {"state": "standing"}], {"started": [], "open": [FINDING["sentence"]], "ended": []}),
        ([FINDING], [], {"started": [], "open": [], "ended": [FINDING["sentence"]]}),
        ([FINDING], [FINDING | {"state": "ended", "sentence": "Over."}], {"started": [], "open": [], "ended": ["Over."]}),
        ([FINDING | {"state": "ended"}], [FINDING], {"started": [FINDING["sentence"]], "open": [], "ended": []}),
        ([FINDING], [OTHER], {"started": [OTHER["sentence"]], "open": [], "ended": [FINDING["sentence"]]}),
        ([FINDING], [FINDING | {"kind": "variation"}],
         {"started": [FINDING["sentence"]], "open": [], "ended": [FINDING["sentence"]]}),
    ],
)  # fmt: skip
def test_findings_started_stayed_or_ended(project, old, new, expected):
    edition(project, "2026-11-09", findings=old)
    edition(project, "2026-11-16", findings=new)
    then, now = (
        compared.read_tables(record_of(project.reports, name))["front-findings"] for name in ("2026-11-09", "2026-11-16")
    )  # fmt: skip
    assert compared.findings(then, now) == expected


def test_findings_of_an_edition_without_states_count_as_open(project):
    edition(project, "2026-11-09")
    then = compared.read_tables(record_of(project.reports, "2026-11-09"))["front-findings"].drop(
        columns="state"
    )
    assert compared.findings(then, then) == {"started": [], "open": [FINDING["sentence"]], "ended": []}


def test_what_changed_in_the_agreement_is_told_in_its_words(project):
    from world import CONTRACT

    (project.contracts / "a.yaml").write_text(CONTRACT)
    later = CONTRACT.replace('"2026-01"', '"2026-02"').replace("2026-01-01", "2026-02-01")
    (project.contracts / "b.yaml").write_text(later.replace("horizon: 90 days", "horizon: 60 days"))
    two(project, None, {"contract": "2026-02"})
    text = words(project)
    assert "Contract 2026-02 followed 2026-01." in text
    assert "was 90 days, is now 60 days" in text


def test_a_contract_that_the_project_does_not_hold_is_named(project):
    (project.contracts / "broken.yaml").write_text("version: [")
    two(project, None, {"contract": "2026-02"})
    assert "What changed cannot be said: contracts/ does not hold 2026-01, 2026-02." in words(project)


def test_the_same_contract_is_said(project):
    two(project)
    assert "Both were made under contract 2026-01." in words(project)


def test_checks_are_counted_and_those_with_another_state_are_listed(project):
    fresh = CHECK | {"check_name": "fresh", "title": "Loads are fresh"}
    two(project, {"checks": [CHECK, fresh]}, {"checks": [CHECK | {"state": "fail", "n_failing": 1234}]})
    text = words(project)
    assert "warning 0 of 2 1 of 1" in text
    assert "Dates are in order: passed, now not passed (1,234 rows)" in text
    assert "Loads are fresh: passed, now no such check" in text


def test_the_page_has_its_table_beside_it_harmless_to_spreadsheets(project):
    hostile = {"title": "=cmd|'/c calc'!A0"}
    two(project, {"scores": [SCORE | hostile]}, {"scores": [NOW | hostile]})
    path = compare(project, "2026-11-09", "2026-11-16")
    text = path.with_suffix(".csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == ",".join(compared.COLUMNS)
    assert text.splitlines()[1].startswith(f"{KPI},'=cmd")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-11-09", "2026-11-61", r"no edition '2026-11-61'\. Did you mean '2026-11-16'\?.*Editions: 2026-11-09, 2026-11-16"),
        ("2026-11-16", "2026-11-09", r"2026-11-16 is later than 2026-11-09\. Give the older first: funnel compare 2026-11-09 2026-11-16"),
        ("2026-11-16", "2026-11-16", r"is one edition\. Name two"),
        ("../2026-11-16", "2026-11-16", r"no edition"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_with_what_would_do(project, old, new, message):
    two(project)
    with pytest.raises(UsageError, match=message):
        compare(project, old, new)


def test_tables_of_another_form_are_refused_with_what_would_do(project):
    from funnel.charts.table import to_parquet

    two(project)
    path = project.reports / "2026-11-16" / "tables" / "front-scorecard.parquet"
    path.write_bytes(to_parquet(compared.pd.DataFrame({"kpi": ["leads"]})))
    with pytest.raises(InputError, match="Make that edition again"):
        compare(project, "2026-11-09", "2026-11-16")


def test_the_command_writes_the_page_and_lists_it_in_the_archive(project):
    for day in ("02", "09", "16"):
        edition(project, f"2026-11-{day}")
    words = ["compare", "2026-11-02", "2026-11-16", "--project", str(project.root)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    path = project.reports / "compare" / "2026-11-02..2026-11-16.html"
    assert result.output.strip() == str(path)
    assert path.is_file()
    assert "compare/2026-11-02..2026-11-16.html" in (project.reports / "index.html").read_text()
