"""The public notice: the hash of every row of a month, so that anybody can check what was published."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing import digest
from billing.export_rows import FILES, REBATES, line
from billing.exports import community_lines
from billing.models import MonthClose
from portal.site.months import frame_of, open_month

Row = tuple[str, str]


@login_not_required
@require_GET
def notice(request: HttpRequest, code: str, month: str) -> HttpResponse:
    found = open_month(request, code, month)
    by_file = hashed_rows(month, code)
    hashes = [one for file in FILES for one, _text in by_file[file]]
    before = MonthClose.objects.posted().filter(community=code, month__lt=month).order_by("-month").first()
    context = frame_of(request, found) | {
        "files": list(by_file.items()),
        "before": before.digest if before else "",
        "digest": digest.chain(before.digest if before else "", hashes),
    }
    return render(request, "site/notice.html", context)


def hashed_rows(month: str, code: str) -> dict[str, list[Row]]:
    """By file, the hash of each row and the row as exported; of give-back, which tells revenue, no row."""
    return {
        file: [(digest.row_hash(line(cells)), "" if file == REBATES else line(cells)) for cells in rows]
        for file, rows in community_lines(month, code).items()
    }
