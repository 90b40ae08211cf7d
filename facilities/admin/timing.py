"""Closures and hours for several places at once: chosen in a list, looked at with the bookings they touch, done."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from facilities import timing
from facilities.admin.warned import warn_of_hours
from facilities.models import OpeningHours
from portal.admin_base import person
from portal.months import in_our_time

MOST_PLACES = 300
CELL = {"class": "cell"}


def _at(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput({**CELL, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M"]
    return forms.DateTimeField(label=label, widget=widget, input_formats=formats, validators=[in_our_time])


def _clock(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({**CELL, "type": "time"}, format="%H:%M"))


def weekdays_field() -> forms.TypedMultipleChoiceField:
    """Several days of the week at once."""
    return forms.TypedMultipleChoiceField(
        label=_("星期（可多选）"),
        coerce=int,
        choices=OpeningHours.Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("法定节假日不填开放时间就是闭馆；调休上班日按周一开放。"),
    )


class ClosureForm(forms.Form):
    """A closure of every chosen place."""

    starts_at = _at(_("开始"))
    ends_at = _at(_("结束"))
    reason = forms.CharField(
        label=_("原因"),
        max_length=80,
        widget=forms.TextInput(CELL),
    )

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("结束要晚于开始。"))
        elif end and end <= timezone.now():
            self.add_error("ends_at", _("这段时间已经过去。"))
        return cleaned

    def act(self, places: Sequence[timing.Place], by: Any) -> list[Any]:
        given = self.cleaned_data
        return timing.close(places, given["starts_at"], given["ends_at"], given["reason"], by=by)


class HoursForm(forms.Form):
    """Hours that are added to every chosen place."""

    kind = forms.ChoiceField(label=_("种类"), choices=OpeningHours.Kind.choices, widget=forms.Select(CELL))
    days = weekdays_field()
    opens_at = _clock(_("开门"))
    closes_at = _clock(_("关门"))
    season_from = forms.CharField(
        label=_("季节自"),
        required=False,
        max_length=5,
        help_text=_("月-日；不填为全年。季节里只按季节的时间开放。"),
        widget=forms.TextInput(CELL),
    )
    season_until = forms.CharField(
        label=_("季节至"),
        required=False,
        max_length=5,
        help_text=_("含当日，可以跨年。"),
        widget=forms.TextInput(CELL),
    )

    def rows(self) -> list[OpeningHours]:
        given = {name: self.cleaned_data[name] for name in timing.WHEN if name != "weekday"}
        return [OpeningHours(weekday=day, **given) for day in self.cleaned_data["days"]]

    def clean(self) -> Any:
        cleaned = super().clean()
        if not self.errors:
            row = self.rows()[0]
            row.clean_fields(exclude=["facility", "space"])
            row.validate_constraints(exclude=["facility", "space"])
        return cleaned

    def act(self, places: Sequence[timing.Place], by: Any) -> list[Any]:
        return timing.open_at(places, self.rows(), by=by)


TimesForm = ClosureForm | HoursForm


class TimesActions:
    """Two acts on the chosen rows of a list of houses or rooms."""

    def has_times_permission(self, request: HttpRequest) -> bool:
        return person(request).has_role(*timing.PLACE_ROLES)

    @admin.action(description=_("为所选安排闭馆"), permissions=["times"])
    def close_together(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        note = _("所选的地方在这段时间都不开放；已有的预约不会自动取消。")
        return self._together(request, queryset, ClosureForm, note)

    @admin.action(description=_("为所选加开放时间（平日、节假日、季节）"), permissions=["times"])
    def open_together(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        note = _("没有自己开放时间的房间，先照设施的时间抄一份，再加上这里填的。")
        return self._together(request, queryset, HoursForm, note)

    def _together(
        self, request: HttpRequest, rows: QuerySet, kind: type[ClosureForm] | type[HoursForm], note: Any
    ) -> HttpResponse | None:
        """Ask what is wanted, then show what it touches, then do it to all or to none."""
        mine: Any = rows.visible_to(request.user, *timing.PLACE_ROLES).order_by("pk")  # type: ignore[attr-defined]
        places = list(mine[: MOST_PLACES + 1])
        if not places or len(places) > MOST_PLACES:
            text = _("所选的地方不归您管。") if not places else _("一次最多选 %d 个。") % MOST_PLACES
            self.message_user(request, text, messages.ERROR)  # type: ignore[attr-defined]
            return None
        step = request.POST.get("step", "")
        form: TimesForm = kind(request.POST if step else None)
        if step == "done" and form.is_valid():
            self._done(request, places, form)
            return None
        touched = None
        if step == "look" and form.is_valid():
            touched = timing.would_touch(places, lambda: form.act(places, request.user))
        return self._asked(request, places, form, {"note": note, "touched": touched})

    def _done(self, request: HttpRequest, places: list[Any], form: TimesForm) -> None:
        number = len(form.act(places, request.user))
        text = ngettext("已登记 %d 条，涉及所选的 %d 处。", "已登记 %d 条，涉及所选的 %d 处。", number)
        text = text % (number, len(places)) if number else str(_("以前已经登记过同样的时间，没有重复登记。"))
        self.message_user(request, text, messages.SUCCESS)  # type: ignore[attr-defined]
        warn_of_hours(self, request, timing.bookings_of(places))

    def _asked(
        self, request: HttpRequest, places: list[Any], form: TimesForm, more: dict[str, Any]
    ) -> HttpResponse:
        site: Any = self.admin_site  # type: ignore[attr-defined]
        name = request.POST["action"]
        request.current_app = site.name
        context = {
            **site.each_context(request),
            "title": dict(self.get_action_choices(request))[name],  # type: ignore[attr-defined]
            "places": places,
            "form": form,
            "name": name,
            "checkbox": ACTION_CHECKBOX_NAME,
            **more,
        }
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "facilities/together.html", context, status=status)
