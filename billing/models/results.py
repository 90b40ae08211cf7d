"""What a close computes: shares of bills, charges and give-back, each with its explanation."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MoneyField, MonthField, QuantityField
from billing.models.choices import ChargeKind, Fund, RebateKind, RebateStatus
from portal.access import ScopedQuerySet
from portal.months import in_words


def posted_rows_stay(
    table: str, key: str = "close_id", close_id: str = "r.close_id"
) -> list[pgtrigger.Trigger]:
    """Return triggers that refuse to add, change or remove rows of a posted month.

    `close_id` is the SQL for the month of a row, given the row's column `key` as `r`. Months are looked up
    one by one: a join would be planned by statistics that the first close after an import finds empty.
    """
    refuse = """
        IF EXISTS (
            SELECT 1 FROM (SELECT DISTINCT {close} AS close_id FROM ({rows}) r) months
            WHERE (SELECT c.state FROM billing_monthclose c WHERE c.id = months.close_id) = 'posted'
        ) THEN
            RAISE EXCEPTION 'rows of a posted month cannot be added, changed or removed'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
        END IF;
        RETURN NULL;
    """
    fresh, gone = f"SELECT DISTINCT {key} FROM fresh", f"SELECT DISTINCT {key} FROM gone"
    events = [
        ("added", pgtrigger.Insert, pgtrigger.Referencing(new="fresh"), fresh),
        (
            "changed",
            pgtrigger.Update,
            pgtrigger.Referencing(old="gone", new="fresh"),
            f"{gone} UNION {fresh}",
        ),
        ("removed", pgtrigger.Delete, pgtrigger.Referencing(old="gone"), gone),
    ]
    return [
        pgtrigger.Trigger(
            name=f"{table}_not_{event}",
            operation=operation,
            when=pgtrigger.After,
            level=pgtrigger.Statement,
            referencing=referencing,
            func=refuse.format(rows=rows, close=close_id, name=f"{table}_not_{event}"),
        )
        for event, operation, referencing, rows in events
    ]


class BillSharingQuerySet(ScopedQuerySet):
    region_path = "close__community__region__code"


class BillSharing(models.Model):
    """How one bill was shared in one month; a bill is shared once."""

    close = models.ForeignKey("billing.MonthClose", models.CASCADE, related_name="sharings")
    bill = models.OneToOneField("billing.UtilityBill", models.PROTECT, related_name="sharing")
    explanation = models.JSONField(_("计算说明"), default=dict)

    objects = BillSharingQuerySet.as_manager()

    class Meta:
        verbose_name = _("账单分摊")
        verbose_name_plural = pgettext_lazy("复数", "账单分摊")
        triggers = posted_rows_stay("billsharing")

    def __str__(self) -> str:
        return str(self.bill)


class ShareQuerySet(ScopedQuerySet):
    region_path = "sharing__close__community__region__code"
    provider_path = "agreement__provider"

    def posted(self) -> "ShareQuerySet":
        return self.filter(sharing__close__state="posted")

    def published(self) -> "ShareQuerySet":
        return self.filter(sharing__close__state__in=["notice", "posted"])


class Share(models.Model):
    """One agreement's part of a bill, or the community's own (no agreement)."""

    sharing = models.ForeignKey(BillSharing, models.CASCADE, related_name="shares", db_index=False)
    agreement = models.ForeignKey(
        "services.Agreement",
        models.PROTECT,
        verbose_name=_("协议"),
        null=True,
        related_name="shares",
    )
    quantity = QuantityField(_("用量"), null=True)
    gross = MoneyField(_("应摊"))
    subsidy = MoneyField(_("补贴"))
    subsidy_fund = models.CharField(_("补贴出自"), max_length=16, choices=Fund, blank=True)
    amount = MoneyField(_("实付"))
    flags = models.CharField(_("标记"), max_length=48, blank=True)
    explanation = models.JSONField(_("计算说明"), default=dict)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("分摊")
        verbose_name_plural = pgettext_lazy("复数", "分摊")
        constraints = [
            models.UniqueConstraint(fields=["sharing", "agreement"], name="share_once", nulls_distinct=False),
        ]
        triggers = posted_rows_stay(
            "share", "sharing_id", "(SELECT s.close_id FROM billing_billsharing s WHERE s.id = r.sharing_id)"
        )

    def __str__(self) -> str:
        return f"{self.sharing} · {self.amount}"


class CloseRowQuerySet(ScopedQuerySet):
    region_path = "close__community__region__code"
    provider_path = "agreement__provider"

    def posted(self) -> "CloseRowQuerySet":
        return self.filter(close__state="posted")

    def published(self) -> "CloseRowQuerySet":
        return self.filter(close__state__in=["notice", "posted"])


class Charge(models.Model):
    """A lump sum, property fee or correction of one agreement in one month."""

    close = models.ForeignKey("billing.MonthClose", models.CASCADE, related_name="charges")
    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="charges"
    )
    kind = models.CharField(_("种类"), max_length=16, choices=ChargeKind)
    correction = models.OneToOneField(
        "billing.Correction", models.PROTECT, verbose_name=_("更正"), null=True, related_name="charge"
    )
    fund = models.CharField(_("资金"), max_length=16, choices=Fund)
    amount = MoneyField(_("金额"))
    explanation = models.JSONField(_("计算说明"), default=dict)

    objects = CloseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("收费")
        verbose_name_plural = pgettext_lazy("复数", "收费")
        constraints = [
            models.UniqueConstraint(
                fields=["close", "agreement", "kind"],
                name="charge_once",
                condition=~Q(kind=ChargeKind.CORRECTION),
            ),
        ]
        triggers = posted_rows_stay("charge")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.amount}"


class Rebate(models.Model):
    """What one term gives back (公益反哺) for one month, in the month that closed it."""

    close = models.ForeignKey("billing.MonthClose", models.CASCADE, related_name="rebates", db_index=False)
    month = MonthField(_("所属月份"))
    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="rebates"
    )
    term_ref = models.CharField(_("反哺约定编号"), max_length=64, db_collation="C")
    kind = models.CharField(_("反哺方式"), max_length=16, choices=RebateKind)
    base = MoneyField(_("计算基数"), null=True)
    amount = MoneyField(_("金额"), null=True)
    welfare_amount = MoneyField(_("其中公益金"), default=0)
    value = MoneyField(_("折算价值"), null=True)
    status = models.CharField(_("状态"), max_length=16, choices=RebateStatus)
    explanation = models.JSONField(_("计算说明"), default=dict)

    objects = CloseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("公益反哺")
        verbose_name_plural = pgettext_lazy("复数", "公益反哺")
        constraints = [
            models.UniqueConstraint(fields=["close", "term_ref", "month"], name="rebate_once"),
        ]
        triggers = posted_rows_stay("rebate")

    def __str__(self) -> str:
        return f"{self.term_ref} · {in_words(self.month)}"
