"""One column of a spreadsheet: how a value is written for people, and how what they write is read."""

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from portal.months import in_our_time
from portal.spreadsheets.files import Formula
from portal.spreadsheets.spelling import DATE, MONTH, NO, YES, in_every_language
from portal.visible import visible

TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")
NUMBER = re.compile(r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?")
KEYED = re.compile(r"(.*)\[([^\[\]]+)\]")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula; a negative number stays one."""
    if text.startswith(DANGEROUS) and not re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        return "'" + text
    return text


def plain(cell: Any) -> str:
    """What a cell says, without the apostrophe that made it harmless."""
    if isinstance(cell, Formula):
        raise ValueError(_("这是公式；请粘贴为数值后再导入。"))
    text = visible(str(cell)).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


class Lookup:
    """Rows that a column may name, found in bulk among those the person may choose."""

    def __init__(self, choices: models.QuerySet) -> None:
        self.choices = choices
        self.by_key: dict[str, Any] = {}
        self.by_name: dict[str, list[Any]] = defaultdict(list)

    def load(self, texts: Iterable[str]) -> None:
        """Ask once for everything that these cells may mean."""
        parts = {part for text in texts for part in _parts(text)}
        paths = [path for path in ("ref", "name") if _has(self.choices.model, path)]
        if _text_key(self.choices.model):
            paths.append("pk")
        wanted = Q(pk__in=[])
        for path in paths:
            wanted |= Q(**{f"{path}__in": parts})
        for row in self.choices.filter(wanted):
            if key := key_of(row):
                self.by_key[key] = row
            for name in {str(row), getattr(row, "name", "") or str(row)}:
                self.by_name[name].append(row)

    def find(self, text: str, fits: Callable[[Any], bool]) -> Any:
        """Return the row a cell means; `fits` tells apart rows of one name by the rest of the line."""
        keyed = KEYED.fullmatch(text)
        if keyed and (row := self.by_key.get(keyed[2].strip())):
            return row
        if row := self.by_key.get(text):
            return row
        found = self.by_name.get(text, [])
        if len(found) > 1:
            found = [row for row in found if fits(row)]
        if len(found) > 1:
            raise ValueError(_("有 %d 个同名的，请写编号或代码。") % len(found))
        if not found:
            raise ValueError(_("没有找到；请写编号、代码或完整的名称，并且在您负责的地区里。"))
        return found[0]


def _parts(text: str) -> set[str]:
    keyed = KEYED.fullmatch(text)
    return {text, text.rsplit(" ", 1)[-1], *((keyed[1].strip(), keyed[2].strip()) if keyed else ())}


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def _text_key(model: type[models.Model]) -> bool:
    key: Any = model._meta.pk
    while isinstance(key, models.ForeignKey):
        key = key.target_field
    return isinstance(key, models.CharField)


def key_of(row: Any) -> str:
    """The code or reference that people know a row by; empty where there is none."""
    return str(getattr(row, "ref", "") or (row.pk if _text_key(type(row)) else ""))


def told(row: Any) -> str:
    """A row in a cell: 黄河社区 [610102002006], or its reference where that is its name."""
    name, key = str(row), key_of(row)
    return f"{name} [{key}]" if key and key != name else name


class FieldWidget(Widget):
    """A column of a model: read and written by the kind of its field."""

    def __init__(self, field: Any, *, required: bool = False, lookup: Lookup | None = None) -> None:
        super().__init__()
        self.field, self.required, self.lookup = field, required, lookup
        self.fits: Callable[[Any, Any], bool] = lambda candidate, row: True
        self.values = {said: value for value, label in field.flatchoices for said in in_every_language(label)}
        self.values |= {str(value): value for value, _label in field.flatchoices}
        self.labels = {value: str(label) for value, label in field.flatchoices}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, str) and not plain(value) or value is None:
            return self._blank()
        if self.lookup:
            return self.lookup.find(plain(value), lambda candidate: self.fits(candidate, row))
        if self.field.choices:
            return self._choice(plain(value))
        return self._parsed(value)

    def _blank(self) -> Any:
        if self.field.has_default() and not self.field.null and not self.field.blank:
            return self.field.get_default()
        if self.required or not (self.field.blank or self.field.null):
            raise ValueError(_("必填，不能空着。"))
        return None if self.field.null else self.field.get_default() if self.field.has_default() else ""

    def _choice(self, text: str) -> Any:
        if text not in self.values:
            raise ValueError(_("只能填：%s。") % _("、").join(self.labels.values()))
        return self.values[text]

    def _parsed(self, value: Any) -> Any:
        for kind, parse in PARSERS:
            if isinstance(self.field, kind):
                return parse(value)
        return _month(value) if getattr(self.field, "is_month", False) else _text(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or value == "":
            return ""
        if isinstance(value, models.Model):
            return told(value)
        if self.labels:
            return self.labels.get(value, value)
        return written(value)


def written(value: Any) -> Any:
    """A value as a cell: numbers and dates stay what they are, the rest becomes text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return value if isinstance(value, int | Decimal | dt.date) else str(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    text = half_width(plain(value))
    try:
        if not text or not NUMBER.fullmatch(text):
            raise ValueError(text)
        return Decimal(text.replace(",", ""))
    except (ValueError, InvalidOperation):
        raise ValueError(_("不是数字：写成 1234.50 或 1,234.50 的样子，不带单位。")) from None


def _integer(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value() or abs(number) > 10**12:
        raise ValueError(_("要填整数。"))
    return int(number)


def _date(value: Any) -> dt.date:
    day = _day(value)
    try:
        in_our_time(day)
    except ValidationError as error:
        raise ValueError(error.message) from None
    return day


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    found = DATE.fullmatch(half_width(plain(value)))
    try:
        if not found:
            raise ValueError(value)
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(_("日期写成 2026-11-03 或 2026/11/3 的样子，并且那一天要存在。")) from None


def _time(value: Any) -> dt.time:
    if isinstance(value, dt.time):
        return value
    found = TIME.fullmatch(half_width(plain(value)))
    try:
        if not found:
            raise ValueError(value)
        return dt.time(int(found[1]), int(found[2]))
    except ValueError:
        raise ValueError(_("时间写成 09:30 的样子。")) from None


def _moment(value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        text = half_width(plain(value))
        day, _blank, hour = text.partition(" ")
        seconds = int(text[-2:]) if re.fullmatch(r".* [0-9]{1,2}:[0-9]{2}:[0-5][0-9]", text) else 0
        value = dt.datetime.combine(_date(day), _time(hour or "00:00").replace(second=seconds))
    _date(value)
    return timezone.make_aware(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = half_width(plain(value)).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(_("只能填：是、否。"))


def _month(value: Any) -> str:
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}"
    text = half_width(plain(value))
    found = MONTH.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}" if found else text


def _text(value: Any) -> str:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    text = plain(value)
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        raise ValueError(_("含有看不见的控制字符，请删去。"))
    return text


PARSERS: list[tuple[type[models.Field], Callable[[Any], Any]]] = [
    (models.BooleanField, _boolean),
    (models.DecimalField, _number),
    (models.IntegerField, _integer),
    (models.DateTimeField, _moment),
    (models.DateField, _date),
    (models.TimeField, _time),
]
