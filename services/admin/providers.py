from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from portal.access import Role
from portal.admin_base import INPUT_ROLES, ScopedAdmin, ScopedTabularInline, person
from portal.models import AccessRole, User
from services.admin.sheets import PROVIDERS
from services.models import Licence, Provider, ProviderMember

PROVIDER_ROLES = (*INPUT_ROLES, Role.REGION_ADMIN)


class ProviderMemberInline(ScopedTabularInline):
    """People who act for a provider: given by those who give roles."""

    model = ProviderMember
    autocomplete_fields = ["user"]
    write_roles = (Role.REGION_ADMIN,)

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        return person(request).has_role(*self.write_roles)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer people of the giver's own regions only."""
        if db_field.name == "user" and not person(request).is_superuser:
            roles = AccessRole.objects.visible_to(request.user, *self.write_roles)
            kwargs["queryset"] = User.objects.filter(access_roles__in=roles).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def may_change_provider(request: HttpRequest, row: Any, *roles: str) -> bool:
    """A provider registered above the community is looked at here and changed there."""
    if person(request).is_superuser or row.region_id:
        return person(request).holds(row.region_id or "", *roles)
    if not hasattr(row, "is_mine"):  # asked for every inline and button of a page
        row.is_mine = Provider.objects.visible_to(request.user, *roles).filter(pk=row.pk).exists()
    return row.is_mine


class LicenceInline(ScopedTabularInline):
    """What a provider is allowed to do, and until when; today's list says what runs out."""

    model = Licence
    fields = ["kind", "number", "issued_by", "valid_from", "valid_until"]
    write_roles = PROVIDER_ROLES

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        if row is None or row.pk is None:
            return super().may_write(request)
        return may_change_provider(request, row, *self.write_roles)


@admin.register(Provider)
class ProviderAdmin(ScopedAdmin):
    list_display = ["name", "ref", "kind", "uscc", "phone", "region"]
    list_select_related = ["region"]
    list_filter = [RegionFilter, "kind"]
    search_fields = ["name", "ref", "uscc"]
    search_help_text = _("名称、编号或信用代码")
    autocomplete_fields = ["region"]
    write_roles = PROVIDER_ROLES
    personal = ("phone",)
    sheets = PROVIDERS
    inlines = [LicenceInline, ProviderMemberInline]
    fields = ["name", "ref", "kind", "uscc", "phone", "region"]

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        if row is None or row.pk is None:
            return super().may_write(request)
        return may_change_provider(request, row, *self.write_roles)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and "region" in form.base_fields:
            form.base_fields["region"].required = not person(request).is_superuser
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["region"] if obj and not person(request).has_role(Role.REGION_ADMIN) else []
