"""A country of made-up provinces: the loaded city over and over, each time under another province's code."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from billing.models import (
    ChargeTerm,
    Meter,
    OpeningBalance,
    Reading,
    RebateTerm,
    Revenue,
    SharingRule,
    Tariff,
    UtilityBill,
    UtilityTerm,
)
from facilities.models import Community, Facility, Region
from services.models import Agreement, Provider

COMMUNITIES = 118_000
FIRST, LAST = 10, 99  # made-up province codes; the city's own is left out
APART = 10**8  # between the keys of one copy and the next

# Parents before children, though nothing checks it: see `multiply`.
TABLES: list[type[models.Model]] = [
    Region, Community, Facility, Provider, Agreement, Tariff, SharingRule, UtilityTerm, ChargeTerm, RebateTerm,
    Meter, Reading, UtilityBill, Revenue, OpeningBalance,
]  # fmt: skip
TEXT_KEYS = {"ref", "uscc"}


def multiply() -> int:
    """Copy the city until there are as many communities as in the country; return how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(left(code, 2)) FROM facilities_community")
        (count, own) = cursor.fetchone()
        cursor.execute("SET session_replication_role = replica")  # the copies are as sound as what they copy
        for number in range(1, min(-(-COMMUNITIES // count), LAST - FIRST)):
            province = FIRST + number if FIRST + number < int(own) else FIRST + number + 1
            for model in TABLES:
                cursor.execute(_copy(model), {"n": number, "province": str(province), "own": own})
        cursor.execute("SET session_replication_role = DEFAULT")
        for model in TABLES:
            _pass_sequence(cursor, model)
        cursor.execute("SELECT count(*) FROM facilities_community")
        (total,) = cursor.fetchone()
    return int(total)


def _copy(model: type[models.Model]) -> str:
    fields = [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]
    names = ", ".join(str(field.column) for field in fields)
    code = next((one.column for one in fields if _is_region(one) and not one.null), None)
    only = f"left({code}, 2) = %(own)s" if code else f"id < {APART}"
    return (
        f"INSERT INTO {model._meta.db_table} ({names})"
        f" SELECT {', '.join(_values(fields))} FROM {model._meta.db_table} WHERE {only}"
    )


def _values(fields: list[Any]) -> Iterator[str]:
    for field in fields:
        column = str(field.column)
        if _is_region(field) or column == "prefix":
            yield f"CASE WHEN {column} IS NULL THEN NULL ELSE %(province)s || substr({column}, 3) END"
        elif isinstance(field, models.AutoField) or getattr(field, "related_model", None) in TABLES:
            yield f"{column} + %(n)s::bigint * {APART}"
        elif column in TEXT_KEYS:
            yield f"CASE WHEN {column} = '' THEN '' ELSE {column} || '-' || %(n)s END"
        else:
            yield column


def _is_region(field: Any) -> bool:
    """Whether a column holds a region's code."""
    related = field.related_model if field.is_relation else None
    return related in (Region, Community) or (field.model is Region and field.primary_key)


def _pass_sequence(cursor: Any, model: type[models.Model]) -> None:
    if isinstance(model._meta.pk, models.AutoField):
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
