from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.admin.base import InputAdmin
from billing.models import ChargeTerm, RebateTerm, SharingRule, Tariff, UtilityTerm
from facilities.admin.filters import RegionFilter, above
from portal.access import STAFF_ROLES, Role
from portal.admin_base import MONEY_ROLES, money_text, quantity_text


class TermAdmin(InputAdmin):
    """Terms apply from a month on: for a new agreement add a row, posted months keep their own figures."""

    write_roles = MONEY_ROLES
    autocomplete_fields = ["agreement"]
    search_help_text = _("协议、服务商或设施")
    search_fields = ["agreement__ref", "agreement__provider__name", "agreement__facility__name"]
    list_select_related = ["agreement__provider", "agreement__community"]

    @admin.display(description=_("社区"))
    def community(self, row: Any) -> str:
        return str(row.agreement.community)

    @admin.display(description=_("服务商"))
    def provider(self, row: Any) -> str:
        return str(row.agreement.provider)

    @admin.display(description=_("自何月起"), ordering="from_month")
    def since(self, row: Any) -> Any:
        return row.from_month or _("一开始")


@admin.register(UtilityTerm)
class UtilityTermAdmin(TermAdmin):
    list_display = [
        "agreement",
        "provider",
        "community",
        "utility",
        "since",
        "method",
        "weight_text",
        "price_class",
    ]
    list_filter = [RegionFilter, "utility", "method", "price_class"]
    fieldsets = [
        (None, {"fields": ["agreement", "utility", "from_month", "method", "price_class"]}),
        (_("权重"), {"fields": ["weight", "position_factor", "frequency_factor"]}),
        (_("补贴"), {"fields": ["subsidy_percent", "subsidy_until", "subsidy_fund"]}),
    ]

    @admin.display(description=_("权重"))
    def weight_text(self, row: UtilityTerm) -> str:
        return quantity_text(row.weight)


@admin.register(ChargeTerm)
class ChargeTermAdmin(TermAdmin):
    list_display = ["agreement", "provider", "community", "kind", "since", "amount_text", "rate_text"]
    list_filter = [RegionFilter, "kind"]
    fields = ["agreement", "kind", "from_month", "monthly_amount", "area_m2", "rate"]

    @admin.display(description=_("每月金额（元）"))
    def amount_text(self, row: ChargeTerm) -> Any:
        return money_text(row.monthly_amount)

    @admin.display(description=_("单价（元/㎡·月）"))
    def rate_text(self, row: ChargeTerm) -> str:
        return quantity_text(row.rate)


@admin.register(RebateTerm)
class RebateTermAdmin(TermAdmin):
    list_display = [
        "ref",
        "agreement",
        "provider",
        "community",
        "kind",
        "since",
        "rate_text",
        "holiday_until",
    ]
    list_filter = [RegionFilter, "kind"]
    search_fields = ["ref", *TermAdmin.search_fields]
    fieldsets = [
        (None, {"fields": ["ref", "agreement", "from_month", "kind", "holiday_until", "welfare_percent"]}),
        (_("按收入比例"), {"fields": ["rate", "threshold", "floor", "cap"]}),
        (_("分档累进"), {"fields": ["tiers"]}),
        (_("固定金额"), {"fields": ["monthly_amount"]}),
        (_("以服务抵"), {"fields": ["hours", "unit_value"]}),
    ]

    @admin.display(description=_("比例"))
    def rate_text(self, row: RebateTerm) -> str:
        return quantity_text(row.rate)


@admin.register(SharingRule)
class SharingRuleAdmin(InputAdmin):
    list_display = [
        "facility",
        "community",
        "utility",
        "since",
        "basis",
        "residual",
        "over_measured",
        "agreed_on",
    ]
    list_select_related = ["facility__community"]
    list_filter = [RegionFilter, "utility", "basis", "residual"]
    search_fields = ["facility__name", "facility__ref", "facility__community__name"]
    autocomplete_fields = ["facility"]
    write_roles = MONEY_ROLES
    fields = [
        "facility",
        "utility",
        "from_month",
        "basis",
        "community_weight",
        "residual",
        "loss_cap_percent",
        "over_measured",
        "agreed_on",
    ]

    community = admin.display(description=_("社区"))(lambda self, row: str(row.facility.community))
    since = TermAdmin.since


@admin.register(Tariff)
class TariffAdmin(InputAdmin):
    """Prices of the user's regions and of those above: the city's price holds in its communities."""

    list_display = ["region", "utility", "price_class", "valid_from", "price_text", "source"]
    list_select_related = ["region"]
    list_filter = ["utility", "price_class"]
    search_fields = ["region__name", "source"]
    autocomplete_fields = ["region"]
    write_roles = (Role.REGION_ADMIN,)
    can_delete_rows = False
    ordering = ["region", "utility", "price_class", "-valid_from"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        below = super().get_queryset(request)
        if request.user.is_superuser:
            return below
        return below | Tariff.objects.filter(above(request.user, "region", *STAFF_ROLES))

    @admin.display(description=_("单价（元）"), ordering="unit_price")
    def price_text(self, row: Tariff) -> str:
        return quantity_text(row.unit_price)
