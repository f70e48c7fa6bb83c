"""What a journey funnel counts, in words."""

from __future__ import annotations

from funnel.metrics.journey.question import Question

ORDERS = {
    "ordered": "in this order",
    "strict": "in this order with no other event between two of them",
    "unordered": "in any order",
}
FROM = {
    "first": "the event of the first step",
    "last": "the event of the last step reached",
    "first_touch": "the first event that states it",
    "last_touch": "the last event that states it",
}


def rule(question: Question, within_days: float) -> str:
    """Return the convention of a journey funnel as it stands under a chart."""
    steps = " → ".join(one.says for one in question.steps)
    days = f"{within_days:g} day{'' if within_days == 1 else 's'}"
    said = (
        f"Journey funnel: {steps}, {ORDERS[question.order]}, within {days} of the first; "
        "a person counts once, by the attempt that came furthest; one event serves one step."
    )
    return said + _excluded(question) + _split(question)


def _excluded(question: Question) -> str:
    said = [
        f" Void if {what.says} lies after step {way.start - 1} and before step {way.stop - 1}."
        for what, way in question.barred
    ]
    return "".join(said)


def _split(question: Question) -> str:
    if question.by is None:
        return ""
    asked = question.value_from
    whose = f"the event of step {asked}, of those who reached it" if isinstance(asked, int) else FROM[asked]
    return f" By {question.by.replace('_', ' ')} of {whose}."
