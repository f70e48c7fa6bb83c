"""What a contract says, as frozen records; nothing here reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from funnel.errors import UsageError, did_you_mean


@dataclass(frozen=True)
class Clause:
    """One condition: a value that a lead has (`kind` "field") or a thing that happened (the other kinds).

    `op` is one of in, not_in, at_least, at_most, between (both ends included), present, valid_email.
    `values` keep the spelling of the file; they are matched on trimmed text, whatever the case.
    """

    kind: str
    op: str
    field: str | None = None
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Stage:
    """One stage: who owns it, what makes a lead enter, and what a lead that enters should satisfy.

    `entered_when` lists alternatives; each is a tuple of clauses that must hold together.
    """

    name: str
    title: str
    position: int
    owner: str
    entered_when: tuple[tuple[Clause, ...], ...]
    must_meet: tuple[Clause, ...] = ()
    hands_to: str | None = None


@dataclass(frozen=True)
class Handoff:
    """Entering `stage` hands the lead from one team to another, which owes work from then on."""

    stage: str
    from_team: str | None
    to_team: str


@dataclass(frozen=True)
class Exit:
    """A way out of the funnel (rejected, recycled or lost) and the label that records it."""

    name: str
    when: Clause


@dataclass(frozen=True)
class Calendar:
    """Working time: `hours` holds, for Monday to Sunday, intervals in seconds since local midnight.

    `country` is a code of the `holidays` library such as DE or DE-BE; `free_on` lists single free days;
    `holiday_hours` gives dates hours of their own (none: closed), whatever weekday or holiday they are.
    """

    name: str
    zone: str
    hours: tuple[tuple[tuple[int, int], ...], ...]
    country: str | None = None
    free_on: tuple[date, ...] = ()
    holiday_hours: tuple[tuple[date, tuple[tuple[int, int], ...]], ...] = ()


@dataclass(frozen=True)
class Sla:
    """What the receiving team owes after a hand-off; `stage` None means every hand-off.

    Several of one name are tiers: the first whose clauses (`when`) all hold at the hand-off counts, and the
    last has none. `tier` is "all" where there are no tiers.
    """

    name: str
    clock: str
    within_seconds: int
    attempts: int | None = None
    attainment: float | None = None
    stage: str | None = None
    tier: str = "all"
    when: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Target:
    """An agreed value of a KPI; rates are 0-1, `within_seconds` is the window of a conversion."""

    kpi: str
    kind: str
    owners: tuple[str, ...]
    target: float
    per: str | None = None
    within_seconds: int | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Terms:
    """The constants that a contract names (`contract.terms.KINDS`), and what spend counts as paid (kinds).

    Shares are 0-1, lengths are seconds.
    """

    values: tuple[tuple[str, float], ...] = ()
    paid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """One version of the agreement; in force from local midnight of `effective_on` in its own zone.

    `pause` is the status in which the clocks of a hand-off stand still.
    """

    version: str
    effective_on: date
    approved_by: tuple[tuple[str, str], ...]
    calendars: tuple[Calendar, ...]
    stages: tuple[Stage, ...]
    horizon_seconds: int
    landmark_seconds: int
    company: str | None = None
    currency: str = "EUR"
    icp: tuple[Clause, ...] = ()
    exits: tuple[Exit, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    required_at_handoff: tuple[str, ...] = ()
    slas: tuple[Sla, ...] = ()
    targets: tuple[Target, ...] = ()
    pause: Clause | None = None
    terms: Terms = Terms()

    @property
    def zone(self) -> str:
        """The zone of the default calendar, in which days, weeks and months are cut."""
        return self.calendars[0].zone

    @property
    def effective_at(self) -> datetime:
        """The UTC instant (naive) from which this version is in force."""
        local = datetime.combine(self.effective_on, time(), ZoneInfo(self.zone))
        return local.astimezone(UTC).replace(tzinfo=None)

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that signed, in the order of the file."""
        return tuple(team for team, _ in self.approved_by)

    @property
    def handoffs(self) -> tuple[Handoff, ...]:
        """The hand-offs: entries into stages that say `hands_to`; if none does, changes of owner."""
        before = (None, *(stage.owner for stage in self.stages))
        pairs = list(zip(before, self.stages, strict=False))
        said = any(stage.hands_to for stage in self.stages)
        if not said:
            return tuple(Handoff(s.name, b, s.owner) for b, s in pairs if b not in (None, s.owner))
        return tuple(
            Handoff(s.name, b if s.owner == s.hands_to else s.owner, s.hands_to)
            for b, s in pairs
            if s.hands_to
        )

    def stage(self, name: str) -> Stage:
        """Return the stage of that name; UsageError names the nearest one and lists them all."""
        by_name = {stage.name: stage for stage in self.stages}
        if name not in by_name:
            raise UsageError(
                f"Contract {self.version} has no stage '{name}'.{did_you_mean(name, by_name)} "
                f"Its stages, in funnel order: {', '.join(by_name)}."
            )
        return by_name[name]


@dataclass(frozen=True)
class Contracts:
    """All versions, oldest first; the first also covers everything before it."""

    versions: tuple[Contract, ...]

    @property
    def latest(self) -> Contract:
        """The newest version, in force or not yet."""
        return self.versions[-1]

    def in_force(self, instant: datetime) -> Contract:
        """Return the version in force at a naive UTC instant (half-open: from its first instant on)."""
        begun = [contract for contract in self.versions if contract.effective_at <= instant]
        return begun[-1] if begun else self.versions[0]

    def version(self, name: str) -> Contract:
        """Return the version of that name; UsageError names the nearest one and lists them all."""
        by_name = {contract.version: contract for contract in self.versions}
        if name not in by_name:
            raise UsageError(
                f"There is no contract version '{name}'.{did_you_mean(name, by_name)} "
                f"Versions, oldest first: {', '.join(by_name)}."
            )
        return by_name[name]
