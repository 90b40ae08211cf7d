"""Rows of a pack that belong to one month: readings, bills and revenue."""

from collections.abc import Generator, Iterator
from datetime import timedelta
from random import Random

from billing.city.arrangements import SUBMETER
from billing.city.communities import LETTERS, UTILITIES, MadeCommunity, MadeMeter
from billing.city.standing import Row, money, quantity, reading
from billing.money import round_half_away
from portal.months import Month

# Yuan per unit in 0.0001; a part of the bills is above the residential price.
PRICES = {"electricity": (4983, 5183, 5183, 5183, 6200), "water": (39000, 39000, 39000, 42500)}
LOSS_PERCENT = (3, 7)


def of_community(made: MadeCommunity, month: Month, fault: str = "") -> Iterator[Row]:
    """One month of one community; run month after month, since meters run on."""
    for utility in UTILITIES:
        chance = made.chance(str(month), utility)
        here = fault if utility == "electricity" else ""
        measured = yield from _readings(made, utility, month, chance, here)
        total = _total(made, utility, measured, chance, here)
        yield "bills", _bill(made, utility, month, total, chance)
    yield from _revenue(made, month, fault)


def _readings(
    made: MadeCommunity, utility: str, month: Month, chance: Random, fault: str
) -> Generator[Row, None, int]:
    """Meters run for the month and are read up to two days late; what they measure is returned."""
    measured = 0
    uses = {agreement.ref: agreement.uses[utility] for agreement in made.agreements}
    for position, meter in enumerate(one for one in made.meters if one.utility == utility):
        use = _this_month(uses.get(meter.agreement_ref, min(uses.values())), chance)
        if fault == "backwards" and position == 0:
            use = -min(meter.shows, 5_000)
        measured += meter.turn(use)
        if fault == "no_reading" and position == 0:
            continue
        yield "readings", _reading(meter, month, chance)
    return measured


def _reading(meter: MadeMeter, month: Month, chance: Random) -> dict[str, str]:
    read_on = month.last + timedelta(days=chance.choice((0, 0, 0, 1, 2)))
    return reading(meter.ref, read_on.isoformat(), meter.shows)


def _this_month(ordinary: int, chance: Random) -> int:
    return ordinary * chance.randint(80, 120) // 100


def _total(made: MadeCommunity, utility: str, measured: int, chance: Random, fault: str) -> int:
    """What the master meter says: measured use and losses, or what is not measured besides."""
    if made.arrangements[utility].residual == "loss":
        percent = {"over_measured": -4, "loss": 18}.get(fault, chance.randint(*LOSS_PERCENT))
        return measured * 100 // (100 - percent) // 100 * 100 + 100
    unmeasured = sum(
        _this_month(agreement.uses[utility], chance)
        for agreement in made.agreements
        if agreement.methods[utility] != SUBMETER and made.meter_of(utility, agreement.ref) is None
    )
    own = _this_month(min(agreement.uses[utility] for agreement in made.agreements), chance)
    return (measured + unmeasured + own) // 1000 * 1000 + 1000


def _bill(made: MadeCommunity, utility: str, month: Month, total: int, chance: Random) -> dict[str, str]:
    amount = round_half_away(total * chance.choice(PRICES[utility]), 10**5)
    return {
        "ref": f"{made.code}-{LETTERS[utility]}-{month}",
        "facility_ref": made.facility_ref,
        "utility": utility,
        "period_start": month.first.isoformat(),
        "period_end": month.last.isoformat(),
        "quantity": quantity(total),
        "amount": money(amount),
    }


def _revenue(made: MadeCommunity, month: Month, fault: str) -> Iterator[Row]:
    chance = made.chance(str(month), "revenue")
    for agreement in made.agreements:
        if agreement.reports_revenue:
            yield (
                "revenue",
                {
                    "agreement_ref": agreement.ref,
                    "month": str(month),
                    "amount": money(_this_month(agreement.earns, chance)),
                    "status": "submitted" if fault == "revenue" else "verified",
                },
            )
