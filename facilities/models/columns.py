"""Columns that several tables have: their community, a place on the map, a function, a facility or its room."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def community_of(related_name: str, **extra: Any) -> models.ForeignKey:
    """Return the scope column of a row; the model declares its one index."""
    return models.ForeignKey(
        "facilities.Community",
        models.PROTECT,
        verbose_name=_("社区"),
        related_name=related_name,
        db_index=False,
        **extra,
    )


def category_of() -> models.ForeignKey:
    """Return the column of the function of a row."""
    return models.ForeignKey(
        "facilities.Category",
        models.PROTECT,
        verbose_name=_("功能类别"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )


def facility_of(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        "facilities.Facility", models.PROTECT, verbose_name=_("设施"), related_name=related_name
    )


def room_of(related_name: str) -> models.ForeignKey:
    """Return the column of one room of the facility, or of none: then the row is about all of it."""
    return models.ForeignKey(
        "facilities.Space",
        models.PROTECT,
        verbose_name=_("空间"),
        null=True,
        blank=True,
        related_name=related_name,
        help_text=_("不填为整个设施。"),
    )


def longitude_field() -> models.DecimalField:
    return _degrees(_("经度"), 180, max_digits=9)


def latitude_field() -> models.DecimalField:
    return _degrees(_("纬度"), 90, max_digits=8)


def _degrees(label: Any, most: int, *, max_digits: int) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=max_digits,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-most), MaxValueValidator(most)],
    )
