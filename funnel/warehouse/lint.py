"""The portable subset: refuse what another engine would answer with other values, or not at all."""

from __future__ import annotations

from sqlglot import exp, parse_one

from funnel.warehouse.model import Model

MAX_LINES = 75
REFUSED: dict[type[exp.Expr], str] = {
    exp.DayOfWeek: "the day of the week is counted differently elsewhere: join run.day",
    exp.DayOfWeekIso: "the day of the week is counted differently elsewhere: join run.day",
    exp.GenerateSeries: "generate_series: join run.day or run.period",
    exp.Pivot: "pivot: use max(case when ... end)",
    exp.List: "a list: use string_agg(... order by ...), arg_min or arg_max",
    exp.ArrayAgg: "a list: use string_agg(... order by ...), arg_min or arg_max",
    exp.Comprehension: "a list comprehension",
    exp.Map: "a map",
    exp.PercentileCont: "percentile_cont within group: compute it in a metric",
    exp.Lambda: "a lambda",
}
REFUSED_FUNCTIONS = {
    "histogram",
    "isodow",
    "dayofweek",
    "weekday",
    "list_sort",
    "generate_series",
    "range",
    "unnest",
}


def lint(model: Model) -> list[str]:
    """Return what is wrong with `model`, one sentence each, empty if it is portable.

    The rules are those of the subset of DuckDB SQL that also runs on Spark through sqlglot, equal results.
    """
    tree = parse_one(model.sql, dialect="duckdb")
    found = [f"uses {why}" for kind, why in REFUSED.items() if tree.find(kind)]
    found += [f"uses {f.name}()" for f in tree.find_all(exp.Anonymous) if f.name.lower() in REFUSED_FUNCTIONS]
    found += _joins(tree) + _dates(tree) + _divisions(tree) + _names(tree, model)
    if model.sql.count("\n") > MAX_LINES:
        found.append(f"has more than {MAX_LINES} lines: split it")
    if not isinstance(tree, exp.Select | exp.Union):
        found.append("is not one bare select")
    return found


def _joins(tree: exp.Expr) -> list[str]:
    return [
        "uses an asof join: use a left join with min and arg_min"
        for j in tree.find_all(exp.Join)
        if j.method.upper() == "ASOF"
    ]


def _dates(tree: exp.Expr) -> list[str]:
    bad = [
        d
        for d in tree.find_all(exp.DateDiff, exp.TimestampDiff)
        if str(d.args.get("unit")).strip("'").upper() != "SECOND"
    ]
    bad_extract = [
        e for e in tree.find_all(exp.Extract) if str(e.this).upper() in {"DOW", "ISODOW", "DAYOFWEEK"}
    ]
    return ["uses date_diff with another unit than 'second', which counts borders"] * bool(bad) + [
        "extracts the day of the week, which is counted differently elsewhere"
    ] * bool(bad_extract)


def _divisions(tree: exp.Expr) -> list[str]:
    naked = [d for d in tree.find_all(exp.Div) if not isinstance(d.expression, exp.Literal | exp.Nullif)]
    return [f"divides by {d.expression.sql(dialect='duckdb')} without nullif" for d in naked]


def _names(tree: exp.Expr, model: Model) -> list[str]:
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    bare = sorted({t.name for t in tree.find_all(exp.Table) if not t.db and t.name not in ctes})
    at = [c for c in tree.find_all(exp.Column, exp.Alias) if c.alias_or_name.lower() == "at"]
    upper = [w for w in ("SELECT ", "FROM ", "WHERE ", "JOIN ") if w in model.sql]
    return (
        [f"names the table {name} without its schema" for name in bare]
        + ["names a column 'at'"] * bool(at)
        + ["writes key words in capitals"] * bool(upper)
    )
