"""How a batch reads its rows: decimals as whole units, keys among many; nothing converted twice."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, BooleanField, F, Func, Value


class Units(Func):
    """A decimal column as an integer of its last place, taken from the driver as it is."""

    template = "(%(expressions)s * %(factor)s)::bigint"
    output_field = BigIntegerField()

    def get_db_converters(self, connection: Any) -> list[Any]:
        return []


def units(name: str, places: int) -> Units:
    """Return a decimal column as an integer of its last place."""
    return Units(F(name), factor=10**places)


class Among(Func):
    """Whether a column is one of many values: one array, where `__in` prepares every value by itself."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def among(name: str, values: Iterable[str] | Iterable[int]) -> Among:
    """Return the condition that a column is one of these values."""
    return Among(F(name), Value(list(values)))
