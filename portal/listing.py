"""What makes a list of many rows cheap: addresses without a look-up each, and whole rows for one page only."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from unfold.views import ChangeList


class RowList(ChangeList):
    """A list whose rows keep the list's filters in their addresses, as Django's do.

    Django finds out for every row which page its address belongs to, which takes as long as the rest of the
    row; the addresses of rows are known to be no lists.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.kept: str = self.preserved_filters  # type: ignore[has-type]
        self.preserved_filters = ""

    def url_for_result(self, result: Any) -> str:
        address = super().url_for_result(result)
        return f"{address}?{self.kept}" if self.kept else address


class KeysFirst(Paginator):
    """Sorts keys alone and joins everything else to the rows of one page: the last page costs like the first."""

    def page(self, number: Any) -> Page:
        page = super().page(number)
        keys: Any = page.object_list
        if not keys.query.distinct:
            page.object_list = self.object_list.filter(pk__in=keys.values("pk"))  # type: ignore[attr-defined]
        return page
