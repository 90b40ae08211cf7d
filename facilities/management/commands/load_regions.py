from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from facilities.regions import SHIPPED_LIST, RegionsRefused, load_regions


class Command(BaseCommand):
    help = "装入行政区划（不给 FILE 时为随附的西安市 2023 年名单，来源：国家统计局）；重复执行结果不变。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED_LIST, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_regions(options["file"])
        except RegionsRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("地区 %(total)s 个：新增 %(added)s，更新 %(changed)s。")
            % {"total": loaded.total, "added": loaded.added, "changed": loaded.changed}
        )
