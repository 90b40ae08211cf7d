"""Must hold 2: what the order of things, repetition and correction may not change."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from billing import closing
from billing.exports import rows
from billing.models import CommunityMonth, Line, Rebate, Share, UtilityBill
from tests.billing.worlds import OCTOBER, SEPTEMBER, World, faults, world
from tests.effort import examples
from tests.factories import (
    AgreementFactory,
    BillFactory,
    RebateTermFactory,
    RevenueFactory,
    UtilityTermFactory,
)

pytestmark = pytest.mark.django_db

MONEY = st.decimals(Decimal("0"), Decimal("999999.99"), places=2)
AREA = st.decimals(Decimal("0"), Decimal("900"), places=2)
CODES = ("610102002006", "610102002007", "610104004019", "610116001060")


@contextmanager
def undone() -> Iterator[None]:
    """One example of many: whatever it writes is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def exported(month: str = SEPTEMBER) -> dict[str, Any]:
    return {file: rows(file, month) for file in ("shares", "charges", "rebates", "closes")}


def mixed(code: str, amount: Decimal, areas: list[Decimal], revenue: Decimal) -> World:
    """A community with shops by area, by law and with a subsidy, a tiered give-back and a bill."""
    here = world(code=code)
    UtilityBill.objects.filter(pk=here.bill.pk).update(amount=amount)
    facility = here.bill.facility
    for number, area in enumerate(areas):
        shop = AgreementFactory(facility=facility, area_m2=area, ref=f"{code}-{number}")
        if number % 3 == 0:
            UtilityTermFactory(
                agreement=shop, shared=True, weight=area, subsidised=True, price_class="residential"
            )
    RebateTermFactory(agreement=here.shops[1], tiered=True, ref=f"{code}-T", welfare_percent=20)
    RevenueFactory(agreement=here.shops[1], amount=revenue, verified=True)
    return here


@given(amount=MONEY, areas=st.lists(AREA, max_size=5), revenue=MONEY)
@examples(15)
def test_the_parts_of_a_bill_are_the_bill_and_the_books_balance(amount, areas, revenue):
    with undone():
        here = mixed(CODES[0], amount, areas, revenue)

        closing.close_batch(SEPTEMBER, [here.code])

        shares = Share.objects.all()
        assert sum(share.gross for share in shares) == amount
        assert sum(share.quantity for share in shares) == here.bill.quantity
        assert sum(line.amount for line in Line.objects.all()) == 0
        assert faults() == []


@given(order=st.permutations(range(4)), cut=st.integers(0, 4), areas=st.lists(AREA, max_size=4))
@examples(8)
def test_the_order_of_closing_and_the_batches_change_nothing(order, cut, areas):
    results = []
    for codes, at in ((list(CODES), 4), ([CODES[index] for index in order], cut)):
        with undone():
            for number, code in enumerate(CODES):
                make_numbered(number, code, areas)
            for batch in (codes[:at], codes[at:]):
                closing.close_batch(SEPTEMBER, batch)
            results.append(exported())

    assert results[0] == results[1]


def make_numbered(number: int, code: str, areas: list[Decimal]) -> None:
    """The same community with the same refs whatever was made before."""
    here = mixed(code, Decimal("979.59") + number, areas, Decimal("86431.50"))
    UtilityBill.objects.filter(pk=here.bill.pk).update(ref=f"{code}-B")
    for index, shop in enumerate(here.shops):
        shop.ref = f"{code}-S{index}"
        shop.save(update_fields=["ref"])
        shop.rebate_terms.exclude(ref__startswith=code).update(ref=f"{code}-R{index}")


@given(first=MONEY, then=MONEY)
@examples(12)
def test_closing_then_adjusting_is_closing_once_with_the_final_figure(first, then):
    with undone():
        here = world()
        here.revenue.amount = first
        here.revenue.save(update_fields=["amount"])
        closing.close_batch(SEPTEMBER, [here.code])
        here.revenue.amount = then
        here.revenue.save(update_fields=["amount"])
        closing.close_batch(OCTOBER, [here.code])
        adjusted = sum(row.amount for row in Rebate.objects.filter(month=SEPTEMBER))
    with undone():
        here = world()
        here.revenue.amount = then
        here.revenue.save(update_fields=["amount"])
        closing.close_batch(SEPTEMBER, [here.code])
        once = Rebate.objects.get(month=SEPTEMBER).amount

    assert adjusted == once


@given(wrong=MONEY, right=MONEY)
@examples(12)
def test_correcting_a_bill_and_entering_the_right_one_is_having_had_the_right_one(wrong, right):
    with undone():
        here = world()
        UtilityBill.objects.filter(pk=here.bill.pk).update(amount=wrong)
        closing.close_batch(SEPTEMBER, [here.code])
        BillFactory(facility=here.bill.facility, takes_back=True, corrects=here.bill)
        BillFactory(facility=here.bill.facility, amount=right, quantity=here.bill.quantity)
        closing.close_batch(OCTOBER, [here.code])
        corrected = paid_by_shop(), closing_balance()
    with undone():
        here = world()
        UtilityBill.objects.filter(pk=here.bill.pk).update(amount=right)
        closing.close_batch(SEPTEMBER, [here.code])
        closing.close_batch(OCTOBER, [here.code])
        had_it = paid_by_shop(), closing_balance()

    assert corrected == had_it


def paid_by_shop() -> list[Decimal]:
    paid: dict[int, Decimal] = {}
    for share in Share.objects.order_by("agreement__area_m2"):
        area = share.agreement.area_m2 if share.agreement else Decimal(0)
        paid[area] = paid.get(area, Decimal(0)) + share.amount
    return [paid[area] for area in sorted(paid)]


def closing_balance() -> Decimal:
    return CommunityMonth.objects.get(month=OCTOBER).closing
