"""The pages of a list that take it in and give it out; every list of the admin has those that fit it."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from portal.access import region_code
from portal.personal import EncryptedCharField, EncryptedTextField
from portal.spreadsheets import exporting, files, importing
from portal.spreadsheets.columns import FieldWidget, written
from portal.spreadsheets.resources import Sheet, changed_texts

SHOWN = 200  # lines of each kind in a preview
FIGURE = re.compile(r"−?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?")
LINKS = ("open_page", "public_page")


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("要导入的文件"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"})
    )


class ExportForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("格式"),
        choices=[("xlsx", gettext_lazy("Excel / WPS 表格（xlsx）")), ("csv", "CSV")],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    reason = forms.CharField(
        label=gettext_lazy("用途"),
        help_text=gettext_lazy("会长期留在操作记录里，请不要写人的姓名、电话。"),
        max_length=200,
        required=False,
    )


class SpreadsheetPages:
    """Import with a preview, export as shown, a template, and sheets to print.

    `import_key` names the columns by which a row of a file finds its row here, where the database keeps
    none unique; `not_imported` says why a list is not taken in; `personal` names columns about people.
    """

    import_key: tuple[str, ...] = ()
    not_imported: Any = ""
    not_exported: Any = ""
    writes_by_act = False
    personal: tuple[str, ...] = ()
    sheets: Mapping[str, tuple[Any, Callable[[Any, Any], dict[str, Any]], str]] = {}
    list_before_template = "portal/spreadsheets/_tools.html"

    def region_of(self, row: Model) -> str:
        return region_code(row) if hasattr(type(row)._default_manager.all(), "region_path") else ""

    def may_add_in(self, request: HttpRequest, row: Any) -> bool:
        """Whether the user may enter a row where this one lies."""
        code = self.region_of(row)
        return not code or request.user.holds(code, *self.write_roles)  # type: ignore[attr-defined,union-attr]

    def sheet_form(self, request: HttpRequest) -> Any:
        """The form whose fields are the columns."""
        return self.get_form(request, None)  # type: ignore[attr-defined]

    def may_import(self, request: HttpRequest) -> bool:
        return not self.not_imported and self.may_write(request)  # type: ignore[attr-defined]

    def may_export(self, request: HttpRequest) -> bool:
        return not self.not_exported and self.has_view_permission(request)  # type: ignore[attr-defined]

    def is_personal(self) -> bool:
        secret = (EncryptedCharField, EncryptedTextField)
        return bool(self.personal) or any(isinstance(one, secret) for one in self._meta_fields())

    def _meta_fields(self) -> Iterable[Any]:
        return self.opts.concrete_fields  # type: ignore[attr-defined]

    def columns_shown(self, request: HttpRequest) -> list[tuple[str, str, Callable[[Any], Any]]]:
        """The columns of the list, each with its head and what makes its cell."""
        by_name = {one.name: one for one in self._meta_fields()}
        found = []
        for name in self.get_list_display(request):  # type: ignore[attr-defined]
            if name not in LINKS and not callable(name):
                label = str(label_for_field(name, self.model, self))  # type: ignore[attr-defined,call-overload]
                found.append((name, label, self._cell(name, by_name.get(name))))
        return found

    def _cell(self, name: str, field: Any) -> Callable[[Any], Any]:
        if field is not None:
            widget = FieldWidget(field)
            return lambda row: widget.render(getattr(row, name))
        if name == "__str__":
            return str
        own = getattr(self, name, None)
        return lambda row: as_shown(own(row) if own else getattr(row, name))

    def get_urls(self) -> list[URLPattern]:
        stem = f"{self.opts.app_label}_{self.opts.model_name}"  # type: ignore[attr-defined]
        guard = self.admin_site.admin_view  # type: ignore[attr-defined]
        own = [
            path("import/", guard(self.import_page), name=f"{stem}_import"),
            path("template/", guard(self.template_file), name=f"{stem}_template"),
            path("export/", guard(self.export_page), name=f"{stem}_export"),
            path("sheet/<slug:name>/", guard(self.sheet_page), name=f"{stem}_sheet"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {"sheet_tools": self._tools(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def _tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        asked = f"?{request.GET.urlencode()}" if request.GET else ""
        tools = [(self._address("import"), _("导入"))] if self.may_import(request) else []
        if self.may_export(request):
            tools.append((self._address("export") + asked, _("导出")))
        for name, (label, _make, _template) in self.sheets.items():
            tools.append((self._address("sheet", name) + asked, str(label)))
        return tools

    def _address(self, page: str, *args: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)  # type: ignore[attr-defined]

    def _answer(self, request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        given = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "back": self._address("changelist"),
            "template_url": self._address("template"),
        }
        return TemplateResponse(request, template, {**given, **context}, status=status)

    # In

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Choose a file, look at what it would do, confirm."""
        if not self.may_import(request):
            raise PermissionDenied
        sheet = Sheet(self, request)
        told = {
            "title": _("导入：%s") % self.opts.verbose_name_plural,  # type: ignore[attr-defined]
            "doing": _("导入"),
            "columns": [(one.column_name, name, one.widget) for name, one in sheet.fields.items()],
            "keys": _("、").join(
                sheet.fields[name].column_name for name in sheet.key if name in sheet.fields
            ),
            "limits": {"rows": files.MAX_ROWS, "mb": files.MAX_BYTES // 2**20},
        }
        if request.method != "POST":
            return self._answer(request, "portal/spreadsheets/import.html", form=FileForm(), **told)
        if key := request.POST.get("confirm"):
            return self._confirm(request, key)
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._answer(request, "portal/spreadsheets/import.html", 422, form=form, **told)
        return self._preview(request, form.cleaned_data["file"], told)

    def _preview(self, request: HttpRequest, file: Any, told: dict[str, Any]) -> HttpResponse:
        form = FileForm()
        try:
            if file.size > files.MAX_BYTES:
                raise files.BadFile(_("文件超过 %s MB，请分成几个文件。") % (files.MAX_BYTES // 2**20))
            outcome, upload = importing.preview(self, request, file.name, file.read())
        except files.BadFile as error:
            return self._answer(
                request, "portal/spreadsheets/import.html", 422, form=form, bad=str(error), **told
            )
        problems = outcome.problems
        context = {
            "outcome": outcome,
            "upload": upload,
            "problems": problems[:SHOWN],
            "more_problems": max(0, len(problems) - SHOWN),
            "added": [(line.number, added_texts(outcome.sheet, line)) for line in outcome.added[:SHOWN]],
            "changed": [
                (line.number, changed_texts(outcome.sheet, line)) for line in outcome.changed[:SHOWN]
            ],
            "heads": outcome.sheet.heads()[: len(outcome.sheet.fields)],
        }
        return self._answer(
            request, "portal/spreadsheets/preview.html", 422 if problems else 200, **context, **told
        )

    def _confirm(self, request: HttpRequest, key: str) -> HttpResponse:
        outcome = importing.confirm(self, request, key)
        counts = {"added": len(outcome.added), "changed": len(outcome.changed), "same": outcome.unchanged}
        text = _("已导入：新增 %(added)d 行，修改 %(changed)d 行，未变 %(same)d 行。") % counts
        messages.success(request, text)
        return HttpResponseRedirect(self._address("changelist"))

    def template_file(self, request: HttpRequest) -> HttpResponse:
        """An empty sheet with the heads of this list."""
        if not self.may_import(request):
            raise PermissionDenied
        heads = [column.column_name for column in Sheet(self, request).fields.values()]
        return _download(exporting.written_file("xlsx", heads, []), f"{self._name()}-{_('模板')}.xlsx")

    # Out

    def export_page(self, request: HttpRequest) -> HttpResponse:
        """Say how many rows, in which format and, where people are in them, what for; then give the file."""
        if not self.may_export(request):
            raise PermissionDenied
        try:
            total = exporting.rows_of(self, request).count()
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._address("changelist") + "?e=1")
        form = ExportForm(request.POST or None)
        form.fields["reason"].required = self.is_personal()
        if request.method != "POST" or not form.is_valid():
            context = {
                "title": _("导出：%s") % self.opts.verbose_name_plural,  # type: ignore[attr-defined]
                "doing": _("导出"),
                "form": form,
                "total": total,
                "at_once": exporting.AT_ONCE,
                "is_personal": self.is_personal(),
            }
            return self._answer(
                request, "portal/spreadsheets/export.html", 422 if form.is_bound else 200, **context
            )
        return self._export(request, total, **form.cleaned_data)

    def _export(self, request: HttpRequest, total: int, kind: str, reason: str) -> HttpResponse:
        export = exporting.order(self, request, kind=kind, reason=reason, total=total)
        if total > exporting.AT_ONCE:
            text = _("共 %d 行，正在后台写成文件；可以先去做别的，写好后在这里下载。") % total
            messages.success(request, text)
            return HttpResponseRedirect(reverse("admin:portal_export_changelist"))
        return _download(exporting.at_once(self, request, export), f"{self._name()}.{kind}")

    def _name(self) -> str:
        return str(self.opts.verbose_name_plural)  # type: ignore[attr-defined]

    def sheet_page(self, request: HttpRequest, name: str) -> HttpResponse:
        """A sheet to print of the rows in the list."""
        if name not in self.sheets or not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        label, make, template = self.sheets[name]
        try:
            context = make(self, request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._address("changelist") + "?e=1")
        return TemplateResponse(
            request, template, {"title": label, "back": self._address("changelist"), **context}
        )


def added_texts(sheet: Sheet, line: Any) -> list[Any]:
    return [column.export(line.instance) for column in sheet.fields.values()]


def as_shown(value: Any) -> Any:
    """A cell of the list without its dress: labels as words, figures as numbers."""
    if isinstance(value, tuple):
        value = value[-1]
    if isinstance(value, SafeString):
        value = strip_tags(value)
    if isinstance(value, str) and FIGURE.fullmatch(value):
        return Decimal(value.replace(",", "").replace("−", "-"))
    if value == "—":
        return ""
    return written(value)


def _download(file: Any, name: str) -> Any:
    return FileResponse(file, as_attachment=True, filename=name)
