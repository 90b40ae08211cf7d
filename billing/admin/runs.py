from django.contrib import admin

from billing.admin.filters import MonthFilter
from billing.models import CloseRun
from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin


@admin.register(CloseRun)
class CloseRunAdmin(AppendOnlyAdmin):
    list_display = ["region", "month", "goal", "requested_by", "created_at", "finished_at", "cancelled_at"]
    list_select_related = ["region", "requested_by"]
    list_filter = [RegionFilter, MonthFilter, "goal"]
    search_fields = ["region__name"]
    fields = ["region", "month", "goal", "requested_by", "created_at", "finished_at", "cancelled_at"]
    readonly_fields = fields
