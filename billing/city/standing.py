"""Rows of a pack that stand for longer than a month: places, agreements, terms, meters, tariffs."""

from collections.abc import Iterator
from random import Random

from billing.city.arrangements import LUMP_SUM, NO_TERMS, SHARED, SUBMETER
from billing.city.communities import CATEGORIES, UTILITIES, MadeAgreement, MadeCommunity
from facilities.outlines import MICRO, outlines, point_within
from portal.months import Month

# File of the pack, and the row: column → text.
Row = tuple[str, dict[str, str]]
XIAN = "610100000000"
TARIFFS = (
    ("water", "2023-07-25", "3.90", "执行居民价格的非居民用户"),
    ("electricity", "2023-07-25", "0.5183", "演示值,待核"),
    ("gas", "2023-07-25", "2.20", "执行居民气价的非居民"),
)
TIERS = "50000:0.03|100000:0.05|*:0.08"
KINDS = ("enterprise", "enterprise", "self_employed", "social_org", "self_organisation")
SUBSIDY_FUND_CENTS = 3_000_000


def of_the_city() -> Iterator[Row]:
    for utility, valid_from, price, source in TARIFFS:
        yield (
            "tariffs",
            {
                "region_code": XIAN,
                "utility": utility,
                "price_class": "residential",
                "valid_from": valid_from,
                "unit_price": price,
                "source": source,
            },
        )


def of_community(made: MadeCommunity, first: Month) -> Iterator[Row]:
    """All standing rows of one community; its meters show what they show before the first month."""
    chance = made.chance("facility")
    yield (
        "communities",
        {
            "code": made.code,
            "households": str(chance.randint(600, 4200)),
            "population": str(chance.randint(1800, 12000)),
            "notice_days": "0",
        },
    )
    yield "facilities", _facility(made, chance)
    yield from _balances(made, chance)
    for utility in UTILITIES:
        if made.arrangements[utility].is_signed:
            yield "sharing_rules", _rule(made, utility, chance)
    for agreement in made.agreements:
        yield from _of_agreement(made, agreement)
    for meter in made.meters:
        yield from _meter(made, meter.ref, first)


def _facility(made: MadeCommunity, chance: Random) -> dict[str, str]:
    longitude, latitude = point_within(outlines()[f"{made.code[:6]}000000"], chance.randint)
    return {
        "ref": made.facility_ref,
        "community_code": made.code,
        "name": f"{made.name}服务中心",
        "area_m2": money(
            sum(agreement.area for agreement in made.agreements) + chance.randint(50, 600) * 100
        ),
        "floors": str(chance.randint(1, 4)),
        "residential_property_rate": f"{chance.choice(('1.20', '1.50', '1.80', '1.90', '2.20'))}",
        "longitude": f"{longitude // MICRO}.{longitude % MICRO:06d}",
        "latitude": f"{latitude // MICRO}.{latitude % MICRO:06d}",
        "datum": "GCJ-02",
    }


def _balances(made: MadeCommunity, chance: Random) -> Iterator[Row]:
    for fund, amount in (("utility", chance.randint(0, 800_000)), ("grant", SUBSIDY_FUND_CENTS)):
        yield (
            "opening_balances",
            {"community_code": made.code, "fund": fund, "amount": money(amount)},
        )


def _rule(made: MadeCommunity, utility: str, chance: Random) -> dict[str, str]:
    arrangement = made.arrangements[utility]
    return {
        "facility_ref": made.facility_ref,
        "utility": utility,
        "basis": arrangement.basis,
        "community_weight": str(chance.randint(20, 200)) if arrangement.community_weight else "",
        "residual": arrangement.residual,
        "agreed_on": "2023-12-20",
    }


def _of_agreement(made: MadeCommunity, agreement: MadeAgreement) -> Iterator[Row]:
    chance = made.chance("terms", str(agreement.number))
    number, ref = agreement.number, agreement.ref
    yield (
        "providers",
        {
            "ref": agreement.provider_ref,
            "name": f"服务商 {ref}",
            "kind": chance.choice(KINDS),
        },
    )
    floor = 1 + (number - 1) // 4
    yield (
        "agreements",
        {
            "ref": ref,
            "provider_ref": agreement.provider_ref,
            "facility_ref": made.facility_ref,
            "space": f"{floor}楼{number}号",
            "floor": str(floor),
            "area_m2": money(agreement.area),
            "category": CATEGORIES[(number - 1) % len(CATEGORIES)],
            "starts_on": "2024-01-01",
        },
    )
    for utility in UTILITIES:
        if agreement.methods[utility] != NO_TERMS:
            yield "utility_terms", _utility_term(made, agreement, utility, chance)
    yield from _charges(agreement, chance)
    yield "rebate_terms", _rebate_term(agreement, chance)


def _utility_term(
    made: MadeCommunity, agreement: MadeAgreement, utility: str, chance: Random
) -> dict[str, str]:
    arrangement, method = made.arrangements[utility], agreement.methods[utility]
    is_subsidised = method != LUMP_SUM and chance.randrange(12) == 0
    by_weight = method == SHARED and arrangement.basis != "area"
    return {
        "agreement_ref": agreement.ref,
        "utility": utility,
        "method": method,
        "weight": str(chance.randint(2, 60)) if by_weight else "",
        "position_factor": chance.choice(("", "", "1.10", "0.90")) if method == SHARED else "",
        "frequency_factor": chance.choice(("", "", "1.25", "0.80")) if method == SHARED else "",
        "price_class": chance.choice(("", "", "cost")) if method == SUBMETER else "",
        "subsidy_percent": chance.choice(("10", "20", "30")) if is_subsidised else "",
        "subsidy_fund": "grant" if is_subsidised and chance.randrange(2) else "",
    }


def _charges(agreement: MadeAgreement, chance: Random) -> Iterator[Row]:
    if LUMP_SUM in agreement.methods.values():
        amount = chance.randint(60, 600) * 100
        yield (
            "charge_terms",
            {"agreement_ref": agreement.ref, "kind": "lump_sum", "monthly_amount": money(amount)},
        )
    if agreement.number % 3 == 1:
        rate = chance.choice(("0.80", "1.00", "1.20"))
        yield "charge_terms", {"agreement_ref": agreement.ref, "kind": "property_fee", "rate": rate}


def _rebate_term(agreement: MadeAgreement, chance: Random) -> dict[str, str]:
    kind, _, beside = agreement.give_back.partition("_")
    row = {"ref": f"{agreement.ref}-R", "agreement_ref": agreement.ref, "kind": kind}
    if agreement.give_back == "in_kind":
        return row | {"kind": "in_kind", "hours": str(chance.randint(2, 16)), "unit_value": "35"}
    if kind == "fixed":
        return row | {"monthly_amount": money(chance.randint(100, 900) * 100)}
    if kind == "tiered":
        return row | {"tiers": TIERS, "welfare_percent": chance.choice(("", "20"))}
    extra = {
        "threshold": ("threshold", "5000"),
        "floor": ("floor", "200"),
        "cap": ("cap", "1500"),
        "welfare": ("welfare_percent", "30"),
        "holiday": ("holiday_until", "2026-12-31"),
    }
    return row | {"rate": "0.05"} | dict([extra[beside]] if beside else [])


def _meter(made: MadeCommunity, ref: str, first: Month) -> Iterator[Row]:
    meter = next(one for one in made.meters if one.ref == ref)
    yield (
        "meters",
        {
            "ref": ref,
            "facility_ref": made.facility_ref,
            "utility": meter.utility,
            "role": "submeter",
            "agreement_ref": meter.agreement_ref,
            "multiplier": str(meter.multiplier),
            "digits": str(meter.digits),
        },
    )
    yield "readings", reading(ref, first.previous().last.isoformat(), meter.shows)


def reading(meter_ref: str, read_on: str, shows: int) -> dict[str, str]:
    return {"meter_ref": meter_ref, "read_on": read_on, "kind": "regular", "value": quantity(shows)}


def money(cents: int) -> str:
    """Hundredths as text: fen as yuan, areas as m²."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def quantity(thousandths: int) -> str:
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"
