"""Calendars of other systems: where they come from, what they block, where they clash."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from facilities.admin.filters import RegionFilter
from facilities.calendars import importing
from facilities.calendars.reading import MOST_BYTES, Unreadable, times_of
from facilities.models import ExternalCalendar
from facilities.timing import PLACE_ROLES
from portal import jobs
from portal.admin_base import ScopedAdmin

IMPORT = "facilities.tasks.import_calendar"


class CalendarForm(forms.ModelForm):
    """An address that is fetched again and again, or a file that is taken in once."""

    file = forms.FileField(
        label=_("日历文件"),
        required=False,
        help_text=_("没有地址时上传 .ics 文件；只取未来一年的时间，不保存事件内容。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
    )

    def clean_file(self) -> bytes:
        given = self.cleaned_data.get("file")
        if not given:
            return b""
        if given.size > MOST_BYTES:
            raise ValidationError(_("文件超过 2 MB。"))
        text: bytes = given.read()
        try:
            times_of(text, *importing.horizon())
        except Unreadable as error:
            raise ValidationError(str(error)) from error
        return text

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        has_url, has_file = bool(cleaned.get("url")), bool(cleaned.get("file"))
        if has_url and has_file:
            self.add_error("file", _("地址和文件只用一种。"))
        if not has_url and not has_file and not self.instance.pk and not self.errors:
            self.add_error("url", _("请填日历地址，或上传文件。"))
        # The constraint looks at the end, which is no field of the form: Django leaves it to the database.
        space = cleaned.get("space") or getattr(self.instance, "space", None)
        same = ExternalCalendar.objects.filter(space=space, name=cleaned.get("name"), ended_at=None)
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("这个空间已有同名的外部日历。"))
        return cleaned


@admin.register(ExternalCalendar)
class ExternalCalendarAdmin(ScopedAdmin):
    form = CalendarForm
    list_display = ["name", "space", "source", "result", "fetched_at"]
    list_select_related = ["space__facility"]
    list_filter = [RegionFilter]
    search_fields = ["name", "space__name", "space__facility__name"]
    search_help_text = _("名称、空间或设施")
    autocomplete_fields = ["space"]
    write_roles = PLACE_ROLES
    not_imported = _("日历一个一个地接，每个的结果都要看。")
    actions = ["import_now"]
    fields = ["space", "name", "url", "file", "fetched_at", "result", "clash_list"]
    readonly_fields = ["fetched_at", "result", "clash_list"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(ended_at=None)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["space", *self.readonly_fields] if obj else list(self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if text := form.cleaned_data.get("file"):
            importing.take_in(obj, text, by=request.user)
            self.message_user(request, self.result(obj), level="WARNING" if obj.clashes else "SUCCESS")
        elif obj.url:
            jobs.send_on_commit(IMPORT, obj.pk)
            self.message_user(request, _("正在取这个日历，一会儿刷新看结果。"))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.wrote(request, obj, "deleted")
        importing.remove(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its time to come is given back; what it took until now stays counted as use."""
        return [str(one) for one in objs], {}, set(), []

    @admin.action(description=_("现在导入"), permissions=["change"])
    def import_now(self, request: HttpRequest, queryset: Any) -> None:
        for calendar in queryset.exclude(url=""):
            jobs.send_on_commit(IMPORT, calendar.pk)
        self.message_user(request, _("正在取，一会儿刷新看结果。"))

    @admin.display(description=_("来源"))
    def source(self, calendar: ExternalCalendar) -> str:
        return str(_("地址") if calendar.url else _("文件"))

    @admin.display(description=_("上次结果"))
    def result(self, calendar: ExternalCalendar) -> str:
        if calendar.error:
            return str(_("没导入：%s") % calendar.error)
        if calendar.fetched_at is None:
            return str(_("还没有导入"))
        if calendar.clashes:
            return str(_("已导入，%d 处与预约冲突，没有占用") % len(calendar.clashes))
        return str(_("已导入，没有冲突"))

    @admin.display(description=_("与预约冲突的时间"))
    def clash_list(self, calendar: ExternalCalendar) -> str:
        return (
            format_html_join("", "<div>{}</div>", ([words] for words in importing.clash_words(calendar)))
            or "—"
        )
