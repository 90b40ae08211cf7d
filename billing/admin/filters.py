"""By month: lists of the books are read a month at a time."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.months import Month


class MonthFilter(admin.SimpleListFilter):
    """The last months; `column` is a month, or a date that lies in one."""

    title = _("月份")
    parameter_name = "month"
    column = "month"
    is_date = False
    how_many = 15

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        month = Month.of(timezone.localdate()).next()
        months = []
        for _step in range(self.how_many):
            months.append((str(month), month.words))
            month = month.previous()
        return months

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        text = self.value()
        if not text:
            return queryset
        try:
            month = Month.parse(text)
        except ValueError:
            return queryset.none()
        if self.is_date:
            return queryset.filter(**{f"{self.column}__range": month.bounds})
        return queryset.filter(**{self.column: str(month)})


def month_filter(column: str, *, is_date: bool = False) -> type[MonthFilter]:
    """Return a month filter on this column."""
    return type("MonthFilter", (MonthFilter,), {"column": column, "is_date": is_date})
