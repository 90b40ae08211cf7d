"""The files one asked for: how far they are, and the link."""

from typing import Any

from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.admin_base import AppendOnlyAdmin
from portal.models import Export
from portal.spreadsheets import exporting
from portal.spreadsheets.models import ExportState


@admin.register(Export)
class ExportAdmin(AppendOnlyAdmin):
    """Each sees only what they asked for themselves."""

    list_display = ["title", "made_at", "state_text", "progress", "kind", "reason", "expires_at", "link"]
    fields = ["title", "made_at", "state_text", "progress", "kind", "reason", "filters", "expires_at", "link"]
    readonly_fields = fields
    not_exported = _("自己导出过的文件清单，不再导出。")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(by=request.user, expires_at__gt=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        file = self.admin_site.admin_view(self.file)
        return [path("<int:pk>/file/", file, name="portal_export_file"), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        raise Http404

    def file(self, request: HttpRequest, pk: int) -> Any:
        """The file itself, while its maker may still see what is in it."""
        export = self.get_queryset(request).filter(pk=pk, state=ExportState.DONE).exclude(file="").first()
        if export is None or not exporting.is_entitled(export, request.user):
            raise Http404
        name = f"{export.title}.{export.kind}"
        return FileResponse(default_storage.open(export.file), as_attachment=True, filename=name)

    @admin.display(description=_("状态"))
    def state_text(self, export: Export) -> str:
        """A small file went out at once and was not kept."""
        is_gone = export.state == ExportState.DONE and not export.file
        return str(_("当时已下载")) if is_gone else export.get_state_display()

    @admin.display(description=_("进度"))
    def progress(self, export: Export) -> str:
        return f"{export.rows} / {export.total}"

    @admin.display(description=_("下载"))
    def link(self, export: Export) -> str:
        if export.state != ExportState.DONE:
            return str(_("写好后在这里下载，刷新页面看进度")) if export.state != ExportState.FAILED else "—"
        if not export.file:
            return str(_("要再用，请重新导出"))
        address = reverse("admin:portal_export_file", args=[export.pk])
        return format_html("<a class='text-link' href='{}'>{}</a>", address, _("下载"))
