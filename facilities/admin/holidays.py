"""Days off and make-up workdays: entered by a city for everybody, several days at once."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget

from facilities.admin.warned import warn_of_hours
from facilities.hours import KNOWN_YEARS, OfficialDays, days_between
from facilities.models import Booking, Holiday
from portal import audit
from portal.access import STAFF_ROLES, Role
from portal.admin_base import ScopedAdmin, person

CITY = 4  # digits of a city's code
MOST_DAYS = 15


class NewDaysForm(forms.ModelForm):
    """One day, or all days of a holiday together."""

    until = forms.DateField(
        label=_("至"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("放几天假一次填：含当日；不填只有一天。"),
    )

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        first, last = cleaned.get("date"), cleaned.get("until")
        if not first or not last:
            return cleaned
        if not first <= last <= first + dt.timedelta(days=MOST_DAYS - 1):
            self.add_error("until", _("不早于开始那天，一次最多 %d 天。") % MOST_DAYS)
            return cleaned
        if there := Holiday.objects.filter(date__range=(first, last)).order_by("date").first():
            self.add_error("until", _("其中 %s 已经录入，请分开填。") % there.date)
        return cleaned


@admin.register(Holiday)
class HolidayAdmin(ScopedAdmin):
    """The table goes before the built-in calendar; a year nobody published counts weekdays only."""

    list_display = ["date", "name", "is_workday"]
    list_filter = ["is_workday"]
    search_fields = ["name"]
    write_roles = (Role.REGION_ADMIN,)
    fields = ["date", "name", "is_workday"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ["date", "until", "name", "is_workday"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": NewDaysForm, "fields": self.fields}
        return super().get_form(request, obj, change, **kwargs)

    def sheet_form(self, request: HttpRequest) -> Any:
        """A row a day, as days are changed."""
        return self.get_form(request, Holiday())

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        """A day off counts everywhere: a city writes it down, no street or community."""
        user = person(request)
        return user.is_superuser or any(
            len(prefix) <= CITY for prefix in user.region_prefixes(*self.write_roles)
        )

    def wrote(self, request: HttpRequest, obj: Any, what: str, **data: Any) -> None:
        audit.record(f"holiday.{what}", obj, by=request.user, **data)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        days = [obj.date]
        if until := form.cleaned_data.get("until"):
            days = days_between(obj.date, until)
        for day in days:
            row = obj if day == obj.date else Holiday(date=day, name=obj.name, is_workday=obj.is_workday)
            row.save()
            self.wrote(request, row, "changed" if change else "added", fields=sorted(form.changed_data))
        self._warn(request, days[0], days[-1])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.wrote(request, obj, "deleted")
        obj.delete()
        self._warn(request, obj.date, obj.date)

    def _warn(self, request: HttpRequest, first: dt.date, last: dt.date) -> None:
        booked = Booking.objects.visible_to(request.user, *STAFF_ROLES)
        warn_of_hours(self, request, booked.filter(starts_at__date__range=(first, last)))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET":
            self._say_what_is_known(request)
        return super().changelist_view(request, extra_context)

    def _say_what_is_known(self, request: HttpRequest) -> None:
        today = timezone.localdate()
        if today.year in KNOWN_YEARS:
            text = _("%d 年的法定节假日和调休已经内置，不用录入；这里只写和它不同的日子。")
            self.message_user(request, text % today.year)
        then = dt.date(today.year + 1, 1, 1)
        for year in OfficialDays.of_years(today, then).unknown_years(today, then):
            text = _("%d 年的节假日还没有录全（没有国庆节），没录入的日子按平常的星期开放。")
            self.message_user(request, text % year, level="WARNING")
