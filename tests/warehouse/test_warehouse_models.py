"""The models as files: their header, their order, the subset of SQL that they keep to, and what is said when one fails."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest

from funnel.errors import InputError
from funnel.warehouse.lint import lint
from funnel.warehouse.model import read_model, read_models, run_models

HEAD = "-- One row per thing.\n-- key: a\n-- time: none\n"


def write(folder, sql, name="core/thing.sql", head=HEAD):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head + sql)
    return file


@pytest.mark.parametrize("model", read_models(), ids=lambda m: m.name)
def test_every_model_keeps_to_the_portable_subset(model):
    assert lint(model) == []


@pytest.mark.parametrize("model", read_models(), ids=lambda m: m.name)
def test_the_key_of_every_model_is_unique_and_complete(model, full_world):
    key = ", ".join(model.key)
    nulls = " or ".join(f"{k} is null" for k in model.key)
    doubled = f"select {key} from {model.name} group by {key} having count(*) > 1"
    assert full_world.execute(doubled).fetchall() == []
    assert full_world.execute(f"select {key} from {model.name} where {nulls}").fetchall() == []


@pytest.mark.parametrize("model", read_models(), ids=lambda m: m.name)
def test_the_full_world_puts_rows_into_every_model(model, full_world):
    assert full_world.execute(f"select count(*) > 0 from {model.name}").fetchall() == [(True,)]


def test_a_model_runs_after_those_it_reads():
    names = [m.name for m in read_models()]
    for model in read_models():
        for read in model.reads & set(names):
            assert names.index(read) < names.index(model.name)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "select list(a) as a from core.x",
            "uses a list: use string_agg(... order by ...), arg_min or arg_max",
        ),
        (
            "select array_agg(a order by a) as a from core.x",
            "uses a list: use string_agg(... order by ...), arg_min or arg_max",
        ),
        (
            "select isodow(a) as a from core.x",
            "uses the day of the week is counted differently elsewhere: join run.day",
        ),
        (
            "select dayofweek(a) as a from core.x",
            "uses the day of the week is counted differently elsewhere: join run.day",
        ),
        (
            "select extract(dow from a) as a from core.x",
            "extracts the day of the week, which is counted differently elsewhere",
        ),
        (
            "select date_diff('day', a, b) as a from core.x",
            "uses date_diff with another unit than 'second', which counts borders",
        ),
        (
            "select a from core.x asof join core.y on x.a = y.a and x.b >= y.b",
            "uses an asof join: use a left join with min and arg_min",
        ),
        ("select a from generate_series(1, 3) as t(a)", "uses generate_series: join run.day or run.period"),
        ("select histogram(a) as a from core.x", "uses histogram()"),
        ("select map([1], [2]) as a", "uses a map"),
        ("select [x for x in a] as a from core.x", "uses a list comprehension"),
        (
            "select percentile_cont(0.5) within group (order by a) as a from core.x",
            "uses percentile_cont within group: compute it in a metric",
        ),
        ("select list_transform(a, lambda x: x) as a from core.x", "uses a lambda"),
        ("pivot core.x on a using sum(b)", "uses pivot: use max(case when ... end)"),
        ("select a / b as a from core.x", "divides by b without nullif"),
        ("select a from x", "names the table x without its schema"),
        ('select a as "at" from core.x', "names a column 'at'"),
        ("SELECT a from core.x", "writes key words in capitals"),
        ("select a from core.x\n" + "\n" * 80, "has more than 75 lines: split it"),
        ("delete from core.x", "is not one bare select"),
    ],
)
def test_what_another_engine_answers_differently_is_refused(tmp_path, sql, why):
    assert why in lint(read_model(write(tmp_path, sql)))


@pytest.mark.parametrize(
    "sql",
    [
        "select a / nullif(b, 0) as a from core.x",
        "select a / 3600.0 as a from core.x",
        "select date_diff('second', a, b) as a from core.x",
    ],
)
def test_the_portable_way_to_write_it_is_accepted(tmp_path, sql):
    assert lint(read_model(write(tmp_path, sql))) == []


def test_a_model_without_its_header_names_the_file_and_the_lines(tmp_path):
    file = write(tmp_path, "select 1 as a", head="-- key: a\n")
    with pytest.raises(InputError) as error:
        read_model(file)
    assert str(error.value) == (
        f"{file} lacks its header. A model opens with three lines: '-- One row per ...', '-- key: a, b', '-- time: ...'."
    )


def test_a_model_that_reads_what_nobody_builds_gets_the_nearest_name(tmp_path):
    write(tmp_path, "select a from core.thinng", "marts/report.sql")
    file = write(tmp_path, "select 1 as a")
    with pytest.raises(InputError) as error:
        read_models(tmp_path)
    assert (
        str(error.value)
        == f"{tmp_path}/marts/report.sql reads core.thinng, which no model builds. Did you mean 'core.thing'?"
    )
    assert file.exists()


def test_models_in_a_circle_are_named(tmp_path):
    write(tmp_path, "select a from core.b", "core/a.sql")
    write(tmp_path, "select a from core.a", "core/b.sql")
    with pytest.raises(InputError, match=r"The models go in a circle: core\.\w -> core\.\w -> core\.\w\."):
        read_models(tmp_path)


def test_a_model_that_fails_is_reported_with_its_file_line_and_sql(tmp_path):
    file = write(tmp_path, "select\n    1 as a,\n    nonsense as b\nfrom run.nothing_here")
    con = duckdb.connect()
    con.execute("create schema run")
    con.execute("create table run.nothing_here (a integer)")
    with pytest.raises(InputError) as error:
        run_models(con, [read_model(file)])
    first, second = str(error.value).splitlines()[:2]
    assert first == f"The model core.thing failed ({file}, line 6):"
    assert second == "    nonsense as b"
    assert "nonsense as b\nfrom run.nothing_here" in str(error.value)


def test_importing_the_package_is_light():
    heavy = "pandas", "plotly", "great_expectations", "papermill", "statsmodels", "duckdb"
    code = f"import sys, funnel; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
