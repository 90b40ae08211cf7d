"""Where the entrance differs from allauth's own views."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.views import LoginView, LogoutView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from portal.demo.people import PASSWORD, PEOPLE
from portal.demo.told import role_of
from portal.entrance import second_factor, words


class SignIn(LoginView):
    """In a demo the page offers its accounts."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accounts = demo_accounts() if settings.DEMO else []
        return super().get_context_data(demo_accounts=accounts, **kwargs)


def demo_accounts() -> list[tuple[str, str, str, str]]:
    """Name, role, username and password of each demo account."""
    return [(person.name, role_of(person), person.username, PASSWORD) for person in PEOPLE]


@method_decorator([login_not_required, require_POST], name="dispatch")
class SignOut(LogoutView):
    """A link alone signs nobody out."""


# Where a code is asked for; whoever is sent back there without a word had one that ran out.
BEGINNINGS = (
    "account_login",
    "account_request_login_code",
    "account_signup",
    "account_reset_password",
    "account_change_phone",
    "account_email",
)


def tells_when_late(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say that a code ran out, where allauth only leads back to the beginning."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        said = len(messages.get_messages(request))
        answer = view(request, *args, **kwargs)
        leads = urlsplit(answer.get("Location", "")).path
        is_silent = len(messages.get_messages(request)) == said
        if request.method == "POST" and is_silent and leads in map(reverse, BEGINNINGS):
            messages.warning(request, words.TOO_LATE)
        return answer

    return told


class RemovePasskey(RemoveWebAuthnView):
    """The last second factor stays where one is required; allauth asks this for the app only."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not second_factor.Adapter().can_delete_authenticator(self.object):
            messages.error(self.request, words.SECOND_FACTOR_ERRORS["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs)
