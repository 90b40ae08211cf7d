"""One bill by every method side by side, before anyone signs (billing-rules 2, last paragraph)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.blocks import Block
from billing.books import Books, FacilityBooks
from billing.loading import load_sharing
from billing.models import Basis, UtilityBill
from billing.money import AREA, MONEY, QUANTITY, WEIGHT, to_units
from billing.sharing import compare_methods
from billing.sharing_values import SUBMETER, Bill, BillSharing
from billing.workbench.place import Place, find, page
from portal.months import Month
from services.models import Agreement

LARGEST = Decimal(10) ** 9


@dataclass(slots=True)
class Column:
    """One method: what each pays by it, or why it cannot be used."""

    method: str
    label: Any
    amounts: dict[str, Decimal] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """One agreement, or the community: what it weighs by each basis, and what it would pay."""

    ref: str
    name: Any
    weights: list[tuple[str, Any, str]]
    cells: list[tuple[Decimal | None, bool]]


@require_GET
def methods(request: HttpRequest, code: str, month: str, pk: int) -> HttpResponse:
    place = find(request, code, month)
    rows = UtilityBill.objects.filter(community=place.community).select_related("facility")
    bill = get_object_or_404(rows, pk=pk)
    if bill.corrects_id or bill.period_start is None or bill.period_end is None or bill.amount is None:
        raise Http404
    books, prices = _loaded(place, bill)
    facility = books.facilities.get(bill.facility_id) or FacilityBooks(bill.facility.ref)
    given = _weights(request, facility, bill)
    columns = _columns(_plain(bill), facility, given, prices, code)
    return page(
        request,
        "billing/workbench/methods.html",
        _("%(ref)s：几种分法比一比") % {"ref": bill.ref},
        place=place,
        bill=bill,
        bases=Basis.choices,
        columns=columns,
        lines=list(_lines(facility, columns, given, bill)),
    )


def _loaded(place: Place, bill: UtilityBill) -> tuple[Books, Any]:
    (books,), prices = load_sharing([place.code])
    return books, prices


def _plain(bill: UtilityBill) -> Bill:
    """Return the bill as the arithmetic takes it."""
    assert bill.period_start is not None
    assert bill.period_end is not None
    assert bill.amount is not None
    return Bill(
        bill.ref,
        bill.utility,
        bill.period_start,
        bill.period_end,
        to_units(bill.amount, MONEY),
        None if bill.quantity is None else to_units(bill.quantity, QUANTITY),
    )


def _weights(request: HttpRequest, facility: FacilityBooks, bill: UtilityBill) -> dict[str, dict[str, int]]:
    """Weights per basis: those asked for, else those agreed, else the area."""
    month = Month.of(bill.period_end)  # type: ignore[arg-type]
    agreed_basis = facility.rule(bill.utility, month).basis
    found: dict[str, dict[str, int]] = {}
    for basis in Basis.values:
        weights = {}
        for agreement in facility.agreements:
            asked = _number(request.GET.get(f"{basis}-{agreement.ref}", ""))
            terms = agreement.occupant(bill.utility, month).terms
            if asked is not None:
                weights[agreement.ref] = to_units(asked, WEIGHT)
            elif basis == agreed_basis and terms and terms.weight is not None:
                weights[agreement.ref] = terms.weight
            elif basis == Basis.AREA and agreement.area_m2 is not None:
                weights[agreement.ref] = agreement.area_m2 * 10 ** (WEIGHT - AREA)
        own = _number(request.GET.get(f"{basis}-", ""))
        rule = facility.rule(bill.utility, month)
        weights[""] = (
            to_units(own, WEIGHT) if own is not None else rule.community_weight * (basis == agreed_basis)
        )
        found[basis] = weights
    return found


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip()).quantize(Decimal("0.0001"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < LARGEST else None


def _columns(
    bill: Bill, facility: FacilityBooks, given: dict[str, dict[str, int]], prices: Any, code: str
) -> list[Column]:
    month = Month.of(bill.period_end)
    compared = compare_methods(
        bill,
        [agreement.occupant(bill.utility, month) for agreement in facility.agreements],
        facility.meters.get(bill.utility, ()),
        weights={basis: _agreements_only(weights) for basis, weights in given.items()},
        community_weights={basis: weights[""] for basis, weights in given.items()},
        price=prices.residential(code, bill.utility, bill.period_end),
    )
    labels = {
        SUBMETER: _("按分表"),
        **{value: _("按%(basis)s") % {"basis": label} for value, label in Basis.choices},
    }
    return [_column(method, labels[method], result) for method, result in compared.items()]


def _agreements_only(weights: dict[str, int]) -> dict[str, int]:
    return {ref: weight for ref, weight in weights.items() if ref}


def _column(method: str, label: Any, result: BillSharing | list[Block]) -> Column:
    if isinstance(result, list):
        return Column(method, label, blocks=result)
    amounts = {share.agreement_ref: Decimal(share.amount).scaleb(-MONEY) for share in result.shares}
    return Column(method, label, amounts)


def _lines(
    facility: FacilityBooks, columns: list[Column], given: dict[str, dict[str, int]], bill: UtilityBill
) -> Iterator[Line]:
    """A line per agreement that takes part, the community last; the lowest and highest are marked."""
    month = Month.of(bill.period_end)  # type: ignore[arg-type]
    active = [one.id for one in facility.agreements if one.active(month)]
    agreements = Agreement.objects.filter(pk__in=active).select_related("provider")
    names: dict[str, Any] = {one.ref: f"{one.provider} {one}" for one in agreements}
    for ref, name in [*sorted(names.items()), ("", _("社区"))]:
        amounts = [column.amounts.get(ref) for column in columns]
        known = [amount for amount in amounts if amount is not None]
        highest = max(known) if len(set(known)) > 1 else None
        weights = [(basis, label, _weight_text(given[basis].get(ref))) for basis, label in Basis.choices]
        yield Line(
            ref, name, weights, [(amount, amount is not None and amount == highest) for amount in amounts]
        )


def _weight_text(weight: int | None) -> str:
    return "" if weight is None else f"{Decimal(weight).scaleb(-WEIGHT).normalize():f}"
