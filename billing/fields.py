"""Column types of the books: exact decimals with the places that the rules name, and months."""

from typing import Any

import pgtrigger
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from facilities.models.columns import community_of
from portal import months


class MoneyField(models.DecimalField):
    """CNY with two decimals (fen)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
        super().__init__(*args, **(defaults | kwargs))


class QuantityField(models.DecimalField):
    """kWh, m³ … with three decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_digits": 14, "decimal_places": 3}
        super().__init__(*args, **(defaults | kwargs))


class FactorField(models.DecimalField):
    """A unit price, rate, weight, factor or multiplier with four decimals, never negative."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "max_digits": 14,
            "decimal_places": 4,
            "validators": [MinValueValidator(0)],
        }
        super().__init__(*args, **(defaults | kwargs))


MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


class MonthField(models.CharField):
    """A calendar month as "YYYY-MM"; where blank is allowed it means from the start, and sorts first."""

    is_month = True

    default_validators = [RegexValidator(rf"^{months.PATTERN}\Z", _("月份写成 2026-09 的样子。"))]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_length": 7, "db_collation": "C"}
        super().__init__(*args, **(defaults | kwargs))


def from_month_field() -> MonthField:
    """Return the column that says from which month on a term or rule applies."""
    return MonthField(_("自何月起"), blank=True, default="", help_text=_("不填表示从一开始。"))


def community_key(related_name: str) -> models.ForeignKey:
    """Return the scope column of a row, filled in from where the row belongs."""
    return community_of(related_name, editable=False)


def ref_field(label: Any) -> models.CharField:
    """Return the column of a key that people write; unique by a constraint of its model."""
    return models.CharField(label, max_length=64, db_collation="C")


def posting_key() -> models.ForeignKey:
    """Return the column naming the posted month a row went into; empty until then."""
    return models.ForeignKey(
        "billing.MonthClose",
        models.PROTECT,
        verbose_name=_("入账月份"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )


def pending_index(name: str) -> models.Index:
    """Return the index of the rows that no posted month has taken yet."""
    return models.Index(fields=["community"], name=name, condition=Q(close=None))


def posted_row_stays(name: str) -> pgtrigger.Protect:
    """Return the trigger that refuses to change or delete a row a posted month has taken."""
    return pgtrigger.Protect(
        name=f"{name}_posted_stays",
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(old__close__isnull=False),
    )
