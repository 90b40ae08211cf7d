"""Who takes part in a bill, and how much of it is theirs (billing-rules 2.0–2.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.blocks import Block
from billing.metering import Measurement, Meter, measure
from billing.money import AREA as AREA_PLACES
from billing.money import HUNDRED_PERCENT, ONE, PERCENT, QUANTITY, WEIGHT, round_half_away, share_out, text
from billing.sharing_values import AREA, COMMUNITY, LUMP_SUM, SHARED, SUBMETER, Bill, Occupant, Rule, Terms
from portal.months import overlap_days

_AREA_TO_WEIGHT = 10 ** (WEIGHT - AREA_PLACES)
_BY_LAW = Terms(SHARED)


@dataclass(slots=True)
class Part:
    """What one participant has in a bill while it is being shared; without terms the community.

    `weight` is weight × position × frequency × active days, each in units of its last place, so
    that all parts of one bill have the same denominator; None: takes nothing by weight.
    """

    ref: str = COMMUNITY
    terms: Terms | None = None
    area_m2: int | None = None
    by_law: bool = False
    active: int = 0
    weight: int | None = None
    has_meter: bool = False
    measured: int = 0
    estimated: bool = False
    quantity: int = 0
    residual: int = 0
    cost: int = 0
    measurements: list[Measurement] = field(default_factory=list)

    @property
    def method(self) -> str:
        return self.terms.method if self.terms else ""

    @property
    def pays(self) -> bool:
        """A lump-sum agreement gets no row: the community bears what it used (2.4)."""
        return self.terms is not None and self.terms.method != LUMP_SUM


@dataclass(slots=True)
class Work:
    """One bill while it is being shared: its parts, what stops it, and what explains it."""

    bill: Bill
    rule: Rule
    parts: list[Part]
    community: Part
    blocks: list[Block]
    explanation: dict[str, Any]

    @property
    def everyone(self) -> list[Part]:
        """All parts in the order of share-outs: by ref, the community last (0.1)."""
        return [*self.parts, self.community]

    def block(self, code: str, **data: str) -> None:
        self.blocks.append(Block(code, "bill", self.bill.ref, data))

    def block_agreement(self, code: str, ref: str) -> None:
        self.blocks.append(Block(code, "agreement", ref, {"bill": self.bill.ref, "agreement": ref}))


def begin(bill: Bill, rule: Rule, occupants: Iterable[Occupant]) -> Work:
    """The agreements that take part: active in the period, with terms or an area (2.0)."""
    community = Part(weight=rule.community_weight * ONE * ONE * bill.days)
    work = Work(bill, rule, [], community, [], {})
    for occupant in sorted(occupants, key=lambda one: one.ref):
        active = overlap_days(bill.period_start, bill.period_end, occupant.starts_on, occupant.ends_on)
        if active and (occupant.terms is not None or occupant.area_m2 is not None):
            work.parts.append(_part(work, occupant, active))
    return work


def _part(work: Work, occupant: Occupant, active: int) -> Part:
    """A participant with its weight; without terms it shares by area, by law (2.0)."""
    terms = occupant.terms or _BY_LAW
    part = Part(occupant.ref, terms, occupant.area_m2, by_law=occupant.terms is None, active=active)
    weight = terms.weight
    if terms.method == SHARED:
        if work.rule.residual == "loss":
            work.block_agreement("shared_under_loss", part.ref)
        elif weight is None:
            weight = _area_weight(work, part)
    if weight is not None and terms.method != SUBMETER:
        part.weight = weight * terms.position_factor * terms.frequency_factor * active
    return part


def _area_weight(work: Work, part: Part) -> int | None:
    """The area stands in for a weight only where the basis is area (2.0)."""
    if work.rule.basis != AREA or part.area_m2 is None:
        work.block_agreement("no_weight", part.ref)
        return None
    return part.area_m2 * _AREA_TO_WEIGHT


def measure_all(work: Work, meters: Iterable[Meter]) -> None:
    """What sub-meters say, each on the part it belongs to (2.1); without Q nothing is measured."""
    by_ref = {part.ref: part for part in work.parts}
    ignored = []
    for meter in sorted(meters, key=lambda one: one.ref):
        part = by_ref.get(meter.agreement_ref, work.community)
        if part.method == SHARED:
            ignored.append(meter.ref)
            continue
        part.has_meter = True
        if work.bill.quantity is not None:
            _add(work, part, meter)
    if ignored:
        work.explanation["ignored"] = ignored
    if work.bill.quantity is not None:
        for part in work.parts:
            if part.method == SUBMETER and not part.has_meter:
                work.block_agreement("no_submeter", part.ref)


def _add(work: Work, part: Part, meter: Meter) -> None:
    """Add one meter to its part; a community meter that cannot be used counts as nothing (2.1)."""
    result = measure(meter, work.bill.period_start, work.bill.period_end)
    if isinstance(result, Measurement):
        part.measured += result.quantity
        part.estimated = part.estimated or result.estimated
        part.measurements.append(result)
    elif part is work.community:
        work.explanation.setdefault("unusable", []).append(meter.ref)
    else:
        work.blocks.append(Block(result.code, "meter", meter.ref, {**result.data, "bill": work.bill.ref}))


def share_quantities(work: Work) -> None:
    """Give every part its quantity; together they are Q (2.2, 2.3)."""
    quantity = work.bill.quantity
    if quantity is None:
        return
    everyone = work.everyone
    total = sum(part.measured for part in everyone)
    work.explanation["measured"] = total
    if total > quantity:
        if work.rule.over_measured != "scale":
            _block_over_measured(work, total, quantity)
            return
        _scale(quantity, everyone)
        work.explanation["scaled"] = True
        total = quantity
    work.explanation["rest"] = quantity - total
    if work.rule.residual == "loss":
        _spread_loss(work, everyone, total, quantity)
    else:
        _share_rest(work, everyone, quantity - total)


def _block_over_measured(work: Work, total: int, quantity: int) -> None:
    work.block(
        "over_measured",
        over=text(total - quantity, QUANTITY),
        measured=text(total, QUANTITY),
        quantity=text(quantity, QUANTITY),
    )


def _scale(quantity: int, everyone: Sequence[Part]) -> None:
    """Measured quantities brought down to Q in proportion (2.2)."""
    scaled = share_out(quantity, [part.measured for part in everyone]) or []
    for part, units in zip(everyone, scaled, strict=True):
        part.measured = units


def weights(everyone: Iterable[Part]) -> list[int]:
    """Weights by which what is not measured is shared; a lump sum with a meter has none (2.3)."""
    return [0 if part.weight is None or (part.terms and part.has_meter) else part.weight for part in everyone]


def _share_rest(work: Work, everyone: Sequence[Part], rest: int) -> None:
    """residual = share: what is not measured goes by weight, on top of what was (2.3)."""
    by_weight = weights(everyone)
    work.explanation["weights"] = sum(by_weight)
    given = share_out(rest, by_weight)
    if given is None:
        given = [0] * len(work.parts) + [rest]
    for part, units in zip(everyone, given, strict=True):
        part.residual = units
        part.quantity = part.measured + units


def _spread_loss(work: Work, everyone: Sequence[Part], total: int, quantity: int) -> None:
    """residual = loss: everything is metered, the loss follows what was measured (2.3)."""
    given = share_out(quantity, [part.measured for part in everyone])
    if given is None:
        work.community.quantity = quantity
        return
    loss = quantity - total
    cap = work.rule.loss_cap_percent
    if loss * HUNDRED_PERCENT > cap * quantity and not work.bill.loss_reason.strip():
        percent = round_half_away(100 * 100 * loss, quantity)
        work.block("loss_over_cap", loss=text(percent), cap=text(cap, PERCENT).rstrip("0").rstrip("."))
    for part, units in zip(everyone, given, strict=True):
        part.quantity = units
        part.residual = units - part.measured
