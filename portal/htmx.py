"""One view answers the whole page or, for htmx, the fragment of it that changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(request: HttpRequest, page: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    """Render the page for plain, boosted and history-restore requests, else the fragment."""
    htmx: Any = getattr(request, "htmx", None)
    whole = not htmx or htmx.boosted or htmx.history_restore_request
    response = render(request, page if whole else fragment, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
