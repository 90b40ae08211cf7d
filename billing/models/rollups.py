"""Figures of a month, written in the posting's transaction, and their sums per region, built after it."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MoneyField, MonthField, community_key
from billing.models.results import posted_rows_stay
from portal.access import ScopedQuerySet
from portal.months import in_words


class Figures(models.Model):
    """The utility fund's month and the closing of every other fund, in the order of the export."""

    FIELDS = (
        "opening",
        "rebate_in",
        "recovered_in",
        "subsidy_in",
        "topup_in",
        "transfer_in",
        "bill_out",
        "closing",
        "welfare_closing",
        "service_closing",
        "grant_closing",
        "donation_closing",
        "deposit_closing",
        "property_closing",
    )

    opening = MoneyField(_("期初"))
    rebate_in = MoneyField(_("公益反哺"))
    recovered_in = MoneyField(_("水电分摊收回"))
    subsidy_in = MoneyField(_("补贴"))
    topup_in = MoneyField(_("补入"))
    transfer_in = MoneyField(_("划转净额"))
    bill_out = MoneyField(_("水电账单"))
    closing = MoneyField(_("期末"))
    welfare_closing = MoneyField(_("公益金期末"))
    service_closing = MoneyField(_("低偿服务收入期末"))
    grant_closing = MoneyField(_("政府补助期末"))
    donation_closing = MoneyField(_("捐赠期末"))
    deposit_closing = MoneyField(_("押金期末"))
    property_closing = MoneyField(_("代收物业费期末"))

    class Meta:
        abstract = True

    @property
    def shortfall(self) -> Decimal | None:
        """What the utility fund lacks; None where it lacks nothing."""
        return -self.closing if self.closing < 0 else None

    @property
    def self_sufficiency(self) -> Decimal | None:
        """(rebate_in + recovered_in) / bill_out; None where nothing was billed."""
        return (self.rebate_in + self.recovered_in) / self.bill_out if self.bill_out > 0 else None


class CommunityMonthQuerySet(ScopedQuerySet):
    def posted(self) -> "CommunityMonthQuerySet":
        return self.filter(close__state="posted")

    def published(self) -> "CommunityMonthQuerySet":
        return self.filter(close__state__in=["notice", "posted"])


class CommunityMonth(Figures):
    """One community's month as its close computed it."""

    close = models.OneToOneField(
        "billing.MonthClose", models.CASCADE, primary_key=True, related_name="figures"
    )
    community = community_key("months")
    month = MonthField(_("月份"))

    objects = CommunityMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("社区月报")
        verbose_name_plural = pgettext_lazy("复数", "社区月报")
        indexes = [models.Index(fields=["community", "month"], name="communitymonth_scope")]
        triggers = posted_rows_stay("communitymonth")

    def __str__(self) -> str:
        return f"{self.community} · {in_words(self.month)}"


class RegionMonthQuerySet(ScopedQuerySet):
    region_path = "region__code"


class RegionMonth(Figures):
    """The posted months of all communities of a region, added up."""

    region = models.ForeignKey(
        "facilities.Region", models.PROTECT, verbose_name=_("地区"), related_name="months", db_index=False
    )
    month = MonthField(_("月份"))
    communities = models.PositiveIntegerField(_("已入账社区"))
    in_shortfall = models.PositiveIntegerField(_("入不敷出的社区"))

    objects = RegionMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("地区月报")
        verbose_name_plural = pgettext_lazy("复数", "地区月报")
        constraints = [models.UniqueConstraint(fields=["region", "month"], name="regionmonth_once")]

    def __str__(self) -> str:
        return f"{self.region} · {in_words(self.month)}"
