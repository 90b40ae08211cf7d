from django.contrib import admin
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.filters import MonthFilter, month_filter
from billing.blocks import Block
from billing.models import CloseState, MonthClose, Objection
from billing.workbench import urls
from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin

COLOURS = {
    CloseState.BLOCKED: "danger",
    CloseState.DRAFT: "warning",
    CloseState.NOTICE: "info",
    CloseState.POSTED: "success",
}


@admin.register(MonthClose)
class MonthCloseAdmin(AppendOnlyAdmin):
    """The list of months; the work on one happens on its own page (`billing.workbench`)."""

    list_display = [
        "community",
        "month",
        "state_label",
        "version",
        "drafted_by",
        "confirmed_by",
        "open_page",
        "public_page",
    ]
    list_select_related = ["community", "drafted_by", "confirmed_by"]
    list_filter = [RegionFilter, MonthFilter, "state"]
    search_fields = ["community__name", "community__region__code__startswith"]
    search_help_text = _("社区名称或代码")
    fields = [
        "community",
        "month",
        "state",
        "version",
        "reasons",
        "drafted_by",
        "drafted_at",
        "notice_from",
        "notice_until",
        "confirmed_by",
        "posted_at",
        "digest",
        "open_page",
    ]
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(f"books/{route}", self.admin_site.admin_view(view), name=name)
            for route, view, name in urls.PAGES
        ]
        return pages + super().get_urls()

    @display(description=_("状态"), ordering="state", label=COLOURS)
    def state_label(self, close: MonthClose) -> tuple[str, str]:
        return close.state, close.get_state_display()

    @admin.display(description=_("受阻原因"))
    def reasons(self, close: MonthClose) -> str:
        return "\n".join(str(Block.from_data(data)) for data in close.blocks) or "—"

    @admin.display(description=_("去做"))
    def open_page(self, close: MonthClose) -> str:
        url = reverse("admin:books_month", args=[close.community_id, close.month])
        return format_html("<a class='text-link' href='{}'>{}</a>", url, _("打开这个月"))

    @admin.display(description=_("月度公示"))
    def public_page(self, close: MonthClose) -> str:
        if close.state not in (CloseState.NOTICE, CloseState.POSTED):
            return "—"
        url = reverse("month", args=[close.community_id, close.month])
        return format_html("<a class='text-link' href='{}'>{}</a>", url, _("看和打印"))


@admin.register(Objection)
class ObjectionAdmin(AppendOnlyAdmin):
    list_display = ["text_start", "community", "month", "raised_at", "raised_for", "is_answered", "open_page"]
    list_select_related = ["close__community"]
    list_filter = [RegionFilter, month_filter("close__month"), ("answered_at", admin.EmptyFieldListFilter)]
    search_fields = ["text", "answer", "close__community__name"]
    fields = ["close", "text", "raised_by", "raised_for", "raised_at", "answer", "answered_by", "answered_at"]
    readonly_fields = fields

    @admin.display(description=_("异议"))
    def text_start(self, objection: Objection) -> str:
        return str(objection)

    @admin.display(description=_("社区"))
    def community(self, objection: Objection) -> str:
        return str(objection.close.community)

    @admin.display(description=_("月份"))
    def month(self, objection: Objection) -> str:
        return objection.close.month

    @admin.display(description=_("已答复"), boolean=True)
    def is_answered(self, objection: Objection) -> bool:
        return objection.answered_at is not None

    @admin.display(description=_("去答复"))
    def open_page(self, objection: Objection) -> str:
        close = objection.close
        url = reverse("admin:books_month", args=[close.community_id, close.month])
        return format_html("<a class='text-link' href='{}#objections'>{}</a>", url, _("打开这个月"))
