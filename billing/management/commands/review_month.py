import json
from itertools import groupby
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing import review
from facilities.models import Community, Region
from portal.months import Month

BATCH = 500


class Command(BaseCommand):
    help = "结账之前看一遍：这个月哪里不对、还缺什么。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="月份，如 2026-10")
        parser.add_argument("--region", help="只看这个地区（12 位代码）")
        parser.add_argument("--json", action="store_true", help="按 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = str(Month.parse(options["month"]))
        except ValueError as error:
            raise CommandError(_("月份写成 2026-10 的样子。")) from error
        names = self._names(options["region"])
        codes = list(names)
        found = [
            finding
            for start in range(0, len(codes), BATCH)
            for finding in review.findings(month, codes[start : start + BATCH])
        ]
        if options["json"]:
            rows = [finding.as_data() for finding in found]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            self._print(found, names)

    def _names(self, region: str | None) -> dict[str, str]:
        communities = Community.objects.all()
        if region:
            place = Region.objects.filter(code=region).first()
            if place is None:
                raise CommandError(_("没有代码为 %s 的地区。") % region)
            communities = Community.objects.below(place)
        names = dict(communities.order_by("region_id").values_list("region_id", "name"))
        if not names:
            raise CommandError(_("这个范围里没有社区。"))
        return names

    def _print(self, found: list[review.Finding], names: dict[str, str]) -> None:
        for code, of_community in groupby(found, key=lambda one: one.code):
            self.stdout.write(self.style.MIGRATE_HEADING(f"{names[code]}（{code}）"))
            for finding in of_community:
                mark = (
                    self.style.ERROR(_("受阻"))
                    if finding.severity == review.BLOCKS
                    else self.style.WARNING(_("留意"))
                )
                texts = {"where": finding.where, "what": finding.text, "to_do": finding.todo}
                self.stdout.write(f"  {mark} " + _("%(where)s：%(what)s%(to_do)s") % texts)
        blocking = len({finding.code for finding in found if finding.severity == review.BLOCKS})
        self.stdout.write(
            _("%(communities)s 个社区，%(count)s 处要看，其中 %(blocking)s 个社区受阻。")
            % {"communities": len(names), "count": len(found), "blocking": blocking}
        )
