"""The role in use: one at a time, remembered by the session, visible on every page and switched by a click.

Here, too, is the one rule of the roles that only read (decision 17): in them no form of the portal is
taken but those of one's own account. What people do as people, they do as residents or as themselves.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.access import Role
from portal.errors import Refused, refusal
from portal.models import ONESELF, User

IN_SESSION = "role"
SAFE = ("GET", "HEAD", "OPTIONS")

# What concerns the account alone, and is open in every role; exporting is reading.
OWN = {
    "role",
    "preferences",
    "set_language",
    "inbox_read",
    "message",
    "channels",
    "me_consents",
    "me_erase",
    "admin:login",
    "admin:logout",
    "admin:password_change",
}
OWN_PREFIXES, READING_SUFFIX = ("account_", "mfa_"), "_export"

# Pages that are nothing but such a form.
OF_RESIDENTS = {"me_join", "me_move", "me_change", "me_family", "needs"}


class OnlyReads(Refused):
    """The role in use looks and changes nothing."""

    status = 403


class RoleInUseMiddleware:
    """Whoever asks acts in one role; the session says which, today's access roles whether it is still held."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in: Any = request.user
        request.user = SimpleLazyObject(lambda: _in_role(request, signed_in))  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Refuse what a role that only reads may not do."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not _writes(request, name) or not getattr(request.user, "only_reads", False):
            return None
        error = _refused(request.user)
        if name.startswith("api:"):
            told = {"detail": str(error), "reason": "only_reads", "free": []}
            return JsonResponse(told, status=error.status)
        return refusal(request, error)


def _writes(request: HttpRequest, name: str) -> bool:
    if name in OF_RESIDENTS:
        return True
    is_own = name in OWN or name.startswith(OWN_PREFIXES)
    is_export = name.startswith("admin:") and name.endswith(READING_SUFFIX)
    return request.method not in SAFE and not is_own and not is_export


def _refused(user: Any) -> OnlyReads:
    error = OnlyReads(why_not(user))
    error.role = (user.resident_role, word_of(user.resident_role))
    return error


def why_not(user: Any) -> str:
    """What a role that only reads is told where others find a form."""
    words = {"used": word_of(user.role_in_use), "other": word_of(user.resident_role)}
    return _("您现在的角色是“%(used)s”，只能查看。预约、报名和办自己的事，请先换成“%(other)s”。") % words


def word_of(role: str) -> str:
    """What a role is called; whoever acts in none acts as themselves."""
    return str(_("本人") if role in ("", ONESELF) else Role(role).label)


def _in_role(request: HttpRequest, user: Any) -> Any:
    """The same person, told which role is in use; looked up when somebody first asks who it is."""
    if user.is_authenticated and not user.is_superuser:
        user.use_role(request.session.get(IN_SESSION, ""))
    return user


def switch(request: HttpRequest, role: str) -> bool:
    """Use another role from now on; False if it is not held today. The next sign-in begins in a role again."""
    user: Any = request.user
    if not role or role not in (*user.roles_held, user.resident_role):
        return False
    request.session[IN_SESSION] = role
    if role != ONESELF:
        User.objects.filter(pk=user.pk).update(last_role=role)
    return True
