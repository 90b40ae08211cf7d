from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from portal.admin_base import INPUT_ROLES, ScopedAdmin
from services.models import Agreement


class RunningFilter(admin.SimpleListFilter):
    title = _("是否在执行")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("执行中")), ("soon", _("60 天内到期")), ("ended", _("已结束"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        if self.value() == "now":
            return queryset.filter(
                Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gte=today)
            )
        if self.value() == "soon":
            return queryset.filter(ends_on__range=(today, today + timedelta(days=60)))
        if self.value() == "ended":
            return queryset.filter(ends_on__lt=today)
        return queryset


@admin.register(Agreement)
class AgreementAdmin(ScopedAdmin):
    list_display = ["ref", "provider", "community", "facility", "space", "area_m2", "starts_on", "ends_on"]
    list_select_related = ["provider", "community", "facility"]
    list_filter = [RegionFilter, RunningFilter, "category"]
    search_fields = ["ref", "space", "provider__name", "facility__name", "community__name"]
    search_help_text = _("编号、空间、服务商、设施或社区")
    autocomplete_fields = ["provider", "facility"]
    write_roles = INPUT_ROLES
    community_from = "facility"
    is_input = True
    fields = [
        "ref",
        "provider",
        "facility",
        "space",
        "floor",
        "area_m2",
        "category",
        "starts_on",
        "ends_on",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["provider", "facility"] if obj else []
