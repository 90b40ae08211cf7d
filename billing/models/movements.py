"""Money that comes or goes beside bills and give-back; each belongs to the month of its date."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MoneyField, community_key, pending_index, posted_row_stays, posting_key, ref_field
from billing.models.choices import CORRECTION_FUNDS, Fund
from portal.access import ScopedQuerySet
from portal.history import tracked


class MovementQuerySet(ScopedQuerySet):
    def not_posted(self) -> "MovementQuerySet":
        return self.filter(close=None)


@tracked(exclude=["close"])
class OpeningBalance(models.Model):
    """What a fund held before the community's first close."""

    community = community_key("opening_balances")
    fund = models.CharField(_("资金"), max_length=16, choices=Fund)
    amount = MoneyField(_("金额"))
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("期初余额")
        verbose_name_plural = pgettext_lazy("复数", "期初余额")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "fund"],
                name="openingbalance_once",
                violation_error_message=_("该资金已有期初余额。"),
            )
        ]
        triggers = [posted_row_stays("openingbalance")]

    def __str__(self) -> str:
        return f"{self.community_id} {self.get_fund_display()}"


@tracked(exclude=["close"])
class TopUp(models.Model):
    """A grant, a donation or street money put into a fund."""

    ref = ref_field(_("补入编号"))
    community = community_key("topups")
    fund = models.CharField(_("资金"), max_length=16, choices=Fund)
    date = models.DateField(_("日期"))
    amount = MoneyField(_("金额"))
    source = models.CharField(_("来源"), max_length=80, blank=True)
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金补入")
        verbose_name_plural = pgettext_lazy("复数", "资金补入")
        ordering = ["-date", "ref"]
        indexes = [pending_index("topup_pending")]
        constraints = [models.UniqueConstraint(fields=["ref"], name="topup_ref_once")]
        triggers = [posted_row_stays("topup")]

    def __str__(self) -> str:
        return self.ref


@tracked(exclude=["close"])
class Transfer(models.Model):
    """Money moved from one fund to another, with the minutes that decided it."""

    ref = ref_field(_("划转编号"))
    community = community_key("transfers")
    from_fund = models.CharField(_("转出资金"), max_length=16, choices=Fund)
    to_fund = models.CharField(_("转入资金"), max_length=16, choices=Fund)
    date = models.DateField(_("日期"))
    amount = MoneyField(_("金额"))
    minutes = models.CharField(_("会议纪要"), max_length=200, blank=True)
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金划转")
        verbose_name_plural = pgettext_lazy("复数", "资金划转")
        ordering = ["-date", "ref"]
        indexes = [pending_index("transfer_pending")]
        constraints = [models.UniqueConstraint(fields=["ref"], name="transfer_ref_once")]
        triggers = [posted_row_stays("transfer")]

    def __str__(self) -> str:
        return self.ref


@tracked(exclude=["close"])
class Correction(models.Model):
    """An amount that puts right what a provider was charged, with its reason."""

    FUNDS = [(fund.value, fund.label) for fund in CORRECTION_FUNDS]

    ref = ref_field(_("更正编号"))
    community = community_key("corrections")
    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="corrections"
    )
    date = models.DateField(_("日期"))
    amount = MoneyField(_("金额"), help_text=_("负数为退还。"))
    fund = models.CharField(_("资金"), max_length=16, choices=FUNDS)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("收费更正")
        verbose_name_plural = pgettext_lazy("复数", "收费更正")
        ordering = ["-date", "ref"]
        indexes = [pending_index("correction_pending")]
        constraints = [models.UniqueConstraint(fields=["ref"], name="correction_ref_once")]
        triggers = [posted_row_stays("correction")]

    def __str__(self) -> str:
        return self.ref


@tracked(exclude=["close"])
class Receipt(models.Model):
    """Money that a provider paid to the community."""

    ref = ref_field(_("收款编号"))
    community = community_key("receipts")
    provider = models.ForeignKey(
        "services.Provider", models.PROTECT, verbose_name=_("服务商"), related_name="receipts"
    )
    date = models.DateField(_("日期"))
    amount = MoneyField(_("金额"))
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("收款")
        verbose_name_plural = pgettext_lazy("复数", "收款")
        ordering = ["-date", "ref"]
        indexes = [pending_index("receipt_pending")]
        constraints = [models.UniqueConstraint(fields=["ref"], name="receipt_ref_once")]
        triggers = [posted_row_stays("receipt")]

    def __str__(self) -> str:
        return self.ref


@tracked(exclude=["close"])
class Payment(models.Model):
    """Money that the community paid to a supplier for a bill."""

    ref = ref_field(_("付款编号"))
    community = community_key("payments")
    bill = models.ForeignKey(
        "billing.UtilityBill", models.PROTECT, verbose_name=_("水电账单"), related_name="payments"
    )
    date = models.DateField(_("日期"))
    amount = MoneyField(_("金额"))
    close = posting_key()

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("付款")
        verbose_name_plural = pgettext_lazy("复数", "付款")
        ordering = ["-date", "ref"]
        indexes = [pending_index("payment_pending")]
        constraints = [models.UniqueConstraint(fields=["ref"], name="payment_ref_once")]
        triggers = [posted_row_stays("payment")]

    def __str__(self) -> str:
        return self.ref
