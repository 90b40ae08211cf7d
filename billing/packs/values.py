"""Cells of a pack as values: exactly one way to write each kind, anything else is told and refused."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _

from billing.fields import MonthField
from billing.packs.schema import Column
from billing.rebates import parse_tiers
from portal.months import Month
from portal.visible import UNSEEN

# A cell is text, or what a workbook knows to be a date.
Cell = str | dt.date
Parser = Callable[[Cell], Any]

BLANKS = " \t\u00a0\u3000"
EARLIEST = dt.date(1900, 1, 1)
NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
INTEGER = re.compile(r"-?[0-9]{1,20}")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CODE = re.compile(r"[0-9]{12}")
# Controls, and marks that turn the direction of the text around them.
NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class BadValue(ValueError):
    """A cell that is not of its column's type; the text says how to write it."""


class Formula(str):
    """A formula in a workbook: what it shows is not what it holds."""

    __slots__ = ()


class CellError(str):
    """An error value in a workbook, such as #N/A."""

    __slots__ = ()


def is_blank(cell: Cell | None) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def parser_of(column: Column) -> Parser:
    """Return what turns a cell of this column that is not blank into its value."""
    parse = _parser(column)

    def checked(cell: Cell) -> Any:
        if isinstance(cell, Formula):
            raise BadValue(_("这是公式；请粘贴为数值后再导入。"))
        if isinstance(cell, CellError):
            raise BadValue(_("这是 Excel 的错误值，请改成正确的内容。"))
        return parse(cell.strip(BLANKS) if isinstance(cell, str) else cell)

    return lru_cache(maxsize=4096, typed=True)(checked)  # the same dates, choices and keys stand in many rows


def _parser(column: Column) -> Parser:
    key = column.target_key
    if column.refers_to in ("regions", "communities"):
        return _code
    if key.choices:
        return _choice([str(value) for value, _label in key.choices])
    if isinstance(key, MonthField):
        return _month
    if isinstance(key, models.DateField):
        return _date
    if isinstance(key, models.DecimalField):
        return _decimal(key, rounds=column.name in ("longitude", "latitude"))
    if isinstance(key, models.IntegerField):
        return _integer(key)
    return _tiers(key) if column.name == "tiers" else _text(key)


def _plain(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.isoformat()


def _code(cell: Cell) -> str:
    if not CODE.fullmatch(_plain(cell)):
        raise BadValue(_("地区代码是 12 位半角数字。"))
    return _plain(cell)


def _choice(values: list[str]) -> Parser:
    def parse(cell: Cell) -> str:
        if cell not in values:
            raise BadValue(_("只能填：%s。") % _("、").join(values))
        return _plain(cell)

    return parse


def _month(cell: Cell) -> str:
    """A month; a workbook that made a date of it means the month of that first day."""
    if isinstance(cell, dt.date) and cell.day == 1:
        return cell.isoformat()[:7]
    try:
        return str(Month.parse(_plain(cell)))
    except ValueError as error:
        raise BadValue(_("月份写成 2026-09 的样子。")) from error


def _date(cell: Cell) -> dt.date:
    text = _plain(cell)
    try:
        if not ISO_DATE.fullmatch(text):
            raise ValueError(text)
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(_("日期写成 2026-09-30 的样子，并且那一天要存在。")) from error
    if day < EARLIEST:
        raise BadValue(_("日期不能早于 1900 年。"))
    return day


def _decimal(of: models.DecimalField, *, rounds: bool) -> Parser:
    places, whole = of.decimal_places, of.max_digits - of.decimal_places
    unit = Decimal(1).scaleb(-places)
    ask = _within(of)

    def parse(cell: Cell) -> Decimal:
        if not NUMBER.fullmatch(_plain(cell)):
            raise BadValue(_("不是普通数字：写成 1234.50 的样子，不用逗号、单位、科学计数法或全角数字。"))
        given = Decimal(_plain(cell))
        if abs(given) >= 10**whole:
            raise BadValue(_("数字太大：整数部分最多 %s 位。") % whole)
        value = given.quantize(unit, ROUND_HALF_UP) + 0
        if value != given and not rounds:
            raise BadValue(_("最多 %s 位小数。") % places)
        ask(value)
        return value

    return parse


def _integer(of: models.IntegerField) -> Parser:
    ask = _within(of)

    def parse(cell: Cell) -> int:
        if not INTEGER.fullmatch(_plain(cell)):
            raise BadValue(_("不是整数：写成 120 的样子，不用小数点、逗号、单位或全角数字。"))
        value = int(_plain(cell))
        ask(value)
        return value

    return parse


def _within(of: models.Field) -> Callable[[Any], None]:
    """The field's own limits; a bound of zero is told in words."""
    limits = [one for one in of.validators if isinstance(one, MinValueValidator | MaxValueValidator)]
    not_negative = any(isinstance(one, MinValueValidator) and one.limit_value == 0 for one in limits)

    def ask(value: Any) -> None:
        if not_negative and value < 0:
            raise BadValue(_("不能为负。"))
        try:
            for limit in limits:
                limit(value)
        except ValidationError as error:
            raise BadValue(" ".join(error.messages)) from error

    return ask


def _text(of: models.Field) -> Parser:
    longest = of.max_length or 0

    def parse(cell: Cell) -> str:
        text = _plain(cell)
        if NOT_TEXT.search(text) or UNSEEN.search(text):
            raise BadValue(_("含有控制字符、看不见的字符或换行，请删去。"))
        if len(text) > longest:
            raise BadValue(
                _("太长：最多 %(longest)s 个字，这里有 %(length)s 个。")
                % {"longest": longest, "length": len(text)}
            )
        return text

    return parse


def _tiers(of: models.Field) -> Parser:
    text_of = _text(of)

    def parse(cell: Cell) -> str:
        text: str = text_of(cell)
        try:
            if re.search(r"[^0-9.:|*]", text):
                raise ValueError(text)
            parse_tiers(text)
        except ValueError as error:
            raise BadValue(
                _("分档写成 50000:0.03|100000:0.05|*:0.08 的样子：上限从小到大，最后一档是 *。")
            ) from error
        return text

    return parse
