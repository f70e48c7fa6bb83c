"""What the teams aim at: the verdict's horizon, and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.contract.document import Item
from funnel.contract.durations import read_duration
from funnel.contract.model import Sla, Stage, Target
from funnel.contract.slas import read_share
from funnel.contract.vocabulary import KPI_KINDS, PERIODS

TARGET_KEYS = ("kpi", "owners", "target", "per", "within", "weight")
TARGET_REQUIRED = {"kpi": "kpi: leads", "owners": "owners: [marketing]", "target": "target: 100"}
VERDICT_REQUIRED = {"horizon": "horizon: 90 days", "landmark": "landmark: 14 days"}
PERIOD_KINDS = ("count", "amount")


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
    """Return KPI -> kind (count, rate, amount, cost, ...) for all that this contract has."""
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
        weight=_weight(members["weight"]) if "weight" in members else 1.0,
    )


def _kpi(item: Item, kinds: Mapping[str, str]) -> str:
    first, _, last = item.words("a KPI").partition("_to_")
    if kinds.get(f"{last}_to_{first}") == "conversion":
        raise item.error(f"{item.found} runs against the order of the funnel. Write {last}_to_{first}.")
    return item.choice(kinds, "a KPI of this contract", "KPIs")


def _aim(item: Item, kind: str) -> float:
    return read_share(item) if kind in ("rate", "conversion") else _positive(item)


def _positive(item: Item) -> float:
    number = item.number()
    if number <= 0:
        raise item.error(f"expected a number above 0, found {item.found}.")
    return number


def _weight(item: Item) -> float:
    """Read a weight; 0 is a target that is watched and takes no part in the shared index."""
    number = item.number()
    if number < 0:
        raise item.error(f"a weight is 0 or more, found {item.found}.")
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
