"""Rooms, what they are made of, when they are open, how they are booked."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from facilities import spaces
from facilities.admin.filters import RegionFilter
from facilities.admin.photos import PhotoInline, WithPhotos
from facilities.admin.timing import TimesActions, weekdays_field
from facilities.admin.told import hours_list, told_once
from facilities.admin.warned import MOST_NAMED, warn_of_hours, warn_of_rule
from facilities.bookings import composing
from facilities.models import (
    Booking,
    BookingRule,
    Closure,
    OpeningHours,
    Space,
    SpaceLink,
    Zone,
)
from facilities.timing import PLACE_ROLES
from portal.admin_base import LoadedChoices, RoleRights, ScopedAdmin, ScopedTabularInline


@admin.register(Zone)
class ZoneAdmin(ScopedAdmin):
    list_display = ["name", "floor", "facility"]
    list_select_related = ["facility"]
    list_filter = [RegionFilter]
    search_fields = ["name", "facility__name"]
    autocomplete_fields = ["facility"]
    write_roles = PLACE_ROLES


class LinkFormSet(LoadedChoices):
    """What a room is made of changes while it is booked, unless two bookings would meet in one part."""

    def clean(self) -> None:
        super().clean()
        if not self.instance.pk or not self.has_changed() or any(self.errors):
            return
        composing.lock_facility(self.instance.facility_id)
        kept = [
            form.cleaned_data for form in self.forms if form.cleaned_data and form not in self.deleted_forms
        ]
        links = [(row["part"].pk, row["kind"]) for row in kept if row.get("part")]
        tree = composing.with_links_of(self.instance, links)
        if any(self.instance.pk in tree.below(part) for part, _kind in links):  # asked again under the lock
            raise ValidationError(_("这样两个空间会互相包含。"))
        if clashes := composing.clashes(self.instance.facility_id, tree):
            text = _("这样改，已有的预约会互相占用：%s。请先改期或取消其中一个。")
            raise ValidationError(text % "、".join(clashes[:MOST_NAMED]))


class LinkInline(ScopedTabularInline):
    model = SpaceLink
    formset = LinkFormSet
    fk_name = "whole"
    hide_title = True
    fields = ["part", "kind"]
    autocomplete_fields = ["part"]
    select_related = ("whole", "part__facility")
    write_roles = PLACE_ROLES
    verbose_name_plural = _("包含或共用的空间")


class RuleInline(RoleRights, StackedInline):
    """One rule a room, laid out so that everything is seen at once."""

    model = BookingRule
    write_roles = PLACE_ROLES
    extra = 0
    tab = False
    verbose_name_plural = _("预约规则（没有规则不能预约）")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("notice_minutes", "horizon_days", "per_person"),
                    ("shortest_minutes", "longest_minutes", "step_minutes"),
                    ("buffer_before", "buffer_after", "hold_minutes"),
                    ("price_per_hour", "needs_approval"),
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).visible_to(request.user, *self.view_roles)


@admin.register(Space)
class SpaceAdmin(TimesActions, WithPhotos, ScopedAdmin):
    list_display = ["name", "facility", "floor", "zone", "category", "area_m2", "capacity", "is_public"]
    list_select_related = ["facility", "zone", "category"]
    list_filter = [RegionFilter, "category", "is_public", "is_accessible"]
    search_fields = ["name", "uses", "facility__name"]
    search_help_text = _("空间、用途或设施")
    autocomplete_fields = ["facility", "zone"]
    write_roles = PLACE_ROLES
    community_from = "facility"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "facility",
                    ("floor", "zone"),
                    "name",
                    ("category", "uses"),
                    ("area_m2", "capacity"),
                    "equipment",
                    ("is_accessible", "is_public"),
                ]
            },
        ),
    ]
    import_key = ("facility", "name")
    actions = ["close_together", "open_together", "open_to_all", "close_to_all"]
    inlines = [RuleInline, LinkInline, type("SpacePhotoInline", (PhotoInline,), {"write_roles": PLACE_ROLES})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["facility", "hours_told"] if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = list(super().get_fieldsets(request, obj))
        return [*own, (_("开放时间"), {"fields": ["hours_told"]})] if obj else own

    @admin.display(description=_("开放时间"))
    def hours_told(self, space: Space) -> str:
        return told_once(space, "hours", lambda: hours_list(space.facility, space))

    def has_open_permission(self, request: HttpRequest) -> bool:
        return self.may_write(request)

    @admin.action(description=_("对居民开放所选空间"), permissions=["open"])
    def open_to_all(self, request: HttpRequest, queryset: Any) -> None:
        self.act_on_each(request, queryset, partial(spaces.show, is_public=True, by=request.user))

    @admin.action(description=_("不再对居民开放所选空间"), permissions=["open"])
    def close_to_all(self, request: HttpRequest, queryset: Any) -> None:
        self.act_on_each(request, queryset, partial(spaces.show, is_public=False, by=request.user))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Bookings move to the parts the room has now; those made under another rule are named."""
        super().save_related(request, form, formsets, change)
        changed = {formset.model for formset in formsets if formset.has_changed()}
        if SpaceLink in changed and change:
            number = composing.reoccupy(form.instance.facility_id)
            self.wrote(request, form.instance, "recomposed", bookings=number)
        if BookingRule in changed or "capacity" in form.changed_data:
            warn_of_rule(self, request, form.instance)


class TimesAdmin(ScopedAdmin):
    """Hours and closures; a change says which bookings it leaves outside."""

    write_roles = PLACE_ROLES

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        warn_of_hours(self, request, Booking.objects.filter(space__facility=form.instance.facility_id))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        facility = obj.facility_id
        super().delete_model(request, obj)
        warn_of_hours(self, request, Booking.objects.filter(space__facility=facility))


class PlaceForm(forms.ModelForm):
    """The room, where one is named, is of the same facility."""

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        space, facility = cleaned.get("space"), cleaned.get("facility")
        if space and facility and space.facility_id != facility.pk:
            self.add_error("space", _("这个空间不在所选的设施里。"))
        return cleaned


class NewHoursForm(PlaceForm):
    """The same hours for several days at once."""

    days = weekdays_field()

    def clean(self) -> Any:
        cleaned = super().clean()
        if days := cleaned.get("days"):
            self.instance.weekday = days[0]
        return cleaned


@admin.register(OpeningHours)
class OpeningHoursAdmin(TimesAdmin):
    """Hours are entered for several days together and changed one by one."""

    form = PlaceForm
    list_display = [
        "facility",
        "space",
        "kind",
        "weekday",
        "opens_at",
        "closes_at",
        "season_from",
        "season_until",
    ]
    import_key = ("facility", "space", "kind", "weekday", "opens_at", "season_from")
    list_select_related = ["facility", "space"]
    list_filter = [RegionFilter, "kind", "weekday"]
    search_fields = ["facility__name", "space__name"]
    autocomplete_fields = ["facility", "space"]
    new_fields = ["facility", "space", "kind", "days", "opens_at", "closes_at", "season_from", "season_until"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else self.new_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": NewHoursForm, "fields": [name for name in self.new_fields if name != "days"]}
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        for day in form.cleaned_data.get("days", ())[1:]:
            obj.pk, obj.weekday = None, day
            obj._state.adding = True
            super().save_model(request, obj, form, change)

    def sheet_form(self, request: HttpRequest) -> Any:
        """A row a weekday, as hours are changed."""
        return self.get_form(request, OpeningHours())


@admin.register(Closure)
class ClosureAdmin(TimesAdmin):
    form = PlaceForm
    list_display = ["reason", "facility", "space", "starts_at", "ends_at"]
    import_key = ("facility", "space", "starts_at")
    list_select_related = ["facility", "space"]
    list_filter = [RegionFilter]
    search_fields = ["reason", "facility__name", "space__name"]
    autocomplete_fields = ["facility", "space"]
