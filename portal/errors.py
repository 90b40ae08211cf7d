"""Refusals: what the rules do not allow, told to the person who asked."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


class Refused(Exception):
    """A rule does not allow what was asked; the text says what happened, what is safe, what to do."""

    status = 409
    free: Sequence[Any] = ()  # times that can be booked instead
    role: tuple[str, str] | None = None  # the role in which it can be done, and its word


class RefusedMiddleware:
    """Answer a refusal with its text, as a page or, for htmx, as a fragment in the message area."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusal(request, error) if isinstance(error, Refused) else None


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """The answer to whoever asked for what is refused."""
    back = _came_from(request)
    then = request.get_full_path() if request.method == "GET" else back
    context = {"error": error, "back": back, "then": then}
    if getattr(request, "htmx", False):
        response = render(request, "_refused.html", context, status=error.status)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
        return response
    return render(request, "refused.html", context, status=error.status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that asked."""
    back = request.headers.get("Referer", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else ""
