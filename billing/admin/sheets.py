"""Sheets to print from the lists of the books."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import Reading

MOST = 300  # ten pages; who reads more than these in one round prints a region after the other


def meters_to_read(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """The meters in the list by community, each with what it showed last."""
    last = Reading.objects.filter(meter=OuterRef("pk")).order_by("-read_on", "-pk")
    rows = model_admin.get_changelist_instance(request).get_queryset(request)
    rows = rows.select_related("community", "facility", "agreement__provider").annotate(
        last_value=Subquery(last.values("value")[:1]), last_on=Subquery(last.values("read_on")[:1])
    )
    meters = list(rows.order_by("community", "facility__name", "utility", "ref")[: MOST + 1])
    places: dict[str, dict[str, Any]] = {}
    for meter in meters[:MOST]:
        place = places.setdefault(meter.community_id, {"community": meter.community, "meters": []})
        place["meters"].append(meter)
    return {"places": list(places.values()), "more": MOST if len(meters) > MOST else 0}


METERS = {"readings": (_("抄表单"), meters_to_read, "sheets/meters.html")}
