"""Where a page of the month is: one community, one month, and what its user may do there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import MonthClose
from facilities.models import Community
from portal.access import STAFF_ROLES, Role
from portal.months import Month

ENTERING = (Role.CLERK, Role.ACCOUNTANT)
DRAFTING = (Role.ACCOUNTANT,)
CONFIRMING = (Role.APPROVER,)


@dataclass(frozen=True)
class Place:
    """A community's month as one user sees it."""

    community: Community
    month: Month
    user: Any

    @property
    def code(self) -> str:
        return self.community.code

    def may(self, *roles: str) -> bool:
        return self.user.holds(self.code, *roles)

    @property
    def may_enter(self) -> bool:
        return self.may(*ENTERING)

    @property
    def may_draft(self) -> bool:
        return self.may(*DRAFTING)

    @property
    def may_confirm(self) -> bool:
        return self.may(*CONFIRMING)

    def url(self, name: str, *rest: Any) -> str:
        return reverse(f"admin:{name}", args=[self.code, str(self.month), *rest])

    @property
    def home(self) -> str:
        return self.url("books_month")


def find(request: HttpRequest, code: str, month: str, *roles: str) -> Place:
    """Return the place, or 404 where the user works nowhere near, or 403 without one of the roles."""
    rows = Community.objects.visible_to(request.user, *STAFF_ROLES).select_related("region")
    community = rows.filter(pk=code).first()
    if community is None:
        raise Http404
    found = Place(community, parse_month(month), request.user)
    if roles and not found.may(*roles):
        raise PermissionDenied
    return found


def parse_month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise Http404(_("月份写成 2026-09 的样子。")) from error


def usual_month(communities: QuerySet) -> Month:
    """The month people work on: the last one that is over, or this one once that is posted everywhere."""
    begun = told_of_books(communities).filter(has_books=True).order_by()
    return month_by(begun.values_list("is_posted", flat=True).distinct())


def told_of_books(communities: QuerySet) -> QuerySet:
    """Communities, told whether they have books and whether the last month that is over is posted."""
    closes = MonthClose.objects.filter(community=OuterRef("pk"))
    last = closes.posted().filter(month=str(Month.of(timezone.localdate()).previous()))
    return communities.annotate(has_books=Exists(closes), is_posted=Exists(last))


def month_by(posted: Iterable[bool]) -> Month:
    """The month to work on, by whether the last one is posted in each community with books."""
    this = Month.of(timezone.localdate())
    return this if set(posted) == {True} else this.previous()


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """Answer with a page inside the admin."""
    request.current_app = admin.site.name
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, **context})
