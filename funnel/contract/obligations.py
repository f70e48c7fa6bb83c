"""What the teams owe each other: SLAs, the verdict's horizon, and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.contract.document import Item
from funnel.contract.durations import is_day_unit, read_duration
from funnel.contract.model import Sla, Stage, Target
from funnel.contract.vocabulary import CLOCKS, KPI_KINDS, PERIODS, SLA_NAMES

SLA_KEYS = ("name", "clock", "within", "attempts", "attainment", "applies_to")
SLA_REQUIRED = {"name": "name: first_touch", "within": "within: 4 h"}
TARGET_KEYS = ("kpi", "owners", "target", "per", "within", "weight")
TARGET_REQUIRED = {"kpi": "kpi: leads", "owners": "owners: [marketing]", "target": "target: 100"}
VERDICT_REQUIRED = {"horizon": "horizon: 90 days", "landmark": "landmark: 14 days"}
PERIOD_KINDS = ("count", "amount")


def read_slas(item: Item, handoff_stages: Sequence[str]) -> tuple[Sla, ...]:
    """Read the list of SLAs; each name once."""
    slas: dict[str, Sla] = {}
    for element in item.listed("a list of SLAs"):
        sla = _sla(element, handoff_stages)
        if sla.name in slas:
            raise element.error(f"the SLA '{sla.name}' is given twice. Keep one.")
        slas[sla.name] = sla
    return tuple(slas.values())


def _sla(item: Item, handoff_stages: Sequence[str]) -> Sla:
    members = item.keys(SLA_KEYS, "an SLA", SLA_REQUIRED)
    name = members["name"].choice(SLA_NAMES, "an SLA")
    if name == "cadence" and "attempts" not in members:
        raise item.error("a cadence needs a number of attempts. Write for example `attempts: 6`.")
    if name != "cadence" and "attempts" in members:
        raise members["attempts"].error("attempts belong to the SLA 'cadence' only. Remove them here.")
    seconds, unit = read_duration(members["within"])
    stage = members.get("applies_to")
    return Sla(
        name=name,
        clock=_clock(item, members, unit),
        within_seconds=seconds,
        attempts=_attempts(members["attempts"]) if "attempts" in members else None,
        attainment=_share(members["attainment"]) if "attainment" in members else None,
        stage=stage.choice(handoff_stages, "a stage with a hand-off", "Those with one") if stage else None,
    )


def _clock(item: Item, members: Mapping[str, Item], unit: str) -> str:
    if "clock" not in members:
        if not is_day_unit(unit):
            raise item.error("hours need a clock. Write `clock: business` or `clock: elapsed`.")
        return "elapsed"
    clock = members["clock"].choice(CLOCKS, "a clock")
    if clock == "business" and is_day_unit(unit):
        raise members["within"].error(
            "a business clock counts working hours, not days. Write hours (two days of 8 h are 16 h) "
            "or `clock: elapsed`."
        )
    return clock


def _attempts(item: Item) -> int:
    number = item.number("a number of attempts")
    if number < 1 or number % 1:
        raise item.error(f"expected a whole number of attempts, at least 1, found {item.found}.")
    return int(number)


def _share(item: Item) -> float:
    share = item.number("a rate between 0 and 1")
    if not 0 <= share <= 1:
        hint = f" {share:g} % is written {share / 100:g}." if 1 < share <= 100 else ""
        raise item.error(f"a rate lies between 0 and 1, found {item.found}.{hint}")
    return share


def read_verdict(item: Item) -> tuple[int, int]:
    """Read horizon and landmark, in seconds; the landmark lies before the horizon."""
    members = item.keys(("horizon", "landmark"), "the verdict", VERDICT_REQUIRED)
    horizon, _ = read_duration(members["horizon"])
    landmark, _ = read_duration(members["landmark"])
    if landmark >= horizon:
        ends = f"({members['landmark'].text}) must lie before the horizon ({members['horizon'].text})"
        raise members["landmark"].error(f"the landmark {ends}. Shorten it.")
    return horizon, landmark


def kpi_kinds(stages: Sequence[Stage], slas: Sequence[Sla]) -> dict[str, str]:
    """Return KPI -> kind (count, rate, amount, cost, ratio, conversion) for all that this contract has."""
    names = [stage.name for stage in stages]
    pairs = [f"{a}_to_{b}" for i, a in enumerate(names) for b in names[i + 1 :]]
    return {
        **KPI_KINDS,
        **dict.fromkeys((f"{sla.name}_attainment" for sla in slas), "rate"),
        **dict.fromkeys(names, "count"),
        **dict.fromkeys(pairs, "conversion"),
    }


def read_targets(
    item: Item, kinds: Mapping[str, str], teams: Sequence[str], horizon: int
) -> tuple[Target, ...]:
    """Read the list of targets; each KPI once. A conversion without a window takes the horizon."""
    targets: dict[str, Target] = {}
    for element in item.listed("a list of targets"):
        target = _target(element, kinds, teams, horizon)
        if target.kpi in targets:
            raise element.error(f"the KPI '{target.kpi}' has a target already. Keep one.")
        targets[target.kpi] = target
    return tuple(targets.values())


def _target(item: Item, kinds: Mapping[str, str], teams: Sequence[str], horizon: int) -> Target:
    members = item.keys(TARGET_KEYS, "a target", TARGET_REQUIRED)
    kpi = _kpi(members["kpi"], kinds)
    kind = kinds[kpi]
    return Target(
        kpi=kpi,
        kind=kind,
        owners=tuple(
            owner.choice(teams, "a team that signed", "Teams") for owner in members["owners"].listed()
        ),
        target=_aim(members["target"], kind),
        per=_per(item, members, kind),
        within_seconds=_window(members, kind, horizon),
        weight=_positive(members["weight"]) if "weight" in members else 1.0,
    )


def _kpi(item: Item, kinds: Mapping[str, str]) -> str:
    first, _, last = item.words("a KPI").partition("_to_")
    if kinds.get(f"{last}_to_{first}") == "conversion":
        raise item.error(f"{item.found} runs against the order of the funnel. Write {last}_to_{first}.")
    return item.choice(kinds, "a KPI of this contract", "KPIs")


def _aim(item: Item, kind: str) -> float:
    return _share(item) if kind in ("rate", "conversion") else _positive(item)


def _positive(item: Item) -> float:
    number = item.number()
    if number <= 0:
        raise item.error(f"expected a number above 0, found {item.found}.")
    return number


def _per(item: Item, members: Mapping[str, Item], kind: str) -> str | None:
    if "per" in members and kind not in (*PERIOD_KINDS, "cost"):
        raise members["per"].error(f"a {kind} is the same for any period. Remove `per`.")
    if "per" not in members and kind in PERIOD_KINDS:
        raise item.error(
            f"'{members['kpi'].text}' needs a period. Write `per: week`, `per: month` or `per: quarter`."
        )
    return members["per"].choice(PERIODS, "a period") if "per" in members else None


def _window(members: Mapping[str, Item], kind: str, horizon: int) -> int | None:
    if "within" in members and kind != "conversion":
        raise members["within"].error("only a conversion (STAGE_to_STAGE) has a window. Remove `within`.")
    if kind != "conversion":
        return None
    return read_duration(members["within"])[0] if "within" in members else horizon
