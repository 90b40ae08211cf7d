"""The role in use: one at a time, remembered by the session, visible on every page and switched by a click."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from portal.models import User

IN_SESSION = "role"


class RoleInUseMiddleware:
    """Whoever asks acts in one role; the session says which, today's access roles whether it is still held."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in: Any = request.user
        request.user = SimpleLazyObject(lambda: _in_role(request, signed_in))  # type: ignore[assignment]
        return self.get_response(request)


def _in_role(request: HttpRequest, user: Any) -> Any:
    """The same person, told which role is in use; looked up when somebody first asks who it is."""
    if user.is_authenticated and not user.is_superuser:
        user.use_role(request.session.get(IN_SESSION, ""))
    return user


def switch(request: HttpRequest, role: str) -> bool:
    """Use another role from now on, also at the next sign-in; False if it is not held today."""
    user: Any = request.user
    if role not in user.roles_held:
        return False
    request.session[IN_SESSION] = role
    User.objects.filter(pk=user.pk).update(last_role=role)
    return True
