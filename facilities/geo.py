"""Coordinates and their datum: WGS-84 (GPS), GCJ-02 (Amap, Tencent), BD-09 (Baidu); converted, never mixed."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from facilities.models.places import Datum

SEMI_MAJOR, ECCENTRICITY_2 = 6378245.0, 0.00669342162296594323  # of the ellipsoid GCJ-02 is made on
BAIDU = pi * 3000.0 / 180.0
EARTH = 6371008.8  # metres, mean radius
CHINA = (72.004, 137.8347, 0.8293, 55.8271)  # west, east, south, north; outside nothing is shifted
STEPS = 12

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth, which means nothing without its datum."""

    longitude: float
    latitude: float
    datum: Datum

    @classmethod
    def of(cls, row: object) -> "Point | None":
        """The point of a row with `longitude`, `latitude` and `datum`, if it has one."""
        longitude, latitude = getattr(row, "longitude", None), getattr(row, "latitude", None)
        datum = getattr(row, "datum", "")
        if longitude is None or latitude is None or not datum:
            return None
        return cls(float(longitude), float(latitude), Datum(datum))

    def to(self, datum: Datum) -> "Point":
        """The same place in another datum."""
        if datum == self.datum:
            return self
        pair = (self.longitude, self.latitude)
        gcj = TO_GCJ[self.datum](pair)
        return Point(*FROM_GCJ[datum](gcj), datum)

    def decimals(self) -> tuple[Decimal, Decimal]:
        """Longitude and latitude with six places, as columns keep them (about 0.1 m)."""
        places = Decimal("0.000001")
        return Decimal(str(self.longitude)).quantize(places), Decimal(str(self.latitude)).quantize(places)


def metres_between(one: Point, other: Point) -> int:
    """The straight distance over the ground, both brought to one datum first."""
    first, second = one.to(Datum.WGS84), other.to(Datum.WGS84)
    up = radians(second.latitude - first.latitude)
    across = radians(second.longitude - first.longitude)
    share = cos(radians(first.latitude)) * cos(radians(second.latitude))
    half = sin(up / 2) ** 2 + share * sin(across / 2) ** 2
    return round(2 * EARTH * atan2(sqrt(half), sqrt(1 - half)))


def _in_china(pair: Pair) -> bool:
    west, east, south, north = CHINA
    return west <= pair[0] <= east and south <= pair[1] <= north


def _wgs_to_gcj(pair: Pair) -> Pair:
    if not _in_china(pair):
        return pair
    east, north = _shift(pair)
    return pair[0] + east, pair[1] + north


def _gcj_to_wgs(pair: Pair) -> Pair:
    """The inverse has no formula: come closer step by step, far below a millimetre."""
    if not _in_china(pair):
        return pair
    return _inverse(_wgs_to_gcj, pair)


def _gcj_to_bd(pair: Pair) -> Pair:
    x, y = pair
    reach = hypot(x, y) + 0.00002 * sin(y * BAIDU)
    angle = atan2(y, x) + 0.000003 * cos(x * BAIDU)
    return reach * cos(angle) + 0.0065, reach * sin(angle) + 0.006


def _bd_to_gcj(pair: Pair) -> Pair:
    return _inverse(_gcj_to_bd, pair)


def _inverse(forward: Callable[[Pair], Pair], wanted: Pair) -> Pair:
    x, y = wanted
    for _step in range(STEPS):
        at = forward((x, y))
        x, y = x + wanted[0] - at[0], y + wanted[1] - at[1]
    return x, y


def _shift(pair: Pair) -> Pair:
    """How far GCJ-02 moves a WGS-84 point, in degrees east and north."""
    x, y = pair[0] - 105.0, pair[1] - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = radians(pair[1])
    magic = 1 - ECCENTRICITY_2 * sin(latitude) ** 2
    meridian = SEMI_MAJOR * (1 - ECCENTRICITY_2) / (magic * sqrt(magic)) * pi
    parallel = SEMI_MAJOR / sqrt(magic) * cos(latitude) * pi
    return east * 180.0 / parallel, north * 180.0 / meridian


def _same(pair: Pair) -> Pair:
    return pair


TO_GCJ = {Datum.WGS84: _wgs_to_gcj, Datum.GCJ02: _same, Datum.BD09: _bd_to_gcj}
FROM_GCJ = {Datum.WGS84: _gcj_to_wgs, Datum.GCJ02: _same, Datum.BD09: _gcj_to_bd}
