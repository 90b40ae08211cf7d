"""The demo's months: two imported and closed one after the other, a third left open with work to do."""

from pathlib import Path

from django.core.management import CommandError, call_command
from django.utils.translation import gettext as _

from billing import closing, objections
from billing.models import CloseState, MonthClose, UtilityBill
from billing.packs import PackRefused, import_pack
from facilities.models import Community
from portal.demo.people import COMMUNITIES, LIYUAN
from portal.models import User

PACKS = Path(__file__).parent / "packs"
CLOSED = ("2026-09", "2026-10")
OPEN = "2026-11"
NOTICE_DAYS = 7
OBJECTION = "夜校只在晚上用二楼，电费却按面积和托幼一样分摊。请说明，能不能改成按使用时长。"


def not_closed() -> list[str]:
    """Months of the demo that are not posted for all of its communities, in their order."""
    posted = MonthClose.objects.posted().filter(community__in=COMMUNITIES)
    pairs = set(posted.values_list("month", "community_id"))
    return [month for month in CLOSED if not {(month, code) for code in COMMUNITIES} <= pairs]


def bring_in(month: str) -> None:
    """Import the pack of a month."""
    try:
        import_pack(PACKS / month)
    except PackRefused as refused:
        raise CommandError(str(refused)) from refused


def close(month: str) -> None:
    """Close a month through the workers, with a progress bar."""
    try:
        call_command("close_month", month)
    except SystemExit as ended:  # the command always says how it went
        if ended.code and month in not_closed():
            text = _("%(month)s 没有全部入账，请按上面说的处理后再运行一次。")
            raise CommandError(text % {"month": month}) from ended


def is_open_month_there() -> bool:
    return UtilityBill.objects.filter(community__in=COMMUNITIES, ref="LY-E-11").exists()


def open_next() -> None:
    """Bring in what has come so far of the open month, and publish one community's draft."""
    bring_in(OPEN)
    Community.objects.filter(pk=LIYUAN).update(notice_days=NOTICE_DAYS)
    accountant = User.objects.get(username="accountant")
    closing.draft(OPEN, [LIYUAN], by=accountant)
    draft = MonthClose.objects.get(community_id=LIYUAN, month=OPEN)
    if draft.state == CloseState.DRAFT:
        closing.publish(draft, by=accountant)
        resident = User.objects.get(username="resident-liyuan")
        objections.raise_objection(draft, OBJECTION, by=resident)
