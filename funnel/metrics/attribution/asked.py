"""The words that attribution is asked with: rules, amounts, look-back, and how a table says them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from funnel import number
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import span, term

WORDS = {
    "first": "all to the first touch",
    "last": "all to the last touch",
    "linear": "equal parts to all touches",
    "u": "40 % first touch, 40 % lead creation, 20 % all others",
    "w": "30 % each to first touch, lead creation and opportunity creation, 10 % all others",
    "full_path": "22.5 % each to first touch, lead creation, opportunity creation and close, 10 % all others",
    "time_decay": "half as much for each half-life that a touch lies back",
    "markov": "in proportion to the amount that a first-order Markov chain loses without the value",
}
RULES = tuple(WORDS)
TITLES = {
    "first": "First touch",
    "last": "Last touch",
    "linear": "Linear",
    "u": "U-shaped",
    "w": "W-shaped",
    "full_path": "Full path",
    "time_decay": "Time decay",
    "markov": "Markov",
}
AMOUNTS = ("won", "pipeline")
BY = ("channel", "campaign", "content")
LOOK_BACK_SECONDS = 180 * term.DAY_SECONDS
HALF_LIFE_SECONDS = 7 * term.DAY_SECONDS


@dataclass(frozen=True)
class Asked:
    """A question about credit, its words checked: which amount, whose touches, over which days."""

    amount: str
    look_back_seconds: float
    half_life_seconds: float
    is_look_back_agreed: bool
    is_half_life_agreed: bool
    start_on: span.Day
    end_on: span.Day

    @property
    def look_back_days(self) -> float:
        """The look-back in days."""
        return self.look_back_seconds / term.DAY_SECONDS

    @property
    def half_life_days(self) -> float:
        """The half-life of time decay in days."""
        return self.half_life_seconds / term.DAY_SECONDS

    @property
    def look_back(self) -> str:
        """The look-back in words, and who set it."""
        ending = "" if self.is_look_back_agreed else " (the contract names no look-back)"
        return f"{self.look_back_days:g} days{ending}"

    @property
    def rule(self) -> str:
        """Which amounts are booked to which touches, in words."""
        event = "close" if self.amount == "won" else "creation"
        whole = "Amount won" if self.amount == "won" else "Pipeline created"
        return (
            f"{whole} {span.words(self.start_on, self.end_on)}, booked to the responses of persons on the "
            f"opportunity up to {self.look_back} before its {event}. What is known only to the day counts as "
            f"before the {event} of that day; sendings do not count. Bookkeeping, not effect."
        )


def question(
    con: DuckDBPyConnection,
    *,
    amount: str,
    look_back_days: float | None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> Asked:
    """Return a question with its words checked.

    Look-back and half-life are the contract's, else 180 and 7 days.
    """
    agreed = term.agreed(con)
    given = None if look_back_days is None else term.seconds(look_back_days)
    return Asked(
        amount=one_of("amount", amount, AMOUNTS),
        look_back_seconds=given or agreed.get("look_back_seconds", LOOK_BACK_SECONDS),
        half_life_seconds=agreed.get("half_life_seconds", HALF_LIFE_SECONDS),
        is_look_back_agreed=given is not None or "look_back_seconds" in agreed,
        is_half_life_agreed="half_life_seconds" in agreed,
        start_on=start_on,
        end_on=end_on,
    )


def chosen(rules: Iterable[str] | None, amount: str) -> tuple[str, ...]:
    """Return the rules asked for, in their order; UsageError for an unknown one, or full path of a pipeline.

    By default all that apply: the full path ends at the close, which a pipeline does not have yet.
    """
    if rules is None:
        return tuple(rule for rule in RULES if rule != "full_path" or amount == "won")
    wanted = {one_of("rule", rule, RULES) for rule in ([rules] if isinstance(rules, str) else rules)}
    if "full_path" in wanted and amount == "pipeline":
        raise UsageError(
            "The full path ends at the close, and a pipeline is counted at its creation. Ask amount='won', "
            "or for the rule 'w', which ends at the creation."
        )
    return tuple(rule for rule in RULES if rule in wanted)


def words(rule: str, asked: Asked) -> str:
    """Return what a rule does in words, with the half-life where it has one."""
    if rule != "time_decay":
        return WORDS[rule]
    ending = "" if asked.is_half_life_agreed else " (the contract names no half-life)"
    return f"{WORDS[rule]}: {number.days(asked.half_life_days)}{ending}"


def one_of(kind: str, asked: str, known: Iterable[str]) -> str:
    """Return a word from a closed list; UsageError naming the nearest and all."""
    if asked in known:
        return asked
    raise UsageError(
        f"Attribution has no {kind} '{asked}'.{did_you_mean(asked, known)} Choose one of: {', '.join(known)}."
    )
