"""The money of a project: who promised what, what came in, what it was spent on."""

import uuid
from decimal import Decimal

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from facilities.models.columns import community_of
from facilities.models.sites import person_key
from portal.access import ScopedQuerySet
from portal.history import tracked

ZERO = Decimal("0.00")


class FundingQuerySet(ScopedQuerySet):
    def with_sums(self) -> "FundingQuerySet":
        """Each promise with what was received and spent of it, and what is held."""
        return self.annotate(
            received=Coalesce(Sum("flows__amount", filter=Q(flows__kind="received")), ZERO),
            spent=Coalesce(Sum("flows__amount", filter=Q(flows__kind="spent")), ZERO),
        ).annotate(held=F("received") - F("spent"))


@tracked(exclude=["payer"])
class Funding(models.Model):
    """What one named payer promised for one phase; every yuan received or spent hangs on such a row."""

    class Source(models.TextChoices):
        SAVINGS = "savings", _("社区自筹")
        STREET = "street", _("街道资金")
        INCUBATED = "incubated", _("孵化企业")
        OPERATOR = "operator", _("运营方")
        DONATION = "donation", _("捐赠")

    phase = models.ForeignKey(
        "facilities.Phase", models.PROTECT, verbose_name=_("分期"), related_name="fundings"
    )
    community = community_of("+", editable=False)
    source = models.CharField(_("资金来源"), max_length=10, choices=Source)
    payer = models.CharField(_("出资方"), max_length=80)
    pledged = models.DecimalField(
        _("认缴（元）"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    agreed_on = models.DateField(_("约定日期"))
    minutes = models.CharField(_("约定依据"), max_length=160, help_text=_("协议或会议纪要。"))
    is_shared_equally = models.BooleanField(_("均摊"), default=False, editable=False)

    objects = FundingQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目资金")
        verbose_name_plural = pgettext_lazy("复数", "项目资金")
        ordering = ["phase", "pk"]
        indexes = [models.Index(fields=["community"], name="funding_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "source", "payer"],
                name="funding_payer_once",
                violation_error_message=_("这一期已有这个出资方，请改它的认缴金额。"),
            ),
            models.CheckConstraint(
                condition=Q(pledged__gte=0),
                name="funding_pledge_not_negative",
                violation_error_message=_("认缴金额不能为负。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} · {self.get_source_display()}"

    @property
    def audited_as(self) -> str:
        """A number: who gives may be a person."""
        return gettext("第 %d 笔认缴") % self.pk


class Flow(models.Model):
    """Money of one payer that came in or was spent; never changed, taken back by a row with the sign turned.

    One payment made from several payers' money has one `voucher` and a row for each of them.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("到账")
        SPENT = "spent", _("支出")

    funding = models.ForeignKey(Funding, models.PROTECT, verbose_name=_("项目资金"), related_name="flows")
    community = community_of("+", editable=False)
    kind = models.CharField(_("收支"), max_length=8, choices=Kind)
    on = models.DateField(_("日期"))
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2)
    purpose = models.CharField(_("用途"), max_length=120, blank=True)
    payee = models.CharField(_("收款方"), max_length=80, blank=True)
    evidence = models.CharField(_("凭证"), max_length=80)
    voucher = models.UUIDField(_("业务号"), default=uuid.uuid4, editable=False)
    takes_back = models.OneToOneField(
        "self", models.PROTECT, verbose_name=_("冲回"), null=True, related_name="taken_back_by"
    )
    by = person_key(_("记账人"), null=True)
    at = models.DateTimeField(_("记录时间"), db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目收支")
        verbose_name_plural = pgettext_lazy("复数", "项目收支")
        ordering = ["on", "pk"]
        indexes = [
            models.Index(fields=["community"], name="flow_community"),
            models.Index(fields=["voucher"], name="flow_voucher"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, takes_back=None) | Q(amount__lt=0, takes_back__isnull=False),
                name="flow_negative_only_taking_back",
            ),
        ]
        triggers = [pgtrigger.Protect(name="flow_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
