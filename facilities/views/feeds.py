"""The iCal feed of a space: open to whoever holds its signed address, since calendars do not sign in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from facilities import feeds
from facilities.models import Space


@login_not_required
@require_GET
def feed(request: HttpRequest, pk: int, signature: str) -> HttpResponse:
    space = get_object_or_404(Space.objects.select_related("facility"), pk=pk)
    if not feeds.is_genuine(space, signature):
        raise Http404
    return HttpResponse(feeds.feed_of(space), content_type="text/calendar; charset=utf-8")
