"""Small charts drawn on the server as SVG, in whole units of their view box."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 120
STEP = 24
BAR = 16
PAD = 4
YEAR = 12

Amount = Decimal | int


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a chart: its label and its amount; None is a month without figures."""

    label: str
    value: Amount | None


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    height: int
    negative: bool
    latest: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Signed bars around the line of zero."""

    width: int
    zero: int
    bars: list[Bar]


def points_of(pairs: Sequence[tuple[str, Amount | None]] | None) -> list[Point]:
    return [Point(str(label), value) for label, value in pairs or ()]


def _position(value: Amount, low: Amount, high: Amount) -> int:
    """Where a value lies on the height of the chart; the highest is on top."""
    if high == low:
        return HEIGHT // 2
    room = HEIGHT - 2 * PAD
    return PAD + room - int((value - low) * room / (high - low))


def signed_bars(points: Sequence[Point]) -> Bars:
    """Bars up for positive, down for negative amounts; a young series keeps to the right of its year."""
    known = [point.value for point in points if point.value is not None]
    low, high = min([0, *known]), max([0, *known])
    if low == high:
        high = 1
    zero = _position(0, low, high)
    bars = []
    slots = max(len(points), YEAR)
    for index, point in enumerate(points, start=slots - len(points)):
        if point.value is None:
            continue
        end = _position(point.value, low, high)
        height = max(abs(end - zero), 2)
        bars.append(
            Bar(
                x=index * STEP + (STEP - BAR) // 2,
                y=zero if point.value < 0 else zero - height,
                height=height,
                negative=point.value < 0,
                latest=index == slots - 1,
            )
        )
    return Bars(width=slots * STEP, zero=zero, bars=bars)


def line_path(points: Sequence[Point]) -> str:
    """The path of a line; it breaks where a month has no figures."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    parts, pen = [], "M"
    for index, point in enumerate(points):
        if point.value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{index * STEP + STEP // 2} {_position(point.value, low, high)}")
        pen = "L"
    return "".join(parts)
