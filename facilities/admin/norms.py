from typing import Any

from django.contrib import admin
from django.http import HttpRequest
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

    list_display = ["name", "measure", "category", "value", "weight", "region", "is_active", "source"]
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

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows | self._from_above(request)

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
