from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from facilities.admin.norms import checks_list
from facilities.admin.photos import PhotoInline, WithPhotos
from facilities.admin.timing import TimesActions
from facilities.admin.told import hours_list, rooms_list, told_once
from facilities.models import Category, Facility
from portal.admin_base import INPUT_ROLES, AppendOnlyAdmin, ScopedAdmin


@admin.register(Category)
class CategoryAdmin(AppendOnlyAdmin):
    """The nine functions are given by the city; they come with the application."""

    list_display = ["name", "code", "national_group", "is_urgent"]
    search_fields = ["name", "code"]


@admin.register(Facility)
class FacilityAdmin(TimesActions, WithPhotos, ScopedAdmin):
    list_display = ["name", "ref", "community", "area_m2", "floors", "address"]
    list_select_related = ["community"]
    list_filter = [RegionFilter]
    search_fields = ["name", "ref", "address", "community__name"]
    search_help_text = _("名称、编号、地址或社区")
    autocomplete_fields = ["community"]
    write_roles = INPUT_ROLES
    is_input = True
    fieldsets = [
        (None, {"fields": ["community", "name", "ref", "area_m2", "floors", "residential_property_rate"]}),
        (_("位置"), {"fields": ["address", "longitude", "latitude", "datum"]}),
    ]
    inlines = [PhotoInline]
    actions = ["close_together", "open_together"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = list(super().get_fieldsets(request, obj))
        if obj is None:
            return own
        inside = (_("楼层、房间和开放时间"), {"fields": ["rooms_told", "hours_told"]})
        return [*own, inside, (_("建设标准"), {"fields": ["norm_checks"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["community", "rooms_told", "hours_told", "norm_checks"] if obj else []

    @admin.display(description=_("房间"))
    def rooms_told(self, facility: Facility) -> str:
        return told_once(facility, "rooms", lambda: rooms_list(facility))

    @admin.display(description=_("开放时间"))
    def hours_told(self, facility: Facility) -> str:
        return told_once(facility, "hours", lambda: hours_list(facility, None))

    @admin.display(description=_("逐条核对"))
    def norm_checks(self, facility: Facility) -> str:
        return told_once(facility, "checks", lambda: checks_list(facility))
