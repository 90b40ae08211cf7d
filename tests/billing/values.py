"""Plain values of the arithmetic as people write them: "640.81" for money, "2026-09-30" for a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing.blocks import Block
from billing.metering import KINDS, Meter, Reading, in_order
from billing.money import AREA, FACTOR, MONEY, PERCENT, PRICE, QUANTITY, WEIGHT, text, to_units
from billing.sharing_values import Bill, BillSharing, Occupant, Price, Rule, Share, Terms


def fen(amount: str) -> int:
    return to_units(amount, MONEY)


def on(day: str) -> date:
    return date.fromisoformat(day)


def meter(ref: str, *written: str, agreement: str = "", digits: int = 6, multiplier: str = "1") -> Meter:
    """A meter with readings written "2026-09-30 10920" or "2026-09-30 10920 final"."""
    readings = []
    for line in written:
        day, value, *kind = line.split()
        readings.append(Reading(on(day), KINDS[kind[0] if kind else "regular"], to_units(value, QUANTITY)))
    return Meter(ref, in_order(readings), agreement, to_units(multiplier, FACTOR), digits)


def terms(method: str, **given: Any) -> Terms:
    """Terms with weight, factors and percent as text."""
    places = {
        "weight": WEIGHT,
        "position_factor": FACTOR,
        "frequency_factor": FACTOR,
        "subsidy_percent": PERCENT,
    }
    converted: dict[str, Any] = {
        name: to_units(value, places[name]) if name in places else value for name, value in given.items()
    }
    if "subsidy_until" in converted:
        converted["subsidy_until"] = on(converted["subsidy_until"])
    return Terms(method, **converted)


def occupant(
    ref: str,
    area: str | None = None,
    agreed: Terms | None = None,
    *,
    starts: str = "2026-01-01",
    ends: str = "",
) -> Occupant:
    area_m2 = None if area is None else to_units(area, AREA)
    return Occupant(ref, on(starts), on(ends) if ends else None, area_m2, agreed)


def bill(amount: str, quantity: str | None = None, **given: Any) -> Bill:
    """September's electricity unless said otherwise."""
    known: dict[str, Any] = {
        "ref": "B",
        "utility": "electricity",
        "period_start": on("2026-09-01"),
        "period_end": on("2026-09-30"),
    }
    units = None if quantity is None else to_units(quantity, QUANTITY)
    return Bill(amount=fen(amount), quantity=units, **known | given)


def rule(**given: Any) -> Rule:
    if "community_weight" in given:
        given["community_weight"] = to_units(given["community_weight"], WEIGHT)
    if "loss_cap_percent" in given:
        given["loss_cap_percent"] = to_units(given["loss_cap_percent"], PERCENT)
    return Rule(**given)


def price(unit_price: str) -> Price:
    return Price(to_units(unit_price, PRICE))


def shared(result: BillSharing | list[Block]) -> BillSharing:
    """The sharing, or a failure that shows what blocked it."""
    assert isinstance(result, BillSharing), [block.reason for block in result]
    return result


def reasons(result: BillSharing | list[Block]) -> list[str]:
    """What blocked a bill, in the words of the rules."""
    assert not isinstance(result, BillSharing)
    return [block.reason for block in result]


def rows(sharing: BillSharing) -> list[str]:
    """Rows as exports write them: agreement,quantity,gross,subsidy,amount,flags."""
    return [row(share) for share in sharing.shares]


def row(share: Share) -> str:
    quantity = "" if share.quantity is None else text(share.quantity, QUANTITY)
    money = [text(share.gross), text(share.subsidy), text(share.amount)]
    return ",".join([share.agreement_ref, quantity, *money, share.flags])


def amounts(sharing: BillSharing) -> Mapping[str, str]:
    return {share.agreement_ref: text(share.amount) for share in sharing.shares}


def used(ref, quantity, agreement="", kind="regular"):
    """A sub-meter that measured `quantity` in September."""
    return meter(ref, "2026-08-31 0", f"2026-09-30 {quantity} {kind}", agreement=agreement)
