"""Switching to another role of one's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import roles
from portal.access import STAFF_ROLES


@require_POST
def role(request: HttpRequest) -> HttpResponse:
    """Use the posted role and go on where one was, else where its work is; a role that has ended changes nothing."""
    wanted = request.POST.get("role", "")
    if not roles.switch(request, wanted):
        messages.error(request, _("这个角色现在不归您用，可能已经到期。您仍以原来的角色继续。"))
        return redirect("home")
    then = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(then, {request.get_host()}):
        return redirect(then)
    return redirect("admin:index" if wanted in STAFF_ROLES else "home")
