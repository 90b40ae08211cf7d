"""What every page knows beside its own content: demo, elder mode, light or dark, roles in use."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.access import Role

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
ELDER_COOKIE = "elder"


@dataclass(frozen=True, slots=True)
class Look:
    """How this reader wants pages to look."""

    theme: str = "auto"
    elder: bool = False


def look_of(request: HttpRequest) -> Look:
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return Look(
        theme=theme if theme in THEMES else "auto",
        elder=request.COOKIES.get(ELDER_COOKIE) == "1",
    )


def roles_of(user: Any) -> list[str]:
    """The words for the roles a user holds today; an administrator of everything has just that one."""
    if user is None or not user.is_authenticated:
        return []
    if user.is_superuser:
        return [str(Role.REGION_ADMIN.label)]
    return [str(role.label) for role in Role if user.has_role(role)]


def look(request: HttpRequest) -> dict[str, Any]:
    """Roles are looked up only when a page shows them."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "look": look_of(request),
        "roles_in_use": SimpleLazyObject(lambda: roles_of(user)),
    }
