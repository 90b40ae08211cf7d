"""Who sees which rows: the one place that turns roles into rows."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Self

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do within a region."""

    CLERK = "clerk", _("社区经办")
    ACCOUNTANT = "accountant", _("会计")
    APPROVER = "approver", _("街道审批")
    INSPECTOR = "inspector", _("巡查员")
    OFFICIAL = "official", _("主管部门")
    REGION_ADMIN = "region_admin", _("地区管理员")
    PROVIDER = "provider", _("服务商成员")
    RESIDENT = "resident", _("居民")


STAFF_ROLES = (
    Role.CLERK,
    Role.ACCOUNTANT,
    Role.APPROVER,
    Role.INSPECTOR,
    Role.OFFICIAL,
    Role.REGION_ADMIN,
)


# Whose work here is to look: in these roles nothing is changed but one's own account, see `portal.roles`.
READING_ROLES = (Role.INSPECTOR, Role.OFFICIAL)

# Who is most senior: what somebody with several roles begins with.
SENIORITY = (
    Role.REGION_ADMIN,
    Role.OFFICIAL,
    Role.APPROVER,
    Role.ACCOUNTANT,
    Role.CLERK,
    Role.INSPECTOR,
    Role.PROVIDER,
    Role.RESIDENT,
)


class ScopedQuerySet(models.QuerySet):
    """Rows of the regions a user works for. Subclasses say where the region code is.

    A region's code without its trailing zero groups is the prefix of every code below it, and the
    path ends in the row's own foreign key column, so no join is needed. Members of a provider see the
    rows of their provider too, where the model says how to find it.
    """

    region_path = "community__region__code"
    provider_path = ""

    def visible_to(self, user: Any, *roles: str) -> Self:
        """Return the rows a user may see, in any staff role or in one of those given."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        within = Q(pk__in=[])
        for prefix in user.region_prefixes(*(roles or STAFF_ROLES)):
            within |= Q(**{f"{self.region_path}__startswith": prefix})
        if self.provider_path and not roles and user.provider_ids:
            within |= Q(**{f"{self.provider_path}__in": user.provider_ids})
        return self.filter(within)


def region_code(row: models.Model) -> str:
    """Return the code that says where a row lies, by the path its QuerySet declares."""
    path = type(row)._default_manager.all().region_path  # type: ignore[attr-defined]
    *steps, last = path.removesuffix("__code").removesuffix("__region").split("__")
    holder: Any = row
    for step in steps:
        holder = getattr(holder, step)
    code = getattr(holder, f"{last}_id", None) or getattr(holder, last)
    return code or ""


ScopedManager = models.Manager.from_queryset(ScopedQuerySet)


def role_required(*roles: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Open a page only to those who hold one of these roles somewhere; which rows, `visible_to` says."""

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_role(*roles):  # type: ignore[union-attr]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
