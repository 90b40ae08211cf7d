"""Close a month for the communities of a region: through Celery, or in this process."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm

from billing import closing, rollups, runs, working
from billing.models import CloseState
from billing.timely import is_over
from facilities.models import Community, Region
from portal.months import Month

ALL_POSTED, FAILED, SOME_OPEN = 0, 1, 3
POLL = 0.2
HINT_AFTER = 15  # seconds without a worker taking anything


class Command(BaseCommand):
    help = "结一个月的账：全部入账退出码 0，有社区未入账 3（逐一说明），出错 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="YYYY-MM")
        parser.add_argument("--region", default="", help="地区代码；不填为全部社区")
        parser.add_argument("--inline", action="store_true", help="在本进程中计算，不经 Celery")
        parser.add_argument("--json", action="store_true", help="结果以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = str(Month.parse(options["month"]))
        except ValueError as error:
            raise CommandError(_("月份写成 2026-09 的样子。")) from error
        region = self.region(options["region"])
        console = Console(stderr=True)
        if not is_over(Month.parse(month)):
            expect_a_yes(month, console)
        outcomes, undone = (inline if options["inline"] else queued)(month, region, console)
        if options["json"]:
            self.stdout.write(json.dumps([told(one) for one in outcomes], ensure_ascii=False, indent=2))
        else:
            report(outcomes, undone, Console())
        sys.exit(exit_code(outcomes, undone))

    def region(self, code: str) -> Region | None:
        if not code:
            return None
        region = Region.objects.filter(code=code).first()
        if region is None:
            raise CommandError(_("没有代码为 %s 的地区。") % code)
        return region


def expect_a_yes(month: str, console: Console) -> None:
    """A month that is not over is closed only by who means it; a script is taken to mean what it says."""
    console.print(_("%s 还没有过完；入账以后不能撤回。") % month)
    if sys.stdin.isatty() and not Confirm.ask(_("仍要入账？"), console=console, default=False):
        raise CommandError(_("没有结账，什么都没有变。"))


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def inline(month: str, region: Region | None, console: Console) -> tuple[list[closing.Outcome], int]:
    """Close batch after batch in this process; none stays undone."""
    communities = Community.objects.below(region) if region else Community.objects.all()
    codes = list(communities.order_by("region_id").values_list("region_id", flat=True))
    found: list[closing.Outcome] = []
    with _bar(console) as bar:
        task = bar.add_task(_("%s 月结") % month, total=len(codes))
        for first in range(0, len(codes), runs.BATCH_SIZE):
            batch = codes[first : first + runs.BATCH_SIZE]
            found += closing.close_batch(month, batch)
            bar.advance(task, len(batch))
    rollups.build_region_months(month)
    return found, 0


def queued(month: str, region: Region | None, console: Console) -> tuple[list[closing.Outcome], int]:
    """Hand the batches to the workers and watch; Ctrl-C leaves the run to them.

    Return the outcomes, and how many communities stay undone because somebody stopped the run.
    """
    run = runs.start(month, region or whole_country())
    began = time.monotonic()
    is_told = False
    with _bar(console) as bar:
        task = bar.add_task(_("%s 月结") % month, total=runs.progress(run).total)
        while not (now := runs.progress(run)).is_over:
            bar.update(task, completed=now.handled)
            if not now.handled and not is_told and time.monotonic() - began > HINT_AFTER:
                console.print(_("还没有 worker 接手：请先启动 make run，或加 --inline 在本进程里算。"))
                is_told = True
            working.hand_out(run)  # as the clock would: no beat is needed while somebody watches
            time.sleep(POLL)
        bar.update(task, completed=now.handled)
    return runs.outcomes(run), now.total - now.handled


def whole_country() -> Region:
    """The region above all communities there are: the smallest one that holds them all."""
    codes = Community.objects.order_by("region_id").values_list("region_id", flat=True)
    first, last = codes.first(), codes.last()
    if first is None or last is None:
        raise CommandError(_("还没有社区，请先用 import_pack 导入数据。"))
    for length in (9, 6, 4, 2):
        if first[:length] == last[:length]:
            return Region.objects.get(code=first[:length].ljust(12, "0"))
    raise CommandError(_("社区分布在几个省，请用 --region 逐省指定。"))


def told(outcome: closing.Outcome) -> dict[str, Any]:
    """An outcome for machines, each block with what, where and what to do."""
    blocks = [
        {"reason": block.reason, "what": block.what, "where": block.where, "to_do": str(block.to_do)}
        for block in outcome.blocks
    ]
    return {**outcome.as_data(), "blocks": blocks}


def report(outcomes: list[closing.Outcome], undone: int, console: Console) -> None:
    """Say how many are posted, and of every other community why not and what to do."""
    names = dict(Community.objects.values_list("region_id", "name"))
    posted = sum(one.state == CloseState.POSTED for one in outcomes)
    console.print(
        _("已入账 %(posted)d 个社区，共 %(total)d 个。") % {"posted": posted, "total": len(outcomes) + undone}
    )
    if undone:
        console.print(_("这次月结中途被停下，还有 %d 个社区没做；在它的页面上可以继续。") % undone)
    for one in outcomes:
        if one.state == CloseState.POSTED:
            continue
        label = CloseState(one.state).label if one.state in CloseState else _("出错")
        until = _("，公示到 %s") % one.notice_until if one.notice_until else ""
        console.print(
            f"{names.get(one.code, '')} {one.code}：{label}{until}", highlight=False, soft_wrap=True
        )
        for block in one.blocks:
            console.print(f"  · {block}", highlight=False, soft_wrap=True, markup=False)


def exit_code(outcomes: list[closing.Outcome], undone: int) -> int:
    states = {one.state for one in outcomes}
    if working.FAILED in states:
        return FAILED
    return ALL_POSTED if states <= {CloseState.POSTED} and not undone else SOME_OPEN
