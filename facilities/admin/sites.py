from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities import sites
from facilities.admin.filters import RegionFilter
from facilities.admin.photos import PhotoInline, WithPhotos
from facilities.geo import Point
from facilities.models import Datum, Site, SiteNote, SiteState
from portal.access import Role
from portal.admin_base import CommunityRowAdmin, LoadedChoices, ScopedTabularInline
from portal.errors import Refused

STOCKTAKERS = (Role.CLERK, Role.REGION_ADMIN)


class NoteForm(forms.ModelForm):
    """A new step of the talks; the state follows the table of moves."""

    to_state = forms.ChoiceField(
        label=_("转为"), required=False, choices=[("", _("状态不变")), *SiteState.choices]
    )

    class Meta:
        model = SiteNote
        fields = ["text", "to_state"]


class NoteFormSet(LoadedChoices):
    """Steps of the talks one after the other; a move the table does not know is said beside it."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        state, acquisition = self.instance.state, self.instance.acquisition
        for form in self.extra_forms:
            wanted = form.cleaned_data.get("to_state") or state
            if wanted != state:
                try:
                    sites.check(Site(name=self.instance.name, state=state, acquisition=acquisition), wanted)
                except Refused as refused:
                    form.add_error("to_state", str(refused))
                    return
            state = wanted


class SiteNoteInline(ScopedTabularInline):
    """What was said so far stays; new steps are added below."""

    model = SiteNote
    form = NoteForm
    formset = NoteFormSet
    hide_title = True
    write_roles = STOCKTAKERS
    fields = ["when", "by", "text", "to_state"]
    readonly_fields = ["when", "by"]

    @admin.display(description=_("时间"))
    def when(self, note: SiteNote) -> Any:
        return None if note._state.adding else note.at

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Site)
class SiteAdmin(WithPhotos, CommunityRowAdmin):
    """场地资源摸底: what could be used, whose it is, how far the talks are."""

    list_display = ["name", "community", "area_m2", "state", "build_mode", "acquisition", "owner", "title"]
    list_select_related = ["community"]
    list_filter = [RegionFilter, "state", "build_mode", "acquisition", "title"]
    search_fields = ["name", "address", "owner", "community__name"]
    search_help_text = _("名称、地址、产权人或社区")
    autocomplete_fields = ["facility"]
    write_roles = STOCKTAKERS
    exclude: list[str] = []
    fieldsets = [
        (None, {"fields": ["community", "name", "state", "area_m2", "owner", "title"]}),
        (_("怎么用"), {"fields": ["build_mode", "acquisition", "facility"]}),
        (_("位置"), {"fields": ["address", "longitude", "latitude", "datum", "elsewhere"]}),
    ]
    readonly_fields = ["state", "elsewhere"]
    inlines = [SiteNoteInline, type("SitePhotoInline", (PhotoInline,), {"write_roles": STOCKTAKERS})]
    actions = ["to_idle", "to_negotiating", "to_reserved", "to_in_use"]

    @admin.display(description=_("在其他坐标系"))
    def elsewhere(self, site: Site) -> str:
        point = Point.of(site)
        if point is None:
            return "—"
        others = [point.to(datum) for datum in Datum if datum != point.datum]
        return "；".join("{} {}, {}".format(one.datum.label, *one.decimals()) for one in others)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not SiteNote:
            super().save_formset(request, form, formset, change)
            return
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for one in formset.extra_forms:
            if one.has_changed():
                given = one.cleaned_data
                text, state = given.get("text", ""), given.get("to_state", "")
                formset.new_objects.append(sites.note(form.instance, text, by=request.user, state=state))

    def has_move_permission(self, request: HttpRequest) -> bool:
        return self.may_write(request)

    def _move(self, request: HttpRequest, rows: QuerySet, state: SiteState) -> None:
        count = 0
        for site in rows.visible_to(request.user, *self.write_roles).order_by("pk"):  # type: ignore[attr-defined]
            try:
                sites.move(site, state, by=request.user)
                count += 1
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
        if count:
            text = _("%(count)s 处场地已转为“%(state)s”。") % {"count": count, "state": state.label}
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("转为闲置"), permissions=["move"])
    def to_idle(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, SiteState.IDLE)

    @admin.action(description=_("转为洽谈中"), permissions=["move"])
    def to_negotiating(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, SiteState.NEGOTIATING)

    @admin.action(description=_("转为已预留"), permissions=["move"])
    def to_reserved(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, SiteState.RESERVED)

    @admin.action(description=_("转为使用中"), permissions=["move"])
    def to_in_use(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, SiteState.IN_USE)
