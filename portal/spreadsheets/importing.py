"""A file into a list: looked at first, then taken whole or not at all."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, inputs
from portal.errors import Refused
from portal.spreadsheets import files
from portal.spreadsheets.models import Upload
from portal.spreadsheets.resources import Line, Problem, Sheet

MOST_PROBLEMS = 200


class Gone(Refused):
    """The previewed file was taken already, or waited too long."""


class Changed(Refused):
    """What the preview showed is no longer what would happen."""


@dataclass(slots=True)
class Outcome:
    """What a file does to a list."""

    sheet: Sheet
    lines: list[Line]
    notice: str

    @property
    def problems(self) -> list[tuple[int, Problem]]:
        return [(line.number, problem) for line in self.lines for problem in line.problems]

    @property
    def added(self) -> list[Line]:
        return [line for line in self.lines if line.new and not line.problems]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if line.changes and not line.problems]

    @property
    def unchanged(self) -> int:
        return sum(line.is_unchanged for line in self.lines)

    @property
    def digest(self) -> str:
        """What the preview showed, so that a confirmation means the same."""
        told = [(line.number, line.new, [str(one) for one in line.changes]) for line in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def preview(model_admin: Any, request: Any, name: str, data: bytes) -> tuple[Outcome, Upload | None]:
    """Do everything and take it back; keep the file for its sender to confirm if nothing is wrong."""
    table = files.read(data)
    with transaction.atomic():
        outcome = _take(model_admin, request, table)
        transaction.set_rollback(True)
    if outcome.problems or not (outcome.added or outcome.changed):
        return outcome, None
    label = model_admin.opts.label
    seen = outcome.digest
    upload = Upload.objects.create(by=request.user, model=label, name=name[:120], data=data, seen=seen)
    return outcome, upload


@transaction.atomic
def confirm(model_admin: Any, request: Any, key: str) -> Outcome:
    """Take a previewed file, once, by its sender; if anything differs from the preview, nothing is written."""
    mine = Upload.objects.select_for_update().filter(by=request.user, model=model_admin.opts.label)
    upload = mine.filter(key=key).first()
    if upload is None or upload.expires_at < timezone.now():
        raise Gone(_("预览已过期（一小时）或不是您的，什么也没有写入。请重新选择文件。"))
    if upload.done_at:
        raise Gone(_("这个文件已经导入过了，没有再写一遍。"))
    outcome = _take(model_admin, request, files.read(bytes(upload.data)))
    if outcome.problems or outcome.digest != upload.seen:
        raise Changed(_("预览之后有人改过这些数据，什么也没有写入。请重新选择文件，再看一遍。"))
    upload.done_at, upload.data = timezone.now(), b""
    upload.save(update_fields=["done_at", "data"])
    _record(model_admin, outcome, by=request.user)
    return outcome


def _record(model_admin: Any, outcome: Outcome, *, by: Any) -> None:
    """Write down in each region what was taken in there, so that nobody approves it who did."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in (*outcome.added, *outcome.changed):
        lines[model_admin.region_of(line.instance)].append(line)
    for code, written in sorted(lines.items()):
        added = sum(line.new for line in written)
        audit.record(
            f"{model_admin.opts.model_name}.imported",
            str(model_admin.opts.verbose_name_plural),  # the name of a file may be that of a person
            by=by,
            region=code or None,
            added=added,
            changed=len(written) - added,
            rows=[line.instance.pk for line in written],
        )


def prune() -> None:
    """Forget files nobody confirmed."""
    Upload.objects.filter(expires_at__lt=timezone.now()).delete()


def _take(model_admin: Any, request: Any, table: files.Table) -> Outcome:
    sheet = Sheet(model_admin, request)
    lines = sheet.examine(table)
    outcome = Outcome(sheet, lines, table.notice)
    if not outcome.problems:
        _write(outcome, request)
    return outcome


def _write(outcome: Outcome, request: Any) -> None:
    """Write in bulk; a list with an act of its own is written by that act, row by row."""
    model_admin, lines = outcome.sheet.admin, [*outcome.added, *outcome.changed]
    if not lines:
        return
    if model_admin.writes_by_act:
        _each(outcome.sheet, lines, lambda line: _by_act(model_admin, request, line))
        return
    codes = {model_admin.region_of(line.instance) for line in lines} | {line.code_before for line in lines}
    if model_admin.is_input:
        inputs.hold(codes - {""})
    try:
        with transaction.atomic():
            _in_bulk(outcome, lines)
    except IntegrityError:
        _each(outcome.sheet, lines, _one)
        if not outcome.problems:
            raise
    if model_admin.is_input and not outcome.problems:
        inputs.changed(codes - {""}, by=request.user)


def _in_bulk(outcome: Outcome, lines: list[Line]) -> None:
    rows = outcome.sheet.model._base_manager
    rows.bulk_create([line.instance for line in lines if line.new], batch_size=1000)
    changed = [line for line in lines if not line.new]
    names = sorted({name for line in changed for name, _old, _new in line.changes})
    if changed:
        rows.bulk_update([line.instance for line in changed], names, batch_size=500)


def _by_act(model_admin: Any, request: Any, line: Line) -> None:
    form = type("Read", (), {"changed_data": [name for name, _old, _new in line.changes]})
    if line.new:
        line.instance.validate_constraints()
    model_admin.save_model(request, line.instance, form, not line.new)


def _one(line: Line) -> None:
    line.instance.validate_constraints()
    line.instance.save(force_insert=line.new)


def _each(sheet: Sheet, lines: list[Line], act: Callable[[Line], None]) -> None:
    """Do this with row after row, so that what the database refuses is told where it stands."""
    wrong = 0
    for line in lines:
        try:
            with transaction.atomic():
                act(line)
        except ValidationError as error:
            line.problems += sheet.problems_of(error, line.row)
        except Refused as error:
            line.problems.append(Problem("", "", str(error)))
        except IntegrityError as error:
            line.problems.append(Problem("", "", _reason(error)))
        wrong += bool(line.problems)
        if wrong >= MOST_PROBLEMS:
            return


def _reason(error: IntegrityError) -> str:
    """What a constraint says of itself, found by its name."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return _("与已有的记录冲突，数据库没有接受。")
