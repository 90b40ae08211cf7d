"""Write the exports of a posted month."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from billing.exports import FORMATS, export_month
from facilities.models import Region
from portal.months import Month


class Command(BaseCommand):
    help = "导出已入账的一个月：shares、charges、rebates、closes、journal。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="YYYY-MM")
        parser.add_argument("--out", type=Path, required=True, help="写到哪个文件夹")
        parser.add_argument("--region", default="", help="地区代码；不填为全部")
        parser.add_argument("--format", choices=FORMATS, default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = str(Month.parse(options["month"]))
        except ValueError as error:
            raise CommandError(_("月份写成 2026-09 的样子。")) from error
        region = options["region"]
        if region and not Region.objects.filter(code=region).exists():
            raise CommandError(_("没有代码为 %s 的地区。") % region)
        for path in export_month(month, options["out"], region=region, form=options["format"]):
            self.stdout.write(str(path))
