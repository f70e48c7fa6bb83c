"""Conditions of a contract: read into clauses, with `fit: icp` written out."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.contract.document import Item
from funnel.contract.model import Clause
from funnel.contract.vocabulary import EVENT_KEYS, FIELD_OPS, FIELDS, NUMBER_FIELDS, NUMBER_OPS, TEXT_OPS

LEAF_KEYS = ("field", *FIELD_OPS, "status", "fit")
ENTRY_KEYS = (*LEAF_KEYS, *EVENT_KEYS, "all", "any")
LEAF = "a condition"

Clauses = tuple[Clause, ...]


def read_entry(item: Item, icp: Clauses) -> tuple[Clauses, ...]:
    """Read `entered_when`: alternatives, each of them clauses that must hold together."""
    members = item.keys(ENTRY_KEYS, LEAF)
    if "any" in members:
        _alone(item, "any")
        alternatives = tuple(
            _alternative(child, icp) for child in members["any"].listed("a list of conditions")
        )
    else:
        alternatives = (_alternative(item, icp),)
    return alternatives


def read_all(item: Item, icp: Clauses | None) -> Clauses:
    """Read `{all: [...]}`, as in `must_meet` and `icp`: conditions on attributes that all must hold."""
    members = item.keys(("all",), "a group of conditions", {"all": "all: [{field: score, at_least: 60}]"})
    leaves = members["all"].listed("a list of conditions")
    return tuple(clause for leaf in leaves for clause in _leaf(leaf, icp))


def read_exit(item: Item) -> Clause:
    """Read the condition of an exit: `{status: [...]}` or `{event: [...]}`."""
    item.keys(("status", "event"), "the condition of an exit")
    key = _only(item, ("status", "event"))
    return _status(item) if key == "status" else _event(item, key)


def read_when(item: Item, icp: Clauses) -> Clauses:
    """Read the condition of a tier: values that a lead has at its hand-off, one or several in `all`."""
    members = item.keys(ENTRY_KEYS, LEAF)
    event = next((key for key in EVENT_KEYS if key in members), None)
    if event:
        raise item.error(
            f"'{event}' is something that happened; a tier compares the values of a lead at its hand-off. "
            "Write conditions on fields."
        )
    if "any" in members:
        raise item.error("`any` cannot stand in a tier. Write one tier for each alternative.")
    if "all" in members:
        _alone(item, "all")
        return read_all(item, icp)
    return _leaf(item, icp)


def read_pauses(item: Item) -> Clause:
    """Read when clocks stand still: `{status: [...]}`."""
    item.keys(("status",), "the pauses", {"status": "status: [Waiting on customer]"})
    return _status(item)


def _alternative(item: Item, icp: Clauses) -> Clauses:
    members = item.keys(ENTRY_KEYS, LEAF)
    if "any" in members:
        raise item.error("`any` cannot stand inside `any`. List all alternatives in one `any`.")
    if "all" in members:
        _alone(item, "all")
        return read_all(item, icp)
    event = next((key for key in EVENT_KEYS if key in members), None)
    if event:
        _alone(item, event)
        return (_event(item, event),)
    return _leaf(item, icp)


def _leaf(item: Item, icp: Clauses | None) -> Clauses:
    _refuse_in_all(item)
    members = item.keys(LEAF_KEYS, LEAF)
    key = _only(item, ("field", "status", "fit"), also=FIELD_OPS)
    if key == "fit":
        return _fit(members["fit"], icp)
    return (_status(item),) if key == "status" else (_field(item),)


def _refuse_in_all(item: Item) -> None:
    members = item.members or {}
    event = next((key for key in EVENT_KEYS if key in members), None)
    if event:
        raise item.error(
            f"'{event}' is something that happened and cannot stand inside `all`, which compares values. "
            "Make it an alternative of its own in `any`, and put the values into `must_meet`."
        )
    group = next((key for key in ("all", "any") if key in members), None)
    if group:
        raise item.error(f"`{group}` cannot stand inside `all`. Write its conditions into the one list.")


def _fit(item: Item, icp: Clauses | None) -> Clauses:
    item.choice(("icp",), "a profile")
    if icp is None:
        raise item.error("the profile cannot refer to itself. Write conditions on fields.")
    if not icp:
        raise item.error(
            "the contract has no key `icp` to fit. Add one: `icp: {all: [{field: employees, at_least: 50}]}`."
        )
    return icp


def _status(item: Item) -> Clause:
    _alone(item, "status")
    return Clause("field", "in", "status", item.any_keys(LEAF)["status"].labels())


def _event(item: Item, key: str) -> Clause:
    value = item.any_keys(LEAF)[key]
    if key == "created":
        if value.text != "true":
            raise value.error(f"every record is created once: write `created: true`, found {value.found}.")
        return Clause("created", "present")
    if key == "opportunity":
        return Clause(
            "opportunity", "in", values=(value.choice(("created", "won"), "an event of an opportunity"),)
        )
    return Clause(key, "in", values=value.labels("a list of labels"))


def _field(item: Item) -> Clause:
    members = item.any_keys(LEAF)
    field = members["field"].choice(FIELDS, "a field of a lead", "Fields")
    ops = NUMBER_OPS if field in NUMBER_FIELDS else TEXT_OPS
    given = [key for key in members if key != "field"]
    if len(given) != 1:
        raise item.error(
            f"a condition on '{field}' needs one of {', '.join(ops)}; found {', '.join(given) or 'none'}."
        )
    op = members[given[0]]
    if given[0] not in ops:
        kind = "a number" if field in NUMBER_FIELDS else "a text"
        raise op.error(
            f"'{field}' is {kind} and cannot be compared by '{given[0]}'. Use one of {', '.join(ops)}."
        )
    return _compare(field, given[0], op)


def _compare(field: str, op: str, value: Item) -> Clause:
    if op == "is":
        return _is(field, value)
    if op in ("in", "not_in"):
        return Clause("field", op, field, value.labels())
    if op == "between":
        return _between(field, value)
    number = value.number()
    return Clause(
        "field", op, field, low=number if op == "at_least" else None, high=number if op == "at_most" else None
    )


def _is(field: str, value: Item) -> Clause:
    text = value.words("present, valid or a value")
    if text == "present":
        return Clause("field", "present", field)
    if text == "valid" and field == "email":
        return Clause("field", "valid_email", field)
    if text == "valid" or field in NUMBER_FIELDS:
        instead = "between: [a, b]" if field in NUMBER_FIELDS else "is: present"
        raise value.error(f"'{field}' cannot be compared by `is: {text}`. Write `{instead}`.")
    return Clause("field", "in", field, (text,))


def _between(field: str, value: Item) -> Clause:
    numbers = [element.number() for element in value.listed("two numbers such as [50, 5000]")]
    if len(numbers) != 2:
        raise value.error(f"expected two numbers such as [50, 5000], found {len(numbers)}.")
    if numbers[0] > numbers[1]:
        low, high = sorted(numbers)
        raise value.error(
            f"found [{high:g}, {low:g}], but the lower number comes first. Write [{low:g}, {high:g}]."
        )
    return Clause("field", "between", field, low=numbers[0], high=numbers[1])


def _alone(item: Item, key: str) -> None:
    others = [other for other in item.any_keys(LEAF) if other != key]
    if others:
        raise item.error(
            f"'{key}' stands alone; found {', '.join(others)} beside it. Put each into an item of its own."
        )


def _only(item: Item, known: Sequence[str], also: Sequence[str] = ()) -> str:
    members = item.any_keys(LEAF)
    given = [key for key in members if key in known]
    if len(given) != 1:
        found = ", ".join(given or [key for key in members if key in also])
        raise item.error(f"a condition needs one of {', '.join(known)}; found {found or 'none'}.")
    return given[0]
