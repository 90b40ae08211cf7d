import re
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import category_of
from portal.access import STAFF_ROLES, ScopedQuerySet
from portal.history import tracked

FIGURE = re.compile(r"\d+(?:\.\d+)?")


class NormQuerySet(ScopedQuerySet):
    region_path = "region__code"

    def visible_to(self, user: Any, *roles: str) -> Self:
        """A user's own regions' rows; the national ones are for every member of staff."""
        own = super().visible_to(user, *roles)
        if user.is_superuser or not user.is_active or not user.has_role(*(roles or STAFF_ROLES)):
            return own
        return own | self.filter(region=None) if not roles or set(roles) == set(STAFF_ROLES) else own

    def holding_on(self, on: Any) -> "NormQuerySet":
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_until=None) | Q(valid_until__gte=on)
        )

    def holding_at(self, code: str, on: Any) -> "NormQuerySet":
        """The rows that speak about a place on a day: the national ones and those of regions above it."""
        above = {code[:length].ljust(12, "0") for length in (2, 4, 6, 9, 12)}
        return self.holding_on(on).filter(Q(region=None) | Q(region__in=above))


# Measures that look at one function, and those that look at everything.
OF_CATEGORY = [
    "category_area",
    "lowest_floor",
    "highest_floor",
    "area_per_person",
    "people_upstairs",
    "high_room_area",
    "high_room_people",
    "category_per_100",
    "places_per_1000",
]


@tracked()
class Norm(models.Model):
    """A requirement on facilities, as a row: what is measured, its limit, whose rule it is.

    A city's row takes the place of the national one with the same code; one that is not active says that
    the requirement does not hold there.
    """

    class Measure(models.TextChoices):
        AREA = "area", _("设施面积（㎡）不少于")
        AREA_WHERE_POSSIBLE = "area_possible", _("设施面积（㎡）有条件的不少于")
        FUNCTIONS = "functions", _("功能数不少于")
        URGENT = "urgent", _("四类急需功能数不少于")
        PER_HOUSEHOLDS = "per_households", _("社区每百户面积（㎡）不少于")
        CATEGORY_AREA = "category_area", _("该功能的面积（㎡）不少于")
        LOWEST_FLOOR = "lowest_floor", _("该功能的楼层不低于")
        HIGHEST_FLOOR = "highest_floor", _("该功能的楼层不高于")
        CARE = "care", _("养老、托育的类数不少于")
        AREA_PER_PERSON = "area_per_person", _("该功能每间每人面积（㎡）不少于")
        PEOPLE_UPSTAIRS = "people_upstairs", _("该功能 2 层以上的人数不多于")
        HIGH_ROOM_AREA = "high_room_area", _("该功能在地下或 4 层以上，每间面积（㎡）不多于")
        HIGH_ROOM_PEOPLE = "high_room_people", _("该功能在地下或 4 层以上，每间人数不多于")
        CATEGORY_PER_HOUSEHOLDS = "category_per_100", _("社区每百户该功能的面积（㎡）不少于")
        PLACES_PER_THOUSAND = "places_per_1000", _("社区每千人该功能的名额不少于")
        ACCESSIBLE = "accessible", _("居民可用空间有无障碍入口的比例（%）不少于")
        USE_SHARE = "use_share", _("空间利用率（%）低于它就算低")

    code = models.SlugField(_("代码"), max_length=40)
    region = models.ForeignKey(
        "facilities.Region",
        models.PROTECT,
        verbose_name=_("地区"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("不填为全国；同一代码，本市的一行代替全国的一行。"),
    )
    name = models.CharField(_("要求"), max_length=80)
    measure = models.CharField(_("看什么"), max_length=16, choices=Measure)
    category = category_of()
    value = models.DecimalField(_("数值"), max_digits=10, decimal_places=2)
    is_required = models.BooleanField(_("必须"), default=True, help_text=_("不勾选为鼓励。"))
    is_active = models.BooleanField(
        _("启用"), default=True, help_text=_("不勾选：这条要求在这个地区不适用，上级的也不看。")
    )
    source = models.CharField(_("依据"), max_length=160)
    valid_from = models.DateField(_("自"), null=True, blank=True)
    valid_until = models.DateField(_("至"), null=True, blank=True, help_text=_("含当日。"))

    objects = NormQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设标准")
        verbose_name_plural = pgettext_lazy("复数", "建设标准")
        ordering = ["measure", "category", "code", F("region").asc(nulls_first=True)]
        indexes = [models.Index(fields=["region"], name="norm_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "code", "valid_from"],
                nulls_distinct=False,
                name="norm_code_once",
                violation_error_message=_("这个地区已有同样代码、同样起始日期的标准。"),
            ),
            models.CheckConstraint(
                condition=Q(measure__in=OF_CATEGORY, category__isnull=False)
                | (~Q(measure__in=OF_CATEGORY) & Q(category=None)),
                name="norm_category_where_it_counts",
                violation_error_message=_("看某一功能的面积、楼层、人数时要选功能类别，其他的不选。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Everybody reads the name: a figure in it is the value that holds."""
        told = {Decimal(figure) for figure in FIGURE.findall(self.name)}
        if told and self.value is not None and self.value not in told:
            text = _("名称里写的数和数值对不上，请改成一样。")
            raise ValidationError({"name": text})
