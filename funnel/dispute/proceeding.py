"""The acts of an open dispute, in an order that makes sense: both teams sign, it is closed, and reopened.

Nothing reads the clock: who records an act says its day.
"""

from __future__ import annotations

from datetime import date

from funnel.dispute import ledger
from funnel.dispute.dossier import Dispute, intact, read, refuse_team
from funnel.dispute.place import alone
from funnel.errors import UsageError
from funnel.project import Project


def sign(project: Project, name: str, *, by: str, on: date) -> Dispute:
    """Record that a team has signed the verdict as it is frozen; once per team and round."""
    dispute = intact(project, name)
    _refuse_closed(dispute, "signed")
    refuse_team(by, dispute.teams, "sign")
    if by in dispute.signed:
        raise UsageError(f"{by} has signed this verdict of '{name}' already.")
    return _act(project, dispute, "sign", on=on, by=by)


def close(project: Project, name: str, *, agreed: str, on: date) -> Dispute:
    """Close a dispute with what was agreed; UsageError while a team has not signed the verdict."""
    dispute = intact(project, name)
    _refuse_closed(dispute, "closed")
    missing = [team for team in dispute.teams if team not in dispute.signed]
    if missing:
        has = "has" if len(missing) == 1 else "have"
        raise UsageError(
            f"'{name}' cannot be closed: {' and '.join(missing)} {has} not signed its "
            f"verdict. Run `funnel dispute sign {name} --as {missing[0]} --on DAY`."
        )
    if not agreed.strip():
        raise UsageError('Say what was agreed: --agreed "Sales calls within 4 hours, from 1 June on."')
    return _act(project, dispute, "close", on=on, text=agreed.strip())


def reopen(project: Project, name: str, *, because: str, on: date) -> Dispute:
    """Reopen a closed dispute: both teams must sign again before it can be closed again."""
    dispute = intact(project, name)
    if dispute.state != "closed":
        raise UsageError(f"'{name}' is not closed, so it cannot be reopened.")
    if not because.strip():
        raise UsageError('Say why it is reopened: --because "The export lacked two weeks of calls."')
    return _act(project, dispute, "reopen", on=on, text=because.strip())


def _act(
    project: Project, dispute: Dispute, act: str, *, on: date, by: str | None = None, text: str | None = None
) -> Dispute:
    last = dispute.acts[-1].on
    if on < last:
        raise UsageError(f"{on} is before the last act of '{dispute.name}' ({last}). Acts come in order.")
    with alone(dispute.folder):
        acts = ledger.read(dispute.folder)
        if len(acts) != len(dispute.acts):
            raise UsageError(f"Another act on '{dispute.name}' came in between. Look at it, then try again.")
        files = ledger.hashes(dispute.folder)
        more = ledger.following(acts, act, on=on, by=by, text=text, files=files)
        ledger.write(dispute.folder, [*acts, more])
    return read(project, dispute.name)


def _refuse_closed(dispute: Dispute, done: str) -> None:
    if dispute.state == "closed":
        raise UsageError(
            f"'{dispute.name}' was closed on {dispute.acts[-1].on}, so it cannot be {done}. "
            f'Run `funnel dispute reopen {dispute.name} --because "..." --on DAY` first.'
        )
