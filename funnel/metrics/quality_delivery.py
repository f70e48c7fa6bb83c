"""In what state leads are handed over: complete, not there already, and how fit and intent go together."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import handed, term
from funnel.metrics import quality_member as member
from funnel.metrics.frame import read, splitting, whole
from funnel.metrics.source import ABSENT

HANDED = splitting("""
select h.handoff_id, split_by($dimension, h) as value, h.n_required, h.n_missing,
    f.n_unknown as n_unknown_fields
from marts.handoff h
left join (
    select handoff_id, count(*) filter (where is_present is null) as n_unknown
    from marts.handoff_field group by handoff_id
) f on f.handoff_id = h.handoff_id
where h.handed_at is not null
order by h.handoff_id
""")

RULE = (
    "Complete: every field that the contract requires was filled at the hand-off, of those at which that is "
    "known. Duplicate: another record of the same person, by conversion, merge or e-mail address, was there "
    "before."
)

FIT = """
with fit as (
    select handoff_id,
        case when bool_or(not passed) then 'does not fit' when count(*) = count(passed) then 'fits'
            else 'not known' end as fit
    from marts.handoff_clause
    where field <> 'score'
    group by handoff_id
),
score as (
    select handoff_id, max(try_cast(value as double)) as score, bool_and(passed) as is_enough
    from marts.handoff_clause
    where field = 'score'
    group by handoff_id
),
middle as (select median(score) as score from score where is_enough),
response as (
    select h.handoff_id, count(t.touch_id) as n_responses
    from marts.handoff h
    left join core.touch t on t.person_id = h.person_id and t.touched_at <= h.handed_at
        and t.kind is distinct from 'sent'
    group by h.handoff_id
)
select h.handoff_id, coalesce(f.fit, 'not known') as fit,
    case
        when $by = 'responses' then case when r.n_responses = 0 then 'no response'
            when r.n_responses = 1 then 'one response' else 'two or more' end
        when s.score is null then 'not known'
        when not s.is_enough then 'below agreed'
        when s.score < m.score then 'lower half'
        else 'upper half'
    end as intent
from marts.handoff h
left join fit f on f.handoff_id = h.handoff_id
left join score s on s.handoff_id = h.handoff_id
left join response r on r.handoff_id = h.handoff_id
cross join middle m
order by h.handoff_id
"""

ANSWER = """
answer as (
    select handoff_id, coalesce(bool_or(is_mature and is_told), false) as is_judged,
        coalesce(bool_or(is_mature and is_told and is_good), false) as is_good
    from member
    where handoff_id is not null
    group by handoff_id
)
select * from answer order by handoff_id
"""
JUDGED = "".join((member.MEMBER, ANSWER))

FITS = ("fits", "does not fit", "not known")
INTENTS = {
    "score": ("upper half", "lower half", "below agreed", "not known"),
    "responses": ("two or more", "one response", "no response"),
}
FIT_RULE = (
    "Fit: the clauses of the agreed definition other than the score, as known at the hand-off. Intent: {by}, "
    "up to then. Accepted: of the decided at least {landmark:g} days old; converted: reached {goal} within "
    "{horizon:g} days, of those as old."
)
BY = {
    "score": "the score then held against the agreed one, those above it halved at their median",
    "responses": "responses to marketing",
}


def at_handoff(con: DuckDBPyConnection, *, dimension: str = "channel") -> pd.DataFrame:
    """Return one row per value of a dimension, largest first, and one for all: complete, and duplicate.

    Hand-offs of known time. Columns: value (null: the source has none), is_total, n, n_known (completeness
    can be told), n_complete, complete_rate with complete_low and complete_high (of n_known; null where the
    contract requires no field), n_told (it can be told whether another record was there), n_duplicate,
    duplicate_rate with duplicate_low and duplicate_high (of n_told), rule. UsageError for an unknown
    dimension.
    """
    rows = read(con, HANDED, dimension=term.dimension(dimension)).merge(_twins(con), how="left")
    known = (rows["n_required"] > 0) & ((rows["n_missing"] > 0) | (rows["n_unknown_fields"] == 0))
    told = ~rows["has_twin"].eq(True) | rows["is_duplicate"].notna()
    rows = rows.assign(
        n=1,
        n_known=known,
        n_complete=known & (rows["n_missing"] == 0),
        n_told=told,
        n_duplicate=rows["is_duplicate"].eq(True),
    )
    counts = ["n", "n_known", "n_complete", "n_told", "n_duplicate"]
    frame = rows.groupby("value", dropna=False)[counts].sum().reset_index()
    frame = frame.sort_values(["n", "value"], ascending=[False, True], kind="stable").assign(is_total=False)
    total = rows[counts].sum().to_frame().T.assign(value=None, is_total=True)
    frame = whole(pd.concat([frame.astype({"value": "object"}), total], ignore_index=True))
    for name, of in (("complete", "n_known"), ("duplicate", "n_told")):
        names = (f"{name}_rate", f"{name}_low", f"{name}_high")
        frame = stats.with_rate(frame, f"n_{name}", of, names=names)
    parts = ["n_told", "n_duplicate", "duplicate_rate", "duplicate_low", "duplicate_high"]
    first = ["value", "is_total", "n", "n_known", "n_complete", "complete_rate", "complete_low"]
    return frame[[*first, "complete_high", *parts]].assign(rule=RULE)


def fit_intent(con: DuckDBPyConnection, *, by: str = "score", outcome: str | None = None) -> pd.DataFrame:
    """Return one row per fit and intent of the hand-offs: how many were accepted, and how many converted.

    `by`: 'score' or 'responses'; `outcome`: the stage to convert to (default: the last). Columns: fit
    ('fits', 'does not fit', 'not known'), intent, n (hand-offs), n_decided, n_accepted, accepted_rate with
    accepted_low and accepted_high, n_followed, n_converted, converted_rate with converted_low and
    converted_high, state ('ok', or that the contract or source has no score), rule. Every cell is there,
    also an empty one. UsageError for an unknown word.
    """
    member.one_of("intent", by, BY)
    goal = outcome or term.stages(con)[-1].name
    rows = read(con, FIT, by=by)
    for name, asked in (("accepted", member.ACCEPTED), ("converted", goal)):
        rows = rows.merge(_judged(con, asked, name), how="left", on="handoff_id")
    counts = ["n_decided", "n_accepted", "n_followed", "n_converted"]
    cells = pd.MultiIndex.from_product([FITS, INTENTS[by]], names=["fit", "intent"])
    counted = rows.assign(n=1).groupby(["fit", "intent"])[["n", *counts]].sum()
    frame = whole(counted.reindex(cells, fill_value=0).reset_index())
    for name, of in (("accepted", "n_decided"), ("converted", "n_followed")):
        frame = stats.with_rate(frame, f"n_{name}", of, names=(f"{name}_rate", f"{name}_low", f"{name}_high"))
    columns = ["fit", "intent", "n", "n_decided", "n_accepted", "accepted_rate", "accepted_low"]
    columns += ["accepted_high", "n_followed", "n_converted", "converted_rate", "converted_low"]
    state = _state(rows, by)
    return frame[[*columns, "converted_high"]].assign(state=state, rule=_rule(con, by, goal))


def _state(rows: pd.DataFrame, by: str) -> str:
    if rows.empty:
        return f"{ABSENT}: nothing is handed over"
    if by == "score" and (rows["intent"] == "not known").all():
        return f"{ABSENT}: no score is known at a hand-off, or the contract asks for none"
    return "ok"


def _rule(con: DuckDBPyConnection, by: str, goal: str) -> str:
    clock = term.context(con)
    title = term.stage(con, goal).title
    days = {"landmark": clock.landmark_days, "horizon": clock.horizon_days}
    return FIT_RULE.format(by=BY[by], goal=title, **days)


def _judged(con: DuckDBPyConnection, outcome: str, name: str) -> pd.DataFrame:
    """Return for each hand-off whether it is judged and whether it is good, as counts of one."""
    question = member.asked(con, outcome)
    rows = read(con, JUDGED, **member.given(con, question))
    of = "n_decided" if name == "accepted" else "n_followed"
    known = rows["is_judged"] & (question.absent is None)
    good = known & rows["is_good"]
    return rows[["handoff_id"]].assign(**{of: known.astype("int64"), f"n_{name}": good.astype("int64")})


def _twins(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return for each hand-off whether the person has another record, and whether it was there before."""
    stages = [one.name for one in term.stages(con) if one.hands_to]
    frames = [
        handed.read(con, "delivered", ("handed", "recorded"), {"stage": name})[
            ["handoff_id", "has_twin", "is_duplicate"]
        ]
        for name in stages
    ]
    empty = pd.DataFrame({"handoff_id": pd.Series(dtype="str"), "has_twin": None, "is_duplicate": None})
    return pd.concat(frames, ignore_index=True) if frames else empty
