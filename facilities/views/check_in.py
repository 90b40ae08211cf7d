"""The QR code at the door: check in to one's booking, or be counted without a name."""

import segno
from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from facilities import bookings, feeds, visits
from facilities.bookings.changing import EARLY
from facilities.bookings.checking import ENTERING
from facilities.models import Booking, BookingState, Leaves, Space
from facilities.views.calendar import admin_page
from portal.access import STAFF_ROLES

SIGNER = Signer(salt="facilities.check_in")


def address_of(space: Space) -> str:
    """The secret part of the address on the door."""
    return SIGNER.sign(str(space.pk)).partition(":")[2]


@login_not_required
@require_http_methods(["GET", "POST"])
def here(request: HttpRequest, pk: int, signature: str) -> HttpResponse:
    """Whoever scans the code; without signing in one can only be counted."""
    try:
        SIGNER.unsign(f"{pk}:{signature}")
    except BadSignature as error:
        raise Http404 from error
    space = get_object_or_404(Space.objects.select_related("facility__community"), pk=pk)
    mine = _current(request, space)
    if request.method == "POST":
        if mine and request.POST.get("do") == "arrive":
            bookings.check_in(mine, by=request.user)
            messages.success(request, _("已签到。"))
        else:
            _count(request, space)
        return redirect(request.path)
    context = {"space": space, "mine": mine, "counted": _has_counted(request, space)}
    return render(request, "facilities/here.html", context)


def _current(request: HttpRequest, space: Space) -> Booking | None:
    """The booking one comes for: made by oneself, or by others for oneself, one's family or business.

    Whoever booked the whole hall may come in by the door of a half, and the other way round.
    """
    if not request.user.is_authenticated:
        return None
    now = timezone.now()
    rooms = Leaves.of_facilities([space.facility_id]).on_same_ground(space.pk)
    rows = Booking.objects.of(request.user).filter(space__in=rooms, state=BookingState.CONFIRMED)
    found = rows.filter(starts_at__lte=now + EARLY, ends_at__gt=now).select_related("space")
    return min(found, key=lambda one: (one.space_id != space.pk, one.starts_at), default=None)


def _has_counted(request: HttpRequest, space: Space) -> bool:
    """Whether this browser was counted here within the hour, kept in its own session only."""
    at = request.session.get(f"here-{space.pk}")
    return isinstance(at, int) and timezone.now().timestamp() - at < visits.HOUR


def _count(request: HttpRequest, space: Space) -> None:
    if _has_counted(request, space):
        messages.info(request, _("这一小时已经打过卡。"))
    elif visits.count(space, address=get_adapter().get_client_ip(request)):
        request.session[f"here-{space.pk}"] = int(timezone.now().timestamp())
        messages.success(request, _("已打卡，谢谢。只记人次，不记是谁。"))
    else:
        messages.warning(request, _("这一小时这里打卡的太多了，这次没有记。请过一会儿再试。"))


@require_GET
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet for the door, and the address of the room's calendar."""
    rows = Space.objects.visible_to(request.user, *STAFF_ROLES).select_related("facility")
    space = get_object_or_404(rows, pk=pk)
    door = request.build_absolute_uri(reverse("room_here", args=[pk, address_of(space)]))
    code = segno.make(door, error="m").svg_inline(border=2, light="white", omitsize=True)
    context = {
        "space": space,
        "code": mark_safe(code),
        "door": door,
        "feed": request.build_absolute_uri(reverse("room_feed", args=[pk, feeds.address_of(space)])),
        "may_renew": request.user.holds(space.community_id, *ENTERING),  # type: ignore[union-attr]
    }
    return admin_page(request, "facilities/poster.html", _("门口的二维码"), **context)


@require_POST
def renew_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """A new address for the room's calendar, or none: whoever has the old one is shut out."""
    space = get_object_or_404(Space.objects.visible_to(request.user, *STAFF_ROLES), pk=pk)
    if not request.user.holds(space.community_id, *ENTERING):  # type: ignore[union-attr]
        raise PermissionDenied
    is_open = request.POST.get("do") != "close"
    feeds.renew(space, is_open=is_open, by=request.user)
    messages.success(request, _("已换新地址，旧地址打不开了。") if is_open else _("已停止订阅。"))
    return redirect("admin:rooms_poster", pk)
