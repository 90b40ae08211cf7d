"""Finding a community: by name, with where it lies and its latest published month."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from billing.models import MonthClose
from facilities.models import Community
from portal.htmx import render_page

PER_PAGE = 24


def communities_named(text: str) -> QuerySet[Community]:
    """Communities whose own, street's or district's name contains the text; all without one."""
    latest = MonthClose.objects.published().filter(community=OuterRef("pk")).order_by("-month")
    found = Community.objects.select_related("region__parent__parent").annotate(
        latest_month=Subquery(latest.values("month")[:1])
    )
    for word in text.split()[:4]:
        found = found.filter(
            Q(name__contains=word)
            | Q(region__name__contains=word)
            | Q(region__parent__name__contains=word)
            | Q(region__parent__parent__name__contains=word)
        )
    return found.order_by("region")


def chosen_page(request: HttpRequest) -> Page:
    text = request.GET.get("q", "").strip()[:40].replace("\x00", "")
    return Paginator(communities_named(text), PER_PAGE).get_page(request.GET.get("page"))


@login_not_required
@require_GET
def communities(request: HttpRequest) -> HttpResponse:
    context = {"page": chosen_page(request), "q": request.GET.get("q", "")}
    return render_page(request, "site/communities.html", "site/_communities.html", context)
