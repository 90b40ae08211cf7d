"""What is posted stays: PostgreSQL refuses whoever tries to change it, by whatever way."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from billing import closing
from billing.models import (
    BillSharing,
    Charge,
    CommunityMonth,
    Entry,
    Line,
    MonthClose,
    Rebate,
    Share,
    UtilityBill,
)
from portal.models import AuditEntry
from tests.billing.worlds import OCTOBER, close, world
from tests.factories import BillFactory, ChargeTermFactory, MeterFactory, ReadingFactory, RevenueFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "break_it",
    [
        lambda: Line.objects.update(amount=1),
        lambda: Line.objects.all()._raw_delete("default"),
        lambda: Entry.objects.update(number=99),
        lambda: AuditEntry.objects.update(action="x"),
        lambda: MonthClose.objects.update(state="draft"),
        lambda: UtilityBill.objects.update(amount=1),
        lambda: Share.objects.update(amount=1),
        lambda: Share.objects.all()._raw_delete("default"),
        lambda: Share.objects.create(
            sharing=BillSharing.objects.first(), quantity=1, gross=1, subsidy=0, amount=1, agreement_id=None
        ),
        lambda: Rebate.objects.update(amount=1),
        lambda: CommunityMonth.objects.update(closing=1),
        lambda: CommunityMonth.objects.all()._raw_delete("default"),
        lambda: Line.objects.create(
            entry=Entry.objects.first(), position=9, account=Line.objects.first().account, amount=1
        ),
    ],
)
def test_postgresql_refuses_to_touch_what_is_posted(break_it):
    close(world())

    with pytest.raises(DatabaseError), transaction.atomic():
        break_it()


def test_a_reading_up_to_the_last_posted_month_stays_and_a_later_one_may_change():
    here = world()
    meter = MeterFactory(agreement=here.shops[0])
    old = ReadingFactory(meter=meter)
    new = ReadingFactory(meter=meter, read_on=dt.date(2026, 10, 31))
    close(here)

    new.value += 1
    new.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        old.delete()


@pytest.mark.parametrize("rows", [BillSharing, Charge, Rebate])
def test_a_row_of_an_open_month_cannot_be_moved_into_a_posted_one(rows):
    here = world()
    close(here)
    posted = MonthClose.objects.get()
    BillFactory(facility=here.bill.facility, october=True)
    RevenueFactory(agreement=here.shops[0], month=OCTOBER)
    ChargeTermFactory(agreement=here.shops[0], from_month=OCTOBER)
    closing.draft(OCTOBER, [here.code])
    drafted = rows.objects.exclude(close=posted)
    assert drafted.exists()

    with pytest.raises(DatabaseError, match="posted month"), transaction.atomic():
        drafted.update(close=posted)
