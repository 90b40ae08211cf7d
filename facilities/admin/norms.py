from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.admin.filters import above
from facilities.models import Facility, Norm
from facilities.norms import Check, checks_of
from portal.access import STAFF_ROLES, Role
from portal.admin_base import ScopedAdmin, person


@admin.register(Norm)
class NormAdmin(ScopedAdmin):
    """The national requirements and those of the user's regions; a city writes its own."""

    list_display = [
        "name",
        "measure",
        "category",
        "value",
        "weight",
        "where",
        "is_active",
        "source",
        "valid_from",
        "here",
    ]
    list_select_related = ["category", "region"]
    list_filter = ["measure", "category", "is_required", "is_active"]
    search_fields = ["name", "code", "source"]
    autocomplete_fields = ["region"]
    write_roles = (Role.REGION_ADMIN,)
    can_delete_rows = False
    fields = [
        "region",
        "code",
        "name",
        "measure",
        "category",
        "value",
        "is_required",
        "is_active",
        "source",
        "valid_from",
        "valid_until",
    ]

    weight = admin.display(description=gettext_lazy("性质"), ordering="is_required")(
        lambda self, norm: _weight(norm)
    )

    @admin.display(description=gettext_lazy("地区"), ordering="region")
    def where(self, norm: Norm) -> str:
        return str(norm.region) if norm.region else _("全国")

    @admin.display(description=gettext_lazy("本地另定"))
    def here(self, norm: Norm) -> str:
        """The way to a row of one's own region that takes this one's place."""
        own: str = norm.own_region  # type: ignore[attr-defined]
        if not own or norm.region_id == own:
            return "—"
        names = ("code", "name", "measure", "category_id", "value", "source", "is_required")
        same = {name.removesuffix("_id"): getattr(norm, name) or "" for name in names}
        query = urlencode(same | {"region": own})
        return format_html(
            "<a href='{}?{}'>{}</a>", reverse("admin:facilities_norm_add"), query, _("按这条另定")
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        prefixes: list[str] = []
        if not request.user.is_superuser:
            rows |= self._from_above(request)
            prefixes = person(request).region_prefixes(*self.write_roles)
        own = prefixes[0].ljust(12, "0") if prefixes else ""
        return rows.annotate(own_region=Value(own))

    def _from_above(self, request: HttpRequest) -> Any:
        return Norm.objects.filter(above(request.user, "region", *STAFF_ROLES))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "region" in form.base_fields:
            form.base_fields["region"].required = not person(request).is_superuser
        return form


def checks_list(facility: Facility) -> SafeString:
    """How a facility stands to every requirement: a word, what is asked and the reason, the unmet ones first."""
    order = {False: 0, None: 1, True: 2}
    checks = sorted(checks_of(facility), key=lambda one: (order[one.is_met], not one.norm.is_required))
    rows = format_html_join(
        "",
        "<li><b>{}</b> · {} · {}<br>{} <span class='from'>{}</span></li>",
        ((verdict(one), one.norm.name, _weight(one.norm), one.why, one.norm.source) for one in checks),
    )
    return format_html("<ul class='checks'>{}</ul>", rows)


def verdict(check: Check) -> str:
    words = {True: gettext_lazy("✓ 达到"), False: gettext_lazy("✗ 未达到"), None: gettext_lazy("？资料不足")}
    return str(words[check.is_met])


def _weight(norm: Norm) -> str:
    return _("必须") if norm.is_required else _("鼓励")
