import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import (
    FactorField,
    MoneyField,
    QuantityField,
    community_key,
    pending_index,
    posted_row_stays,
    posting_key,
    ref_field,
)
from billing.models.choices import MeterRole, ReadingKind, Utility
from facilities.models.columns import facility_of
from portal.access import ScopedQuerySet
from portal.history import tracked


@tracked()
class Meter(models.Model):
    """One meter in one occupant's hands; a hand-over closes the row and opens a new one."""

    ref = ref_field(_("表号"))
    community = community_key("meters")
    facility = facility_of("meters")
    utility = models.CharField(_("能源种类"), max_length=16, choices=Utility)
    role = models.CharField(_("表的作用"), max_length=8, choices=MeterRole)
    agreement = models.ForeignKey(
        "services.Agreement",
        models.PROTECT,
        verbose_name=_("协议"),
        null=True,
        blank=True,
        related_name="meters",
        help_text=_("不填即社区自己用。"),
    )
    multiplier = FactorField(_("倍率"), default=1)
    digits = models.PositiveSmallIntegerField(_("位数"), default=6)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("表")
        verbose_name_plural = pgettext_lazy("复数", "表")
        ordering = ["ref"]
        indexes = [models.Index(fields=["community"], name="meter_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"], name="meter_ref_once", violation_error_message=_("表号已被使用。")
            ),
            models.CheckConstraint(
                condition=Q(digits__range=(1, 12)),
                name="meter_digits_sensible",
                violation_error_message=_("表的位数在 1 到 12 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class ReadingQuerySet(ScopedQuerySet):
    region_path = "meter__community__region__code"


class Reading(models.Model):
    """What a meter showed on a day."""

    meter = models.ForeignKey(
        Meter, models.PROTECT, verbose_name=_("表"), related_name="readings", db_index=False
    )
    read_on = models.DateField(_("抄表日期"))
    kind = models.CharField(_("读数种类"), max_length=16, choices=ReadingKind, default=ReadingKind.REGULAR)
    value = QuantityField(_("读数"))

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("读数")
        verbose_name_plural = pgettext_lazy("复数", "读数")
        ordering = ["meter", "read_on", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "read_on", "kind"],
                name="reading_once",
                violation_error_message=_("这块表当天已有同类读数，请改那一条。"),
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="reading_not_negative",
                violation_error_message=_("读数不能为负。"),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="reading_posted_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM billing_meter m JOIN billing_monthclose c ON c.community_id = m.community_id
                        WHERE m.id = OLD.meter_id AND c.state = 'posted' AND c.month >= to_char(OLD.read_on, 'YYYY-MM')
                    ) THEN
                        RAISE EXCEPTION 'a reading up to the last posted month cannot be changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'reading_posted_stays';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.meter} · {date_format(self.read_on)}"


class BillQuerySet(ScopedQuerySet):
    def not_posted(self) -> "BillQuerySet":
        return self.filter(close=None)


@tracked(exclude=["close"])
class UtilityBill(models.Model):
    """One supplier's bill for one master meter and period, shared among those who used it.

    A bill that `corrects` a posted one takes it back and has no figures of its own.
    """

    ref = ref_field(_("账单编号"))
    community = community_key("bills")
    facility = facility_of("bills")
    utility = models.CharField(_("能源种类"), max_length=16, choices=Utility)
    period_start = models.DateField(_("账期开始"), null=True, blank=True)
    period_end = models.DateField(_("账期结束"), null=True, blank=True, help_text=_("含当日。"))
    quantity = QuantityField(_("总表用量"), null=True, blank=True, help_text=_("供暖按面积计费时不填。"))
    amount = MoneyField(_("金额"), null=True, blank=True, help_text=_("负数为退费。"))
    loss_reason = models.CharField(_("线损超限说明"), max_length=200, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("冲回的账单"),
        null=True,
        blank=True,
        related_name="taken_back_by",
        db_index=False,
    )

    close = posting_key()

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("水电账单")
        verbose_name_plural = pgettext_lazy("复数", "水电账单")
        ordering = ["-period_end", "ref"]
        indexes = [
            models.Index(fields=["community", "period_end"], name="bill_community_period"),
            pending_index("bill_pending"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"], name="bill_ref_once", violation_error_message=_("账单编号已被使用。")
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                name="bill_taken_back_once",
                condition=Q(corrects__isnull=False),
                violation_error_message=_("这张账单已经冲回过一次。"),
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")) | Q(period_end=None),
                name="bill_period_in_order",
                violation_error_message=_("账期结束不能早于开始。"),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) | Q(quantity=None),
                name="bill_quantity_not_negative",
                violation_error_message=_("用量不能为负；退费请先冲回原账单。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    corrects=None, period_start__isnull=False, period_end__isnull=False, amount__isnull=False
                )
                | Q(corrects__isnull=False, period_start=None, period_end=None, quantity=None, amount=None),
                name="bill_has_figures_or_corrects",
                violation_error_message=_("账单要填账期和金额；冲回的账单这些都不填。"),
            ),
        ]
        triggers = [posted_row_stays("bill")]

    def __str__(self) -> str:
        return self.ref
