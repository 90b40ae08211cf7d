from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from portal.access import Role
from portal.admin_base import INPUT_ROLES, ScopedAdmin, ScopedTabularInline, person
from portal.models import AccessRole, User
from services.models import Provider, ProviderMember


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


@admin.register(Provider)
class ProviderAdmin(ScopedAdmin):
    list_display = ["name", "ref", "kind", "uscc", "phone", "region"]
    list_select_related = ["region"]
    list_filter = [RegionFilter, "kind"]
    search_fields = ["name", "ref", "uscc"]
    search_help_text = _("名称、编号或信用代码")
    autocomplete_fields = ["region"]
    write_roles = (*INPUT_ROLES, Role.REGION_ADMIN)
    inlines = [ProviderMemberInline]
    fields = ["name", "ref", "kind", "uscc", "phone", "region"]

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        """A provider registered above the community is looked at here and changed there."""
        if row is None or row.pk is None:
            return super().may_write(request)
        if person(request).is_superuser or row.region_id:
            return super().may_write(request, row)
        return Provider.objects.visible_to(request.user, *self.write_roles).filter(pk=row.pk).exists()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and "region" in form.base_fields:
            form.base_fields["region"].required = not person(request).is_superuser
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["region"] if obj and not person(request).has_role(Role.REGION_ADMIN) else []
