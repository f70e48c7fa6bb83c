"""A day or an instant as a user writes it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from funnel.errors import UsageError
from funnel.project import Project


def instant(text: str, project: Project, option: str) -> datetime:
    """Return the naive UTC instant of `text`: a day is the midnight that begins it in the contract's zone."""
    from funnel.contract import load_contracts
    from funnel.warehouse.run_tables import local_midnight

    try:
        if len(text) == len("2026-11-16"):
            return local_midnight(date.fromisoformat(text), load_contracts(project.contracts).latest.zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} '{text}' is no day and no instant. Write 2026-11-16 or 2026-11-16T08:00+01:00."
        ) from error
    if moment.tzinfo is None:
        raise UsageError(f"{option} '{text}' has no offset. Write 2026-11-16T08:00+01:00, or a day alone.")
    return moment.astimezone(UTC).replace(tzinfo=None)
