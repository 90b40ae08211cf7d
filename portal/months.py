"""A calendar month in Asia/Shanghai, kept as "YYYY-MM" and shown in words, and what is in force in it."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# 1900-01 to 2999-12: the months and days around every month that can be written exist as well.
PATTERN = "(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month; months order and compare as time does."""

    year: int
    number: int
    first: date = field(init=False, compare=False, repr=False)
    last: date = field(init=False, compare=False, repr=False)
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.number <= 12):
            raise ValueError(f"there is no month {self.number} of year {self.year}")
        # A close asks for these a hundred times per agreement, so they are made once.
        days = monthrange(self.year, self.number)[1]
        object.__setattr__(self, "first", date(self.year, self.number, 1))
        object.__setattr__(self, "last", date(self.year, self.number, days))
        object.__setattr__(self, "text", f"{self.year:04d}-{self.number:02d}")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written "YYYY-MM"; anything else is a ValueError that says so."""
        if not re.fullmatch(PATTERN, text):
            raise ValueError(f"{text!r} is not a month: write YYYY-MM, for example 2026-09")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        """2026年10月, as people write it."""
        return formats.date_format(self.first, pgettext("日期格式，见 Django date 过滤器", "Y年n月"))

    @property
    def days(self) -> int:
        return self.last.day

    @property
    def bounds(self) -> tuple[date, date]:
        """First and last day, both inside the month, as a `__range` lookup takes them."""
        return self.first, self.last

    def next(self) -> "Month":
        return Month(self.year + 1, 1) if self.number == 12 else Month(self.year, self.number + 1)

    def previous(self) -> "Month":
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)

    def overlap_days(self, starts_on: date, ends_on: date | None) -> int:
        """Days of this month on which something runs from `starts_on` to `ends_on`, both included."""
        return overlap_days(self.first, self.last, starts_on, ends_on)

    def clamp(self, day: date) -> date:
        """The day itself, or the nearest day of this month."""
        return min(max(day, self.first), self.last)


def in_our_time(day: date) -> None:
    """Refuse a year that only a slip of the hand makes, such as 206 or 9999."""
    if not 1900 <= day.year <= 2100:
        raise ValidationError(_("年份不对，请核对：%d 年。") % day.year)


def in_words(text: str) -> str:
    """A month written "YYYY-MM" as people write it; what is no month stays as it is."""
    return Month.parse(text).words if re.fullmatch(PATTERN, text) else text


def overlap_days(start: date, end: date, starts_on: date, ends_on: date | None) -> int:
    """active(a, p): days of the period start … end on which something runs (0.3)."""
    first = start if start > starts_on else starts_on
    last = end if ends_on is None or end < ends_on else ends_on
    return (last - first).days + 1 if last >= first else 0


class FromMonth(Protocol):
    """A row that applies from a month on; "" is from the start."""

    @property
    def from_month(self) -> str: ...


Row = TypeVar("Row", bound=FromMonth)


def in_force(rows: Iterable[Row], month: Month | str) -> Row | None:
    """The newest row whose `from_month` is not after the month, or None (billing-rules 0.4)."""
    text = month if isinstance(month, str) else month.text
    newest: Row | None = None
    for row in rows:
        if row.from_month <= text and (newest is None or row.from_month > newest.from_month):
            newest = row
    return newest
