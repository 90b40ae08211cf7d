from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MONTH_PATTERN, MoneyField, MonthField, community_key
from billing.models.choices import RevenueStatus
from portal.access import ScopedQuerySet
from portal.history import tracked
from portal.months import in_words


class RevenueQuerySet(ScopedQuerySet):
    provider_path = "agreement__provider"


@tracked(exclude=["posted_amount"])
class Revenue(models.Model):
    """What an agreement earned in a month: the provider reports it, another person verifies it."""

    agreement = models.ForeignKey(
        "services.Agreement",
        models.PROTECT,
        verbose_name=_("协议"),
        related_name="revenue",
        db_index=False,
    )
    community = community_key("revenue")
    month = MonthField(_("月份"))
    amount = MoneyField(_("收入"))
    status = models.CharField(
        _("状态"), max_length=16, choices=RevenueStatus, default=RevenueStatus.SUBMITTED
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("申报人"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("核实人"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    posted_amount = MoneyField(
        _("已入账的收入"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("最近一次结账用的数；与收入不同时，下次结账补差。"),
    )

    objects = RevenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("商家收入")
        verbose_name_plural = pgettext_lazy("复数", "商家收入")
        ordering = ["-month", "agreement"]
        indexes = [
            models.Index(fields=["community", "month"], name="revenue_community_month"),
            models.Index(
                fields=["community"],
                name="revenue_not_yet_posted",
                condition=Q(status=RevenueStatus.VERIFIED)
                & (Q(posted_amount=None) | ~Q(posted_amount=F("amount"))),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month"],
                name="revenue_once",
                violation_error_message=_("该协议这个月的收入已有一条，请改那一条。"),
            ),
            models.CheckConstraint(
                condition=Q(month__regex=MONTH_PATTERN),
                name="revenue_month_form",
                violation_error_message=_("月份写成 2026-09 的样子。"),
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(submitted_by=None) | ~Q(verified_by=F("submitted_by")),
                name="revenue_verified_by_another",
                violation_error_message=_("收入要由申报人以外的人核实。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {in_words(self.month)}"
