"""A list as a file: at once, or by a worker with a link; only for its maker, and always on record."""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from portal import audit, jobs
from portal.notifications import tell
from portal.spreadsheets.columns import harmless
from portal.spreadsheets.models import Export, ExportState
from portal.spreadsheets.resources import Sheet

AT_ONCE = 5000
LOST = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 3
STEP = 2000


def rows_of(model_admin: Any, request: Any) -> Any:
    """The rows of the list as it is filtered, searched and sorted."""
    rows = model_admin.get_changelist_instance(request).get_queryset(request)
    keys = [one.name for one in model_admin.opts.concrete_fields if one.is_relation and one.many_to_one]
    asked = {} if model_admin.not_imported else model_admin.sheet_form(request).base_fields
    named = [key for key in keys if key in asked]
    return rows.select_related(*named) if named else rows


@transaction.atomic
def order(model_admin: Any, request: Any, *, kind: str, reason: str, total: int) -> Export:
    """Note who takes which list and why; the file follows at once or by a worker."""
    user = request.user
    prefixes = [""] if user.is_superuser else user.region_prefixes(*model_admin.view_roles)
    export = Export.objects.create(
        by=user,
        role=user.role_in_use or "",
        scope=prefixes,
        model=model_admin.opts.label,
        title=str(model_admin.opts.verbose_name_plural),
        filters=_asked(request.GET),
        kind=kind,
        reason=reason,
        total=total,
    )
    only = prefixes[0].ljust(12, "0") if len(prefixes) == 1 and prefixes[0] else None
    audit.record(
        f"{model_admin.opts.model_name}.exported",
        export,
        by=user,
        region=only,
        filters=_asked(request.GET, without=SEARCH_VAR),
        rows=total,
        kind=kind,
        reason=reason,
    )
    if total > AT_ONCE:
        jobs.send_on_commit("portal.tasks.write_export", export.pk)
    return export


def _asked(chosen: Any, *, without: str = "") -> str:
    """How a list was filtered; the audit stays for good, so it goes without the words searched for."""
    pairs = [(key, value) for key, values in chosen.lists() for value in values if key != without]
    return urlencode(pairs)


def is_entitled(export: Export, user: Any) -> bool:
    """Whether its maker may still look at everything the file holds."""
    model_admin = admin.site._registry[apps.get_model(export.model)]
    if export.by_id != user.pk:
        return False
    roles = model_admin.view_roles  # type: ignore[attr-defined]
    held = [user.holds(prefix, *roles) if prefix else user.is_superuser for prefix in export.scope]
    return bool(held) and all(held)


def run(pk: int) -> None:
    """Write one file; a second worker with the same order finds it taken."""
    now = timezone.now()
    waiting = Export.objects.filter(pk=pk, state=ExportState.WAITING)
    if not waiting.update(state=ExportState.RUNNING, touched_at=now, attempts=F("attempts") + 1):
        return
    export = Export.objects.select_related("by").get(pk=pk)
    user: Any = export.by
    if not user.is_superuser:
        user.use_role(export.role)
    if not user.is_active or not is_entitled(export, user):
        _end(export, ExportState.FAILED)
        return
    with translation.override(settings.LANGUAGE_CODE):
        name = _write(export, user)
    _end(export, ExportState.DONE, name)


@transaction.atomic
def _end(export: Export, state: str, name: str = "") -> None:
    """Say how it ended, on the list of files and to whoever waits for it."""
    Export.objects.filter(pk=export.pk).update(state=state, file=name, touched_at=timezone.now())
    is_done = state == ExportState.DONE
    advice = _("在“导出的文件”里下载，保留一周。") if is_done else _("请重新导出；还是不行，请联系管理员。")
    tell(
        export.by,
        f"export.{state}",
        subject=None,
        title=(_("%s已经写好") if is_done else _("%s没有写成")) % export.title,
        text=_("您要的“%(title)s”，共 %(total)d 行。") % {"title": export.title, "total": export.total}
        + advice,
        url=reverse("admin:portal_export_changelist"),
        key=f"export:{export.pk}:{state}",
    )


def _write(export: Export, user: Any) -> str:
    model_admin = admin.site._registry[apps.get_model(export.model)]
    request: Any = RequestFactory().get("/")
    request.GET, request.user = QueryDict(export.filters), user
    with tempfile.TemporaryFile() as file:
        write(model_admin, request, export, file)
        file.seek(0)
        return default_storage.save(f"exports/{export.pk}.{export.kind}", File(file))


def write(model_admin: Any, request: Any, export: Export, file: Any) -> None:
    """Write the rows as they come, never all at once in memory."""
    sheet = Sheet(model_admin, request)
    rows = rows_of(model_admin, request).iterator(chunk_size=STEP)
    cells = sheet.cells(_counted(export, rows))
    WRITERS[export.kind](sheet.heads(), cells, file)


def at_once(model_admin: Any, request: Any, export: Export) -> Any:
    """Write a short list for the answer; nothing is kept but the record."""
    file = io.BytesIO()
    write(model_admin, request, export, file)
    Export.objects.filter(pk=export.pk).update(state=ExportState.DONE)
    file.seek(0)
    return file


def written_file(kind: str, heads: list[str], lines: Iterable[list[Any]]) -> Any:
    file = io.BytesIO()
    WRITERS[kind](heads, lines, file)
    file.seek(0)
    return file


def _counted(export: Export, rows: Iterable[Any]) -> Iterable[Any]:
    """Say from time to time how far it is."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % STEP == 0:
            _progress(export, number)
    _progress(export, number)


def _progress(export: Export, number: int) -> None:
    Export.objects.filter(pk=export.pk).update(rows=number, touched_at=timezone.now())


def write_csv(heads: list[str], lines: Iterable[list[Any]], file: Any) -> None:
    """With a byte order mark, so that Excel and WPS read the Chinese."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(map(_safe, heads))
    for line in lines:
        writer.writerow(map(_safe, line))
    text.flush()
    text.detach()


def write_xlsx(heads: list[str], lines: Iterable[list[Any]], file: Any) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_safe(head) for head in heads])
    for line in lines:
        sheet.append([_typed(sheet, cell) for cell in line])
    book.save(file)


def _safe(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return harmless(value) if isinstance(value, str) else value


def _typed(sheet: Any, value: Any) -> Any:
    """Numbers as they are; text stays text, also where it looks like something else."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=harmless(value).replace("\x00", ""))
    cell.data_type = "s"
    return cell


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def tend() -> None:
    """Hand out again what lost its worker, give up what fails, and forget what expired."""
    now = timezone.now()
    lost = Export.objects.filter(
        state__in=[ExportState.WAITING, ExportState.RUNNING], total__gt=AT_ONCE, touched_at__lt=now - LOST
    )
    for export in lost.filter(attempts__gte=MOST_ATTEMPTS).select_related("by"):
        _end(export, ExportState.FAILED)
    for export in lost:
        Export.objects.filter(pk=export.pk).update(state=ExportState.WAITING, touched_at=now)
        jobs.send("portal.tasks.write_export", export.pk)
    for export in Export.objects.filter(expires_at__lt=now).exclude(file=""):
        default_storage.delete(export.file)
    Export.objects.filter(expires_at__lt=now).delete()
