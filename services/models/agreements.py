from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import category_of, community_of, facility_of
from portal.access import ScopedQuerySet
from portal.history import tracked


def one_point(expression: Any) -> Func:
    """Return a range of one integer: equality for an exclusion constraint of core PostgreSQL."""
    return Func(expression, expression, Value("[]"), function="int8range")


class AgreementQuerySet(ScopedQuerySet):
    provider_path = "provider"

    def running_in(self, first: Any, last: Any) -> "AgreementQuerySet":
        return self.filter(
            Q(starts_on=None) | Q(starts_on__lte=last), Q(ends_on=None) | Q(ends_on__gte=first)
        )


@tracked()
class Agreement(models.Model):
    """A provider's right to use a space for a time, and what it owes for it."""

    ref = models.CharField(_("协议编号"), max_length=64, db_collation="C")
    provider = models.ForeignKey(
        "services.Provider", models.PROTECT, verbose_name=_("服务商"), related_name="agreements"
    )
    facility = facility_of("agreements")
    community = community_of("agreements", editable=False)
    space = models.CharField(_("空间"), max_length=80, blank=True)
    floor = models.SmallIntegerField(_("楼层"), null=True, blank=True, help_text=_("地下为负数。"))
    area_m2 = models.DecimalField(
        _("面积（㎡）"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    category = category_of()
    starts_on = models.DateField(_("开始日期"), null=True, blank=True)
    ends_on = models.DateField(_("结束日期"), null=True, blank=True, help_text=_("含当日；不填为长期。"))

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("协议")
        verbose_name_plural = pgettext_lazy("复数", "协议")
        ordering = ["ref"]
        indexes = [models.Index(fields=["community"], name="agreement_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"],
                name="agreement_ref_once",
                violation_error_message=_("协议编号已被使用。"),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")) | Q(starts_on=None) | Q(ends_on=None),
                name="agreement_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=Q(area_m2__gte=0) | Q(area_m2=None),
                name="agreement_area_not_negative",
                violation_error_message=_("面积不能为负。"),
            ),
            ExclusionConstraint(
                name="agreement_space_not_twice",
                expressions=[
                    (one_point("facility_id"), RangeOperators.OVERLAPS),
                    (
                        one_point(Func("space", Value(0), function="hashtextextended")),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(space=""),
                violation_error_message=_("同一空间在这段时间已有另一份协议。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.space}".strip()
