"""Bookings as rows: to be searched; they are made and changed on the calendar."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminSelectWidget

from facilities.admin.filters import RegionFilter
from facilities.admin.sheets import BOOKINGS
from facilities.bookings import changing
from facilities.bookings.changing import CancelReason
from facilities.bookings.checking import DECIDING, ENTERING
from facilities.models import Booking, RefusedWish, VisitCount
from facilities.views import PAGES
from portal.access import Role
from portal.admin_base import AppendOnlyAdmin, person

LIKE_ACTIONS = ActionForm.base_fields["action"].widget.attrs["class"]


class ReasonForm(ActionForm):
    """The act on the chosen bookings, and why they are cancelled."""

    reason = forms.ChoiceField(
        label="",
        choices=[("", _("取消原因（取消时必选）")), *CancelReason.choices],
        required=False,
        widget=UnfoldAdminSelectWidget({"class": LIKE_ACTIONS, "aria-label": _("取消原因")}),
    )


@admin.register(Booking)
class BookingAdmin(AppendOnlyAdmin):
    list_display = ["space", "starts_at", "ends_at", "state", "booked_by", "people", "price"]
    list_select_related = ["space", "booked_by"]
    list_filter = [RegionFilter, "state"]
    search_fields = ["space__name", "space__facility__name"]
    search_help_text = _("空间或设施")
    personal = ("booked_by",)
    sheets = BOOKINGS
    date_hierarchy = "starts_at"
    actions = ["approve", "reject", "cancel"]
    action_form = ReasonForm

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return person(request).has_role(*DECIDING)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return person(request).has_role(*ENTERING)

    @admin.action(description=_("批准所选预约"), permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, partial(changing.decide, approve=True, by=request.user), DECIDING)

    @admin.action(description=_("不批准所选预约"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._each(request, queryset, partial(changing.decide, approve=False, by=request.user), DECIDING)

    @admin.action(description=_("取消所选预约"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> None:
        reason = request.POST.get("reason", "")
        if reason not in CancelReason.values:
            self.message_user(request, _("取消预约要先选一个原因，再点“执行”。"), messages.ERROR)
            return
        self._each(request, queryset, partial(changing.cancel, by=request.user, reason=reason), ENTERING)

    def _each(self, request: HttpRequest, rows: QuerySet, act: Any, roles: Sequence[Role]) -> None:
        rows = rows.select_related("space__facility").order_by("starts_at", "pk")
        self.act_on_each(request, rows, act, roles=roles)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"rooms/{route}", self.admin_site.admin_view(view), name=name) for route, view, name in PAGES
        ]
        return [*own, *super().get_urls()]


@admin.register(RefusedWish)
class RefusedWishAdmin(AppendOnlyAdmin):
    list_display = ["day", "space", "category", "reason", "count"]
    list_select_related = ["space", "category"]
    list_filter = [RegionFilter, "category", "reason"]


@admin.register(VisitCount)
class VisitCountAdmin(AppendOnlyAdmin):
    """People counted at the door by themselves; nobody is named."""

    list_display = ["hour", "space", "count"]
    list_select_related = ["space"]
    list_filter = [RegionFilter]
    search_fields = ["space__name", "space__facility__name"]
    date_hierarchy = "hour"
