"""Sheets to print from the list of providers."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.access import STAFF_ROLES
from services.models import Agreement

MOST = 300


def providers(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """The providers in the list, each with its agreements in one's own regions."""
    mine = Agreement.objects.visible_to(request.user, *STAFF_ROLES).select_related("facility").order_by("ref")
    rows = model_admin.get_changelist_instance(request).get_queryset(request)
    found = list(rows.prefetch_related(Prefetch("agreements", queryset=mine, to_attr="here"))[: MOST + 1])
    more = MOST if len(found) > MOST else 0
    return {"providers": found[:MOST], "more": more, "printed_at": timezone.localtime()}


PROVIDERS = {"providers": (_("服务商台账"), providers, "sheets/providers.html")}
