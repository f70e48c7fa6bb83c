"""One word of a closed list, or an error that names the nearest."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.errors import UsageError, did_you_mean


def known(kind: str, asked: str, words: Sequence[str]) -> None:
    """UsageError naming the nearest and all words if `asked` is none of them."""
    if asked not in words:
        near = did_you_mean(str(asked), words)
        raise UsageError(f"There is no {kind} '{asked}'.{near} Choose one of: {', '.join(words)}.")
