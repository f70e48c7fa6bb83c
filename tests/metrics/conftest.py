"""A warehouse in memory with rows that each test states itself.

`house` makes the tables that metrics read (schemas run, contract, marts; a few of core) with the columns of
the warehouse, and fills in what follows: local dates, weeks, months, quarters, imputed stages, furthest
stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

DIMS = (
    "channel text, campaign text, content text, region text, country text, industry text, company_size text, "
    "persona text, lead_type text"
)
ON = "week_on date, month_on date, quarter_on date"
SCHEMA = {
    "run.context": "as_of timestamp, known_at timestamp, zone text, company text, currency text, "
    "contract text, "
    "build_id text, n_loads integer",
    "run.zone_offset": "starts_at timestamp, ends_at timestamp, offset_seconds integer",
    "run.period": "period text, starts_on date, ends_on date, starts_at timestamp, ends_at timestamp, "
    "hours double, is_complete boolean",
    "run.source_table": "source text, staging_table text, state text, n_rows bigint",
    "run.load": "source text, load_id text, observed_at timestamp, table_name text, file text, "
    "n_rows bigint, "
    "n_changed bigint, n_tombstones bigint, n_rejects bigint",
    "contract.version": "version text, number integer, effective_from timestamp, effective_to timestamp, "
    "effective_on date, zone text, company text, currency text, horizon_seconds bigint, "
    "landmark_seconds bigint, "
    "approved_by text",
    "contract.stage": "version text, stage text, title text, position integer, owner text, hands_to text",
    "contract.clause": "version text, clause_id text, part text, name text, alternative integer, "
    "clause integer, "
    "n_clauses integer, kind text, field text, op text, low double, high double, words text",
    "contract.reason": "version text, reason text, exit text",
    "contract.calendar": "version text, calendar text, zone text",
    "contract.required_field": "version text, field text, position integer",
    "contract.sla": "version text, sla text, clock text, within_seconds bigint, attempts integer, "
    "attainment double, stage text, words text",
    "contract.target": "version text, kpi text, owners text, target double, per text, within_seconds bigint, "
    "weight double",
    "contract.term": "version text, name text, value double",
    "contract.paid_kind": "version text, kind text",
    "contract.business_hour": "version text, calendar text, starts_at timestamp, ends_at timestamp, "
    "next_starts_at timestamp, seconds_before bigint, number bigint",
    "core.handoff_clock": "handoff_id text, start_working bigint, start_elapsed bigint, is_start_exact boolean, "
    "touch_end_working bigint, touch_end_elapsed bigint, is_touch_exact boolean, as_of_working bigint, "
    "as_of_elapsed bigint",
    "core.touch": "touch_id text, person_id text, campaign_id text, channel text, content text, kind text, "
    "touched_at timestamp, touched_precision text",
    "core.opportunity_person": "opportunity_id text, person_id text",
    "core.stage_event": "event_id text, person_id text, cycle_id text, pass integer, stage text, "
    "position integer, entered_at timestamp, entered_precision text, is_backward boolean, "
    "is_impossible boolean, place integer",
    "core.contact_role": "role_id text, opportunity_id text, person_id text",
    "core.rep": "rep_id text, name text, team text, region text, manager_id text, is_active boolean, is_queue boolean",
    "marts.cycle": "cycle_id text, subject_id text, person_id text, opportunity_id text, pass integer, "
    "is_first boolean, started_at timestamp, started_precision text, started_on date, " + ON + ", "
    "furthest_stage text, furthest_position integer, current_stage text, exit text, exit_at timestamp, "
    "exit_precision text, exit_on date, exit_reason text, state text, is_stale boolean, "
    "has_impossible_order boolean, version text, owner_id text, " + DIMS,
    "marts.stage_entry": "cycle_id text, person_id text, pass integer, stage text, position integer, "
    "entered_at timestamp, entered_precision text, is_observed boolean, evidence text, "
    "is_impossible boolean, "
    "entered_on date, " + ON,
    "marts.handoff": "handoff_id text, cycle_id text, person_id text, pass integer, stage text, "
    "from_team text, "
    "to_team text, handed_at timestamp, handed_precision text, handed_on date, " + ON + ", version text, "
    "calendar text, owner_id text, assigned_at timestamp, first_touch_at timestamp, "
    "first_touch_precision text, "
    "n_attempts integer, elapsed_hours double, business_hours double, outcome text, outcome_at timestamp, "
    "outcome_precision text, outcome_reason text, met_definition boolean, n_clauses integer, "
    "n_failed integer, "
    "n_unknown integer, n_required integer, n_missing integer, age_days double, " + DIMS,
    "marts.handoff_clause": "handoff_id text, clause_id text, field text, value text, known_from timestamp, "
    "evidence text, passed boolean",
    "marts.handoff_field": "handoff_id text, field text, is_present boolean",
    "marts.handoff_sla": "handoff_id text, sla text, tier text, clock text, due_at timestamp, outcome text",
    "marts.opportunity": "opportunity_id text, cycle_id text, person_id text, account_id text, "
    "created_at timestamp, created_precision text, created_on date, created_week_on date, "
    "created_month_on date, "
    "created_quarter_on date, closed_at timestamp, closed_precision text, closed_on date, "
    "closed_week_on date, "
    "closed_month_on date, closed_quarter_on date, outcome text, stage text, amount decimal(18,2), "
    "currency text, "
    "loss_reason text, owner_id text, is_created_closed boolean, days_to_close double, " + DIMS,
    "marts.spend": "spend_id text, spent_on date, ends_on date, "
    + ON
    + ", channel text, campaign text, kind text, "
    "amount decimal(18,2), currency text",
}
STAGES = (("mql", "marketing"), ("sal", "sales"), ("sql", "sales"), ("won", "sales"))
STAGING = (
    "person",
    "account",
    "campaign",
    "touch",
    "activity",
    "stage_event",
    "attribute_event",
    "assignment",
    "opportunity",
    "opportunity_event",
    "contact_role",
    "spend",
    "rep",
)
DATED = {
    "marts.cycle": ("started_at", "started_on"),
    "marts.stage_entry": ("entered_at", "entered_on"),
    "marts.handoff": ("handed_at", "handed_on"),
    "marts.spend": ("", "spent_on"),
}


class House:
    """A small warehouse under one contract; days are UTC days unless `offset_hours` is given."""

    def __init__(
        self,
        as_of: str,
        stages: Any = STAGES,
        hands_to: Any = (),
        offset_hours: int = 0,
        horizon_days: float = 90,
        is_alive: bool = True,
    ) -> None:
        self.con = duckdb.connect()
        self.con.execute("set python_enable_replacements=false")
        schemas = [f"create schema {schema}" for schema in ("run", "contract", "core", "marts")]
        tables = [f"create table {table} ({columns})" for table, columns in SCHEMA.items()]
        self.con.execute(";".join([*schemas, *tables]))
        self.as_of, self.stages, self.offset = as_of, tuple(name for name, _ in stages), offset_hours
        self.n = 0
        self._lay_contract(stages, dict(hands_to), horizon_days)
        if is_alive:
            self._record_until_as_of()

    def _record_until_as_of(self) -> None:
        """Let the source record something up to as_of that nothing counts: a lost subject without stages."""
        self.add("marts.cycle", cycle_id="~", subject_id="~", exit="lost", exit_at=self.as_of,
                 exit_precision="second")  # fmt: skip

    def _lay_contract(self, stages: Any, hands_to: dict[str, str], horizon_days: float) -> None:
        self.add(
            "run.context",
            as_of=self.as_of,
            known_at=self.as_of,
            zone="UTC",
            company="Acme",
            currency="EUR",
            contract="v1",
            build_id="b",
            n_loads=1,
        )
        self.add(
            "run.zone_offset", starts_at="1900-01-01", ends_at="2200-01-01", offset_seconds=self.offset * 3600
        )
        self.add(
            "contract.version",
            version="v1",
            number=1,
            effective_from="1900-01-01",
            effective_to="9999-12-31",
            effective_on="1900-01-01",
            horizon_seconds=round(horizon_days * 86400),
            landmark_seconds=14 * 86400,
        )
        for position, (stage, owner) in enumerate(stages, 1):
            self.add(
                "contract.stage",
                version="v1",
                stage=stage,
                title=stage.upper(),
                position=position,
                owner=owner,
                hands_to=hands_to.get(stage),
            )
        self.sources(*STAGING)

    def add(self, table: str, **row: Any) -> None:
        """Add one row to a table; columns left out are null."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.con.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))

    def sources(self, *filled: str) -> None:
        """Say which staging tables the source fills; the others are not in it."""
        self.con.execute("delete from run.source_table")
        for table in STAGING:
            state = "filled" if table in filled else "not in this source"
            self.add("run.source_table", source="demo", staging_table=table, state=state, n_rows=0)

    def target(self, kpi: str, target: float, per: str | None = None, **row: Any) -> None:
        """Agree on a target for both teams."""
        defaults = {"version": "v1", "owners": "marketing, sales", "weight": 1.0}
        self.add("contract.target", **(defaults | {"kpi": kpi, "target": target, "per": per} | row))

    def cycle(
        self,
        cycle_id: str,
        *,
        day: Any = (),
        impossible: Any = (),
        visits: Any = (),
        exit: Any = None,
        **row: Any,
    ) -> None:
        """Add a cycle by the time of each observed stage; skipped stages are imputed from the next one.

        `visits` are further observed entries, (stage, time).
        """
        times = {stage: row.pop(stage) for stage in self.stages if stage in row}
        furthest = max((self.stages.index(stage) for stage in times), default=0)
        for position in range(furthest + 1):
            stage = self.stages[position]
            source = next(later for later in self.stages[position:] if later in times)
            self.add(
                "marts.stage_entry",
                cycle_id=cycle_id,
                person_id=row.get("person_id", cycle_id),
                **{"pass": row.get("pass", 1)},
                stage=stage,
                position=position + 1,
                entered_at=times[source],
                entered_precision=_precision(times[source], source in day),
                is_observed=stage in times,
                evidence="history",
                is_impossible=stage in impossible,
            )
        self._visits(cycle_id, [*times.items(), *visits], day, impossible, row)
        kind, exit_at = exit if isinstance(exit, tuple) else (exit, None)
        won = self.stages[-1] in times
        kind, exit_at = ("won", times[self.stages[-1]]) if won else (kind, exit_at)
        started = next(iter(times.values()), None)
        defaults = {
            "subject_id": cycle_id,
            "person_id": cycle_id,
            "pass": 1,
            "is_first": True,
            "is_stale": False,
        }
        known = {
            "cycle_id": cycle_id,
            "started_at": started,
            "started_precision": "second",
            "exit": kind,
            "exit_at": exit_at,
            "state": kind or "open",
            "furthest_position": furthest + 1,
            "furthest_stage": self.stages[furthest],
            "has_impossible_order": bool(impossible),
            "version": "v1",
        }
        self.add("marts.cycle", **(defaults | known | row))

    def _visits(self, cycle_id: str, visits: Any, day: Any, impossible: Any, row: dict[str, Any]) -> None:
        """Add every observed entry, in order of time; a day counts as its end."""
        ends = [(f"{at} {'23:59:59' if stage in day else '00:00:00'}")[:19] for stage, at in visits]
        positions = [self.stages.index(stage) for stage, _ in visits]
        in_order = sorted(zip(ends, positions, visits, strict=True))
        furthest = -1
        for place, (_, position, (stage, at)) in enumerate(in_order, 1):
            self.add(
                "core.stage_event",
                event_id=f"{cycle_id} {place}",
                person_id=row.get("person_id", cycle_id),
                cycle_id=cycle_id,
                **{"pass": row.get("pass", 1)},
                stage=stage,
                position=position + 1,
                entered_at=at,
                entered_precision=_precision(at, stage in day),
                is_backward=position < furthest,
                is_impossible=stage in impossible,
                place=place,
            )
            furthest = max(furthest, position)
        last = in_order[-1][2][0] if in_order else None
        row.setdefault("current_stage", last)

    def handoff(self, handoff_id: str, at: str, outcome: str = "open", sla: Any = None, **row: Any) -> None:
        """Add a hand-off from marketing to sales; `sla` maps a name to (due_at, outcome)."""
        defaults = {
            "cycle_id": handoff_id,
            "person_id": handoff_id,
            "pass": 1,
            "stage": "sal",
            "from_team": "marketing",
            "to_team": "sales",
            "handed_precision": "second",
            "version": "v1",
            "n_attempts": 0,
        }
        known = {"handoff_id": handoff_id, "handed_at": at, "outcome": outcome}
        self.add("marts.handoff", **(defaults | known | row))
        for name, (due_at, state) in (sla or {}).items():
            self.add(
                "marts.handoff_sla",
                handoff_id=handoff_id,
                sla=name,
                clock="business",
                due_at=due_at,
                outcome=state,
            )

    def opportunity(
        self, created: str | None, amount: Any, closed: str | None = None, outcome: str = "open", **row: Any
    ) -> None:
        """Add an opportunity; its id is its number."""
        self.n += 1
        defaults = {
            "opportunity_id": f"o{self.n}",
            "account_id": f"a{self.n}",
            "currency": "EUR",
            "is_created_closed": False,
            "created_precision": "second",
            "closed_precision": "second",
        }
        known = {"created_at": created, "closed_at": closed, "amount": amount, "outcome": outcome}
        self.add("marts.opportunity", **(defaults | known | row))

    def open(self) -> duckdb.DuckDBPyConnection:
        """Derive local dates and periods, and return the connection."""
        shift = f"to_hours({self.offset})"
        for table, (instant, day) in DATED.items():
            if instant:
                self.con.execute(f"update {table} set {day} = cast({instant} + {shift} as date)")
            self._truncate(table, day, "")
        for kind in ("created", "closed"):
            self.con.execute(f"update marts.opportunity set {kind}_on = cast({kind}_at + {shift} as date)")
            self._truncate("marts.opportunity", f"{kind}_on", f"{kind}_")
        self.con.execute(f"update marts.cycle set exit_on = cast(exit_at + {shift} as date)")
        self.con.execute("update marts.opportunity set days_to_close = epoch(closed_at - created_at) / 86400")
        self.con.execute(
            "update marts.handoff set age_days = epoch((select as_of from run.context) - handed_at) / 86400"
        )
        self._periods()
        return self.con

    def _truncate(self, table: str, day: str, prefix: str) -> None:
        pairs = ", ".join(
            f"{prefix}{part}_on = date_trunc('{part}', {day})" for part in ("week", "month", "quarter")
        )
        self.con.execute(f"update {table} set {pairs}")

    def _periods(self) -> None:
        self.con.execute("delete from run.period")
        for part, step in (("week", 7), ("month", 1), ("quarter", 3)):
            unit = "to_days" if part == "week" else "to_months"
            self.con.execute(
                f"""insert into run.period
                with s as (select cast(unnest(generate_series(date_trunc('{part}', date '2025-01-01'),
                    cast(? as timestamp), {unit}({step}))) as date) as starts_on),
                e as (select starts_on, cast(starts_on + {unit}({step}) as date) as ends_on from s)
                select '{part}', starts_on, ends_on, starts_on - to_hours({self.offset}),
                    ends_on - to_hours({self.offset}), 0,
                    ends_on - to_hours({self.offset}) <= cast(? as timestamp) from e""",
                [self.as_of, self.as_of],
            )


def _precision(instant: Any, is_day: bool) -> str:
    if instant is None:
        return "unknown"
    return "day" if is_day else "second"


@pytest.fixture
def house() -> Iterator[Callable[..., House]]:
    """Return a function that makes a warehouse as of an instant; all are closed after the test."""
    made: list[House] = []

    def make(as_of: str = "2026-07-01 00:00:00", **options: Any) -> House:
        made.append(House(as_of, **options))
        return made[-1]

    yield make
    for one in made:
        one.con.close()


@pytest.fixture
def rows() -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that gives the named columns of a frame as tuples: dates as text, nulls as None."""

    def read(frame: Any, *columns: str, digits: int = 4) -> list[tuple[Any, ...]]:
        import pandas as pd

        def plain(value: Any) -> Any:
            if pd.api.types.is_scalar(value) and pd.isna(value):
                return None
            if isinstance(value, pd.Timestamp):
                return str(value.date()) if value == value.normalize() else str(value)
            if isinstance(value, float):
                return round(value, digits)
            return value.item() if hasattr(value, "item") else value

        chosen = frame[list(columns)] if columns else frame
        return [tuple(plain(value) for value in row) for row in chosen.itertuples(index=False, name=None)]

    return read
