"""The reading sheet of a month: every meter with its last readings, and what looks odd."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.models import CloseState, Meter, MonthClose, Reading, ReadingKind
from billing.workbench.forms import ReadingForm
from billing.workbench.place import Place
from billing.workbench.progress import read_window
from portal.months import Month

MONTHS_BACK = 6
JUMP = 2  # times the mean of the months before


@dataclass(slots=True)
class Row:
    """One meter in one month."""

    meter: Meter
    previous: Reading | None
    current: Reading | None
    usual: Decimal | None
    is_settled: bool
    form: ReadingForm | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def used(self) -> Decimal | None:
        """The plain difference; roll-overs and estimates are counted when the month is computed."""
        if self.previous is None or self.current is None or self.current.kind == ReadingKind.INITIAL:
            return None
        return (self.current.value - self.previous.value) * self.meter.multiplier


def sheet(place: Place, read_on: dt.date, data: Mapping[str, Any] | None = None) -> list[Row]:
    """Return the rows of a community's meters, sub-meters first; two queries and one for the last posting."""
    meters = Meter.objects.filter(community=place.community).select_related("facility", "agreement__provider")
    readings = _readings(place)
    posted = MonthClose.objects.filter(community=place.community, state=CloseState.POSTED).order_by("-month")
    last_posted = posted.values_list("month", flat=True).first() or ""
    rows = []
    for meter in sorted(
        meters, key=lambda one: (one.role == "master", one.facility.name, one.utility, one.ref)
    ):
        row = _row(place.month, meter, readings[meter.pk], last_posted)
        if row is None:
            continue
        if place.may_enter and not row.is_settled:
            row.form = _form(row, read_on, data)
        rows.append(row)
    return rows


def _readings(place: Place) -> dict[int, list[Reading]]:
    month = place.month
    for _step in range(MONTHS_BACK):
        month = month.previous()
    rows = Reading.objects.filter(
        meter__community=place.community, read_on__range=(month.first, read_window(place.month)[1])
    )
    found: dict[int, list[Reading]] = defaultdict(list)
    for reading in rows.order_by("read_on", "pk"):
        found[reading.meter_id].append(reading)
    return found


def _row(month: Month, meter: Meter, readings: list[Reading], last_posted: str) -> Row | None:
    """Return the meter's row; None where it was handed over before the month."""
    start, end = read_window(month)
    before = [one for one in readings if one.read_on < start]
    within = [one for one in readings if start <= one.read_on <= end]
    if before and before[-1].kind == ReadingKind.FINAL and not within:
        return None
    current = next((one for one in reversed(within) if one.kind != ReadingKind.INITIAL), None)
    baseline = next((one for one in within if one.kind == ReadingKind.INITIAL), None)
    is_settled = current is not None and str(Month.of(current.read_on)) <= last_posted
    row = Row(meter, before[-1] if before else baseline, current, _usual(before, meter), is_settled)
    row.warnings = _odd(row)
    return row


def _usual(readings: list[Reading], meter: Meter) -> Decimal | None:
    steps = [later.value - earlier.value for earlier, later in zip(readings, readings[1:], strict=False)]
    forward = [step for step in steps[-3:] if step >= 0]
    return sum(forward, Decimal(0)) * meter.multiplier / len(forward) if forward else None


def _odd(row: Row) -> list[str]:
    used = row.used
    found: list[str] = []
    if used is None:
        return found
    if used < 0:
        found.append(_("比上次小：请核对，或换表、走满归零。"))
    elif used == 0 and row.usual:
        found.append(_("没有走字：请核对是否停用。"))
    elif row.usual and used > row.usual * JUMP:
        found.append(_("用量是平时的 %(times)s 倍：请核对。") % {"times": round(used / row.usual, 1)})
    if row.current and row.current.kind == ReadingKind.ESTIMATED:
        found.append(_("估读：请尽快补抄。"))
    return found


def _form(row: Row, read_on: dt.date, data: Mapping[str, Any] | None) -> ReadingForm:
    instance = row.current or Reading(meter=row.meter)
    initial: dict[str, Any] = {"read_on": read_on, "kind": ReadingKind.REGULAR}
    if row.current:
        initial = {"value": f"{row.current.value.normalize():f}"}
    prefix = f"m{row.meter.pk}"
    return ReadingForm(
        data,
        instance=instance,
        initial=initial,
        prefix=prefix,
        empty_permitted=row.current is None,
        use_required_attribute=False,
    )
