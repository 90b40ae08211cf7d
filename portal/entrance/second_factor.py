"""The second factor: who must have one, and what is closed until they do."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal import personal
from portal.entrance import words

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

# What is open to those who still have to set one up: setting it up, and leaving.
OPEN = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "account_reauthenticate",
    "account_logout",
    "preferences",
    "set_language",
}


class Adapter(DefaultMFAAdapter):
    error_messages = {**DefaultMFAAdapter.error_messages, **words.SECOND_FACTOR_ERRORS}

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def encrypt(self, text: str) -> str:
        return personal.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return personal.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays where one is required."""
        user: Any = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not is_required(user) or others.exists()


def is_required(user: Any) -> bool:
    """Every role but resident and provider, in use or not; in development and in a demo only offered."""
    return bool(settings.SECOND_FACTOR_REQUIRED and user.is_authenticated and user.works_here)


def is_missing(user: Any) -> bool:
    return is_required(user) and not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


class SecondFactorMiddleware:
    """Staff without a second factor are sent to set it up, and nothing else opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN or not is_missing(request.user):
            return None
        if name.startswith("api:"):
            return JsonResponse({"detail": _("请先在网页上设好第二道验证。")}, status=403)
        messages.warning(request, _("您的角色要有第二道验证才能继续。请选一种设好，大约一分钟。"))
        return redirect("mfa_index")
