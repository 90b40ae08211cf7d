from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from facilities.admin.filters import RegionFilter
from portal.admin_base import CommunityForm, CommunityRowAdmin
from portal.personal import check_words
from residents import needs
from residents.models import LOOK_UP_ROLES, Need


class NeedForm(CommunityForm):
    """Said at the counter by somebody unnamed, or answered."""

    text = forms.CharField(
        label=_("说的是什么"),
        help_text=_("请不要写身份证号、电话等个人信息。"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        validators=[check_words],
    )
    reply = forms.CharField(
        label=_("答复"),
        help_text=_("本人会在“说说”里看到。"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        validators=[check_words],
    )

    class Meta:
        model = Need
        fields = ["category"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("text", None)
            self.initial["reply"] = self.instance.answer
        else:
            self.fields.pop("reply", None)


@admin.register(Need)
class NeedAdmin(CommunityRowAdmin):
    """What residents lack and wish for; answered here, read by whoever said it."""

    write_roles = LOOK_UP_ROLES
    can_delete_rows = False
    form = NeedForm
    not_imported = _("谁说的话一条一条录，不从表格导入。")
    personal = ("text",)
    list_display = ["said", "community", "category", "state", "raised_at", "at_counter"]
    list_select_related = ["community", "category"]
    list_filter = [RegionFilter, "state", "category"]
    search_fields = ["text", "answer", "community__name"]
    search_help_text = _("说的话、答复或社区")
    date_hierarchy = "raised_at"
    exclude: list[str] = []
    actions = ["take_up", "close"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["community", "category", "text"]
        last = "reply" if self.may_write(request, obj) else "answer"
        return ["community", "category", "said", "state", "raised_at", last]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["community", "category", "said", "state", "raised_at", "answer"] if obj else []

    @admin.display(description=_("说的是什么"), ordering="text")
    def said(self, need: Need) -> str:
        return need.text or "—"

    @admin.display(description=_("窗口代录"), boolean=True)
    def at_counter(self, need: Need) -> bool:
        return need.entered_by_id is not None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            reply = form.cleaned_data.get("reply", "")
            if reply.strip() and "reply" in form.changed_data:
                needs.answer(obj, reply, by=request.user)
            return
        made = needs.note(obj.community, obj.text, obj.category, by=request.user)
        obj.pk = made.pk

    def has_move_permission(self, request: HttpRequest) -> bool:
        return self.may_write(request)

    @admin.action(description=_("开始办"), permissions=["move"])
    def take_up(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.act_on_each(request, queryset, partial(needs.take_up, by=request.user))

    @admin.action(description=_("了结"), permissions=["move"])
    def close(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.act_on_each(request, queryset, partial(needs.close, by=request.user))
