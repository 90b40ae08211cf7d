"""Bookings as rows: to be searched; they are made and changed on the calendar."""

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from facilities.admin.sheets import BOOKINGS
from facilities.models import Booking, RefusedWish, VisitCount
from facilities.views import PAGES
from portal.admin_base import AppendOnlyAdmin


@admin.register(Booking)
class BookingAdmin(AppendOnlyAdmin):
    list_display = ["space", "starts_at", "ends_at", "state", "booked_by", "people", "price"]
    list_select_related = ["space", "booked_by"]
    list_filter = [RegionFilter, "state"]
    search_fields = ["space__name", "space__facility__name"]
    search_help_text = _("空间或设施")
    personal = ("booked_by",)
    sheets = BOOKINGS
    date_hierarchy = "starts_at"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"rooms/{route}", self.admin_site.admin_view(view), name=name) for route, view, name in PAGES
        ]
        return [*own, *super().get_urls()]


@admin.register(RefusedWish)
class RefusedWishAdmin(AppendOnlyAdmin):
    list_display = ["day", "space", "category", "reason", "count"]
    list_select_related = ["space", "category"]
    list_filter = [RegionFilter, "category", "reason"]


@admin.register(VisitCount)
class VisitCountAdmin(AppendOnlyAdmin):
    """People counted at the door by themselves; nobody is named."""

    list_display = ["hour", "space", "count"]
    list_select_related = ["space"]
    list_filter = [RegionFilter]
    search_fields = ["space__name", "space__facility__name"]
    date_hierarchy = "hour"
