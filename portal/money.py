"""Sharing a whole so that its parts always add up to it: the one arithmetic of money every app may use."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

FEN = Decimal("0.01")
_INTEGERS = {int}


def share_out(total: int, weights: Sequence[int] | Sequence[Fraction]) -> list[int] | None:
    """Share `total` units by largest remainder; ties go to the earlier weight (billing-rules 0.1).

    Returns parts in the order given, adding up to `total`, or None if no weight is above 0.
    A negative total is shared as its absolute value and negated. Callers order the weights by
    the agreements' ref by code point, the community last.
    """
    whole = _whole(weights)
    denominator = sum(whole)
    if denominator <= 0:
        return None
    magnitude = abs(total)
    parts, remainders = [], []
    for weight in whole:
        part, remainder = divmod(magnitude * weight, denominator)
        parts.append(part)
        remainders.append(remainder)
    left = magnitude - sum(parts)
    if left:
        # sorted() is stable in reverse too: of equal remainders the earlier weight comes first.
        largest = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for index in largest[:left]:
            parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]


def _whole(weights: Sequence[int] | Sequence[Fraction]) -> Sequence[int]:
    """Weights as whole numbers in the same proportions, none of them negative."""
    if weights and min(weights) < 0:
        raise ValueError("a weight is never negative")
    if _INTEGERS.issuperset(map(type, weights)):
        return weights  # type: ignore[return-value]
    fractions = [Fraction(weight) for weight in weights]
    denominator = lcm(*(fraction.denominator for fraction in fractions))
    return [int(fraction * denominator) for fraction in fractions]


def share_equally(amount: Decimal, number: int) -> list[Decimal]:
    """An amount in so many equal parts, to the fen; what is left over goes to the first ones."""
    parts = share_out(int(amount / FEN), [1] * number) or []
    return [part * FEN for part in parts]
