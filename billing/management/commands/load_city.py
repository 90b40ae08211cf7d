import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser, call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing.city.communities import MadeCommunity, make_community
from billing.city.packs import write_packs
from billing.management.numbers import at_least
from billing.packs import PackRefused, import_pack
from facilities.models import Community, Facility, Level, Region
from facilities.models.regions import short_name
from portal.months import Month

LAST_MONTH = "2026-10"
MADE = "XA-"


class Command(BaseCommand):
    help = "装入虚构的全市数据：西安全部居委会，各有设施、协议、表、账单和收入；同一种子总得到同样的数据。不结账。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--months", type=at_least(1), default=1, help="几个月的数据")
        parser.add_argument("--seed", type=int, default=1, help="随机种子")
        parser.add_argument("--until", default=LAST_MONTH, help="最后一个月，如 2026-10")
        parser.add_argument("--communities", type=at_least(1), help="只要前几个社区")
        parser.add_argument("--agreements", type=at_least(1), default=8, help="每个设施几份协议")
        parser.add_argument("--with-faults", action="store_true", help="约 2 %% 的社区在最后一个月有差错")
        parser.add_argument("--out", type=Path, help="数据包写到哪里，默认 VAR_DIR/city")

    def handle(self, *args: Any, **options: Any) -> None:
        run = months_until(options["until"], options["months"])
        city = self._city(options)
        folder = options["out"] or settings.VAR_DIR / "city"
        self.stdout.write(_("生成 %(count)s 个社区的数据…") % {"count": len(city)})
        for path in write_packs(folder, city, run):
            started = time.monotonic()
            bring_in(path)
            seconds = time.monotonic() - started
            self.stdout.write(
                _("%(month)s 已导入，用时 %(seconds).1f 秒") % {"month": path.name, "seconds": seconds}
            )
        Facility.objects.filter(ref__startswith=MADE, is_illustrative=False).update(is_illustrative=True)
        self._report_faults(city)

    def _city(self, options: dict[str, Any]) -> list[MadeCommunity]:
        regions = residents_committees()
        if not regions:
            call_command("load_regions", stdout=self.stdout, stderr=self.stderr)
            regions = residents_committees()
        taken = set(
            Community.objects.exclude(facilities=None)
            .exclude(facilities__ref__startswith=MADE)
            .values_list("region_id", flat=True)
        )
        if taken:
            self.stdout.write(_("%(count)s 个社区已有自己的设施，不动它们。") % {"count": len(taken)})
        return [
            make_community(
                region.code,
                short_name(region.name),
                agreements=options["agreements"],
                seed=options["seed"],
                with_faults=options["with_faults"],
            )
            for region in regions[: options["communities"]]
            if region.code not in taken
        ]

    def _report_faults(self, city: list[MadeCommunity]) -> None:
        for made in city:
            if made.fault:
                self.stdout.write(f"{made.code} {made.name}：{made.fault}")


def bring_in(path: Path) -> None:
    try:
        import_pack(path)
    except PackRefused as refused:
        raise CommandError(str(refused)) from refused


def residents_committees() -> list[Region]:
    """Every 居委会 on the list, by code."""
    communities = Region.objects.filter(level=Level.COMMUNITY).order_by("code")
    return [region for region in communities if region.is_residents_committee]


def months_until(last: str, count: int) -> list[Month]:
    """The `count` months that end with the last one, in their order."""
    try:
        run = [Month.parse(last)]
    except ValueError as error:
        raise CommandError(_("--until 写成 2026-10 的样子。")) from error
    while len(run) < count:
        run.insert(0, run[0].previous())
    return run
