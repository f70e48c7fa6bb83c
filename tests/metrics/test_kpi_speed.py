"""Speed to lead of the scorecard is the median of the response curve, of the same week, those never touched included."""

from __future__ import annotations

import pandas as pd
from world import call, changes, lead

from funnel.metrics import promptness, response


def test_the_median_of_each_week_is_that_of_the_response_curve(make_world) -> None:
    """Week of 2 March: touched after 1 and 3 business hours and never; week of 9 March: after 2."""
    handed = {
        "a": "2026-03-02 10:00:00",
        "b": "2026-03-03 10:00:00",
        "c": "2026-03-04 10:00:00",
        "d": "2026-03-09 10:00:00",
    }
    touched = {"a": "2026-03-02 11:00:00", "b": "2026-03-03 13:00:00", "d": "2026-03-09 12:00:00"}
    con = make_world(
        person=[lead(name, "2026-03-01 09:00:00", status="MQL") for name in handed]
        + [lead("last sign of life", "2026-06-30 09:00:00")],
        attribute_event=[
            row for name, at in handed.items() for row in changes(name, "status", (at, "MQL"), first="New")
        ],
        activity=[call(name, name, at) for name, at in touched.items()],
    )
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    con.execute(
        "insert into run.source_table values ('crm', 'activity', 'filled', 3), ('crm', 'person', 'filled', 5)"
    )
    found = promptness.first_touch(con, by="week").set_index("period_on")
    assert found["value"].tolist() == [3.0, 2.0]
    assert found[["n", "n_open"]].to_numpy().tolist() == [[3, 1], [1, 0]]
    for start, row in found.iterrows():
        curve = response.waits(con, start_on=start.date(), end_on=(start + pd.Timedelta(days=7)).date())
        same = curve[curve["clock"] == "business"].iloc[0]
        assert (row["value"], row["n"], row["n_open"]) == (
            same["median_hours"],
            same["n"],
            same["n_untouched"],
        )
