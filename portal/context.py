"""What every page knows beside its own content: demo, elder mode, light or dark, the role in use, unread messages, the bar at the thumb."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.access import STAFF_ROLES, Role
from portal.models import ONESELF, Message
from portal.roles import why_not, word_of

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


@dataclass(frozen=True, slots=True)
class RoleShown:
    """The word for the role in use, the other roles of this person as (value, word), and what kind it is."""

    word: str = ""
    others: tuple[tuple[str, str], ...] = ()
    is_staff: bool = False
    why_not: str = ""  # in a role that only reads: what is told where others find a form
    resident: tuple[str, str] = ("", "")


def role_of(user: Any) -> RoleShown:
    if user is None or not user.is_authenticated:
        return RoleShown()
    if user.is_superuser:
        return RoleShown(str(Role.REGION_ADMIN.label), is_staff=True)
    own = [user.resident_role] if user.resident_role == ONESELF and user.role_in_use else []
    others = [role for role in (*user.roles_held, *own) if role != user.role_in_use]
    word = word_of(user.role_in_use) if user.roles_held else ""
    shown = tuple((str(role), word_of(role)) for role in others)
    is_staff = user.role_in_use in STAFF_ROLES
    if not user.only_reads:
        return RoleShown(word, shown, is_staff)
    resident = (user.resident_role, word_of(user.resident_role))
    return RoleShown(word, shown, is_staff, why_not(user), resident)


def unread_of(user: Any) -> int:
    """How many messages somebody has not read yet; counted once a page, where it is shown."""
    if user is None or not user.is_authenticated:
        return 0
    return Message.objects.visible_to(user).unread().count()


class Thumb(NamedTuple):
    """One place in the bar at the thumb."""

    word: str
    href: str
    icon: str
    is_here: bool


def thumbs_of(request: HttpRequest) -> list[Thumb]:
    """The four places of residents on a phone; staff and providers have menus of their own."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_superuser:
        return []
    if user.role_in_use not in ("", Role.RESIDENT):
        return []
    home, rooms, me, needs = (reverse(name) for name in ("home", "rooms", "me", "needs"))
    mine = (me, reverse("my_bookings"), reverse("inbox"))
    return [
        Thumb(_("首页"), home, "home", request.path == home),
        Thumb(_("空间"), rooms, "calendar-event", request.path.startswith(rooms)),
        Thumb(_("我的"), me, "user", request.path.startswith(mine)),
        Thumb(_("说说"), needs, "message-circle", request.path.startswith(needs)),
    ]


def look(request: HttpRequest) -> dict[str, Any]:
    """The role and the messages are looked up only when a page shows them."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "look": look_of(request),
        "role_in_use": SimpleLazyObject(lambda: role_of(user)),
        "unread": SimpleLazyObject(lambda: unread_of(user)),
        "thumbs": SimpleLazyObject(lambda: thumbs_of(request)),
    }
