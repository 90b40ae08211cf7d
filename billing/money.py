"""Exact arithmetic of the month: integer units, share out and round (billing-rules 0)."""

from decimal import Decimal, InvalidOperation

from portal.money import share_out as share_out

# Decimal places of each kind of number; inside the arithmetic every number is an int of its last place.
MONEY = 2
AREA = 2
QUANTITY = 3
PRICE = FACTOR = RATE = WEIGHT = PERCENT = 4

ONE = 10**FACTOR  # a factor, multiplier or rate of exactly 1
HUNDRED_PERCENT = 100 * 10**PERCENT


def round_half_away(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded to a whole unit, halves away from zero (billing-rules 0.2)."""
    if denominator <= 0:
        raise ValueError("the denominator must be above 0")
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def to_units(value: Decimal | int | str, places: int) -> int:
    """A number as an int of its last place; refuses one that has more places."""
    try:
        scaled = Decimal(value).scaleb(places)
        units = int(scaled)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValueError(f"{value!r} is not a plain number") from error
    if units != scaled:
        raise ValueError(f"{value} has more than {places} decimal places")
    return units


def from_units(units: int, places: int) -> Decimal:
    """The Decimal with all its places that an int of the last place stands for."""
    return Decimal(units).scaleb(-places)


def text(units: int, places: int = MONEY) -> str:
    """A number with its full decimals as exports write it: 123450 → "1234.50"."""
    digits = str(units)
    if units >= 10**places:  # the most common by far
        return f"{digits[:-places]}.{digits[-places:]}"
    digits = digits.lstrip("-").zfill(places + 1)
    sign = "" if units >= 0 else "-"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def optional_text(units: int | None, places: int = MONEY) -> str:
    """As `text`, blank where there is no number."""
    return "" if units is None else text(units, places)


def grouped_text(units: int, places: int = MONEY) -> str:
    """As people read it: thousands separators, no needless zeros behind a quantity's point."""
    whole, _, decimals = text(abs(units), places).partition(".")
    sign = "-" if units < 0 else ""
    if places != MONEY:
        decimals = decimals.rstrip("0")
    point = "." if decimals else ""
    return f"{sign}{int(whole):,}{point}{decimals}"
