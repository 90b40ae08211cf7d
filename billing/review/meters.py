"""Meters before the close: readings missing, jumping, estimated, or of those who share by weight."""

from collections.abc import Iterator

from billing.blocks import Block
from billing.books import AgreementBooks, FacilityBooks
from billing.metering import FINAL, Measurement, Meter, measure
from billing.money import QUANTITY, grouped_text
from billing.review.facts import Facts
from billing.review.findings import Finding, make
from billing.sharing_values import SHARED
from portal.months import Month

PERIODS = 3


def check(facts: Facts) -> Iterator[Finding]:
    for facility in facts.books.facilities.values():
        owners = {agreement.ref: agreement for agreement in facility.agreements}
        for utility, meters in facility.meters.items():
            for meter in meters:
                yield from _submeter(facts, meter, owners.get(meter.agreement_ref), utility)
        yield from _masters(facts, facility)


def _submeter(facts: Facts, meter: Meter, owner: AgreementBooks | None, utility: str) -> Iterator[Finding]:
    if owner and owner.ends_on and owner.ends_on < facts.month.first and not _is_closed(meter):
        yield make(
            facts.code,
            "ended_still_metered",
            "meter",
            meter.ref,
            agreement=owner.ref,
            ends_on=owner.ends_on.isoformat(),
        )
    takes_part = owner is not None and owner.active(facts.month) > 0
    if owner and takes_part and _shares_by_weight(owner, utility, facts.month):
        yield make(facts.code, "shared_tenant_meter", "meter", meter.ref, agreement=owner.ref)
        return
    result = measure(meter, *facts.month.bounds)
    if isinstance(result, Measurement):
        yield from _measured(facts, meter, result)
    elif not takes_part:
        yield make(facts.code, "community_meter_unusable", "meter", meter.ref)
    elif result.code == "no_closing_reading" and not _is_reported(facts, meter):
        yield make(facts.code, "missing_reading", "meter", meter.ref)


def _is_closed(meter: Meter) -> bool:
    return bool(meter.readings) and meter.readings[-1].kind == FINAL


def _is_reported(facts: Facts, meter: Meter) -> bool:
    """The close itself says so already, of a bill that needs the meter."""
    return any((block.kind, block.ref) == ("meter", meter.ref) for block in facts.blocks)


def _shares_by_weight(owner: AgreementBooks, utility: str, month: Month) -> bool:
    terms = owner.occupant(utility, month).terms
    return terms.method == SHARED if terms else owner.area_m2 is not None


def _measured(facts: Facts, meter: Meter, now: Measurement) -> Iterator[Finding]:
    if now.estimated:
        yield make(facts.code, "estimated_reading", "meter", meter.ref)
    before = _periods_before(meter, facts.month)
    total = sum(before)
    if now.opening and total and not total <= 2 * now.quantity * len(before) <= 4 * total:
        yield make(
            facts.code,
            "reading_jump",
            "meter",
            meter.ref,
            quantity=grouped_text(now.quantity, QUANTITY),
            mean=grouped_text(total // len(before), QUANTITY),
        )


def _periods_before(meter: Meter, month: Month) -> list[int]:
    """What the meter measured in each of the last three months in which it measured anything."""
    found = []
    for _period in range(PERIODS):
        month = month.previous()
        result = measure(meter, *month.bounds)
        if isinstance(result, Measurement) and result.opening:
            found.append(result.quantity)
    return found


def _masters(facts: Facts, facility: FacilityBooks) -> Iterator[Finding]:
    """A master meter whose readings differ from the bill by more than one percent."""
    for bill in facility.bills:
        masters = facility.masters.get(bill.utility, ())
        results = [measure(meter, bill.period_start, bill.period_end) for meter in masters]
        if bill.quantity is None or not results or any(isinstance(one, Block) for one in results):
            continue
        measured = sum(one.quantity for one in results if isinstance(one, Measurement))
        if abs(measured - bill.quantity) * 100 > bill.quantity:
            yield make(
                facts.code,
                "master_differs",
                "facility",
                facility.ref,
                bill=bill.ref,
                measured=grouped_text(measured, QUANTITY),
                quantity=grouped_text(bill.quantity, QUANTITY),
            )
