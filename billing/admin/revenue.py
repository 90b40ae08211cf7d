from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing import revenue
from billing.admin.base import InputAdmin
from billing.admin.filters import MonthFilter
from billing.models import Revenue
from facilities.admin.filters import RegionFilter
from portal.access import Role
from portal.admin_base import INPUT_ROLES, money_text, person


@admin.register(Revenue)
class RevenueAdmin(InputAdmin):
    """Reported by one, verified by another; a changed figure is to be verified anew."""

    list_display = [
        "agreement",
        "provider",
        "community",
        "month",
        "amount_text",
        "status",
        "submitted_by",
        "verified_by",
    ]
    list_select_related = ["agreement__provider", "community", "submitted_by", "verified_by"]
    list_filter = [RegionFilter, MonthFilter, "status"]
    search_fields = ["agreement__ref", "agreement__provider__name", "community__name"]
    search_help_text = _("协议、服务商或社区")
    autocomplete_fields = ["agreement"]
    write_roles = INPUT_ROLES
    community_from = "agreement"
    fields = ["agreement", "month", "amount", "status", "submitted_by", "verified_by", "posted_amount"]
    readonly_fields = ["status", "submitted_by", "verified_by", "posted_amount"]
    actions = ["verify", "reject"]
    writes_by_act = True

    def is_settled(self, row: Any) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["agreement", "month", *self.readonly_fields] if obj else list(self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.posted_amount is None)

    def has_verify_permission(self, request: HttpRequest) -> bool:
        return person(request).has_role(Role.ACCOUNTANT)

    def save_model(self, request: HttpRequest, obj: Revenue, form: Any, change: bool) -> None:
        revenue.submit(obj.agreement, obj.month, obj.amount, by=request.user)
        saved = Revenue.objects.get(agreement=obj.agreement, month=obj.month)
        obj.__dict__.update({key: value for key, value in saved.__dict__.items() if key != "_state"})
        obj._state.adding = False

    @admin.action(description=_("核实所选收入"), permissions=["verify"])
    def verify(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._decide(request, queryset, revenue.verify)

    @admin.action(description=_("退回所选收入"), permissions=["verify"])
    def reject(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._decide(request, queryset, revenue.reject)

    def _decide(self, request: HttpRequest, rows: QuerySet, decide: Any) -> None:
        rows = rows.select_related("agreement").order_by("pk")
        self.act_on_each(request, rows, partial(decide, by=request.user), roles=(Role.ACCOUNTANT,))

    @admin.display(description=_("服务商"))
    def provider(self, row: Revenue) -> str:
        return str(row.agreement.provider)

    @admin.display(description=_("收入（元）"), ordering="amount")
    def amount_text(self, row: Revenue) -> Any:
        return money_text(row.amount)
