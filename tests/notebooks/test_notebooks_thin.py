"""Notebooks are thin: text, a parameters cell, one metric and one chart per cell, nothing executed inside."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
REPORTS = [path for path in NOTEBOOKS if path.stem != "explore"]
BANNED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Try,
    ast.With,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
reports = pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)


def cells(path, kind="code"):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def calls(tree, pattern):
    """Return the dotted names of the calls in a cell that fit a pattern."""
    names = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [name for name in names if re.fullmatch(pattern, name)]


def test_the_notebooks_are_the_ones_that_reports_are_made_of():
    assert [path.stem for path in NOTEBOOKS] == [
        *("attribution", "conversion", "dispute_audit", "explore", "handoff", "lead_quality", "shared_kpi"),
    ]


@every
def test_nothing_that_ran_is_kept(path):
    for cell in cells(path):
        assert (cell.outputs, cell.execution_count) == ([], None)
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert set(raw["metadata"]) == {"kernelspec", "language_info"}


@every
def test_cell_ids_are_words_and_unique(path):
    ids = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert sorted(set(ids)) == sorted(ids)
    assert all(re.fullmatch(r"[a-z-]+", each) for each in ids)


@every
def test_it_begins_with_a_title_and_one_parameters_cell(path):
    first, second = nbformat.read(path, as_version=4).cells[:2]
    assert first.source.startswith("# ")
    assert second.metadata.tags == ["parameters"]
    assert second.source.splitlines()[0] == 'warehouse = "../data/warehouse.duckdb"'
    assert path.stem == "dispute_audit" or len(second.source.splitlines()) == 1
    tags = [tag for cell in cells(path) for tag in cell.metadata.get("tags", [])]
    assert tags.count("parameters") == 1


@every
def test_no_cell_defines_loops_or_decides(path):
    for cell in cells(path):
        banned = [
            type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, BANNED)
        ]
        assert banned == [], cell.source


@reports
def test_no_report_holds_sql(path):
    for cell in cells(path):
        assert not re.search(r"\b(select|from \w+\.\w+ select|\.sql\(|\.execute\()", cell.source), cell.source


@reports
def test_each_cell_after_the_first_two_is_one_metric_and_one_chart(path):
    for cell in cells(path)[2:]:
        tree = ast.parse(cell.source)
        is_field = path.stem == "dispute_audit" and re.match(r"table = audit\.\w+\n", cell.source)
        assert len(calls(tree, r"(?!charts\b)\w+\.\w+")) == (0 if is_field else 1), cell.source
        assert len(calls(tree, r"charts\.(show|listing|say|conversion\.two_rules)")) == 1, cell.source
        assert len(tree.body) == 2


@reports
def test_every_chart_is_of_the_metric_of_its_own_name(path):
    for cell in cells(path)[2:]:
        tree = ast.parse(cell.source)
        drawn = calls(tree, r"charts\.\w+\.\w+")
        metric = calls(tree, r"(?!charts\b)\w+\.\w+") or [
            cell.source.splitlines()[0].replace("table = audit", "exhibit")
        ]
        others = {"conversion.funnel_compared": "conversion.compared"}
        others |= {f"exhibit.{name}": f"verdict.{name}" for name in ("bridge", "comparisons")}
        fitting = {f"charts.{others.get(metric[0], metric[0])}", "charts.conversion.two_rules"}
        assert set(drawn) <= fitting


def test_the_audit_is_asked_by_batch_outcome_stage_baseline_seed_and_names():
    path = next(path for path in NOTEBOOKS if path.stem == "dispute_audit")
    assigned = [node.targets[0].id for node in ast.parse(cells(path)[0].source).body]
    assert assigned == ["warehouse", "batch", "outcome", "stage", "baseline", "seed", "names"]


def test_the_audit_gives_the_verdict_before_its_evidence_and_every_lead_last():
    path = next(path for path in NOTEBOOKS if path.stem == "dispute_audit")
    heads = [cell.source for cell in cells(path, "markdown") if cell.source.startswith("## ")]
    assert heads == [
        *("## The verdict", "## What it rests on", "## The evidence", "## Both ways"),
        *("## What would tell more", "## Every lead"),
    ]
    ids = [cell.id for cell in cells(path)]
    assert ids[3:6] == ["verdict", "bridge", "assumptions"]
