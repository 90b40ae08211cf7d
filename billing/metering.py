"""Measured quantity of a meter over a bill period (billing-rules 1).

Values are in thousandths (0.001), multipliers in ten-thousandths (0.0001).
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from billing.blocks import Block
from billing.money import ONE, QUANTITY, round_half_away, text

# Kinds of readings; the number is their order on one date (1.1).
FINAL, INITIAL, ESTIMATED, REGULAR = range(4)
KINDS = {"final": FINAL, "initial": INITIAL, "estimated": ESTIMATED, "regular": REGULAR}
KIND_NAMES = tuple(KINDS)

# Readers come a little late: a reading counts as taken this long before its date (1.1).
LATENESS = timedelta(days=2)
_DAY = timedelta(days=1)
DIGITS = 6


class Reading(NamedTuple):
    """One reading as written down; tuples of it sort in the order of 1.1."""

    read_on: date
    kind: int
    value: int


class Meter(NamedTuple):
    """One meter in one occupant's hands; `agreement_ref` "" is the community's own.

    `readings` is the whole history of the row, in order (`in_order`), whatever the period.
    """

    ref: str
    readings: tuple[Reading, ...] = ()
    agreement_ref: str = ""
    multiplier: int = ONE
    digits: int = DIGITS


class Measurement(NamedTuple):
    """What a meter measured, and the readings that say so (values as counted, 1.2)."""

    meter_ref: str
    quantity: int
    estimated: bool
    opening: Reading | None
    segments: tuple[Reading, ...]
    multiplier: int
    rolled_over: int
    raised: int


NOT_IN_USE: tuple[Reading, ...] = ()


def in_order(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """By date; on one date final, initial, estimated, regular (1.1)."""
    return tuple(sorted(readings))


def measure(meter: Meter, start: date, end: date) -> Measurement | Block:
    """The quantity of a meter over the period start … end, or the block that says why not."""
    readings = meter.readings
    # Shifting the period is shifting every reading (1.1).
    start, end = start + LATENESS, end + LATENESS
    if not_in_use(readings, start, end):
        return Measurement(meter.ref, 0, False, None, NOT_IN_USE, meter.multiplier, 0, 0)
    first = max(bisect_left(readings, (start,)) - 1, 0)  # the opening (1.3)
    until = bisect_left(readings, (end + _DAY,))
    counted = counted_values(readings, meter.digits)
    used = counted[first:until]
    raised = 0 if counted is readings else _raised(readings[first:until], used)
    return _added_up(meter, used, raised)


def not_in_use(readings: tuple[Reading, ...], start: date, end: date) -> bool:
    """The row begins after the period, or a final reading closed it before (1.1)."""
    if not readings:
        return False
    last = readings[-1]
    return readings[0].read_on > end or (last.kind == FINAL and last.read_on < start)


def counted_values(readings: tuple[Reading, ...], digits: int = DIGITS) -> tuple[Reading, ...]:
    """Readings with the values they count with: none falls below an estimate before it (1.2)."""
    if ESTIMATED not in [reading.kind for reading in readings]:
        return readings
    half = 10 ** (digits + QUANTITY) // 2
    counted = []
    estimate: int | None = None
    for reading in readings:
        kind, value = reading.kind, reading.value
        if estimate is not None and kind != INITIAL:
            if 0 <= estimate - value <= half:
                reading = reading._replace(value=estimate)
            else:
                estimate = None  # the meter has passed the estimate
        if kind == ESTIMATED:
            estimate = reading.value
        elif kind in (INITIAL, FINAL):
            estimate = None
        counted.append(reading)
    return tuple(counted)


def _added_up(meter: Meter, used: tuple[Reading, ...], raised: int) -> Measurement | Block:
    """Steps over the segments with roll-overs (1.4), times the multiplier (1.5)."""
    wrap = 10 ** (meter.digits + QUANTITY)
    total = rolled_over = 0
    estimated = closed = False
    previous: Reading | None = None
    for reading in used:
        estimated = estimated or reading.kind == ESTIMATED
        if previous is not None and reading.kind != INITIAL:
            closed = True
            step = reading.value - previous.value
            if step < 0:
                step += wrap
                rolled_over += 1
                if step < 0 or 2 * step > wrap:
                    return _backwards(meter, previous, reading)
            total += step
        previous = reading
    if not closed:  # (1.6)
        return Block("no_closing_reading", "meter", meter.ref, {"agreement": meter.agreement_ref})
    quantity = total if meter.multiplier == ONE else round_half_away(total * meter.multiplier, ONE)
    return Measurement(
        meter.ref, quantity, estimated, used[0], used[1:], meter.multiplier, rolled_over, raised
    )


def _raised(written: tuple[Reading, ...], counted: tuple[Reading, ...]) -> int:
    """How many of the readings counted higher than they were written down (1.2)."""
    return sum(1 for one, other in zip(written, counted, strict=True) if one != other)


def _backwards(meter: Meter, previous: Reading, reading: Reading) -> Block:
    return Block(
        "meter_backwards",
        "meter",
        meter.ref,
        {
            "agreement": meter.agreement_ref,
            "previous": text(previous.value, QUANTITY),
            "value": text(reading.value, QUANTITY),
            "read_on": reading.read_on.isoformat(),
        },
    )


def suggested_estimate(meter: Meter, periods: Iterable[tuple[date, date]]) -> int | None:
    """The value to offer for an `estimated` reading: the last one plus the mean use of the periods (1.6).

    `periods` are the last three bill periods; those that cannot be measured do not count.
    """
    results = [measure(meter, start, end) for start, end in periods]
    used = [one.quantity for one in results if isinstance(one, Measurement) and one.opening is not None]
    if not used or not meter.multiplier:
        return None
    step = round_half_away(sum(used) * ONE, len(used) * meter.multiplier)
    last = counted_values(meter.readings, meter.digits)[-1]
    return (last.value + step) % 10 ** (meter.digits + QUANTITY)
