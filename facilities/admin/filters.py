"""Down the tree of regions: the filter of every list, and the rows that hold from above."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.models import Level, Region, scope_prefix
from facilities.models.regions import PREFIX_LENGTHS
from portal.access import STAFF_ROLES


class RegionFilter(admin.SimpleListFilter):
    """One step down the tree at a time: the region itself, the one above, the ones below."""

    title = _("地区")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.chosen = request.GET.get(self.parameter_name, "")
        return [(region.code, region.name) for region in regions_offered(request.user, self.chosen)]

    def has_output(self) -> bool:
        return bool(self.chosen) or len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        code = self.value()
        if not code:
            return queryset
        path = queryset.region_path  # type: ignore[attr-defined]
        return queryset.filter(**{f"{path}__startswith": scope_prefix(code)})


def chosen_region(request: HttpRequest) -> str:
    """The region in the address, if it is one."""
    code = request.GET.get("region", "")
    return code if code.isascii() and code.isdigit() and len(code) == 12 else ""


def regions_offered(user: Any, chosen: str = "") -> Iterable[Region]:
    """One step down the tree: the region itself, the one above, the ones below."""
    visible = Region.objects.visible_to(user)
    if chosen.isascii() and chosen.isdigit() and len(chosen) == 12:
        up = Region.objects.filter(code=chosen).values("parent")
        near = Q(code__in=up) | Q(code=chosen) | Q(parent=chosen)
        return visible.filter(near).order_by("level", "code").only("code", "name", "level")
    if user.is_superuser:
        return visible.filter(level=Level.DISTRICT).only("code", "name")
    tops = visible.filter(prefix__in=user.region_prefixes(*STAFF_ROLES)).only("code", "name", "level")
    regions = list(tops)
    if len(regions) == 1 and regions[0].level != Level.COMMUNITY:
        return visible.filter(parent=regions[0]).only("code", "name")
    return regions


def above(user: Any, path: str, *roles: str) -> Q:
    """Rows of the regions that contain the user's own: a price of the city holds in its communities."""
    codes = {
        prefix[:length].ljust(12, "0")
        for prefix in user.region_prefixes(*roles)
        for length in PREFIX_LENGTHS
        if length < len(prefix)
    }
    return Q(**{f"{path}__in": sorted(codes)})
