"""Closing a password after too many tries, without keeping who tried."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import RateLimited
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.entrance import telling
from portal.entrance.contacts import owner_of, read_contact
from portal.models import User
from portal.personal import lookup

logger = logging.getLogger(__name__)


def account_key(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """One key for an account by whichever of its names it is tried; a keyed hash for a name nobody has."""
    text = _tried(credentials)
    owner = _account(text)
    name = f"user {owner.pk}" if owner else f"nobody {text.strip().lower()}"
    return lookup(f"lockout {name}")


def _tried(credentials: dict[str, Any] | None) -> str:
    given = credentials or {}
    return str(given.get("phone") or given.get("email") or given.get("username") or given.get("login") or "")


def _account(text: str) -> User | None:
    return User.objects.filter(username__iexact=text.strip()).first() or _owner(text)


def _owner(text: str) -> User | None:
    try:
        return owner_of(*read_contact(text))
    except ValidationError:
        return None


def no_address(request: HttpRequest) -> str:
    """Addresses have limits of their own in allauth; here none is kept."""
    return ""


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    logger.warning("A password is closed for %s after too many tries.", settings.AXES_COOLOFF_TIME)
    owner = _account(_tried(credentials))
    if owner:
        telling.tell_locked(owner)
    return render(request, "account/locked.html", {"minutes": 15}, status=429)


class TooManyMiddleware:
    """Answer 429 where allauth meets a limit and says so by an exception only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return render(request, "429.html", status=429) if isinstance(error, RateLimited) else None
