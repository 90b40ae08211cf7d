"""Coordinates are converted between the three datums and never lose their way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.geo import Point, metres_between
from facilities.models import Datum

CLOSE = 1e-7  # degrees; about a centimetre

places = st.builds(
    Point,
    st.floats(73.5, 134.5, allow_nan=False),
    st.floats(18.5, 53.5, allow_nan=False),
    st.sampled_from(Datum),
)
around_xian = st.builds(Point, st.floats(107.6, 109.9), st.floats(33.7, 34.8), st.sampled_from(Datum))


@given(place=places, datum=st.sampled_from(Datum))
def test_there_and_back_again_is_the_same_place(place, datum):
    back = place.to(datum).to(place.datum)

    assert back.longitude == pytest.approx(place.longitude, abs=CLOSE)
    assert back.latitude == pytest.approx(place.latitude, abs=CLOSE)
    assert back.datum == place.datum


@given(place=places, by_way_of=st.sampled_from(Datum), datum=st.sampled_from(Datum))
def test_every_way_leads_to_the_same_point(place, by_way_of, datum):
    straight, around = place.to(datum), place.to(by_way_of).to(datum)

    assert around.longitude == pytest.approx(straight.longitude, abs=CLOSE)
    assert around.latitude == pytest.approx(straight.latitude, abs=CLOSE)


@given(place=places, datum=st.sampled_from(Datum))
def test_one_place_told_in_two_datums_is_no_distance_apart(place, datum):
    assert metres_between(place, place.to(datum)) == 0


@given(place=around_xian)
def test_datums_lie_some_hundred_metres_apart_around_xian(place):
    """Who mixes them up stands in the wrong street; elsewhere there are spots where they all but agree."""
    wrong = Point(place.longitude, place.latitude, Datum.WGS84 if place.datum != Datum.WGS84 else Datum.GCJ02)

    assert 200 < metres_between(place, wrong) < 2500


@pytest.mark.parametrize(
    ("datum", "longitude", "latitude"),
    [
        (Datum.WGS84, 116.404, 39.915),
        (Datum.GCJ02, 116.41024449916938, 39.91640428150164),
        (Datum.BD09, 116.41662724378733, 39.922699552216216),
    ],
)
def test_published_example_comes_out(datum, longitude, latitude):
    """The example that public converters of these datums give."""
    found = Point(116.404, 39.915, Datum.WGS84).to(datum)

    assert found.longitude == pytest.approx(longitude, abs=1e-6)
    assert found.latitude == pytest.approx(latitude, abs=1e-6)


def test_worked_place_of_xian_lies_where_the_domain_notes_say():
    found = Point(108.9398, 34.3416, Datum.WGS84).to(Datum.GCJ02)

    assert found.longitude == pytest.approx(108.94445563, abs=1e-8)
    assert found.latitude == pytest.approx(34.34004450, abs=1e-8)


def test_nothing_is_shifted_abroad():
    there = Point(2.35, 48.85, Datum.WGS84)

    assert there.to(Datum.GCJ02) == Point(2.35, 48.85, Datum.GCJ02)
