"""A close loads only the readings it can come upon, and measures what the whole history would."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.loading_readings import load_readings
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

    loaded = load_readings([meter.community_id], START)[meter.pk]

    assert [one.read_on.month for one in loaded] == [8, 9]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=READINGS)
def test_what_is_loaded_measures_as_the_whole_history_does(readings: list[tuple[dt.date, str, int]]):
    Reading.objects.all().delete()
    meter = MeterFactory()
    Reading.objects.bulk_create(
        Reading(meter=meter, read_on=on, kind=kind, value=value) for on, kind, value in readings
    )
    whole = load_readings([meter.community_id], None).get(meter.pk, ())

    needed = load_readings([meter.community_id], START).get(meter.pk, ())

    assert whole == in_order(whole)
    assert measure(Meter("M", needed), START, END) == measure(Meter("M", whole), START, END)
