"""Statements to print: one sheet for a community, one for each agreement."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing.models import CloseState, CommunityMonth, MonthClose
from billing.workbench.month import close_of
from billing.workbench.place import Place, find
from billing.workbench.told import tell


@require_GET
def community_statement(request: HttpRequest, code: str, month: str) -> HttpResponse:
    place = find(request, code, month)
    close = _computed(place)
    context = {
        "at": place,
        "close": close,
        "figures": CommunityMonth.objects.filter(close=close).first(),
        "told": tell(close),
        "printed_at": timezone.localtime(),
    }
    return render(request, "billing/workbench/community_statement.html", context)


@require_GET
def agreement_statement(request: HttpRequest, code: str, month: str, pk: int) -> HttpResponse:
    place = find(request, code, month)
    close = _computed(place)
    told = tell(close)
    agreement = next((one for one in told.agreements if one.pk == pk), None)
    if agreement is None:
        raise Http404
    context = {
        "at": place,
        "close": close,
        "agreement": agreement,
        "told": told.of(pk),
        "printed_at": timezone.localtime(),
    }
    return render(request, "billing/workbench/agreement_statement.html", context)


def _computed(place: Place) -> MonthClose:
    """Return the month if it has figures; a sheet of a draft says that it is one."""
    close = close_of(place)
    if close is None or close.state == CloseState.BLOCKED:
        raise Http404
    return close
