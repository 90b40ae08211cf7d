"""The explanation of a shared bill as data: what all rows have in common, and each row's own steps.

A step is a dict with the number of its rule; `explain` turns steps into sentences. Numbers are
in the units of the arithmetic. What the row itself says (quantity, gross, subsidy, amount) is not
repeated.
"""

from typing import Any

from billing.metering import KIND_NAMES, Measurement, Reading
from billing.money import ONE
from billing.sharing_quantities import Part, Work
from billing.sharing_values import SHARED, Bill, Rule

Step = dict[str, Any]


def inputs(bill: Bill, rule: Rule) -> dict[str, Any]:
    """What all rows of the bill have in common; the sharing adds what it finds."""
    common: dict[str, Any] = {
        "utility": bill.utility,
        "period": [bill.period_start.isoformat(), bill.period_end.isoformat()],
        "quantity": bill.quantity,
        "amount": bill.amount,
        "basis": rule.basis,
        "residual": rule.residual,
        "agreed_on": rule.agreed_on.isoformat() if rule.agreed_on else None,
    }
    if bill.loss_reason:
        common["loss_reason"] = bill.loss_reason
    return common


def measurement_step(measurement: Measurement) -> Step:
    """One meter: opening, readings as they count, quantity (1.1–1.5)."""
    step: Step = {"rule": "1.5", "meter": measurement.meter_ref, "quantity": measurement.quantity}
    if measurement.opening is None:
        step["unused"] = True
        return step
    step["readings"] = [_plain(reading) for reading in (measurement.opening, *measurement.segments)]
    if measurement.multiplier != ONE:
        step["multiplier"] = measurement.multiplier
    if measurement.rolled_over:
        step["rolled_over"] = measurement.rolled_over
    if measurement.raised:
        step["raised"] = measurement.raised
    return step


def _plain(reading: Reading) -> list[Any]:
    return [reading.read_on.isoformat(), KIND_NAMES[reading.kind], reading.value]


def quantity_steps(part: Part, days: int) -> list[Step]:
    """How an agreement's quantity came about: meters (1.5), then weight or loss (2.3)."""
    steps = [measurement_step(measurement) for measurement in part.measurements]
    if part.method == SHARED:
        steps.append(_weight_step(part, days))
    elif part.residual:
        steps.append({"rule": "2.3", "measured": part.measured, "loss": part.residual})
    return steps


def _weight_step(part: Part, days: int) -> Step:
    """What an agreement weighs; factors of 1 and full periods go without saying."""
    step: Step = {"rule": "2.3", "weighs": part.weight, "part": part.residual}
    terms = part.terms
    if terms is None or terms.weight is None:
        step["area_m2"] = part.area_m2
    else:
        step["weight"] = terms.weight
    if terms is not None and terms.position_factor != ONE:
        step["position"] = terms.position_factor
    if terms is not None and terms.frequency_factor != ONE:
        step["frequency"] = terms.frequency_factor
    if part.active != days:
        step["days"] = [part.active, days]
    return step


def community_steps(work: Work, gross: int) -> list[Step]:
    """The community's own use, the lump-sum tenants' (2.4) and what ceilings leave over (2.8)."""
    community = work.community
    steps = [measurement_step(measurement) for measurement in community.measurements]
    own: Step = {"rule": "2.8", "quantity": community.quantity, "cost": community.cost}
    if community.weight:
        own["weighs"] = community.weight
    steps.append(own)
    carried = [part for part in work.parts if not part.pays]
    steps.extend(_carried_step(part) for part in carried)
    left_over = gross - community.cost - sum(part.cost for part in carried)
    if left_over:
        steps.append({"rule": "2.8", "left_over": left_over})
    return steps


def _carried_step(part: Part) -> Step:
    step: Step = {"rule": "2.4", "agreement": part.ref, "quantity": part.quantity, "cost": part.cost}
    if part.measurements:
        step["meters"] = [measurement_step(measurement) for measurement in part.measurements]
    return step
