"""What is posted is never touched: rows a posted month has taken, and what its figures stand on."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from billing.models import Charge, CloseState, Correction, MonthClose, Payment, Rebate, Share, UtilityBill
from billing.packs.problems import Problem, problem
from billing.packs.reading import Values
from billing.packs.schema import POSTED, TABLES
from billing.packs.world import Known, State, World
from portal.months import Month


def what_is_posted_stays(world: World) -> Iterator[Problem]:
    """Every change the pack makes to something posted, asked once for all rows of a table."""
    for table in POSTED:
        yield from _taken_rows(world, table)
    until = _posted_until(world)
    yield from _openings(world, until)
    yield from _readings(world, until)
    yield from _moves(world)


def differing(known: Values, values: Values) -> str:
    """The first column in which a row differs from the one that is there."""
    return next(name for name, value in values.items() if known[name] != value)


def _changes(world: World, table: str) -> list[tuple[Any, Any, Known]]:
    return [
        (key, row, known)
        for key, row, known, state in world.states(table)
        if known is not None and state is State.CHANGED
    ]


def _taken_rows(world: World, table: str) -> Iterator[Problem]:
    changes = _changes(world, table)
    if not changes:
        return
    rows = TABLES[table].model._default_manager.filter(
        pk__in=[known.pk for _key, _row, known in changes], close__isnull=False
    )
    taken = dict(rows.values_list("pk", "close__month"))
    for key, row, known in changes:
        if known.pk in taken:
            column = differing(known.values, row.values)
            yield problem(
                table, row.number, column, row.values[column], _stays(table, key[0], taken[known.pk])
            )


def _stays(table: str, ref: str, month: str) -> str:
    if table == "bills":
        text = _(
            "已入 %(month)s 的账，不能再改；要更正，请另录一张冲回单（corrects 填 %(ref)s），再用新编号录正确的账单。"
        )
    else:
        text = _("已入 %(month)s 的账，不能再改；要更正，请用新编号另录一笔。")
    return text % {"month": month, "ref": ref}


def _posted_until(world: World) -> dict[str, Month]:
    """The last posted month of each community that has readings or opening balances in the pack."""
    codes = {world.code_of("opening_balances", row.values) for _key, row in world.rows("opening_balances")}
    codes |= {known.code for _key, _row, known in _changes(world, "readings")}
    if not codes:
        return {}
    posted = MonthClose.objects.posted().filter(community__in=codes - {None}).order_by()
    last = posted.values_list("community_id").annotate(last=Max("month"))
    return {code: Month.parse(month) for code, month in last}


def _openings(world: World, until: dict[str, Month]) -> Iterator[Problem]:
    for (code, _fund), row, _known, state in world.states("opening_balances"):
        if state is not State.UNCHANGED and code in until:
            text = _("%s 已入账；期初余额只能在第一次结账前填，之后请录资金补入或划转。") % until[code]
            yield problem("opening_balances", row.number, "amount", row.values["amount"], text)


def _readings(world: World, until: dict[str, Month]) -> Iterator[Problem]:
    for _key, row, known in _changes(world, "readings"):
        last = until.get(known.code or "")
        if last and row.values["read_on"] <= last.last:
            text = _("%(month)s 已入账，这个读数（原为 %(value)s）不能再改；可以新加一条读数。")
            told = text % {"month": last, "value": known.values["value"]}
            yield problem("readings", row.number, "value", row.values["value"], told)


def _moves(world: World) -> Iterator[Problem]:
    """A facility, agreement or bill that goes elsewhere takes nothing posted with it."""
    for table, column, held in (
        ("facilities", "community_code", _posted_facilities),
        ("agreements", "facility_ref", _posted_agreements),
        ("bills", "facility_ref", _bills_paid_in_posted_months),
    ):
        moved = [
            (row, known)
            for _key, row, known in _changes(world, table)
            if known.values[column] != row.values[column]
        ]
        if not moved:
            continue
        stays = held([known.pk for _row, known in moved])
        for row, known in moved:
            if known.pk in stays:
                text = (
                    _("它已有入账的数据，不能改到别处（现在是 %s）；请另建一个新编号。")
                    % known.values[column]
                )
                yield problem(table, row.number, column, row.values[column], text)


def _posted_facilities(pks: Iterable[int]) -> set[int]:
    bills = UtilityBill.objects.filter(facility__in=pks, close__isnull=False)
    found = set(bills.values_list("facility_id", flat=True))
    for queryset in _rows_of_agreements():
        found |= set(
            queryset.filter(agreement__facility__in=pks).values_list("agreement__facility_id", flat=True)
        )
    return found


def _posted_agreements(pks: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for queryset in _rows_of_agreements():
        found |= set(queryset.filter(agreement__in=pks).values_list("agreement_id", flat=True))
    return found


def _rows_of_agreements() -> list[Any]:
    posted = CloseState.POSTED
    return [
        Share.objects.filter(sharing__close__state=posted),
        Charge.objects.filter(close__state=posted),
        Rebate.objects.filter(close__state=posted),
        Correction.objects.filter(close__isnull=False),
    ]


def _bills_paid_in_posted_months(pks: Iterable[int]) -> set[int]:
    return set(Payment.objects.filter(bill__in=pks, close__isnull=False).values_list("bill_id", flat=True))
