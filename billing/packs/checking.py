"""What the rules refuse in a pack: references to nothing, and rows that cannot be, one rule a function."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from billing.models import ChargeKind, RebateKind, RevenueStatus, UtilityBill
from billing.packs.posted import what_is_posted_stays
from billing.packs.problems import Problem, problem
from billing.packs.reading import Values
from billing.packs.schema import TABLES, Column, Table
from billing.packs.world import State, World
from services.models import Agreement

Fault = tuple[str, Any, str]


def check(world: World) -> list[Problem]:
    """Return everything the rules refuse, in the order of the files and their rows."""
    found = [*world.pack.problems]
    for table in TABLES.values():
        found += _references(world, table)
        found += _strangers(world, table)
        found += _rows(world, table)
    for rule in (spaces_not_twice, property_rates, taken_back, nobody_verifies_own, what_is_posted_stays):
        found += rule(world)
    order = {name: position for position, name in enumerate(TABLES)}
    return sorted(found, key=lambda one: (order.get(one.file, len(order)), one.row or 0))


# References


def _references(world: World, table: Table) -> Iterator[Problem]:
    for column in table.references:
        if column.refers_to in world.pack.unreadable_tables:
            continue
        broken = world.pack.unreadable.get(column.refers_to, set())
        for _key, row in world.rows(table.name):
            value = row.values[column.name]
            if value is not None and (value,) not in broken and not _exists(world, column, value):
                yield problem(table.name, row.number, column.name, value, _nothing(column))
    if table.name == "communities":
        for (code,), row in world.rows(table.name):
            if not (world.is_community(code) and world.scope.may_write(code)):
                yield problem(table.name, row.number, "code", code, _nothing(table.columns["code"]))


def _nothing(column: Column) -> str:
    if column.refers_to == "communities":
        return _("没有这个社区；请核对 12 位代码，要用社区（村）一级的。")
    if column.refers_to == "regions":
        return _("没有这个地区；请核对 12 位代码。")
    if column.refers_to == "categories":
        return _("没有这个功能类别。")
    return _("没有这个编号；请核对，或在数据包的 %s 里补上它。") % column.refers_to


def _exists(world: World, column: Column, value: str) -> bool:
    target = column.refers_to
    if target == "categories":
        return value in world.categories
    if target == "regions":
        return value in world.regions and world.scope.may_write(value)
    if target == "communities":
        return world.is_community(value) and world.scope.may_write(value)
    if (value,) in world.pack.rows.get(target, {}):
        return True
    known = world.known[target].get((value,))
    if known is None:
        return False
    return world.scope.sees_provider(value) if target == "providers" else world.scope.may_write(known.code)


def _strangers(world: World, table: Table) -> Iterator[Problem]:
    """A key that somebody else's row has is told as used, and nothing more about that row."""
    for key, row, known, state in world.states(table.name):
        if known is None or state is State.UNCHANGED and world.scope.is_whole:
            continue
        mine = (
            world.scope.owns_provider(key[0])
            if table.name == "providers"
            else world.scope.may_write(known.code)
        )
        if not mine:
            column = table.key[0]
            yield problem(table.name, row.number, column, key[0], _("编号已被使用，请换一个编号。"))


# One row by itself


def _rows(world: World, table: Table) -> Iterator[Problem]:
    rule = ROW_RULES.get(table.name)
    if rule:
        for _key, row in world.rows(table.name):
            for column, value, text in rule(row.values):
                yield problem(table.name, row.number, column, value, text)


def _blank(values: Values, *columns: str) -> Iterator[Fault]:
    for column in columns:
        if values[column] in (None, ""):
            yield column, None, _("这一格必须填。")


def _in_order(values: Values, start: str, end: str) -> Iterator[Fault]:
    if values[start] and values[end] and values[end] < values[start]:
        yield end, values[end], _("不能早于开始日期 %s。") % values[start]


def _agreement(values: Values) -> Iterator[Fault]:
    yield from _in_order(values, "starts_on", "ends_on")


def _facility(values: Values) -> Iterator[Fault]:
    place = ("longitude", "latitude")
    if any(values[column] is not None for column in place):
        for column, value, _text in _blank(values, *place, "datum"):
            yield column, value, _("经度、纬度和坐标系要一起填。")


def _charge_term(values: Values) -> Iterator[Fault]:
    yield from _blank(values, "rate" if values["kind"] == ChargeKind.PROPERTY_FEE else "monthly_amount")


def _rebate_term(values: Values) -> Iterator[Fault]:
    yield from _blank(values, *REBATE_NEEDS[values["kind"]])


def _meter(values: Values) -> Iterator[Fault]:
    if not 1 <= values["digits"] <= 12:
        yield "digits", values["digits"], _("表的位数在 1 到 12 之间。")


def _reading(values: Values) -> Iterator[Fault]:
    if values["value"] < 0:
        yield "value", values["value"], _("读数不能为负。")


def _bill(values: Values) -> Iterator[Fault]:
    if values["corrects"] is None:
        yield from _blank(values, "period_start", "period_end", "amount")
    else:
        for column in ("period_start", "period_end", "quantity", "amount"):
            if values[column] is not None:
                yield column, values[column], _("冲回的账单没有自己的账期、用量和金额，请留空。")
    if values["quantity"] is not None and values["quantity"] < 0:
        yield "quantity", values["quantity"], _("用量不能为负；退费请先冲回原账单，再录正确的账单。")
    yield from _in_order(values, "period_start", "period_end")


REBATE_NEEDS = {
    RebateKind.PERCENT.value: ("rate",),
    RebateKind.TIERED.value: ("tiers",),
    RebateKind.FIXED.value: ("monthly_amount",),
    RebateKind.IN_KIND.value: ("hours", "unit_value"),
}
ROW_RULES: dict[str, Callable[[Values], Iterator[Fault]]] = {
    "facilities": _facility,
    "agreements": _agreement,
    "charge_terms": _charge_term,
    "rebate_terms": _rebate_term,
    "meters": _meter,
    "readings": _reading,
    "bills": _bill,
}


# Rows beside each other


def spaces_not_twice(world: World) -> Iterator[Problem]:
    """Two agreements of one facility and space, both given, never run at the same time."""
    mine = {ref: row for (ref,), row in world.rows("agreements") if row.values["space"]}
    facilities = {row.values["facility_ref"] for row in mine.values()}
    others = Agreement.objects.filter(facility__ref__in=facilities).exclude(space="")
    spaces: dict[tuple[str, str], list[tuple[date, date, str]]] = defaultdict(list)
    rows = others.values_list("ref", "facility__ref", "space", "starts_on", "ends_on").iterator()
    for ref, facility, space, starts_on, ends_on in rows:
        if (ref,) not in world.pack.rows["agreements"]:
            spaces[facility, space].append((starts_on or date.min, ends_on or date.max, ref))
    for ref, row in mine.items():
        values = row.values
        span = (values["starts_on"] or date.min, values["ends_on"] or date.max, ref)
        spaces[values["facility_ref"], values["space"]].append(span)
    for (_facility_ref, space), spans in spaces.items():
        for ref, other in _overlaps(sorted(spans)):
            told, against = (ref, other) if ref in mine else (other, ref)
            if told in mine:
                text = _("同一空间在这段时间已有另一份协议 %s。") % against
                yield problem("agreements", mine[told].number, "space", space, text)


def _overlaps(spans: list[tuple[date, date, str]]) -> Iterator[tuple[str, str]]:
    """Each agreement that begins before the longest one before it has ended, with that one."""
    longest: tuple[date, str] | None = None
    for starts_on, ends_on, ref in spans:
        if longest and starts_on <= longest[0]:
            yield ref, longest[1]
        if longest is None or ends_on > longest[0]:
            longest = (ends_on, ref)


def property_rates(world: World) -> Iterator[Problem]:
    """A property rate is not above the residential one of its facility when either is entered."""
    entered = {
        ref for (ref,), _row, _known, state in world.states("facilities") if state is not State.UNCHANGED
    }
    for _key, row, _known, state in world.states("charge_terms"):
        rate = row.values["rate"]
        agreement = world.find("agreements", row.values["agreement_ref"])
        facility = world.find("facilities", agreement["facility_ref"]) if agreement else None
        if rate is None or row.values["kind"] != ChargeKind.PROPERTY_FEE or not agreement or not facility:
            continue
        highest = facility["residential_property_rate"]
        is_entered = state is not State.UNCHANGED or agreement["facility_ref"] in entered
        if is_entered and highest is not None and rate > highest:
            text = _("物业费单价不得高于本小区住宅标准 %s 元。") % highest
            yield problem("charge_terms", row.number, "rate", rate, text)


def taken_back(world: World) -> Iterator[Problem]:
    """A bill is taken back once, where it was billed, and a taking back not at all."""
    rows = {ref: row for (ref,), row in world.rows("bills") if row.values["corrects"]}
    first: dict[str, str] = dict(
        UtilityBill.objects.filter(corrects__ref__in={row.values["corrects"] for row in rows.values()})
        .exclude(
            ref__in=list(world.pack.rows.get("bills", {}) and (key[0] for key in world.pack.rows["bills"]))
        )
        .values_list("corrects__ref", "ref")
    )
    for ref, row in rows.items():
        target = row.values["corrects"]
        for column, text in _wrong_taking_back(row.values, world.find("bills", target)):
            yield problem("bills", row.number, column, row.values[column], text)
        if target in first:
            text = _("这张账单已经由 %s 冲回；一张账单只能冲回一次。") % first[target]
            yield problem("bills", row.number, "corrects", target, text)
        first.setdefault(target, ref)


def _wrong_taking_back(values: Values, target: Values | None) -> Iterator[tuple[str, str]]:
    if target is None:
        return
    if target["corrects"] is not None:
        yield "corrects", _("它本身就是冲回单，不能再冲回；请用新的编号录正确的账单。")
        return
    for column in ("facility_ref", "utility"):
        if values[column] != target[column]:
            yield column, _("冲回的账单要和原账单一致（原为 %s）。") % target[column]


def nobody_verifies_own(world: World) -> Iterator[Problem]:
    """Who brings in revenue does not verify it; another person does, in the portal."""
    if world.scope.is_whole:
        return
    for _key, row, _known, state in world.states("revenue"):
        if state is not State.UNCHANGED and row.values["status"] == RevenueStatus.VERIFIED:
            text = _("收入要由录入人以外的人核实：请填 submitted，再请同事在系统里核实。")
            yield problem("revenue", row.number, "status", row.values["status"], text)
