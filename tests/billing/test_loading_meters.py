"""A close loads only the readings it can come upon, and measures what the whole history would."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.books import Books
from billing.loading.meters import load_meters
from billing.metering import Meter, in_order, measure
from billing.models import Reading
from tests.factories import MeterFactory, ReadingFactory

pytestmark = pytest.mark.django_db

START, END = dt.date(2026, 9, 1), dt.date(2026, 9, 30)
DAYS = st.dates(dt.date(2026, 5, 1), dt.date(2026, 10, 10))
KINDS = st.sampled_from(["regular", "regular", "regular", "initial", "final", "estimated"])
READINGS = st.lists(
    st.tuples(DAYS, KINDS, st.integers(0, 2000)), max_size=9, unique_by=lambda one: (one[0], one[1])
)


def test_months_gone_by_are_not_loaded():
    meter = MeterFactory()
    for month in range(1, 10):
        ReadingFactory(meter=meter, read_on=dt.date(2026, month, 28), value=Decimal(month * 100))

    loaded = of_meter(meter, START)

    assert [one.read_on.month for one in loaded.readings] == [8, 9]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=READINGS)
def test_what_is_loaded_measures_as_the_whole_history_does(readings: list[tuple[dt.date, str, int]]):
    Reading.objects.all().delete()
    meter = MeterFactory()
    Reading.objects.bulk_create(
        Reading(meter=meter, read_on=on, kind=kind, value=value) for on, kind, value in readings
    )
    whole = of_meter(meter)

    needed = of_meter(meter, START)

    assert whole.readings == in_order(whole.readings)
    assert measure(needed, START, END) == measure(whole, START, END)


def of_meter(meter, start: dt.date | None = None) -> Meter:
    """The meter as the books of its facility hold it."""
    books = Books(meter.community_id)
    load_meters({meter.community_id: books}, start)
    ((loaded,),) = books.facilities[meter.facility_id].meters.values()
    return loaded
