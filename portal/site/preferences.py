"""How a reader wants pages to look, kept in two cookies of their own browser."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.context import ELDER_COOKIE, THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember what was posted of `theme` and `elder`, and return to the page it was posted from."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = {}
    if request.POST.get("theme") in THEMES:
        chosen[THEME_COOKIE] = request.POST["theme"]
    if request.POST.get("elder") in ("0", "1"):
        chosen[ELDER_COOKIE] = request.POST["elder"]
    for name, value in chosen.items():
        response.set_cookie(
            name,
            value,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
