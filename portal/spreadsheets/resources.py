"""The columns of a list of the admin, and what a file of them would change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms import ModelForm
from django.forms.utils import ErrorDict
from django.utils import translation
from django.utils.translation import gettext as _
from import_export import fields, resources
from tablib import Dataset

from portal.personal import EncryptedCharField, EncryptedTextField
from portal.spreadsheets.columns import FieldWidget, Lookup, plain, written
from portal.spreadsheets.files import BadFile, Table
from portal.spreadsheets.spelling import in_every_language

LEFT_OUT = (EncryptedCharField, EncryptedTextField, models.FileField, models.JSONField)


@dataclass(slots=True)
class Problem:
    """What is wrong with one cell or row, said so that it can be put right."""

    column: str
    value: str
    text: str


@dataclass(slots=True)
class Line:
    """One row of the file: the row it makes or changes, the differences, what is wrong."""

    number: int
    row: dict[str, Any]
    instance: Any = None
    new: bool = True
    before: dict[str, Any] = field(default_factory=dict)
    code_before: str = ""
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_unchanged(self) -> bool:
        return not self.new and not self.changes and not self.problems


class Sheet(resources.ModelResource):
    """The form of a list as a spreadsheet, read in bulk: the columns are those one may fill in there."""

    def __init__(self, model_admin: Any, request: Any) -> None:
        super().__init__()
        self.admin, self.request, self.model = model_admin, request, model_admin.model
        self.form = model_admin.sheet_form(request)
        self.fields = {one.name: self._column(one) for one in self._importable()}
        self.heads_of = {
            one.name: {one.name, *in_every_language(one.verbose_name)} for one in self._importable()
        }
        self.key = model_admin.import_key or unique_columns(self.model)
        self.lines: list[Line] = []
        self.known: dict[tuple[Any, ...], list[Any]] = {}
        self.seen: dict[tuple[Any, ...], int] = {}
        self.fixed: set[str] = set()

    class Meta:
        use_transactions = False
        skip_diff = True

    def _importable(self) -> list[Any]:
        """What one may fill in; a list that is not taken in goes out as it is shown and no further."""
        if self.admin.not_imported:
            return []
        by_name = {one.name: one for one in self.model._meta.concrete_fields}
        wanted = [by_name[name] for name in self.form.base_fields if name in by_name]
        return [one for one in wanted if not isinstance(one, LEFT_OUT)]

    def _column(self, one: Any) -> fields.Field:
        asked = self.form.base_fields[one.name]
        choices = getattr(asked, "queryset", None)
        widget = FieldWidget(
            one, required=asked.required, lookup=None if choices is None else Lookup(choices)
        )
        widget.fits = lambda candidate, row: self._fits(one.name, candidate, row)
        return fields.Field(column_name=str(one.verbose_name), attribute=one.name, widget=widget)

    def get_fields(self, **kwargs: Any) -> list[fields.Field]:
        return list(self.fields.values())

    def get_import_order(self) -> list[str]:
        return list(self.fields)

    get_export_order = get_import_order

    def _check_import_id_fields(self, headers: Any) -> None:
        """Asked in `dataset`, in words."""

    def _fits(self, name: str, candidate: Any, row: Any) -> bool:
        """Tell apart rows of one name by the community or facility that the line names."""
        for other, column in self.fields.items():
            own = getattr(candidate, f"{other}_id", None)
            if other != name and own is not None and column.widget.lookup and row.get(column.column_name):
                named = column.widget.lookup.find(plain(row[column.column_name]), lambda _row: False)
                if named.pk != own:
                    return False
        return True

    # In

    def dataset(self, table: Table) -> Dataset:
        """Bring the heads of a file to the columns of this list; both languages are understood."""
        names = [self._head(head) for head in table.headers]
        self._ask_heads(table.headers, names)
        keep = [number for number, name in enumerate(names) if name in self.fields]
        data = Dataset(headers=[self.fields[str(names[number])].column_name for number in keep])
        for _number, cells in table.rows:
            data.append([cells[at] if at < len(cells) else "" for at in keep])
        return data

    def _head(self, head: str) -> str | None:
        """The field a head means; "" for a column that is only shown."""
        for name, heads in self.heads_of.items():
            if head in heads or head.lower() == name:
                return name
        for name, heads in self.heads_of.items():
            if _bare(head) in {_bare(one) for one in heads}:
                return name
        return "" if head in self._only_shown() else None

    def _only_shown(self) -> set[str]:
        """Heads of what the list shows and nobody fills in, in every language."""
        found: set[str] = set()
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                found |= {label for _column, label, _value in self.admin.columns_shown(self.request)}
        return found

    def _ask_heads(self, heads: Sequence[str], names: Sequence[str | None]) -> None:
        unknown = [head or "?" for head, name in zip(heads, names, strict=True) if name is None]
        known = _("、").join(column.column_name for column in self.fields.values())
        if unknown:
            told = {"columns": _("、").join(unknown), "known": known}
            raise BadFile(_("不认识的列：%(columns)s。可以有的列是：%(known)s。") % told)
        used = [name for name in names if name]
        if twice := {name for name in used if used.count(name) > 1}:
            raise BadFile(_("列重复了：%s。") % _("、").join(self.fields[name].column_name for name in twice))
        if missing := [name for name in self.key if name in self.fields and name not in used]:
            absent = _("、").join(self.fields[name].column_name for name in missing)
            raise BadFile(_("缺少认出每一行要用的列：%s。") % absent)

    def examine(self, table: Table) -> list[Line]:
        """Say for every row what it would do; nothing is written."""
        data = self.dataset(table)
        self.numbers = [number for number, _cells in table.rows]
        result = self.import_data(data, raise_errors=False)
        for error in result.base_errors:
            raise error.error
        return self.lines

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        for column in self.fields.values():
            if column.widget.lookup and column.column_name in dataset.headers:
                cells = {str(cell).strip().lstrip("'") for cell in dataset[column.column_name]}
                column.widget.lookup.load(cells - {""})
        keys = [key for row in dataset.dict if (key := self._key_of_row(row))]
        self._load_known(keys)

    def _key_of_row(self, row: Any) -> tuple[Any, ...] | None:
        try:
            return tuple(self._clean(name, row) for name in self.key)
        except ValueError:
            return None

    def _clean(self, name: str, row: Any) -> Any:
        column = self.fields[name]
        return column.widget.clean(row.get(column.column_name), row=row)

    def _load_known(self, keys: Iterable[tuple[Any, ...]]) -> None:
        wanted: dict[str, Any] = {}
        for name, values in zip(self.key, zip(*keys, strict=True), strict=False):
            if None not in values:
                wanted[f"{name}__in"] = set(values)
        if not wanted:
            return
        for row in self.admin.get_queryset(self.request).filter(**wanted):
            key = tuple(getattr(row, self.model._meta.get_field(name).attname) for name in self.key)
            self.known.setdefault(key, []).append(row)
        if self.known:
            sample = next(iter(self.known.values()))[0]
            self.change_form = self.admin.get_form(self.request, sample, change=True)
            self.fixed = set(self.fields) - set(self.change_form.base_fields) - set(self.key)

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        self.line = Line(self.numbers[len(self.lines)], row)
        self.lines.append(self.line)
        result = super().import_row(row, instance_loader, **kwargs)
        if result.validation_error:
            self._note(result.validation_error)
        for error in result.errors:
            raise error.error
        return result

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[Any, bool]:
        key = self._key_of_row(row)
        plain_key = key and tuple(one.pk if isinstance(one, models.Model) else one for one in key)
        found = self.known.get(plain_key, []) if plain_key else []
        if len(found) > 1:
            raise ValidationError(_("已有几条同样的记录，分不清要改哪一条；请在页面上改。"))
        if plain_key and (first := self.seen.setdefault(plain_key, self.line.number)) != self.line.number:
            raise ValidationError(_("与第 %d 行重复，请只留一行。") % first)
        line = self.line
        line.instance, line.new = (found[0], False) if found else (self.model(), True)
        line.before = self._values(line.instance)
        line.code_before = "" if line.new else self.admin.region_of(line.instance)
        return line.instance, line.new

    def _values(self, instance: Any) -> dict[str, Any]:
        return {name: getattr(instance, self.model._meta.get_field(name).attname) for name in self.fields}

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        after = self._values(instance)
        if not self.line.new:
            shown = [name for name, value in after.items() if value != self.line.before[name]]
            self.line.changes = [(name, self.line.before[name], after[name]) for name in shown]
        return not import_validation_errors and not self.line.new and not self.line.changes

    def validate_instance(self, instance: Any, import_validation_errors: Any = None, **kwargs: Any) -> None:
        """What the form of the page asks: rights, what is settled, the fields, the form's own rules."""
        errors: dict[str, Any] = dict(import_validation_errors or {})
        for ask in (self._ask_rights, self._ask_form, self._ask_fields):
            try:
                ask(instance, errors)
            except ValidationError as error:
                errors = error.update_error_dict(errors)
            if errors:
                break
        if errors:
            raise ValidationError(errors)

    def _ask_rights(self, instance: Any, errors: Any) -> None:
        line = self.line
        if errors:
            return
        if not line.new and not self.admin.has_change_permission(self.request, instance):
            settled = self.admin.is_settled(instance)
            raise ValidationError(self.admin.settled_note if settled else _("这一行不由您改。"))
        if line.new and not self.admin.has_add_permission(self.request):
            raise ValidationError(_("这张表不能新增，只能改已有的行。"))
        if not line.new and (fixed := [name for name, _old, _new in line.changes if name in self.fixed]):
            raise ValidationError({name: _("这一列建好后不能改。") for name in fixed})
        if self.admin.community_from:
            instance.community_id = getattr(instance, self.admin.community_from).community_id
        if line.new and not self.admin.may_add_in(self.request, instance):
            raise ValidationError(_("这一行所在的社区不由您录入。"))

    def _ask_form(self, instance: Any, errors: Any) -> None:
        kind = self.form if self.line.new else self.change_form
        if kind.clean is ModelForm.clean:
            return
        form = kind(instance=instance)
        form._errors = ErrorDict()
        form.cleaned_data = {
            name: getattr(instance, name) for name in self.fields if name in kind.base_fields
        }
        form._clean_form()
        if form.errors:
            raise ValidationError(form.errors.as_data())

    def _ask_fields(self, instance: Any, errors: Any) -> None:
        keys = {one.name for one in self.model._meta.concrete_fields if one.is_relation}
        others = {one.name for one in self.model._meta.concrete_fields} - set(self.fields)
        instance.clean_fields(exclude=keys | others)
        instance.clean()

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Written later, all rows together."""

    def _note(self, error: ValidationError) -> None:
        self.line.problems += self.problems_of(error, self.line.row)

    def problems_of(self, error: ValidationError, row: Any) -> list[Problem]:
        by_name = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        found = []
        for name, texts in by_name.items():
            column = self.fields[name].column_name if name in self.fields else ""
            value = str(row.get(column, ""))[:60]
            found += [Problem(column, value, str(text)) for text in texts]
        return found

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Keys of rows are the database's own; nothing to set right."""

    # Out

    def shown(self) -> list[tuple[str, Any]]:
        """Columns of the list that are not among those one fills in, with what makes their cells."""
        names = {_bare(column.column_name) for column in self.fields.values()}
        found = []
        for name, label, value in self.admin.columns_shown(self.request):
            if name not in self.fields and _bare(label) not in names:
                found.append((label, value))
        return found

    def heads(self) -> list[str]:
        return [column.column_name for column in self.fields.values()] + [head for head, _v in self.shown()]

    def cells(self, rows: Iterable[Any]) -> Iterable[list[Any]]:
        shown = self.shown()
        for row in rows:
            own = [column.export(row) for column in self.fields.values()]
            yield own + [value(row) for _label, value in shown]


def _bare(head: str) -> str:
    """A head without the unit or note in brackets behind it."""
    return head.replace("(", "（").split("（")[0].strip()


def unique_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns by which people know a row: those the database keeps unique."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and not constraint.condition:
            return tuple(constraint.fields)
    return (model._meta.pk.name,)


def changed_texts(sheet: Sheet, line: Line) -> list[tuple[str, Any, Any]]:
    """The differences of a line as the preview shows them."""
    told = []
    for name, old, new in line.changes:
        widget = sheet.fields[name].widget
        after = widget.render(getattr(line.instance, name))
        before = widget.labels.get(old, written(old)) if widget.labels else written(old)
        if widget.lookup:
            before = widget.render(widget.field.related_model._base_manager.filter(pk=old).first())
        told.append((sheet.fields[name].column_name, before, after if new is not None else ""))
    return told
