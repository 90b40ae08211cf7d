from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.admin.filters import MonthFilter
from billing.models import CloseRun
from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin


@admin.register(CloseRun)
class CloseRunAdmin(AppendOnlyAdmin):
    list_display = [
        "region",
        "month",
        "goal",
        "requested_by",
        "created_at",
        "finished_at",
        "cancelled_at",
        "open_page",
    ]
    list_select_related = ["region", "requested_by"]
    list_filter = [RegionFilter, MonthFilter, "goal"]
    search_fields = ["region__name"]
    fields = ["region", "month", "goal", "requested_by", "created_at", "finished_at", "cancelled_at"]
    readonly_fields = fields

    @admin.display(description=_("进度"))
    def open_page(self, run: CloseRun) -> str:
        url = reverse("admin:books_run", args=[run.pk])
        return format_html("<a class='text-link' href='{}'>{}</a>", url, _("看进度和结果"))
