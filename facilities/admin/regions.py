from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from facilities.models import Community, Region
from portal.access import Role
from portal.admin_base import AppendOnlyAdmin, ScopedAdmin


@admin.register(Region)
class RegionAdmin(AppendOnlyAdmin):
    """Regions come from the statistical list (`load_regions`), never by hand."""

    list_display = ["name", "code", "level", "parent", "managed_by"]
    list_select_related = ["parent", "managed_by"]
    list_filter = [RegionFilter, "level"]
    search_fields = ["name", "code__startswith"]
    search_help_text = _("名称或代码")
    ordering = ["code"]


@admin.register(Community)
class CommunityAdmin(ScopedAdmin):
    list_display = ["name", "code", "street", "households", "population", "notice_days", "cash_holder"]
    list_select_related = ["region__parent"]
    list_filter = [RegionFilter]
    search_fields = ["name", "region__code__startswith", "region__name"]
    autocomplete_fields = ["region"]
    write_roles = (Role.REGION_ADMIN,)
    can_delete_rows = False
    is_input = True
    fields = ["region", "name", "households", "population", "notice_days", "cash_holder"]

    @admin.display(description=_("代码"), ordering="region")
    def code(self, community: Community) -> str:
        return community.region_id

    @admin.display(description=_("街道"), ordering="region")
    def street(self, community: Community) -> str:
        return str(community.region.parent)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["region"] if obj else []
