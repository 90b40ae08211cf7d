"""The shipped outlines of districts (GCJ-02), and points inside them."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).parent / "data" / "xian_districts_gcj02.geojson"
MICRO = 10**6

# A point or vertex: longitude and latitude in millionths of a degree.
Point = tuple[int, int]
Ring = list[Point]
Polygon = list[Ring]


@cache
def outlines(path: Path = SHIPPED) -> dict[str, list[Polygon]]:
    """Polygons of each district by its 12-digit code; the first ring is the outside, the others are holes."""
    features = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["features"]
    return {
        feature["properties"]["code12"]: [
            [[(_micro(x), _micro(y)) for x, y in ring] for ring in polygon]
            for polygon in feature["geometry"]["coordinates"]
        ]
        for feature in features
    }


def _micro(degrees: Decimal | int) -> int:
    return int(degrees * MICRO)


def contains(polygon: Polygon, point: Point) -> bool:
    """Whether a point lies inside the outer ring and in none of the holes."""
    return in_ring(polygon[0], point) and not any(in_ring(hole, point) for hole in polygon[1:])


def in_ring(ring: Ring, point: Point) -> bool:
    """Count the edges to the east of the point: an odd number means inside."""
    x, y = point
    inside = False
    before_x, before_y = ring[-1]
    for next_x, next_y in ring:
        if (next_y > y) != (before_y > y):
            # Left of the edge, without dividing: the sign of the cross product, turned by its direction.
            turn = (before_x - next_x) * (y - next_y) - (x - next_x) * (before_y - next_y)
            if (turn > 0) == (before_y > next_y):
                inside = not inside
        before_x, before_y = next_x, next_y
    return inside


def point_within(polygons: list[Polygon], between: Callable[[int, int], int]) -> Point:
    """A point inside the largest of a district's polygons, picked by `between(lowest, highest)`."""
    polygon = max(polygons, key=lambda one: len(one[0]))
    across, up = zip(*polygon[0], strict=True)
    while True:
        point = (between(min(across), max(across)), between(min(up), max(up)))
        if contains(polygon, point):
            return point
