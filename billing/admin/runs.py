from typing import Any

from django.contrib import admin
from django.http import HttpRequest
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
        "how_far",
        "open_page",
    ]
    list_select_related = ["region", "requested_by"]
    list_filter = [RegionFilter, MonthFilter, "goal"]
    search_fields = ["region__name"]
    fields = ["region", "month", "goal", "requested_by", "created_at", "finished_at", "cancelled_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.with_counts()

    @admin.display(description=_("到哪一步"))
    def how_far(self, run: Any) -> Any:
        if run.finished_at:
            return _("已结束，有出错的") if run.failed else _("已结束")
        state = _("已停下") if run.cancelled_at else _("进行中")
        return f"{state} {run.handled} / {run.total}"

    @admin.display(description=_("进度"))
    def open_page(self, run: CloseRun) -> str:
        url = reverse("admin:books_run", args=[run.pk])
        return format_html("<a class='text-link' href='{}'>{}</a>", url, _("看进度和结果"))
