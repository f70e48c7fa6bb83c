"""The errors that a user reads: what was asked, why not, what would do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FunnelError(Exception):
    """Root of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 3


class InputError(FunnelError):
    """A file, a contract or landed data is broken (exit 3)."""


class UsageError(FunnelError):
    """A command or a call was given something that cannot be meant (exit 2)."""

    exit_code = 2


class ChecksFailed(FunnelError):
    """A critical check failed, so no edition is made (exit 1)."""

    exit_code = 1


class Differs(FunnelError):
    """Something is not as it was recorded (exit 1)."""

    exit_code = 1


def did_you_mean(asked: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known word (case ignored), or an empty string."""
    by_folded = {word.casefold(): word for word in known}
    near = get_close_matches(asked.casefold(), list(by_folded), n=1, cutoff=0.55)
    return f" Did you mean '{by_folded[near[0]]}'?" if near else ""
