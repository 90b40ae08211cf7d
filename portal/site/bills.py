"""How one bill was shared, back to the readings."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from billing import reasons
from portal.site.months import frame_of, open_month

FLAGS = {
    "by_law": _("依法按面积"),
    "estimated": _("含估读"),
    "capped": _("按居民价封顶"),
    "subsidised": _("有补贴"),
    "reversal": _("冲回"),
}


@login_not_required
@require_GET
def bill(request: HttpRequest, code: str, month: str, ref: str) -> HttpResponse:
    found = open_month(request, code, month)
    sharings = found.close.sharings.select_related("bill__facility", "bill__corrects")
    sharing = get_object_or_404(sharings, bill__ref=ref)
    shares = list(sharing.shares.select_related("agreement__provider").order_by("agreement__ref"))
    for share in shares:
        share.sharing = sharing
    context = frame_of(request, found) | {
        "bill": sharing.bill,
        "amount": sum(share.gross for share in shares),
        "sentences": reasons.of_bill(sharing),
        "shares": [(share, flags_of(share.flags), reasons.of_share(share)) for share in shares],
    }
    return render(request, "site/bill.html", context)


def flags_of(flags: str) -> list[str]:
    """The words of a share's flags."""
    return [str(FLAGS[flag]) for flag in flags.split("|") if flag]
