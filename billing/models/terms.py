from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.fields import FactorField, MoneyField, QuantityField, from_month_field, ref_field
from billing.models.choices import (
    Basis,
    ChargeKind,
    Fund,
    Method,
    OverMeasured,
    PriceClass,
    RebateKind,
    Residual,
    Utility,
)
from facilities.models.columns import facility_of
from portal.access import ScopedQuerySet
from portal.history import tracked


class AgreementTermQuerySet(ScopedQuerySet):
    region_path = "agreement__community__region__code"


class FacilityRuleQuerySet(ScopedQuerySet):
    region_path = "facility__community__region__code"


class TariffQuerySet(ScopedQuerySet):
    region_path = "region__code"


@tracked()
class Tariff(models.Model):
    """What one unit of a utility costs a class of users in a region from a day on, and who says so.

    The newest row not after a day is in force on it, so two rows of one key can never overlap.
    """

    region = models.ForeignKey(
        "facilities.Region", models.PROTECT, verbose_name=_("地区"), related_name="tariffs", db_index=False
    )
    utility = models.CharField(_("能源种类"), max_length=16, choices=Utility)
    price_class = models.CharField(_("价格类别"), max_length=16, choices=PriceClass)
    valid_from = models.DateField(_("执行日期"))
    unit_price = FactorField(_("单价（元）"))
    source = models.CharField(_("依据"), max_length=200, blank=True)

    objects = TariffQuerySet.as_manager()

    class Meta:
        verbose_name = _("价格")
        verbose_name_plural = pgettext_lazy("复数", "价格")
        ordering = ["region", "utility", "price_class", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "utility", "price_class", "valid_from"],
                name="tariff_once",
                violation_error_message=_("这一天已有同类价格，请改那一行。"),
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0),
                name="tariff_price_not_negative",
                violation_error_message=_("单价不能为负。"),
            ),
        ]

    def __str__(self) -> str:
        texts = {"utility": self.get_utility_display(), "price": self.unit_price, "on": self.valid_from}
        return gettext("%(utility)s %(price)s（%(on)s 起）") % texts


@tracked()
class SharingRule(models.Model):
    """How a facility's community and providers agreed to share one utility, from a month on."""

    facility = facility_of("sharing_rules")
    utility = models.CharField(_("能源种类"), max_length=16, choices=Utility)
    from_month = from_month_field()
    basis = models.CharField(_("分摊依据"), max_length=16, choices=Basis, default=Basis.AREA)
    community_weight = FactorField(_("社区权重"), default=0)
    residual = models.CharField(_("余量处理"), max_length=8, choices=Residual, default=Residual.SHARE)
    loss_cap_percent = FactorField(_("线损上限（%）"), default=10)
    over_measured = models.CharField(
        _("分表超总表时"), max_length=8, choices=OverMeasured, default=OverMeasured.BLOCK
    )
    agreed_on = models.DateField(_("议定日期"), null=True, blank=True)

    objects = FacilityRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("分摊约定")
        verbose_name_plural = pgettext_lazy("复数", "分摊约定")
        ordering = ["facility", "utility", "from_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "utility", "from_month"],
                name="sharingrule_once",
                violation_error_message=_("该设施这个月起已有一份分摊约定，请改那一份。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility} · {self.get_utility_display()} · {self.get_basis_display()}"


@tracked()
class UtilityTerm(models.Model):
    """How one agreement takes part in one utility, from a month on."""

    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="utility_terms"
    )
    utility = models.CharField(_("能源种类"), max_length=16, choices=Utility)
    from_month = from_month_field()
    method = models.CharField(_("计费方式"), max_length=16, choices=Method)
    weight = FactorField(_("权重"), null=True, blank=True, help_text=_("按面积分摊时不填即用协议面积。"))
    position_factor = FactorField(_("位置系数"), default=1)
    frequency_factor = FactorField(_("频次系数"), default=1)
    price_class = models.CharField(
        _("价格类别"), max_length=16, choices=PriceClass, default=PriceClass.RESIDENTIAL
    )
    subsidy_percent = FactorField(
        _("补贴比例（%）"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    subsidy_until = models.DateField(_("补贴至"), null=True, blank=True, help_text=_("含当日。"))
    subsidy_fund = models.CharField(_("补贴出自"), max_length=16, choices=Fund, default=Fund.UTILITY)

    objects = AgreementTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("水电约定")
        verbose_name_plural = pgettext_lazy("复数", "水电约定")
        ordering = ["agreement", "utility", "from_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "utility", "from_month"],
                name="utilityterm_once",
                violation_error_message=_("该协议这个月起已有一条同类约定，请改那一条。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_utility_display()} · {self.get_method_display()}"


@tracked()
class ChargeTerm(models.Model):
    """A monthly charge of an agreement, from a month on: a lump sum or a property fee."""

    KINDS = [(kind.value, kind.label) for kind in (ChargeKind.LUMP_SUM, ChargeKind.PROPERTY_FEE)]

    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="charge_terms"
    )
    kind = models.CharField(_("收费种类"), max_length=16, choices=KINDS)
    from_month = from_month_field()
    monthly_amount = MoneyField(
        _("每月金额"), null=True, blank=True, validators=[MinValueValidator(0)], help_text=_("包干费填它。")
    )
    area_m2 = models.DecimalField(
        _("计费面积（㎡）"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("不填即用协议面积。"),
    )
    rate = FactorField(_("单价（元/㎡·月）"), null=True, blank=True, help_text=_("物业费填它。"))

    objects = AgreementTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("每月收费约定")
        verbose_name_plural = pgettext_lazy("复数", "每月收费约定")
        ordering = ["agreement", "kind", "from_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "from_month"],
                name="chargeterm_once",
                violation_error_message=_("该协议这个月起已有一条同类收费，请改那一条。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=ChargeKind.LUMP_SUM, monthly_amount__isnull=False)
                | Q(kind=ChargeKind.PROPERTY_FEE, rate__isnull=False),
                name="chargeterm_has_its_figure",
                violation_error_message=_("包干费要填每月金额，物业费要填单价。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()}"

    def clean(self) -> None:
        """Refuse a property rate above the compound's own residential rate."""
        if self.kind != ChargeKind.PROPERTY_FEE or self.rate is None or not self.agreement_id:
            return
        highest = self.agreement.facility.residential_property_rate
        if highest is not None and self.rate > highest:
            raise ValidationError({"rate": _("物业费单价不得高于本小区住宅标准 %s 元。") % highest})


@tracked()
class RebateTerm(models.Model):
    """What an agreement gives back (公益反哺), from a month on."""

    ref = ref_field(_("反哺约定编号"))
    from_month = from_month_field()
    agreement = models.ForeignKey(
        "services.Agreement", models.PROTECT, verbose_name=_("协议"), related_name="rebate_terms"
    )
    kind = models.CharField(_("反哺方式"), max_length=16, choices=RebateKind)
    rate = FactorField(_("比例"), null=True, blank=True, help_text=_("5 % 写成 0.05。"))
    threshold = MoneyField(_("起算额"), null=True, blank=True, validators=[MinValueValidator(0)])
    floor = MoneyField(_("保底"), null=True, blank=True, validators=[MinValueValidator(0)])
    cap = MoneyField(_("封顶"), null=True, blank=True, validators=[MinValueValidator(0)])
    tiers = models.CharField(
        _("分档"), max_length=200, blank=True, help_text=_("如 50000:0.03|100000:0.05|*:0.08")
    )
    monthly_amount = MoneyField(_("每月金额"), null=True, blank=True, validators=[MinValueValidator(0)])
    hours = QuantityField(_("每月时数"), null=True, blank=True, validators=[MinValueValidator(0)])
    unit_value = FactorField(_("每小时折算（元）"), null=True, blank=True)
    holiday_until = models.DateField(_("免缴至"), null=True, blank=True, help_text=_("含当日。"))
    welfare_percent = FactorField(
        _("转入公益金（%）"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("其余进水电账户。"),
    )

    objects = AgreementTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("反哺约定")
        verbose_name_plural = pgettext_lazy("复数", "反哺约定")
        ordering = ["ref", "from_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["ref", "from_month"],
                name="rebateterm_once",
                violation_error_message=_("该约定这个月起已有一条，请改那一条。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=RebateKind.PERCENT, rate__isnull=False)
                | (Q(kind=RebateKind.TIERED) & ~Q(tiers=""))
                | Q(kind=RebateKind.FIXED, monthly_amount__isnull=False)
                | Q(kind=RebateKind.IN_KIND, hours__isnull=False, unit_value__isnull=False),
                name="rebateterm_has_its_figures",
                violation_error_message=_(
                    "按比例填比例，分档填分档，固定填每月金额，以服务抵填时数和折算价。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} · {self.get_kind_display()}"
