"""A project for everybody: its plan, its phases, and who paid what for what."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from facilities.funding import money_of
from facilities.models import Flow, Phase, Project
from portal.site.places import crumbs_to

ZERO = Decimal("0.00")


@login_not_required
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Project.objects.open_to(request.user)
    found = get_object_or_404(rows.select_related("community__region", "facility", "site"), pk=pk)
    phases = money_of(found)
    fundings: list[Any] = [funding for phase in phases for funding in phase.fundings.all()]
    context = {
        "project": found,
        "community": found.community,
        "place": found.community.name,
        "crumbs": crumbs_to(found.community.region, request.user, is_here=False),
        "phases": [(phase, spendings_of(phase)) for phase in phases],
        "pledged": sum((one.pledged for one in fundings), ZERO),
        "received": sum((one.received for one in fundings), ZERO),
        "spent": sum((one.spent for one in fundings), ZERO),
    }
    return render(request, "site/project.html", context)


def spendings_of(phase: Phase) -> list[dict[str, Any]]:
    """Each payment of a phase once, with the parts its payers bore."""
    found: dict[Any, dict[str, Any]] = {}
    for funding in phase.fundings.all():
        for flow in funding.flows.all():
            if flow.kind == Flow.Kind.SPENT:
                key = (flow.voucher, flow.takes_back_id is not None)
                row = found.setdefault(key, {"flow": flow, "amount": ZERO, "parts": []})
                row["amount"] += flow.amount
                row["parts"].append((funding.payer, flow.amount))
    return sorted(found.values(), key=lambda row: (row["flow"].on, row["flow"].pk))
