"""Residents for those who work with them: masked in every list, the full record only on purpose."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin, CommunityForm, CommunityRowAdmin, ScopedTabularInline
from portal.changes import page_name
from portal.personal import check_words, normal_phone
from residents import accounts, consents, privacy
from residents.models import (
    LOOK_UP_ROLES,
    PEOPLE_ROLES,
    Channel,
    Consent,
    FamilyTie,
    Household,
    PersonalView,
    Purpose,
    Reason,
    Resident,
)
from residents.models.views import WATCHING


class HouseholdForm(CommunityForm):
    def clean_label(self) -> str:
        check_words(self.cleaned_data["label"])
        return str(self.cleaned_data["label"])


@admin.register(Household)
class HouseholdAdmin(CommunityRowAdmin):
    """Households by the entrance they live at, with how many are registered."""

    form = HouseholdForm
    view_roles = PEOPLE_ROLES
    write_roles = LOOK_UP_ROLES
    list_display = ["__str__", "community", "number"]
    list_select_related = ["community"]
    list_filter = [RegionFilter]
    search_fields = ["label", "community__name"]
    search_help_text = _("楼栋单元或社区")
    ordering = ["community", "label", "pk"]  # said here too: the count of members drops the model's own
    import_key = ("community", "label")
    fields = ["community", "label"]
    exclude: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counted = Count("residents", filter=Q(residents__erased_at=None))
        return super().get_queryset(request).annotate(people=counted)

    @admin.display(description=_("登记人数"))
    def number(self, household: Any) -> int:
        return household.people


class ResidentForm(CommunityForm):
    """At the counter: a number is typed in and never shown; a new resident agreed on paper."""

    number = forms.CharField(
        label=_("新手机号"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("填了就换成新号码；现有号码不显示。本人同意保存才填。"),
        max_length=20,
        required=False,
    )
    agrees = forms.BooleanField(
        label=_("本人（孩子由监护人）已在窗口签字同意"),
        widget=UnfoldBooleanSwitchWidget,
        required=False,
    )

    class Meta:
        model = Resident
        fields = ["called", "birth_year", "household"]

    def clean_called(self) -> str:
        check_words(self.cleaned_data["called"])
        return str(self.cleaned_data["called"])

    def clean_number(self) -> str:
        text = self.cleaned_data["number"].strip()
        return normal_phone(text) if text else ""

    def clean_agrees(self) -> bool:
        agrees = self.cleaned_data["agrees"]
        if not agrees and not self.instance.pk:
            raise forms.ValidationError(_("没有同意不能登记。"))
        return agrees

    def clean(self) -> Any:
        cleaned = super().clean()
        household, place = self.cleaned_data.get("household"), self.instance.community_id
        if household and place and household.community_id != place:
            self.add_error("household", _("这一户不在这个社区。"))
        return cleaned


class Watched(ScopedTabularInline):
    """Rows that are looked at here and written elsewhere."""

    view_roles = PEOPLE_ROLES
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ConsentInline(Watched):
    model = Consent
    fields = ["purpose", "version", "channel", "given_at", "withdrawn_at"]
    readonly_fields = fields


class FamilyInline(Watched):
    model = FamilyTie
    fk_name = "actor"
    verbose_name_plural = _("代办的家人")
    fields = ["member_called", "kind", "since"]
    readonly_fields = fields

    @admin.display(description=_("家人"))
    def member_called(self, tie: FamilyTie) -> str:
        return tie.member.called

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("member")


CELL = {"class": "cell wide", "autocomplete": "off"}


class OpenForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("为什么要看完整号码"),
        choices=[("", _("请选择")), *Reason.choices],  # none is chosen beforehand: the log is to be true
        widget=forms.Select(CELL),
    )


class FindForm(forms.Form):
    phone = forms.CharField(label=_("完整的手机号"), max_length=20, widget=forms.TextInput(CELL))


@admin.register(Resident)
class ResidentAdmin(CommunityRowAdmin):
    view_roles = PEOPLE_ROLES
    write_roles = LOOK_UP_ROLES
    can_delete_rows = False
    form = ResidentForm
    not_imported = _("登记居民要本人在窗口签字同意，一位一位登记。")
    list_display = ["called", "community", "household", "masked", "birth_year", "has_account", "is_confirmed"]
    list_select_related = ["community", "household"]
    list_filter = [RegionFilter]
    search_fields = ["called", "household__label", "community__name"]
    search_help_text = _("称呼、楼栋单元或社区；按手机号请用“按号码找居民”")
    autocomplete_fields = ["household"]
    fields = ["community", "called", "birth_year", "household", "masked", "number", "agrees"]
    readonly_fields = ["masked"]
    exclude: list[str] = []
    inlines = [ConsentInline, FamilyInline]
    actions = ["confirm_here"]
    change_list_template = "admin/residents/resident/change_list.html"
    change_form_template = "admin/residents/resident/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(erased_at=None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who only watches has no field to type in; the paper is asked for once."""
        shown = ["community", "called", "birth_year", "household", "masked"]
        if not self.may_write(request, obj):
            return shown
        return [*shown, "number", *([] if obj else ["agrees"])]

    @admin.display(description=_("手机号"))
    def masked(self, resident: Resident) -> str:
        return resident.masked_phone or "—"

    @admin.display(description=_("有账户"), boolean=True)
    def has_account(self, resident: Resident) -> bool:
        return resident.account_id is not None

    @admin.display(description=_("已确认居住"), boolean=True)
    def is_confirmed(self, resident: Resident) -> bool:
        return resident.confirmed_at is not None

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        number = form.cleaned_data.get("number", "")
        if number:
            obj.set_phone(number)
        super().save_model(request, obj, form, change)
        by = request.user
        if not change:
            consents.give(obj, consents.needed_by(obj), by=by, channel=Channel.COUNTER)
        if number:
            consents.give(obj, Purpose.PHONE, by=by, channel=Channel.COUNTER)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return self.may_write(request)

    @admin.action(description=_("确认住在本社区"), permissions=["confirm"])
    def confirm_here(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.act_on_each(request, queryset, partial(accounts.confirm, by=request.user))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("find/", self.admin_site.admin_view(self.find), name="residents_resident_find"),
            path("<int:pk>/open/", self.admin_site.admin_view(self.open), name="residents_resident_open"),
        ]
        return [*own, *super().get_urls()]

    def find(self, request: HttpRequest) -> HttpResponse:
        """Find by the full number, posted so that it stands in no address and no log."""
        if not self.may_write(request):
            raise PermissionDenied
        form = FindForm(request.POST if request.method == "POST" else None)
        found: Any = []
        if form.is_valid():
            known = self.get_queryset(request).with_phone(form.cleaned_data["phone"])  # type: ignore[attr-defined]
            found = list(known.select_related("community", "household"))
            if not found:
                form.add_error("phone", gettext("您的社区里没有登记这个号码的居民。"))
        context = {"title": gettext("按号码找居民"), "form": form, "found": found}
        return self._page(request, "residents/find.html", context, form)

    def open(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open the full record for a reason, which is written down; or forget somebody who asks for it."""
        resident = get_object_or_404(self.get_queryset(request).select_related("community"), pk=pk)
        if not self.may_write(request, resident):
            raise PermissionDenied
        if request.POST.get("do") == "erase":
            return self._erase(request, resident)
        form = OpenForm(request.POST if request.method == "POST" else None)
        number = None
        if form.is_valid():
            page = "admin:residents_resident_open"
            number = privacy.open_record(resident, form.cleaned_data["reason"], page, by=request.user)
        context = {"title": resident.called, "resident": resident, "form": form, "number": number}
        return self._page(request, "residents/record.html", context, form)

    def _erase(self, request: HttpRequest, resident: Resident) -> HttpResponse:
        if request.POST.get("sure") != "1":
            self.message_user(request, gettext("请先勾选本人要求清除。"), messages.ERROR)
            return redirect("admin:residents_resident_open", resident.pk)
        privacy.erase(resident)
        self.message_user(request, gettext("已清除这位居民的个人信息。"), messages.SUCCESS)
        return redirect("admin:residents_resident_changelist")

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any], form: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        whole = {**self.admin_site.each_context(request), **context}
        status = 422 if form.is_bound and form.errors else 200
        response = TemplateResponse(request, template, whole, status=status)
        response["Cache-Control"] = "no-store"
        return response


@admin.register(PersonalView)
class PersonalViewAdmin(AppendOnlyAdmin):
    """Who opened whose full record, when and why."""

    view_roles = WATCHING
    list_display = ["at", "by", "community", "resident", "reason", "from_page"]
    list_select_related = ["by", "community", "resident"]
    list_filter = [RegionFilter, "reason"]
    date_hierarchy = "at"

    @admin.display(description=_("在哪个页面"))
    def from_page(self, view: PersonalView) -> str:
        return page_name({"page": view.page})
