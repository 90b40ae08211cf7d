"""How explanations write days, money, quantities, prices and percentages."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.money import MONEY, PRICE, QUANTITY, grouped_text, round_half_away

_MINUS = "−"  # a real minus sign, as everywhere people read money

_UTILITIES: dict[str, tuple[Callable[[], str], Callable[[], str]]] = {
    "water": (lambda: _("水"), lambda: _("吨")),
    "electricity": (lambda: _("电"), lambda: _("度")),
    "gas": (lambda: _("燃气"), lambda: _("立方米")),
    "heating": (lambda: _("暖气"), lambda: _("吉焦")),
}

_READING_KINDS: dict[str, Callable[[], str]] = {
    "initial": lambda: _("起始读数"),
    "final": lambda: _("终止读数"),
    "estimated": lambda: _("估读"),
}


def utility_name(utility: str) -> str:
    return _UTILITIES[utility][0]()


def money(units: int) -> str:
    return grouped_text(units, MONEY).replace("-", _MINUS)


def quantity(units: int, utility: str) -> str:
    """A quantity with its unit: 520 度."""
    number = grouped_text(units, QUANTITY).replace("-", _MINUS)
    return f"{number} {_UTILITIES[utility][1]()}" if utility in _UTILITIES else number


def price(units: int) -> str:
    """A price with at least two decimals: 3.90, 0.5183."""
    number = grouped_text(units, PRICE)
    whole, _point, decimals = number.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def percent(part: int, whole: int) -> str:
    """Part of whole as a percentage with up to two decimals."""
    if not whole:
        return "0 %"
    hundredths = round_half_away(part * 10_000, whole) if whole > 0 else 0
    return f"{grouped_text(hundredths * 10, 3)} %"


def day(text: str) -> str:
    """An ISO date as people say it: 9月30日, with its year."""
    return date_format(date.fromisoformat(text), pgettext("日期格式，见 Django date 过滤器", "Y年n月j日"))


def reading(one: Sequence[Any]) -> str:
    """A reading as counted: 10,400（9月30日）; its kind where it is not a regular one."""
    on, kind, value = one
    taken = date_format(date.fromisoformat(on), pgettext("日期格式，见 Django date 过滤器", "n月j日"))
    texts = {"value": grouped_text(value, QUANTITY), "on": taken}
    if kind in _READING_KINDS:
        texts["kind"] = _READING_KINDS[kind]()
        return _("%(value)s（%(on)s%(kind)s）") % texts
    return _("%(value)s（%(on)s）") % texts


def listed(words: Iterable[str]) -> str:
    return _("、").join(words)
